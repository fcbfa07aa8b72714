import type { ChargingPeriod } from "../tariff/ChargingPeriod.ts"
import type { CompiledTariff } from "../tariff/compile.ts"
import { chargingPeriods as cut, type SessionTelemetry } from "../tariff/Periods.ts"
import type { Rating } from "../tariff/Rating.ts"
import { rate } from "../tariff/rate.ts"
import { type Assessment, assess, beginAtMs } from "../transaction/assess.ts"
import { isOpen, pricedBy, type Transaction } from "../transaction/Transaction.ts"

/** What a transaction comes to: its charging periods, sorted by start, and what they cost. */
export interface Price {
  readonly chargingPeriods: ReadonlyArray<ChargingPeriod>
  readonly rating: Rating
}

/**
 * The price of a session as it was measured, for a driver of those groups. Every bill, running cost, guard of a hold and
 * quote is made here.
 */
export const priceSession = (
  compiled: CompiledTariff,
  session: SessionTelemetry,
  groups: ReadonlyArray<string>
): Price => {
  const chargingPeriods = cut(compiled, session)
  return { chargingPeriods, rating: rate(compiled, chargingPeriods, { groups }) }
}

/** The price of what a transaction amounts to. */
export const priceOf = (
  compiled: CompiledTariff,
  { startedAtMs, endedAtMs, measurement, states }: Assessment,
  groups: ReadonlyArray<string>
): Price => {
  const session = { startedAtMs, endedAtMs, meterStartWh: 0, samples: measurement.curve, states }
  return priceSession(compiled, session, groups)
}

/**
 * A transaction as if it were stopped at an instant, by the station's clock, with its register as last read. One that
 * is over is what it is.
 */
export const stoppedAt = (transaction: Transaction, atMs: number): Transaction =>
  isOpen(transaction)
    ? {
        ...transaction,
        ended: {
          _tag: "Ended",
          atMs,
          receivedAtMs: atMs,
          seqNo: null,
          reason: null,
          token: null,
          byStranger: false
        }
      }
    : transaction

/** The newest instant of which the station told anything, by its own clock: nothing after it was measured. */
export const heardUntilMs = (transaction: Transaction): number => {
  const { samples, states } = transaction
  const sampledAtMs = samples[samples.length - 1]?.atMs ?? 0
  const stateAtMs = states[states.length - 1]?.atMs ?? 0
  return Math.max(beginAtMs(transaction), sampledAtMs, stateAtMs)
}

/** What a transaction has come to by then, and what was made of its readings for it. */
export interface RunningPrice extends Price {
  readonly assessment: Assessment
}

/**
 * What an open transaction would cost if it stopped at that instant: the same facts with that end give the same price,
 * to the byte. Undefined when nobody owes for it.
 */
export const runningPrice = (
  compiled: CompiledTariff,
  transaction: Transaction,
  atMs: number
): RunningPrice | undefined => {
  const assessment = assess(stoppedAt(transaction, atMs))
  return assessment.billable
    ? { assessment, ...priceOf(compiled, assessment, pricedBy(transaction)?.groups ?? []) }
    : undefined
}
