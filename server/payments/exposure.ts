import { Effect } from "effect"
import { heardUntilMs, stoppedAt } from "#core/billing/priceOf.ts"
import { assess } from "#core/transaction/assess.ts"
import type { Sample } from "#core/transaction/Sample.ts"
import { mergeSamples } from "#core/transaction/Sample.ts"
import type { Transaction } from "#core/transaction/Transaction.ts"
import type { Pricer } from "../station/OwnerServices.ts"

/** What a car is taken to draw while its meter has not told yet. */
const assumedPowerW = 22_000

/**
 * What a transaction will cost at a later instant if it goes on as it does, gross, in minor units: its running price
 * over a reading that carries the last power on. 0 when nothing would be owed.
 */
export const costAt = (pricer: Pricer, transaction: Transaction, atMs: number): Effect.Effect<bigint> => {
  const projected = { ...transaction, samples: carriedOn(transaction.samples, atMs) }
  return Effect.map(
    pricer.running(projected, Math.max(atMs, heardUntilMs(projected))),
    (price) => price?.rating.grossMinor ?? 0n
  )
}

/** What it will have taken by then if it goes on as it does, Wh, as its bill would measure it. */
export const energyAt = (transaction: Transaction, atMs: number): number => {
  const projected = { ...transaction, samples: carriedOn(transaction.samples, atMs) }
  return assess(stoppedAt(projected, Math.max(atMs, heardUntilMs(projected)))).measurement.energyWh
}

const carriedOn = (samples: ReadonlyArray<Sample>, atMs: number): ReadonlyArray<Sample> => {
  const last = samples.findLast(({ registerWh }) => registerWh !== null)
  if (last === undefined || last.registerWh === null || last.atMs >= atMs) return samples
  const powerW = powerAt(samples, last)
  const moreWh = Math.ceil((powerW * (atMs - last.atMs)) / 3_600_000)
  const projected: Sample = {
    ...last,
    atMs,
    context: "Other",
    registerWh: last.registerWh + moreWh,
    powerW,
    seqNo: null
  }
  return mergeSamples(samples, [projected])
}

/** The power told, else what the last two readings of the register say, else what cars usually draw. */
const powerAt = (samples: ReadonlyArray<Sample>, last: Sample): number => {
  if (last.powerW !== null) return Math.max(0, last.powerW)
  const before = samples.findLast((it) => it.registerWh !== null && it.atMs < last.atMs)
  if (before === undefined) return assumedPowerW
  return Math.max(0, ((last.registerWh! - before.registerWh!) * 3_600_000) / (last.atMs - before.atMs))
}
