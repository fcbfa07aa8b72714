import { wallTime } from "../../rater/wallClock.ts"

/**
 * Days and months by the clock on a wall, worked out a second time: every instant is looked for until the platform's own
 * calendar shows what is wanted.
 */

const minuteMs = 60_000
const quarterMs = 15 * minuteMs
const dayMs = 86_400_000

export const dayAt = (atMs: number, timeZone: string): string => wallTime(atMs, timeZone).date

/** What the clock shows since midnight, whole seconds. Zones differ by whole minutes. */
export const timeOfDayMs = (atMs: number, timeZone: string): number =>
  wallTime(atMs, timeZone).minute * minuteMs + Math.floor((atMs % minuteMs) / 1000) * 1000

const found = new Map<string, number>()

/** The first instant at which the clock shows that day and time; where it is skipped, the first that shows a later one. */
export const instantOf = (day: string, timeMs: number, timeZone: string): number => {
  const key = `${day} ${timeMs} ${timeZone}`
  const known = found.get(key)
  if (known !== undefined) return known
  const written = Date.parse(`${day}T00:00:00Z`) + timeMs
  const shows = (atMs: number): string => {
    const { date, minute } = wallTime(atMs, timeZone)
    return `${date} ${String(minute).padStart(4, "0")}`
  }
  const wanted = `${day} ${String(Math.floor(timeMs / minuteMs)).padStart(4, "0")}`
  let atMs = written - 15 * 3_600_000
  while (shows(atMs) !== wanted && atMs < written + 15 * 3_600_000) atMs += quarterMs
  if (shows(atMs) !== wanted) {
    atMs = Math.floor(written / quarterMs) * quarterMs - 60 * quarterMs
    while (shows(atMs) < wanted) atMs += quarterMs
  }
  found.set(key, atMs)
  return atMs
}

/** So many days after a day. */
export const daysLater = (day: string, days: number): string =>
  dayAt(Date.parse(`${day}T00:00:00Z`) + days * dayMs, "UTC")

export const daysFromTo = (from: string, to: string): number =>
  (Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / dayMs

/** The same day of the month so many months later; the last one where the month is shorter. */
export const monthsLater = (day: string, months: number): string => {
  const [year, month] = [Number(day.slice(0, 4)), Number(day.slice(5, 7)) - 1 + months]
  const first = dayAt(Date.UTC(year, month, 1), "UTC")
  const last = daysLater(dayAt(Date.UTC(year, month + 1, 1), "UTC"), -1)
  const wanted = daysLater(first, Number(day.slice(8)) - 1)
  return wanted < last ? wanted : last
}
