import { Effect } from "effect"
import * as Instant from "#core/Instant.ts"
import type { CallError } from "#core/ocpp/CallError.ts"
import type { StopTransactionRequest, StopTransactionResponse } from "#core/ocpp/v16/generated/schemas.ts"
import { canonicalUid } from "#core/token/Token.ts"
import { beginAtMs } from "#core/transaction/assess.ts"
import type { Transaction } from "#core/transaction/Transaction.ts"
import { flatMapEager, mapEager } from "../../station/eager.ts"
import type { Stopper } from "../../station/Judgement.ts"
import { patiently } from "../../station/patiently.ts"
import type { Reported, StationOwner } from "../../station/StationOwner.ts"
import type { TransactionMessage } from "../../station/TransactionMessage.ts"
import { believed, committed, type Session } from "../Session.ts"
import { hasWaited } from "./hasWaited.ts"
import { idTagInfo } from "./idTagInfo.ts"
import { samplesOf } from "./MeterValues.ts"
import { onlyRegister } from "./registers.ts"
import { recalled, transactionForStop } from "./transactionFor.ts"

/**
 * StopTransaction (1.6 section 4.10): always acknowledged, because a station repeats a refused stop for ever. A stop
 * that belongs to nothing we know is kept as a transaction of its own, flagged, and billed to nobody.
 */
export const stopTransaction = (
  request: StopTransactionRequest,
  session: Session
): Effect.Effect<StopTransactionResponse, CallError> => {
  const nowMs = session.nowMs()
  const { owner } = session
  const atMs = believed(request.timestamp, nowMs)
  const { transactionId, meterStop: meterStopWh } = request
  const isDated = Instant.parse(request.timestamp) === atMs
  const report = flatMapEager(recalled(owner, transactionId), (named) =>
    flatMapEager(stopperOf(owner, request.idTag), (stopper) => {
      const fitting = transactionForStop(owner.holdings, { atMs, meterStopWh, stopper, isDated }, named)
      const freeAtMs = isDated || fitting !== named?.ocppId ? undefined : freeAfterStart(named)
      const end = endOf(request, fitting ?? orphanId(request), Math.min(atMs, freeAtMs ?? atMs), nowMs)
      return owner.message({ ...end, offline: hasWaited(owner, end.atMs, nowMs) })
    })
  )
  return committed(session, report, answer)
}

/** Whose token a stop carries; null where it carries none. */
const stopperOf = ({ services }: StationOwner, idTag: string | undefined): Effect.Effect<Stopper | null> => {
  if (idTag === undefined) return nobody
  const uid = canonicalUid(idTag)
  return mapEager(patiently(services.directory.token(uid)), (token) => ({
    presented: { uid, type: "ISO14443" },
    groupId: token?.groupId ?? null
  }))
}

const nobody = Effect.succeed(null)

/** When a charge's connector was free; undefined where all that is known is that it was when its start came. */
const freeAfterStart = (named: Transaction | undefined): number | undefined =>
  named?.closed != null && named.closed.atMs > beginAtMs(named) ? named.closed.atMs : undefined

const endOf = (request: StopTransactionRequest, ocppId: string, atMs: number, nowMs: number): TransactionMessage => ({
  kind: "Ended",
  ocppId,
  startKey: null,
  unknown: { as: orphanId(request) },
  evseId: 0,
  connectorId: 1,
  atMs,
  receivedAtMs: nowMs,
  seqNo: null,
  offline: false,
  presented: request.idTag === undefined ? null : { uid: request.idTag, type: "ISO14443" },
  stops: true,
  samples: [...samplesOf(request.transactionData ?? [], nowMs), onlyRegister(atMs, "End", request.meterStop)],
  state: null,
  reason: request.reason ?? "Local",
  remoteStartId: null,
  reservationId: null
})

/** Names a stop without a start by what it says, so that its repetition finds it again. */
const orphanId = (request: StopTransactionRequest): string =>
  `orphan ${request.transactionId} ${request.timestamp} ${request.meterStop}`

const answer = ({ transaction, judgement }: Reported): StopTransactionResponse => {
  if (judgement === null) return {}
  const isStranger = transaction?.ended?.byStranger === true && transaction.ended.token?.uid === judgement.presented.uid
  return { idTagInfo: isStranger ? { status: "Invalid" } : idTagInfo(judgement) }
}
