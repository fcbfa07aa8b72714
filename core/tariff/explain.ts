import * as Instant from "../Instant.ts"
import { type Exact, format, formatMinor, unscaled } from "../Money.ts"
import type { ChargingPeriod } from "./ChargingPeriod.ts"
import type { Candidate, CompiledTariff } from "./compile.ts"
import { freeReason, reductionText, seriesText } from "./extras/explainExtras.ts"
import { type Refusal, refusalOf, type Situation } from "./match.ts"
import { isSession, momentOf, move, reservationStartOf, sessionStartOf } from "./moment.ts"
import { isAmount, type Rating, type RatingLine } from "./Rating.ts"
import type { RateOptions } from "./rate.ts"

/** The kinds of steps by which a line comes about. */
export const reasonKinds = [
  ...(["quantity", "step", "passed_over", "free", "price", "amount", "tax"] as const),
  ...(["cap", "discount", "limit", "rounding"] as const)
] as const

/** One step of the reasoning behind a line: what kind it is, and a sentence in English. */
export interface Reason {
  readonly kind: (typeof reasonKinds)[number]
  readonly text: string
}

/**
 * Why each line of a rating is what it is: what was used, which elements were asked before and why they did not hold,
 * the price, the tax and the rounding. Takes what {@link rate} was given, periods sorted by start, and its rating.
 * One list of reasons per line, in the order of the lines. For people, not for the hot path.
 */
export const explain = (
  compiled: CompiledTariff,
  periods: ReadonlyArray<ChargingPeriod>,
  rating: Rating,
  options: RateOptions = {}
): ReadonlyArray<ReadonlyArray<Reason>> =>
  rating.lines.map((line) =>
    line.adjustment === "INCLUDED"
      ? [includedReason(line), ...amountReasons(line, rating, compiled), roundingReason(line, rating)]
      : isAmount(line)
        ? [adjustmentReason(line, rating, compiled), roundingReason(line, rating)]
        : [
            ...quantityReasons(line, periods[line.period]!, compiled),
            ...passedOver(line, compiled, periods, options),
            ...freeReason(line, compiled),
            ...amountReasons(line, rating, compiled),
            roundingReason(line, rating)
          ]
  )

const unitOf = (line: RatingLine): string =>
  line.dimension === "ENERGY" ? "kWh" : line.dimension === "FLAT" ? "session" : "h"

const volumeText = (line: RatingLine, volume: number): string => {
  if (volume < 0) return `-${volumeText(line, -volume)}`
  if (line.dimension === "ENERGY") return `${unscaled(BigInt(volume), 6)} kWh`
  const ms = volume % 1000
  const seconds = Math.floor(volume / 1000)
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  return `${parts.map((part) => String(part).padStart(2, "0")).join(":")}${ms === 0 ? "" : `.${String(ms).padStart(3, "0")}`} h`
}

/** What is billed, in words. */
export const nouns: Readonly<Record<RatingLine["dimension"], string>> = {
  ENERGY: "energy",
  TIME: "charging time",
  PARKING_TIME: "parking time, the vehicle not requesting power",
  RESERVATION_TIME: "reserved time",
  FLAT: "fee",
  ADJUSTMENT: "adjustment"
}

const quantityReasons = (line: RatingLine, period: ChargingPeriod, compiled: CompiledTariff): ReadonlyArray<Reason> => {
  if (line.dimension === "FLAT") return [{ kind: "quantity", text: `fee, once per ${line.scope}` }]
  const span = `${Instant.format(period.startAtMs)} to ${Instant.format(period.endAtMs)}`
  const used = volumeText(line, line.volume - line.stepSurplus)
  const quantity: Reason = { kind: "quantity", text: `${used} of ${nouns[line.dimension]}, ${span}` }
  if (line.stepSurplus === 0) return [quantity]
  const step = compiled.tariff.elements[line.element]!.priceComponents[line.component]!.stepSize
  const unit = line.dimension === "ENERGY" ? "Wh" : "s"
  return [
    quantity,
    {
      kind: "step",
      text: `${volumeText(line, line.stepSurplus)} added: the ${line.scope}'s total is billed in steps of ${step} ${unit}`
    }
  ]
}

/** The elements that have this dimension and stand before the one that prices it, with what kept them from it. */
const passedOver = (
  line: RatingLine,
  compiled: CompiledTariff,
  periods: ReadonlyArray<ChargingPeriod>,
  options: RateOptions
): ReadonlyArray<Reason> => {
  const moment = momentOfLine(line, periods)
  const reasons: Array<Reason> = []
  for (const candidate of candidatesOf(line, compiled, options)) {
    if (candidate.element === line.element) break
    const refusal = candidate.restrictions === null ? null : refusalOf(candidate.restrictions, moment, compiled.zone)
    if (refusal === null) continue
    const text = `element ${candidate.element} (${priceText(candidate.price.priceMicros, compiled, line)}) did not hold: ${refusals[refusal]}`
    reasons.push({ kind: "passed_over", text })
  }
  return reasons
}

const momentOfLine = (line: RatingLine, periods: ReadonlyArray<ChargingPeriod>): Situation => {
  const moment = momentOf()
  const sinceMs = line.scope === "session" ? sessionStartOf(periods) : reservationStartOf(periods)
  for (const period of periods.slice(0, line.period)) {
    if (isSession(period)) moment.energyMilliWh += period.energyMilliWh
  }
  move(moment, periods[line.period]!, sinceMs)
  return moment
}

const candidatesOf = (line: RatingLine, compiled: CompiledTariff, options: RateOptions): ReadonlyArray<Candidate> => {
  const reserved = options.reservationExpired === true ? compiled.expired : compiled.reserved
  const candidates = line.scope === "session" ? compiled.session : reserved
  if (line.dimension === "RESERVATION_TIME") return candidates.TIME
  return line.dimension === "ADJUSTMENT" ? [] : candidates[line.dimension]
}

const refusals: Readonly<Record<Refusal, string>> = {
  time_of_day: "another time of day",
  date: "another date",
  day_of_week: "another day of the week",
  holiday: "another kind of day, by the calendar of holidays",
  kwh: "another amount of energy used by then",
  duration: "another duration by then",
  power: "another power",
  current: "another current",
  "missing_signal:POWER": "no reading of the power",
  "missing_signal:CURRENT": "no reading of the current"
}

const priceText = (micros: number, compiled: CompiledTariff, line: RatingLine): string =>
  `${unscaled(BigInt(micros), 6, 2)} ${compiled.tariff.currency}/${unitOf(line)}`

const amountReasons = (line: RatingLine, rating: Rating, compiled: CompiledTariff): ReadonlyArray<Reason> => {
  const isIncluded = compiled.tariff.taxIncluded === "YES"
  const stated: Exact = isIncluded ? { n: line.net.n + line.tax.n, d: line.net.d } : line.net
  const price = priceText(line.unitPriceMicros, compiled, line)
  const volume = line.dimension === "FLAT" ? "1" : volumeText(line, line.volume)
  return [
    {
      kind: "price",
      text: `element ${line.element}, component ${line.component}: ${price}${seriesText(line, compiled)}`
    },
    { kind: "amount", text: `${volume} at ${price} is ${format(stated)} ${rating.currency}` },
    { kind: "tax", text: taxText(line, rating, compiled) }
  ]
}

const taxText = (line: RatingLine, rating: Rating, compiled: CompiledTariff): string => {
  if (compiled.tariff.taxIncluded === "N/A") return "no tax applies"
  if (line.vatPpm === null) return "no tax rate is known"
  const rate = `${unscaled(BigInt(line.vatPpm), 4)} % VAT`
  const tax = `${format(line.tax)} ${rating.currency}`
  return compiled.tariff.taxIncluded === "YES" ? `${rate} of it are ${tax}` : `plus ${rate}, ${tax}`
}

const adjustmentReason = (line: RatingLine, rating: Rating, compiled: CompiledTariff): Reason => {
  const { adjustment } = line
  const rate = line.vatPpm === null ? "without a tax rate" : `at ${unscaled(BigInt(line.vatPpm), 4)} % VAT`
  const amounts = `${format(line.net)} ${rating.currency} before taxes, ${format(line.tax)} ${rating.currency} of tax`
  if (adjustment === "CAP" || adjustment === "DISCOUNT")
    return {
      kind: adjustment === "CAP" ? "cap" : "discount",
      text: `${reductionText(line, compiled)}: ${amounts} ${rate}`
    }
  return { kind: "limit", text: `${limitWords[adjustment ?? ""] ?? ""}: ${amounts} ${rate}` }
}

const limitWords: Readonly<Record<string, string>> = {
  MIN_PRICE: "raised to the minimum price",
  MAX_PRICE: "lowered to the maximum price",
  NEGATIVE_TAX: "a tax that lowers the price is not counted"
}

const includedReason = (line: RatingLine): Reason => ({
  kind: "quantity",
  text: `${volumeText(line, -line.volume)} of ${nouns[line.dimension]} are included in the subscription and taken off`
})

const roundingReason = (line: RatingLine, rating: Rating): Reason => {
  const total = `${format(rating.net)} ${rating.currency} before taxes is rounded once, to ${formatMinor(rating.netMinor, rating.currency)}`
  const share = formatMinor(line.netMinor, rating.currency)
  return { kind: "rounding", text: `the total of ${total}; this line's share is ${share}` }
}
