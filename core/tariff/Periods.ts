import type { ChargingPeriod } from "./ChargingPeriod.ts"
import type { Candidate, CompiledTariff } from "./compile.ts"
import { makeCurve, type RegisterSample } from "./curve.ts"
import { type ParkingClock, parkingClock } from "./extras/parkingClock.ts"
import { priceAt } from "./extras/priceAt.ts"
import type { Situation } from "./match.ts"
import { dayMs, localDay } from "./Zone.ts"

/** What the car and the EVSE are doing (OCPP 2.x ChargingStateEnumType; in 1.6 it follows from the connector's status). */
export type ChargingState = "Charging" | "EVConnected" | "SuspendedEV" | "SuspendedEVSE" | "Idle"

/** A transaction as it was measured, cleaned of implausible readings. Sorted by time. */
export interface SessionTelemetry {
  readonly startedAtMs: number
  readonly endedAtMs: number
  /** The register at the start; when absent, the first sample's. */
  readonly meterStartWh?: number | null
  readonly samples: ReadonlyArray<RegisterSample>
  readonly states: ReadonlyArray<{ readonly atMs: number; readonly state: ChargingState }>
}

/** Sessions longer than this are not cut at the times of day beyond it; the rating then notes the spanned change. */
const maxCutDays = 400

/** An instant at which a price could change, and the energy used until then. */
interface Cut {
  readonly atMs: number
  readonly energyMilliWh: number
}

/**
 * Cuts a session into charging periods (OCPI: the CPO starts a new period at every moment relevant for the cost): where
 * parking begins or ends, at the tariff's times of day, durations and kWh, and where power or current crosses one of its
 * thresholds, where a grace period ends and a price of a series begins; but only where another price then holds. The register between two samples is a straight line in integers,
 * so the periods' energies sum to the whole exactly and a kWh threshold is met to the mWh.
 *
 * PARKING_TIME is the time in which the vehicle does not request power (the NOTE at OCPI's CdrDimensionType):
 * SuspendedEV, and any other idleness once charging has begun. Waiting for the first charging and what the operator
 * holds back (SuspendedEVSE) are TIME.
 */
export const chargingPeriods = (compiled: CompiledTariff, session: SessionTelemetry): ReadonlyArray<ChargingPeriod> => {
  const startAtMs = session.startedAtMs
  const endAtMs = Math.max(session.endedAtMs, startAtMs)
  const curve = makeCurve(startAtMs, endAtMs, session)
  const parking = parkingChanges(session.states, startAtMs)
  const clock = clockOf(compiled, parking, startAtMs, endAtMs)
  const cuts = cutsOf(compiled, curve, parking, clock, startAtMs, endAtMs)
  const judge = judgeOf(compiled, curve, parking, clock, startAtMs)
  const periods: Array<ChargingPeriod> = []
  let begin = cuts[0]!
  let key = judge(begin)
  for (let index = 1; index < cuts.length; index++) {
    const cut = cuts[index]!
    const isLast = index === cuts.length - 1
    const next = isLast ? key : judge(cut)
    if (!isLast && isSame(key, next)) continue
    periods.push(periodOf(begin, cut, key, curve))
    begin = cut
    key = next
  }
  return periods
}

type Curve = ReturnType<typeof makeCurve>

const periodOf = (begin: Cut, end: Cut, key: Key, curve: Curve): ChargingPeriod => {
  const durationMs = end.atMs - begin.atMs
  const power = curve.power.range(begin.atMs, end.atMs)
  const current = curve.current.range(begin.atMs, end.atMs)
  return {
    startAtMs: begin.atMs,
    endAtMs: end.atMs,
    energyMilliWh: end.energyMilliWh - begin.energyMilliWh,
    chargingMs: key.isParking ? 0 : durationMs,
    parkingMs: key.isParking ? durationMs : 0,
    reservedMs: 0,
    minPowerW: power.min,
    maxPowerW: power.max,
    minCurrentMa: current.min,
    maxCurrentMa: current.max
  }
}

/** The instants at which parking begins or ends, alternately, beginning with a begin. */
const parkingChanges = (states: SessionTelemetry["states"], startAtMs: number): ReadonlyArray<number> => {
  const changes: Array<number> = []
  let hasCharged = false
  for (const { atMs, state } of states) {
    if (state === "Charging") hasCharged = true
    const isParking = state === "SuspendedEV" || (hasCharged && (state === "Idle" || state === "EVConnected"))
    if (isParking !== (changes.length % 2 === 1)) changes.push(Math.max(atMs, startAtMs))
  }
  return changes
}

const isParkingAt = (changes: ReadonlyArray<number>, atMs: number): boolean => {
  let passed = 0
  while (passed < changes.length && changes[passed]! <= atMs) passed += 1
  return passed % 2 === 1
}

/** Only where a price depends on how long the vehicle parked. */
const clockOf = (
  compiled: CompiledTariff,
  parking: ReadonlyArray<number>,
  startAtMs: number,
  endAtMs: number
): ParkingClock | null => {
  if (compiled.extras === null || !compiled.extras.countsParking) return null
  const times: Array<number> = []
  if (compiled.extras.quiet.length > 0) pushTimesOfDay(compiled, startAtMs, endAtMs, times)
  return parkingClock(compiled, parking, times, endAtMs)
}

const cutsOf = (
  compiled: CompiledTariff,
  curve: Curve,
  parking: ReadonlyArray<number>,
  clock: ParkingClock | null,
  startAtMs: number,
  endAtMs: number
): ReadonlyArray<Cut> => {
  const { thresholds } = compiled
  const instants = [...parking]
  for (const durationMs of thresholds.durationMs) instants.push(startAtMs + durationMs)
  if (thresholds.timesOfDayMs.length > 0) pushTimesOfDay(compiled, startAtMs, endAtMs, instants)
  for (const atMs of compiled.extras?.seriesAtMs ?? []) if (atMs > startAtMs && atMs < endAtMs) instants.push(atMs)
  clock?.graceEnds(instants)
  if (thresholds.powerMilliW.length > 0) curve.power.changes(instants)
  if (thresholds.currentMa.length > 0) curve.current.changes(instants)
  const cuts: Array<Cut> = [{ atMs: startAtMs, energyMilliWh: 0 }]
  for (const energyMilliWh of thresholds.energyMilliWh) {
    const atMs = curve.reachedAtMs(energyMilliWh)
    if (atMs === undefined) break
    cuts.push({ atMs, energyMilliWh })
  }
  for (const atMs of new Set(instants)) {
    if (atMs <= startAtMs || atMs >= endAtMs) continue
    cuts.push({ atMs, energyMilliWh: curve.energyAt(atMs) })
  }
  cuts.sort((a, b) => a.atMs - b.atMs || a.energyMilliWh - b.energyMilliWh)
  cuts.push({ atMs: endAtMs, energyMilliWh: curve.totalMilliWh })
  return cuts
}

/** The tariff's wall-clock times in the session, each as often as the clock shows it, and the changes of the clock. */
const pushTimesOfDay = (compiled: CompiledTariff, startAtMs: number, endAtMs: number, instants: Array<number>) => {
  const { zone, thresholds } = compiled
  const untilMs = Math.min(endAtMs, startAtMs + maxCutDays * dayMs)
  const changes = zone.changesBetween(startAtMs, untilMs)
  let fromMs = startAtMs
  for (const toMs of [...changes, untilMs]) {
    const offsetMs = zone.offsetMsAt(fromMs)
    for (let day = localDay(fromMs + offsetMs); day <= localDay(toMs + offsetMs); day++) {
      for (const timeMs of thresholds.timesOfDayMs) {
        const atMs = day * dayMs + timeMs - offsetMs
        if (atMs >= fromMs && atMs < toMs) instants.push(atMs)
      }
    }
    instants.push(toMs)
    fromMs = toMs
  }
}

/** What holds at a cut: two neighbouring stretches with the same are one period. */
interface Key {
  readonly isParking: boolean
  /** Parked time that counts is not mixed with time that does not, whether it has a price or not. */
  readonly isQuiet: boolean
  readonly powerBand: number
  readonly currentBand: number
  readonly energy: Candidate | undefined
  readonly time: Candidate | undefined
  readonly flat: Candidate | undefined
}

const isSame = (a: Key, b: Key): boolean =>
  a.isParking === b.isParking &&
  a.isQuiet === b.isQuiet &&
  a.powerBand === b.powerBand &&
  a.currentBand === b.currentBand &&
  a.energy === b.energy &&
  a.time === b.time &&
  a.flat === b.flat

const judgeOf = (
  compiled: CompiledTariff,
  curve: Curve,
  parking: ReadonlyArray<number>,
  clock: ParkingClock | null,
  startAtMs: number
) => {
  const { session, thresholds } = compiled
  return ({ atMs, energyMilliWh }: Cut): Key => {
    const isParking = isParkingAt(parking, atMs)
    const powerW = curve.power.at(atMs)
    const currentMa = curve.current.at(atMs)
    const moment: Situation = {
      atMs,
      elapsedMs: atMs - startAtMs,
      energyMilliWh,
      ...(clock === null ? notParked : clock.at(atMs)),
      minPowerW: powerW,
      maxPowerW: powerW,
      minCurrentMa: currentMa,
      maxCurrentMa: currentMa
    }
    return {
      isParking,
      isQuiet: isParking && clock?.isQuietAt(atMs) === true,
      powerBand: bandOf(thresholds.powerMilliW, powerW === null ? null : Math.round(powerW * 1000)),
      currentBand: bandOf(thresholds.currentMa, currentMa),
      energy: priceAt(session.ENERGY, moment, compiled),
      time: priceAt(isParking ? session.PARKING_TIME : session.TIME, moment, compiled),
      flat: priceAt(session.FLAT, moment, compiled)
    }
  }
}

const notParked = { parkedMs: 0, stretchMs: 0 }

/** Between which thresholds a value lies: a threshold itself belongs above, as minima are inclusive. */
const bandOf = (thresholds: ReadonlyArray<number>, value: number | null): number => {
  if (value === null) return -1
  let band = 0
  while (band < thresholds.length && thresholds[band]! <= value) band += 1
  return band
}
