import { Effect } from "effect"
import { wireAmount } from "#core/display/costMessages.ts"
import { finalTotal } from "../../display/finalTotal.ts"
import type { Reported, StationOwner } from "../../station/StationOwner.ts"

/**
 * What the answer to an end says of its cost (2.x I03, TransactionEventResponse.totalCost), to stations that show it:
 * the bill that was made in the same commit. Undefined while messages are missing, because then there is no bill yet, and
 * where no tariff was known; 0 where nobody owes. A repeated end is told the same.
 */
export const totalCostOf = (owner: StationOwner, { transaction }: Reported): Effect.Effect<number | undefined> => {
  if (transaction === null || transaction.ended === null || transaction.settled === null || !owner.showsCost())
    return Effect.succeed(undefined)
  return Effect.map(finalTotal(owner.services.pricer, transaction), (total) => {
    if (total === undefined) return undefined
    if (total === null) return 0
    const { currency, grossMinor } = total
    const shown = owner.holdings.display.currency
    return shown === null || shown === currency ? wireAmount(grossMinor, currency) : undefined
  })
}
