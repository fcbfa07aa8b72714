import { Effect } from "effect"
import type { Transaction } from "#core/transaction/Transaction.ts"
import type { Pricer } from "../station/OwnerServices.ts"

/** What a driver is billed. */
export interface FinalTotal {
  readonly currency: string
  readonly grossMinor: bigint
}

/**
 * What a charge came to, as its bill says: with what a subscription takes off. Null where nobody owes; undefined while
 * there is no bill yet, or where no tariff was known, which is not to be shown as nothing to pay.
 */
export const finalTotal = (pricer: Pricer, transaction: Transaction): Effect.Effect<FinalTotal | null | undefined> => {
  const { settled, ended, tariff } = transaction
  if (settled === null || tariff === null) return Effect.succeed(undefined)
  if (settled.cdrId === null) return Effect.succeed(null)
  if (settled.owed !== undefined) {
    const { currency, grossMinor } = settled.owed
    return Effect.succeed({ currency, grossMinor: BigInt(grossMinor) })
  }
  // Settled before its display was known of: the same facts give the same price.
  if (ended === null) return Effect.succeed(undefined)
  return Effect.map(pricer.running(transaction, ended.atMs), (price) => price?.rating)
}
