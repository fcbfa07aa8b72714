import type { Exact } from "../Money.ts"
import type { AdjustmentReason } from "./Rating.ts"
import type { RawLine } from "./total.ts"

/** Lines of which all net and tax amounts are over one denominator. */
export interface AlignedLines {
  readonly lines: ReadonlyArray<RawLine>
  readonly denominator: bigint
}

/** Where a session ends: the period to which lines belong that are of no period. */
export interface Last {
  readonly period: number
  readonly startAtMs: number
}

/** A line that is an amount alone. */
export const amountLine = (
  reason: AdjustmentReason,
  place: Pick<RawLine, "scope" | "dimension" | "component">,
  vatPpm: number | null,
  net: Exact,
  tax: Exact,
  last: Last
): RawLine => ({
  scope: place.scope,
  dimension: place.dimension,
  period: last.period,
  startAtMs: last.startAtMs,
  element: -1,
  component: place.component,
  volume: 0,
  stepSurplus: 0,
  unitPriceMicros: 0,
  vatPpm,
  net,
  tax,
  adjustment: reason
})

/** All amounts over their least common denominator, which is what sharing out minor units needs. */
export const aligned = (lines: ReadonlyArray<RawLine>, unit: bigint): AlignedLines => {
  let denominator = unit
  const reduced = lines.map((line) => ({ ...line, net: reduce(line.net), tax: reduce(line.tax) }))
  for (const { net, tax } of reduced) {
    denominator = leastCommonMultiple(leastCommonMultiple(denominator, net.d), tax.d)
  }
  const over = (amount: Exact): Exact => ({ n: amount.n * (denominator / amount.d), d: denominator })
  return { lines: reduced.map((line) => ({ ...line, net: over(line.net), tax: over(line.tax) })), denominator }
}

const greatestCommonDivisor = (a: bigint, b: bigint): bigint => {
  let [x, y] = [a < 0n ? -a : a, b]
  while (y !== 0n) [x, y] = [y, x % y]
  return x
}

const leastCommonMultiple = (a: bigint, b: bigint): bigint => (a === b ? a : (a / greatestCommonDivisor(a, b)) * b)

/** In lowest terms: what is multiplied again and again would grow without end. */
export const reduce = (amount: Exact): Exact => {
  const divisor = greatestCommonDivisor(amount.n, amount.d)
  return divisor === 1n ? amount : { n: amount.n / divisor, d: amount.d / divisor }
}
