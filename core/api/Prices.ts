import { Schema } from "effect"
import { reasonKinds } from "../tariff/explain.ts"
import { CdrLine, CdrTax, ChargingPeriod } from "./Cdrs.ts"
import { AmountMinor, Currency, EnergyWh, Instant } from "./Fields.ts"

/** One step of the reasoning behind a line. */
export const Reason = Schema.Struct({
  kind: Schema.Literals(reasonKinds),
  text: Schema.String
}).annotate({ identifier: "Reason", description: "One step of the reasoning behind a line." })

/** Per line, in their order. */
export const Reasons = Schema.Array(Schema.Array(Reason)).annotate({
  description: "Per line, in its order: what was used, which elements did not hold, price, tax, rounding."
})

/** What something costs that has no CDR: a charge under way, or one that is only thought of. */
export const PriceSheet = Schema.Struct({
  startAt: Instant,
  endAt: Instant,
  timeZone: Schema.String,
  currency: Currency,
  tariff: Schema.Struct({ id: Schema.String, version: Schema.Int }),
  policy: Schema.String.annotate({ description: "How it was rounded and stepped." }),
  chargingPeriods: Schema.Array(ChargingPeriod),
  energyWh: EnergyWh,
  durationMs: Schema.Int,
  parkingMs: Schema.Int,
  lines: Schema.Array(CdrLine),
  reasons: Reasons,
  taxes: Schema.Array(CdrTax),
  limitApplied: Schema.NullOr(Schema.Literals(["min_price", "max_price"])),
  notes: Schema.Array(Schema.String),
  netMinor: AmountMinor,
  taxMinor: AmountMinor,
  grossMinor: AmountMinor
}).annotate({ identifier: "PriceSheet", description: "A price with every line explained." })

export type PriceSheet = typeof PriceSheet.Type
