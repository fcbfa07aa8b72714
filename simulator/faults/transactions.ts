import * as Instant from "#core/Instant.ts"
import type { TrueSession } from "../Truth.ts"
import { define, millis, oneOf, ratio, whole } from "./Entry.ts"
import type { Target } from "./Fault.ts"
import { type Call, callOf, isEnd, resultOf, textOf, wireIdOf } from "./frames.ts"
import { idOf, isAnswer } from "./Uplink.ts"

const changed = (call: Call) => ({ copies: 1, delayMs: 0, text: textOf(call) })

/** An id that is wrong for a transaction of this station, or none where there is none of that kind yet. */
const wrongId = ({ station }: Target, kind: "-1" | "0" | "stale" | "other", own: string): number | undefined => {
  if (kind === "-1" || kind === "0") return Number(kind)
  const isWanted = (it: TrueSession): boolean =>
    it.dialect === "1.6" &&
    it.ocppTransactionId !== null &&
    it.ocppTransactionId !== own &&
    (kind === "other"
      ? it.stationId !== station.identity
      : it.stationId === station.identity && it.endKnowledge === "reported")
  const id = station.truth.sessions.findLast(isWanted)?.ocppTransactionId
  return id === undefined || id === null ? undefined : Number(id)
}

/**
 * Some MeterValues and StopTransactions of a 1.6 station carry an id that is not theirs: -1, 0, that of its last
 * transaction, or that of another station's. (In 2.x the id is the station's own and cannot be wrong.)
 *
 * The CMS owes: the stop given to the one open transaction that it fits, else kept as nobody's; no stranger's
 * transaction stopped, no ended one changed, nothing billed twice, nothing open for ever.
 */
export const wrongTransactionId = define({
  name: "wrong-transaction-id",
  about: "-1 after an offline start (1.6 errata 3.18), 0 as uninitialised, the last one's out of flash, a random one.",
  owes: "the stop given to the one open transaction it fits, else to nobody; no stranger's stopped, none changed",
  family: "station",
  fields: { id: oneOf(["-1", "0", "stale", "other"], "-1"), ratio: ratio(1) },
  draw: (stream) => ({
    id: stream.pick(["-1", "0", "stale", "other"] as const),
    ratio: stream.pick([0.3, 1])
  }),
  strike: (target, parameters, stream) =>
    target.uplink.disturb((direction, text) => {
      const call = direction === "toCms" && stream.chance(parameters.ratio) ? callOf(text) : undefined
      if (call?.action !== "StopTransaction" && call?.action !== "MeterValues") return undefined
      const own = wireIdOf(call)
      if (own === undefined || Number(own) <= 0) return undefined
      const transactionId = wrongId(target, parameters.id, own)
      if (transactionId === undefined) return undefined
      const { identity, truth } = target.station
      truth.mislead(identity, own, "messages")
      if (isEnd(call)) truth.misname(identity)
      return changed({ ...call, payload: { ...call.payload, transactionId } })
    })
})

/**
 * A 1.6 station stops before its StartTransaction is answered: the stop goes out with -1, and once more with the right
 * id when that is known.
 *
 * The CMS owes: one ended transaction and one bill, whichever of the two stops it understands.
 */
export const stopBeforeStart = define({
  name: "stop-before-start",
  about: "A driver who changes his mind within a slow answer; firmware that does not queue behind the open CALL.",
  owes: "one ended transaction and one bill out of both stops",
  family: "station",
  fields: { ratio: ratio(1), holdMs: millis(12_000) },
  draw: (stream) => ({ ratio: stream.pick([0.3, 1]), holdMs: stream.int(3_000, 25_000) }),
  strike: ({ station, uplink, timers }, parameters, stream) => {
    const asked = new Set<string>()
    const stop = (connectorId: number): void => {
      const running = station.evse(connectorId).sessionId
      station.stopAll()
      const session = running === null ? undefined : station.truth.session(running)
      if (session === undefined || session.endedAtMs === null) return
      station.truth.misname(station.identity)
      uplink.inject("StopTransaction", {
        transactionId: -1,
        meterStop: session.shownStopWh,
        timestamp: Instant.format(session.endedAtMs),
        reason: "Local",
        ...(session.tokenUid === null ? {} : { idTag: session.tokenUid })
      })
    }
    return uplink.disturb((direction, text) => {
      if (direction === "toCms") {
        const call = callOf(text)
        if (call?.action !== "StartTransaction" || asked.has(call.messageId)) return undefined
        if (!stream.chance(parameters.ratio)) return undefined
        asked.add(call.messageId)
        timers.after(1_000, () => stop(call.payload.connectorId))
        return undefined
      }
      const id = isAnswer(text) ? idOf(text) : undefined
      return id !== undefined && asked.has(id) ? { copies: 1, delayMs: parameters.holdMs } : undefined
    })
  }
})

/**
 * Stops say nothing of the token that stopped.
 *
 * The CMS owes: the same bill to the one who started; the field is optional and its absence no reason to refuse.
 */
export const stopWithoutToken = define({
  name: "stop-without-id-tag",
  about: "Stops at the plug, by the app, and by firmware that never fills an optional field (1.6 section 6.49).",
  owes: "the same bill to the one who started",
  family: "station",
  fields: {},
  draw: () => ({}),
  strike: ({ uplink }) =>
    uplink.disturb((direction, text) => {
      const call = direction === "toCms" ? callOf(text) : undefined
      if (call === undefined || !isEnd(call)) return undefined
      const { idTag, idToken, ...payload } = call.payload
      return changed({ ...call, payload })
    })
})

/** A reading, a minute and some watt-hours later. */
const later = (payload: Call["payload"], byWh: number): Call["payload"] => {
  const copy = structuredClone(payload)
  if ("timestamp" in copy) copy.timestamp = postponed(copy.timestamp)
  for (const value of copy.meterValue ?? []) {
    value.timestamp = postponed(value.timestamp)
    for (const sampled of value.sampledValue) {
      if (sampled.measurand !== "Energy.Active.Import.Register") continue
      const registerWh = Number(sampled.value) + byWh
      sampled.value = typeof sampled.value === "string" ? String(registerWh) : registerWh
    }
  }
  return copy
}

const postponed = (timestamp: string): string => Instant.format(Instant.parse(timestamp)! + 60_000)

/**
 * Behind the answer to a stop comes one more reading of that transaction, later than its end and higher.
 *
 * The CMS owes: the transaction stays ended, its bill what it was; the reading may be kept and must not be billed.
 */
export const readingAfterStop = define({
  name: "reading-after-stop",
  about: "Sampling tasks that are not told of the stop: a MeterValues, or an Updated after Ended, a minute later.",
  owes: "ended stays ended, the bill what it was",
  family: "station",
  fields: { byWh: whole(1_000, 0, 100_000) },
  draw: (stream) => ({ byWh: stream.pick([0, 1, 1_000, 20_000]) }),
  strike: ({ uplink }, { byWh }) => {
    const ends = new Map<string, Call>()
    return uplink.disturb((direction, text) => {
      if (direction === "toCms") {
        const call = callOf(text)
        if (call !== undefined && isEnd(call)) ends.set(call.messageId, call)
        return undefined
      }
      const result = resultOf(text)
      const end = result === undefined ? undefined : ends.get(result.messageId)
      if (end === undefined) return undefined
      ends.delete(end.messageId)
      if (end.action === "StopTransaction") {
        const { transactionId, timestamp, meterStop } = end.payload
        const measurand = "Energy.Active.Import.Register"
        const meterValue = [{ timestamp, sampledValue: [{ value: String(meterStop), measurand, unit: "Wh" }] }]
        // Every 1.6 station has a connector 1; which one it was, its id says.
        uplink.inject("MeterValues", later({ connectorId: 1, transactionId, meterValue }, byWh))
      } else {
        const { idToken, eventType, ...rest } = end.payload
        const { transactionId } = rest.transactionInfo
        const payload = { ...rest, seqNo: rest.seqNo + 1, transactionInfo: { transactionId } }
        const meterValue = (rest.meterValue ?? []).map((value: Call["payload"]) => ({
          ...value,
          sampledValue: value.sampledValue.map((sampled: object) => ({ ...sampled, context: "Sample.Periodic" }))
        }))
        const triggerReason = "MeterValuePeriodic"
        const copy = later({ ...payload, meterValue }, byWh)
        uplink.inject("TransactionEvent", { ...copy, eventType: "Updated", triggerReason })
      }
      return undefined
    })
  }
})

/**
 * The reading at the begin is missing: a 2.x Started comes without a meter value. (1.6 StartTransaction cannot: see
 * meter-zero-baseline for what is sent instead.)
 *
 * The CMS owes: energy from the first reading there is, no more than was delivered, and the finding
 * meter-missing-begin.
 */
export const missingBegin = define({
  name: "meter-missing-begin",
  about: "2.x stations whose SampledDataTxStartedMeasurands is empty, as delivered.",
  owes: "energy from the first reading there is, no more than delivered, and a finding",
  family: "meter",
  fields: {},
  draw: () => ({}),
  strike: ({ station, uplink }) =>
    uplink.disturb((direction, text) => {
      const call = direction === "toCms" ? callOf(text) : undefined
      if (call?.payload.eventType !== "Started") return undefined
      const { meterValue, ...payload } = call.payload
      station.truth.mislead(station.identity, wireIdOf(call)!, "meter")
      return changed({ ...call, payload })
    })
})

/**
 * Each message of readings repeats the one before, behind the newest: samples out of order, and twice.
 *
 * The CMS owes: readings in the order of their own time, each once, the bill to the watt-hour.
 */
export const unorderedSamples = define({
  name: "meter-unordered-samples",
  about: "Ring buffers sent from the write position on; offline queues flushed newest first.",
  owes: "readings by their own time, each once, the bill to the watt-hour",
  family: "meter",
  fields: {},
  draw: () => ({}),
  strike: ({ uplink }) => {
    const last = new Map<string, ReadonlyArray<unknown>>()
    return uplink.disturb((direction, text) => {
      const call = direction === "toCms" ? callOf(text) : undefined
      if (call === undefined || isEnd(call)) {
        if (call !== undefined) last.delete(wireIdOf(call) ?? "")
        return undefined
      }
      const isReading = call.action === "MeterValues" || call.payload.triggerReason === "MeterValuePeriodic"
      const id = isReading ? wireIdOf(call) : undefined
      if (id === undefined || Number(id) <= 0) return undefined
      // A message may carry several readings: all of them are told, and all of those before once more.
      const newest: ReadonlyArray<unknown> = call.payload.meterValue ?? []
      const before = last.get(id)
      last.set(id, newest)
      if (before === undefined || newest.length === 0) return undefined
      return changed({ ...call, payload: { ...call.payload, meterValue: [...newest, ...before] } })
    })
  }
})
