import type { Candidate } from "./compile.ts"
import type { CompiledRestrictions } from "./restrictions.ts"
import { dayMs, localDay, weekdayOf, type Zone } from "./Zone.ts"

/** A moment of a session, as far as restrictions look at it. Mutable so that one serves a whole rating. */
export interface Situation {
  atMs: number
  /** Since the session's start. */
  elapsedMs: number
  /** Used since the session's start, up to this moment. */
  energyMilliWh: number
  /** Parked since the session's start and since the vehicle last requested power, quiet hours left out. */
  parkedMs: number
  stretchMs: number
  minPowerW: number | null
  maxPowerW: number | null
  minCurrentMa: number | null
  maxCurrentMa: number | null
}

/** Which restriction keeps a price from applying. */
export type Refusal =
  | "time_of_day"
  | "date"
  | "day_of_week"
  | "holiday"
  | "kwh"
  | "duration"
  | "power"
  | "current"
  | "missing_signal:POWER"
  | "missing_signal:CURRENT"

/**
 * Why these restrictions do not hold at that moment, null when they do. Minima are inclusive, maxima exclusive. Over a
 * period in which power or current varied, a minimum is held against the most and a maximum against the least seen;
 * without any reading they do not hold.
 */
export const refusalOf = (it: CompiledRestrictions, moment: Situation, zone: Zone): Refusal | null => {
  if (it.isLocal) {
    const localMs = moment.atMs + zone.offsetMsAt(moment.atMs)
    const day = localDay(localMs)
    if (it.window !== null && !isWithin(it.window, localMs - day * dayMs)) return "time_of_day"
    if (day < it.firstDay || day >= it.endDay) return "date"
    if ((it.weekdays & (1 << weekdayOf(day))) === 0) return "day_of_week"
    if (it.holidays !== null && it.holidays.days.has(day) !== it.holidays.isOnly) return "holiday"
  }
  if (moment.energyMilliWh < it.minEnergyMilliWh || moment.energyMilliWh >= it.maxEnergyMilliWh) return "kwh"
  if (moment.elapsedMs < it.minDurationMs || moment.elapsedMs >= it.maxDurationMs) return "duration"
  if (it.readsPower) {
    const most = moment.maxPowerW ?? moment.minPowerW
    if (most === null) return "missing_signal:POWER"
    const least = moment.minPowerW ?? most
    if (Math.round(most * 1000) < it.minPowerMilliW || Math.round(least * 1000) >= it.maxPowerMilliW) return "power"
  }
  if (it.readsCurrent) {
    const most = moment.maxCurrentMa ?? moment.minCurrentMa
    if (most === null) return "missing_signal:CURRENT"
    const least = moment.minCurrentMa ?? most
    if (most < it.minCurrentMa || least >= it.maxCurrentMa) return "current"
  }
  return null
}

const isWithin = (window: { readonly fromMs: number; readonly toMs: number }, timeOfDayMs: number): boolean =>
  window.fromMs < window.toMs
    ? timeOfDayMs >= window.fromMs && timeOfDayMs < window.toMs
    : timeOfDayMs >= window.fromMs || timeOfDayMs < window.toMs

/** The first candidate that holds at that moment; `missing` hears of signals without which one could not be judged. */
export const firstMatch = (
  candidates: ReadonlyArray<Candidate>,
  moment: Situation,
  zone: Zone,
  missing?: (signal: string) => void
): Candidate | undefined => {
  for (let index = 0; index < candidates.length; index++) {
    const candidate = candidates[index]!
    if (candidate.restrictions === null) return candidate
    const refusal = refusalOf(candidate.restrictions, moment, zone)
    if (refusal === null) return candidate
    if (missing !== undefined && refusal.startsWith("missing")) missing(refusal)
  }
  return undefined
}
