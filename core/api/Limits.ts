import { Schema } from "effect"
import { EnergyWh } from "./Fields.ts"

/** What a charge is to stop at. */

const most = (maximum: number) => Schema.Int.check(Schema.isBetween({ minimum: 1, maximum }))

const energy = { description: "Whole watt hours since the charge began." }
const minutes = { description: "Since the charge began, pauses included." }
const maxWh = 10_000_000
const maxMinutes = 43_200
const Amount = Schema.String.annotate({
  description: "Gross, whole minor units of the tariff's currency (cents for EUR) as decimal text, more than 0.",
  examples: ["1500"]
}).check(Schema.isPattern(/^[1-9]\d{0,11}$/u, { expected: "whole minor units as decimal text, more than 0" }))

const numeral = (maximum: number) =>
  Schema.FiniteFromString.check(Schema.isInt(), Schema.isBetween({ minimum: 1, maximum }))

/** The same where a request has no body. */
export const limitQuery = {
  energyWh: Schema.optionalKey(numeral(maxWh).annotate(energy)),
  minutes: Schema.optionalKey(numeral(maxMinutes).annotate(minutes)),
  amountMinor: Schema.optionalKey(Amount)
}

/** Of what is given, whatever comes first. */
export const ChargeLimit = Schema.Struct({
  energyWh: Schema.optionalKey(most(maxWh).annotate({ ...energy, examples: [20_000] })),
  minutes: Schema.optionalKey(most(maxMinutes).annotate(minutes)),
  amountMinor: Schema.optionalKey(Amount)
})
  .check(
    Schema.makeFilter((limit: object) => Object.keys(limit).length > 0, {
      expected: "at least one of energyWh, minutes and amountMinor"
    })
  )
  .annotate({
    identifier: "ChargeLimit",
    description:
      "The charge is stopped when the first of them is reached. The station is asked a little ahead, by what the charge " +
      "will have come to when it has stopped; a station of OCPP 2.1 is told, and stops by itself where it says that it will."
  })

/** As it stands. */
export const StandingLimit = Schema.Struct({
  energyWh: Schema.NullOr(EnergyWh),
  minutes: Schema.NullOr(Schema.Finite),
  amountMinor: Schema.NullOr(Schema.String),
  keptByStation: Schema.Boolean.annotate({ description: "The station said that it stops there by itself (OCPP 2.1)." })
}).annotate({ identifier: "StandingLimit" })
