import type { Violation } from "./Action.ts"

/**
 * What the generated validators and schemas share: the few rules of the wire that are more than a comparison, and the
 * ways to say that one was broken. Accepting allocates nothing and uses no regular expression.
 */

const DIGIT_0 = 48
const daysOfMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Two decimal digits at `at`, or -1. */
const pair = (text: string, at: number): number => {
  const tens = text.charCodeAt(at) - DIGIT_0
  const ones = text.charCodeAt(at + 1) - DIGIT_0
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1
}

const isDate = (text: string): boolean => {
  const century = pair(text, 0)
  const year = century * 100 + pair(text, 2)
  const month = pair(text, 5)
  const day = pair(text, 8)
  if (century < 0 || pair(text, 2) < 0 || month < 1 || month > 12 || day < 1) return false
  if (text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return false
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return day <= (month === 2 && leap ? 29 : daysOfMonth[month - 1]!)
}

/** Minutes east of UTC written at `at` as `Z`, `+02`, `+0200` or `+02:00`, or NaN. */
const offsetMinutes = (text: string, at: number): number => {
  const sign = text.charCodeAt(at)
  const rest = text.length - at
  if (sign === 90 || sign === 122) return rest === 1 ? 0 : Number.NaN
  if (sign !== 43 && sign !== 45) return Number.NaN
  const hours = pair(text, at + 1)
  const colon = text.charCodeAt(at + 3) === 58
  const minutes = rest === 3 ? 0 : rest === (colon ? 6 : 5) ? pair(text, at + (colon ? 4 : 3)) : -1
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return Number.NaN
  return sign === 43 ? hours * 60 + minutes : -(hours * 60 + minutes)
}

const maxFractionDigits = 9

/**
 * RFC 3339 date-time with a zone, as OCPP's schemas ask (`format: date-time`); also the `+02` and `+0200` that real
 * stations send. At most nine decimals, so that `Instant.parse` reads whatever passes here.
 */
export const isDateTime = (text: string): boolean => {
  if (text.length < 20 || !isDate(text)) return false
  const separator = text.charCodeAt(10)
  if (separator !== 84 && separator !== 116 && separator !== 32) return false
  const hour = pair(text, 11)
  const minute = pair(text, 14)
  const second = pair(text, 17)
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return false
  if (text.charCodeAt(13) !== 58 || text.charCodeAt(16) !== 58) return false
  let at = 19
  if (text.charCodeAt(at) === 46) {
    at++
    while (text.charCodeAt(at) >= DIGIT_0 && text.charCodeAt(at) <= DIGIT_0 + 9) at++
    if (at === 20 || at > 20 + maxFractionDigits) return false
  }
  const offset = offsetMinutes(text, at)
  if (Number.isNaN(offset)) return false
  // A leap second is the last of a UTC day.
  return second < 60 || (((hour * 60 + minute - offset) % 1440) + 1440) % 1440 === 1439
}

/** Whether `text` has more than `max` characters (Unicode code points, as JSON Schema counts them). */
export const exceeds = (text: string, max: number): boolean => {
  if (text.length <= max) return false
  if (text.length > 2 * max) return true
  let count = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit >= 0xd800 && unit < 0xdc00) {
      const next = text.charCodeAt(i + 1)
      if (next >= 0xdc00 && next < 0xe000) i++
    }
    count++
  }
  return count > max
}

/** Whether `value` has at most one decimal, judged on the decimal that was written and not on its binary image. */
export const isTenths = (value: number): boolean => Math.round(value * 10) / 10 === value

export const fail = (path: string, keyword: Violation["keyword"], param: unknown): Violation => ({
  path,
  keyword,
  param
})

export const missing = (name: string): Violation => fail("", "required", name)

/** A violation found inside the value at `path`, seen from the value's owner. */
export const under = (path: string, inner: Violation): Violation => fail(path + inner.path, inner.keyword, inner.param)

export const notOneOf = (path: string, value: unknown, values: readonly string[]): Violation =>
  typeof value === "string" ? fail(path, "enum", values) : fail(path, "type", "string")

/** Why a value is not a number we can keep: no number at all, a fraction, or an integer that a double cannot hold. */
export const notNumber = (path: string, value: unknown, integer: boolean): Violation => {
  if (!integer) return fail(path, "type", "number")
  if (!Number.isInteger(value)) return fail(path, "type", "integer")
  return (value as number) < 0
    ? fail(path, "minimum", Number.MIN_SAFE_INTEGER)
    : fail(path, "maximum", Number.MAX_SAFE_INTEGER)
}

/** Names the key that the schema does not know. A known key holding undefined could not have come from JSON. */
export const unknownKey = (value: Record<string, unknown>, keys: readonly string[]): Violation => {
  for (const key in value) {
    if (!keys.includes(key)) return fail("", "additionalProperties", key)
    if (value[key] === undefined) return fail(`/${key}`, "type", "defined")
  }
  return fail("", "additionalProperties", "")
}

/** The response check of a message that is never answered. */
export const nothing = (value: unknown): Violation | undefined =>
  value === undefined ? undefined : fail("", "type", "undefined")
