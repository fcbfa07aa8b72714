import * as Instant from "../Instant.ts"
import { scaled, unscaled } from "../Money.ts"

/** Figures, instants and times of day between JSON and integers; what cannot be read is a fault, never rounded away. */

/** What is wrong with the tariff being read, as JSON pointer and sentence, in the order found. */
export type Faults = Array<{ readonly path: string; readonly message: string }>

/** Larger figures are refused by name instead of overflowing somewhere: prices of 10^9 units, 10^12 of anything else. */
const maxPriceMicros = 1_000_000_000_000_000
const maxQuantity = 1_000_000_000_000

type Figure = number | string | null | undefined

/** RFC 3339; the fault of another text is told. */
export const instantOf = (text: string | null | undefined, path: string, faults: Faults): number | null => {
  if (text === null || text === undefined) return null
  const atMs = Instant.parse(text)
  if (atMs === undefined) faults.push({ path, message: "is no instant (RFC 3339)" })
  return atMs ?? null
}

/** `HH:MM` as a minute of the day. */
export const minuteOf = (time: string | null | undefined): number | null =>
  time === null || time === undefined ? null : Number(time.slice(0, 2)) * 60 + Number(time.slice(3))

/** A day of the calendar as it is written. */
export const dateOf = (date: string | null | undefined, path: string, faults: Faults): string | null => {
  if (date === null || date === undefined) return null
  const atMs = Instant.parse(`${date}T00:00:00Z`)
  if (atMs === undefined || !Instant.format(atMs).startsWith(date)) faults.push({ path, message: "is no day" })
  return date
}

/** Millionths of a currency unit. */
export const price = (value: Figure, path: string, faults: Faults): number | null =>
  integerOf(value, 6, maxPriceMicros, path, faults)

/** Units of 10^-digits. */
export const quantity = (value: Figure, digits: number, path: string, faults: Faults): number | null =>
  integerOf(value, digits, maxQuantity, path, faults)

/** A figure as an integer of 10^-digits units; more decimals or a greater magnitude are a fault, never rounded away. */
const integerOf = (value: Figure, digits: number, maximum: number, path: string, faults: Faults): number | null => {
  if (value === null || value === undefined) return null
  const integer = scaled(value, digits)
  if (integer === undefined) {
    faults.push({ path, message: `must be a decimal number with at most ${digits} decimals` })
    return null
  }
  const number = Number(integer)
  if (Math.abs(number) > maximum) faults.push({ path, message: `is beyond ${maximum / 10 ** digits}` })
  return number
}

/** The figure as a JSON number: at most 15 significant digits, so reading it again gives the same integer. */
export const decimal = (value: number, digits: number): number => Number(unscaled(BigInt(value), digits))

/** A minute of the day as `HH:MM`. */
export const time = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`
