import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { Access, Checked } from "./Access.ts"
import { Cdr } from "./Cdrs.ts"
import { AuthorizationStatus, Fact, Finding, FindingCode, PresentedToken, Reading } from "./Facts.ts"
import { Dialect, EnergyWh, EvseId, Id, Instant, pageOf, paging, StationId, TokenUid } from "./Fields.ts"
import { ChargeLimit, StandingLimit } from "./Limits.ts"
import { PriceSheet, Reasons } from "./Prices.ts"
import { Conflict, UnknownResource } from "./Problems.ts"

export const Status = Schema.Literals(["Open", "Ended", "Closed"]).annotate({
  description: "Closed: given up without a stop, such as when the station began another."
})

const row = {
  id: Id,
  stationId: StationId,
  dialect: Dialect,
  ocppId: Schema.String.annotate({ description: "Its id in the station's messages." }),
  evseId: EvseId,
  connectorId: EvseId,
  status: Status,
  startedAt: Schema.NullOr(Instant),
  endedAt: Schema.NullOr(Instant),
  token: Schema.NullOr(PresentedToken),
  driverId: Schema.NullOr(Schema.String),
  authorization: Schema.NullOr(AuthorizationStatus),
  stopReason: Schema.NullOr(Schema.String),
  energyWh: Schema.NullOr(EnergyWh).annotate({ description: "Known once it ended." }),
  findings: Schema.Array(Finding),
  tariff: Schema.NullOr(
    Schema.Struct({
      id: Schema.String,
      version: Schema.Int,
      groups: Schema.Array(Schema.String).annotate({ description: "Groups of the token's driver at the start." })
    })
  ).annotate({ description: "Frozen when it began." }),
  timeZone: Schema.String,
  cdrId: Schema.NullOr(Schema.String)
}

export const Transaction = Schema.Struct(row).annotate({ identifier: "Transaction" })

const Running = Schema.Struct({
  at: Instant,
  energyWh: Schema.NullOr(EnergyWh),
  powerW: Schema.NullOr(Schema.Finite)
}).annotate({ identifier: "Running", description: "How far it has come, by its newest reading." })

export const TransactionDetail = Schema.Struct({
  ...row,
  running: Schema.NullOr(Running).annotate({ description: "While it is open and the station is connected." }),
  limit: Schema.NullOr(StandingLimit).annotate({
    description: "What it is to stop at, while it is open and the station is connected; null where nobody said."
  })
}).annotate({ identifier: "TransactionDetail" })

export const Price = Schema.Union([
  Schema.Struct({
    state: Schema.Literal("final"),
    cdr: Cdr,
    reasons: Reasons
  }),
  Schema.Struct({
    state: Schema.Literal("running"),
    running: Schema.NullOr(Running),
    cost: Schema.NullOr(PriceSheet).annotate({
      description:
        "What it would cost if it had stopped with the last that its station told, priced like the bill. Null: nobody owes for it."
    })
  }),
  Schema.Struct({ state: Schema.Literal("settling"), settleAt: Instant }).annotate({
    description: "Over, but not everything has arrived; priced with what there is at `settleAt` at the latest."
  }),
  Schema.Struct({ state: Schema.Literal("nothing-owed") }).annotate({ description: "The findings say why." })
]).annotate({ identifier: "Price" })

export const NewClosure = Schema.Struct({
  reason: Schema.String.check(Schema.isBetweenLength(1, 255)).annotate({
    description: "Stands in the findings of the charge.",
    examples: ["The station was taken down."]
  })
}).annotate({ identifier: "NewClosure" })

/** Of whoever sets a limit. */
export const limitErrors = [UnknownResource, Conflict] as const

const byId = { params: { transactionId: Id }, error: UnknownResource } as const

export class TransactionsGroup extends HttpApiGroup.make("transactions")
  .add(
    HttpApiEndpoint.get("list", "/transactions", {
      query: {
        ...paging,
        stationId: Schema.optionalKey(StationId),
        driverId: Schema.optionalKey(Id),
        tokenUid: Schema.optionalKey(TokenUid),
        status: Schema.optionalKey(Status),
        finding: Schema.optionalKey(FindingCode).annotate({ description: "Carrying this finding." }),
        startedFrom: Schema.optionalKey(Instant).annotate({ description: "Started then or later." }),
        startedBefore: Schema.optionalKey(Instant)
      },
      success: pageOf(Transaction)
    }).annotateMerge(OpenApi.annotations({ summary: "List transactions", description: "Newest first." })),
    HttpApiEndpoint.get("get", "/transactions/:transactionId", {
      ...byId,
      success: TransactionDetail
    }).annotateMerge(OpenApi.annotations({ summary: "A transaction with its findings" })),
    HttpApiEndpoint.get("facts", "/transactions/:transactionId/facts", {
      ...byId,
      success: Schema.Struct({ items: Schema.Array(Fact) })
    }).annotateMerge(
      OpenApi.annotations({
        summary: "What happened to it, in the order recorded",
        description: "Meter readings are facts too, listed apart."
      })
    ),
    HttpApiEndpoint.get("readings", "/transactions/:transactionId/readings", {
      ...byId,
      query: paging,
      success: pageOf(Reading)
    }).annotateMerge(OpenApi.annotations({ summary: "Meter readings", description: "By the meter's time." })),
    HttpApiEndpoint.get("price", "/transactions/:transactionId/price", { ...byId, success: Price }).annotateMerge(
      OpenApi.annotations({
        summary: "What it costs and why",
        description: "The CDR with every line explained; while it is open how far it has come, and what that costs."
      })
    ),
    HttpApiEndpoint.put("setLimit", "/transactions/:transactionId/limit", {
      params: { transactionId: Id },
      payload: ChargeLimit,
      success: TransactionDetail,
      error: limitErrors
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Say what a running charge is to stop at",
        description: "In place of what stood, as a whole. 409 when it is over, or its station is not connected here."
      })
    ),
    HttpApiEndpoint.delete("removeLimit", "/transactions/:transactionId/limit", {
      params: { transactionId: Id },
      success: TransactionDetail,
      error: limitErrors
    }).annotateMerge(OpenApi.annotations({ summary: "Let a running charge go on as far as it will" })),
    HttpApiEndpoint.post("close", "/transactions/:transactionId/closure", {
      params: { transactionId: Id },
      payload: NewClosure,
      success: TransactionDetail,
      error: [UnknownResource, Conflict]
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Close an open charge that its station will not end",
        description:
          "For a station that is gone, or forgot it. It ends with its last reading and is billed 15 minutes later; what the " +
          "station tells all the same still counts, its stop above all. 409 when it is over, or was told of in the last 15 " +
          "minutes: have the station stop it. Asked again it is closed as it was."
      })
    )
  )
  .middleware(Checked)
  .middleware(Access)
  .prefix("/api/v1")
  .annotateMerge(OpenApi.annotations({ title: "Transactions", description: "Charging sessions." })) {}
