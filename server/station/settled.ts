import type { Cdr } from "#core/billing/Cdr.ts"
import { costPartsOf } from "#core/billing/costParts.ts"
import { type Assessment, assess } from "#core/transaction/assess.ts"
import type { OwedTotal } from "#core/transaction/localCost.ts"
import { evolve, isComplete, type Transaction, type TransactionFact } from "#core/transaction/Transaction.ts"
import type { Settlement } from "./units.ts"

/**
 * Whether a transaction that is over is billed with these facts: everything has arrived, or it was billed before and what
 * comes is the rest of it. One that was given up without a stop, and is told of again, may go on for hours: it is billed anew
 * when it ends, or when nothing came for as long as others are waited for.
 */
export const isDue = (transaction: Transaction, facts: ReadonlyArray<TransactionFact>): boolean =>
  isComplete(transaction) ||
  (transaction.settled !== null && (transaction.ended !== null || facts.some(({ _tag }) => _tag === "Corrected")))

/** What a settlement makes of a transaction, and what is then to be said of it. */
export interface SettledStep {
  readonly fact: TransactionFact
  readonly after: Transaction
  readonly assessment: Assessment
}

/**
 * The step that settles. It says what the bill comes to where a display shows that, also to a station that asks again, and
 * in 2.1, as the station may have reckoned too; where it has, the two are compared, which nothing could before there was a
 * bill.
 */
export const settledStep = (
  transaction: Transaction,
  assessment: Assessment,
  settled: { readonly fact: Extract<TransactionFact, { _tag: "Settled" }>; readonly settlement: Settlement },
  isShown: boolean
): SettledStep => {
  const bill = settled.settlement.cdrs.find(({ id }) => id === settled.fact.cdrId)
  const isTold = (transaction.dialect === "2.1" || isShown) && bill !== undefined
  const hasParts = transaction.ended?.localCost?.parts !== undefined
  const fact = isTold ? { ...settled.fact, owed: owedTotal(bill, hasParts) } : settled.fact
  const after = evolve(transaction, fact)
  return { fact, after, assessment: after.ended?.localCost === undefined ? assessment : assess(after) }
}

const owedTotal = (bill: Cdr, hasParts: boolean): OwedTotal => ({
  currency: bill.currency,
  netMinor: String(bill.netMinor),
  grossMinor: String(bill.grossMinor),
  ...(hasParts && { parts: costPartsOf(bill) })
})
