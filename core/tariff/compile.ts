import { Data, Result } from "effect"
import * as Instant from "../Instant.ts"
import { exponentOf } from "../Money.ts"
import type { DayOfWeek, PriceComponent, Tariff, TariffDimension, TariffRestrictions } from "./Tariff.ts"
import { dayMs, type Zone, zoneOf } from "./Zone.ts"

/** No such time zone in the IANA database: a wall-clock price would be a guess, so there is none. */
export class UnknownTimeZone extends Data.TaggedError("UnknownTimeZone")<{ readonly timeZone: string }> {}

/** Restrictions as numbers: minima 0 and maxima Infinity where there are none. */
export interface CompiledRestrictions {
  /** Milliseconds of the local day; `toMs` at or below `fromMs` wraps over midnight; null: the whole day. */
  readonly window: { readonly fromMs: number; readonly toMs: number } | null
  /** Local days since 1970-01-01. */
  readonly firstDay: number
  readonly endDay: number
  /** Bit 0 is Sunday; 127 is every day. */
  readonly weekdays: number
  readonly isLocal: boolean
  readonly minEnergyMilliWh: number
  readonly maxEnergyMilliWh: number
  readonly minDurationMs: number
  readonly maxDurationMs: number
  readonly readsPower: boolean
  readonly minPowerMilliW: number
  readonly maxPowerMilliW: number
  readonly readsCurrent: boolean
  readonly minCurrentMa: number
  readonly maxCurrentMa: number
}

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
}

/** The candidates per dimension, in the order in which they are asked; the first that matches prices it. */
export interface Candidates {
  readonly ENERGY: ReadonlyArray<Candidate>
  readonly TIME: ReadonlyArray<Candidate>
  readonly PARKING_TIME: ReadonlyArray<Candidate>
  readonly FLAT: ReadonlyArray<Candidate>
}

/** Where prices may change: ascending, each once. */
export interface Thresholds {
  /** Milliseconds of the local day; contains 0 when days matter. */
  readonly timesOfDayMs: ReadonlyArray<number>
  readonly energyMilliWh: ReadonlyArray<number>
  readonly durationMs: ReadonlyArray<number>
  readonly powerMilliW: ReadonlyArray<number>
  readonly currentMa: ReadonlyArray<number>
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
  /** Whether a price may change by the mere passing of time. */
  readonly isTimed: boolean
  /** Whether the total is the sum of the lines: no limit bounds it, and no rate is negative and so held at zero. */
  readonly isSum: boolean
}

/** Prepares a tariff for a site in that IANA time zone. The currency was checked when the tariff was parsed. */
export const compile = (tariff: Tariff, timeZone: string): Result.Result<CompiledTariff, UnknownTimeZone> => {
  const zone = zoneOf(timeZone)
  if (zone === undefined) return Result.fail(new UnknownTimeZone({ timeZone }))
  const exponent = exponentOf(tariff.currency)
  if (exponent === undefined) throw new Error(`tariff ${tariff.id} is in ${tariff.currency}, which is no currency`)
  const taxFactor = taxFactorOf(tariff)
  const restrictions = tariff.elements.map((element) => compileRestrictions(element.restrictions))
  const candidates = (reservation: "RESERVATION" | "RESERVATION_EXPIRES" | null): Candidates => {
    const of = (dimension: TariffDimension) => {
      const found: Array<Candidate> = []
      tariff.elements.forEach((element, index) => {
        if ((element.restrictions?.reservation ?? null) !== reservation) return
        const component = element.priceComponents.findIndex((it) => it.type === dimension)
        if (component < 0) return
        const price = element.priceComponents[component]!
        found.push(
          candidateOf(price, { element: index, component, restrictions: restrictions[index]! }, tariff, taxFactor)
        )
      })
      return found
    }
    return { ENERGY: of("ENERGY"), TIME: of("TIME"), PARKING_TIME: of("PARKING_TIME"), FLAT: of("FLAT") }
  }
  const reserved = candidates("RESERVATION")
  const thresholds = thresholdsOf(restrictions)
  return Result.succeed({
    tariff,
    zone,
    exponent,
    unit: baseUnit * taxFactor,
    session: candidates(null),
    reserved,
    expired: join(candidates("RESERVATION_EXPIRES"), reserved),
    thresholds,
    isTimed: thresholds.timesOfDayMs.length > 0 || thresholds.durationMs.length > 0,
    isSum: isSum(tariff)
  })
}

const isSum = ({ minPrice, maxPrice, elements }: Tariff): boolean =>
  minPrice === null &&
  maxPrice === null &&
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
  place: Pick<Candidate, "element" | "component" | "restrictions">,
  tariff: Tariff,
  taxFactor: bigint
): Candidate => {
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

const weekdayBit: Readonly<Record<DayOfWeek, number>> = {
  SUNDAY: 1,
  MONDAY: 2,
  TUESDAY: 4,
  WEDNESDAY: 8,
  THURSDAY: 16,
  FRIDAY: 32,
  SATURDAY: 64
}

const everyDay = 127

const compileRestrictions = (it: TariffRestrictions | null): CompiledRestrictions | null => {
  if (it === null) return null
  const compiled = {
    window: windowOf(it),
    firstDay: it.startDate === null ? Number.NEGATIVE_INFINITY : dayOf(it.startDate),
    endDay: it.endDate === null ? Number.POSITIVE_INFINITY : dayOf(it.endDate),
    weekdays: it.daysOfWeek === null ? everyDay : it.daysOfWeek.reduce((bits, day) => bits | weekdayBit[day], 0),
    minEnergyMilliWh: it.minEnergyMilliWh ?? 0,
    maxEnergyMilliWh: it.maxEnergyMilliWh ?? Number.POSITIVE_INFINITY,
    minDurationMs: it.minDurationMs ?? 0,
    maxDurationMs: it.maxDurationMs ?? Number.POSITIVE_INFINITY,
    readsPower: it.minPowerMilliW !== null || it.maxPowerMilliW !== null,
    minPowerMilliW: it.minPowerMilliW ?? Number.NEGATIVE_INFINITY,
    maxPowerMilliW: it.maxPowerMilliW ?? Number.POSITIVE_INFINITY,
    readsCurrent: it.minCurrentMa !== null || it.maxCurrentMa !== null,
    minCurrentMa: it.minCurrentMa ?? Number.NEGATIVE_INFINITY,
    maxCurrentMa: it.maxCurrentMa ?? Number.POSITIVE_INFINITY
  }
  const isLocal =
    compiled.window !== null || it.startDate !== null || it.endDate !== null || compiled.weekdays !== everyDay
  return { ...compiled, isLocal }
}

/** An end at 00:00 closes the day. OCPI leaves open what an equal start and end mean: here the whole day. */
const windowOf = (it: TariffRestrictions): CompiledRestrictions["window"] => {
  if (it.startMinute === it.endMinute) return null
  const fromMs = (it.startMinute ?? 0) * 60_000
  const toMs = it.endMinute === null || it.endMinute === 0 ? dayMs : it.endMinute * 60_000
  return fromMs === 0 && toMs === dayMs ? null : { fromMs, toMs }
}

const dayOf = (date: string): number => {
  const atMs = Instant.parse(`${date}T00:00:00Z`)
  if (atMs === undefined) throw new Error(`${date} is no day`)
  return atMs / dayMs
}

const thresholdsOf = (restrictions: ReadonlyArray<CompiledRestrictions | null>): Thresholds => {
  const times = new Set<number>()
  const energies = new Set<number>()
  const durations = new Set<number>()
  const powers = new Set<number>()
  const currents = new Set<number>()
  for (const it of restrictions) {
    if (it === null) continue
    if (it.window !== null) times.add(it.window.fromMs).add(it.window.toMs % dayMs)
    if (it.weekdays !== everyDay || Number.isFinite(it.firstDay) || Number.isFinite(it.endDay)) times.add(0)
    energies.add(it.minEnergyMilliWh).add(it.maxEnergyMilliWh)
    durations.add(it.minDurationMs).add(it.maxDurationMs)
    powers.add(it.minPowerMilliW).add(it.maxPowerMilliW)
    currents.add(it.minCurrentMa).add(it.maxCurrentMa)
  }
  return {
    timesOfDayMs: ascending(times),
    energyMilliWh: ascending(energies).filter((energy) => energy > 0),
    durationMs: ascending(durations).filter((duration) => duration > 0),
    powerMilliW: ascending(powers),
    currentMa: ascending(currents)
  }
}

const ascending = (values: ReadonlySet<number>): ReadonlyArray<number> =>
  [...values].filter(Number.isFinite).sort((a, b) => a - b)
