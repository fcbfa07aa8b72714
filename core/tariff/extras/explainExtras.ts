import * as Instant from "../../Instant.ts"
import { unscaled } from "../../Money.ts"
import type { CompiledTariff } from "../compile.ts"
import type { Reason } from "../explain.ts"
import type { RatingLine } from "../Rating.ts"
import type { Discount } from "./Extras.ts"

const money = (micros: number, { tariff }: CompiledTariff): string =>
  `${unscaled(BigInt(micros), 6, 2)} ${tariff.currency}`

/** Why parked time costs nothing although the tariff has a price for it; nothing for any other line. */
export const freeReason = (line: RatingLine, compiled: CompiledTariff): ReadonlyArray<Reason> => {
  if (line.adjustment !== "GRACE" && line.adjustment !== "QUIET_HOURS") return []
  const element = compiled.tariff.elements[line.element]!
  const price = `${money(element.priceComponents[line.component]!.priceMicros, compiled)}/h`
  if (line.adjustment === "QUIET_HOURS")
    return [{ kind: "free", text: `in quiet hours parking is neither charged nor counted, instead of ${price}` }]
  const { freeMs, per } = element.extras!.grace!
  const of = per === "STRETCH" ? "each stretch of parking" : "a session's parking"
  const text = `grace period: the first ${freeMs / 1000} s of ${of} are free, instead of ${price}`
  return [{ kind: "free", text }]
}

/** Where a price of ENERGY comes from a series, or would have; else nothing. */
export const seriesText = (line: RatingLine, compiled: CompiledTariff): string => {
  const series = compiled.tariff.extras?.energyPrices ?? null
  const uses = compiled.tariff.elements[line.element]?.extras?.usesEnergyPrices === true
  if (series === null || !uses || line.dimension !== "ENERGY") return ""
  const { prices, endAtMs, surchargeMicros } = series
  const index = prices.findLastIndex(({ startAtMs }) => startAtMs <= line.startAtMs)
  const price = prices[index]
  if (price === undefined || line.startAtMs >= endAtMs) return ", for the price series says nothing of that time"
  const span = `${Instant.format(price.startAtMs)} to ${Instant.format(prices[index + 1]?.startAtMs ?? endAtMs)}`
  const sum = `${money(price.priceMicros, compiled)} of the price series and ${money(surchargeMicros, compiled)} surcharge`
  return `, ${sum}, ${span}${price.priceMicros + surchargeMicros < 0 ? ", held at 0" : ""}`
}

/** What a cap or a discount is, in words. */
export const reductionText = (line: RatingLine, compiled: CompiledTariff): string => {
  const { extras } = compiled.tariff
  if (line.adjustment === "CAP")
    return `a session pays at most ${money(extras!.caps[line.component]!.amountMicros, compiled)} of ${line.dimension}`
  const discount = extras!.discounts[line.component]!
  return `discount "${discount.name}", ${takenText(discount, compiled)}`
}

const takenText = (discount: Discount, compiled: CompiledTariff): string => {
  const { ratePpm, amountMicros, dimension, groups } = discount
  const size = ratePpm === null ? money(amountMicros ?? 0, compiled) : `${unscaled(BigInt(ratePpm), 4)} %`
  const whose = groups === null ? "" : ` for drivers of ${groups.join(", ")}`
  return `${size} of ${dimension ?? "the session"}${whose}`
}
