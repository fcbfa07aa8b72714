/**
 * Instants are integers: milliseconds since 1970-01-01T00:00:00Z, named `...AtMs`. This file is the one place that
 * turns them into text and back; it never reads a clock.
 */

/** RFC 3339 in UTC with milliseconds, the one form that every station understands: `2026-01-31T12:00:00.000Z`. */
export const format = (atMs: number): string => {
  if (atMs !== formattedAtMs) {
    formatted = atMs >= 0 && atMs < year10000 && Number.isInteger(atMs) ? compose(atMs) : new Date(atMs).toISOString()
    formattedAtMs = atMs
  }
  return formatted
}

/** 10000-01-01: from there on a year has more than four digits. */
const year10000 = 253_402_300_800_000
const dayMs = 86_400_000

const padded = (count: number, digits: number, before: string, after: string): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, number) => `${before}${String(number).padStart(digits, "0")}${after}`)

const hours = padded(24, 2, "T", ":")
const minutes = padded(60, 2, "", ":")
const seconds = padded(60, 2, "", "")
const thousandths = padded(1000, 3, ".", "Z")

/** The same by parts, six times as fast: the date is asked for once a day. */
const compose = (atMs: number): string => {
  const day = Math.floor(atMs / dayMs)
  if (day !== composedDay) {
    composedDate = new Date(day * dayMs).toISOString().slice(0, 10)
    composedDay = day
  }
  const ofDayMs = atMs - day * dayMs
  const second = Math.floor(ofDayMs / 1000)
  const minute = Math.floor(second / 60)
  const hour = Math.floor(minute / 60)
  const toMinute = hours[hour]! + minutes[minute - 60 * hour]!
  return composedDate + toMinute + seconds[second - 60 * minute]! + thousandths[ofDayMs - 1000 * second]!
}

let composedDay = Number.NaN
let composedDate = ""

/** The last answer: many messages are answered within one millisecond. */
let formattedAtMs = Number.NaN
let formatted = ""

const pattern =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\s*(?:([Zz])|([+-])(\d\d)(?::?(\d\d))?)?$/

/**
 * Reads an RFC 3339 instant, and what stations really send instead: no zone (taken as UTC), `+02`, up to nine
 * decimals (cut to milliseconds). Returns undefined for anything else, the year 1 of an unset clock included.
 */
export const parse = (text: string): number | undefined => {
  if (text !== parsedText) {
    parsedAtMs = parsePlain(text) ?? parseAny(text)
    parsedText = text
  }
  return parsedAtMs
}

/** The last answer: a message tells one instant more than once. */
let parsedText = ""
let parsedAtMs: number | undefined

/** `2026-01-31T12:00:00Z` and `2026-01-31T12:00:00.000Z`, as nearly every station sends it, without a regular expression. */
const parsePlain = (text: string): number | undefined => {
  const { length } = text
  if ((length !== 20 && length !== 24) || text[length - 1] !== "Z" || text[10] !== "T") return undefined
  if (text[4] !== "-" || text[7] !== "-" || text[13] !== ":" || text[16] !== ":") return undefined
  if (length === 24 && text[19] !== ".") return undefined
  const year = digits(text, 0, 4)
  const month = digits(text, 5, 7)
  const day = digits(text, 8, 10)
  const hour = digits(text, 11, 13)
  const minute = digits(text, 14, 16)
  const second = digits(text, 17, 19)
  const millis = length === 24 ? digits(text, 20, 23) : 0
  // The sum is NaN when one of them is no number; what is out of range is left to the one who knows all the rules.
  if (!(year + month + day + hour + minute + second + millis >= 0)) return undefined
  if (year < 100 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59) {
    return undefined
  }
  return Date.UTC(year, month - 1, day, hour, minute, second, millis)
}

/** The number that those characters spell; NaN when one of them is no digit. */
const digits = (text: string, from: number, to: number): number => {
  let number = 0
  for (let index = from; index < to; index++) {
    const digit = text.charCodeAt(index) - 48
    if (digit < 0 || digit > 9) return Number.NaN
    number = number * 10 + digit
  }
  return number
}

const parseAny = (text: string): number | undefined => {
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

/** The same instant as JavaScript's own type, for libraries that ask for one. */
export const toDate = (atMs: number): Date => new Date(atMs)
