import { Data, Effect, Result } from "effect"
import type { Transaction, TransactionFact } from "#core/transaction/Transaction.ts"
import type { Holdings } from "./Holdings.ts"
import type { OwnerServices } from "./OwnerServices.ts"
import { patiently } from "./patiently.ts"

/** What an operator wants of a charge cannot be done as it stands: one sentence. */
export class NotPossible extends Data.TaggedError("NotPossible")<{ readonly why: string }> {}

/** What an operator's decision adds to a charge; nothing where it was made before. Fails with one sentence. */
export type ByHand = (transaction: Transaction) => Result.Result<ReadonlyArray<TransactionFact>, string>

/** A charge of this station, at hand or out of the books, and what an operator's decision adds to it. */
export const decidedByHand = (
  { journal }: Pick<OwnerServices, "journal">,
  holdings: Holdings,
  id: string,
  decide: ByHand
): Effect.Effect<{ readonly transaction: Transaction; readonly facts: ReadonlyArray<TransactionFact> }, NotPossible> =>
  Effect.gen(function* () {
    const transaction = holdings.byId(id) ?? (yield* patiently(journal.transaction({ id })))
    if (transaction === undefined) return yield* new NotPossible({ why: `There is no transaction ${id}.` })
    const decided = decide(transaction)
    if (Result.isFailure(decided)) return yield* new NotPossible({ why: decided.failure })
    return { transaction, facts: decided.success }
  })
