import { Schema } from "effect"

/** What is included in every period at a price of zero; null: nothing of that kind. */
export const Included = Schema.Struct({
  energyWh: Schema.NullOr(Schema.Int),
  /** Charging time. */
  minutes: Schema.NullOr(Schema.Int)
})

/** What can be subscribed to. Written once: who has subscribed keeps what was agreed; a new price is a new plan. */
export const Plan = Schema.Struct({
  id: Schema.String,
  name: Schema.String,
  currency: Schema.String,
  /** The length of a period. */
  interval: Schema.Struct({ unit: Schema.Literals(["day", "month", "year"]), count: Schema.Int }),
  /** False: a pass, which ends with its first period. */
  renews: Schema.Boolean,
  /** Per period, tax included. */
  feeMinor: Schema.BigIntFromString,
  /** Null: the fee has no VAT. */
  vatPercent: Schema.NullOr(Schema.String),
  /** Where the VAT is due, ISO 3166-1 alpha-2. */
  taxCountry: Schema.NullOr(Schema.String),
  /** The group of drivers whose members subscribers are while it lasts. */
  groupId: Schema.NullOr(Schema.String),
  included: Schema.NullOr(Included),
  trialDays: Schema.Int,
  createdAtMs: Schema.Int
})

export type Included = typeof Included.Type
export type Plan = typeof Plan.Type

export const encodePlan = Schema.encodeSync(Plan)
export const decodePlan = Schema.decodeUnknownSync(Plan)
