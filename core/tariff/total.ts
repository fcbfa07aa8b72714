import { add, type Exact, largestRemainder, toMinor } from "../Money.ts"
import type { AlignedLines } from "./amounts.ts"
import type { CompiledTariff } from "./compile.ts"
import type { Rating, RatingLine, TaxLine } from "./Rating.ts"

/** A line before it has its share of the rounded totals. */
export type RawLine = Omit<RatingLine, "netMinor" | "taxMinor">

export interface LimitedLines extends AlignedLines {
  readonly limitApplied: Rating["limitApplied"]
}

/**
 * Adds the lines up and rounds once: the sums are rounded to minor units, not the lines, and each line, tax rate by tax
 * rate, gets a share such that the lines sum to the totals.
 */
export const total = (
  compiled: CompiledTariff,
  limited: LimitedLines,
  policy: string,
  notes: ReadonlyArray<string>
): Rating => {
  const { lines, denominator } = limited
  const { exponent, tariff } = compiled
  const net = sumOf(lines, "net", denominator)
  const tax = sumOf(lines, "tax", denominator)
  const gross = add(net, tax)
  const netMinor = toMinor(net, exponent)
  const grossMinor = toMinor(gross, exponent)
  const taxMinor = grossMinor - netMinor
  const nets = share(netMinor, lines, "net", denominator, exponent)
  const rates = ratesOf(lines)
  const byRate = rates.map((vatPpm) => lines.filter((line) => line.vatPpm === vatPpm))
  const taxNumerators = byRate.map((group) => sumOf(group, "tax", denominator).n)
  const rateTaxes = largestRemainder(taxMinor, taxNumerators, denominator, exponent)
  const taxes = byRate.map((group, index) => share(rateTaxes[index]!, group, "tax", denominator, exponent))
  const finished = lines.map((line, index): RatingLine => {
    const rate = rates.indexOf(line.vatPpm)
    return { ...line, netMinor: nets[index]!, taxMinor: taxes[rate]![byRate[rate]!.indexOf(line)]! }
  })
  return {
    tariffId: tariff.id,
    tariffVersion: tariff.version,
    currency: tariff.currency,
    policy,
    lines: finished,
    taxes: rates.map((vatPpm): TaxLine => {
      const group = finished.filter((line) => line.vatPpm === vatPpm)
      return {
        vatPpm,
        net: sumOf(group, "net", denominator),
        tax: sumOf(group, "tax", denominator),
        netMinor: group.reduce((minor, line) => minor + line.netMinor, 0n),
        taxMinor: group.reduce((minor, line) => minor + line.taxMinor, 0n)
      }
    }),
    net,
    tax,
    gross,
    netMinor,
    taxMinor,
    grossMinor,
    limitApplied: limited.limitApplied,
    notes
  }
}

/** The VAT rates in the order in which the lines name them. */
const ratesOf = (lines: ReadonlyArray<RawLine>): ReadonlyArray<number | null> => {
  const rates: Array<number | null> = []
  for (const line of lines) if (!rates.includes(line.vatPpm)) rates.push(line.vatPpm)
  return rates
}

const sumOf = (lines: ReadonlyArray<RawLine>, part: "net" | "tax", denominator: bigint): Exact => {
  let n = 0n
  for (const line of lines) n += line[part].n
  return { n, d: denominator }
}

const share = (
  minor: bigint,
  lines: ReadonlyArray<RawLine>,
  part: "net" | "tax",
  denominator: bigint,
  exponent: number
): ReadonlyArray<bigint> =>
  lines.length === 1
    ? [minor]
    : largestRemainder(
        minor,
        lines.map((line) => line[part].n),
        denominator,
        exponent
      )
