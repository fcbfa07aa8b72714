import { Effect } from "effect"
import { wireAmount } from "#core/display/costMessages.ts"
import type { Reported, StationOwner } from "../../station/StationOwner.ts"

/**
 * What the answer to an end says of its cost (2.x I03, TransactionEventResponse.totalCost), to stations that show it:
 * the bill that was made in the same commit. Undefined while messages are missing, because then there is no bill yet; 0
 * where nobody owes. A repeated end is told the same.
 */
export const totalCostOf = (owner: StationOwner, { transaction }: Reported): Effect.Effect<number | undefined> => {
  if (transaction === null || transaction.ended === null || transaction.settled === null || !owner.showsCost())
    return Effect.succeed(undefined)
  return Effect.map(owner.services.pricer.running(transaction, transaction.ended.atMs), (price) => {
    if (price === undefined) return 0
    const { currency, grossMinor } = price.rating
    const shown = owner.holdings.display.currency
    return shown === null || shown === currency ? wireAmount(grossMinor, currency) : undefined
  })
}
