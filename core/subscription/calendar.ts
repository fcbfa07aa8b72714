import * as Instant from "../Instant.ts"
import { dayOf, daysAfter, localText, startOfDay } from "../invoice/days.ts"
import { dayMs, zoneOf } from "../tariff/Zone.ts"

/** How long a period is. */
export interface Interval {
  readonly unit: "day" | "month" | "year"
  readonly count: number
}

/**
 * How a part of a period is measured. By days: periods begin and end at midnight of the billing zone, the day of a change
 * is the first of what follows. By seconds: periods begin at the wall-clock time of the anchor.
 */
export type Proration = "day" | "second"

/** From where periods are counted: always from here, so that a 31st comes back after a shorter month. */
export interface Anchor {
  readonly day: string
  /** Wall-clock time into the day; 0 where proration is by days. */
  readonly msOfDay: number
  readonly timeZone: string
}

export interface Period {
  readonly index: number
  readonly fromMs: number
  /** Exclusive. */
  readonly toMs: number
}

export const anchorAt = (atMs: number, timeZone: string, proration: Proration): Anchor => {
  const local = Instant.parse(`${localText(atMs, timeZone)}Z`)!
  return { day: dayOf(atMs, timeZone), msOfDay: proration === "day" ? 0 : local % dayMs, timeZone }
}

const daysIn = (year: number, month: number): number => {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

const padded = (value: number, digits: number): string => String(value).padStart(digits, "0")

/** The day so many intervals after one: months keep its day of the month, or take their last where they are shorter. */
export const dayAfter = (day: string, { unit, count }: Interval, times: number): string => {
  if (unit === "day") return daysAfter(day, count * times)
  const months = Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1 + times * count * (unit === "year" ? 12 : 1)
  const year = Math.floor(months / 12)
  const month = (months % 12) + 1
  return `${padded(year, 4)}-${padded(month, 2)}-${padded(Math.min(Number(day.slice(8, 10)), daysIn(year, month)), 2)}`
}

/** Whole days from one local day to another. */
export const daysBetween = (from: string, to: string): number =>
  Math.round((Instant.parse(`${to}T00:00:00Z`)! - Instant.parse(`${from}T00:00:00Z`)!) / dayMs)

/** When so many intervals after the anchor begin. */
export const boundary = ({ day, msOfDay, timeZone }: Anchor, interval: Interval, times: number): number =>
  startOfDay(dayAfter(day, interval, times), timeZone) +
  wallToElapsed(dayAfter(day, interval, times), msOfDay, timeZone)

/**
 * How long after midnight the clock of that day first shows a time; a day of 23 or 25 hours is why it is asked. A time that
 * is skipped is when the clock is put forward: no period ends before its time.
 */
const wallToElapsed = (day: string, msOfDay: number, timeZone: string): number => {
  if (msOfDay === 0) return 0
  const midnightMs = startOfDay(day, timeZone)
  const shown = (elapsedMs: number): number =>
    Instant.parse(`${localText(midnightMs + elapsedMs, timeZone)}Z`)! - Instant.parse(`${day}T00:00:00Z`)!
  const elapsedMs = msOfDay + (msOfDay - shown(msOfDay))
  if (shown(elapsedMs) === msOfDay) return elapsedMs
  const [skipMs] = zoneOf(timeZone)!.changesBetween(midnightMs + elapsedMs, midnightMs + msOfDay + 1)
  return skipMs === undefined ? elapsedMs : skipMs - midnightMs
}

/** The period that an instant is in; before the anchor the first. */
export const periodAt = (anchor: Anchor, interval: Interval, atMs: number): Period => {
  const longestDays = { day: 1, month: 31, year: 366 }[interval.unit] * interval.count
  const sinceMs = atMs - boundary(anchor, interval, 0)
  // No period is longer than that, so this is not too far; a day more is for clocks that are put back.
  let index = Math.max(0, Math.floor(sinceMs / (longestDays * dayMs)) - 1)
  while (boundary(anchor, interval, index + 1) <= atMs) index++
  return period(anchor, interval, index)
}

export const period = (anchor: Anchor, interval: Interval, index: number): Period => ({
  index,
  fromMs: boundary(anchor, interval, index),
  toMs: boundary(anchor, interval, index + 1)
})

/** How much of a period is over at an instant, as elapsed and whole: days, or milliseconds. */
export const elapsed = (
  { fromMs, toMs }: Period,
  atMs: number,
  proration: Proration,
  timeZone: string
): { readonly part: number; readonly whole: number } => {
  if (atMs <= fromMs) return { part: 0, whole: 1 }
  if (atMs >= toMs) return { part: 1, whole: 1 }
  if (proration === "second")
    return { part: Math.floor((atMs - fromMs) / 1000), whole: Math.round((toMs - fromMs) / 1000) }
  const first = dayOf(fromMs, timeZone)
  return { part: daysBetween(first, dayOf(atMs, timeZone)), whole: daysBetween(first, dayOf(toMs, timeZone)) }
}

/**
 * What of an amount belongs to the part of a period until an instant: the one place where proration rounds, half away
 * from zero. What lies between two instants is the difference of two of these, so that parts always sum to the whole.
 */
export const amountUntil = (
  amount: bigint,
  of: Period,
  atMs: number,
  proration: Proration,
  timeZone: string
): bigint => {
  const { part, whole } = elapsed(of, atMs, proration, timeZone)
  const n = 2n * amount * BigInt(part) + BigInt(whole)
  return n / (2n * BigInt(whole))
}
