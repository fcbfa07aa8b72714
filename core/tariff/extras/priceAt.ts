import type { ChargingPeriod } from "../ChargingPeriod.ts"
import type { Candidate, CompiledTariff } from "../compile.ts"
import { firstMatch, refusalOf, type Situation } from "../match.ts"
import type { Zone } from "../Zone.ts"
import type { CompiledExtras, Series, Variants } from "./compileExtras.ts"

/**
 * The price that holds at a moment: of the first candidate whose restrictions do, what it is in quiet hours, in a grace
 * period and in that hour of a price series. `missing` hears of signals without which one could not be judged.
 */
export const priceAt = (
  candidates: ReadonlyArray<Candidate>,
  moment: Situation,
  { zone, extras }: CompiledTariff,
  missing?: (signal: string) => void
): Candidate | undefined => {
  const found = firstMatch(candidates, moment, zone, missing)
  if (found === undefined || found.variants === null || extras === null) return found
  return variantAt(found, found.variants, extras, moment, zone)
}

/** Parking that counts towards a grace period: called after the prices of a period were looked up at its start. */
export const countParking = (
  { extras, zone }: CompiledTariff,
  moment: Situation,
  { parkingMs }: ChargingPeriod
): void => {
  if (parkingMs === 0 || (extras !== null && isQuiet(extras, moment, zone))) return
  moment.parkedMs += parkingMs
  moment.stretchMs += parkingMs
}

/** Whether parking is neither charged nor counted at that moment. */
export const isQuiet = ({ quiet }: CompiledExtras, moment: Situation, zone: Zone): boolean =>
  quiet.some((it) => refusalOf(it, moment, zone) === null)

/** What a candidate with variants is at that moment. */
const variantAt = (
  candidate: Candidate,
  variants: Variants,
  extras: CompiledExtras,
  moment: Situation,
  zone: Zone
): Candidate => {
  const { inQuietHours, inGrace, grace, series } = variants
  if (series !== null) return priceOfSeries(series, moment.atMs) ?? candidate
  if (inQuietHours !== null && isQuiet(extras, moment, zone)) return inQuietHours
  if (inGrace === null || grace === null) return candidate
  const parkedMs = grace.per === "STRETCH" ? moment.stretchMs : moment.parkedMs
  return parkedMs < grace.freeMs ? inGrace : candidate
}

/** Undefined where the series has no price. */
const priceOfSeries = ({ fromMs, prices }: Series, atMs: number): Candidate | undefined => {
  let low = -1
  let high = fromMs.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (fromMs[middle]! <= atMs) low = middle
    else high = middle - 1
  }
  return prices[low]
}
