import * as Instant from "#core/Instant.ts"
import { v16 } from "#core/ocpp/Dialect.ts"
import { actions } from "#core/ocpp/v16/generated/actions.ts"
import type {
  AuthorizeResponse,
  BootNotificationResponse,
  ChargePointStatus,
  MeterValue,
  SampledValue,
  StartTransactionResponse
} from "#core/ocpp/v16/generated/schemas.ts"
import type { IdInfo } from "../AuthorizationCache.ts"
import { instantOf, type Manner, textOf } from "../Manner.ts"
import { ocmfOf } from "../ocmf.ts"
import { type Status16, status16 } from "../Phase.ts"
import { type Quantity, quantitiesOf, register } from "../quantities.ts"
import type { Reading, StopReason, Transaction } from "../Transaction.ts"
import { call, message, type Voice } from "../Voice.ts"
import { handle } from "./handle.ts"

type Unnamed = "Timeout" | "EnergyLimit" | "TimeLimit" | "CostLimit"
/** Whether 1.6 has a reason of that name. */
const isNamed = (reason: StopReason): reason is Exclude<StopReason, Unnamed> =>
  !["Timeout", "EnergyLimit", "TimeLimit", "CostLimit"].includes(reason)

/** Stands where a transaction id will be once it is known. */
const unknown = -1

const infoOf = (info: AuthorizeResponse["idTagInfo"]): IdInfo => ({
  status: info.status,
  expiresAtMs: info.expiryDate === undefined ? null : (Instant.parse(info.expiryDate) ?? null),
  groupId: info.parentIdTag ?? null
})

/** One value as 1.6 writes it; what a default says already may be left out (1.6 section 7.43). */
const sampledValueOf = (quantity: Quantity, reading: Reading, manner: Manner): SampledValue => {
  const { measurand, value, unit, phase, location } = quantity
  const isTold = manner.optionals === "told"
  const told: { -readonly [K in keyof SampledValue]: SampledValue[K] } = { value }
  if (isTold) told.context = reading.context
  if (isTold || measurand !== register) told.measurand = measurand as NonNullable<SampledValue["measurand"]>
  if (isTold || unit !== "Wh") told.unit = unit
  if (phase !== null) told.phase = phase
  if (location !== null) told.location = location
  return told
}

const meterValue = (reading: Reading, measurands: ReadonlyArray<string>, manner: Manner): MeterValue => {
  const options = { manner, multiplies: false }
  const sampledValue: Array<SampledValue> = []
  for (const quantity of quantitiesOf(reading, measurands, options)) {
    sampledValue.push(sampledValueOf(quantity, reading, manner))
  }
  const record = recordOf(reading, manner)
  if (record !== undefined) sampledValue.push(record)
  return { timestamp: instantOf(manner, reading.atMs), sampledValue: sampledValue as MeterValue["sampledValue"] }
}

/** The OCMF record of a reading at start or end (OCA, Signed Meter Values in OCPP 1.6). */
const recordOf = (reading: Reading, manner: Manner): SampledValue | undefined => {
  const { context } = reading
  if (manner.records === "none" || (context !== "Transaction.Begin" && context !== "Transaction.End")) return undefined
  return { value: ocmfOf(reading), context, format: "SignedData", measurand: register, unit: "Wh" }
}

const registerOnly: ReadonlyArray<string> = [register]

const numberOf = (transaction: Transaction): number =>
  transaction.wireId === null ? unknown : Number(transaction.wireId)

const meterValues = (transaction: Transaction, readings: ReadonlyArray<Reading>, manner: Manner) =>
  message(
    "reading",
    actions.MeterValues,
    {
      connectorId: transaction.evseId,
      transactionId: unknown,
      meterValue: readings.map((reading) => meterValue(reading, reading.measurands, manner))
    },
    transaction.evseId,
    transaction,
    readings.length
  )

const status = (manner: Manner, connectorId: number, name: string, atMs: number, transaction: Transaction | null) =>
  message(
    transaction === null ? "status" : "state",
    actions.StatusNotification,
    {
      connectorId,
      errorCode: name === "Faulted" ? "OtherError" : "NoError",
      status: name as Status16 & ChargePointStatus,
      timestamp: instantOf(manner, atMs),
      ...(manner.texts === "short"
        ? {}
        : { info: textOf(manner, "", 50), vendorId: textOf(manner, "", 255), vendorErrorCode: textOf(manner, "", 50) })
    },
    connectorId,
    transaction
  )

/** OCPP 1.6J in a manner: EVSE n is connector n. */
export const voiceIn = (manner: Manner): Voice => ({
  dialect: v16,
  boot: (nameplate) =>
    call(actions.BootNotification, {
      chargePointVendor: textOf(manner, nameplate.vendor, 20),
      chargePointModel: textOf(manner, nameplate.model, 20),
      ...(manner.optionals === "leftOut"
        ? {}
        : {
            chargePointSerialNumber: textOf(manner, nameplate.serialNumber, 25),
            firmwareVersion: textOf(manner, nameplate.firmware, 50)
          })
    }),
  readBoot: (response) => {
    const { status, interval } = response as BootNotificationResponse
    return { status, intervalS: interval }
  },
  heartbeat: call(actions.Heartbeat, {}),
  authorize: (token) => call(actions.Authorize, { idTag: token.uid }),
  readAuthorize: (response) => infoOf((response as AuthorizeResponse).idTagInfo),
  statusName: status16,
  status: ({ evseId }, name, atMs, transaction) => status(manner, evseId, name, atMs, transaction),
  stationStatus: (operative, faulted, atMs) =>
    status(manner, 0, faulted ? "Faulted" : operative ? "Available" : "Unavailable", atMs, null),
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
        timestamp: instantOf(manner, truth.startedAtMs)
      },
      evseId,
      transaction
    )
  },
  beginReading: (transaction) => meterValues(transaction, [transaction.begin], manner),
  authorized: () => null,
  sampled: (transaction, _phase, readings) => meterValues(transaction, readings, manner),
  changed: () => null,
  limited: () => null,
  repriced: () => null,
  released: () => null,
  ended: (transaction, { reason, reading, stopToken }, withData) =>
    message(
      "end",
      actions.StopTransaction,
      {
        transactionId: unknown,
        meterStop: reading.registerWh,
        timestamp: instantOf(manner, reading.atMs),
        reason: isNamed(reason) ? reason : "Other",
        ...(stopToken === null ? {} : { idTag: stopToken.uid }),
        ...(withData
          ? {
              transactionData: [
                meterValue(transaction.begin, registerOnly, manner),
                meterValue(reading, registerOnly, manner)
              ]
            }
          : {})
      },
      transaction.evseId,
      transaction
    ),
  idleReading: (evseId, reading) =>
    call(actions.MeterValues, { connectorId: evseId, meterValue: [meterValue(reading, reading.measurands, manner)] }),
  payloadOf: ({ kind, payload, transaction }, { unknownTransactionId, namesTransaction }) => {
    if (transaction === null || (kind !== "reading" && kind !== "end")) return payload
    if (transaction.wireId === null && unknownTransactionId === "silent") return undefined
    if (kind === "reading" && !namesTransaction) {
      const { transactionId: _, ...rest } = payload as { readonly transactionId: number }
      return rest
    }
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
})
