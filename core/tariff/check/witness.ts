import { sum } from "../../Money.ts"
import type { ChargingPeriod } from "../ChargingPeriod.ts"
import { emptyPeriod } from "../ChargingPeriod.ts"
import type { CompiledTariff } from "../compile.ts"
import type { LineDimension, Rating } from "../Rating.ts"
import { rate } from "../rate.ts"
import { dayMs, weekdayOf, type Zone } from "../Zone.ts"
import { type Axes, dateText, daySpan, runsOf } from "./axes.ts"
import type { Box } from "./region.ts"

/** Where a price is looked up: in the session, in reserved time, or in reserved time that ran out unused. */
export type Scope = "session" | "reserved" | "expired"

/** What a dimension of a tariff is called on a line of a rating. */
export type Priced = "ENERGY" | "TIME" | "PARKING_TIME" | "FLAT"

/** A session that shows a finding. Its last period is the one that matters. */
export interface Witness {
  /** The wall clock of the site at the moment in question: `2024-01-15T20:00:00`. */
  readonly localAt: string
  readonly timeZone: string
  readonly scope: Scope
  readonly periods: ReadonlyArray<ChargingPeriod>
  /** The driver's; absent: none. */
  readonly groups?: ReadonlyArray<string>
}

/** What the rating of a witness shows. `period` counts from 0. */
export type Claim =
  /** That dimension of the last period costs nothing because nothing prices it. */
  | { readonly kind: "unpriced"; readonly dimension: LineDimension }
  /** That dimension of the last period is priced by this component. */
  | {
      readonly kind: "priced_by"
      readonly dimension: LineDimension
      readonly element: number
      readonly component: number
    }
  /** This component prices nothing, although the session is of its kind. */
  | { readonly kind: "idle"; readonly element: number; readonly component: number }
  /** This component prices something and charges nothing for it. */
  | { readonly kind: "never_charged"; readonly element: number; readonly component: number }
  /** A cap takes something of that dimension. */
  | { readonly kind: "capped"; readonly dimension: LineDimension }
  /** A discount leaves nothing of what that dimension costs. */
  | { readonly kind: "made_free"; readonly dimension: LineDimension }
  /** That dimension of the last period has that price per unit. */
  | { readonly kind: "costs"; readonly dimension: LineDimension; readonly unitPriceMicros: number }
  /** TIME is billed to the millisecond although its component has a step. */
  | { readonly kind: "no_step"; readonly element: number; readonly component: number }

/** A moment inside a region: local day and time, what was used by then, and what is drawn. */
export interface Point {
  readonly day: number
  readonly timeMs: number
  readonly energyMilliWh: number
  readonly elapsedMs: number
  readonly powerMilliW: number
  readonly currentMa: number
}

/** Monday, 15 January 2024: a day without holidays or clock changes in most places. */
const standardDay = 19_737

/** A moment in a box that is not empty, at the beginning of what it holds; of the days the first after `notBefore`. */
export const pointIn = (box: Box, axes: Axes, notBefore: number = standardDay): Point => {
  const [days, times, energies, durations, powers, currents] = box
  const first = (bits: bigint, cuts: ReadonlyArray<number>, wraps = false) =>
    cuts[runsOf(bits, cuts.length, wraps)[0]![0]]!
  const energyMilliWh = first(energies!, axes.energies)
  const elapsedMs = first(durations!, axes.durations)
  return {
    day: dayIn(days!, axes, notBefore),
    timeMs: first(times!, axes.times, true),
    energyMilliWh,
    // Energy takes time: where the duration may be longer than nothing, it is.
    elapsedMs: elapsedMs === 0 && energyMilliWh > 0 ? within(durations!, axes.durations) : elapsedMs,
    powerMilliW: first(powers!, axes.powers),
    currentMa: first(currents!, axes.currents)
  }
}

const hourMs = 3_600_000

const within = (bits: bigint, cuts: ReadonlyArray<number>): number => {
  const [from, to] = runsOf(bits, cuts.length)[0]!
  const end = cuts[to] ?? Number.POSITIVE_INFINITY
  return Math.min(cuts[from]! + hourMs, Math.floor((cuts[from]! + Math.min(end, Number.MAX_SAFE_INTEGER)) / 2))
}

const dayIn = (bits: bigint, axes: Axes, notBefore: number): number => {
  const preferred = [...spans(bits, axes)].find(({ to }) => notBefore < to) ?? [...spans(bits, axes)][0]!
  const { weekdays, from, to } = preferred
  const start = notBefore >= from && notBefore < to ? notBefore : Number.isFinite(from) ? from : to - 7
  for (let day = start; day < start + 7; day++) if (day < to && hasWeekday(weekdays, day)) return day
  for (let day = start - 1; day > start - 7; day--) if (day >= from && hasWeekday(weekdays, day)) return day
  throw new Error("a span of days has none of its weekdays")
}

const hasWeekday = (weekdays: bigint, day: number): boolean => (weekdays & (1n << BigInt(weekdayOf(day)))) !== 0n

function* spans(bits: bigint, axes: Axes) {
  for (let span = 0; span <= axes.days.length; span++) {
    const weekdays = (bits >> BigInt(span * 7)) & 127n
    const [from, to] = daySpan(axes.days, span)
    if (weekdays !== 0n) yield { weekdays, from, to }
  }
}

/** The instant at which the wall clock shows that; undefined in an hour that a clock change skips. */
const instantOf = (localMs: number, zone: Zone): number | undefined => {
  const guess = localMs - zone.offsetMsAt(localMs)
  const atMs = localMs - zone.offsetMsAt(guess)
  return atMs + zone.offsetMsAt(atMs) === localMs ? atMs : undefined
}

const minuteMs = 60_000
const kWh = 1_000_000

/**
 * A session of which the last period, a minute long, stands at that point and has that dimension. Undefined where the
 * wall clock never shows that time.
 */
export const witnessAt = (point: Point, scope: Scope, dimension: Priced, zone: Zone): Witness | undefined => {
  const localMs = point.day * dayMs + point.timeMs
  const atMs = instantOf(localMs, zone)
  if (atMs === undefined) return undefined
  const signals = {
    minPowerW: point.powerMilliW / 1000,
    maxPowerW: point.powerMilliW / 1000,
    minCurrentMa: point.currentMa,
    maxCurrentMa: point.currentMa
  }
  const { elapsedMs, energyMilliWh } = point
  const isReservation = scope !== "session"
  const before: ChargingPeriod = {
    ...emptyPeriod,
    startAtMs: atMs - elapsedMs,
    endAtMs: atMs,
    energyMilliWh: isReservation ? 0 : energyMilliWh,
    chargingMs: isReservation ? 0 : elapsedMs,
    reservedMs: isReservation ? elapsedMs : 0
  }
  const isParking = dimension === "PARKING_TIME"
  const last: ChargingPeriod = {
    ...signals,
    startAtMs: atMs,
    endAtMs: atMs + minuteMs,
    energyMilliWh: dimension === "ENERGY" && !isReservation ? kWh : 0,
    chargingMs: isReservation || isParking ? 0 : minuteMs,
    parkingMs: isParking && !isReservation ? minuteMs : 0,
    reservedMs: isReservation ? minuteMs : 0
  }
  const needsBefore = elapsedMs > 0 || energyMilliWh > 0
  return {
    localAt: localText(localMs),
    timeZone: zone.name,
    scope,
    periods: needsBefore ? [before, last] : [last]
  }
}

/** A session of one period that begins at that instant. */
export const witnessFrom = (
  atMs: number,
  period: Partial<ChargingPeriod> & Pick<ChargingPeriod, "endAtMs">,
  zone: Zone
): Witness => ({
  localAt: localText(atMs + zone.offsetMsAt(atMs)),
  timeZone: zone.name,
  scope: "session",
  periods: [{ ...emptyPeriod, ...period, startAtMs: atMs }]
})

const localText = (localMs: number): string => {
  const day = Math.floor(localMs / dayMs)
  const seconds = Math.floor((localMs - day * dayMs) / 1000)
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  return `${dateText(day)}T${clock.map((part) => String(part).padStart(2, "0")).join(":")}`
}

/** The rating of a witness under the tariff that it speaks of. */
export const rateWitness = (compiled: CompiledTariff, witness: Witness): Rating =>
  rate(compiled, witness.periods, { reservationExpired: witness.scope === "expired", groups: witness.groups ?? [] })

/** Whether the rating of a witness shows what is claimed. */
export const shows = (compiled: CompiledTariff, witness: Witness, claim: Claim): boolean => {
  const { lines } = rateWitness(compiled, witness)
  const last = witness.periods.length - 1
  switch (claim.kind) {
    case "unpriced":
      return !lines.some((line) => line.period === last && line.dimension === claim.dimension)
    case "priced_by":
      return lines.some(
        (line) =>
          line.period === last &&
          line.dimension === claim.dimension &&
          line.element === claim.element &&
          line.component === claim.component
      )
    case "idle":
      return !lines.some((line) => line.element === claim.element && line.component === claim.component)
    case "never_charged": {
      const own = lines.filter((line) => line.element === claim.element && line.component === claim.component)
      return own.length > 0 && own.every((line) => line.net.n === 0n)
    }
    case "capped":
      return lines.some((line) => line.dimension === claim.dimension && line.adjustment === "CAP")
    case "made_free": {
      const own = lines.filter((line) => line.dimension === claim.dimension)
      return own.some(({ net }) => net.n > 0n) && sum(own.map(({ net }) => net)).n === 0n
    }
    case "costs":
      return lines.some(
        (line) =>
          line.period === last &&
          line.dimension === claim.dimension &&
          line.adjustment === null &&
          line.unitPriceMicros === claim.unitPriceMicros
      )
    case "no_step":
      return lines.some(
        (line) => line.element === claim.element && line.component === claim.component && line.stepSurplus === 0
      )
  }
}
