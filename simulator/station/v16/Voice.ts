import * as Instant from "#core/Instant.ts"
import { v16 } from "#core/ocpp/Dialect.ts"
import { actions } from "#core/ocpp/v16/generated/actions.ts"
import type {
  AuthorizeResponse,
  BootNotificationResponse,
  ChargePointStatus,
  Phase as MeterPhase,
  MeterValue,
  SampledValue,
  StartTransactionResponse
} from "#core/ocpp/v16/generated/schemas.ts"
import type { IdInfo } from "../AuthorizationCache.ts"
import { type Status16, status16 } from "../Phase.ts"
import type { Reading, Transaction } from "../Transaction.ts"
import { call, message, type Voice } from "../Voice.ts"
import { handle } from "./handle.ts"

/** Stands where a transaction id will be once it is known. */
const unknown = -1

const phaseNames: ReadonlyArray<MeterPhase> = ["L1", "L2", "L3"]

const infoOf = (info: AuthorizeResponse["idTagInfo"]): IdInfo => ({
  status: info.status,
  expiresAtMs: info.expiryDate === undefined ? null : (Instant.parse(info.expiryDate) ?? null),
  groupId: info.parentIdTag ?? null
})

/** One measurand of a reading, a value a phase where phases differ; none when the outlet has no such thing. */
const addSampled = (reading: Reading, measurand: string, values: Array<SampledValue>): void => {
  const { context } = reading
  switch (measurand) {
    case "Energy.Active.Import.Register":
      values.push({ value: String(reading.registerWh), context, measurand, unit: "Wh" })
      break
    case "Power.Active.Import":
      values.push({ value: String(reading.powerW), context, measurand, unit: "W" })
      break
    case "Current.Import": {
      const value = reading.currentA.toFixed(2)
      if (reading.phases === 0) values.push({ value, context, measurand, unit: "A" })
      for (let i = 0; i < reading.phases; i++) {
        values.push({ value, context, measurand, unit: "A", phase: phaseNames[i]! })
      }
      break
    }
    case "Voltage":
      values.push({ value: reading.voltageV.toFixed(1), context, measurand, unit: "V" })
      break
    case "SoC":
      if (reading.socPercent !== null) {
        values.push({ value: String(reading.socPercent), context, measurand, unit: "Percent", location: "EV" })
      }
  }
}

const meterValue = (reading: Reading, measurands: ReadonlyArray<string>): MeterValue => {
  const sampledValue: Array<SampledValue> = []
  for (const measurand of measurands) addSampled(reading, measurand, sampledValue)
  if (sampledValue.length === 0) addSampled(reading, register, sampledValue)
  return { timestamp: Instant.format(reading.atMs), sampledValue }
}

const register = "Energy.Active.Import.Register"
const registerOnly: ReadonlyArray<string> = [register]

const numberOf = (transaction: Transaction): number =>
  transaction.wireId === null ? unknown : Number(transaction.wireId)

const meterValues = (transaction: Transaction, reading: Reading) =>
  message(
    "reading",
    actions.MeterValues,
    {
      connectorId: transaction.evseId,
      transactionId: unknown,
      meterValue: [meterValue(reading, reading.measurands)]
    },
    transaction.evseId,
    transaction
  )

const status = (connectorId: number, name: string, atMs: number, transaction: Transaction | null) =>
  message(
    transaction === null ? "status" : "state",
    actions.StatusNotification,
    {
      connectorId,
      errorCode: name === "Faulted" ? "OtherError" : "NoError",
      status: name as Status16 & ChargePointStatus,
      timestamp: Instant.format(atMs)
    },
    connectorId,
    transaction
  )

/** OCPP 1.6J: EVSE n is connector n. */
export const voice: Voice = {
  dialect: v16,
  boot: (nameplate) =>
    call(actions.BootNotification, {
      chargePointVendor: nameplate.vendor,
      chargePointModel: nameplate.model,
      chargePointSerialNumber: nameplate.serialNumber,
      firmwareVersion: nameplate.firmware
    }),
  readBoot: (response) => {
    const { status, interval } = response as BootNotificationResponse
    return { status, intervalS: interval }
  },
  heartbeat: call(actions.Heartbeat, {}),
  authorize: (token) => call(actions.Authorize, { idTag: token.uid }),
  readAuthorize: (response) => infoOf((response as AuthorizeResponse).idTagInfo),
  statusName: status16,
  status,
  stationStatus: (operative, faulted, atMs) =>
    status(0, faulted ? "Faulted" : operative ? "Available" : "Unavailable", atMs, null),
  started: (transaction) => {
    const { begin, evseId, authorization, truth } = transaction
    return message(
      "start",
      actions.StartTransaction,
      {
        connectorId: evseId,
        // A 1.6 transaction begins with its authorization.
        idTag: authorization!.token.uid,
        meterStart: begin.registerWh,
        timestamp: Instant.format(truth.startedAtMs)
      },
      evseId,
      transaction
    )
  },
  beginReading: (transaction) => meterValues(transaction, transaction.begin),
  authorized: () => null,
  sampled: (transaction, _phase, reading) => meterValues(transaction, reading),
  changed: () => null,
  ended: (transaction, { reason, reading, stopToken }, withData) =>
    message(
      "end",
      actions.StopTransaction,
      {
        transactionId: unknown,
        meterStop: reading.registerWh,
        timestamp: Instant.format(reading.atMs),
        reason: reason === "Timeout" ? "Other" : reason,
        ...(stopToken === null ? {} : { idTag: stopToken.uid }),
        ...(withData
          ? { transactionData: [meterValue(transaction.begin, registerOnly), meterValue(reading, registerOnly)] }
          : {})
      },
      transaction.evseId,
      transaction
    ),
  idleReading: (evseId, reading) =>
    call(actions.MeterValues, { connectorId: evseId, meterValue: [meterValue(reading, reading.measurands)] }),
  payloadOf: ({ kind, payload, transaction }, unknownTransactionId) => {
    if (transaction === null || (kind !== "reading" && kind !== "end")) return payload
    if (transaction.wireId === null && unknownTransactionId === "silent") return undefined
    return { ...payload, transactionId: numberOf(transaction) }
  },
  learn: ({ kind }, response) => {
    if (kind === "start") {
      const { transactionId, idTagInfo } = response as StartTransactionResponse
      return { transactionId: String(transactionId), idInfo: infoOf(idTagInfo) }
    }
    return {}
  },
  handle
}
