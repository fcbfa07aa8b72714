import * as Instant from "../Instant.ts"
import type { DayOfWeek, Tariff, TariffElement, TariffRestrictions } from "./Tariff.ts"
import { dayMs } from "./Zone.ts"

/** Restrictions as numbers: minima 0 and maxima Infinity where there are none. */
export interface CompiledRestrictions {
  /** Milliseconds of the local day; `toMs` at or below `fromMs` wraps over midnight; null: the whole day. */
  readonly window: { readonly fromMs: number; readonly toMs: number } | null
  /** Local days since 1970-01-01. */
  readonly firstDay: number
  readonly endDay: number
  /** Bit 0 is Sunday; 127 is every day. */
  readonly weekdays: number
  /** Only on these local days, or only on others. */
  readonly holidays: { readonly days: ReadonlySet<number>; readonly isOnly: boolean } | null
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

/** Where prices may change: ascending, each once. */
export interface Thresholds {
  /** Milliseconds of the local day; contains 0 when days matter. */
  readonly timesOfDayMs: ReadonlyArray<number>
  readonly energyMilliWh: ReadonlyArray<number>
  readonly durationMs: ReadonlyArray<number>
  readonly powerMilliW: ReadonlyArray<number>
  readonly currentMa: ReadonlyArray<number>
}

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

/** What restricts nothing. */
export const noRestrictions: TariffRestrictions = {
  startMinute: null,
  endMinute: null,
  startDate: null,
  endDate: null,
  minEnergyMilliWh: null,
  maxEnergyMilliWh: null,
  minCurrentMa: null,
  maxCurrentMa: null,
  minPowerMilliW: null,
  maxPowerMilliW: null,
  minDurationMs: null,
  maxDurationMs: null,
  daysOfWeek: null,
  reservation: null
}

/** The local days of a calendar, since 1970-01-01. */
export const holidayDays = (tariff: Tariff): ReadonlySet<number> =>
  new Set((tariff.extras?.holidays?.dates ?? []).map(dayOf))

/** When an element holds, by its restrictions and the calendar; null: always. */
export const elementRestrictions = (
  { restrictions, extras }: TariffElement,
  days: ReadonlySet<number>
): CompiledRestrictions | null => {
  const kind = extras?.holidays ?? null
  if (kind === null) return restrictions === null ? null : compileRestrictions(restrictions)
  const compiled = compileRestrictions(restrictions ?? noRestrictions)
  return { ...compiled, holidays: { days, isOnly: kind === "ONLY" }, isLocal: true }
}

export const compileRestrictions = (it: TariffRestrictions): CompiledRestrictions => {
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
    maxCurrentMa: it.maxCurrentMa ?? Number.POSITIVE_INFINITY,
    holidays: null
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

/** Where any of these begins or ends to hold. */
export const thresholdsOf = (restrictions: ReadonlyArray<CompiledRestrictions | null>): Thresholds => {
  const times = new Set<number>()
  const energies = new Set<number>()
  const durations = new Set<number>()
  const powers = new Set<number>()
  const currents = new Set<number>()
  for (const it of restrictions) {
    if (it === null) continue
    if (it.window !== null) times.add(it.window.fromMs).add(it.window.toMs % dayMs)
    const readsDay = it.weekdays !== everyDay || Number.isFinite(it.firstDay) || Number.isFinite(it.endDay)
    if (readsDay || it.holidays !== null) times.add(0)
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
