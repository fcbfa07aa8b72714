import { Data, Result } from "effect"
import { exponentOf } from "../Money.ts"
import { type CompiledExtras, compileExtras, type Variants, withVariants } from "./extras/compileExtras.ts"
import type { AdjustmentReason } from "./Rating.ts"
import {
  type CompiledRestrictions,
  elementRestrictions,
  holidayDays,
  type Thresholds,
  thresholdsOf
} from "./restrictions.ts"
import type { PriceComponent, Tariff, TariffDimension } from "./Tariff.ts"
import { type Zone, zoneOf } from "./Zone.ts"

/** No such time zone in the IANA database: a wall-clock price would be a guess, so there is none. */
export class UnknownTimeZone extends Data.TaggedError("UnknownTimeZone")<{ readonly timeZone: string }> {}

/** A price that may apply: its place in the tariff, when it holds and what one unit costs. */
export interface Candidate {
  readonly element: number
  readonly component: number
  readonly price: PriceComponent
  readonly restrictions: CompiledRestrictions | null
  /** The rate as far as the tariff lets it apply. */
  readonly vatPpm: number | null
  /** Net and tax of one mWh, ms or FLAT, in 1 / `CompiledTariff.unit` of a currency unit. */
  readonly netPerUnit: bigint
  readonly taxPerUnit: bigint
  /** What it is in quiet hours, in a grace period and in the hours of a price series; null: always itself. */
  readonly variants: Variants | null
  /** Why it costs nothing although its component has a price. */
  readonly adjustment: AdjustmentReason | null
}

/** The candidates per dimension, in the order in which they are asked; the first that matches prices it. */
export interface Candidates {
  readonly ENERGY: ReadonlyArray<Candidate>
  readonly TIME: ReadonlyArray<Candidate>
  readonly PARKING_TIME: ReadonlyArray<Candidate>
  readonly FLAT: ReadonlyArray<Candidate>
}

/** A tariff made ready for a site: everything that does not depend on the session is done. Immutable; keep and reuse. */
export interface CompiledTariff {
  readonly tariff: Tariff
  readonly zone: Zone
  /** Decimals of the currency's minor unit. */
  readonly exponent: number
  /** The common denominator of every amount before limits. */
  readonly unit: bigint
  readonly session: Candidates
  /** Prices of reserved time, and of reserved time that ran out unused. */
  readonly reserved: Candidates
  readonly expired: Candidates
  readonly thresholds: Thresholds
  /** What OCPI lacks; null for a tariff without any of it. */
  readonly extras: CompiledExtras | null
  /** Whether a price may change by the mere passing of time. */
  readonly isTimed: boolean
  /** Whether the total is the sum of the lines: no limit, cap or discount changes it, and no rate is negative. */
  readonly isSum: boolean
}

/** Prepares a tariff for a site in that IANA time zone. The currency was checked when the tariff was parsed. */
export const compile = (tariff: Tariff, timeZone: string): Result.Result<CompiledTariff, UnknownTimeZone> => {
  const zone = zoneOf(timeZone)
  if (zone === undefined) return Result.fail(new UnknownTimeZone({ timeZone }))
  const exponent = exponentOf(tariff.currency)
  if (exponent === undefined) throw new Error(`tariff ${tariff.id} is in ${tariff.currency}, which is no currency`)
  const taxFactor = taxFactorOf(tariff)
  const days = holidayDays(tariff)
  const restrictions = tariff.elements.map((element) => elementRestrictions(element, days))
  const extras = compileExtras(tariff)
  const candidates = (reservation: "RESERVATION" | "RESERVATION_EXPIRES" | null): Candidates => {
    const of = (dimension: TariffDimension) => {
      const found: Array<Candidate> = []
      tariff.elements.forEach((element, index) => {
        if ((element.restrictions?.reservation ?? null) !== reservation) return
        const component = element.priceComponents.findIndex((it) => it.type === dimension)
        if (component < 0) return
        const price = element.priceComponents[component]!
        const place = { element: index, component, restrictions: restrictions[index]! }
        const priceAt = (priceMicros: number) => candidateOf({ ...price, priceMicros }, place, tariff, taxFactor)
        found.push(
          withVariants(priceAt(price.priceMicros), priceAt, element, extras, tariff.extras?.energyPrices ?? null)
        )
      })
      return found
    }
    return { ENERGY: of("ENERGY"), TIME: of("TIME"), PARKING_TIME: of("PARKING_TIME"), FLAT: of("FLAT") }
  }
  const reserved = candidates("RESERVATION")
  const thresholds = thresholdsOf(extras === null ? restrictions : [...restrictions, ...extras.quiet])
  return Result.succeed({
    tariff,
    zone,
    exponent,
    unit: baseUnit * taxFactor,
    session: candidates(null),
    reserved,
    expired: join(candidates("RESERVATION_EXPIRES"), reserved),
    thresholds,
    extras,
    isTimed: thresholds.timesOfDayMs.length > 0 || thresholds.durationMs.length > 0 || extras?.isTimed === true,
    isSum: isSum(tariff)
  })
}

const isSum = ({ minPrice, maxPrice, elements, extras }: Tariff): boolean =>
  minPrice === null &&
  maxPrice === null &&
  (extras === null || extras.caps.length + extras.discounts.length === 0) &&
  !elements.some(({ priceComponents }) => priceComponents.some(({ vatPpm }) => vatPpm !== null && vatPpm < 0))

/**
 * 18 * 10^12: the least denominator over which a price in millionths times an energy in mWh (10^6 to the kWh) and times
 * a duration in ms (3.6 * 10^6 to the hour) are both whole.
 */
const baseUnit = 18_000_000_000_000n
const perUnit: Readonly<Record<TariffDimension, bigint>> = {
  ENERGY: 18n,
  TIME: 5n,
  PARKING_TIME: 5n,
  FLAT: 18_000_000n
}
const million = 1_000_000n

/** What the base unit is to be multiplied with so that taxes are whole too. */
const taxFactorOf = (tariff: Tariff): bigint => {
  if (tariff.taxIncluded === "NO") return million
  if (tariff.taxIncluded === "N/A") return 1n
  let factor = 1n
  for (const element of tariff.elements) {
    for (const { vatPpm } of element.priceComponents) {
      const divisor = million + BigInt(vatPpm ?? 0)
      factor = (factor / greatestCommonDivisor(factor, divisor)) * divisor
    }
  }
  return factor
}

const greatestCommonDivisor = (a: bigint, b: bigint): bigint => (b === 0n ? a : greatestCommonDivisor(b, a % b))

const candidateOf = (
  price: PriceComponent,
  it: Pick<Candidate, "element" | "component" | "restrictions">,
  tariff: Tariff,
  taxFactor: bigint
): Candidate => {
  const place = { ...it, variants: null, adjustment: null }
  const stated = BigInt(price.priceMicros) * perUnit[price.type] * taxFactor
  const vatPpm = tariff.taxIncluded === "N/A" ? null : price.vatPpm
  const vat = BigInt(vatPpm ?? 0)
  if (tariff.taxIncluded === "YES") {
    const netPerUnit = (stated * million) / (million + vat)
    return { ...place, price, vatPpm, netPerUnit, taxPerUnit: stated - netPerUnit }
  }
  return { ...place, price, vatPpm, netPerUnit: stated, taxPerUnit: (stated * vat) / million }
}

const join = (first: Candidates, second: Candidates): Candidates => ({
  ENERGY: [...first.ENERGY, ...second.ENERGY],
  TIME: [...first.TIME, ...second.TIME],
  PARKING_TIME: [...first.PARKING_TIME, ...second.PARKING_TIME],
  FLAT: [...first.FLAT, ...second.FLAT]
})
