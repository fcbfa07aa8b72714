import { Effect } from "effect"
import * as Instant from "#core/Instant.ts"
import type { CallError } from "#core/ocpp/CallError.ts"
import type { CostDetailsType, TransactionLimitType } from "#core/ocpp/v21/generated/schemas.ts"
import type { ChargingState } from "#core/transaction/Transaction.ts"
import type { Reported } from "../../station/StationOwner.ts"
import { believed, committed, isPlace, misplaced, type Session } from "../Session.ts"
import { type IdToken, type IdTokenInfo, idTokenInfo, presentedOf } from "./idTokenInfo.ts"
import { localCostOf } from "./localCost.ts"
import { type MeterValue, samplesOf } from "./MeterValues.ts"
import { totalCostOf } from "./totalCost.ts"
import { keepTold, limitToTell } from "./transactionLimit.ts"

interface Request {
  readonly costDetails?: CostDetailsType
  readonly eventType: "Started" | "Updated" | "Ended"
  readonly timestamp: string
  readonly triggerReason: string
  readonly seqNo: number
  readonly offline?: boolean
  readonly meterValue?: ReadonlyArray<MeterValue>
  readonly reservationId?: number
  readonly transactionInfo: {
    readonly transactionId: string
    readonly chargingState?: ChargingState
    readonly stoppedReason?: string
    readonly remoteStartId?: number
    readonly transactionLimit?: TransactionLimitType
  }
  readonly evse?: { readonly id: number; readonly connectorId?: number }
  readonly idToken?: IdToken
}

interface Response {
  readonly idTokenInfo?: IdTokenInfo
  readonly totalCost?: number
  readonly transactionLimit?: TransactionLimitType
}

/**
 * TransactionEvent (2.x E): Started, Updated and Ended are the same command, told apart by what they know. The
 * transaction id is the station's own and unique on the station only; seqNo makes a repetition recognisable.
 */
export const transactionEvent = (request: Request, session: Session): Effect.Effect<Response, CallError> => {
  if (!isPlace(request.evse?.id ?? 0) || !isPlace(request.evse?.connectorId ?? 1)) return misplaced
  const nowMs = session.nowMs()
  const { eventType, seqNo, transactionInfo, idToken } = request
  const report = session.owner.message({
    kind: eventType,
    ocppId: transactionInfo.transactionId,
    startKey: null,
    unknown: "begin",
    evseId: request.evse?.id ?? 0,
    connectorId: request.evse?.connectorId ?? 1,
    atMs: believed(request.timestamp, nowMs),
    shownAtMs: Instant.parse(request.timestamp),
    receivedAtMs: nowMs,
    seqNo,
    offline: request.offline ?? false,
    presented: idToken === undefined ? null : presentedOf(idToken),
    stops: eventType === "Ended" || request.triggerReason === "StopAuthorized",
    samples: samplesOf(request.meterValue ?? [], nowMs, seqNo),
    state: transactionInfo.chargingState ?? null,
    reason: eventType === "Ended" ? (transactionInfo.stoppedReason ?? "Local") : null,
    remoteStartId: transactionInfo.remoteStartId ?? null,
    reservationId: request.reservationId ?? null,
    localCost: localCostOf(request.costDetails)
  })
  const { owner } = session
  const isPriced = eventType === "Ended" && owner.showsCost()
  if (!isPriced && owner.services.dialect !== "2.1") return committed(session, report, answer)
  const told = Effect.gen(function* () {
    const reported = yield* report
    yield* keepTold(owner, request, reported, nowMs)
    const transactionLimit = yield* limitToTell(owner, request, reported)
    const totalCost = isPriced ? yield* totalCostOf(owner, reported) : undefined
    return {
      ...answer(reported),
      ...(totalCost === undefined ? {} : { totalCost }),
      ...(transactionLimit === undefined ? {} : { transactionLimit })
    }
  })
  return committed(session, told, (response) => response)
}

const answer = ({ transaction, judgement }: Reported): Response => {
  if (judgement === null) return {}
  const isStranger = transaction?.ended?.byStranger === true && transaction.ended.token?.uid === judgement.presented.uid
  return { idTokenInfo: isStranger ? { status: "Invalid" } : idTokenInfo(judgement) }
}
