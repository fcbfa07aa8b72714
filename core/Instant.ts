/**
 * Instants are integers: milliseconds since 1970-01-01T00:00:00Z, named `...AtMs`. This file is the one place that
 * turns them into text and back; it never reads a clock.
 */

/** RFC 3339 in UTC with milliseconds, the one form that every station understands: `2026-01-31T12:00:00.000Z`. */
export const format = (atMs: number): string => new Date(atMs).toISOString()

const pattern =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\s*(?:([Zz])|([+-])(\d\d)(?::?(\d\d))?)?$/

/**
 * Reads an RFC 3339 instant, and what stations really send instead: no zone (taken as UTC), `+02`, up to nine
 * decimals (cut to milliseconds). Returns undefined for anything else, the year 1 of an unset clock included.
 */
export const parse = (text: string): number | undefined => {
  const match = pattern.exec(text)
  if (match === null) return undefined
  const [, year, month, day, hour, minute, second, fraction, , sign, offsetHour, offsetMinute] = match
  const millis = fraction === undefined ? 0 : Number(fraction.padEnd(3, "0").slice(0, 3))
  if (Number(year) < 100) return undefined
  const atMs = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Math.min(Number(second), 59),
    millis
  )
  if (Number(month) < 1 || Number(month) > 12 || Number(day) < 1 || Number(day) > 31) return undefined
  if (Number(hour) > 24 || Number(minute) > 59 || Number(second) > 60) return undefined
  if (sign === undefined) return atMs
  const offsetMs = (Number(offsetHour) * 60 + Number(offsetMinute ?? 0)) * 60_000
  return sign === "+" ? atMs - offsetMs : atMs + offsetMs
}
