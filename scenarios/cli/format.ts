import { exponentOf, formatMinor } from "#core/Money.ts"

/** A whole number with its thousands apart: `1,234,567`. */
export const count = (value: number | bigint): string =>
  grouped(String(typeof value === "number" ? Math.round(value) : value))

const grouped = (digits: string): string => digits.replace(/\B(?=(\d{3})+(?!\d))/g, ",")

/** A decimal text with the thousands of its whole part apart: `-1,234.50`. */
const groupedDecimal = (decimal: string): string => {
  const [whole, fraction] = decimal.split(".")
  return fraction === undefined ? grouped(whole!) : `${grouped(whole!)}.${fraction}`
}

/** Whole Wh as kWh, nothing rounded away: `1,234.567 kWh`. */
export const energy = (energyWh: number): string => `${groupedDecimal((energyWh / 1000).toFixed(3))} kWh`

/** Watts as kW with one decimal: `11.0 kW`. */
export const power = (powerW: number): string => `${groupedDecimal((powerW / 1000).toFixed(1))} kW`

/** Minor units of a currency: `EUR 1,234.50`; of a currency nobody knows as they are. */
export const money = (amountMinor: bigint, currency: string): string =>
  exponentOf(currency) === undefined
    ? `${currency} ${count(amountMinor)} (minor units)`
    : `${currency} ${groupedDecimal(formatMinor(amountMinor, currency))}`

/** Seconds as a person says them: `13.2 s`, `4 min 12 s`, `7 h 05 min`, `3 d 4 h`. */
export const duration = (seconds: number): string => {
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  const [days, hours, minutes] = [
    Math.floor(whole / 86_400),
    Math.floor(whole / 3_600) % 24,
    Math.floor(whole / 60) % 60
  ]
  if (whole < 3_600) return `${minutes} min ${String(whole % 60).padStart(2, "0")} s`
  if (days === 0) return `${hours} h ${String(minutes).padStart(2, "0")} min`
  return hours === 0 ? `${days} d` : `${days} d ${hours} h`
}

/** Bytes in MiB: `312 MiB`. */
export const memory = (bytes: number): string => `${count(bytes / 1024 ** 2)} MiB`

/** So many of something: `1 day`, `2 days`. */
export const plural = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`

/** A text of at most so many columns; cut, it ends in an ellipsis. */
export const cut = (text: string, columns: number): string =>
  text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 1))}…`

/** A paragraph in lines of at most so many columns. A word longer than that has a line of its own. */
export const wrap = (text: string, columns: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let line = ""
  for (const word of text.split(/\s+/).filter((it) => it !== "")) {
    if (line !== "" && line.length + 1 + word.length > columns) {
      lines.push(line)
      line = word
    } else line = line === "" ? word : `${line} ${word}`
  }
  return line === "" ? lines : [...lines, line]
}
