import type { TariffConditionsType, TariffType, TaxRateType } from "#core/ocpp/v21/generated/schemas.ts"
import { decimal, times, whole, written } from "../../rater/Fraction.ts"
import type { OcpiElement, OcpiLimit, OcpiPriceComponent, OcpiRestrictions, OcpiTariff } from "../../rater/Model.ts"

type Priced = {
  readonly price: string
  readonly conditions: TariffConditionsType | undefined
}

/** Conditions that this firmware does not know: a tariff with one of them it does not take. */
const unknownConditions = ["evseKind", "minChargingTime", "maxChargingTime", "minIdleTime", "maxIdleTime"] as const

/**
 * A tariff of OCPP 2.1 (part 2, block I) as the rater of the simulator reads one: each price an element of its own, in order.
 * Undefined where it says something that this firmware does not know.
 */
export const tariffOf = (wire: TariffType): OcpiTariff | undefined => {
  const { energy, chargingTime, idleTime, fixedFee, minCost, maxCost } = wire
  const perHour = (price: number): string => written(times(decimal(price), whole(60)), 6)
  const kinds = [
    ["ENERGY", energy?.taxRates, energy?.prices.map((it) => ({ ...it, price: String(it.priceKwh) }))],
    ["TIME", chargingTime?.taxRates, chargingTime?.prices.map((it) => ({ ...it, price: perHour(it.priceMinute) }))],
    ["PARKING_TIME", idleTime?.taxRates, idleTime?.prices.map((it) => ({ ...it, price: perHour(it.priceMinute) }))],
    ["FLAT", fixedFee?.taxRates, fixedFee?.prices.map((it) => ({ ...it, price: String(it.priceFixed) }))]
  ] as const
  const elements: Array<OcpiElement> = []
  for (const [type, taxRates, prices = []] of kinds) {
    const vat = vatOf(taxRates)
    for (const price of prices) {
      const element = elementOf(type, vat, { conditions: undefined, ...price })
      if (element === undefined || vat === undefined) return undefined
      elements.push(element)
    }
  }
  return {
    id: wire.tariffId,
    currency: wire.currency,
    tax_included: "NO",
    elements,
    ...(minCost === undefined ? {} : { min_price: limitOf(minCost) }),
    ...(maxCost === undefined ? {} : { max_price: limitOf(maxCost) })
  }
}

/** Percent; null where nothing is taxed, undefined where taxes are taxed themselves. */
const vatOf = (rates: ReadonlyArray<TaxRateType> | undefined): number | null | undefined => {
  if (rates === undefined) return null
  return rates.length === 1 ? rates[0]!.tax : undefined
}

const elementOf = (
  type: OcpiPriceComponent["type"],
  vat: number | null | undefined,
  { price, conditions }: Priced
): OcpiElement | undefined => {
  if (conditions !== undefined && unknownConditions.some((name) => conditions[name] !== undefined)) return undefined
  const restrictions = conditions === undefined ? {} : { restrictions: restrictionsOf(conditions) }
  return { price_components: [{ type, price, ...(vat == null ? {} : { vat }) }], ...restrictions }
}

const kilo = (value: number | undefined): number | undefined => (value === undefined ? undefined : value / 1000)

const restrictionsOf = (it: TariffConditionsType): OcpiRestrictions => {
  const all = {
    start_time: it.startTimeOfDay,
    end_time: it.endTimeOfDay,
    start_date: it.validFromDate,
    end_date: it.validToDate,
    day_of_week: it.dayOfWeek?.map((day) => day.toUpperCase()),
    min_kwh: kilo(it.minEnergy),
    max_kwh: kilo(it.maxEnergy),
    min_power: kilo(it.minPower),
    max_power: kilo(it.maxPower),
    min_current: it.minCurrent,
    max_current: it.maxCurrent,
    min_duration: it.minTime,
    max_duration: it.maxTime
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

const limitOf = ({ exclTax = 0, inclTax }: { readonly exclTax?: number; readonly inclTax?: number }): OcpiLimit => ({
  before_taxes: exclTax,
  ...(inclTax === undefined ? {} : { after_taxes: inclTax })
})
