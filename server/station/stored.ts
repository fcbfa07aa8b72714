import { Effect } from "effect"
import type { Transaction } from "#core/transaction/Transaction.ts"
import type { Journal } from "../record/Journal.ts"
import type { Holdings } from "./Holdings.ts"
import { patiently } from "./patiently.ts"
import type { TransactionMessage } from "./TransactionMessage.ts"

/** The transaction that a message is about, as the books have it, whether memory still does or not. */
export const storedOf = (
  journal: Journal["Service"],
  stationId: string,
  { ocppId, startKey }: Pick<TransactionMessage, "ocppId" | "startKey">
): Effect.Effect<Transaction | undefined> => {
  if (ocppId !== null) return patiently(journal.transaction({ stationId, ocppId }))
  if (startKey !== null) return patiently(journal.transaction({ stationId, startKey }))
  return Effect.succeed(undefined)
}

/** The same from memory where it is at hand. A start that memory does not know is taken for a new one, as nearly all are. */
export const foundBy = (
  journal: Journal["Service"],
  holdings: Holdings,
  stationId: string,
  message: TransactionMessage
): Effect.Effect<Transaction | undefined> => {
  const known = holdings.named(message)
  if (known !== undefined || message.kind === "Started") return Effect.succeed(known)
  return Effect.map(storedOf(journal, stationId, message), (stored) => {
    if (stored !== undefined) holdings.put(stored)
    return stored
  })
}
