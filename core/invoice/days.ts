import * as Instant from "../Instant.ts"
import { dayMs, zoneOf } from "../tariff/Zone.ts"

/** Local time as text without a zone: `2026-03-01T09:30:00`. An unknown zone is a defect: sellers and CDRs name known ones. */
export const localText = (atMs: number, timeZone: string): string => {
  const zone = zoneOf(timeZone)
  if (zone === undefined) throw new Error(`${timeZone} is not a time zone`)
  return Instant.format(atMs + zone.offsetMsAt(atMs)).slice(0, 19)
}

/** The local day: `2026-03-01`. */
export const dayOf = (atMs: number, timeZone: string): string => localText(atMs, timeZone).slice(0, 10)

/** So many days after a day. */
export const daysAfter = (day: string, days: number): string =>
  Instant.format(Instant.parse(`${day}T00:00:00Z`)! + days * dayMs).slice(0, 10)

/** The instant at which a local day begins; where midnight does not exist, the first instant after it. */
export const startOfDay = (day: string, timeZone: string): number => {
  const zone = zoneOf(timeZone)
  if (zone === undefined) throw new Error(`${timeZone} is not a time zone`)
  const utc = Instant.parse(`${day}T00:00:00Z`)!
  const guess = utc - zone.offsetMsAt(utc)
  return utc - zone.offsetMsAt(guess)
}

/** The first day of the month after a month: `2026-03` gives `2026-04-01`. */
export const dayAfterMonth = (month: string): string => {
  const year = Number(month.slice(0, 4))
  const number = Number(month.slice(5, 7))
  return number === 12 ? `${year + 1}-01-01` : `${year}-${String(number + 1).padStart(2, "0")}-01`
}
