import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { TariffWire, WireNumber } from "../tariff/TariffWire.ts"
import { Access, Checked } from "./Access.ts"
import { Currency, Id, Instant, pageOf, paging, TariffId } from "./Fields.ts"
import { LabOutcome } from "./LabOutcome.ts"
import { Conflict, UnknownResource, Unprocessable } from "./Problems.ts"

export const maxVersions = 200
const maxElasticities = 12
const maxPrices = 10_000

const Offer = Schema.Union([
  Schema.Struct({ tariffId: TariffId }).annotate({
    description: "What was published under that id until now: each session has the version of its start."
  }),
  Schema.Struct({
    versions: Schema.Array(TariffWire).check(Schema.isBetweenLength(1, maxVersions))
  }).annotate({ description: "A tariff that nobody published, or versions of one that follow each other." })
]).annotate({ identifier: "LabOffer" })

const EnergyCost = Schema.Union([
  WireNumber,
  Schema.Array(WireNumber).check(Schema.isBetweenLength(24, 24)),
  Schema.Array(Schema.Struct({ start_date_time: Instant, price: WireNumber })).check(
    Schema.isBetweenLength(1, maxPrices)
  )
]).annotate({
  identifier: "LabEnergyCost",
  description:
    "What a kWh costs you, net: one price, 24 by the hour of the local day, or a rising series of instants, each of " +
    "which holds until the next."
})

/** More than that is a matter for the command line, where nobody waits for the machine. */
const whole = (maximum: number) => Schema.Int.check(Schema.isBetween({ minimum: 1, maximum }))
export const mostStationDays = 1_000

const Traffic = Schema.Struct({
  scenario: Id.annotate({ description: "A name of GET /lab-scenarios.", examples: ["morning-peak"] }),
  stations: Schema.optionalKey(whole(500)),
  days: Schema.optionalKey(whole(7)),
  seeds: Schema.optionalKey(whole(20)).annotate({
    description: "How often it is lived, by other chance: 1 unless told."
  })
}).annotate({
  identifier: "LabTraffic",
  description: `Stations, days and seeds multiply to at most ${mostStationDays}. With several seeds figures have intervals.`
})

export const NewLabRun = Schema.Struct({
  tariff: Offer,
  against: Offer,
  traffic: Schema.optionalKey(Traffic).annotate({ description: "A scenario instead of the past." }),
  from: Schema.optionalKey(Instant).annotate({ description: "Sessions that began then or later." }),
  until: Schema.optionalKey(Instant).annotate({ description: "Sessions that began before." }),
  energyCost: Schema.optionalKey(EnergyCost),
  elasticities: Schema.optionalKey(
    Schema.Array(Schema.Finite.check(Schema.isBetween({ minimum: -5, maximum: 0 }))).check(
      Schema.isBetweenLength(1, maxElasticities)
    )
  ).annotate({ description: "How strongly people are assumed to react: 0, -0.2 and -0.5 unless told." }),
  jumpPercent: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 10_000 }))).annotate({
    description: "From how many percent on a session's price is said to jump: 25 unless told."
  })
}).annotate({
  identifier: "NewLabRun",
  examples: [
    {
      tariff: { tariffId: "standard" },
      against: {
        versions: [
          { id: "idle-fee", currency: "EUR", elements: [{ price_components: [{ type: "PARKING_TIME", price: 6 }] }] }
        ]
      },
      from: "2026-01-01T00:00:00Z",
      energyCost: 0.11
    }
  ]
})

const head = {
  id: Id,
  tariff: Schema.String.annotate({ description: "Id of what was charged." }),
  against: Schema.String.annotate({ description: "Id of what might be charged." }),
  currency: Currency,
  from: Schema.NullOr(Instant),
  until: Schema.NullOr(Instant),
  traffic: Schema.NullOr(
    Schema.Struct({
      scenario: Id,
      stations: Schema.NullOr(Schema.Int),
      days: Schema.NullOr(Schema.Int),
      seeds: Schema.Int
    })
  ).annotate({ description: "Null: the past." }),
  percent: Schema.NullOr(Schema.Int).annotate({ description: "How far a scenario is; null of the past." }),
  status: Schema.Literals(["Waiting", "Running", "Done", "Failed", "Cancelled"]),
  requestedAt: Instant,
  doneAt: Schema.NullOr(Instant),
  sessions: Schema.Int.annotate({ description: "Sessions read so far." }),
  why: Schema.NullOr(Schema.String).annotate({ description: "Of a run that failed." })
}

export const LabRunSummary = Schema.Struct(head).annotate({ identifier: "LabRunSummary" })

export const LabRun = Schema.Struct({
  ...head,
  outcome: Schema.NullOr(LabOutcome).annotate({ description: "Of a run that is done." })
}).annotate({ identifier: "LabRun" })

/** Runs that wait or run at the same time. */
export const maxUnfinished = 10

export class LabGroup extends HttpApiGroup.make("lab")
  .add(
    HttpApiEndpoint.post("start", "/lab-runs", {
      payload: NewLabRun,
      success: LabRun.pipe(HttpApiSchema.status(202)),
      error: [Conflict, Unprocessable]
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Price the past, or a scenario, under two tariffs",
        description:
          "Every session that ended and is owed for is cut and rated under both. A scenario is lived in a thread of its own, so " +
          "that stations do not wait for it. Runs are made one after the other and " +
          `survive a restart; ${maxUnfinished} may wait. A tariff that could not be published is refused.`
      })
    ),
    HttpApiEndpoint.get("scenarios", "/lab-scenarios", {
      success: Schema.Struct({
        items: Schema.Array(
          Schema.Struct({ name: Id, title: Schema.String, stations: Schema.Int, days: Schema.Int }).annotate({
            identifier: "LabScenario"
          })
        )
      })
    }).annotateMerge(OpenApi.annotations({ summary: "Scenarios that a run may live" })),
    HttpApiEndpoint.get("report", "/lab-runs/:runId/report", {
      params: { runId: Id },
      success: Schema.String.pipe(HttpApiSchema.asText({ contentType: "text/html" })),
      error: [UnknownResource, Conflict]
    }).annotateMerge(
      OpenApi.annotations({ summary: "What a run came to, as a page", description: "It needs no network to be read." })
    ),
    HttpApiEndpoint.get("list", "/lab-runs", { query: paging, success: pageOf(LabRunSummary) }).annotateMerge(
      OpenApi.annotations({ summary: "Runs of the lab, newest first" })
    ),
    HttpApiEndpoint.get("get", "/lab-runs/:runId", {
      params: { runId: Id },
      success: LabRun,
      error: UnknownResource
    }).annotateMerge(OpenApi.annotations({ summary: "A run and what it came to" })),
    HttpApiEndpoint.post("cancel", "/lab-runs/:runId/cancel", {
      params: { runId: Id },
      success: LabRun,
      error: [UnknownResource, Conflict]
    }).annotateMerge(OpenApi.annotations({ summary: "Give a run up" }))
  )
  .middleware(Checked)
  .middleware(Access)
  .prefix("/api/v1")
  .annotateMerge(
    OpenApi.annotations({ title: "Tariff lab", description: "Try a tariff on past sessions before you publish it." })
  ) {}
