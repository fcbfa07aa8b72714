import { Schema } from "effect"
import { adjustmentReasons } from "../tariff/Rating.ts"

/** Amounts of the lab are decimal text in the currency, energy whole Wh, times seconds. */
const Amount = Schema.String.annotate({ examples: ["12.38"] })
const Percent = Schema.NullOr(Schema.Finite)

const Quantiles = Schema.Struct({
  p5: Schema.NullOr(Amount),
  p25: Schema.NullOr(Amount),
  p50: Schema.NullOr(Amount),
  p75: Schema.NullOr(Amount),
  p95: Schema.NullOr(Amount),
  p100: Schema.NullOr(Amount)
}).annotate({ identifier: "LabQuantiles" })

const Finding = Schema.Struct({
  severity: Schema.String,
  code: Schema.String,
  path: Schema.String,
  message: Schema.String
})

const Element = Schema.Struct({
  version: Schema.Int,
  element: Schema.Int.annotate({ description: "From 0; -1 is an adjustment." }),
  component: Schema.Int,
  dimension: Schema.String,
  adjustment: Schema.NullOr(Schema.Literals(adjustmentReasons)).annotate({
    description: "Why it is not a quantity times the tariff's price; null: it is."
  }),
  unitPriceMicros: Schema.NullOr(Schema.Finite).annotate({ description: "Null: it follows a price series." }),
  lines: Schema.Int,
  volume: Schema.Finite.annotate({ description: "mWh, ms or times, steps included." }),
  net: Amount,
  gross: Amount
})

const Side = Schema.Struct({
  name: Schema.String,
  net: Amount,
  gross: Amount,
  elements: Schema.Array(Element),
  perSession: Quantiles,
  perKwh: Quantiles,
  findings: Schema.Array(Finding)
}).annotate({ identifier: "LabSide" })

const Payers = Schema.Struct({
  more: Schema.Int,
  less: Schema.Int,
  same: Schema.Int,
  paidMore: Amount,
  paidLess: Amount,
  each: Schema.Array(
    Schema.Struct({ name: Schema.String, sessions: Schema.Int, tariff: Amount, against: Amount, difference: Amount })
  ).annotate({ description: "Those whose bill rises most first." }),
  leftOut: Schema.Int.annotate({ description: "How many from the middle of the list are not in it." })
}).annotate({ identifier: "LabPayers" })

const Change = Schema.Struct({
  transactionId: Schema.String,
  stationId: Schema.String,
  driver: Schema.String,
  startedAtMs: Schema.Finite,
  durationSeconds: Schema.Finite,
  idleSeconds: Schema.Finite,
  energyWh: Schema.Finite,
  tariff: Amount,
  against: Amount
}).annotate({ identifier: "LabChange" })

const Estimate = Schema.Struct({ mean: Amount, plusMinus: Schema.NullOr(Amount) })

/** What a comparison of two tariffs came to: the same object that `wattproof lab --json` prints. */
export const LabOutcome = Schema.Struct({
  traffic: Schema.String,
  currency: Schema.String,
  sessions: Schema.Int,
  unpricedSessions: Schema.Int,
  energyWh: Schema.Finite,
  occupiedSeconds: Schema.Finite,
  idleSeconds: Schema.Finite,
  tariff: Side,
  against: Side,
  difference: Schema.Struct({ net: Amount, gross: Amount, netPercent: Percent, perSession: Quantiles }),
  margin: Schema.NullOr(
    Schema.Struct({
      energyCost: Amount,
      source: Schema.NullOr(Schema.String),
      unpricedEnergyWh: Schema.Finite,
      tariff: Amount,
      against: Amount
    })
  ),
  confidence: Schema.NullOr(
    Schema.Struct({
      level: Schema.Finite,
      perRun: Schema.Struct({ tariff: Estimate, against: Estimate, difference: Estimate }),
      netPercent: Schema.NullOr(Schema.Struct({ mean: Schema.Finite, margin: Schema.NullOr(Schema.Finite) }))
    })
  ),
  runs: Schema.Array(
    Schema.Struct({
      seed: Schema.String,
      verdict: Schema.String,
      sessions: Schema.Int,
      tariffNet: Amount,
      againstNet: Amount,
      energyCost: Schema.NullOr(Amount)
    })
  ),
  whoPays: Schema.Struct({
    sessions: Schema.Struct({ more: Schema.Int, less: Schema.Int, same: Schema.Int }),
    jumpPercent: Schema.Finite,
    jumps: Schema.Int,
    drivers: Payers,
    stations: Payers,
    sites: Payers,
    largestRises: Schema.Array(Change),
    largestFalls: Schema.Array(Change)
  }),
  byHour: Schema.Struct({
    days: Schema.Finite,
    occupiedSeconds: Schema.Array(Schema.Finite),
    idleSeconds: Schema.Array(Schema.Finite),
    energyWh: Schema.Array(Schema.Finite)
  }),
  reactions: Schema.Struct({
    assumptions: Schema.Array(Schema.String),
    elasticities: Schema.Array(
      Schema.Struct({
        elasticity: Schema.Finite,
        sessions: Schema.Finite,
        energyWh: Schema.Finite,
        idleSeconds: Schema.Finite,
        againstNet: Amount,
        margin: Schema.NullOr(Amount)
      })
    )
  }),
  repeat: Schema.String
}).annotate({ identifier: "LabOutcome", description: "The same sessions under two tariffs." })

export interface LabOutcome extends Schema.Schema.Type<typeof LabOutcome> {}
