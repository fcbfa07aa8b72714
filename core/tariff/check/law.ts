import type { CompiledTariff } from "../compile.ts"
import type { Tariff } from "../Tariff.ts"
import { type Finding, finding, type Severity } from "./Finding.ts"

/** What the law looks at besides the tariff. */
export interface Place {
  /** ISO 3166-1 alpha-2; null: the tariff's own country. */
  readonly country: string | null
  /** The most that the charging points give that use the tariff; null: not known. */
  readonly maxPowerKw: number | null
}

const union: ReadonlySet<string> = new Set(
  "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split(" ")
)

/** At and above this AFIR wants ad hoc prices by the kWh. */
const fastKw = 50

/**
 * Prices that an ad hoc customer in the European Union must not be asked, or not like this: Regulation (EU) 2023/1804
 * (AFIR) Article 5(4), and in Germany section 14 PAngV. Facts for an operator, no legal advice. A tariff of no type is
 * also what ad hoc customers get where there is none of their own, so it is looked at too, with less force.
 */
export const law = ({ tariff, session }: CompiledTariff, place: Place): ReadonlyArray<Finding> => {
  const country = place.country ?? tariff.countryCode
  if (country === null || !union.has(country)) return []
  if (tariff.type !== null && tariff.type !== "AD_HOC_PAYMENT") return []
  const isAdHoc = tariff.type === "AD_HOC_PAYMENT"
  const findings: Array<Finding> = []
  const severityAt = (element: number | null): Severity => {
    const isFast = powerOf(tariff, element, place)
    if (isFast === false) return "info"
    return isAdHoc ? (isFast === true ? "error" : "warning") : "info"
  }
  const found = (severity: Severity, code: string, path: string, message: string) =>
    findings.push(finding("law", severity, code, path, message))
  if (powerOf(tariff, null, place) === false) return grossPrice(tariff, country, isAdHoc)
  const at = `at a charging point of ${fastKw} kW or more (AFIR Article 5(4))`
  const pathOf = (it: { readonly element: number; readonly component: number }) =>
    `/elements/${it.element}/price_components/${it.component}`
  for (const it of session.TIME) {
    if (it.price.priceMicros === 0 || powerOf(tariff, it.element, place) === false) continue
    const message = `Ad hoc charging may not be priced by time ${at}: only by the kWh, with an occupancy fee per minute if any.`
    found(severityAt(it.element), "afir_time_price", pathOf(it), message)
  }
  for (const it of session.FLAT) {
    if (it.price.priceMicros === 0 || powerOf(tariff, it.element, place) === false) continue
    found(severityAt(it.element), "afir_session_fee", pathOf(it), `Ad hoc charging may not have a session fee ${at}.`)
  }
  for (const it of session.PARKING_TIME) {
    if (it.price.priceMicros === 0 || it.price.stepSize <= 60 || powerOf(tariff, it.element, place) === false) continue
    const message = `An occupancy fee is per minute ${at}: a step of ${it.price.stepSize} s charges for minutes not used.`
    found(severityAt(it.element), "afir_occupancy_step", `${pathOf(it)}/step_size`, message)
  }
  if (!session.ENERGY.some((it) => it.price.priceMicros > 0) && hasPrice(tariff))
    found(severityAt(null), "afir_energy_price_missing", "/elements", `Ad hoc charging is priced by the kWh ${at}.`)
  if ((tariff.minPrice?.beforeTaxesMicros ?? 0) > 0)
    found(
      severityAt(null),
      "afir_min_price",
      "/min_price",
      `A minimum price is a session fee for short sessions ${at}.`
    )
  return [...findings, ...grossPrice(tariff, country, isAdHoc)]
}

/** Whether an element prices fast points: told by the place, or by the element's own bounds of power; null: unknown. */
const powerOf = (tariff: Tariff, element: number | null, place: Place): boolean | null => {
  if (place.maxPowerKw !== null) return place.maxPowerKw >= fastKw
  const restrictions = element === null ? null : tariff.elements[element]!.restrictions
  if ((restrictions?.minPowerMilliW ?? 0) >= fastKw * 1_000_000) return true
  return null
}

const hasPrice = (tariff: Tariff): boolean =>
  tariff.elements.some(({ priceComponents }) => priceComponents.some(({ priceMicros }) => priceMicros > 0))

/** What a consumer is shown is what a consumer pays: with the tax. */
const grossPrice = (tariff: Tariff, country: string, isAdHoc: boolean): ReadonlyArray<Finding> => {
  if (tariff.taxIncluded !== "NO") return []
  const findings: Array<Finding> = []
  tariff.elements.forEach(({ priceComponents }, element) => {
    priceComponents.forEach(({ priceMicros, vatPpm }, component) => {
      if (priceMicros === 0 || vatPpm !== null) return
      const by = country === "DE" ? " (section 14 PAngV)" : ""
      const message = `Consumers are to be shown the price with the tax${by}: this price is without it and names no rate.`
      const path = `/elements/${element}/price_components/${component}/vat`
      findings.push(finding("law", isAdHoc ? "error" : "info", "gross_price_missing", path, message))
    })
  })
  return findings
}
