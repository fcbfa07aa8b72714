import { Schema } from "effect"
import { DayOfWeek, maybe, TariffDimension, text, WireDate, WireNumber, WireTime } from "../wireParts.ts"

/**
 * What OCPI's Tariff lacks, as JSON: one object `wattproof` at the tariff and one at an element, in OCPI's manner of
 * naming. A version holds all of it itself, so that freezing id and version freezes it too.
 */

/** The most that a version holds: a month of quarter hours, twenty years of holidays. */
export const maxSeriesPrices = 3_000
const maxHolidays = 400

export const QuietHoursWire = Schema.Struct({
  start_time: WireTime,
  end_time: WireTime,
  day_of_week: maybe(Schema.Array(DayOfWeek))
}).annotate({
  description: "A window of local time in which PARKING_TIME is neither charged nor counted; it may pass midnight."
})

export const HolidaysWire = Schema.Struct({
  name: text(64),
  dates: Schema.Array(WireDate).check(Schema.isBetweenLength(1, maxHolidays))
}).annotate({ description: "A calendar: the local days that elements name as holidays." })

export const CapWire = Schema.Struct({
  type: Schema.Literals(["ENERGY", "TIME", "PARKING_TIME"]),
  amount: WireNumber
}).annotate({ description: "The most that a session pays for a dimension, in the tariff's own prices." })

export const SeriesPriceWire = Schema.Struct({
  start_date_time: text(40),
  price: WireNumber
})

export const EnergyPricesWire = Schema.Struct({
  surcharge: maybe(WireNumber),
  prices: Schema.Array(SeriesPriceWire).check(Schema.isBetweenLength(1, maxSeriesPrices)),
  end_date_time: text(40)
}).annotate({
  description:
    "Prices per kWh by the clock, each until the next one starts, the last until end_date_time; the surcharge is added. " +
    "ENERGY of elements with energy_prices costs that; outside of the series it costs the component's own price."
})

export const DiscountWire = Schema.Struct({
  name: text(64),
  type: maybe(TariffDimension),
  percent: maybe(WireNumber),
  amount: maybe(WireNumber),
  groups: maybe(Schema.Array(text(64)).check(Schema.isBetweenLength(1, 100)))
}).annotate({
  description:
    "Taken from what a session costs, or from one dimension of it: a percentage or an amount in the tariff's own " +
    "prices, for all drivers or for those of the groups named. In the order listed, each from what is left."
})

export const TariffExtrasWire = Schema.Struct({
  quiet_hours: maybe(Schema.Array(QuietHoursWire).check(Schema.isMaxLength(20))),
  holidays: maybe(HolidaysWire),
  caps: maybe(Schema.Array(CapWire).check(Schema.isMaxLength(3))),
  energy_prices: maybe(EnergyPricesWire),
  discounts: maybe(Schema.Array(DiscountWire).check(Schema.isMaxLength(20)))
})

export const GraceWire = Schema.Struct({
  seconds: WireNumber,
  per: Schema.Literals(["STRETCH", "SESSION"])
}).annotate({
  description:
    "So long is PARKING_TIME free: at the begin of each stretch in which the vehicle requests no power, or once in all."
})

export const ElementExtrasWire = Schema.Struct({
  holidays: maybe(Schema.Literals(["ONLY", "EXCEPT"])),
  grace: maybe(GraceWire),
  energy_prices: maybe(Schema.Boolean)
})

export type TariffExtrasWire = typeof TariffExtrasWire.Type
export type ElementExtrasWire = typeof ElementExtrasWire.Type
export type EnergyPricesWire = typeof EnergyPricesWire.Type
export type DiscountWire = typeof DiscountWire.Type
export type QuietHoursWire = typeof QuietHoursWire.Type
export type CapWire = typeof CapWire.Type
