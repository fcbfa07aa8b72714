import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Access, Checked } from "./Access.ts"
import { FindingCode } from "./Facts.ts"
import { AmountMinor, Currency, Dialect, EnergyWh, EvseId, Id, Instant, StationId } from "./Fields.ts"
import { ConnectorStatus } from "./Stations.ts"

const common = { stationId: StationId, at: Instant }
const transaction = { transactionId: Id }

/** A live event on the wire; `kind` is also the event's name in the stream. */
export const Event = Schema.Union([
  Schema.Struct({
    kind: Schema.Literal("StationConnected"),
    ...common,
    dialect: Dialect,
    remoteAddress: Schema.String
  }),
  Schema.Struct({ kind: Schema.Literal("StationDisconnected"), ...common }),
  Schema.Struct({
    kind: Schema.Literal("StationBooted"),
    ...common,
    vendor: Schema.String,
    model: Schema.String,
    reason: Schema.NullOr(Schema.String)
  }),
  Schema.Struct({
    kind: Schema.Literal("ConnectorStatus"),
    ...common,
    evseId: EvseId,
    connectorId: EvseId,
    status: ConnectorStatus,
    errorCode: Schema.NullOr(Schema.String)
  }),
  Schema.Struct({
    kind: Schema.Literal("TransactionStarted"),
    ...common,
    ...transaction,
    evseId: EvseId,
    connectorId: EvseId,
    tokenUid: Schema.NullOr(Schema.String)
  }),
  Schema.Struct({
    kind: Schema.Literal("MeterReading"),
    ...common,
    ...transaction,
    evseId: EvseId,
    energyWh: Schema.NullOr(EnergyWh),
    powerW: Schema.NullOr(Schema.Finite)
  }),
  Schema.Struct({
    kind: Schema.Literal("TransactionEnded"),
    ...common,
    ...transaction,
    evseId: EvseId,
    reason: Schema.NullOr(Schema.String)
  }),
  Schema.Struct({
    kind: Schema.Literal("CdrIssued"),
    ...common,
    ...transaction,
    cdrId: Id,
    energyWh: EnergyWh,
    amountMinor: AmountMinor,
    currency: Currency
  }),
  Schema.Struct({ kind: Schema.Literal("OperationDone"), ...common, operationId: Id, outcome: Schema.String }),
  Schema.Struct({
    kind: Schema.Literal("FindingRaised"),
    ...common,
    ...transaction,
    code: FindingCode,
    text: Schema.String
  })
]).annotate({ identifier: "Event" })

export type Event = typeof Event.Type

/** Told in the stream instead of events that are gone: the client fell behind, or was away for too long. */
export const Lost = Schema.Struct({
  kind: Schema.Literal("Lost"),
  count: Schema.NullOr(Schema.Int).annotate({
    description: "How many events of any kind and station; null when the server was restarted meanwhile."
  })
}).annotate({ identifier: "Lost" })

export const EventKind = Schema.Literals([
  "StationConnected",
  "StationDisconnected",
  "StationBooted",
  "ConnectorStatus",
  "TransactionStarted",
  "MeterReading",
  "TransactionEnded",
  "CdrIssued",
  "OperationDone",
  "FindingRaised"
])

export class EventsGroup extends HttpApiGroup.make("events")
  .add(
    HttpApiEndpoint.get("stream", "/events", {
      query: {
        stationId: Schema.optionalKey(StationId),
        kind: Schema.optionalKey(Schema.Array(EventKind)).annotate({ description: "May be repeated; all unless told." })
      },
      headers: {
        "last-event-id": Schema.optionalKey(Schema.String.check(Schema.isMaxLength(64))).annotate({
          description: "Where an earlier stream ended; browsers send it themselves when they reconnect."
        })
      },
      success: HttpApiSchema.StreamSse({ data: Schema.Union([Event, Lost]) })
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Live events",
        description:
          "Server-sent events: `event` is the kind, `data` the JSON. A client that reads too slowly, or comes back too " +
          "late, gets `Lost` with the number of events it missed and should read the lists again. A comment line every " +
          "15 seconds keeps the connection open. Events come from the server node that answers."
      })
    )
  )
  .middleware(Checked)
  .middleware(Access)
  .prefix("/api/v1")
  .annotateMerge(OpenApi.annotations({ title: "Events", description: "What happens, while it happens." })) {}
