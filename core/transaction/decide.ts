import type { AuthorizationStatus } from "../token/authorize.ts"
import type { PresentedToken } from "../token/Token.ts"
import type { LocalCost } from "./localCost.ts"
import { type Sample, sharingExtra, unseen } from "./Sample.ts"
import { hasAllOf, hasSeqNo } from "./seqNos.ts"
import { type ChargingState, type ClosedWhy, isOpen, type Transaction, type TransactionFact } from "./Transaction.ts"

/** A token as presented on a transaction, with what the books say of it. */
export interface JudgedToken {
  readonly presented: PresentedToken
  readonly groupId: string | null
  readonly driverId: string | null
  readonly status: AuthorizationStatus
  /** A wallet or a budget bounds what it may charge. */
  readonly limited?: true
}

/**
 * One message about one transaction, whichever dialect it came in: 1.6 StartTransaction, MeterValues and
 * StopTransaction, 2.x TransactionEvent.
 */
export interface TransactionReport {
  readonly kind: "Started" | "Updated" | "Ended"
  readonly atMs: number
  readonly receivedAtMs: number
  readonly seqNo: number | null
  readonly offline: boolean
  readonly evseId: number
  readonly connectorId: number
  /** The token that charges, where the message carries it. */
  readonly token: JudgedToken | null
  /** The token that stops, where the message carries it, and whether it may. */
  readonly stopper: (Pick<JudgedToken, "presented" | "groupId"> & { readonly mayStop: boolean }) | null
  readonly samples: ReadonlyArray<Sample>
  readonly state: ChargingState | null
  readonly reason: string | null
  readonly priorRegisterWh: number | null
  readonly remoteStartId: number | null
  readonly reservationId: number | null
  /** What the station itself reckoned, at the end. */
  readonly localCost?: LocalCost | null
}

/**
 * What a report adds to what is true. A message that came before adds nothing; one that comes late, after the end
 * even, adds what it knows and re-opens nothing. A sequence number seen before does not make a repetition by itself:
 * stations exist that give every message the same one, and their readings and stops are owed for like any other.
 */
export const decide = (transaction: Transaction, report: TransactionReport): ReadonlyArray<TransactionFact> => {
  const { seqNo, atMs } = report
  const isNumberTaken = seqNo !== null && hasSeqNo(transaction.seqNos, seqNo)
  const facts: Array<TransactionFact> = []
  if (report.kind === "Started" && transaction.started === null) {
    facts.push({
      _tag: "Started",
      atMs,
      receivedAtMs: report.receivedAtMs,
      seqNo,
      offline: report.offline,
      evseId: report.evseId,
      connectorId: report.connectorId,
      priorRegisterWh: report.priorRegisterWh,
      remoteStartId: report.remoteStartId,
      reservationId: report.reservationId
    })
  }
  const { token } = report
  if (token !== null && (transaction.authorized === null || atMs < transaction.authorized.atMs)) {
    facts.push({
      _tag: "Authorized",
      atMs,
      token: token.presented,
      groupId: token.groupId,
      driverId: token.driverId,
      status: token.status,
      ...(token.limited === true && { limited: true })
    })
  }
  // Two ends of one transaction: the other is a stop under a wrong id, and its register another car's.
  const isOtherEnd = report.kind === "Ended" && transaction.ended !== null && transaction.ended.atMs !== atMs
  const { samples: known } = transaction
  const samples = isOtherEnd ? [] : sharingExtra(known, unseen(known, report.samples))
  if (samples.length > 0) facts.push({ _tag: "Sampled", samples, seqNo })
  if (report.state !== null && (isNumberTaken ? isLaterState : isNewState)(transaction, report)) {
    facts.push({ _tag: "StateChanged", atMs, state: report.state, seqNo })
  }
  if (report.kind === "Ended" && transaction.ended === null) {
    facts.push({
      _tag: "Ended",
      atMs,
      receivedAtMs: report.receivedAtMs,
      seqNo,
      reason: report.reason,
      token: report.stopper?.presented ?? null,
      byStranger: report.stopper !== null && !report.stopper.mayStop,
      ...(report.stopper !== null && transaction.authorized === null && { groupId: report.stopper.groupId }),
      ...(report.localCost != null && { localCost: report.localCost })
    })
  }
  if (seqNo !== null && !isNumberTaken && facts.every((fact) => !("seqNo" in fact)))
    facts.push({ _tag: "Noted", atMs, seqNo })
  return facts
}

/** Gives a transaction up that the station will not end any more. One that is over already stays as it is. */
export const close = (
  transaction: Transaction,
  at: { readonly atMs: number; readonly receivedAtMs: number; readonly why: ClosedWhy }
): ReadonlyArray<TransactionFact> => (isOpen(transaction) ? [{ _tag: "Closed", ...at }] : [])

/**
 * A state is news unless it is the one that already held then. While earlier messages are missing nothing is known for
 * sure: one of them may change what held, so the state is kept.
 */
const isNewState = (transaction: Transaction, { state, atMs, seqNo }: TransactionReport): boolean => {
  let holding: ChargingState | null = null
  for (const entry of transaction.states) {
    if (entry.atMs > atMs) return true
    holding = entry.state
  }
  return holding !== state || (seqNo !== null && !hasAllBefore(transaction, seqNo))
}

/** What a state must be to count although its message's number is taken: later than all that is known, and another. */
const isLaterState = ({ states }: Transaction, { state, atMs }: TransactionReport): boolean => {
  const last = states[states.length - 1]
  return last === undefined || (last.atMs < atMs && last.state !== state)
}

/** Whether every message from the start up to the one before `seqNo` has been taken in. */
const hasAllBefore = ({ started, seqNos }: Transaction, seqNo: number): boolean => {
  if (started === null || started.seqNo === null || seqNo <= started.seqNo) return false
  return hasAllOf(seqNos, started.seqNo, seqNo - 1)
}
