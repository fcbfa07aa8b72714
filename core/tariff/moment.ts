import type { ChargingPeriod } from "./ChargingPeriod.ts"
import type { Situation } from "./match.ts"

/** A moment before anything happened. */
export const momentOf = (): Situation => ({
  atMs: 0,
  elapsedMs: 0,
  energyMilliWh: 0,
  parkedMs: 0,
  stretchMs: 0,
  minPowerW: null,
  maxPowerW: null,
  minCurrentMa: null,
  maxCurrentMa: null
})

/** Moves to the start of a period; `sinceMs` is where durations count from. What was used and parked stays. */
export const move = (moment: Situation, period: ChargingPeriod, sinceMs: number): void => {
  moment.atMs = period.startAtMs
  moment.elapsedMs = period.startAtMs - sinceMs
  moment.minPowerW = period.minPowerW
  moment.maxPowerW = period.maxPowerW
  moment.minCurrentMa = period.minCurrentMa
  moment.maxCurrentMa = period.maxCurrentMa
}

/** Whether a period is more than reserved time. */
export const isSession = (period: ChargingPeriod): boolean =>
  period.reservedMs === 0 || period.energyMilliWh > 0 || period.chargingMs > 0 || period.parkingMs > 0

/** Where a session's durations count from: its first period that is no reservation. */
export const sessionStartOf = (periods: ReadonlyArray<ChargingPeriod>): number =>
  (periods.find(isSession) ?? periods[0])?.startAtMs ?? 0

/** Where a reservation's durations count from: its own first period. */
export const reservationStartOf = (periods: ReadonlyArray<ChargingPeriod>): number =>
  periods.find((period) => period.reservedMs > 0)?.startAtMs ?? 0
