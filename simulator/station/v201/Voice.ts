import * as Instant from "#core/Instant.ts"
import { type Dialect, v21, v201 } from "#core/ocpp/Dialect.ts"
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
  PhaseEnumType,
  ReasonEnumType,
  SampledValueType,
  TransactionEventRequest,
  TransactionEventResponse
} from "#core/ocpp/v201/generated/schemas.ts"
import type { PresentedToken } from "#core/token/Token.ts"
import type { IdInfo } from "../AuthorizationCache.ts"
import type { MessageKind } from "../Outbox.ts"
import { chargingState, status201 } from "../Phase.ts"
import type { Reading, StopReason, Transaction } from "../Transaction.ts"
import { call, message, type Trigger, type Voice } from "../Voice.ts"
import { handlerOf } from "./handle.ts"

const phaseNames: ReadonlyArray<PhaseEnumType> = ["L1", "L2", "L3"]

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

const wattHours = { unit: "Wh" } as const
const watts = { unit: "W" } as const
const amperes = { unit: "A" } as const
const volts = { unit: "V" } as const
const percent = { unit: "Percent" } as const

const rounded = (value: number, decimals: number): number => Number(value.toFixed(decimals))

const addSampled = (reading: Reading, measurand: MeasurandEnumType, values: Array<SampledValueType>): void => {
  const { context } = reading
  switch (measurand) {
    case "Energy.Active.Import.Register":
      values.push({ value: reading.registerWh, context, measurand, unitOfMeasure: wattHours })
      break
    case "Power.Active.Import":
      values.push({ value: reading.powerW, context, measurand, unitOfMeasure: watts })
      break
    case "Current.Import": {
      const value = rounded(reading.currentA, 2)
      if (reading.phases === 0) values.push({ value, context, measurand, unitOfMeasure: amperes })
      for (let i = 0; i < reading.phases; i++) {
        values.push({ value, context, measurand, phase: phaseNames[i]!, unitOfMeasure: amperes })
      }
      break
    }
    case "Voltage":
      values.push({ value: rounded(reading.voltageV, 1), context, measurand, unitOfMeasure: volts })
      break
    case "SoC":
      if (reading.socPercent !== null) {
        values.push({ value: reading.socPercent, context, measurand, location: "EV", unitOfMeasure: percent })
      }
  }
}

const meterValue = (reading: Reading): MeterValueType => {
  const sampledValue: Array<SampledValueType> = []
  for (const measurand of reading.measurands) addSampled(reading, measurand as MeasurandEnumType, sampledValue)
  if (sampledValue.length === 0) addSampled(reading, "Energy.Active.Import.Register", sampledValue)
  return { timestamp: Instant.format(reading.atMs), sampledValue }
}

/** 2.x knows neither Hard nor Soft resets, and an unlock that ends a transaction has no reason of its own. */
const reasons: Readonly<Record<StopReason, ReasonEnumType>> = {
  DeAuthorized: "DeAuthorized",
  EmergencyStop: "EmergencyStop",
  EVDisconnected: "EVDisconnected",
  HardReset: "ImmediateReset",
  Local: "Local",
  Other: "Other",
  PowerLoss: "PowerLoss",
  Reboot: "Reboot",
  Remote: "Remote",
  SoftReset: "ImmediateReset",
  Timeout: "Timeout",
  UnlockCommand: "Other"
}

const endTriggers: Readonly<Record<StopReason, Trigger>> = {
  DeAuthorized: "Deauthorized",
  EmergencyStop: "AbnormalCondition",
  EVDisconnected: "EVCommunicationLost",
  HardReset: "ResetCommand",
  Local: "StopAuthorized",
  Other: "AbnormalCondition",
  PowerLoss: "AbnormalCondition",
  Reboot: "AbnormalCondition",
  Remote: "RemoteStop",
  SoftReset: "ResetCommand",
  Timeout: "EVConnectTimeout",
  UnlockCommand: "UnlockCommand"
}

const readingTriggers: Readonly<Partial<Record<Reading["context"], Trigger>>> = {
  "Sample.Periodic": "MeterValuePeriodic",
  "Sample.Clock": "MeterValueClock"
}

type Event = Pick<TransactionEventRequest, "eventType" | "triggerReason"> & {
  readonly reading: Reading
  readonly state: ReturnType<typeof chargingState>
  readonly offline: boolean
  readonly reason?: ReasonEnumType
  readonly token?: PresentedToken
}

/** One TransactionEvent; takes the transaction's next seqNo. */
const requestOf = (transaction: Transaction, event: Event): TransactionEventRequest => {
  const { truth, authorization, evseId } = transaction
  const remoteStartId = authorization?.remoteStartId ?? null
  const isStart = event.eventType === "Started"
  return {
    eventType: event.eventType,
    timestamp: Instant.format(event.reading.atMs),
    triggerReason: event.triggerReason,
    seqNo: transaction.seqNo++,
    ...(event.offline ? { offline: true } : {}),
    transactionInfo: {
      transactionId: transaction.wireId!,
      chargingState: event.state,
      ...(event.reason === undefined ? {} : { stoppedReason: event.reason }),
      // Told with the authorization (2.0.1 F01.FR.03, F02.FR.01).
      ...(remoteStartId === null || event.token === undefined || event.eventType === "Ended" ? {} : { remoteStartId })
    },
    ...(isStart ? { evse: { id: evseId, connectorId: truth.connectorId } } : {}),
    ...(event.token === undefined ? {} : { idToken: idTokenOf(event.token) }),
    meterValue: [meterValue(event.reading)]
  }
}

/** OCPP 2.x: an EVSE has one connector, number 1. */
const voiceOf = (dialect: Dialect): Voice => {
  const action = <Name extends keyof Actions>(name: Name): Actions[Name] => dialect.actions.get(name) as Actions[Name]
  const post = (kind: MessageKind, transaction: Transaction, event: Event) =>
    message(kind, action("TransactionEvent"), requestOf(transaction, event), transaction.evseId, transaction)
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
          vendorName: nameplate.vendor,
          model: nameplate.model,
          serialNumber: nameplate.serialNumber,
          firmwareVersion: nameplate.firmware
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
    status: (evseId, name, atMs) =>
      message(
        "status",
        action("StatusNotification"),
        {
          timestamp: Instant.format(atMs),
          connectorStatus: name as ConnectorStatusEnumType,
          evseId,
          connectorId: 1
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
    sampled: (transaction, phase, reading, offline) =>
      post("reading", transaction, {
        eventType: "Updated",
        triggerReason: readingTriggers[reading.context] ?? "Trigger",
        reading,
        state: chargingState(phase),
        offline
      }),
    changed: (transaction, phase, reading, offline) =>
      post("state", transaction, {
        eventType: "Updated",
        triggerReason: phase === "Plugged" ? "CablePluggedIn" : "ChargingStateChanged",
        reading,
        state: chargingState(phase),
        offline
      }),
    ended: (transaction, { reason, reading, stopToken, offline }) =>
      post("end", transaction, {
        eventType: "Ended",
        // A stop without a token that nobody asked for from afar is a button.
        triggerReason: endTriggers[reason],
        reading,
        state: reason === "EVDisconnected" ? "Idle" : "EVConnected",
        offline,
        reason: reasons[reason],
        ...(stopToken === null ? {} : { token: stopToken })
      }),
    idleReading: (evseId, reading) => call(action("MeterValues"), { evseId, meterValue: [meterValue(reading)] }),
    payloadOf: ({ payload }) => payload,
    learn: ({ kind }, response) => {
      if (kind !== "start" && kind !== "state") return {}
      const { idTokenInfo } = response as TransactionEventResponse
      return idTokenInfo === undefined ? {} : { idInfo: infoOf(idTokenInfo) }
    },
    handle: handlerOf(dialect)
  }
}

export const voice201: Voice = voiceOf(v201)

/** OCPP 2.1 says what a simulated station has to say in the words of 2.0.1. */
export const voice21: Voice = voiceOf(v21)
