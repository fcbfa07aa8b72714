import { Result } from "effect"
import type { ChargingPeriod } from "#core/tariff/ChargingPeriod.ts"
import { type CompiledTariff, compile } from "#core/tariff/compile.ts"
import { chargingPeriods } from "#core/tariff/Periods.ts"
import type { Rating } from "#core/tariff/Rating.ts"
import { rate } from "#core/tariff/rate.ts"
import { select } from "#core/tariff/select.ts"
import type { Tariff } from "#core/tariff/Tariff.ts"
import type { Session } from "./Session.ts"

/** A session priced: its periods are cut for this tariff. */
export interface Priced {
  readonly periods: ReadonlyArray<ChargingPeriod>
  readonly rating: Rating
  /** The version that was valid at the start. */
  readonly tariff: Tariff
  /** Of the gross total, what idle time (PARKING_TIME) is charged. */
  readonly idleGrossMinor: bigint
}

/** Prices what was measured at a site; undefined when no version was valid at the start. */
export type Pricer = (session: Pick<Session, "telemetry" | "timeZone" | "groups">) => Priced | undefined

/** A pricer for versions of a tariff; each is compiled once per time zone, and there are 600 zones at most. */
export const pricerOf = (versions: ReadonlyArray<Tariff>): Pricer => {
  const compiled = new Map<string, CompiledTariff>()
  const compiledFor = (tariff: Tariff, timeZone: string): CompiledTariff => {
    const key = `${tariff.version}|${tariff.type ?? ""}|${timeZone}`
    const known = compiled.get(key)
    if (known !== undefined) return known
    // A session's zone was a station's, and those are checked when they are registered.
    const made = Result.getOrThrow(compile(tariff, timeZone))
    compiled.set(key, made)
    return made
  }
  return ({ telemetry, timeZone, groups }) => {
    const chosen = select(versions, telemetry.startedAtMs)
    if (Result.isFailure(chosen)) return undefined
    const tariff = compiledFor(chosen.success, timeZone)
    const periods = chargingPeriods(tariff, telemetry)
    const rating = rate(tariff, periods, { groups })
    let idleGrossMinor = 0n
    for (const line of rating.lines)
      if (line.dimension === "PARKING_TIME") idleGrossMinor += line.netMinor + line.taxMinor
    return { periods, rating, tariff: chosen.success, idleGrossMinor }
  }
}
