import type { ChargingPeriod } from "../tariff/ChargingPeriod.ts"
import type { Candidate, CompiledTariff } from "../tariff/compile.ts"
import type { Rating } from "../tariff/Rating.ts"
import { rate } from "../tariff/rate.ts"
import type { Cdr } from "./Cdr.ts"

/** What a bill says, and the most that its session would have cost had it ended sooner, both in minor units. */
export interface Beginning {
  readonly billedMinor: bigint
  readonly soonerMinor: bigint
}

/**
 * A session that went on is never cheaper than if it had ended sooner: the bill beside what the same tariff asks for its
 * periods without the last, and with half of the last. Compared is what the tariff states, gross where its prices
 * contain the tax, without steps, because a later step may take a former one back (the checker tells where). Null where
 * nothing follows: for a credit, where a limit holds the total, and where a price series is below zero.
 */
export const beginningOf = (cdr: Cdr, compiled: CompiledTariff): Beginning | null => {
  const last = cdr.chargingPeriods.at(-1)
  if (cdr.credit || cdr.limitApplied !== null || last === undefined || mayFall(compiled)) return null
  const isGross = compiled.tariff.taxIncluded === "YES"
  const stated = ({ netMinor, grossMinor }: Pick<Rating, "netMinor" | "grossMinor">) =>
    isGross ? grossMinor : netMinor
  const before = cdr.chargingPeriods.slice(0, -1)
  const options = {
    reservationExpired: cdr.reservationExpired,
    groups: cdr.groups ?? [],
    steps: "none",
    ...(cdr.included !== undefined && { included: cdr.included })
  } as const
  let soonerMinor: bigint | null = null
  for (const periods of [before, [...before, halfOf(last)]]) {
    const rating = rate(compiled, periods, options)
    if (rating.limitApplied !== null) continue
    if (soonerMinor === null || stated(rating) > soonerMinor) soonerMinor = stated(rating)
  }
  return soonerMinor === null ? null : { billedMinor: stated(cdr), soonerMinor }
}

const halfOf = (period: ChargingPeriod): ChargingPeriod => {
  const half = (value: number) => Math.floor(value / 2)
  return {
    ...period,
    endAtMs: period.startAtMs + half(period.endAtMs - period.startAtMs),
    energyMilliWh: half(period.energyMilliWh),
    chargingMs: half(period.chargingMs),
    parkingMs: half(period.parkingMs),
    reservedMs: half(period.reservedMs)
  }
}

/** Components are never negative; hourly prices of energy can be. */
const mayFall = ({ session }: CompiledTariff): boolean => session.ENERGY.some((candidate) => lowestOf(candidate) < 0n)

const lowestOf = ({ netPerUnit, variants }: Candidate): bigint =>
  (variants?.series?.prices ?? []).reduce((low, it) => (it.netPerUnit < low ? it.netPerUnit : low), netPerUnit)
