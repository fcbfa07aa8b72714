import { scaled, unscaled } from "#core/Money.ts"
import type { CostRow } from "#core/transaction/localCost.ts"
import type { Evidence } from "#simulator/oracles/Evidence.ts"
import type { Truth } from "#simulator/Truth.ts"

/** A charge whose station came to another cost than the bill. */
export interface OwnCostApart {
  readonly transactionId: string
  readonly stationId: string
  readonly currency: string | null
  readonly text: string
  /** Dimension by dimension; empty where the station told a total alone. */
  readonly costs: ReadonlyArray<CostRow>
}

/** What stations reckoned by themselves (OCPP 2.1, costDetails), against the bills. */
export interface OwnCosts {
  /** Charges at whose end a station showed a figure of its own. */
  readonly told: number
  readonly mismatched: number
  /** What stations told too much, or too little (negative), in all. */
  readonly byDimension: ReadonlyArray<{
    readonly currency: string
    readonly dimension: CostRow["dimension"]
    readonly charges: number
    readonly difference: string
  }>
  /** The first of those that mismatched. */
  readonly apart: ReadonlyArray<OwnCostApart>
}

const shownApart = 20

/** Undefined where no station reckoned anything, or the books cannot be seen. */
export const ownCostsOf = (truth: Truth, { transactions, cdrs }: Evidence): OwnCosts | undefined => {
  const told = new Set(
    truth.displays.shown.filter(({ by, isFinal }) => by === "own" && isFinal).map(({ sessionId }) => sessionId)
  ).size
  if (transactions === null || told === 0) return undefined
  const currencies = new Map((cdrs ?? []).map(({ transactionId, currency }) => [transactionId, currency]))
  const apart = transactions.flatMap(
    ({ id, stationId, costMismatch }): ReadonlyArray<OwnCostApart> =>
      costMismatch === undefined
        ? []
        : [{ transactionId: id, stationId, currency: currencies.get(id) ?? null, ...costMismatch }]
  )
  return { told, mismatched: apart.length, byDimension: sums(apart), apart: apart.slice(0, shownApart) }
}

const sums = (apart: ReadonlyArray<OwnCostApart>): OwnCosts["byDimension"] => {
  const found = new Map<
    string,
    { currency: string; dimension: CostRow["dimension"]; charges: number; micros: bigint }
  >()
  for (const { currency, costs } of apart)
    for (const { dimension, difference } of costs) {
      const micros = scaled(difference, 6) ?? 0n
      if (micros === 0n || currency === null) continue
      const key = `${currency} ${dimension}`
      const known = found.get(key) ?? { currency, dimension, charges: 0, micros: 0n }
      found.set(key, { ...known, charges: known.charges + 1, micros: known.micros + micros })
    }
  return [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { micros, ...it }]) => ({ ...it, difference: unscaled(micros, 6, 2) }))
}
