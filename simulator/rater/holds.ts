import { decimal, type Fraction, fraction, isLess, whole } from "./Fraction.ts"
import type { OcpiRestrictions, Stretch } from "./Model.ts"
import { wallTime } from "./wallClock.ts"

/** A moment at which a price is asked for. */
export interface Moment {
  readonly stretch: Stretch
  /** Since the session, or the reservation, began. */
  readonly elapsedMs: number
  /** Used before this moment. */
  readonly energyMilliWh: number
  readonly timeZone: string
}

/** Whether all restrictions but `reservation` hold at a moment. */
export const holds = (it: OcpiRestrictions | undefined, moment: Moment): boolean =>
  it === undefined || (isByClock(it, moment) && isByUse(it, moment) && isByDraw(it, moment.stretch))

/** Minutes since midnight of a time as OCPI writes it. */
export const minuteOf = (time: string): number => {
  const [hours, minutes] = time.split(":")
  return Number(hours) * 60 + Number(minutes)
}

/** What restrictions by the clock look at. */
export const isByClock = (
  it: OcpiRestrictions,
  { stretch, timeZone }: Pick<Moment, "stretch" | "timeZone">
): boolean => {
  const reads = it.start_time ?? it.end_time ?? it.start_date ?? it.end_date ?? it.day_of_week
  if (reads === undefined) return true
  const { minute, date, weekday } = wallTime(stretch.startAtMs, timeZone)
  if (it.start_date !== undefined && date < it.start_date) return false
  if (it.end_date !== undefined && date >= it.end_date) return false
  if (it.day_of_week !== undefined && it.day_of_week.length > 0 && !it.day_of_week.includes(weekday)) return false
  if (it.start_time === undefined && it.end_time === undefined) return true
  // The same time twice is the whole day; midnight as an end is the end of the day.
  if (it.start_time === it.end_time) return true
  const from = minuteOf(it.start_time ?? "00:00")
  const end = minuteOf(it.end_time ?? "00:00")
  const to = end === 0 ? 24 * 60 : end
  return from < to ? minute >= from && minute < to : minute >= from || minute < to
}

/** At least the minimum, and less than the maximum. */
const isBetween = (
  value: Fraction,
  minimum: number | undefined,
  maximum: number | undefined,
  most: Fraction = value
): boolean =>
  (minimum === undefined || !isLess(most, decimal(minimum))) &&
  (maximum === undefined || isLess(value, decimal(maximum)))

const isByUse = (it: OcpiRestrictions, { energyMilliWh, elapsedMs }: Moment): boolean =>
  isBetween(fraction(BigInt(energyMilliWh), 1_000_000n), it.min_kwh, it.max_kwh) &&
  isBetween(fraction(BigInt(elapsedMs), 1000n), it.min_duration, it.max_duration)

/** A minimum is held against the most, a maximum against the least that was drawn; what nobody measured is neither. */
const isByDraw = (it: OcpiRestrictions, stretch: Stretch): boolean => {
  const { minPowerW, maxPowerW, minCurrentMa, maxCurrentMa } = stretch
  const within = (
    low: number | null,
    high: number | null,
    minimum: number | undefined,
    maximum: number | undefined
  ): boolean => {
    if (minimum === undefined && maximum === undefined) return true
    const [least, most] = [low ?? high, high ?? low]
    if (least === null || most === null) return false
    const thousandth = (value: number) => over1000(value)
    return isBetween(thousandth(least), minimum, maximum, thousandth(most))
  }
  return (
    within(minPowerW, maxPowerW, it.min_power, it.max_power) &&
    within(minCurrentMa, maxCurrentMa, it.min_current, it.max_current)
  )
}

const over1000 = (value: number): Fraction => {
  const { above, below } = Number.isInteger(value) ? whole(value) : decimal(value)
  return fraction(above, below * 1000n)
}
