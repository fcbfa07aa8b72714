import { slowBounds } from "../rater/bounds.ts"
import type { OcpiTariff } from "../rater/Model.ts"
import { slowPrice } from "../rater/price.ts"
import { isByTimeAlone, parkingOf, stretchesOf, type Timeline } from "../rater/timeline.ts"

export type { OcpiElement, OcpiPriceComponent, OcpiTariff } from "../rater/Model.ts"

/**
 * What a charge costs, worked out a second time: slowly, plainly, on exact fractions, from what truly happened and the
 * tariff's OCPI JSON (`simulator/rater`). Shares no code with the CMS on purpose, not even its idea of a number. Truth
 * knows how much was charged and not when each kWh was: where a price depends on that, it says between what and what.
 */

/** A charge in the quantities that are priced. */
export interface Charge {
  readonly energyWh: number
  /** From start to end, parking included. */
  readonly durationMs: number
  /** The part of it in which the car wanted no power. */
  readonly parkedMs: number
  /** When it did what, where that is known. */
  readonly timeline?: Timeline
}

export interface Price {
  readonly currency: string
  readonly netMinor: bigint
  readonly taxMinor: bigint
  readonly grossMinor: bigint
}

/** Whether a tariff's prices depend on when or how a session charged. */
const isRestricted = ({ elements, wattproof }: OcpiTariff): boolean =>
  (wattproof?.quiet_hours ?? []).length > 0 ||
  elements.some((it) => it.restrictions !== undefined || Object.keys(it.wattproof ?? {}).length > 0)

/** The groups that a tariff has discounts for: nobody here knows who is in them, so a price is with them or without. */
const groupsOf = ({ wattproof }: OcpiTariff): ReadonlyArray<string> =>
  (wattproof?.discounts ?? []).flatMap(({ groups }) => groups ?? [])

const quantitiesOf = ({ energyWh, durationMs, parkedMs }: Charge) => ({
  energyWh,
  chargingMs: durationMs - parkedMs,
  parkingMs: parkedMs
})

/** The price of a charge under one version of a tariff without restrictions, for a driver of those groups. */
export const slowRate = (tariff: OcpiTariff, charge: Charge, groups: ReadonlyArray<string> = []): Price => {
  if (isRestricted(tariff))
    throw new Error(`tariff ${tariff.id} has restrictions: quantities alone have no price under it`)
  const { energyWh, ...times } = quantitiesOf(charge)
  const nobody = { reservedMs: 0, minPowerW: null, maxPowerW: null, minCurrentMa: null, maxCurrentMa: null }
  const stretch = { ...nobody, ...times, startAtMs: 0, energyMilliWh: Math.round(energyWh * 1000) }
  const { netMinor, taxMinor, grossMinor } = slowPrice(tariff, [stretch], { timeZone: "UTC", groups })
  return { currency: tariff.currency, netMinor, taxMinor, grossMinor }
}

/** The price of a charge whose timeline is known, under a tariff whose prices depend on nothing but time. */
const timedRate = (tariff: OcpiTariff, energyWh: number, timeline: Timeline, groups: ReadonlyArray<string>): Price => {
  const { timeZone } = timeline
  const stretches = stretchesOf(tariff, timeline, energyWh)
  const { netMinor, taxMinor, grossMinor } = slowPrice(tariff, stretches, { timeZone, groups })
  return { currency: tariff.currency, netMinor, taxMinor, grossMinor }
}

/** Between what and what a charge costs; least and most are the same where what is known tells the price. */
export interface PriceRange {
  readonly least: Price
  readonly most: Price
}

/** The price of a charge as far as its quantities tell it, under any tariff. */
export const slowRange = (tariff: OcpiTariff, charge: Charge): PriceRange => {
  const exact = exactRate(tariff, charge)
  if (exact !== undefined) {
    const groups = groupsOf(tariff)
    const most = exact([])
    return { least: groups.length === 0 ? most : exact(groups), most }
  }
  const bounds = slowBounds(tariff, quantitiesOf(charge))
  const price = (netMinor: bigint, grossMinor: bigint): Price => ({
    currency: tariff.currency,
    netMinor,
    taxMinor: grossMinor - netMinor,
    grossMinor
  })
  return {
    least: price(bounds.leastNetMinor, bounds.leastGrossMinor),
    most: price(bounds.mostNetMinor, bounds.mostGrossMinor)
  }
}

/** How to price a charge to the last digit, by the driver's groups; undefined where its quantities do not tell. */
const exactRate = (tariff: OcpiTariff, charge: Charge): ((groups: ReadonlyArray<string>) => Price) | undefined => {
  if (!isRestricted(tariff)) return (groups) => slowRate(tariff, charge, groups)
  const { timeline, energyWh } = charge
  if (timeline === undefined || timeline.endedAtMs <= timeline.startedAtMs || !isByTimeAlone(tariff)) return undefined
  return (groups) => timedRate(tariff, energyWh, timeline, groups)
}

/** Whether a price lies in a range, its tax being what is between its net and its gross. */
export const isWithin = ({ least, most }: PriceRange, it: Price): boolean =>
  it.currency === least.currency &&
  it.netMinor >= least.netMinor &&
  it.netMinor <= most.netMinor &&
  it.grossMinor >= least.grossMinor &&
  it.grossMinor <= most.grossMinor &&
  it.taxMinor === it.grossMinor - it.netMinor

/** Which version of a tariff a session that starts then is priced by; undefined when none is valid. */
export const versionAt = (versions: ReadonlyArray<OcpiTariff>, startedAtMs: number): OcpiTariff | undefined => {
  let best: OcpiTariff | undefined
  for (const it of versions) {
    if (it.start_date_time !== undefined && Date.parse(it.start_date_time) > startedAtMs) continue
    if (it.end_date_time !== undefined && Date.parse(it.end_date_time) <= startedAtMs) continue
    if (best === undefined || (it.version ?? 1) > (best.version ?? 1)) best = it
  }
  return best
}

/**
 * How long the car wanted no power: while it paused itself, and while it was merely connected after it had charged.
 * Waiting to charge, and pauses that the station makes, are not its doing.
 */
export const parkedMsOf = (
  states: ReadonlyArray<{ readonly atMs: number; readonly state: string }>,
  endedAtMs: number
): number => {
  let parkedMs = 0
  parkingOf(states).forEach(({ atMs, isParking }, index) => {
    const untilMs = Math.min(states[index + 1]?.atMs ?? endedAtMs, endedAtMs)
    if (isParking) parkedMs += Math.max(0, untilMs - atMs)
  })
  return parkedMs
}
