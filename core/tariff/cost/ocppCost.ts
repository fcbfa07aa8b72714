import { Result } from "effect"
import { add, compare, type Exact, exact, multiply, sum, zero } from "../../Money.ts"
import type { ChargingPeriod } from "../ChargingPeriod.ts"
import { compile, type UnknownTimeZone } from "../compile.ts"
import { isSession } from "../moment.ts"
import type { Rating, RatingLine } from "../Rating.ts"
import { rate } from "../rate.ts"
import { type CostBound, type CostDimension, costDimensions, type OcppTariff } from "./ocppTariff.ts"
import { type TaxAmount, taxesOn } from "./taxStack.ts"

/** What one kind of prices of a TariffType comes to. Exact currency units. */
export interface CostLine {
  readonly dimension: CostDimension
  readonly exclTax: Exact
  readonly inclTax: Exact
  readonly taxes: ReadonlyArray<TaxAmount>
}

/** The cost of a transaction (OCPP 2.1 TotalCostType), limits included in the totals and the taxes, not in the lines. */
export interface OcppCost {
  readonly currency: string
  /** Those that something was charged for, in the order of {@link costDimensions}. */
  readonly lines: ReadonlyArray<CostLine>
  /** By type, in the order of the lines. */
  readonly taxes: ReadonlyArray<TaxAmount>
  readonly exclTax: Exact
  readonly inclTax: Exact
  readonly limitApplied: "minCost" | "maxCost" | null
  readonly notes: Rating["notes"]
}

/**
 * What a transaction costs under a tariff of OCPP 2.1: the rating engine's net prices, each dimension with its stack of
 * taxes, within minCost and maxCost. Fixed fees are judged once, at the start (I12.FR.30); nothing is stepped or rounded.
 */
export const ocppCost = (
  ocpp: OcppTariff,
  periods: ReadonlyArray<ChargingPeriod>,
  timeZone: string
): Result.Result<OcppCost, UnknownTimeZone> =>
  Result.map(compile(ocpp.tariff, timeZone), (compiled) => {
    const rating = rate(compiled, periods, { steps: "none" })
    const byDimension = new Map<CostDimension, Exact>()
    const firsts = firstPeriods(periods)
    for (const line of rating.lines) {
      if (line.dimension === "FLAT" && line.startAtMs !== firsts[line.scope]) continue
      const dimension = dimensionOf(line)
      byDimension.set(dimension, add(byDimension.get(dimension) ?? zero, line.net))
    }
    const lines = costDimensions.flatMap((dimension): ReadonlyArray<CostLine> => {
      const exclTax = byDimension.get(dimension)
      if (exclTax === undefined) return []
      const taxes = taxesOn(exclTax, ocpp.taxRates[dimension])
      return [{ dimension, exclTax, inclTax: sum([exclTax, ...taxes.map(({ amount }) => amount)]), taxes }]
    })
    const taxes = byType(lines.flatMap((line) => line.taxes))
    const unlimited = {
      exclTax: sum(lines.map((line) => line.exclTax)),
      inclTax: sum(lines.map((line) => line.inclTax)),
      taxes
    }
    const limited = within(unlimited, ocpp.minCost, ocpp.maxCost)
    return { currency: ocpp.tariff.currency, lines, ...limited, notes: rating.notes }
  })

const firstPeriods = (periods: ReadonlyArray<ChargingPeriod>): Readonly<Record<RatingLine["scope"], number>> => {
  const starts = (of: (period: ChargingPeriod) => boolean) =>
    Math.min(...periods.filter(of).map(({ startAtMs }) => startAtMs))
  return { session: starts(isSession), reservation: starts((period) => period.reservedMs > 0) }
}

const dimensionOf = ({ scope, dimension }: RatingLine): CostDimension => {
  if (scope === "reservation") return dimension === "FLAT" ? "reservationFixed" : "reservationTime"
  if (dimension === "FLAT") return "fixedFee"
  return dimension === "ENERGY" ? "energy" : dimension === "TIME" ? "chargingTime" : "idleTime"
}

const byType = (taxes: ReadonlyArray<TaxAmount>): ReadonlyArray<TaxAmount> => {
  const amounts = new Map<string, Exact>()
  for (const { type, amount } of taxes) amounts.set(type, add(amounts.get(type) ?? zero, amount))
  return [...amounts].map(([type, amount]) => ({ type, amount }))
}

type Totals = Pick<OcppCost, "exclTax" | "inclTax" | "taxes">

/** Each bound is held on its own, before and after taxes; the taxes keep their proportions where there were any. */
const within = (
  totals: Totals,
  minCost: CostBound | null,
  maxCost: CostBound | null
): Totals & Pick<OcppCost, "limitApplied"> => {
  const isBelow = (bound: CostBound, it: Totals) =>
    isBeyond(it.exclTax, bound.exclTaxMicros, -1) || isBeyond(it.inclTax, bound.inclTaxMicros, -1)
  const isAbove = (bound: CostBound, it: Totals) =>
    isBeyond(it.exclTax, bound.exclTaxMicros, 1) || isBeyond(it.inclTax, bound.inclTaxMicros, 1)
  if (maxCost !== null && isAbove(maxCost, totals)) return { ...moved(totals, maxCost, 1), limitApplied: "maxCost" }
  if (minCost !== null && isBelow(minCost, totals)) return { ...moved(totals, minCost, -1), limitApplied: "minCost" }
  return { ...totals, limitApplied: null }
}

const micros = (value: number): Exact => exact(BigInt(value), 1_000_000n)

const isBeyond = (amount: Exact, bound: number | null, sign: 1 | -1): boolean =>
  bound !== null && compare(amount, micros(bound)) * sign > 0

const moved = (totals: Totals, bound: CostBound, sign: 1 | -1): Totals => {
  let { exclTax, inclTax, taxes } = totals
  const scale = (factor: Exact) => {
    exclTax = multiply(exclTax, factor)
    inclTax = multiply(inclTax, factor)
    taxes = taxes.map(({ type, amount }) => ({ type, amount: multiply(amount, factor) }))
  }
  const ratio = (to: number, from: Exact): Exact => exact(BigInt(to) * from.d, 1_000_000n * from.n)
  if (exclTax.n === 0n) {
    // Nothing was charged: there are no proportions, and the bound's own rates are all that is known.
    exclTax = micros(bound.exclTaxMicros ?? bound.inclTaxMicros ?? 0)
    taxes = byType(taxesOn(exclTax, bound.taxRates))
    inclTax =
      bound.inclTaxMicros === null ? sum([exclTax, ...taxes.map(({ amount }) => amount)]) : micros(bound.inclTaxMicros)
    return { exclTax, inclTax, taxes }
  }
  if (isBeyond(exclTax, bound.exclTaxMicros, sign)) scale(ratio(bound.exclTaxMicros!, exclTax))
  if (isBeyond(inclTax, bound.inclTaxMicros, sign)) scale(ratio(bound.inclTaxMicros!, inclTax))
  return { exclTax, inclTax, taxes }
}
