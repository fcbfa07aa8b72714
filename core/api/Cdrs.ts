import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { adjustmentReasons } from "../tariff/Rating.ts"
import { Access, Checked } from "./Access.ts"
import { AmountMinor, Currency, EnergyWh, EvseId, Id, Instant, pageOf, paging } from "./Fields.ts"
import { UnknownResource } from "./Problems.ts"

const Decimal = (description: string) => Schema.String.annotate({ description, examples: ["0.49"] })
const Vat = Schema.NullOr(Schema.String).annotate({ description: "Per cent; null: the tariff names none." })
const DurationMs = Schema.Int.annotate({ description: "Milliseconds." })

export const CdrLine = Schema.Struct({
  scope: Schema.Literals(["session", "reservation"]),
  dimension: Schema.Literals(["ENERGY", "TIME", "PARKING_TIME", "RESERVATION_TIME", "FLAT", "ADJUSTMENT"]),
  period: Schema.Int.annotate({ description: "Into chargingPeriods; -1: none." }),
  element: Schema.Int.annotate({ description: "Into the tariff's elements; -1: an amount alone." }),
  component: Schema.Int.annotate({
    description: "Into that element's price_components; of a CAP or DISCOUNT into the tariff's; -1: of none."
  }),
  volume: Schema.Int.annotate({
    description: "Billed: mWh of ENERGY, ms of the times, 1 of FLAT, 0 of an amount alone; step_size included."
  }),
  stepSurplus: Schema.Int.annotate({ description: "The part of the volume that only step_size added." }),
  unitPrice: Decimal("Per kWh, hour or session."),
  vatPercent: Vat,
  net: Decimal("Exact, in currency units, to six places."),
  tax: Decimal("Exact, in currency units, to six places."),
  netMinor: AmountMinor,
  taxMinor: AmountMinor,
  adjustment: Schema.NullOr(Schema.Literals(adjustmentReasons)).annotate({
    description: "Why it is not a quantity times the tariff's price: free time, or an amount alone."
  }),
  explanation: Schema.String.annotate({ description: "The line as a sentence." })
}).annotate({ identifier: "CdrLine" })

export const ChargingPeriod = Schema.Struct({
  startAt: Instant,
  endAt: Instant,
  energyMilliWh: Schema.Int,
  chargingMs: DurationMs,
  parkingMs: DurationMs,
  reservedMs: DurationMs,
  minPowerW: Schema.NullOr(Schema.Finite),
  maxPowerW: Schema.NullOr(Schema.Finite),
  minCurrentMa: Schema.NullOr(Schema.Finite),
  maxCurrentMa: Schema.NullOr(Schema.Finite)
}).annotate({ identifier: "ChargingPeriod" })

export const CdrTax = Schema.Struct({ vatPercent: Vat, netMinor: AmountMinor, taxMinor: AmountMinor }).annotate({
  identifier: "CdrTax"
})

export const Cdr = Schema.Struct({
  id: Id,
  transactionId: Id,
  stationId: Schema.String,
  evseId: EvseId,
  connectorId: EvseId,
  token: Schema.NullOr(Schema.Struct({ uid: Schema.String, type: Schema.String })),
  driverId: Schema.NullOr(Schema.String),
  startAt: Instant,
  endAt: Instant,
  timeZone: Schema.String,
  currency: Currency,
  tariff: Schema.Struct({ id: Schema.String, version: Schema.Int }),
  taxCountry: Schema.NullOr(Schema.String),
  policy: Schema.String.annotate({ description: "How it was rounded and stepped." }),
  reservationExpired: Schema.Boolean,
  groups: Schema.optionalKey(Schema.Array(Schema.String)).annotate({
    description: "The driver's groups at the start that the tariff has discounts for; absent: none."
  }),
  chargingPeriods: Schema.Array(ChargingPeriod),
  energyWh: EnergyWh,
  durationMs: DurationMs,
  parkingMs: DurationMs,
  lines: Schema.Array(CdrLine),
  taxes: Schema.Array(CdrTax),
  limitApplied: Schema.NullOr(Schema.Literals(["min_price", "max_price"])),
  notes: Schema.Array(Schema.String),
  netMinor: AmountMinor,
  taxMinor: AmountMinor,
  grossMinor: AmountMinor,
  findings: Schema.Array(Schema.String),
  included: Schema.optionalKey(
    Schema.Struct({ subscriptionId: Id, energyMilliWh: Schema.Int, chargingMs: DurationMs })
  ).annotate({ description: "What a subscription takes off, in lines of its own; absent where none does." }),
  credit: Schema.Boolean.annotate({ description: "It takes another CDR back; its totals are negative." }),
  creditReferenceId: Schema.NullOr(Schema.String),
  issuedAt: Instant
}).annotate({
  identifier: "Cdr",
  description: "Charge detail record: never edited. A correction is a credit CDR and a new one."
})

export type Cdr = typeof Cdr.Type

export class CdrsGroup extends HttpApiGroup.make("cdrs")
  .add(
    HttpApiEndpoint.get("list", "/cdrs", {
      query: {
        ...paging,
        stationId: Schema.optionalKey(Id),
        driverId: Schema.optionalKey(Id),
        transactionId: Schema.optionalKey(Id),
        issuedFrom: Schema.optionalKey(Instant),
        issuedBefore: Schema.optionalKey(Instant)
      },
      success: pageOf(Cdr)
    }).annotateMerge(OpenApi.annotations({ summary: "List CDRs", description: "Newest first." })),
    HttpApiEndpoint.get("get", "/cdrs/:cdrId", {
      params: { cdrId: Id },
      success: Cdr,
      error: UnknownResource
    }).annotateMerge(OpenApi.annotations({ summary: "A CDR" }))
  )
  .middleware(Checked)
  .middleware(Access)
  .prefix("/api/v1")
  .annotateMerge(OpenApi.annotations({ title: "CDRs", description: "What was charged and what it costs." })) {}
