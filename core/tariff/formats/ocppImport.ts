import { Result } from "effect"
import {
  type CostBound,
  type CostDimension,
  costDimensions,
  type OcppTariff,
  readOcppTariff
} from "../cost/ocppTariff.ts"
import type { TaxRate } from "../cost/taxStack.ts"
import type { DisplayText, PriceComponent, PriceLimit, Tariff, TariffElement } from "../Tariff.ts"
import { TariffInvalid } from "../tariffCodec.ts"
import { collector, type ImportedTariff, type Lose } from "./Loss.ts"

type Json = Readonly<Record<string, unknown>>

const isJson = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value)

const listOf = (value: unknown): ReadonlyArray<Json> => (Array.isArray(value) ? value.filter(isJson) : [])

/** The longest id of a tariff in OCPI. */
const maxIdLength = 36

/**
 * Reads a TariffType of OCPP 2.1. Taxes of a kind of prices become one rate; a price for one kind of EVSE or payment
 * alone is left out, and said so. Conditions on charging or idle time alone are refused.
 */
export const fromOcpp21 = (json: unknown): Result.Result<ImportedTariff, TariffInvalid> => {
  const read = readOcppTariff(json)
  if (Result.isFailure(read)) return Result.fail(new TariffInvalid(read.failure))
  const ocpp = read.success
  if (ocpp.tariff.id.length > maxIdLength)
    return Result.fail(new TariffInvalid({ path: "/tariffId", message: `has more than ${maxIdLength} characters` }))
  const { losses, lose } = collector()
  const wire = isJson(json) ? json : {}
  for (const dimension of costDimensions) reportConditions(wire[dimension], `/${dimension}`, lose)
  const rates = ratesOf(ocpp, lose)
  const tariff: Tariff = {
    ...ocpp.tariff,
    altText: textsOf(wire["description"], lose),
    elements: ocpp.tariff.elements.map((element) => ({
      ...element,
      priceComponents: element.priceComponents.map((it) => ({ ...it, vatPpm: rates[dimensionOf(it, element)] }))
    })),
    minPrice: limitOf(ocpp.minCost, 0, "/minCost", lose),
    maxPrice: limitOf(ocpp.maxCost, ocpp.maxCost?.inclTaxMicros ?? 0, "/maxCost", lose)
  }
  if (wire["customData"] !== undefined) lose("/customData", "nothing", "Data of a vendor's own is not kept.")
  return Result.succeed({ tariff, losses })
}

const reportConditions = (prices: unknown, path: string, lose: Lose): void =>
  listOf(isJson(prices) ? prices["prices"] : undefined).forEach((price, index) => {
    const conditions = price["conditions"]
    if (!isJson(conditions)) return
    for (const name of ["evseKind", "paymentBrand", "paymentRecognition"]) {
      if (conditions[name] === undefined || conditions[name] === null) continue
      const sentence = `A tariff of OCPI cannot depend on ${name}; the price is left out.`
      lose(`${path}/prices/${index}/conditions/${name}`, "price", sentence)
    }
  })

const dimensionOf = ({ type }: PriceComponent, { restrictions }: TariffElement): CostDimension => {
  const isReserved = (restrictions?.reservation ?? null) !== null
  if (type === "FLAT") return isReserved ? "reservationFixed" : "fixedFee"
  if (type === "TIME") return isReserved ? "reservationTime" : "chargingTime"
  return type === "ENERGY" ? "energy" : "idleTime"
}

const ratesOf = (ocpp: OcppTariff, lose: Lose): Readonly<Record<CostDimension, number | null>> => {
  const of = (dimension: CostDimension) => rateOf(ocpp.taxRates[dimension], `/${dimension}/taxRates`, lose)
  return {
    fixedFee: of("fixedFee"),
    energy: of("energy"),
    chargingTime: of("chargingTime"),
    idleTime: of("idleTime"),
    reservationTime: of("reservationTime"),
    reservationFixed: of("reservationFixed")
  }
}

const million = 1_000_000n

/** All taxes of a stack as one rate: those of a level add up, levels multiply. */
const rateOf = (rates: ReadonlyArray<TaxRate>, path: string, lose: Lose): number | null => {
  if (rates.length === 0) return null
  const byLevel = new Map<number, bigint>()
  for (const { stack, ppm } of rates) byLevel.set(stack, (byLevel.get(stack) ?? million) + BigInt(ppm))
  let [n, d] = [1n, 1n]
  for (const factor of byLevel.values()) [n, d] = [n * factor, d * million]
  const ppm = ((n - d) * million) / d
  if (ppm * d !== (n - d) * million)
    lose(path, "tax", "The taxes together are no whole number of millionths; what is beyond is cut off.")
  else if (rates.length > 1) lose(path, "nothing", "Several taxes become one rate; their names are not kept.")
  return Number(ppm)
}

const limitOf = (bound: CostBound | null, unbounded: number, path: string, lose: Lose): PriceLimit | null => {
  if (bound === null || (bound.exclTaxMicros === null && bound.inclTaxMicros === null)) return null
  if (bound.taxRates.length > 0)
    lose(`${path}/taxRates`, "tax", "A limit of OCPI has no rates of its own; they are not kept.")
  if (bound.exclTaxMicros === null)
    lose(path, "price", "A limit of OCPI has an amount before taxes; the one after taxes alone may move the net total.")
  return { beforeTaxesMicros: bound.exclTaxMicros ?? unbounded, afterTaxesMicros: bound.inclTaxMicros }
}

const textsOf = (description: unknown, lose: Lose): ReadonlyArray<DisplayText> =>
  (Array.isArray(description) ? description : []).flatMap((message: unknown, index): ReadonlyArray<DisplayText> => {
    const { format, language, content } = isJson(message) ? message : {}
    const isPlain = format === "UTF8" || format === "ASCII"
    const isText = typeof content === "string" && content.length > 0 && content.length <= 512
    if (isPlain && isText && typeof language === "string" && language.length > 0 && language.length <= 2)
      return [{ language, text: content }]
    const sentence =
      "A text of OCPI is plain, of at most 512 characters and in a language of two letters; this is not kept."
    lose(`/description/${index}`, "nothing", sentence)
    return []
  })
