import * as Instant from "#core/Instant.ts"
import { type Dialect, v21, v201 } from "#core/ocpp/Dialect.ts"
import type {
  CostDetailsType,
  TransactionEventRequest as Request21,
  TransactionEventResponse as Response21
} from "#core/ocpp/v21/generated/schemas.ts"
import type { Actions } from "#core/ocpp/v201/generated/actions.ts"
import type {
  AuthorizeResponse,
  BootNotificationResponse,
  ConnectorStatusEnumType,
  IdTokenEnumType,
  IdTokenInfoType,
  IdTokenType,
  MeasurandEnumType,
  MeterValueType,
  ReasonEnumType,
  SampledValueType,
  TransactionEventRequest,
  TransactionEventResponse
} from "#core/ocpp/v201/generated/schemas.ts"
import type { PresentedToken } from "#core/token/Token.ts"
import type { IdInfo } from "../AuthorizationCache.ts"
import { instantOf, type Manner, textOf } from "../Manner.ts"
import type { MessageKind } from "../Outbox.ts"
import { ocmfOf } from "../ocmf.ts"
import { chargingState, status201 } from "../Phase.ts"
import { type Quantity, quantitiesOf, register } from "../quantities.ts"
import type { KeptLimit, Reading, StopReason, Transaction } from "../Transaction.ts"
import { call, message, type Trigger, type Voice } from "../Voice.ts"
import { costDetailsOf, limitFrom, wireLimit } from "../v21/costs.ts"
import { handlerOf } from "./handle.ts"

const idTokenOf = (token: PresentedToken): IdTokenType => ({
  idToken: token.uid,
  // 2.1 has token types that 2.0.1 does not know; a station is given none that its dialect lacks.
  type: token.type as IdTokenEnumType
})

const infoOf = (info: IdTokenInfoType): IdInfo => ({
  status: info.status,
  expiresAtMs: info.cacheExpiryDateTime === undefined ? null : (Instant.parse(info.cacheExpiryDateTime) ?? null),
  groupId: info.groupIdToken?.idToken ?? null
})

/** One value as 2.x writes it; what a default says already may be left out (2.0.1 part 2, SampledValueType). */
const sampledValueOf = (quantity: Quantity, reading: Reading, manner: Manner): SampledValueType => {
  const { measurand, value, unit, multiplier, phase, location } = quantity
  const isTold = manner.optionals === "told"
  const told: Mutable<SampledValueType> = { value: Number(value) }
  if (isTold) told.context = reading.context
  if (isTold || measurand !== register) told.measurand = measurand as MeasurandEnumType
  if (phase !== null) told.phase = phase
  if (location !== null) told.location = location
  if (multiplier !== 0) told.unitOfMeasure = { unit, multiplier }
  else if (isTold || unit !== "Wh") told.unitOfMeasure = unitsOf[unit]
  return told
}

/** Written key by key: every reading of every meter passes here. */
type Mutable<T> = { -readonly [K in keyof T]: T[K] }

const unitsOf = {
  Wh: { unit: "Wh" },
  kWh: { unit: "kWh" },
  W: { unit: "W" },
  kW: { unit: "kW" },
  A: { unit: "A" },
  V: { unit: "V" },
  Percent: { unit: "Percent" }
} as const

const meterValue = (reading: Reading, manner: Manner): MeterValueType => {
  const options = { manner, multiplies: true }
  const sampledValue: Array<Mutable<SampledValueType>> = []
  for (const quantity of quantitiesOf(reading, reading.measurands, options)) {
    sampledValue.push(sampledValueOf(quantity, reading, manner))
  }
  const record = recordOf(reading, manner)
  if (record !== undefined) sampledValue[0]!.signedMeterValue = record
  return { timestamp: instantOf(manner, reading.atMs), sampledValue: sampledValue as MeterValueType["sampledValue"] }
}

/** The OCMF record of a reading at start or end (2.0.1 part 2, SignedMeterValueType). */
const recordOf = (reading: Reading, manner: Manner): SampledValueType["signedMeterValue"] => {
  const { context } = reading
  if (manner.records === "none" || (context !== "Transaction.Begin" && context !== "Transaction.End")) return undefined
  return { signedMeterData: ocmfOf(reading), signingMethod: "", encodingMethod: "OCMF", publicKey: "" }
}

/** 2.x knows neither Hard nor Soft resets, and an unlock that ends a transaction has no reason of its own. */
const reasons: Readonly<Record<StopReason, ReasonEnumType>> = {
  DeAuthorized: "DeAuthorized",
  EmergencyStop: "EmergencyStop",
  EVDisconnected: "EVDisconnected",
  EnergyLimit: "EnergyLimitReached",
  HardReset: "ImmediateReset",
  Local: "Local",
  Other: "Other",
  PowerLoss: "PowerLoss",
  Reboot: "Reboot",
  Remote: "Remote",
  SoftReset: "ImmediateReset",
  // 2.1 knows the trigger and no reason for it but this one.
  CostLimit: "LocalOutOfCredit",
  TimeLimit: "TimeLimitReached",
  Timeout: "Timeout",
  UnlockCommand: "Other"
}

const endTriggers: Readonly<Record<StopReason, Trigger>> = {
  DeAuthorized: "Deauthorized",
  EmergencyStop: "AbnormalCondition",
  EVDisconnected: "EVCommunicationLost",
  EnergyLimit: "EnergyLimitReached",
  HardReset: "ResetCommand",
  Local: "StopAuthorized",
  Other: "AbnormalCondition",
  PowerLoss: "AbnormalCondition",
  Reboot: "AbnormalCondition",
  Remote: "RemoteStop",
  SoftReset: "ResetCommand",
  CostLimit: "CostLimitReached",
  TimeLimit: "TimeLimitReached",
  Timeout: "EVConnectTimeout",
  UnlockCommand: "UnlockCommand"
}

const readingTriggers: Readonly<Partial<Record<Reading["context"], Trigger>>> = {
  "Sample.Periodic": "MeterValuePeriodic",
  "Sample.Clock": "MeterValueClock"
}

type Event = Pick<TransactionEventRequest, "eventType"> & {
  readonly triggerReason: Trigger
  /** 2.1: what it keeps of what it is to stop at. */
  readonly limit?: KeptLimit
  /** What is measured at its instant. */
  readonly reading: Reading
  /** What was measured before and is told with it, the oldest first. */
  readonly before?: ReadonlyArray<Reading>
  readonly state: ReturnType<typeof chargingState>
  readonly offline: boolean
  readonly reason?: ReasonEnumType
  /** 2.1. */
  readonly costDetails?: CostDetailsType
  readonly token?: PresentedToken
}

/** Reasons that fit as well where a station can see more, or less, than the usual one says (TriggerReasonEnumType). */
const unusual: Readonly<Partial<Record<Event["triggerReason"], Trigger>>> = {
  CablePluggedIn: "EVDetected",
  EVCommunicationLost: "EVDeparted"
}

const customData = Object.freeze({ vendorId: "com.example.nobody", mood: { rude: true, levels: [1, 2, 3] } })

/** What a 2.1 TransactionEvent may tell besides; of it 2.0.1 knows customData alone. */
const extrasOf = ({ phases }: Reading, dialect: Dialect): Partial<Request21> =>
  dialect.version === "2.0.1"
    ? { customData }
    : {
        customData,
        numberOfPhasesUsed: phases,
        cableMaxCurrent: 32,
        evseSleep: false,
        preconditioningStatus: "Unknown"
      }

const noReadings: ReadonlyArray<Reading> = []

const unenergized: ReadonlySet<Event["state"]> = new Set<Event["state"]>(["Idle", "EVConnected"])

const readingsOf = ({ before, reading }: Event, manner: Manner): [MeterValueType, ...Array<MeterValueType>] => {
  const last = meterValue(reading, manner)
  if (before === undefined || before.length === 0) return [last]
  const [first, ...others] = before.map((each) => meterValue(each, manner))
  return [first!, ...others, last]
}

const triggerOf = ({ triggerReason }: Event, { triggers }: Transaction["habits"]): Trigger =>
  triggers === "usual" ? triggerReason : (unusual[triggerReason] ?? triggerReason)

/** One TransactionEvent; takes the transaction's next seqNo. */
const requestOf = (
  transaction: Transaction,
  event: Event,
  manner: Manner,
  dialect: Dialect
): TransactionEventRequest => {
  const { truth, authorization, evseId, habits } = transaction
  const remoteStartId = authorization?.remoteStartId ?? null
  const isStart = event.eventType === "Started"
  const isUnread = isStart && habits.readsAtStart === "whenEnergized" && unenergized.has(event.state)
  const info: Mutable<Request21["transactionInfo"]> = { transactionId: transaction.wireId!, chargingState: event.state }
  if (habits.tellsExtras && dialect.version === "2.1") info.operationMode = "ChargingOnly"
  if (event.reason !== undefined) info.stoppedReason = event.reason
  if (event.limit !== undefined) info.transactionLimit = wireLimit(event.limit)
  // Told with the authorization (2.0.1 F01.FR.03, F02.FR.01).
  if (remoteStartId !== null && event.token !== undefined && event.eventType !== "Ended") {
    info.remoteStartId = remoteStartId
  }
  const request: Partial<Mutable<TransactionEventRequest>> = {
    eventType: event.eventType,
    timestamp: instantOf(manner, event.reading.atMs),
    // 2.0.1 has every trigger but LimitSet, which none of its stations has a reason for.
    triggerReason: triggerOf(event, habits) as TransactionEventRequest["triggerReason"],
    seqNo: transaction.seqNo++
  }
  if (event.offline) request.offline = true
  request.transactionInfo = info as TransactionEventRequest["transactionInfo"]
  if (isStart || habits.alwaysNamesEvse) request.evse = { id: evseId, connectorId: truth.connectorId }
  if (event.token !== undefined) request.idToken = idTokenOf(event.token)
  if (event.costDetails !== undefined) Object.assign(request, { costDetails: event.costDetails })
  if (!isUnread) request.meterValue = readingsOf(event, manner)
  if (habits.tellsExtras) Object.assign(request, extrasOf(event.reading, dialect))
  return request as TransactionEventRequest
}

/** OCPP 2.x in a manner. */
const voiceOf = (dialect: Dialect, manner: Manner): Voice => {
  const action = <Name extends keyof Actions>(name: Name): Actions[Name] => dialect.actions.get(name) as Actions[Name]
  const post = (kind: MessageKind, transaction: Transaction, event: Event) =>
    message(
      kind,
      action("TransactionEvent"),
      requestOf(transaction, event, manner, dialect),
      transaction.evseId,
      transaction,
      1 + (event.before?.length ?? 0)
    )
  const tell = (transaction: Transaction): { readonly token?: PresentedToken } => {
    if (transaction.authorization === null || transaction.isTokenTold) return {}
    transaction.isTokenTold = true
    return { token: transaction.authorization.token }
  }
  return {
    dialect,
    boot: (nameplate, reason) =>
      call(action("BootNotification"), {
        reason,
        chargingStation: {
          vendorName: textOf(manner, nameplate.vendor, 50),
          model: textOf(manner, nameplate.model, 20),
          ...(manner.optionals === "leftOut"
            ? {}
            : {
                serialNumber: textOf(manner, nameplate.serialNumber, 25),
                firmwareVersion: textOf(manner, nameplate.firmware, 50)
              })
        }
      }),
    readBoot: (response) => {
      const { status, interval } = response as BootNotificationResponse
      return { status, intervalS: interval }
    },
    heartbeat: call(action("Heartbeat"), {}),
    authorize: (token) => call(action("Authorize"), { idToken: idTokenOf(token) }),
    readAuthorize: (response) => infoOf((response as AuthorizeResponse).idTokenInfo),
    statusName: status201,
    status: ({ evseId, connectorId }, name, atMs) =>
      message(
        "status",
        action("StatusNotification"),
        {
          timestamp: instantOf(manner, atMs),
          connectorStatus: name as ConnectorStatusEnumType,
          evseId,
          connectorId
        },
        evseId,
        null
      ),
    stationStatus: () => null,
    started: (transaction, phase, triggerReason, offline) =>
      post("start", transaction, {
        eventType: "Started",
        triggerReason,
        reading: transaction.begin,
        state: chargingState(phase),
        offline,
        ...tell(transaction)
      }),
    beginReading: () => null,
    authorized: (transaction, phase, reading, offline) =>
      post("state", transaction, {
        eventType: "Updated",
        triggerReason: transaction.authorization?.remoteStartId == null ? "Authorized" : "RemoteStart",
        reading,
        state: chargingState(phase),
        offline,
        ...tell(transaction)
      }),
    sampled: (transaction, phase, readings, offline) => {
      const reading = readings.at(-1)!
      return post("reading", transaction, {
        eventType: "Updated",
        triggerReason: readingTriggers[reading.context] ?? "Trigger",
        reading,
        before: readings.length === 1 ? noReadings : readings.slice(0, -1),
        state: chargingState(phase),
        offline
      })
    },
    changed: (transaction, phase, reading, offline) =>
      post("state", transaction, {
        eventType: "Updated",
        triggerReason: phase === "Plugged" ? "CablePluggedIn" : "ChargingStateChanged",
        reading,
        state: chargingState(phase),
        offline
      }),
    limited: (transaction, phase, reading, offline) =>
      dialect.version !== "2.1" || transaction.limit === null
        ? null
        : post("state", transaction, {
            eventType: "Updated",
            triggerReason: "LimitSet",
            reading,
            state: chargingState(phase),
            offline,
            limit: transaction.limit
          }),
    repriced: (transaction, phase, reading, offline) =>
      post("state", transaction, {
        eventType: "Updated",
        triggerReason: "TariffChanged",
        reading,
        state: chargingState(phase),
        offline
      }),
    released: (transaction, phase, { reason, reading, stopToken, offline }) =>
      post("state", transaction, {
        eventType: "Updated",
        triggerReason: endTriggers[reason],
        reading,
        state: chargingState(phase),
        offline,
        ...(stopToken === null ? {} : { token: stopToken })
      }),
    ended: (transaction, { reason, reading, stopToken, offline, cost }) =>
      post("end", transaction, {
        eventType: "Ended",
        // A stop without a token that nobody asked for from afar is a button.
        triggerReason: endTriggers[reason],
        reading,
        state: reason === "EVDisconnected" ? "Idle" : "EVConnected",
        offline,
        reason: reasons[reason],
        ...(cost === null || dialect.version !== "2.1" ? {} : { costDetails: costDetailsOf(cost) }),
        ...(stopToken === null ? {} : { token: stopToken })
      }),
    idleReading: (evseId, reading) =>
      call(action("MeterValues"), { evseId, meterValue: [meterValue(reading, manner)] }),
    payloadOf: ({ payload }) => payload,
    learn: ({ kind }, response) => {
      const { idTokenInfo, transactionLimit, totalCost } = response as TransactionEventResponse &
        Pick<Response21, "transactionLimit">
      const limit = transactionLimit === undefined ? {} : { limit: limitFrom(transactionLimit) }
      const cost = totalCost === undefined ? {} : { totalCost }
      if ((kind !== "start" && kind !== "state") || idTokenInfo === undefined) return { ...limit, ...cost }
      return { ...limit, ...cost, idInfo: infoOf(idTokenInfo) }
    },
    handle: handlerOf(dialect)
  }
}

export const voice201In = (manner: Manner): Voice => voiceOf(v201, manner)

/** OCPP 2.1 says what a simulated station has to say in the words of 2.0.1. */
export const voice21In = (manner: Manner): Voice => voiceOf(v21, manner)
