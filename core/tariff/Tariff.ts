import type { Result } from "effect"
import type { ElementExtras, TariffExtras } from "./extras/Extras.ts"
import type {
  DayOfWeek,
  DisplayText,
  EnergyMix,
  ReservationRestriction,
  TariffDimension,
  TariffType,
  TariffWire,
  TaxIncluded
} from "./TariffWire.ts"
import { decode, encode, parse, type TariffInvalid } from "./tariffCodec.ts"

export { TariffInvalid } from "./tariffCodec.ts"
export type { DayOfWeek, DisplayText, EnergyMix, ReservationRestriction, TariffDimension, TariffType, TaxIncluded }

/**
 * One price of one dimension (OCPI PriceComponent): per kWh for ENERGY, per hour for TIME and PARKING_TIME, once for
 * FLAT. Whether the tax is inside says the tariff's `taxIncluded`.
 */
export interface PriceComponent {
  readonly type: TariffDimension
  /** Millionths of a currency unit. */
  readonly priceMicros: number
  /** VAT in millionths: 20 % is 200000. Null when the tariff names none. */
  readonly vatPpm: number | null
  /** Billed in whole steps of this many Wh (ENERGY) or seconds (TIME, PARKING_TIME); 0 and FLAT: not at all. */
  readonly stepSize: number
}

/**
 * When an element's prices hold: every one that is not null must (OCPI TariffRestrictions). Minima are inclusive and
 * maxima exclusive. Wall-clock values are local to the site, the rest counts from the session's start.
 */
export interface TariffRestrictions {
  /** Minute of the local day, 0 to 1439. */
  readonly startMinute: number | null
  /** Minute of the local day; 0 is the end of the day. */
  readonly endMinute: number | null
  /** `YYYY-MM-DD`, the first local day. */
  readonly startDate: string | null
  /** `YYYY-MM-DD`, the first local day on which it holds no more. */
  readonly endDate: string | null
  readonly minEnergyMilliWh: number | null
  readonly maxEnergyMilliWh: number | null
  /** Summed over the phases. */
  readonly minCurrentMa: number | null
  readonly maxCurrentMa: number | null
  readonly minPowerMilliW: number | null
  readonly maxPowerMilliW: number | null
  readonly minDurationMs: number | null
  readonly maxDurationMs: number | null
  readonly daysOfWeek: ReadonlyArray<DayOfWeek> | null
  readonly reservation: ReservationRestriction | null
}

/** Prices that share restrictions; null restrictions hold always. */
export interface TariffElement {
  readonly priceComponents: ReadonlyArray<PriceComponent>
  readonly restrictions: TariffRestrictions | null
  /** Holidays, grace periods and dynamic prices: what OCPI lacks. */
  readonly extras: ElementExtras | null
}

/** A bound of the session's total, before and after taxes, each on its own. Millionths of a currency unit. */
export interface PriceLimit {
  readonly beforeTaxesMicros: number
  readonly afterTaxesMicros: number | null
}

/** What charging costs: OCPI's Tariff (2.3.0) with a version. A version is never edited; a change is a further one. */
export interface Tariff {
  readonly id: string
  /** Counts up from 1. */
  readonly version: number
  readonly countryCode: string | null
  readonly partyId: string | null
  /** ISO 4217. */
  readonly currency: string
  /** Null: for every kind of session. */
  readonly type: TariffType | null
  readonly altText: ReadonlyArray<DisplayText>
  readonly altUrl: string | null
  readonly minPrice: PriceLimit | null
  readonly maxPrice: PriceLimit | null
  /** What to hold on a card before the start; millionths of a currency unit. */
  readonly preauthorizeMicros: number | null
  readonly elements: ReadonlyArray<TariffElement>
  readonly taxIncluded: TaxIncluded
  /** Valid for sessions that start at this instant or later; null: since ever. */
  readonly startAtMs: number | null
  /** Valid for sessions that start before this instant; null: for ever. */
  readonly endAtMs: number | null
  readonly energyMix: EnergyMix | null
  readonly lastUpdatedAtMs: number | null
  /** Quiet hours, calendars, caps, price series and discounts: what OCPI lacks. */
  readonly extras: TariffExtras | null
}

/** Reading and writing tariffs. */
export const Tariff: {
  /** JSON to a tariff that may be published: its shape, lossless figures and sense are checked. */
  readonly parse: (json: unknown) => Result.Result<Tariff, TariffInvalid>
  /** JSON to a tariff by shape and lossless figures only: what others wrote on a CDR, to be rated as it is. */
  readonly decode: (json: unknown) => Result.Result<Tariff, TariffInvalid>
  /** The tariff as OCPI 2.3.0 JSON with `version` and, where it has extras, `wattproof`; `parse` gives the same tariff again. */
  readonly encode: (tariff: Tariff) => TariffWire
} = { parse, decode, encode }
