import type { Effect } from "effect"
import * as Instant from "#core/Instant.ts"
import type { CallError } from "#core/ocpp/CallError.ts"
import type { StartTransactionRequest, StartTransactionResponse } from "#core/ocpp/v16/generated/schemas.ts"
import type { Reported } from "../../station/StationOwner.ts"
import { believed, committed, isPlace, misplaced, type Session } from "../Session.ts"
import { hasWaited } from "./hasWaited.ts"
import { idTagInfo } from "./idTagInfo.ts"
import { onlyRegister } from "./registers.ts"

/**
 * What a station repeats when it never saw our answer, with the same message id or a new one: the same start by its
 * own timestamp and meter. Two cars cannot share it.
 */
export const startKeyOf = (request: StartTransactionRequest): string =>
  `${request.connectorId}|${request.timestamp}|${request.meterStart}|${request.idTag}`

/**
 * StartTransaction (1.6 section 4.8): every start is recorded, accepted or not, and gets an id of its own. A repeated
 * one gets the id and the status that the first one got.
 */
export const startTransaction = (
  request: StartTransactionRequest,
  session: Session
): Effect.Effect<StartTransactionResponse, CallError> => {
  if (!isPlace(request.connectorId)) return misplaced
  const nowMs = session.nowMs()
  const atMs = believed(request.timestamp, nowMs)
  const report = session.owner.message({
    kind: "Started",
    ocppId: null,
    startKey: startKeyOf(request),
    unknown: "begin",
    evseId: request.connectorId,
    connectorId: 1,
    atMs,
    shownAtMs: Instant.parse(request.timestamp),
    receivedAtMs: nowMs,
    seqNo: null,
    offline: hasWaited(session.owner, atMs, nowMs),
    presented: { uid: request.idTag, type: "ISO14443" },
    stops: false,
    samples: [onlyRegister(atMs, "Begin", request.meterStart)],
    state: null,
    reason: null,
    remoteStartId: null,
    reservationId: request.reservationId ?? null
  })
  return committed(session, report, answer)
}

const answer = ({ transaction, judgement }: Reported): StartTransactionResponse => ({
  transactionId: Number(transaction!.ocppId),
  idTagInfo: idTagInfo(judgement!)
})
