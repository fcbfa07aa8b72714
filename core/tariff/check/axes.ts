import * as Instant from "../../Instant.ts"
import { unscaled } from "../../Money.ts"
import type { CompiledRestrictions } from "../restrictions.ts"
import { dayMs, weekdayOf } from "../Zone.ts"
import { type Box, intersect } from "./region.ts"

/** The axes of a tariff, each cut where one of its restrictions begins or ends to hold. Ascending, from the lowest. */
export interface Axes {
  /** Days since 1970-01-01 at which a date restriction begins or ends; before the first one is a span too. */
  readonly days: ReadonlyArray<number>
  /** Milliseconds of the local day, from 0. */
  readonly times: ReadonlyArray<number>
  /** mWh, ms, mW and mA, from 0. */
  readonly energies: ReadonlyArray<number>
  readonly durations: ReadonlyArray<number>
  readonly powers: ReadonlyArray<number>
  readonly currents: ReadonlyArray<number>
  /** Everything that can be: a span of less than a week has not every weekday. */
  readonly everywhere: Box
}

const everyWeekday = 127

export const axesOf = (restrictions: ReadonlyArray<CompiledRestrictions | null>): Axes => {
  const days = new Set<number>()
  const times = new Set([0])
  const energies = new Set([0])
  const durations = new Set([0])
  const powers = new Set([0])
  const currents = new Set([0])
  for (const it of restrictions) {
    if (it === null) continue
    days.add(it.firstDay).add(it.endDay)
    for (const day of it.holidays?.days ?? []) days.add(day).add(day + 1)
    if (it.window !== null) times.add(it.window.fromMs).add(it.window.toMs % dayMs)
    energies.add(it.minEnergyMilliWh).add(it.maxEnergyMilliWh)
    durations.add(it.minDurationMs).add(it.maxDurationMs)
    powers.add(it.minPowerMilliW).add(it.maxPowerMilliW)
    currents.add(it.minCurrentMa).add(it.maxCurrentMa)
  }
  const cuts = {
    days: ascending(days, Number.NEGATIVE_INFINITY),
    times: ascending(times, 0),
    energies: ascending(energies, 0),
    durations: ascending(durations, 0),
    powers: ascending(powers, 0),
    currents: ascending(currents, 0)
  }
  const everywhere = [
    dayAtoms(cuts.days),
    ...[cuts.times, cuts.energies, cuts.durations, cuts.powers, cuts.currents].map((axis) => all(axis.length))
  ]
  return { ...cuts, everywhere }
}

const ascending = (values: ReadonlySet<number>, least: number): ReadonlyArray<number> =>
  [...values].filter((value) => Number.isFinite(value) && value >= least).sort((a, b) => a - b)

const all = (atoms: number): bigint => (1n << BigInt(atoms)) - 1n

/** The span of days between two cuts: `[from, to)`. */
export const daySpan = (days: Axes["days"], index: number): readonly [from: number, to: number] => [
  days[index - 1] ?? Number.NEGATIVE_INFINITY,
  days[index] ?? Number.POSITIVE_INFINITY
]

const dayAtoms = (days: Axes["days"]): bigint => {
  let bits = 0n
  for (let span = 0; span <= days.length; span++) {
    const [from, to] = daySpan(days, span)
    for (let weekday = 0; weekday < 7; weekday++) {
      if (Number.isFinite(from) && (weekday - weekdayOf(from) + 7) % 7 >= to - from) continue
      bits |= dayAtom(span, weekday)
    }
  }
  return bits
}

/** Seven atoms a span, from Sunday. */
export const dayAtom = (span: number, weekday: number): bigint => 1n << BigInt(span * 7 + weekday)

/** Where restrictions hold. Empty: nowhere. */
export const boxOf = (it: CompiledRestrictions | null, axes: Axes): Box => {
  if (it === null) return axes.everywhere
  let days = 0n
  for (let span = 0; span <= axes.days.length; span++) {
    const [from, to] = daySpan(axes.days, span)
    if (from < it.firstDay || to > it.endDay) continue
    // A holiday is a span of its own: its begin and its end are cuts.
    if (it.holidays !== null && it.holidays.days.has(from) !== it.holidays.isOnly) continue
    days |= BigInt(it.weekdays & everyWeekday) << BigInt(span * 7)
  }
  return intersect(axes.everywhere, [
    days,
    it.window === null ? all(axes.times.length) : windowBits(axes.times, it.window.fromMs, it.window.toMs),
    between(axes.energies, it.minEnergyMilliWh, it.maxEnergyMilliWh),
    between(axes.durations, it.minDurationMs, it.maxDurationMs),
    between(axes.powers, it.minPowerMilliW, it.maxPowerMilliW),
    between(axes.currents, it.minCurrentMa, it.maxCurrentMa)
  ])
}

const between = (cuts: ReadonlyArray<number>, from: number, to: number): bigint => {
  let bits = 0n
  for (let atom = 0; atom < cuts.length; atom++) if (cuts[atom]! >= from && cuts[atom]! < to) bits |= 1n << BigInt(atom)
  return bits
}

const windowBits = (times: ReadonlyArray<number>, fromMs: number, toMs: number): bigint =>
  fromMs < toMs ? between(times, fromMs, toMs) : between(times, fromMs, dayMs) | between(times, 0, toMs)

/** Runs of neighbouring atoms as `[from, to)` in atoms; `wraps` joins the last one with the first. */
export const runsOf = (bits: bigint, atoms: number, wraps = false): ReadonlyArray<readonly [number, number]> => {
  const runs: Array<readonly [number, number]> = []
  let from = -1
  for (let atom = 0; atom <= atoms; atom++) {
    const isIn = atom < atoms && (bits & (1n << BigInt(atom))) !== 0n
    if (isIn && from < 0) from = atom
    if (isIn || from < 0) continue
    runs.push([from, atom])
    from = -1
  }
  const [first, last] = [runs[0], runs[runs.length - 1]]
  if (wraps && runs.length > 1 && first![0] === 0 && last![1] === atoms)
    return [...runs.slice(1, -1), [last![0], first![1]]]
  return runs
}

const weekdayNames = ["SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY"]
const fromMonday = [1, 2, 3, 4, 5, 6, 0]

/** A box for people: `20:00-00:00 every day`, `from 10 kWh on SATURDAY, SUNDAY`, `always`. */
export const describe = (box: Box, axes: Axes): string => {
  const [days, times, energies, durations, powers, currents] = box
  const quantities = [
    quantity(energies!, axes.energies, 6, "kWh"),
    quantity(durations!, axes.durations, 3, "s"),
    quantity(powers!, axes.powers, 6, "kW"),
    quantity(currents!, axes.currents, 3, "A")
  ].filter((text) => text !== "")
  const clock = timeText(times!, axes.times)
  const day = daysText(days!, axes)
  if (clock === "" && day === "" && quantities.length === 0) return "always"
  const when = [clock, day === "" && clock !== "" ? "every day" : day].filter((text) => text !== "").join(" ")
  return [when, ...quantities].filter((text) => text !== "").join(", ")
}

const clockText = (ms: number): string => {
  const minute = Math.floor(ms / 60_000) % 1440
  return `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`
}

const timeText = (bits: bigint, times: Axes["times"]): string =>
  bits === all(times.length)
    ? ""
    : runsOf(bits, times.length, true)
        .map(([from, to]) => `${clockText(times[from]!)}-${clockText(times[to] ?? 0)}`)
        .join(" and ")

const daysText = (bits: bigint, axes: Axes): string => {
  if (bits === axes.everywhere[0]) return ""
  const texts: Array<string> = []
  for (let span = 0; span <= axes.days.length; span++) {
    const possible = (axes.everywhere[0]! >> BigInt(span * 7)) & 127n
    const weekdays = (bits >> BigInt(span * 7)) & 127n
    if (weekdays === 0n) continue
    const [from, to] = daySpan(axes.days, span)
    const names = fromMonday.filter((day) => (weekdays & (1n << BigInt(day))) !== 0n).map((day) => weekdayNames[day]!)
    const on = weekdays === possible ? "" : `on ${names.join(", ")}`
    const since = Number.isFinite(from) ? `from ${dateText(from)}` : ""
    const until = Number.isFinite(to) ? `until before ${dateText(to)}` : ""
    texts.push([on, since, until].filter((text) => text !== "").join(" "))
  }
  return texts.join(" and ")
}

export const dateText = (day: number): string => Instant.format(day * dayMs).slice(0, 10)

const quantity = (bits: bigint, cuts: ReadonlyArray<number>, digits: number, unit: string): string => {
  if (bits === all(cuts.length)) return ""
  const number = (value: number) => unscaled(BigInt(value), digits)
  return runsOf(bits, cuts.length)
    .map(([from, to]) => {
      const end = cuts[to]
      if (end === undefined) return `from ${number(cuts[from]!)} ${unit}`
      return from === 0 ? `below ${number(end)} ${unit}` : `from ${number(cuts[from]!)} to below ${number(end)} ${unit}`
    })
    .join(" and ")
}
