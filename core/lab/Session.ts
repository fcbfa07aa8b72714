import type { SessionTelemetry } from "#core/tariff/Periods.ts"
import { assess } from "#core/transaction/assess.ts"
import type { Transaction } from "#core/transaction/Transaction.ts"

/** A session as a fact: what was measured, whatever it cost. Plain data, so that it may go to another thread. */
export interface Session {
  readonly id: string
  readonly stationId: string
  /** The site of its station today; null: at none. */
  readonly siteId: string | null
  /** Who owes for it: the driver, else the card as `uid`. */
  readonly payer: string
  /** IANA zone of the site. */
  readonly timeZone: string
  /** The driver's groups, as they were frozen at the start. */
  readonly groups: ReadonlyArray<string>
  readonly telemetry: SessionTelemetry
}

/**
 * The session of a transaction, cleaned of implausible readings as for its bill; undefined when nobody owes for it:
 * still open, never authorized, or without a tariff at its start.
 */
export const sessionOf = (
  transaction: Transaction,
  siteOf: (stationId: string) => string | null = () => null
): Session | undefined => {
  const { authorized, ended, closed } = transaction
  if (authorized === null || (ended === null && closed === null)) return undefined
  const { billable, startedAtMs, endedAtMs, measurement, states } = assess(transaction)
  if (!billable) return undefined
  return {
    id: transaction.id,
    stationId: transaction.stationId,
    siteId: siteOf(transaction.stationId),
    payer: authorized.driverId ?? authorized.token.uid,
    timeZone: transaction.timeZone,
    groups: transaction.tariff?.groups ?? [],
    telemetry: { startedAtMs, endedAtMs, meterStartWh: 0, samples: measurement.curve, states }
  }
}
