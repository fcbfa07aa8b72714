import { Schema } from "effect"
import { costParts } from "../transaction/localCost.ts"
import { EnergyWh, EvseId, Instant } from "./Fields.ts"
import { TokenType } from "./Tokens.ts"

/** What happened to a transaction, as recorded: never edited, so the order recorded is the story. */

export const PresentedToken = Schema.Struct({ uid: Schema.String, type: TokenType }).annotate({
  identifier: "PresentedToken"
})

export const AuthorizationStatus = Schema.Literals([
  "Accepted",
  "Blocked",
  "Expired",
  "Unknown",
  "NotAtThisLocation",
  "ConcurrentTx",
  "NoCredit"
]).annotate({ description: "What its token was answered with." })

const ChargingState = Schema.Literals(["EVConnected", "Charging", "SuspendedEV", "SuspendedEVSE", "Idle"])
const ClosedWhy = Schema.Literals(["superseded", "connector-free", "operator"])

const seq = Schema.Int.annotate({ description: "The transaction's n-th fact." })
const seqNo = Schema.NullOr(Schema.Int).annotate({ description: "Of the OCPP 2.x message it came with." })
const at = Instant.annotate({ description: "By the station's clock." })
const receivedAt = Instant.annotate({ description: "By our clock." })

export const Fact = Schema.Union([
  Schema.Struct({
    seq,
    type: Schema.Literal("Started"),
    at,
    receivedAt,
    seqNo,
    offline: Schema.Boolean,
    evseId: EvseId,
    connectorId: EvseId,
    priorRegisterWh: Schema.NullOr(EnergyWh),
    remoteStartId: Schema.NullOr(Schema.Int),
    reservationId: Schema.NullOr(Schema.Int)
  }),
  Schema.Struct({
    seq,
    type: Schema.Literal("Authorized"),
    at,
    token: PresentedToken,
    groupId: Schema.NullOr(Schema.String),
    driverId: Schema.NullOr(Schema.String),
    status: AuthorizationStatus
  }),
  Schema.Struct({ seq, type: Schema.Literal("StateChanged"), at, state: ChargingState, seqNo }),
  Schema.Struct({ seq, type: Schema.Literal("Noted"), at, seqNo: Schema.Int }),
  Schema.Struct({
    seq,
    type: Schema.Literal("Ended"),
    at,
    receivedAt,
    seqNo,
    reason: Schema.NullOr(Schema.String),
    token: Schema.NullOr(PresentedToken),
    byStranger: Schema.Boolean,
    localCost: Schema.NullOr(
      Schema.Struct({ currency: Schema.String, net: Schema.NullOr(Schema.String), gross: Schema.NullOr(Schema.String) })
    ).annotate({ description: "What a station of OCPP 2.1 reckoned by itself. The bill is ours." })
  }),
  Schema.Struct({
    seq,
    type: Schema.Literal("Closed"),
    at,
    receivedAt,
    why: ClosedWhy,
    reason: Schema.NullOr(Schema.String).annotate({ description: "The operator's." }),
    by: Schema.NullOr(Schema.String).annotate({ description: "Name of the operator's API key." })
  }),
  Schema.Struct({
    seq,
    type: Schema.Literal("LimitSet"),
    at: receivedAt,
    maxWh: Schema.NullOr(EnergyWh),
    maxMs: Schema.NullOr(Schema.Int),
    maxMinor: Schema.NullOr(Schema.Int).annotate({ description: "Gross, minor units of the tariff's currency." }),
    keptByStation: Schema.Boolean.annotate({
      description: "The station said that it stops there by itself (OCPP 2.1)."
    })
  }),
  Schema.Struct({
    seq,
    type: Schema.Literal("Corrected"),
    at: receivedAt,
    correctionId: Schema.String,
    reason: Schema.String,
    tariff: Schema.NullOr(Schema.Struct({ id: Schema.String, version: Schema.Int })).annotate({
      description: "What it is priced by from its start; null: nothing is owed for it."
    }),
    cdrId: Schema.NullOr(Schema.String).annotate({ description: "The bill that stood then." })
  }),
  Schema.Struct({ seq, type: Schema.Literal("Settled"), at, cdrId: Schema.NullOr(Schema.String), revision: Schema.Int })
]).annotate({ identifier: "Fact" })

export const FindingCode = Schema.Literals([
  "meter-rollback",
  "meter-jump",
  "meter-zero-baseline",
  "meter-gap",
  "meter-missing-begin",
  "meter-missing-end",
  "meter-outside-session",
  "meter-clock",
  "meter-contradiction",
  "start-missing",
  "start-rejected",
  "stop-missing",
  "stop-by-stranger",
  "messages-missing",
  "tariff-missing",
  "cost-mismatch",
  "corrected"
])

const CostRow = Schema.Struct({
  dimension: Schema.Literals([...costParts, "adjustment", "tax"]).annotate({
    description:
      "Idle is parking, fixed a fee per session; adjustment: minimum, maximum, caps, discounts, what a plan includes."
  }),
  told: Schema.String.annotate({
    description: "What the station reckoned, in currency units; without tax if there is a row for that."
  }),
  billed: Schema.String,
  difference: Schema.String.annotate({ description: "Told less billed; 0 where rounding alone keeps them apart." })
}).annotate({ identifier: "CostRow" })

export const Finding = Schema.Struct({
  code: FindingCode,
  at: Schema.NullOr(Instant),
  text: Schema.String.annotate({ description: "One sentence for the operator, with the figures." }),
  costs: Schema.optionalKey(Schema.Array(CostRow)).annotate({
    description: "Of a cost-mismatch, where the station told its cost part by part: those parts beside the bill's."
  })
}).annotate({ identifier: "Finding", description: "Something odd. It never stops the recording." })

export const Reading = Schema.Struct({
  at: Instant.annotate({ description: "The meter's own timestamp." }),
  receivedAt: Instant,
  context: Schema.Literals(["Begin", "Interruption", "Clock", "Periodic", "Trigger", "Other", "End"]),
  registerWh: Schema.NullOr(EnergyWh).annotate({ description: "Energy.Active.Import.Register." }),
  powerW: Schema.NullOr(Schema.Finite),
  currentMa: Schema.NullOr(Schema.Finite),
  voltageMv: Schema.NullOr(Schema.Finite),
  socPercent: Schema.NullOr(Schema.Finite),
  extra: Schema.NullOr(Schema.Record(Schema.String, Schema.String)).annotate({
    description: "Other measurands as sent, keyed measurand@phase@location."
  }),
  seqNo
}).annotate({ identifier: "Reading" })
