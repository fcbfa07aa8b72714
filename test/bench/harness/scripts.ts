import type { Script } from "./load.ts"
import type { Dialect } from "./stations.ts"

/** Heartbeats without end. */
export const heartbeats = (): Script => {
  let serial = 0
  return {
    next: (isEnding) => {
      if (isEnding) return undefined
      const messageId = `h${++serial}`
      return { messageId, text: `[2,"${messageId}","Heartbeat",{}]` }
    },
    take: (text) => {
      if (!text.includes('"currentTime":"20')) throw new Error(`a heartbeat was answered ${text}`)
    }
  }
}

/** What a session is, on the station's own clock: ten minutes, four readings, 5 kWh. */
const stepMs = 120_000
export const sessionWh = 5_000
const readings = 4
export const messagesPerSession = readings + 3

export interface Sessions extends Script {
  /** Sessions that came to their end. */
  readonly finished: () => number
}

const isAccepted = (text: string): void => {
  if (!text.includes('"status":"Accepted"')) throw new Error(`not accepted: ${text}`)
}

interface Moment {
  readonly at: string
  readonly registerWh: number
}

const values16 = ({ registerWh }: Moment): string =>
  `[{"value":"${registerWh}","context":"Sample.Periodic","measurand":"Energy.Active.Import.Register","unit":"Wh"},` +
  `{"value":"30000","context":"Sample.Periodic","measurand":"Power.Active.Import","unit":"W"},` +
  `{"value":"43.5","context":"Sample.Periodic","measurand":"Current.Import","unit":"A"},` +
  `{"value":"57","context":"Sample.Periodic","measurand":"SoC","unit":"Percent","location":"EV"}]`

const meterValue201 = ({ at, registerWh }: Moment, context: string): string =>
  `[{"timestamp":"${at}","sampledValue":[` +
  `{"value":${registerWh},"context":"${context}","measurand":"Energy.Active.Import.Register","unitOfMeasure":{"unit":"Wh"}},` +
  `{"value":30000,"context":"${context}","measurand":"Power.Active.Import","unitOfMeasure":{"unit":"W"}},` +
  `{"value":43.5,"context":"${context}","measurand":"Current.Import","unitOfMeasure":{"unit":"A"}},` +
  `{"value":57,"context":"${context}","measurand":"SoC","location":"EV","unitOfMeasure":{"unit":"Percent"}}]}]`

/**
 * Sessions one after the other. The station's clock began some days ago and runs fast, so that a session of ten minutes
 * takes as long as its messages do: energy, time and power are those of a real one, and nothing lies in the future.
 */
const sessions = (
  startAtMs: number,
  messages: (step: number, moment: Moment, serial: number) => { readonly action: string; readonly payload: string },
  learn: (step: number, text: string) => void
): Sessions => {
  let step = 0
  let serial = 0
  let done = 0
  let registerWh = 1_000
  let atMs = startAtMs
  return {
    finished: () => done,
    next: (isEnding) => {
      if (step === 0 && isEnding) return undefined
      const messageId = `m${serial}-${step}`
      const moment = { at: new Date(atMs).toISOString(), registerWh }
      const { action, payload } = messages(step, moment, serial)
      return { messageId, text: `[2,"${messageId}","${action}",${payload}]` }
    },
    take: (text) => {
      learn(step, text)
      if (step > 0 && step <= readings + 1) {
        atMs += stepMs
        registerWh += sessionWh / (readings + 1)
      }
      step++
      if (step < messagesPerSession) return
      step = 0
      serial++
      done++
      atMs += stepMs
    }
  }
}

const sessions16 = (token: string, startAtMs: number): Sessions => {
  let transactionId = 0
  return sessions(
    startAtMs,
    (step, moment) => {
      const { at, registerWh } = moment
      if (step === 0) return { action: "Authorize", payload: `{"idTag":"${token}"}` }
      if (step === 1) {
        const payload = `{"connectorId":1,"idTag":"${token}","meterStart":${registerWh},"timestamp":"${at}"}`
        return { action: "StartTransaction", payload }
      }
      if (step <= readings + 1) {
        const meterValue = `[{"timestamp":"${at}","sampledValue":${values16(moment)}}]`
        const payload = `{"connectorId":1,"transactionId":${transactionId},"meterValue":${meterValue}}`
        return { action: "MeterValues", payload }
      }
      const payload = `{"transactionId":${transactionId},"idTag":"${token}","meterStop":${registerWh},"timestamp":"${at}","reason":"Local"}`
      return { action: "StopTransaction", payload }
    },
    (step, text) => {
      if (step === 0 || step === 1 || step === readings + 2) isAccepted(text)
      if (step !== 1) return
      transactionId = Number(/"transactionId":(\d+)/.exec(text)?.[1])
      if (!(transactionId > 0)) throw new Error(`no transaction id: ${text}`)
    }
  )
}

const sessions201 = (token: string, startAtMs: number): Sessions => {
  const idToken = `{"idToken":"${token}","type":"ISO14443"}`
  return sessions(
    startAtMs,
    (step, moment, serial) => {
      if (step === 0) return { action: "Authorize", payload: `{"idToken":${idToken}}` }
      const eventType = step === 1 ? "Started" : step === readings + 2 ? "Ended" : "Updated"
      const context = { Started: "Transaction.Begin", Updated: "Sample.Periodic", Ended: "Transaction.End" }[eventType]
      const trigger = { Started: "Authorized", Updated: "MeterValuePeriodic", Ended: "StopAuthorized" }[eventType]
      const state = eventType === "Ended" ? `,"stoppedReason":"Local"` : `,"chargingState":"Charging"`
      const token = eventType === "Updated" ? "" : `,"idToken":${idToken}`
      const payload =
        `{"eventType":"${eventType}","timestamp":"${moment.at}","triggerReason":"${trigger}","seqNo":${step - 1},` +
        `"transactionInfo":{"transactionId":"tx-${serial}"${state}},"evse":{"id":1,"connectorId":1}${token},` +
        `"meterValue":${meterValue201(moment, context)}}`
      return { action: "TransactionEvent", payload }
    },
    (step, text) => {
      if (step <= 1 || step === readings + 2) isAccepted(text)
    }
  )
}

/** Sessions of one dialect with that token, beginning at that instant of the station's clock. */
export const sessionsOf = (dialect: Dialect, token: string, startAtMs: number): Sessions =>
  dialect === "1.6" ? sessions16(token, startAtMs) : sessions201(token, startAtMs)
