import type { Candidate } from "../compile.ts"
import { type CompiledRestrictions, compileRestrictions, noRestrictions } from "../restrictions.ts"
import type { Tariff, TariffElement } from "../Tariff.ts"
import type { Cap, Discount, EnergyPrices, Grace } from "./Extras.ts"

/** A tariff's extras made ready; see `CompiledTariff`. */
export interface CompiledExtras {
  /** PARKING_TIME is neither charged nor counted while one of them holds. */
  readonly quiet: ReadonlyArray<CompiledRestrictions>
  /** Each once: where a grace period ends, a price changes. */
  readonly graces: ReadonlyArray<Grace>
  /** Whether anything depends on how long the vehicle parked. */
  readonly countsParking: boolean
  /** Where another price of the series begins, its end included; ascending. */
  readonly seriesAtMs: ReadonlyArray<number>
  readonly caps: ReadonlyArray<Cap>
  readonly discounts: ReadonlyArray<Discount>
  readonly isTimed: boolean
}

/** What a candidate is at some moments instead of itself: the same place in the tariff, another price. */
export interface Variants {
  /** Null: it has a price in quiet hours, or there are none. */
  readonly inQuietHours: Candidate | null
  readonly inGrace: Candidate | null
  readonly grace: Grace | null
  readonly series: Series | null
}

/** The prices of a series: `prices[i]` holds from `fromMs[i]` to `fromMs[i + 1]`, which is there for the last one too. */
export interface Series {
  readonly fromMs: ReadonlyArray<number>
  readonly prices: ReadonlyArray<Candidate>
}

/** Null when the tariff has nothing that is not OCPI's, calendars aside: those are restrictions. */
export const compileExtras = ({ elements, extras }: Tariff): CompiledExtras | null => {
  const quiet = (extras?.quietHours ?? []).map((it) => compileRestrictions({ ...noRestrictions, ...it }))
  const graces: Array<Grace> = []
  for (const { extras: own } of elements) {
    const grace = own?.grace ?? null
    if (grace === null || graces.some(({ freeMs, per }) => freeMs === grace.freeMs && per === grace.per)) continue
    graces.push(grace)
  }
  const series = elements.some((element) => element.extras?.usesEnergyPrices === true) ? extras?.energyPrices : null
  const seriesAtMs = series ? [...series.prices.map(({ startAtMs }) => startAtMs), series.endAtMs] : []
  const [caps, discounts] = [extras?.caps ?? [], extras?.discounts ?? []]
  if (quiet.length + graces.length + seriesAtMs.length + caps.length + discounts.length === 0) return null
  return {
    quiet,
    graces,
    countsParking: graces.length > 0,
    seriesAtMs,
    caps,
    discounts,
    isTimed: quiet.length + graces.length + seriesAtMs.length > 0
  }
}

/** A candidate with what it is in quiet hours, in its grace period and by the series. */
export const withVariants = (
  candidate: Candidate,
  priceAt: (priceMicros: number) => Candidate,
  element: TariffElement,
  extras: CompiledExtras | null,
  energyPrices: EnergyPrices | null
): Candidate => {
  if (extras === null || (element.restrictions?.reservation ?? null) !== null) return candidate
  const { type } = candidate.price
  const { grace = null, usesEnergyPrices = false } = element.extras ?? {}
  if (type === "ENERGY" && usesEnergyPrices && energyPrices !== null) {
    const { prices, surchargeMicros } = energyPrices
    const series: Series = {
      fromMs: extras.seriesAtMs,
      prices: prices.map(({ priceMicros }) => priceAt(Math.max(0, priceMicros + surchargeMicros)))
    }
    return { ...candidate, variants: { inQuietHours: null, inGrace: null, grace: null, series } }
  }
  if (type !== "PARKING_TIME" || (grace === null && extras.quiet.length === 0)) return candidate
  const variants: Variants = {
    inQuietHours: extras.quiet.length === 0 ? null : { ...priceAt(0), adjustment: "QUIET_HOURS" },
    inGrace: grace === null ? null : { ...priceAt(0), adjustment: "GRACE" },
    grace,
    series: null
  }
  return { ...candidate, variants }
}
