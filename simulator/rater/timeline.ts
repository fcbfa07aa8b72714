import { isByClock } from "./holds.ts"
import type { OcpiTariff, Stretch } from "./Model.ts"

/** A session as its station told it: what its car did from each instant on. */
export interface Timeline {
  readonly startedAtMs: number
  readonly endedAtMs: number
  readonly states: ReadonlyArray<{ readonly atMs: number; readonly state: string }>
  /** Of the site. */
  readonly timeZone: string
}

/**
 * Whether the prices of a tariff depend on time and parking alone: not on when the energy was used, which nothing but the
 * meter knows, and not on what was drawn.
 */
export const isByTimeAlone = ({ elements }: OcpiTariff): boolean =>
  elements.every(({ price_components, restrictions = {}, wattproof = {} }) => {
    const byUse = ["min_kwh", "max_kwh", "min_power", "max_power", "min_current", "max_current"] as const
    if (byUse.some((name) => restrictions[name] !== undefined)) return false
    const hasEnergy = price_components.some(({ type }) => type === "ENERGY")
    const isPlain = Object.keys(restrictions).length === 0 && wattproof.holidays === undefined
    return !hasEnergy || (isPlain && wattproof.energy_prices !== true)
  })

/** The stretches in which the car wanted no power, as whether it does from each instant on. */
export const parkingOf = (
  states: Timeline["states"]
): ReadonlyArray<{ readonly atMs: number; readonly isParking: boolean }> => {
  let hasCharged = false
  return states.map(({ atMs, state }) => {
    if (state === "Charging") hasCharged = true
    const isParking = state === "SuspendedEV" || (hasCharged && state !== "Charging" && state !== "SuspendedEVSE")
    return { atMs, isParking }
  })
}

const minuteMs = 60_000

/**
 * A session cut where a price by time can change: at every state, every duration that the tariff names, every full
 * minute of the clock (or what a coarser grid has of them), and where a grace period is used up. The energy is all in
 * the first stretch.
 */
export const stretchesOf = (
  tariff: OcpiTariff,
  { startedAtMs, endedAtMs, states, timeZone }: Timeline,
  energyWh: number,
  gridMs: number = minuteMs
): ReadonlyArray<Stretch> => {
  const parking = parkingOf(states)
  const isParkingAt = (atMs: number): boolean => parking.findLast((it) => it.atMs <= atMs)?.isParking === true
  const quietHours = tariff.wattproof?.quiet_hours ?? []
  const graces = tariff.elements.flatMap(({ wattproof }) => wattproof?.grace ?? [])
  const stretches: Array<Stretch> = []
  let [parkedMs, stretchMs, next] = [0, 0, 0]
  const ends = instantsOf(tariff, parking, { startedAtMs, endedAtMs, gridMs })
  for (let fromMs = startedAtMs; fromMs < endedAtMs; ) {
    while (ends[next]! <= fromMs) next += 1
    let toMs = ends[next]!
    const isParking = isParkingAt(fromMs)
    const base = { ...nothing, startAtMs: fromMs, energyMilliWh: fromMs === startedAtMs ? energyWh * 1000 : 0 }
    const isQuiet = quietHours.some((it) => isByClock(it, { stretch: base, timeZone }))
    if (!isParking) stretchMs = 0
    else if (!isQuiet) {
      for (const { seconds, per } of graces) {
        const leftMs = seconds * 1000 - (per === "SESSION" ? parkedMs : stretchMs)
        if (leftMs > 0 && fromMs + leftMs < toMs) toMs = fromMs + leftMs
      }
      parkedMs += toMs - fromMs
      stretchMs += toMs - fromMs
    }
    const ms = toMs - fromMs
    stretches.push({ ...base, chargingMs: isParking ? 0 : ms, parkingMs: isParking ? ms : 0 })
    fromMs = toMs
  }
  return stretches
}

/** A stretch of which nothing is known yet. */
export const nothing = {
  energyMilliWh: 0,
  chargingMs: 0,
  parkingMs: 0,
  reservedMs: 0,
  minPowerW: null,
  maxPowerW: null,
  minCurrentMa: null,
  maxCurrentMa: null
}

const instantsOf = (
  { elements }: OcpiTariff,
  parking: ReadonlyArray<{ readonly atMs: number }>,
  { startedAtMs, endedAtMs, gridMs }: Pick<Timeline, "startedAtMs" | "endedAtMs"> & { readonly gridMs: number }
): ReadonlyArray<number> => {
  const instants = new Set<number>([endedAtMs])
  for (const { atMs } of parking) instants.add(atMs)
  for (const { restrictions: it } of elements)
    for (const seconds of [it?.min_duration, it?.max_duration])
      if (seconds !== undefined) instants.add(startedAtMs + seconds * 1000)
  for (let atMs = Math.ceil(startedAtMs / gridMs) * gridMs; atMs < endedAtMs; atMs += gridMs) instants.add(atMs)
  return [...instants].filter((atMs) => atMs > startedAtMs && atMs <= endedAtMs).sort((a, b) => a - b)
}
