import { add, compare, type Exact, exact, multiply, subtract, sum, zero } from "../Money.ts"
import type { CompiledTariff } from "./compile.ts"
import type { AdjustmentReason, Rating } from "./Rating.ts"
import type { PriceLimit } from "./Tariff.ts"
import type { LimitedLines, RawLine } from "./total.ts"

/** Net and tax of one VAT rate, as they are and as they shall be. */
interface Group {
  readonly vatPpm: number | null
  net: Exact
  tax: Exact
}

/**
 * Holds the total within min_price and max_price, which bind the totals before and after taxes each on its own. The
 * lines stay as they are; the difference is told by adjustment lines, one per VAT rate in proportion, so that the lines
 * still sum to the total. A tax that lowers the price is held at zero.
 */
export const withinLimits = (
  compiled: CompiledTariff,
  lines: ReadonlyArray<RawLine>,
  last: { readonly period: number; readonly startAtMs: number },
  notes: Array<string>
): LimitedLines => {
  const { minPrice, maxPrice } = compiled.tariff
  const adjustments: Array<RawLine> = []
  const adjust = (reason: AdjustmentReason, from: Group, to: Group) => {
    const net = subtract(to.net, from.net)
    const tax = subtract(to.tax, from.tax)
    if (net.n === 0n && tax.n === 0n) return
    adjustments.push(adjustmentLine(reason, from.vatPpm, net, tax, last))
  }
  const isNegative = lines.some((line) => line.vatPpm !== null && line.vatPpm < 0)
  if (minPrice === null && maxPrice === null && !isNegative)
    return { lines, denominator: compiled.unit, limitApplied: null }
  const groups = groupsOf(lines)
  if (isNegative) {
    for (const group of groups) {
      if (group.tax.n >= 0n) continue
      adjust("NEGATIVE_TAX", group, { ...group, tax: zero })
      group.tax = zero
    }
    notes.push("negative_tax")
  }
  const limitApplied = bound(groups, minPrice, maxPrice, notes, adjust)
  return { ...aligned([...lines, ...adjustments], compiled.unit), limitApplied }
}

const groupsOf = (lines: ReadonlyArray<RawLine>): Array<Group> => {
  const groups: Array<Group> = []
  for (const line of lines) {
    const group = groups.find((it) => it.vatPpm === line.vatPpm)
    if (group === undefined) groups.push({ vatPpm: line.vatPpm, net: line.net, tax: line.tax })
    else {
      group.net = add(group.net, line.net)
      group.tax = add(group.tax, line.tax)
    }
  }
  return groups
}

type Adjust = (reason: AdjustmentReason, from: Group, to: Group) => void

const bound = (
  groups: ReadonlyArray<Group>,
  minPrice: PriceLimit | null,
  maxPrice: PriceLimit | null,
  notes: Array<string>,
  adjust: Adjust
): Rating["limitApplied"] => {
  const net = sum(groups.map((group) => group.net))
  const [boundNet, netLimit] = clamp(net, minPrice?.beforeTaxesMicros, maxPrice?.beforeTaxesMicros)
  let wanted = netLimit === null ? groups.map((group) => ({ ...group })) : scaledTo(groups, net, boundNet)
  const grossBefore = add(boundNet, sum(wanted.map((group) => group.tax)))
  const [boundGross, grossLimit] = clamp(grossBefore, minPrice?.afterTaxesMicros, maxPrice?.afterTaxesMicros)
  if (grossLimit !== null) wanted = withGross(wanted, boundNet, grossBefore, boundGross, notes)
  const limit = grossLimit ?? netLimit
  if (limit === null) return null
  notes.push("total_clamped")
  const reason = limit === "min_price" ? "MIN_PRICE" : "MAX_PRICE"
  for (const to of wanted) {
    const from = groups.find((group) => group.vatPpm === to.vatPpm)
    adjust(reason, from ?? { vatPpm: to.vatPpm, net: zero, tax: zero }, to)
  }
  return limit
}

/** A bound is not a target: an amount equal to it is not touched. */
const clamp = (
  amount: Exact,
  minimumMicros: number | null | undefined,
  maximumMicros: number | null | undefined
): readonly [Exact, Rating["limitApplied"]] => {
  if (typeof maximumMicros === "number") {
    const maximum = exact(BigInt(maximumMicros), 1_000_000n)
    if (compare(amount, maximum) > 0) return [maximum, "max_price"]
  }
  if (typeof minimumMicros === "number") {
    const minimum = exact(BigInt(minimumMicros), 1_000_000n)
    if (compare(amount, minimum) < 0) return [minimum, "min_price"]
  }
  return [amount, null]
}

/**
 * The groups in proportion to a new total before taxes. Where nothing was priced there is no proportion: the amount
 * goes to the only rate there is, else to none.
 */
const scaledTo = (groups: ReadonlyArray<Group>, net: Exact, boundNet: Exact): Array<Group> => {
  if (net.n !== 0n) {
    const factor = exact(boundNet.n * net.d, boundNet.d * net.n)
    return groups.map((group) => ({ ...group, net: multiply(group.net, factor), tax: multiply(group.tax, factor) }))
  }
  const vatPpm = groups.length === 1 ? groups[0]!.vatPpm : null
  const tax = multiply(boundNet, exact(BigInt(Math.max(vatPpm ?? 0, 0)), 1_000_000n))
  return [...groups.filter((group) => group.vatPpm !== vatPpm), { vatPpm, net: boundNet, tax }]
}

/** The groups with a new total after taxes: the tax gives or takes, and the net only where the tax cannot. */
const withGross = (
  groups: Array<Group>,
  net: Exact,
  gross: Exact,
  boundGross: Exact,
  notes: Array<string>
): Array<Group> => {
  const tax = subtract(gross, net)
  const boundTax = subtract(boundGross, net)
  if (boundTax.n < 0n) {
    const factor = exact(boundGross.n * gross.d, boundGross.d * gross.n)
    return groups.map((group) => ({ ...group, net: multiply(group.net, factor), tax: multiply(group.tax, factor) }))
  }
  if (tax.n > 0n) {
    const factor = exact(boundTax.n * tax.d, boundTax.d * tax.n)
    return groups.map((group) => ({ ...group, tax: multiply(group.tax, factor) }))
  }
  notes.push("unattributed_tax")
  const unknown = groups.find((group) => group.vatPpm === null)
  if (unknown !== undefined) unknown.tax = add(unknown.tax, boundTax)
  return unknown === undefined ? [...groups, { vatPpm: null, net: zero, tax: boundTax }] : groups
}

const adjustmentLine = (
  reason: AdjustmentReason,
  vatPpm: number | null,
  net: Exact,
  tax: Exact,
  last: { readonly period: number; readonly startAtMs: number }
): RawLine => ({
  scope: "session",
  dimension: "ADJUSTMENT",
  period: last.period,
  startAtMs: last.startAtMs,
  element: -1,
  component: -1,
  volume: 0,
  stepSurplus: 0,
  unitPriceMicros: 0,
  vatPpm,
  net,
  tax,
  adjustment: reason
})

/** All amounts over their least common denominator, which is what sharing out minor units needs. */
const aligned = (
  lines: ReadonlyArray<RawLine>,
  unit: bigint
): { lines: ReadonlyArray<RawLine>; denominator: bigint } => {
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

const reduce = (amount: Exact): Exact => {
  const divisor = greatestCommonDivisor(amount.n, amount.d)
  return divisor === 1n ? amount : { n: amount.n / divisor, d: amount.d / divisor }
}
