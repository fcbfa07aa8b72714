import { Schema } from "effect"
import { ElementExtrasWire, TariffExtrasWire } from "./extras/ExtrasWire.ts"
import { DayOfWeek, maybe, TariffDimension, text, WireDate, WireNumber, WireTime } from "./wireParts.ts"

/**
 * A tariff as JSON: the OCPI 2.3.0 Tariff object (mod_tariffs), snake_case and free of transformations, plus our own
 * `version`. `Tariff.parse` turns it into the domain type. What OCPI makes mandatory but a price does not need
 * (country_code, party_id, last_updated) may be missing, and a missing `tax_included` means NO, so that tariffs of
 * OCPI 2.1.1 and 2.2.1 are read too. Keys that are not listed are refused by `Tariff.parse`: a restriction that nobody
 * understands would otherwise silently price too much. What OCPI lacks stands in objects named `wattproof`.
 */

export { DayOfWeek, TariffDimension, WireNumber } from "./wireParts.ts"

export const TariffType = Schema.Literals([
  "AD_HOC_PAYMENT",
  "PROFILE_CHEAP",
  "PROFILE_FAST",
  "PROFILE_GREEN",
  "REGULAR"
])

export const TaxIncluded = Schema.Literals(["YES", "NO", "N/A"])

export const ReservationRestriction = Schema.Literals(["RESERVATION", "RESERVATION_EXPIRES"])

export const PriceComponentWire = Schema.Struct({
  type: TariffDimension,
  price: WireNumber,
  vat: maybe(WireNumber),
  step_size: maybe(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1_000_000_000 })))
})

export const TariffRestrictionsWire = Schema.Struct({
  start_time: maybe(WireTime),
  end_time: maybe(WireTime),
  start_date: maybe(WireDate),
  end_date: maybe(WireDate),
  min_kwh: maybe(WireNumber),
  max_kwh: maybe(WireNumber),
  min_current: maybe(WireNumber),
  max_current: maybe(WireNumber),
  min_power: maybe(WireNumber),
  max_power: maybe(WireNumber),
  min_duration: maybe(WireNumber),
  max_duration: maybe(WireNumber),
  day_of_week: maybe(Schema.Array(DayOfWeek)),
  reservation: maybe(ReservationRestriction)
})

export const TariffElementWire = Schema.Struct({
  price_components: Schema.Array(PriceComponentWire).check(Schema.isBetweenLength(1, 16)),
  restrictions: maybe(TariffRestrictionsWire),
  wattproof: maybe(ElementExtrasWire)
})

export const PriceLimitWire = Schema.Struct({ before_taxes: WireNumber, after_taxes: maybe(WireNumber) })

export const DisplayText = Schema.Struct({ language: text(2), text: text(512) })

const EnergyShare = Schema.Struct({ source: text(64), percentage: Schema.Finite })
const EnvironmentalImpact = Schema.Struct({ category: text(64), amount: Schema.Finite })

/** What the energy is made of: for display only, without effect on the price. */
export const EnergyMix = Schema.Struct({
  is_green_energy: Schema.Boolean,
  energy_sources: maybe(Schema.Array(EnergyShare)),
  environ_impact: maybe(Schema.Array(EnvironmentalImpact)),
  supplier_name: maybe(text(64)),
  energy_product_name: maybe(text(64))
})

export const TariffWire = Schema.Struct({
  country_code: maybe(text(2)),
  party_id: maybe(text(3)),
  id: text(36),
  version: maybe(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000_000_000 }))),
  currency: text(3),
  type: maybe(TariffType),
  tariff_alt_text: maybe(Schema.Array(DisplayText)),
  tariff_alt_url: maybe(text(255)),
  min_price: maybe(PriceLimitWire),
  max_price: maybe(PriceLimitWire),
  preauthorize_amount: maybe(WireNumber),
  elements: Schema.Array(TariffElementWire).check(Schema.isBetweenLength(1, 500)),
  tax_included: maybe(TaxIncluded),
  start_date_time: maybe(text(40)),
  end_date_time: maybe(text(40)),
  energy_mix: maybe(EnergyMix),
  last_updated: maybe(text(40)),
  wattproof: maybe(TariffExtrasWire)
})

export type TariffWire = typeof TariffWire.Type
export type TariffElementWire = typeof TariffElementWire.Type
export type TariffRestrictionsWire = typeof TariffRestrictionsWire.Type
export type PriceComponentWire = typeof PriceComponentWire.Type
export type PriceLimitWire = typeof PriceLimitWire.Type
export type TariffType = typeof TariffType.Type
export type TaxIncluded = typeof TaxIncluded.Type
export type ReservationRestriction = typeof ReservationRestriction.Type
export type DisplayText = typeof DisplayText.Type
export type EnergyMix = typeof EnergyMix.Type
