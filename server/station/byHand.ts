import { Data, Effect, Result } from "effect"
import { correct } from "#core/transaction/correct.ts"
import type { Correction, Transaction, TransactionFact } from "#core/transaction/Transaction.ts"
import type { Holdings } from "./Holdings.ts"
import type { OwnerServices } from "./OwnerServices.ts"
import { patiently } from "./patiently.ts"

/** A bill cannot be corrected as it stands. */
export class NotCorrectable extends Data.TaggedError("NotCorrectable")<{ readonly why: string }> {}

/** A charge of this station, at hand or out of the books, and what an operator's correction adds to it. */
export const corrected = (
  { journal }: Pick<OwnerServices, "journal">,
  holdings: Holdings,
  id: string,
  wanted: Correction,
  nowMs: number
): Effect.Effect<
  { readonly transaction: Transaction; readonly facts: ReadonlyArray<TransactionFact> },
  NotCorrectable
> =>
  Effect.gen(function* () {
    const transaction = holdings.byId(id) ?? (yield* patiently(journal.transaction({ id })))
    if (transaction === undefined) return yield* new NotCorrectable({ why: `There is no transaction ${id}.` })
    const decided = correct(transaction, wanted, nowMs)
    if (Result.isFailure(decided)) return yield* new NotCorrectable({ why: decided.failure })
    return { transaction, facts: decided.success }
  })
