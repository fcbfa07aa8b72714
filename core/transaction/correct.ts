import { Result } from "effect"
import { isBillable } from "../token/authorize.ts"
import { type Correction, isOpen, type Transaction, type TransactionFact } from "./Transaction.ts"

/**
 * What a correction adds to a transaction: one fact, or none when it was made before. Fails with one sentence for the
 * operator: only what is over and billed can be corrected, and only who may be billed can be billed.
 */
export const correct = (
  transaction: Transaction,
  correction: Correction,
  atMs: number
): Result.Result<ReadonlyArray<TransactionFact>, string> => {
  const { authorized, settled, corrections } = transaction
  if (corrections.some(({ id }) => id === correction.id)) return Result.succeed([])
  if (isOpen(transaction)) return Result.fail("The charge is not over: stop it first.")
  if (settled === null) return Result.fail("The charge is not billed yet: its station may still tell of it.")
  if (correction.tariff === null && settled.cdrId === null) return Result.fail("Nothing is owed for this charge.")
  if (authorized === null || !isBillable(authorized.status))
    return Result.fail("Nobody owes for this charge: no token was accepted for it.")
  return Result.succeed([{ _tag: "Corrected", atMs, cdrId: settled.cdrId, ...correction }])
}
