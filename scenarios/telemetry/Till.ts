import type { Cdr } from "#core/billing/Cdr.ts"
import { isAmount } from "#core/tariff/Rating.ts"
import type { MoneyOf, MoneyRow } from "./RunRecord.ts"

const order = ["FLAT", "ENERGY", "TIME", "PARKING_TIME", "RESERVATION_TIME", "ADJUSTMENT"]

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** Adds up CDRs by the dimensions of their tariffs; credits apart, whose lines are those of what they take back. */
export class Till {
  private readonly currencies = new Map<string, Mutable<MoneyOf> & { byDimension: Map<string, Mutable<MoneyRow>> }>()

  add(cdr: Cdr): void {
    const of = this.of(cdr.currency)
    if (cdr.credit) {
      of.credits++
      of.creditNetMinor += cdr.netMinor
      of.creditTaxMinor += cdr.taxMinor
      return
    }
    of.cdrs++
    for (const line of cdr.lines) {
      const { dimension, volume, netMinor, taxMinor } = line
      let row = of.byDimension.get(dimension)
      if (row === undefined) {
        row = { dimension, volume: 0, lines: 0, netMinor: 0n, taxMinor: 0n }
        of.byDimension.set(dimension, row)
      }
      row.volume += volume
      if (dimension === "ADJUSTMENT" || !isAmount(line)) row.lines++
      row.netMinor += netMinor
      row.taxMinor += taxMinor
    }
  }

  totals(): ReadonlyArray<MoneyOf> {
    return [...this.currencies.values()]
      .sort((a, b) => (a.currency < b.currency ? -1 : 1))
      .map(({ byDimension, ...of }) => ({
        ...of,
        rows: [...byDimension.values()].sort((a, b) => order.indexOf(a.dimension) - order.indexOf(b.dimension))
      }))
  }

  private of(currency: string) {
    const known = this.currencies.get(currency)
    if (known !== undefined) return known
    const made = {
      currency,
      cdrs: 0,
      rows: [],
      credits: 0,
      creditNetMinor: 0n,
      creditTaxMinor: 0n,
      byDimension: new Map<string, Mutable<MoneyRow>>()
    }
    this.currencies.set(currency, made)
    return made
  }
}
