import type { CostDetailsType, PriceType } from "#core/ocpp/v21/generated/schemas.ts"
import { type CostPart, costParts, type LocalCost, type PartCost } from "#core/transaction/localCost.ts"
import { scaled } from "../decimal.ts"

/** What a 2.1 station says that a charge cost (TransactionEvent.costDetails); null where it says nothing. */
export const localCostOf = (details: CostDetailsType | undefined): LocalCost | null => {
  if (details === undefined) return null
  const { totalCost, failureToCalculate, failureReason } = details
  const parts = partsOf(totalCost)
  return {
    currency: totalCost.currency,
    ...priceOf(totalCost.total),
    failure: failureToCalculate === true ? (failureReason ?? "no reason was told") : null,
    ...(parts !== undefined && { parts })
  }
}

/** Undefined where it told the total alone. */
const partsOf = ({
  energy,
  chargingTime,
  idleTime,
  fixed,
  reservationTime,
  reservationFixed
}: CostDetailsType["totalCost"]): LocalCost["parts"] => {
  const told: Readonly<Record<CostPart, ReadonlyArray<PriceType | undefined>>> = {
    energy: [energy],
    time: [chargingTime],
    idle: [idleTime],
    fixed: [fixed],
    reservation: [reservationTime, reservationFixed]
  }
  const parts: Partial<Record<CostPart, PartCost>> = {}
  for (const part of costParts)
    for (const price of told[part]) if (price !== undefined) parts[part] = together(parts[part], priceOf(price))
  return Object.keys(parts).length === 0 ? undefined : parts
}

const priceOf = ({ exclTax, inclTax }: Pick<PriceType, "exclTax" | "inclTax">): PartCost => ({
  netMicros: micros(exclTax),
  grossMicros: micros(inclTax)
})

const together = (one: PartCost | undefined, other: PartCost): PartCost =>
  one === undefined
    ? other
    : { netMicros: plus(one.netMicros, other.netMicros), grossMicros: plus(one.grossMicros, other.grossMicros) }

const plus = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a + b)

const micros = (amount: number | undefined): number | null =>
  amount === undefined ? null : (scaled(String(amount), 6) ?? null)
