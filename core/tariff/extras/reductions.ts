import { add, compare, type Exact, exact, multiply, subtract, zero } from "../../Money.ts"
import { type AlignedLines, aligned, amountLine, type Last, reduce } from "../amounts.ts"
import type { CompiledTariff } from "../compile.ts"
import type { LineDimension, RatingLine } from "../Rating.ts"
import type { Tariff } from "../Tariff.ts"
import type { RawLine } from "../total.ts"
import type { Discount } from "./Extras.ts"

/** What is asked so far for one dimension at one rate: what a cap or a discount takes from in proportion. */
interface Part {
  readonly scope: RatingLine["scope"]
  readonly dimension: LineDimension
  readonly vatPpm: number | null
  net: Exact
  tax: Exact
}

/**
 * Lowers what the lines ask by the tariff's caps, then by its discounts in their order, each from what is left, and before
 * min_price and max_price. A lower amount is shared by dimension and VAT rate in proportion and told by a line for each,
 * so that net, tax and every dimension's sum stay right. Nothing falls below 0.
 */
export const withReductions = (
  { extras, tariff, unit }: CompiledTariff,
  lines: ReadonlyArray<RawLine>,
  last: Last,
  groups: ReadonlyArray<string>
): AlignedLines => {
  if (extras === null || extras.caps.length + extras.discounts.length === 0) return { lines, denominator: unit }
  const parts = partsOf(lines)
  const taken: Array<RawLine> = []
  const isGross = tariff.taxIncluded === "YES"
  const lower = (reason: "CAP" | "DISCOUNT", index: number, of: ReadonlyArray<Part>, factorOf: FactorOf) => {
    const asked = reduce(of.reduce((sum, it) => add(sum, isGross ? add(it.net, it.tax) : it.net), zero))
    if (asked.n <= 0n) return
    const factor = factorOf(asked)
    for (const it of of) {
      const [net, tax] = [reduce(multiply(it.net, factor)), reduce(multiply(it.tax, factor))]
      const [lessNet, lessTax] = [subtract(net, it.net), subtract(tax, it.tax)]
      if (lessNet.n !== 0n || lessTax.n !== 0n)
        taken.push(amountLine(reason, { ...it, component: index }, it.vatPpm, lessNet, lessTax, last))
      it.net = net
      it.tax = tax
    }
  }
  extras.caps.forEach(({ dimension, amountMicros }, index) => {
    const cap = exact(BigInt(amountMicros), 1_000_000n)
    const capped = parts.filter((it) => it.scope === "session" && it.dimension === dimension)
    lower("CAP", index, capped, (asked) => (compare(asked, cap) > 0 ? ratio(cap, asked) : whole))
  })
  extras.discounts.forEach((discount, index) => {
    if (!isFor(discount, groups)) return
    const { dimension } = discount
    const reduced = parts.filter((it) => dimension === null || (it.scope === "session" && it.dimension === dimension))
    lower("DISCOUNT", index, reduced, leftBy(discount))
  })
  return taken.length === 0 ? { lines, denominator: unit } : aligned([...lines, ...taken], unit)
}

/** Which part of what is asked stays; what is asked is above 0. */
type FactorOf = (asked: Exact) => Exact

const whole = exact(1n)
const ratio = (a: Exact, b: Exact): Exact => exact(a.n * b.d, a.d * b.n)

const partsOf = (lines: ReadonlyArray<RawLine>): ReadonlyArray<Part> => {
  const parts: Array<Part> = []
  for (const { scope, dimension, vatPpm, net, tax } of lines) {
    const part = parts.find((it) => it.scope === scope && it.dimension === dimension && it.vatPpm === vatPpm)
    if (part === undefined) parts.push({ scope, dimension, vatPpm, net, tax })
    else {
      part.net = add(part.net, net)
      part.tax = add(part.tax, tax)
    }
  }
  return parts
}

/** Those of a driver's groups that a tariff has discounts for: what a bill has to remember of them. */
export const groupsNamed = ({ extras }: Tariff, groups: ReadonlyArray<string>): ReadonlyArray<string> =>
  groups.filter((group) => extras?.discounts.some((it) => it.groups?.includes(group) === true) === true)

/** Whether a driver in these groups gets a discount. */
export const isFor = (discount: Discount, groups: ReadonlyArray<string>): boolean =>
  discount.groups === null || discount.groups.some((group) => groups.includes(group))

const leftBy = ({ ratePpm, amountMicros }: Discount): FactorOf => {
  if (ratePpm !== null) return () => exact(BigInt(1_000_000 - ratePpm), 1_000_000n)
  const amount = exact(BigInt(amountMicros ?? 0), 1_000_000n)
  return (asked) => (compare(asked, amount) > 0 ? ratio(subtract(asked, amount), asked) : zero)
}
