import { sometimes } from "#core/Sometimes.ts"
import { canonicalUid, type PresentedToken } from "#core/token/Token.ts"
import type { EndKnowledge, TrueDialect, TrueState, Truth } from "../Truth.ts"
import type { Authorization, Kept, Reading, StopReason, Transaction } from "./Transaction.ts"

/** How a transaction comes about. */
export interface Opening {
  readonly sessionId: string
  readonly stationId: string
  readonly evseId: number
  readonly version: TrueDialect
  readonly authorization: Authorization | null
  readonly pluggedAtMs: number | null
  readonly begin: Reading
  readonly state: TrueState
  /** 2.x: our id for it. */
  readonly wireId: string | null
  readonly isOnline: boolean
}

const keep = ({ atMs, registerWh, registerMilliWh }: Reading): Kept => ({ atMs, registerWh, registerMilliWh })

/** Begins a transaction, and the true account of it. */
export const openTransaction = (truth: Truth, opening: Opening): Transaction => {
  const { authorization, begin, evseId, wireId } = opening
  return {
    evseId,
    authorization,
    wireId,
    seqNo: 0,
    isTokenTold: false,
    isOver: false,
    begin,
    kept: keep(begin),
    truth: truth.begin({
      id: opening.sessionId,
      stationId: opening.stationId,
      evseId,
      connectorId: 1,
      dialect: opening.version,
      tokenUid: authorization === null ? null : canonicalUid(authorization.token.uid),
      pluggedAtMs: opening.pluggedAtMs,
      startedAtMs: begin.atMs,
      endedAtMs: null,
      unpluggedAtMs: null,
      meterStartWh: begin.registerWh,
      meterStopWh: null,
      deliveredMilliWh: 0,
      lostMilliWh: 0,
      states: [{ atMs: begin.atMs, state: opening.state }],
      readings: 1,
      ocppTransactionId: wireId,
      startOffline: authorization?.offline ?? !opening.isOnline,
      stopReason: null,
      stopTokenUid: null,
      rejected: false,
      startAcknowledged: false,
      faults: [],
      endKnowledge: null,
      remoteStartId: authorization?.remoteStartId ?? null
    })
  }
}

/** A token for a transaction that began without one (2.x, TxStartPoint EVConnected). */
export const authorizeTransaction = (transaction: Transaction, authorization: Authorization): void => {
  const { truth } = transaction
  transaction.authorization = authorization
  truth.tokenUid = canonicalUid(authorization.token.uid)
  truth.startOffline = authorization.offline
  truth.remoteStartId = authorization.remoteStartId
}

/** The meter was looked at on behalf of a transaction; the memory keeps it. `counts` when the CMS is told. */
export const noteReading = (transaction: Transaction, reading: Reading, counts: boolean): void => {
  transaction.kept = keep(reading)
  transaction.truth.deliveredMilliWh = reading.registerMilliWh - transaction.begin.registerMilliWh
  if (counts) transaction.truth.readings++
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
  truth.meterStopWh = end.kept.registerWh
  truth.deliveredMilliWh = end.kept.registerMilliWh - begin.registerMilliWh
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
  powerW: 0,
  currentA: 0,
  voltageV: 0,
  phases: 1,
  socPercent: null
})
