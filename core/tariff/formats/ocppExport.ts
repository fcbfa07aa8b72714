import * as Instant from "../../Instant.ts"
import { roundHalfAwayFromZero, unscaled } from "../../Money.ts"
import type { CostDimension } from "../cost/ocppTariff.ts"
import type { PriceComponent, PriceLimit, Tariff, TariffElement, TariffRestrictions } from "../Tariff.ts"
import { beforeTaxes } from "./beforeTaxes.ts"
import { collector, type ExportedTariff, type Lose } from "./Loss.ts"
import { withoutExtras } from "./withoutExtras.ts"

/** The most that OCPP's `description` holds. */
const maxTexts = 10

/** A price on its way into a list of one kind of prices. */
interface Price {
  readonly path: string
  readonly vatPpm: number | null
  readonly json: Readonly<Record<string, unknown>>
}

const dimensions = ["energy", "chargingTime", "idleTime", "fixedFee", "reservationTime", "reservationFixed"] as const

/**
 * As a TariffType of OCPP 2.1: prices before taxes, per kWh and per minute, conditions in Wh, W and whole seconds, one
 * rate of VAT per kind of price, no step sizes. What holds under a restriction that OCPP lacks is left out whole.
 */
export const toOcpp21 = (tariff: Tariff): ExportedTariff => {
  const { losses, lose } = collector()
  reportTariff(tariff, lose)
  const net = beforeTaxes(withoutExtras(tariff, "OCPP 2.1", lose), lose)
  const prices = new Map<CostDimension, Array<Price>>()
  net.elements.forEach((element, index) => {
    element.priceComponents.forEach((component, place) => {
      const path = `/elements/${index}/price_components/${place}`
      if (element.priceComponents.findIndex(({ type }) => type === component.type) < place) {
        lose(path, "nothing", `The element prices ${component.type} before; this price never applies and is left out.`)
        return
      }
      const dimension = dimensionOf(component, element.restrictions, `/elements/${index}`, path, lose)
      if (dimension === undefined) return
      const price = priceOf(component, element, dimension, `/elements/${index}`, path, lose)
      if (price === undefined) return
      const list = prices.get(dimension) ?? []
      list.push(price)
      prices.set(dimension, list)
    })
  })
  reportFixedFees(prices.get("fixedFee") ?? [], lose)
  reportFixedFees(prices.get("reservationFixed") ?? [], lose)
  const priced = dimensions.flatMap((dimension) => {
    const list = prices.get(dimension)
    return list === undefined
      ? []
      : [[dimension, { prices: list.map(({ json }) => json), ...taxRatesOf(list, lose) }] as const]
  })
  return {
    json: {
      tariffId: tariff.id,
      ...(tariff.altText.length > 0 && {
        description: tariff.altText
          .slice(0, maxTexts)
          .map(({ language, text }) => ({ format: "UTF8", language, content: text }))
      }),
      currency: tariff.currency,
      ...(tariff.startAtMs !== null && { validFrom: Instant.format(tariff.startAtMs) }),
      ...Object.fromEntries(priced),
      ...(tariff.minPrice !== null && { minCost: boundOf(tariff.minPrice) }),
      ...(tariff.maxPrice !== null && { maxCost: boundOf(tariff.maxPrice) })
    },
    losses
  }
}

const reportTariff = (tariff: Tariff, lose: Lose): void => {
  const gone = (name: string, isThere: boolean) => {
    if (isThere) lose(`/${name}`, "nothing", `A tariff of OCPP 2.1 has no ${name}; it is left out.`)
  }
  gone("version", tariff.version > 1)
  gone("country_code", tariff.countryCode !== null)
  gone("party_id", tariff.partyId !== null)
  gone("tariff_alt_url", tariff.altUrl !== null)
  gone("preauthorize_amount", tariff.preauthorizeMicros !== null)
  gone("energy_mix", tariff.energyMix !== null)
  gone("last_updated", tariff.lastUpdatedAtMs !== null)
  if (tariff.altText.length > maxTexts)
    lose("/tariff_alt_text", "nothing", `OCPP 2.1 takes ${maxTexts} texts; the first ${maxTexts} are kept.`)
  if (tariff.type !== null)
    lose("/type", "validity", `A tariff of OCPP 2.1 has no type; this one is no longer for ${tariff.type} alone.`)
  if (tariff.endAtMs !== null)
    lose("/end_date_time", "validity", "A tariff of OCPP 2.1 has no end; it holds until it is replaced or cleared.")
}

const sessionDimension = {
  ENERGY: "energy",
  TIME: "chargingTime",
  PARKING_TIME: "idleTime",
  FLAT: "fixedFee"
} as const

const dimensionOf = (
  { type }: PriceComponent,
  restrictions: TariffRestrictions | null,
  element: string,
  path: string,
  lose: Lose
): CostDimension | undefined => {
  const reservation = restrictions?.reservation ?? null
  if (reservation === null) return sessionDimension[type]
  if (reservation === "RESERVATION_EXPIRES") {
    const sentence = "OCPP 2.1 has no price of a reservation that ran out unused; it is left out."
    lose(`${element}/restrictions/reservation`, "price", sentence)
    return undefined
  }
  if (type === "TIME") return "reservationTime"
  if (type === "FLAT") return "reservationFixed"
  lose(path, "price", `OCPP 2.1 has no ${type} of a reservation; the price is left out.`)
  return undefined
}

const decimal = (value: bigint | number, digits: number): number => Number(unscaled(BigInt(value), digits))

const priceOf = (
  component: PriceComponent,
  element: TariffElement,
  dimension: CostDimension,
  elementPath: string,
  path: string,
  lose: Lose
): Price | undefined => {
  const isFixed = component.type === "FLAT"
  const conditions = conditionsOf(element.restrictions, isFixed, `${elementPath}/restrictions`, lose)
  if (conditions === undefined) return undefined
  if (component.stepSize > 0 && !isFixed) {
    const unit = dimension === "energy" ? "Wh" : "s"
    lose(`${path}/step_size`, "price", `OCPP 2.1 has no steps; steps of ${component.stepSize} ${unit} become exact.`)
  }
  const isTime = component.type === "TIME" || component.type === "PARKING_TIME"
  const figure = isTime ? perMinute(component.priceMicros, path, lose) : decimal(component.priceMicros, 6)
  const name = isFixed ? "priceFixed" : isTime ? "priceMinute" : "priceKwh"
  return {
    path,
    vatPpm: component.vatPpm,
    json: { [name]: figure, ...(Object.keys(conditions).length > 0 && { conditions }) }
  }
}

const perMinute = (priceMicros: number, path: string, lose: Lose): number => {
  const perHour = BigInt(priceMicros)
  const minute = roundHalfAwayFromZero(perHour, 60n)
  if (minute * 60n !== perHour) {
    const [hour, written] = [unscaled(perHour, 6), unscaled(minute, 6)]
    const sentence = `${hour} per hour is no whole number of millionths per minute; ${written} is written.`
    lose(`${path}/price`, "price", sentence)
  }
  return decimal(minute, 6)
}

/** Undefined where OCPP cannot say when the price holds. */
const conditionsOf = (
  it: TariffRestrictions | null,
  isFixed: boolean,
  path: string,
  lose: Lose
): Readonly<Record<string, unknown>> | undefined => {
  if (it === null) return {}
  const metered = {
    min_kwh: it.minEnergyMilliWh,
    max_kwh: it.maxEnergyMilliWh,
    min_current: it.minCurrentMa,
    max_current: it.maxCurrentMa,
    min_power: it.minPowerMilliW,
    max_power: it.maxPowerMilliW,
    min_duration: it.minDurationMs,
    max_duration: it.maxDurationMs
  }
  if (isFixed) {
    const [name] = Object.entries(metered).find(([, value]) => value !== null) ?? []
    if (name !== undefined) {
      lose(`${path}/${name}`, "price", `A fixed fee of OCPP 2.1 cannot depend on ${name}; it is left out.`)
      return undefined
    }
  }
  const seconds = (value: number, name: string): number => {
    const rounded = Math.round(value / 1000)
    if (rounded * 1000 !== value)
      lose(`${path}/${name}`, "price", `OCPP 2.1 takes whole seconds; ${rounded} is written.`)
    return rounded
  }
  return {
    ...(it.startMinute !== null && { startTimeOfDay: time(it.startMinute) }),
    ...(it.endMinute !== null && { endTimeOfDay: time(it.endMinute) }),
    ...(it.startDate !== null && { validFromDate: it.startDate }),
    ...(it.endDate !== null && { validToDate: it.endDate }),
    ...(it.daysOfWeek !== null && { dayOfWeek: it.daysOfWeek.map((day) => day[0]! + day.slice(1).toLowerCase()) }),
    ...(it.minEnergyMilliWh !== null && { minEnergy: decimal(it.minEnergyMilliWh, 3) }),
    ...(it.maxEnergyMilliWh !== null && { maxEnergy: decimal(it.maxEnergyMilliWh, 3) }),
    ...(it.minCurrentMa !== null && { minCurrent: decimal(it.minCurrentMa, 3) }),
    ...(it.maxCurrentMa !== null && { maxCurrent: decimal(it.maxCurrentMa, 3) }),
    ...(it.minPowerMilliW !== null && { minPower: decimal(it.minPowerMilliW, 3) }),
    ...(it.maxPowerMilliW !== null && { maxPower: decimal(it.maxPowerMilliW, 3) }),
    ...(it.minDurationMs !== null && { minTime: seconds(it.minDurationMs, "min_duration") }),
    ...(it.maxDurationMs !== null && { maxTime: seconds(it.maxDurationMs, "max_duration") })
  }
}

const time = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`

/** OCPI looks for a fixed fee until one holds, OCPP once, at the start (I12.FR.30): the same where one always holds. */
const reportFixedFees = (prices: ReadonlyArray<Price>, lose: Lose): void => {
  const first = prices[0]
  if (first === undefined || prices.some(({ json }) => json["conditions"] === undefined)) return
  lose(
    first.path,
    "price",
    "OCPP 2.1 decides on a fixed fee at the start alone; OCPI charges one that holds later too."
  )
}

const taxRatesOf = (prices: ReadonlyArray<Price>, lose: Lose): { readonly taxRates?: ReadonlyArray<unknown> } => {
  const ppm = prices[0]!.vatPpm
  for (const { path, vatPpm } of prices) {
    if (vatPpm === ppm) continue
    const sentence = `OCPP 2.1 taxes all prices of a kind alike; the rate of ${prices[0]!.path} is written.`
    lose(`${path}/vat`, "tax", sentence)
  }
  if (ppm === null) return {}
  if (ppm < 0 || ppm > 10_000_000) {
    lose(`${prices[0]!.path}/vat`, "tax", "A rate that is negative or above 1000 % is left out.")
    return {}
  }
  return { taxRates: [{ type: "VAT", tax: decimal(ppm, 4) }] }
}

const boundOf = ({ beforeTaxesMicros, afterTaxesMicros }: PriceLimit) => ({
  exclTax: decimal(beforeTaxesMicros, 6),
  ...(afterTaxesMicros !== null && { inclTax: decimal(afterTaxesMicros, 6) })
})
