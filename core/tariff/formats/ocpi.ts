import { Result } from "effect"
import type { PriceLimit, Tariff, TariffElement } from "../Tariff.ts"
import type { PriceLimitWire } from "../TariffWire.ts"
import { decode, encode, TariffInvalid } from "../tariffCodec.ts"
import { beforeTaxes } from "./beforeTaxes.ts"
import { collector, type ExportedTariff, type ImportedTariff, type Lose } from "./Loss.ts"
import { freeElement, withoutExtras } from "./withoutExtras.ts"

type Json = Readonly<Record<string, unknown>>
type OcpiVersion = "2.1.1" | "2.2.1" | "2.3.0"

const isJson = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value)

const without = (json: Json, keys: ReadonlyArray<string>): Json =>
  Object.fromEntries(Object.entries(json).filter(([key]) => !keys.includes(key)))

/** As OCPI 2.3.0, with our `version` beside it: reading it gives the same tariff again, but for what OCPI lacks. */
export const toOcpi230 = (tariff: Tariff): ExportedTariff => {
  const { losses, lose } = collector()
  const plain = withoutExtras(tariff, "OCPI 2.3.0", lose)
  reportMandatory(plain, "2.3.0", lose)
  reportFigures(plain, "2.3.0", lose)
  return { json: { ...encode(plain) }, losses }
}

/** As OCPI 2.2.1: prices are before VAT, and limits are named `excl_vat` and `incl_vat`. */
export const toOcpi221 = (tariff: Tariff): ExportedTariff => {
  const { losses, lose } = collector()
  reportMandatory(tariff, "2.2.1", lose)
  const net = beforeTaxes(withoutExtras(tariff, "OCPI 2.2.1", lose), lose)
  reportFigures(net, "2.2.1", lose)
  reportVersion(tariff, "2.2.1", lose)
  if (tariff.preauthorizeMicros !== null)
    lose("/preauthorize_amount", "nothing", "OCPI 2.2.1 has no amount to hold on a card; it is left out.")
  const wire = encode(net)
  const json = without({ ...wire }, ["version", "tax_included", "preauthorize_amount", "min_price", "max_price"])
  const limit = ({ before_taxes, after_taxes }: PriceLimitWire) => ({
    excl_vat: before_taxes,
    ...(after_taxes !== undefined && { incl_vat: after_taxes })
  })
  return {
    json: {
      ...json,
      ...(wire.min_price && { min_price: limit(wire.min_price) }),
      ...(wire.max_price && { max_price: limit(wire.max_price) })
    },
    losses
  }
}

/**
 * As OCPI 2.1.1: one number per price, before VAT, and no rate. An element whose restriction 2.1.1 lacks is left out
 * whole: without that restriction its price would hold where it must not.
 */
export const toOcpi211 = (tariff: Tariff): ExportedTariff => {
  const { losses, lose } = collector()
  reportMandatory(tariff, "2.1.1", lose)
  const net = beforeTaxes(withoutExtras(tariff, "OCPI 2.1.1", lose), lose)
  reportFigures(net, "2.1.1", lose)
  reportVersion(tariff, "2.1.1", lose)
  const reportLimit = (name: string, limit: PriceLimit | null) => {
    if (limit !== null) lose(`/${name}`, "price", `OCPI 2.1.1 has no ${name}; the total is not bounded by it.`)
  }
  reportLimit("min_price", tariff.minPrice)
  reportLimit("max_price", tariff.maxPrice)
  if (tariff.type !== null)
    lose("/type", "validity", `OCPI 2.1.1 has no tariff types; this one is no longer for ${tariff.type} alone.`)
  if (tariff.startAtMs !== null)
    lose("/start_date_time", "validity", "OCPI 2.1.1 has no start of validity; the tariff holds at once.")
  if (tariff.endAtMs !== null)
    lose("/end_date_time", "validity", "OCPI 2.1.1 has no end of validity; the tariff holds until it is replaced.")
  if (tariff.preauthorizeMicros !== null)
    lose("/preauthorize_amount", "nothing", "OCPI 2.1.1 has no amount to hold on a card; it is left out.")
  for (const [name, value] of [["country_code", tariff.countryCode] as const, ["party_id", tariff.partyId] as const])
    if (value !== null) lose(`/${name}`, "nothing", `OCPI 2.1.1 names the party in the URL; ${name} is left out.`)
  const elements = net.elements.flatMap((element, index) => elementOf211(element, `/elements/${index}`, lose))
  const kept = elements.length === 0 ? [freeElement] : elements
  const left = ["version", "tax_included", "preauthorize_amount", "min_price", "max_price", "type", "country_code"]
  return {
    json: without({ ...encode({ ...net, elements: kept }) }, [...left, "party_id", "start_date_time", "end_date_time"]),
    losses
  }
}

const elementOf211 = (element: TariffElement, path: string, lose: Lose): ReadonlyArray<TariffElement> => {
  const { restrictions } = element
  const missing = [
    ["reservation", restrictions?.reservation] as const,
    ["min_current", restrictions?.minCurrentMa] as const,
    ["max_current", restrictions?.maxCurrentMa] as const
  ].filter(([, value]) => value !== null && value !== undefined)
  for (const [name] of missing)
    lose(`${path}/restrictions/${name}`, "price", `OCPI 2.1.1 has no ${name} restriction; the element is left out.`)
  if (missing.length > 0) return []
  const priceComponents = element.priceComponents.map((component, index) => {
    const { vatPpm } = component
    if (vatPpm !== null) {
      const changes = vatPpm === 0 ? "nothing" : "tax"
      lose(`${path}/price_components/${index}/vat`, changes, "OCPI 2.1.1 has no VAT; the price is before taxes.")
    }
    return { ...component, vatPpm: null }
  })
  return [{ ...element, priceComponents }]
}

const reportVersion = (tariff: Tariff, target: OcpiVersion, lose: Lose): void => {
  if (tariff.version > 1)
    lose("/version", "nothing", `OCPI ${target} has no versions of a tariff; the number is left out.`)
}

/** Fields that OCPI makes mandatory and the tariff does not have: nobody invents them. */
const reportMandatory = (tariff: Tariff, target: OcpiVersion, lose: Lose): void => {
  const absent = (name: string) =>
    lose(`/${name}`, "nothing", `OCPI ${target} requires ${name} and the tariff has none; add it before it is sent.`)
  if (target !== "2.1.1" && tariff.countryCode === null) absent("country_code")
  if (target !== "2.1.1" && tariff.partyId === null) absent("party_id")
  if (tariff.lastUpdatedAtMs === null) absent("last_updated")
}

/** Figures finer than OCPI's own: they are written as they are, and a partner may round them. */
const reportFigures = (tariff: Tariff, target: OcpiVersion, lose: Lose): void => {
  tariff.elements.forEach(({ priceComponents, restrictions }, index) => {
    priceComponents.forEach(({ priceMicros }, place) => {
      if (priceMicros % 100 !== 0) {
        const path = `/elements/${index}/price_components/${place}/price`
        lose(path, "nothing", `Numbers of OCPI ${target} have four decimals; all are written, a reader may round them.`)
      }
    })
    for (const [name, value] of [
      ["min_duration", restrictions?.minDurationMs] as const,
      ["max_duration", restrictions?.maxDurationMs] as const
    ])
      if ((value ?? 0) % 1000 !== 0) {
        const path = `/elements/${index}/restrictions/${name}`
        lose(path, "nothing", `Durations of OCPI ${target} are whole seconds; the fraction is written all the same.`)
      }
  })
}

/** Reads OCPI 2.3.0. */
export const fromOcpi230 = (json: unknown): Result.Result<ImportedTariff, TariffInvalid> =>
  Result.map(decode(json), (tariff) => ({ tariff, losses: [] }))

/** Reads OCPI 2.2.1: prices are before VAT. A key that is not of 2.2.1 is refused by its path. */
export const fromOcpi221 = (json: unknown): Result.Result<ImportedTariff, TariffInvalid> => {
  const foreign = foreignKey(json, shape221)
  if (foreign !== undefined) return refuse(foreign, "2.2.1")
  const decoded = decode(isJson(json) ? { ...json, ...limitsOf(json) } : json)
  if (Result.isSuccess(decoded)) return Result.succeed({ tariff: decoded.success, losses: [] })
  const { path, message } = decoded.failure
  const own = path.replace(/^(\/m(?:in|ax)_price)\/before_taxes/, "$1/excl_vat")
  return Result.fail(
    new TariffInvalid({ path: own.replace(/^(\/m(?:in|ax)_price)\/after_taxes/, "$1/incl_vat"), message })
  )
}

/** Reads OCPI 2.1.1: one number per price, no VAT. A key that is not of 2.1.1 is refused by its path. */
export const fromOcpi211 = (json: unknown): Result.Result<ImportedTariff, TariffInvalid> => {
  const foreign = foreignKey(json, shape211)
  return foreign === undefined ? fromOcpi230(json) : refuse(foreign, "2.1.1")
}

const refuse = (path: string, version: OcpiVersion): Result.Result<never, TariffInvalid> =>
  Result.fail(new TariffInvalid({ path, message: `is no field of OCPI ${version}` }))

const limitsOf = (json: Json): Json =>
  Object.fromEntries(
    ["min_price", "max_price"].flatMap((name) => {
      const limit = json[name]
      if (!isJson(limit)) return []
      const { excl_vat, incl_vat } = limit
      const named = {
        ...(excl_vat !== undefined && { before_taxes: excl_vat }),
        ...(incl_vat !== undefined && { after_taxes: incl_vat })
      }
      return [[name, named]]
    })
  )

interface Shape {
  readonly tariff: ReadonlyArray<string>
  readonly component: ReadonlyArray<string>
  readonly restrictions: ReadonlyArray<string>
}

const common = ["id", "currency", "tariff_alt_text", "tariff_alt_url", "elements", "energy_mix", "last_updated"]
const restrictions211 = [
  ...["start_time", "end_time", "start_date", "end_date", "day_of_week", "min_kwh", "max_kwh"],
  ...["min_power", "max_power", "min_duration", "max_duration"]
]

const shape211: Shape = { tariff: common, component: ["type", "price", "step_size"], restrictions: restrictions211 }
const shape221: Shape = {
  tariff: [
    ...common,
    ...["country_code", "party_id", "type", "min_price", "max_price", "start_date_time", "end_date_time"]
  ],
  component: ["type", "price", "vat", "step_size"],
  restrictions: [...restrictions211, "min_current", "max_current", "reservation"]
}

/** The path of the first key that the version does not have; what is no object is left to the reader. */
const foreignKey = (json: unknown, shape: Shape): string | undefined => {
  const foreign = (value: unknown, keys: ReadonlyArray<string>, path: string): ReadonlyArray<string> =>
    isJson(value)
      ? Object.keys(value)
          .filter((key) => !keys.includes(key))
          .map((key) => `${path}/${key}`)
      : []
  const list = (value: unknown, key: string): ReadonlyArray<unknown> => {
    const found = isJson(value) ? value[key] : undefined
    return Array.isArray(found) ? found : []
  }
  const limits = ["min_price", "max_price"].flatMap((name) =>
    isJson(json) ? foreign(json[name], ["excl_vat", "incl_vat"], `/${name}`) : []
  )
  const elements = list(json, "elements").flatMap((element, index) => [
    ...list(element, "price_components").flatMap((component, place) =>
      foreign(component, shape.component, `/elements/${index}/price_components/${place}`)
    ),
    ...foreign(
      isJson(element) ? element["restrictions"] : undefined,
      shape.restrictions,
      `/elements/${index}/restrictions`
    )
  ])
  return [...foreign(json, shape.tariff, ""), ...limits, ...elements][0]
}
