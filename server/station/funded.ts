import { Effect } from "effect"
import { heardUntilMs } from "#core/billing/priceOf.ts"
import { sometimes } from "#core/Sometimes.ts"
import type { Station } from "#core/station/Station.ts"
import { mergeSamples } from "#core/transaction/Sample.ts"
import type { Transaction } from "#core/transaction/Transaction.ts"
import type { Share } from "#core/wallet/reserve.ts"
import type { Payer } from "../wallet/Funds.ts"
import { flatMapEager, mapEager } from "./eager.ts"
import type { Judgement } from "./Judgement.ts"
import type { OwnerServices } from "./OwnerServices.ts"
import type { TransactionMessage } from "./TransactionMessage.ts"

type Services = Pick<OwnerServices, "funds" | "pricer">

const payerOf = ({ presented, driverId }: Judgement): Payer => ({ tokenUid: presented.uid, driverId })

const answeredBy =
  (judgement: Judgement) =>
  (isFunded: boolean): Judgement => {
    if (isFunded) return judgement
    sometimes("a card without credit")
    return { ...judgement, status: "NoCredit" }
  }

/** A question before the start: whether there is anything to charge with. Promises nothing. */
export const askedFor = (
  { funds }: Pick<Services, "funds">,
  station: Station,
  judgement: Judgement,
  atMs: number
): Effect.Effect<Judgement> =>
  judgement.limited === true && judgement.status === "Accepted"
    ? mapEager(funds.peek(station, payerOf(judgement), atMs), answeredBy(judgement))
    : Effect.succeed(judgement)

const nothing: Share = { minor: 0n, wh: 0 }

/**
 * What a charge that began before its card was shown (2.x, TxStartPoint EVConnected or ParkingBayOccupancy) has come to by
 * then, for whoever takes it over: time, parking, the session's own price, and what flowed.
 */
const takenOver = (
  { pricer }: Pick<Services, "pricer">,
  transaction: Transaction,
  { atMs, samples }: TransactionMessage,
  { presented: token, groupId, driverId, status }: Judgement
): Effect.Effect<Share> => {
  if (transaction.started === null) return Effect.succeed(nothing)
  const authorized = { _tag: "Authorized", atMs, token, groupId, driverId, status } as const
  const taken = { ...transaction, authorized, samples: mergeSamples(transaction.samples, samples) }
  return mapEager(pricer.running(taken, Math.max(atMs, heardUntilMs(taken))), (price) =>
    price === undefined ? nothing : { minor: price.rating.grossMinor, wh: price.assessment.measurement.energyWh }
  )
}

/**
 * A start on a token that a wallet or a budget bounds: before it is written, what it may use is set aside for it, so that
 * no other start can have it, with what it has come to already. A token that was shown on the transaction before was
 * judged then.
 */
export const funded = <A, E>(
  services: Services,
  transaction: Transaction,
  message: TransactionMessage,
  judgement: Judgement,
  then: (judgement: Judgement) => Effect.Effect<A, E>
): Effect.Effect<A, E> => {
  const { stops, atMs, receivedAtMs } = message
  const isStart = judgement.limited === true && !stops && transaction.authorized === null
  if (!isStart || judgement.status !== "Accepted") return then(judgement)
  const at = { startedAtMs: atMs, nowMs: receivedAtMs }
  return flatMapEager(takenOver(services, transaction, message, judgement), (comeTo) =>
    flatMapEager(services.funds.reserve(transaction, payerOf(judgement), at, comeTo), (isFunded) =>
      then(answeredBy(judgement)(isFunded))
    )
  )
}
