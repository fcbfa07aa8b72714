import type { CostDetailsType, PriceType, TransactionLimitType } from "#core/ocpp/v21/generated/schemas.ts"
import type { OwnCost } from "../OwnPrices.ts"
import type { KeptLimit } from "../Transaction.ts"

const partOf = (name: "energy" | "chargingTime" | "idleTime" | "fixed", amount: PriceType | undefined) =>
  amount === undefined ? {} : { [name]: amount }

/** What a station reckons by itself, part by part and in all (2.1 part 2, CostDetailsType). */
export const costDetailsOf = ({ currency, exclTax, inclTax, parts, energyWh, lastedS }: OwnCost): CostDetailsType => ({
  totalCost: {
    currency,
    typeOfCost: "NormalCost",
    ...partOf("energy", parts.get("ENERGY")),
    ...partOf("chargingTime", parts.get("TIME")),
    ...partOf("idleTime", parts.get("PARKING_TIME")),
    ...partOf("fixed", parts.get("FLAT")),
    total: { exclTax, inclTax }
  },
  totalUsage: { energy: energyWh, chargingTime: lastedS, idleTime: 0 }
})

/** What a CMS tells a transaction to stop at (use case E16). */
export const limitFrom = ({ maxEnergy, maxTime, maxCost }: TransactionLimitType): KeptLimit => ({
  maxWh: maxEnergy ?? null,
  maxS: maxTime ?? null,
  maxCost: maxCost ?? null
})

export const wireLimit = ({ maxWh, maxS, maxCost }: KeptLimit): TransactionLimitType => ({
  ...(maxCost === null ? {} : { maxCost }),
  ...(maxWh === null ? {} : { maxEnergy: maxWh }),
  ...(maxS === null ? {} : { maxTime: maxS })
})
