import { Effect } from "effect"
import { sometimes } from "#core/Sometimes.ts"
import type { Station } from "#core/station/Station.ts"
import type { Transaction } from "#core/transaction/Transaction.ts"
import type { Payer } from "../wallet/Funds.ts"
import { flatMapEager, mapEager } from "./eager.ts"
import type { Judgement } from "./Judgement.ts"
import type { OwnerServices } from "./OwnerServices.ts"
import type { TransactionMessage } from "./TransactionMessage.ts"

type Services = Pick<OwnerServices, "funds">

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
  { funds }: Services,
  station: Station,
  judgement: Judgement,
  atMs: number
): Effect.Effect<Judgement> =>
  judgement.limited === true && judgement.status === "Accepted"
    ? mapEager(funds.peek(station, payerOf(judgement), atMs), answeredBy(judgement))
    : Effect.succeed(judgement)

/**
 * A start on a token that a wallet or a budget bounds: before it is written, what it may use is set aside for it, so that
 * no other start can have it. A token that was shown on the transaction before was judged then.
 */
export const funded = <A, E>(
  { funds }: Services,
  transaction: Transaction,
  { stops, atMs, receivedAtMs }: TransactionMessage,
  judgement: Judgement,
  then: (judgement: Judgement) => Effect.Effect<A, E>
): Effect.Effect<A, E> => {
  const isStart = judgement.limited === true && !stops && transaction.authorized === null
  if (!isStart || judgement.status !== "Accepted") return then(judgement)
  const at = { startedAtMs: atMs, nowMs: receivedAtMs }
  return flatMapEager(funds.reserve(transaction, payerOf(judgement), at), (isFunded) =>
    then(answeredBy(judgement)(isFunded))
  )
}
