import type { Reading, Session, Step } from "./Session.ts"

/** A CALL before it has a message id. */
export interface Message {
  readonly action: string
  readonly payload: unknown
  /** Why the answer is not what it must be; undefined when it is. Notes what the answer tells. */
  readonly take: (answer: Answer) => string | undefined
}

export type Answer = Readonly<Record<string, unknown>>

/** How a version says what an EVSE does. */
export type Words = (step: Step) => Message

const iso = (atMs: number): string => new Date(atMs).toISOString()
const anything = (): undefined => undefined

const statusIn = (answer: Answer, property: string): unknown =>
  (answer[property] as { readonly status?: unknown } | undefined)?.status

const contexts = { Begin: "Transaction.Begin", Periodic: "Sample.Periodic", End: "Transaction.End" } as const

/** OCPP 1.6. `claim` is told of every transaction id that was answered, and says what is wrong with it. */
export const words16 =
  (claim: (id: unknown, session: Session) => string | undefined): Words =>
  (step) => {
    switch (step._tag) {
      case "Authorize":
        return {
          action: "Authorize",
          payload: { idTag: step.tokenUid },
          take: (answer) => expectStatus(statusIn(answer, "idTagInfo"), step.isKnown ? "Accepted" : "Invalid")
        }
      case "Status": {
        const { atMs, evseId, status } = step
        const payload = { connectorId: evseId, errorCode: "NoError", status, timestamp: iso(atMs) }
        return { action: "StatusNotification", payload, take: anything }
      }
      case "Start":
        return start16(step.session, step.reading, claim)
      case "Pause": {
        const { atMs, session } = step
        const payload = {
          connectorId: session.evseId,
          errorCode: "NoError",
          status: "SuspendedEV",
          timestamp: iso(atMs)
        }
        return { action: "StatusNotification", payload, take: anything }
      }
      case "Readings": {
        const { evseId, ocppId } = step.session
        const payload = { connectorId: evseId, transactionId: Number(ocppId), meterValue: step.readings.map(value16) }
        return { action: "MeterValues", payload, take: anything }
      }
      case "Stop":
        return stop16(step)
      case "Present":
        throw new Error("1.6 has no card after the start")
    }
  }

const value16 = ({ atMs, registerWh, context }: Reading) => ({
  timestamp: iso(atMs),
  sampledValue: [{ value: String(registerWh), context: contexts[context] }]
})

const start16 = (
  session: Session,
  reading: Reading,
  claim: (id: unknown, session: Session) => string | undefined
): Message => ({
  action: "StartTransaction",
  payload: {
    connectorId: session.evseId,
    idTag: session.tokenUid,
    meterStart: reading.registerWh,
    timestamp: iso(reading.atMs)
  },
  take: (answer) => {
    session.isStartAnswered = true
    return (
      claim(answer["transactionId"], session) ??
      expectStatus(statusIn(answer, "idTagInfo"), session.isKnown ? "Accepted" : "Invalid")
    )
  }
})

const stop16 = ({ session, reading, detailed }: Extract<Step, { _tag: "Stop" }>): Message => ({
  action: "StopTransaction",
  payload: {
    transactionId: Number(session.ocppId),
    meterStop: reading.registerWh,
    timestamp: iso(reading.atMs),
    reason: session.isKnown ? "Local" : "DeAuthorized",
    ...(session.isKnown ? { idTag: session.tokenUid } : {}),
    ...(detailed ? { transactionData: [value16(reading)] } : {})
  },
  take: (answer) => {
    session.isStopAnswered = true
    return session.isKnown ? expectStatus(statusIn(answer, "idTagInfo"), "Accepted") : undefined
  }
})

/** OCPP 2.0.1; counts the sequence numbers of one station's transactions, from 0 for each. */
export const words201 = (): Words => {
  const counters = new WeakMap<Session, number>()
  const next = (session: Session): number => {
    const seqNo = counters.get(session) ?? 0
    counters.set(session, seqNo + 1)
    return seqNo
  }
  return (step) => {
    switch (step._tag) {
      case "Authorize":
        return {
          action: "Authorize",
          payload: { idToken: token(step.tokenUid) },
          take: (answer) => expectStatus(statusIn(answer, "idTokenInfo"), step.isKnown ? "Accepted" : "Unknown")
        }
      case "Status": {
        const { atMs, evseId, status } = step
        const connectorStatus = status === "Available" ? status : "Occupied"
        const payload = { timestamp: iso(atMs), connectorStatus, evseId, connectorId: 1 }
        return { action: "StatusNotification", payload, take: anything }
      }
      default:
        return event201(step, next(step.session))
    }
  }
}

const token = (uid: string) => ({ idToken: uid, type: "ISO14443" })

const value201 = ({ atMs, registerWh, context }: Reading) => ({
  timestamp: iso(atMs),
  sampledValue: [{ value: registerWh, context: contexts[context], measurand: "Energy.Active.Import.Register" }]
})

const event201 = (step: Exclude<Step, { _tag: "Authorize" | "Status" }>, seqNo: number): Message => {
  const { session } = step
  const { evseId, ocppId, isKnown } = session
  const event = (
    eventType: "Started" | "Updated" | "Ended",
    triggerReason: string,
    atMs: number,
    info: Record<string, unknown>,
    more: Record<string, unknown>,
    take: Message["take"]
  ): Message => {
    const transactionInfo = { transactionId: ocppId, ...info }
    const payload = { eventType, timestamp: iso(atMs), triggerReason, seqNo, transactionInfo, ...more }
    return { action: "TransactionEvent", payload, take }
  }
  const judged: Message["take"] = (answer) =>
    expectStatus(statusIn(answer, "idTokenInfo"), isKnown ? "Accepted" : "Unknown")
  switch (step._tag) {
    case "Start": {
      const byCable = session.states[0]?.state === "EVConnected"
      const info = { chargingState: byCable ? "EVConnected" : "Charging" }
      const place = { evse: { id: evseId, connectorId: 1 }, meterValue: [value201(step.reading)] }
      const card = byCable ? {} : { idToken: token(session.tokenUid) }
      const trigger = byCable ? "CablePluggedIn" : "Authorized"
      return event("Started", trigger, step.reading.atMs, info, { ...place, ...card }, (answer) => {
        session.isStartAnswered = true
        return byCable ? undefined : judged(answer)
      })
    }
    case "Present": {
      const card = { idToken: token(session.tokenUid) }
      return event("Updated", "Authorized", step.atMs, { chargingState: "Charging" }, card, judged)
    }
    case "Readings": {
      const meterValue = step.readings.map(value201)
      return event("Updated", "MeterValuePeriodic", step.readings.at(-1)!.atMs, {}, { meterValue }, anything)
    }
    case "Pause": {
      const meterValue = step.reading === undefined ? {} : { meterValue: [value201(step.reading)] }
      const info = { chargingState: "SuspendedEV" }
      return event("Updated", "ChargingStateChanged", step.atMs, info, meterValue, anything)
    }
    case "Stop": {
      const info = { chargingState: "Idle", stoppedReason: isKnown ? "Local" : "DeAuthorized" }
      const more = { meterValue: [value201(step.reading)], ...(isKnown ? { idToken: token(session.tokenUid) } : {}) }
      return event("Ended", isKnown ? "StopAuthorized" : "Deauthorized", step.reading.atMs, info, more, (answer) => {
        session.isStopAnswered = true
        return isKnown ? judged(answer) : undefined
      })
    }
  }
}

const expectStatus = (found: unknown, expected: string): string | undefined =>
  found === expected ? undefined : `answered ${String(found)} where ${expected} was right`
