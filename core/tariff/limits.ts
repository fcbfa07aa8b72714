import { add, compare, type Exact, exact, multiply, subtract, sum, zero } from "../Money.ts"
import { type AlignedLines, aligned, amountLine, type Last } from "./amounts.ts"
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
  { lines, denominator }: AlignedLines,
  last: Last,
  notes: Array<string>
): LimitedLines => {
  const { minPrice, maxPrice } = compiled.tariff
  const adjustments: Array<RawLine> = []
  const adjust = (reason: AdjustmentReason, from: Group, to: Group) => {
    const net = subtract(to.net, from.net)
    const tax = subtract(to.tax, from.tax)
    if (net.n === 0n && tax.n === 0n) return
    const place = { scope: "session", dimension: "ADJUSTMENT", component: -1 } as const
    adjustments.push(amountLine(reason, place, from.vatPpm, net, tax, last))
  }
  const isNegative = lines.some((line) => line.vatPpm !== null && line.vatPpm < 0)
  if (minPrice === null && maxPrice === null && !isNegative) return { lines, denominator, limitApplied: null }
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
  return { ...aligned([...lines, ...adjustments], denominator), limitApplied }
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
