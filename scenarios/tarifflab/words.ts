import { estimatesOf, minorOfPico, type Outcome, percentOf, winnersOf } from "#core/lab/Outcome.ts"
import type { Part } from "#core/lab/Tally.ts"
import { unscaled } from "#core/Money.ts"
import { isAmount } from "#core/tariff/Rating.ts"
import { count, money, plural } from "../cli/format.ts"

/** A difference with its sign: `+EUR 12.30`, `-EUR 3.00`, `EUR 0.00`. */
export const signed = (minor: bigint, currency: string): string =>
  minor === 0n ? money(0n, currency) : `${minor > 0n ? "+" : "-"}${money(minor < 0n ? -minor : minor, currency)}`

/** Percent with a sign and one decimal; of nothing a dash. */
export const percent = (value: number | null): string =>
  value === null
    ? "–"
    : `${value > 0 && value.toFixed(1) !== "0.0" ? "+" : ""}${value.toFixed(1).replace("-0.0", "0.0")} %`

/** Revenue, what drivers pay and, where energy has a price, the margin: of both tariffs, and the difference. */
export const totalRows = ({ tally, setup }: Outcome): ReadonlyArray<ReadonlyArray<string>> => {
  const { currency } = setup
  const row = (name: string, aMinor: bigint, bMinor: bigint) => [
    name,
    money(aMinor, currency),
    money(bMinor, currency),
    signed(bMinor - aMinor, currency),
    percent(percentOf(aMinor, bMinor))
  ]
  const cost = minorOfPico(tally.costPico, currency)
  const margin = row("margin after energy, net", tally.a.netMinor - cost, tally.b.netMinor - cost)
  return [
    row("revenue, net", tally.a.netMinor, tally.b.netMinor),
    row("paid by drivers, with tax", tally.a.grossMinor, tally.b.grossMinor),
    ...(setup.energyPrices === null ? [] : [margin])
  ]
}

/** Hours with one decimal. */
export const hours = (ms: number): string => {
  const tenths = Math.round(ms / 360_000)
  return `${count(Math.floor(tenths / 10))}.${tenths % 10} h`
}

/** A mean of minor units, to the minor unit. */
export const about = (minor: number, currency: string): string => money(BigInt(Math.round(minor)), currency)

/** The same with a sign. */
export const aboutSigned = (minor: number, currency: string): string => signed(BigInt(Math.round(minor)), currency)

const dimensionNames: Readonly<Record<Part["dimension"], string>> = {
  ENERGY: "energy",
  TIME: "charging time",
  PARKING_TIME: "idle time",
  RESERVATION_TIME: "reserved time",
  FLAT: "per session",
  ADJUSTMENT: "price limits"
}

const adjustmentNames: Partial<Record<NonNullable<Part["adjustment"]>, string>> = {
  GRACE: "grace period",
  QUIET_HOURS: "quiet hours",
  CAP: "cap",
  DISCOUNT: "discount"
}

/** What a part is for, in words, and what frees or lowers it. */
export const partName = ({ dimension, adjustment }: Part): string => {
  const why = adjustment === null ? undefined : adjustmentNames[adjustment]
  return why === undefined ? dimensionName(dimension) : `${dimensionName(dimension)}, ${why}`
}

/** What a component is for, in words. */
export const dimensionName = (dimension: Part["dimension"]): string => dimensionNames[dimension]

const unitOf: Partial<Record<Part["dimension"], string>> = {
  ENERGY: "/kWh",
  TIME: "/h",
  PARKING_TIME: "/h",
  RESERVATION_TIME: "/h"
}

/** The unit price of a part: `0.59/kWh`. */
export const unitPrice = (part: Part): string => {
  const { dimension, unitPriceMicros } = part
  if (isAmount(part)) return ""
  if (unitPriceMicros === null) return "by the hour"
  return `${unscaled(BigInt(unitPriceMicros), 6, 2)}${unitOf[dimension] ?? ""}`
}

/** Billed units of a part: kWh, hours, times. */
export const volume = (part: Part): string => {
  const { dimension, volume: billed, lines } = part
  if (dimension === "FLAT" || isAmount(part)) return plural(lines, "time")
  return dimension === "ENERGY" ? `${count(billed / 1e6)} kWh` : hours(billed)
}

/** Two names that can be told apart, though both files may use one id. */
export const namesOf = ({ a, b }: Outcome): readonly [a: string, b: string] =>
  a.name === b.name ? [`${a.name} (A)`, `${b.name} (B)`] : [a.name, b.name]

/** One sentence: which earns more and by how much. */
export const headline = (outcome: Outcome): string => {
  const { tally } = outcome
  const [a, b] = namesOf(outcome)
  if (tally.sessions === 0) return "There was no session to price."
  const change = percentOf(tally.a.netMinor, tally.b.netMinor)
  if (tally.a.netMinor === tally.b.netMinor) return `${b} earns what ${a} earns.`
  const size = change === null ? "" : ` ${Math.abs(change).toFixed(1)} %`
  return `${b} earns${size} ${tally.b.netMinor > tally.a.netMinor ? "more" : "less"} than ${a}.`
}

/** How sure that is: the interval over seeds, or that there is none. */
export const certainty = (outcome: Outcome): string => {
  const estimates = estimatesOf(outcome)
  if (estimates === null) return "These are past sessions, every one of them: there is nothing to estimate."
  const { difference } = estimates
  if (difference.margin === null)
    return "One seed is one day that may have been: run more (--seeds 10) to learn how sure this is."
  const [low, high] = [difference.mean - difference.margin, difference.mean + difference.margin]
  const isSure = low > 0 || high < 0 || (low === 0 && high === 0)
  const { currency } = outcome.setup
  const range = `${signed(BigInt(Math.round(low)), currency)} to ${signed(BigInt(Math.round(high)), currency)}`
  return `${isSure ? "Sure" : "Not sure"} over ${outcome.runs.length} seeds: the mean difference per run lies in ${range} with 95 % confidence.`
}

/** One sentence: who pays more and who less. */
export const payers = (outcome: Outcome): string => {
  const { tally, setup } = outcome
  const { more, less, same, moreMinor, lessMinor } = winnersOf(tally.drivers)
  const parts = [
    ...(more > 0
      ? [`${plural(more, "driver pays", "drivers pay")} ${money(moreMinor, setup.currency)} more in all`]
      : []),
    ...(less > 0 ? [`${plural(less, "driver pays", "drivers pay")} ${money(lessMinor, setup.currency)} less`] : []),
    ...(same > 0 ? [`${plural(same, "driver pays", "drivers pay")} the same`] : [])
  ]
  return parts.length === 0 ? "Nobody pays anything." : `${parts.join(", ")}.`
}
