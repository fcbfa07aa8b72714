import { Schema } from "effect"
import { WireNumber } from "../TariffWire.ts"

/**
 * A TariffType of OCPP 2.1 as JSON (part 2, block I): prices per kWh, per minute or once, conditions in Wh, W, A and
 * seconds, taxes in stacks. Keys that are not listed are refused: a condition that nobody understands would price too
 * much.
 */

const maybe = <S extends Schema.Constraint>(schema: S) => Schema.optionalKey(Schema.NullOr(schema))

export const TaxRateWire = Schema.Struct({
  type: Schema.String,
  tax: WireNumber,
  stack: maybe(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 100 })))
})

const fixedConditions = {
  startTimeOfDay: maybe(Schema.String),
  endTimeOfDay: maybe(Schema.String),
  dayOfWeek: maybe(
    Schema.Array(Schema.Literals(["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]))
  ),
  validFromDate: maybe(Schema.String),
  validToDate: maybe(Schema.String),
  evseKind: maybe(Schema.Literals(["AC", "DC"])),
  customData: maybe(Schema.Unknown)
}

const ConditionsWire = Schema.Struct({
  ...fixedConditions,
  minEnergy: maybe(WireNumber),
  maxEnergy: maybe(WireNumber),
  minCurrent: maybe(WireNumber),
  maxCurrent: maybe(WireNumber),
  minPower: maybe(WireNumber),
  maxPower: maybe(WireNumber),
  minTime: maybe(WireNumber),
  maxTime: maybe(WireNumber),
  minChargingTime: maybe(WireNumber),
  maxChargingTime: maybe(WireNumber),
  minIdleTime: maybe(WireNumber),
  maxIdleTime: maybe(WireNumber)
})

const FixedConditionsWire = Schema.Struct({
  ...fixedConditions,
  paymentBrand: maybe(Schema.String),
  paymentRecognition: maybe(Schema.String)
})

/** Conditions of a fixed fee and of the other prices; those that one of them lacks are undefined there. */
export type ConditionsWire = Partial<typeof ConditionsWire.Type & typeof FixedConditionsWire.Type>

const pricesOf = <S extends Schema.Constraint>(price: S) =>
  maybe(
    Schema.Struct({
      prices: Schema.Array(price).check(Schema.isBetweenLength(1, 100)),
      taxRates: maybe(Schema.Array(TaxRateWire).check(Schema.isMaxLength(20))),
      customData: maybe(Schema.Unknown)
    })
  )

const price = <K extends string>(key: K) =>
  Schema.Struct({
    [key]: WireNumber,
    conditions: maybe(key === "priceFixed" ? FixedConditionsWire : ConditionsWire),
    customData: maybe(Schema.Unknown)
  })

const PriceWire = Schema.Struct({
  exclTax: maybe(WireNumber),
  inclTax: maybe(WireNumber),
  taxRates: maybe(Schema.Array(TaxRateWire).check(Schema.isMaxLength(20)))
})

export const OcppTariffWire = Schema.Struct({
  tariffId: Schema.String.check(Schema.isBetweenLength(1, 60)),
  description: maybe(Schema.Unknown),
  currency: Schema.String,
  energy: pricesOf(price("priceKwh")),
  chargingTime: pricesOf(price("priceMinute")),
  idleTime: pricesOf(price("priceMinute")),
  fixedFee: pricesOf(price("priceFixed")),
  reservationTime: pricesOf(price("priceMinute")),
  reservationFixed: pricesOf(price("priceFixed")),
  validFrom: maybe(Schema.String),
  minCost: maybe(PriceWire),
  maxCost: maybe(PriceWire),
  customData: maybe(Schema.Unknown)
})

export type OcppTariffWire = typeof OcppTariffWire.Type
export type PriceWire = typeof PriceWire.Type
export type TaxRateWire = typeof TaxRateWire.Type
