import { sometimes } from "#core/Sometimes.ts"
import { isOpen, type Transaction } from "#core/transaction/Transaction.ts"
import type { TransactionMessage } from "./TransactionMessage.ts"

/** Marks what is hard about a message, given what is known of its transaction and whether it says anything new. */
export const markMessage = (transaction: Transaction, { kind, unknown }: TransactionMessage, isNews: boolean): void => {
  if (kind === "Updated") {
    if (!isOpen(transaction)) sometimes("a reading came after the end")
  } else if (kind === "Started") {
    if (!isNews) sometimes("an answer to a start was lost, and the start came again")
    else if (transaction.factCount > 0 && transaction.started === null) sometimes("a start came after what followed it")
  } else if (!isNews) sometimes("a stop came twice")
  else if (transaction.factCount === 0 && unknown !== "ignore") sometimes("a stop of a transaction that nobody knew")
}
