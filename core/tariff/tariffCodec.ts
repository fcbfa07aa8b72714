import { Data, Result, Schema, SchemaIssue } from "effect"
import * as Instant from "../Instant.ts"
import { exponentOf } from "../Money.ts"
import {
  danglingExtras,
  elementExtrasOf,
  encodeElementExtras,
  encodeExtras,
  extrasOf,
  nonsenseOfExtras
} from "./extras/extrasCodec.ts"
import { dateOf, decimal, type Faults, instantOf, minuteOf, price, quantity, time } from "./figures.ts"
import type { PriceComponent, PriceLimit, Tariff, TariffElement, TariffRestrictions } from "./Tariff.ts"
import {
  type PriceComponentWire,
  type PriceLimitWire,
  type TariffElementWire,
  type TariffRestrictionsWire,
  TariffWire
} from "./TariffWire.ts"

/** A tariff was refused: what is wrong, and where as a JSON pointer (`/elements/0/price_components/1/vat`). */
export class TariffInvalid extends Data.TaggedError("TariffInvalid")<{
  readonly path: string
  readonly message: string
}> {}

const decodeWire = Schema.decodeUnknownResult(TariffWire, { onExcessProperty: "error" })
const issuesOf = SchemaIssue.makeFormatterStandardSchemaV1()

const pointer = (path: ReadonlyArray<unknown>): string =>
  path.map((key) => `/${String(typeof key === "object" && key !== null && "key" in key ? key.key : key)}`).join("")

/** See {@link Tariff.decode}. */
export const decode = (json: unknown): Result.Result<Tariff, TariffInvalid> => {
  const wire = decodeWire(json)
  if (Result.isFailure(wire)) {
    const issue = issuesOf(wire.failure.issue).issues[0]
    return Result.fail(
      new TariffInvalid({ path: pointer(issue?.path ?? []), message: issue?.message ?? wire.failure.message })
    )
  }
  const faults: Faults = []
  const tariff = tariffOf(wire.success, faults)
  faults.push(...danglingExtras(tariff))
  const first = faults[0]
  return first === undefined ? Result.succeed(tariff) : Result.fail(new TariffInvalid(first))
}

/** See {@link Tariff.parse}. */
export const parse = (json: unknown): Result.Result<Tariff, TariffInvalid> => {
  const decoded = decode(json)
  if (Result.isFailure(decoded)) return decoded
  const fault = nonsense(decoded.success)
  return fault === undefined ? decoded : Result.fail(new TariffInvalid(fault))
}

const tariffOf = (wire: TariffWire, faults: Faults): Tariff => ({
  id: wire.id,
  version: wire.version ?? 1,
  countryCode: wire.country_code ?? null,
  partyId: wire.party_id ?? null,
  currency: currencyOf(wire.currency, faults),
  type: wire.type ?? null,
  altText: wire.tariff_alt_text ?? [],
  altUrl: wire.tariff_alt_url ?? null,
  minPrice: limitOf(wire.min_price, "/min_price", faults),
  maxPrice: limitOf(wire.max_price, "/max_price", faults),
  preauthorizeMicros: price(wire.preauthorize_amount, "/preauthorize_amount", faults),
  elements: wire.elements.map((element, index) => elementOf(element, `/elements/${index}`, faults)),
  taxIncluded: wire.tax_included ?? "NO",
  startAtMs: instantOf(wire.start_date_time, "/start_date_time", faults),
  endAtMs: instantOf(wire.end_date_time, "/end_date_time", faults),
  energyMix: wire.energy_mix ?? null,
  lastUpdatedAtMs: instantOf(wire.last_updated, "/last_updated", faults),
  extras: extrasOf(wire.wattproof, "/wattproof", faults)
})

const currencyOf = (currency: string, faults: Faults): string => {
  if (exponentOf(currency) === undefined) faults.push({ path: "/currency", message: "is no ISO 4217 currency code" })
  return currency
}

const elementOf = (wire: TariffElementWire, path: string, faults: Faults): TariffElement => ({
  priceComponents: wire.price_components.map((component, index) =>
    componentOf(component, `${path}/price_components/${index}`, faults)
  ),
  restrictions: restrictionsOf(wire.restrictions, `${path}/restrictions`, faults),
  extras: elementExtrasOf(wire.wattproof, `${path}/wattproof`, faults)
})

const componentOf = (wire: PriceComponentWire, path: string, faults: Faults): PriceComponent => ({
  type: wire.type,
  priceMicros: price(wire.price, `${path}/price`, faults) ?? 0,
  vatPpm: vatOf(wire.vat, `${path}/vat`, faults),
  stepSize: wire.step_size ?? 0
})

/** A net price is the gross one over 1 + VAT: -100 % and less leave nothing to divide by. */
const vatOf = (value: number | string | null | undefined, path: string, faults: Faults): number | null => {
  const vatPpm = quantity(value, 4, path, faults)
  if (vatPpm !== null && vatPpm <= -1_000_000) faults.push({ path, message: "must be above -100" })
  return vatPpm
}

const limitOf = (wire: PriceLimitWire | null | undefined, path: string, faults: Faults): PriceLimit | null =>
  wire === null || wire === undefined
    ? null
    : {
        beforeTaxesMicros: price(wire.before_taxes, `${path}/before_taxes`, faults) ?? 0,
        afterTaxesMicros: price(wire.after_taxes, `${path}/after_taxes`, faults)
      }

const restrictionsOf = (
  wire: TariffRestrictionsWire | null | undefined,
  path: string,
  faults: Faults
): TariffRestrictions | null => {
  if (wire === null || wire === undefined) return null
  const days = wire.day_of_week ?? []
  const restrictions: TariffRestrictions = {
    startMinute: minuteOf(wire.start_time),
    endMinute: minuteOf(wire.end_time),
    startDate: dateOf(wire.start_date, `${path}/start_date`, faults),
    endDate: dateOf(wire.end_date, `${path}/end_date`, faults),
    minEnergyMilliWh: quantity(wire.min_kwh, 6, `${path}/min_kwh`, faults),
    maxEnergyMilliWh: quantity(wire.max_kwh, 6, `${path}/max_kwh`, faults),
    minCurrentMa: quantity(wire.min_current, 3, `${path}/min_current`, faults),
    maxCurrentMa: quantity(wire.max_current, 3, `${path}/max_current`, faults),
    minPowerMilliW: quantity(wire.min_power, 6, `${path}/min_power`, faults),
    maxPowerMilliW: quantity(wire.max_power, 6, `${path}/max_power`, faults),
    minDurationMs: quantity(wire.min_duration, 3, `${path}/min_duration`, faults),
    maxDurationMs: quantity(wire.max_duration, 3, `${path}/max_duration`, faults),
    daysOfWeek: days.length === 0 ? null : days,
    reservation: wire.reservation ?? null
  }
  return Object.values(restrictions).every((value) => value === null) ? null : restrictions
}

const nonsense = (tariff: Tariff): { readonly path: string; readonly message: string } | undefined => {
  if (tariff.startAtMs !== null && tariff.endAtMs !== null && tariff.startAtMs >= tariff.endAtMs)
    return { path: "/end_date_time", message: "must be after start_date_time" }
  const { minPrice, maxPrice } = tariff
  for (const [path, limit] of [["/min_price", minPrice] as const, ["/max_price", maxPrice] as const]) {
    if (limit === null) continue
    if (limit.beforeTaxesMicros < 0) return { path: `${path}/before_taxes`, message: "must not be negative" }
    if (limit.afterTaxesMicros !== null && limit.afterTaxesMicros < 0)
      return { path: `${path}/after_taxes`, message: "must not be negative" }
  }
  if (minPrice !== null && maxPrice !== null) {
    if (minPrice.beforeTaxesMicros > maxPrice.beforeTaxesMicros)
      return { path: "/max_price/before_taxes", message: "must not be below min_price" }
    if ((minPrice.afterTaxesMicros ?? 0) > (maxPrice.afterTaxesMicros ?? Number.POSITIVE_INFINITY))
      return { path: "/max_price/after_taxes", message: "must not be below min_price" }
  }
  for (let index = 0; index < tariff.elements.length; index++) {
    const fault = nonsensicalElement(tariff.elements[index]!, `/elements/${index}`)
    if (fault !== undefined) return fault
  }
  return nonsenseOfExtras(tariff)
}

const nonsensicalElement = (
  element: TariffElement,
  path: string
): { readonly path: string; readonly message: string } | undefined => {
  for (let index = 0; index < element.priceComponents.length; index++) {
    const component = element.priceComponents[index]!
    const at = `${path}/price_components/${index}`
    if (component.priceMicros < 0) return { path: `${at}/price`, message: "must not be negative" }
    if (component.vatPpm !== null && (component.vatPpm < 0 || component.vatPpm > 1_000_000))
      return { path: `${at}/vat`, message: "must be a percentage from 0 to 100" }
  }
  for (const [key, value] of Object.entries(element.restrictions ?? {})) {
    if (typeof value === "number" && value < 0)
      return { path: `${path}/restrictions/${wireNames[key]}`, message: "must not be negative" }
  }
  return undefined
}

const wireNames: Readonly<Record<string, string>> = {
  minEnergyMilliWh: "min_kwh",
  maxEnergyMilliWh: "max_kwh",
  minCurrentMa: "min_current",
  maxCurrentMa: "max_current",
  minPowerMilliW: "min_power",
  maxPowerMilliW: "max_power",
  minDurationMs: "min_duration",
  maxDurationMs: "max_duration"
}

/** See {@link Tariff.encode}. */
export const encode = (tariff: Tariff): TariffWire => ({
  ...(tariff.countryCode !== null && { country_code: tariff.countryCode }),
  ...(tariff.partyId !== null && { party_id: tariff.partyId }),
  id: tariff.id,
  version: tariff.version,
  currency: tariff.currency,
  ...(tariff.type !== null && { type: tariff.type }),
  ...(tariff.altText.length > 0 && { tariff_alt_text: tariff.altText }),
  ...(tariff.altUrl !== null && { tariff_alt_url: tariff.altUrl }),
  ...(tariff.minPrice !== null && { min_price: encodeLimit(tariff.minPrice) }),
  ...(tariff.maxPrice !== null && { max_price: encodeLimit(tariff.maxPrice) }),
  ...(tariff.preauthorizeMicros !== null && { preauthorize_amount: decimal(tariff.preauthorizeMicros, 6) }),
  elements: tariff.elements.map(encodeElement),
  tax_included: tariff.taxIncluded,
  ...(tariff.startAtMs !== null && { start_date_time: Instant.format(tariff.startAtMs) }),
  ...(tariff.endAtMs !== null && { end_date_time: Instant.format(tariff.endAtMs) }),
  ...(tariff.energyMix !== null && { energy_mix: tariff.energyMix }),
  ...(tariff.lastUpdatedAtMs !== null && { last_updated: Instant.format(tariff.lastUpdatedAtMs) }),
  ...(tariff.extras !== null && { wattproof: encodeExtras(tariff.extras) })
})

const encodeLimit = (limit: PriceLimit): PriceLimitWire => ({
  before_taxes: decimal(limit.beforeTaxesMicros, 6),
  ...(limit.afterTaxesMicros !== null && { after_taxes: decimal(limit.afterTaxesMicros, 6) })
})

const encodeElement = (element: TariffElement): TariffElementWire => ({
  price_components: element.priceComponents.map((component) => ({
    type: component.type,
    price: decimal(component.priceMicros, 6),
    ...(component.vatPpm !== null && { vat: decimal(component.vatPpm, 4) }),
    step_size: component.stepSize
  })),
  ...(element.restrictions !== null && { restrictions: encodeRestrictions(element.restrictions) }),
  ...(element.extras !== null && { wattproof: encodeElementExtras(element.extras) })
})

const encodeRestrictions = (it: TariffRestrictions): TariffRestrictionsWire => ({
  ...(it.startMinute !== null && { start_time: time(it.startMinute) }),
  ...(it.endMinute !== null && { end_time: time(it.endMinute) }),
  ...(it.startDate !== null && { start_date: it.startDate }),
  ...(it.endDate !== null && { end_date: it.endDate }),
  ...(it.minEnergyMilliWh !== null && { min_kwh: decimal(it.minEnergyMilliWh, 6) }),
  ...(it.maxEnergyMilliWh !== null && { max_kwh: decimal(it.maxEnergyMilliWh, 6) }),
  ...(it.minCurrentMa !== null && { min_current: decimal(it.minCurrentMa, 3) }),
  ...(it.maxCurrentMa !== null && { max_current: decimal(it.maxCurrentMa, 3) }),
  ...(it.minPowerMilliW !== null && { min_power: decimal(it.minPowerMilliW, 6) }),
  ...(it.maxPowerMilliW !== null && { max_power: decimal(it.maxPowerMilliW, 6) }),
  ...(it.minDurationMs !== null && { min_duration: decimal(it.minDurationMs, 3) }),
  ...(it.maxDurationMs !== null && { max_duration: decimal(it.maxDurationMs, 3) }),
  ...(it.daysOfWeek !== null && { day_of_week: it.daysOfWeek }),
  ...(it.reservation !== null && { reservation: it.reservation })
})
