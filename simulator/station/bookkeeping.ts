import { sometimes } from "#core/Sometimes.ts"
import { canonicalUid, type PresentedToken } from "#core/token/Token.ts"
import type { EndKnowledge, Lie, OpenTrueSession, TrueState } from "../Truth.ts"
import { maxPowerW } from "../vehicle/Car.ts"
import type { EvseHost } from "./EvseHost.ts"
import type { Outlet } from "./Outlet.ts"
import type { Authorization, Kept, Reading, StopReason, Transaction } from "./Transaction.ts"

/** How a transaction comes about. */
export interface Opening {
  readonly evseId: number
  readonly outlet: Pick<Outlet, "connectorId" | "personId" | "supply">
  readonly authorization: Authorization | null
  readonly pluggedAtMs: number | null
  readonly begin: Reading
  /** What the memory holds of the transaction before it at this EVSE; null: nothing. */
  readonly before: Kept | null
  readonly state: TrueState
  /** 2.x: the number of its first message. */
  readonly seqNo: number
}

const exportedSince = (begin: Reading, { exportMilliWh }: Kept): number =>
  (exportMilliWh ?? 0) - (begin.exportMilliWh ?? 0)

const countedWh = ({ registerMilliWh }: Kept): number => Math.floor(registerMilliWh / 1000)

/** Begins a transaction, and the true account of it. */
export const openTransaction = (host: EvseHost, opening: Opening): Transaction => {
  const { authorization, begin, evseId, outlet } = opening
  const id = host.nextSessionId()
  const { version } = host.voice.dialect
  // 2.x: our own id for it.
  const wireId = version === "1.6" ? null : host.nextTransactionId()
  return {
    evseId,
    authorization,
    wireId,
    seqNo: opening.seqNo,
    habits: host.habits,
    isTokenTold: false,
    isOver: false,
    isReleased: false,
    limit: null,
    ownTariff: host.screen.prices.at(evseId),
    pricedBefore: [],
    untold: [],
    begin,
    kept: begin,
    told: begin,
    truth: host.truth.begin({
      id,
      stationId: host.identity,
      evseId,
      connectorId: outlet.connectorId,
      dialect: version,
      tokenUid: authorization === null ? null : canonicalUid(authorization.token.uid),
      personId: outlet.personId,
      pluggedAtMs: opening.pluggedAtMs,
      startedAtMs: begin.atMs,
      endedAtMs: null,
      unpluggedAtMs: null,
      trueStartedAtMs: begin.trueAtMs,
      trueEndedAtMs: null,
      meterStartWh: countedWh(begin),
      meterStopWh: null,
      shownStartWh: begin.registerWh,
      shownStopWh: null,
      maxPowerW: maxPowerW(outlet.supply),
      peakPowerW: 0,
      deliveredMilliWh: 0,
      exportedMilliWh: 0,
      lostMilliWh: 0,
      states: [{ atMs: begin.atMs, state: opening.state }],
      readings: 1,
      ocppTransactionId: wireId,
      startOffline: authorization?.offline === true || !host.isOnline(),
      stopReason: null,
      stopTokenUid: null,
      rejected: false,
      startAcknowledged: false,
      faults: [...new Set(host.faults)],
      lies: [
        ...(isClockAbsurd(begin) ? ["clock" as const] : []),
        ...(isOtherMeters(opening) ? ["meter" as const] : [])
      ],
      endKnowledge: null,
      remoteStartId: authorization?.remoteStartId ?? null
    })
  }
}

/** A token for a transaction that began without one (2.x, TxStartPoint EVConnected). */
export const authorizeTransaction = (
  transaction: Transaction,
  authorization: Authorization,
  isOnline: boolean
): void => {
  const { truth } = transaction
  transaction.authorization = authorization
  truth.tokenUid = canonicalUid(authorization.token.uid)
  truth.startOffline = authorization.offline || !isOnline
  truth.remoteStartId = authorization.remoteStartId
}

/** The meter was looked at on behalf of a transaction; the memory keeps it. `counts` when the CMS is told. */
export const noteReading = (transaction: Transaction, reading: Reading, counts: boolean): void => {
  noteLies(transaction, reading, counts)
  notePeak(transaction, reading)
  transaction.kept = reading
  transaction.truth.deliveredMilliWh = reading.registerMilliWh - transaction.begin.registerMilliWh
  transaction.truth.exportedMilliWh = exportedSince(transaction.begin, reading)
  if (!counts) return
  transaction.truth.readings++
  transaction.told = reading
}

const notePeak = ({ truth, kept }: Transaction, { powerW, registerMilliWh, trueAtMs }: Reading): void => {
  const ms = trueAtMs - kept.trueAtMs
  const meanW = ms <= 0 ? 0 : ((registerMilliWh - kept.registerMilliWh) * 3_600) / ms
  truth.peakPowerW = Math.max(truth.peakPowerW, powerW, meanW)
}

/** A session of which the station said something that was not so. */
export const lie = (truth: OpenTrueSession, what: Lie): void => {
  if (!truth.lies.includes(what)) truth.lies.push(what)
}

/** What no CMS believes: a clock that was never set, or that is a day ahead. */
const isClockAbsurd = ({ atMs, trueAtMs }: Kept): boolean =>
  trueAtMs - atMs > 300 * 86_400_000 || atMs - trueAtMs > 20 * 3_600_000

/**
 * The meter was exchanged for a new one since the last transaction: its 0 is what stations tell that have not read their
 * meter yet, and nobody who only hears of it can tell the one from the other.
 */
const isOtherMeters = ({ begin, before }: Opening): boolean =>
  begin.registerWh === 0 && countedWh(begin) > 0 && (before === null || before.registerWh > 0)

/** A clock that drifts by more has been turned. */
const driftMs = (elapsedMs: number): number => 1_000 + elapsedMs / 100

/** What no charger delivers in between, Wh: the fastest there is with room for a meter that answers late. */
const impossibleWh = (elapsedMs: number): number => 2_000 + (elapsedMs * 600) / 3_600

/** Compares what clock and meter showed with what was, from the begin of the transaction and from one reading to the next. */
const noteLies = ({ truth, begin, told }: Transaction, kept: Kept, isTold: boolean): void => {
  const aheadMs = kept.atMs - kept.trueAtMs
  const turnedMs = Math.abs(aheadMs - (begin.atMs - begin.trueAtMs))
  if (turnedMs > driftMs(kept.trueAtMs - begin.trueAtMs) || isClockAbsurd(kept)) lie(truth, "clock")
  if (kept.registerWh - countedWh(kept) !== begin.registerWh - countedWh(begin)) lie(truth, "meter")
  if (!isTold || kept.atMs <= told.atMs) return
  const riseWh = kept.registerWh - told.registerWh
  if (riseWh < 0 || riseWh > impossibleWh(kept.atMs - told.atMs)) lie(truth, "meter-plainly")
}

/** A fault was on while the transaction ran. */
export const noteFault = ({ truth }: Transaction, fault: string): void => {
  if (!truth.faults.includes(fault)) truth.faults.push(fault)
}

/** What the car did from an instant on; a state that held already is not noted twice. */
export const noteState = (transaction: Transaction, atMs: number, state: TrueState): void => {
  const { states } = transaction.truth
  if (states[states.length - 1]!.state !== state) states.push({ atMs, state })
}

/** The transaction is over as of `kept`; what the register counted beyond is lost to everybody. */
export const closeTransaction = (
  transaction: Transaction,
  end: {
    readonly kept: Kept
    readonly registerMilliWh: number
    readonly reason: StopReason
    readonly stopToken: PresentedToken | null
    readonly knowledge: EndKnowledge
  }
): void => {
  const { truth, begin } = transaction
  transaction.isOver = true
  transaction.kept = end.kept
  truth.endedAtMs = end.kept.atMs
  truth.trueEndedAtMs = end.kept.trueAtMs
  truth.meterStopWh = countedWh(end.kept)
  truth.shownStopWh = end.kept.registerWh
  truth.deliveredMilliWh = end.kept.registerMilliWh - begin.registerMilliWh
  truth.exportedMilliWh = exportedSince(begin, end.kept)
  truth.lostMilliWh = end.registerMilliWh - end.kept.registerMilliWh
  truth.stopReason = end.reason
  truth.stopTokenUid = end.stopToken === null ? null : canonicalUid(end.stopToken.uid)
  truth.endKnowledge = end.knowledge
}

/** The account of a transaction whose station lost its power: it ends with what the memory holds. */
export const cutTransaction = (
  transaction: Transaction,
  registerMilliWh: number,
  reason: "PowerLoss" | "Reboot",
  withMemory: boolean
): void => {
  // Whoever keeps its last instant keeps none of the readings that were gathered for the next message.
  transaction.untold = []
  sometimes(withMemory ? "an end was told after a power cut" : "a memory was lost with a transaction in it")
  closeTransaction(transaction, {
    kept: transaction.kept,
    registerMilliWh,
    reason,
    stopToken: null,
    knowledge: withMemory ? "queued" : "lost"
  })
}

/** A transaction that outlived a power cut goes on. */
export const resumeTransaction = (interrupted: Transaction): Transaction => {
  sometimes("a transaction went on after a power cut")
  return interrupted
}

/** What a memory can say at the end of a transaction that it outlived. */
export const readingOf = (kept: Kept): Reading => ({
  ...kept,
  context: "Transaction.End",
  measurands: ["Energy.Active.Import.Register"],
  phaseRegistersMilliWh: [],
  powerW: 0,
  currentA: 0,
  voltageV: 0,
  phases: 1,
  socPercent: null
})
