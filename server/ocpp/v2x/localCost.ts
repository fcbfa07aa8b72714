import type { CostDetailsType } from "#core/ocpp/v21/generated/schemas.ts"
import type { LocalCost } from "#core/transaction/localCost.ts"
import { scaled } from "../decimal.ts"

/** What a 2.1 station says that a charge cost (TransactionEvent.costDetails); null where it says nothing. */
export const localCostOf = (details: CostDetailsType | undefined): LocalCost | null => {
  if (details === undefined) return null
  const { totalCost, failureToCalculate, failureReason } = details
  return {
    currency: totalCost.currency,
    netMicros: micros(totalCost.total.exclTax),
    grossMicros: micros(totalCost.total.inclTax),
    failure: failureToCalculate === true ? (failureReason ?? "no reason was told") : null
  }
}

const micros = (amount: number | undefined): number | null =>
  amount === undefined ? null : (scaled(String(amount), 6) ?? null)
