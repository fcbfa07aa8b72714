import type { RatingLine } from "#core/tariff/Rating.ts"
import type { Tariff } from "#core/tariff/Tariff.ts"
import { localDay, zoneOf } from "#core/tariff/Zone.ts"
import { courseOf } from "./course.ts"
import type { EnergyPrices } from "./energyCost.ts"
import { type Priced, type Pricer, pricerOf } from "./price.ts"
import { react } from "./reaction.ts"
import type { Session } from "./Session.ts"
import { addTo, type Spread } from "./Spread.ts"

/** What is compared, and under which assumptions. Plain data: it may go to another thread. */
export interface Setup {
  readonly a: ReadonlyArray<Tariff>
  readonly b: ReadonlyArray<Tariff>
  readonly currency: string
  /** Null: margins are not asked for. */
  readonly energyPrices: EnergyPrices | null
  readonly elasticities: ReadonlyArray<number>
  /** A session's price jumps when B differs from A by more than this, in percent of A. */
  readonly jumpPercent: number
}

/** What one price component earned, or a cap, a discount or a limit took. Ids as in the rating. */
export interface Part {
  readonly version: number
  readonly element: number
  readonly component: number
  readonly dimension: RatingLine["dimension"]
  readonly adjustment: RatingLine["adjustment"]
  /** Null: it follows a price series. */
  readonly unitPriceMicros: number | null
  lines: number
  /** mWh, ms or times, steps included. */
  volume: number
  netMinor: bigint
  grossMinor: bigint
}

/** One of the two tariffs. */
export interface Side {
  netMinor: bigint
  grossMinor: bigint
  readonly parts: Map<string, Part>
  /** Gross per session, minor units. */
  readonly perSession: Spread
  /** Gross per kWh, minor units, of sessions with at least {@link leastMilliWh}. */
  readonly perKwh: Spread
}

/** What one driver or station comes to. */
export interface Account {
  sessions: number
  aMinor: bigint
  bMinor: bigint
}

/** A session and its two prices, gross. */
export interface Change {
  readonly id: string
  readonly stationId: string
  readonly payer: string
  readonly startedAtMs: number
  readonly durationMs: number
  readonly idleMs: number
  readonly energyMilliWh: number
  readonly aMinor: bigint
  readonly bMinor: bigint
}

/** What B comes to at one elasticity; sums weighted by visits, in millionths of their units. */
export interface Reaction {
  readonly elasticity: number
  sessionsPpm: bigint
  energyPpm: bigint
  idlePpm: bigint
  netPpm: bigint
  costPpm: bigint
}

/** All that is kept of any number of sessions: it grows with drivers and stations, not with sessions. */
export interface Tally {
  sessions: number
  /** Sessions for which A or B had no valid version: in no figure. */
  unpriced: number
  energyMilliWh: number
  occupiedMs: number
  idleMs: number
  /** The local days of the first and the last start, since 1970-01-01. */
  firstDay: number
  lastDay: number
  readonly occupiedByHour: Array<number>
  readonly idleByHour: Array<number>
  readonly energyByHour: Array<number>
  costPico: bigint
  unpricedMilliWh: number
  readonly a: Side
  readonly b: Side
  dearer: number
  cheaper: number
  /** B minus A, gross, minor units. */
  readonly differences: Spread
  jumps: number
  /** The largest rises and falls, the largest first. */
  rises: Array<Change>
  falls: Array<Change>
  readonly drivers: Map<string, Account>
  readonly stations: Map<string, Account>
  /** Of stations that are at one. */
  readonly sites: Map<string, Account>
  readonly reactions: ReadonlyArray<Reaction>
}

/** Sessions told by name, of each kind. */
export const mostChanges = 12
/** Below this a price per kWh says nothing. */
export const leastMilliWh = 100_000

const sideOf = (): Side => ({
  netMinor: 0n,
  grossMinor: 0n,
  parts: new Map(),
  perSession: new Map(),
  perKwh: new Map()
})
const zeros = (): Array<number> => new Array<number>(24).fill(0)

/** Nothing counted yet. */
export const emptyTally = (elasticities: ReadonlyArray<number>): Tally => ({
  sessions: 0,
  unpriced: 0,
  energyMilliWh: 0,
  occupiedMs: 0,
  idleMs: 0,
  firstDay: Number.POSITIVE_INFINITY,
  lastDay: Number.NEGATIVE_INFINITY,
  occupiedByHour: zeros(),
  idleByHour: zeros(),
  energyByHour: zeros(),
  costPico: 0n,
  unpricedMilliWh: 0,
  a: sideOf(),
  b: sideOf(),
  dearer: 0,
  cheaper: 0,
  differences: new Map(),
  jumps: 0,
  rises: [],
  falls: [],
  drivers: new Map(),
  stations: new Map(),
  sites: new Map(),
  reactions: elasticities.map((elasticity) => ({
    elasticity,
    sessionsPpm: 0n,
    energyPpm: 0n,
    idlePpm: 0n,
    netPpm: 0n,
    costPpm: 0n
  }))
})

const countSide = (side: Side, { rating, tariff }: Priced, energyMilliWh: number): void => {
  side.netMinor += rating.netMinor
  side.grossMinor += rating.grossMinor
  addTo(side.perSession, Number(rating.grossMinor))
  if (energyMilliWh >= leastMilliWh) addTo(side.perKwh, (Number(rating.grossMinor) * 1e6) / energyMilliWh)
  for (const line of rating.lines) {
    const { element, component, dimension, adjustment } = line
    const followsSeries = dimension === "ENERGY" && tariff.elements[element]?.extras?.usesEnergyPrices === true
    const unitPriceMicros = followsSeries ? null : line.unitPriceMicros
    const key = `${rating.tariffVersion}|${element}|${component}|${dimension}|${adjustment}|${unitPriceMicros}`
    let part = side.parts.get(key)
    if (part === undefined) {
      part = {
        version: rating.tariffVersion,
        element,
        component,
        dimension,
        adjustment,
        unitPriceMicros,
        lines: 0,
        volume: 0,
        netMinor: 0n,
        grossMinor: 0n
      }
      side.parts.set(key, part)
    }
    part.lines += 1
    part.volume += line.volume
    part.netMinor += line.netMinor
    part.grossMinor += line.netMinor + line.taxMinor
  }
}

const countAccount = (accounts: Map<string, Account>, key: string, aMinor: bigint, bMinor: bigint): void => {
  const account = accounts.get(key)
  if (account === undefined) accounts.set(key, { sessions: 1, aMinor, bMinor })
  else {
    account.sessions += 1
    account.aMinor += aMinor
    account.bMinor += bMinor
  }
}

const sizeOf = ({ aMinor, bMinor }: Change): bigint => (bMinor > aMinor ? bMinor - aMinor : aMinor - bMinor)

/** The larger first; of equal ones in an order that no thread decides. */
const byChange = (a: Change, b: Change): number => {
  const difference = sizeOf(b) - sizeOf(a)
  if (difference !== 0n) return difference > 0n ? 1 : -1
  return a.startedAtMs - b.startedAtMs || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
}

/** The largest of both lists. */
export const largest = (one: ReadonlyArray<Change>, other: ReadonlyArray<Change>): Array<Change> =>
  [...one, ...other].sort(byChange).slice(0, mostChanges)

const countChange = (tally: Tally, change: Change, jumpPercent: number): void => {
  const { aMinor, bMinor } = change
  const size = sizeOf(change)
  addTo(tally.differences, Number(bMinor - aMinor))
  if (size === 0n) return
  const isRise = bMinor > aMinor
  if (isRise) tally.dearer += 1
  else tally.cheaper += 1
  const base = aMinor < 0n ? -aMinor : aMinor
  if (Number(size) * 100 > Number(base) * jumpPercent) tally.jumps += 1
  const list = isRise ? tally.rises : tally.falls
  if (list.length < mostChanges || byChange(change, list[list.length - 1]!) < 0) {
    if (isRise) tally.rises = largest(list, [change])
    else tally.falls = largest(list, [change])
  }
}

/** Counts sessions one by one; what it knows is a {@link Tally}. */
export class Counter {
  readonly tally: Tally
  private readonly setup: Setup
  private readonly priceA: Pricer
  private readonly priceB: Pricer

  constructor(setup: Setup) {
    this.setup = setup
    this.priceA = pricerOf(setup.a)
    this.priceB = pricerOf(setup.b)
    this.tally = emptyTally(setup.elasticities)
  }

  /** Prices a session under both tariffs and counts it; one that either cannot price is only counted as such. */
  add(session: Session): void {
    const { tally, setup } = this
    const { telemetry, timeZone } = session
    const a = this.priceA(session)
    const b = this.priceB(session)
    if (a === undefined || b === undefined) {
      tally.unpriced += 1
      return
    }
    const zone = zoneOf(timeZone)!
    const course = courseOf(session, a.periods, zone, setup.energyPrices)
    const { startedAtMs, endedAtMs } = telemetry
    tally.sessions += 1
    tally.energyMilliWh += course.energyMilliWh
    tally.idleMs += course.idleMs
    tally.occupiedMs += endedAtMs - startedAtMs
    tally.costPico += course.costPico
    tally.unpricedMilliWh += course.unpricedMilliWh
    tally.firstDay = Math.min(tally.firstDay, localDay(startedAtMs + zone.offsetMsAt(startedAtMs)))
    tally.lastDay = Math.max(tally.lastDay, localDay(startedAtMs + zone.offsetMsAt(startedAtMs)))
    for (const { hour, occupiedMs, idleMs, energyMilliWh } of course.hours) {
      tally.occupiedByHour[hour]! += occupiedMs
      tally.idleByHour[hour]! += idleMs
      tally.energyByHour[hour]! += energyMilliWh
    }
    countSide(tally.a, a, course.energyMilliWh)
    countSide(tally.b, b, course.energyMilliWh)
    const [aMinor, bMinor] = [a.rating.grossMinor, b.rating.grossMinor]
    countAccount(tally.drivers, session.payer, aMinor, bMinor)
    countAccount(tally.stations, session.stationId, aMinor, bMinor)
    if (session.siteId !== null) countAccount(tally.sites, session.siteId, aMinor, bMinor)
    countChange(
      tally,
      {
        id: session.id,
        stationId: session.stationId,
        payer: session.payer,
        startedAtMs,
        durationMs: endedAtMs - startedAtMs,
        idleMs: course.idleMs,
        energyMilliWh: course.energyMilliWh,
        aMinor,
        bMinor
      },
      setup.jumpPercent
    )
    this.react(session, a, b, course)
  }

  private react(session: Session, a: Priced, b: Priced, course: { energyMilliWh: number; costPico: bigint }): void {
    for (const reaction of this.tally.reactions) {
      const { visitsPpm, idleMs, priced } = react(session, a, b, reaction.elasticity, this.priceB)
      const visits = BigInt(visitsPpm)
      reaction.sessionsPpm += visits
      reaction.energyPpm += visits * BigInt(course.energyMilliWh)
      reaction.idlePpm += visits * BigInt(idleMs)
      reaction.netPpm += visits * priced.rating.netMinor
      reaction.costPpm += visits * course.costPico
    }
  }
}
