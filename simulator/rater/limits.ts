import { decimal, type Fraction, isLess, minus, nothing, over, plus, sumOf, times, whole } from "./Fraction.ts"
import type { OcpiTariff } from "./Model.ts"
import type { SlowLine } from "./price.ts"

interface Totals {
  readonly net: Fraction
  readonly gross: Fraction
}

/**
 * The totals within min_price and max_price. Both bind the amount before taxes and the amount after taxes, each on its
 * own: first before, the taxes keeping their share, then after, the taxes giving way and the net only where they cannot.
 * A negative tax counts as none.
 */
export const limited = ({ tax_included, min_price, max_price }: OcpiTariff, lines: ReadonlyArray<SlowLine>): Totals => {
  const vatOf = ({ component }: SlowLine) => (tax_included === "N/A" ? undefined : component.vat)
  const rates = [...new Set(lines.map(vatOf))]
  const net = sumOf(lines.map((line) => line.net))
  const taxes = rates.map((rate) =>
    sumOf(lines.filter((line) => vatOf(line) === rate).map((line) => minus(line.gross, line.net)))
  )
  const tax = sumOf(taxes.map((it) => (isLess(it, nothing) ? nothing : it)))
  const boundNet = clamped(net, min_price?.before_taxes, max_price?.before_taxes)
  const boundTax = taxFor(boundNet, { net, tax }, rates)
  const gross = plus(boundNet, boundTax)
  const boundGross = clamped(gross, min_price?.after_taxes, max_price?.after_taxes)
  if (!isLess(boundGross, boundNet)) return { net: boundNet, gross: boundGross }
  return { net: times(boundNet, over(boundGross, gross)), gross: boundGross }
}

const clamped = (amount: Fraction, minimum: number | undefined, maximum: number | undefined): Fraction => {
  if (maximum !== undefined && isLess(decimal(maximum), amount)) return decimal(maximum)
  if (minimum !== undefined && isLess(amount, decimal(minimum))) return decimal(minimum)
  return amount
}

/** In proportion; out of nothing there is none, and only a single rate can be meant. */
const taxFor = (
  boundNet: Fraction,
  { net, tax }: { readonly net: Fraction; readonly tax: Fraction },
  rates: ReadonlyArray<number | undefined>
): Fraction => {
  if (net.above !== 0n) return times(tax, over(boundNet, net))
  const rate = rates.length === 1 ? rates[0] : undefined
  return rate === undefined || rate < 0 ? nothing : times(boundNet, over(decimal(rate), whole(100)))
}
