import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Access, Checked, PatienceMs } from "./Access.ts"
import { EvseId, Id, Instant, pageOf, paging, StationId, TariffId, TokenUid } from "./Fields.ts"
import { ChargeLimit } from "./Limits.ts"
import { UnknownResource } from "./Problems.ts"
import { TokenType } from "./Tokens.ts"

const Evse = EvseId.annotate({ description: "OCPP 1.6: the connector's number." })
const Key = Schema.String.check(Schema.isBetweenLength(1, 255))

/** What may be asked of a station, the same for every OCPP version. */
export const Operation = Schema.Union([
  Schema.Struct({
    type: Schema.Literal("Start"),
    evseId: Evse,
    tokenUid: TokenUid,
    tokenType: Schema.optionalKey(TokenType),
    limit: Schema.optionalKey(ChargeLimit)
  }).annotate({
    identifier: "StartOperation",
    description:
      "Ask the station to begin a transaction. A limit is for the token's next charge at that EVSE, if it begins within " +
      "15 minutes; of two orders the later stands."
  }),
  Schema.Struct({ type: Schema.Literal("Stop"), transactionId: Id }).annotate({
    identifier: "StopOperation",
    description: "Ask the station to end a transaction, by our id."
  }),
  Schema.Struct({
    type: Schema.Literal("Reset"),
    when: Schema.Literals(["now", "on-idle"]),
    evseId: Schema.optionalKey(Schema.NullOr(Evse))
  }).annotate({ identifier: "ResetOperation", description: "1.6: now is Hard, on-idle is Soft." }),
  Schema.Struct({ type: Schema.Literal("Unlock"), evseId: Evse, connectorId: EvseId }).annotate({
    identifier: "UnlockOperation"
  }),
  Schema.Struct({
    type: Schema.Literal("ChangeAvailability"),
    evseId: Schema.optionalKey(Schema.NullOr(Evse)),
    connectorId: Schema.optionalKey(Schema.NullOr(EvseId)),
    available: Schema.Boolean
  }).annotate({ identifier: "ChangeAvailabilityOperation", description: "Without EVSE: the whole station." }),
  Schema.Struct({
    type: Schema.Literal("Trigger"),
    message: Key,
    evseId: Schema.optionalKey(Schema.NullOr(Evse)),
    connectorId: Schema.optionalKey(Schema.NullOr(EvseId)).annotate({
      description: "2.x; of a StatusNotification the first unless told."
    })
  }).annotate({ identifier: "TriggerOperation", description: "Ask for a message, such as StatusNotification." }),
  Schema.Struct({
    type: Schema.Literal("GetConfiguration"),
    keys: Schema.optionalKey(Schema.Array(Key).check(Schema.isMaxLength(500)))
  }).annotate({
    identifier: "GetConfigurationOperation",
    description: "1.6 keys, or Component.Variable of 2.x; without keys everything."
  }),
  Schema.Struct({
    type: Schema.Literal("SetConfiguration"),
    key: Key,
    value: Schema.String.check(Schema.isMaxLength(2500))
  }).annotate({ identifier: "SetConfigurationOperation" }),
  Schema.Struct({ type: Schema.Literal("ClearCache") }).annotate({ identifier: "ClearCacheOperation" }),
  Schema.Struct({
    type: Schema.Literal("SetDefaultTariff"),
    evseId: Schema.optionalKey(Evse).annotate({ description: "0, every EVSE, unless told." }),
    tariffId: TariffId
  }).annotate({
    identifier: "SetDefaultTariffOperation",
    description:
      "2.1: price by this tariff as it is valid when the station is asked. One that OCPP 2.1 cannot say at its price is not sent, and the outcome says why."
  }),
  Schema.Struct({ type: Schema.Literal("GetTariffs"), evseId: Schema.optionalKey(Evse) }).annotate({
    identifier: "GetTariffsOperation",
    description: "2.1: which tariffs it holds; every EVSE's unless told."
  }),
  Schema.Struct({
    type: Schema.Literal("ClearTariffs"),
    evseId: Schema.optionalKey(Schema.NullOr(Evse)),
    tariffIds: Schema.optionalKey(Schema.Array(TariffId).check(Schema.isMaxLength(100)))
  }).annotate({
    identifier: "ClearTariffsOperation",
    description: "2.1: without ids all of them. A running transaction keeps its tariff."
  }),
  Schema.Struct({ type: Schema.Literal("ChangeTransactionTariff"), transactionId: Id }).annotate({
    identifier: "ChangeTransactionTariffOperation",
    description: "2.1: price a running transaction by the tariff that its bill will be made by, frozen at its start."
  })
]).annotate({
  identifier: "Operation",
  examples: [{ type: "Start", evseId: 1, tokenUid: "04A2B9C1D2E380" }]
})

const Value = Schema.Struct({ key: Schema.String, value: Schema.NullOr(Schema.String), readonly: Schema.Boolean })

export const Outcome = Schema.Union([
  Schema.Struct({
    type: Schema.Literal("Answered"),
    accepted: Schema.Boolean.annotate({ description: "Whether it will do, or did, what was asked." }),
    status: Schema.String.annotate({ description: "The station's own word." }),
    detail: Schema.NullOr(Schema.String),
    values: Schema.Array(Value).annotate({ description: "What GetConfiguration brought." })
  }),
  Schema.Struct({ type: Schema.Literal("Refused"), code: Schema.String, description: Schema.String }).annotate({
    description: "The station answered CALLERROR."
  }),
  Schema.Struct({ type: Schema.Literal("Unreadable"), why: Schema.String }).annotate({
    description: "The station's answer could not be understood: it has probably done what was asked."
  }),
  Schema.Struct({ type: Schema.Literal("TimedOut") }).annotate({
    description: "No answer in time: whether it did it is not known."
  }),
  Schema.Struct({ type: Schema.Literal("ConnectionLost") }).annotate({
    description: "It broke the connection before answering: whether it did it is not known."
  }),
  Schema.Struct({ type: Schema.Literal("Expired") }).annotate({
    description: "It was offline until the operation's time was over; it was never asked."
  }),
  Schema.Struct({ type: Schema.Literal("Impossible"), why: Schema.String }).annotate({
    description: "Not possible in the station's OCPP version or present state; it was never asked."
  })
]).annotate({ identifier: "Outcome" })

const asked = {
  id: Id,
  stationId: StationId,
  operation: Operation,
  requestedAt: Instant,
  queuedUntil: Instant.annotate({ description: "While the station is offline it waits until then, then expires." })
}

export const OperationDone = Schema.Struct({
  ...asked,
  status: Schema.Literal("Done"),
  outcome: Outcome,
  doneAt: Instant
}).annotate({ identifier: "OperationDone" })

export const OperationPending = Schema.Struct({
  ...asked,
  status: Schema.Literals(["Queued", "Sent"]),
  outcome: Schema.Null,
  doneAt: Schema.Null
}).annotate({ identifier: "OperationPending" })

export const OperationRecord = Schema.Union([OperationDone, OperationPending]).annotate({
  identifier: "OperationRecord"
})

/** The longest an HTTP request waits for a station, and the longest an operation waits for an offline one. */
export const maxWaitSeconds = 120
export const maxQueueSeconds = 7 * 24 * 3600

const seconds = (maximum: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum }))

export class OperationsGroup extends HttpApiGroup.make("operations")
  .add(
    HttpApiEndpoint.post("run", "/stations/:stationId/operations", {
      params: { stationId: StationId },
      query: {
        wait: Schema.optionalKey(seconds(maxWaitSeconds)).annotate({
          description: `Seconds to wait for the outcome: 0 to ${maxWaitSeconds}, 0 unless told.`
        }),
        queueFor: Schema.optionalKey(seconds(maxQueueSeconds)).annotate({
          description: `Seconds it may wait for an offline station: 0 to ${maxQueueSeconds}, 0 unless told.`
        })
      },
      payload: Operation,
      success: [OperationDone, OperationPending.pipe(HttpApiSchema.status(202))],
      error: UnknownResource
    })
      .annotate(PatienceMs, (maxWaitSeconds + 30) * 1000)
      .annotateMerge(
        OpenApi.annotations({
          summary: "Ask something of a station",
          description:
            "200 with the outcome when it came within `wait`, otherwise 202; the operation goes on either way and can " +
            "be read again by its id. An operation survives a restart of the server."
        })
      ),
    HttpApiEndpoint.get("list", "/stations/:stationId/operations", {
      params: { stationId: StationId },
      query: paging,
      success: pageOf(OperationRecord),
      error: UnknownResource
    }).annotateMerge(OpenApi.annotations({ summary: "Operations of a station, newest first" })),
    HttpApiEndpoint.get("get", "/stations/:stationId/operations/:operationId", {
      params: { stationId: StationId, operationId: Id },
      success: OperationRecord,
      error: UnknownResource
    }).annotateMerge(OpenApi.annotations({ summary: "An operation and what became of it" }))
  )
  .middleware(Checked)
  .middleware(Access)
  .prefix("/api/v1")
  .annotateMerge(OpenApi.annotations({ title: "Operations", description: "What is asked of a station." })) {}
