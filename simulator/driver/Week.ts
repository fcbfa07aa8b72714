import type { Stream } from "../Stream.ts"

/** How many arrive on a day, and how they spread over its 24 hours: weights, whatever their sum. */
export interface DayCurve {
  readonly mean: number
  readonly hours: ReadonlyArray<number>
}

/** 0 is Sunday. */
export type Weekday = 0 | 1 | 2 | 3 | 4 | 5 | 6

/** From Sunday to Saturday. */
export type Week = readonly [DayCurve, DayCurve, DayCurve, DayCurve, DayCurve, DayCurve, DayCurve]

const dayMs = 86_400_000
const hourMs = 3_600_000
const minuteMs = 60_000

/** The weekday of an instant by the UTC calendar; the first of January 1970 was a Thursday. */
export const weekdayOf = (atMs: number): Weekday => ((((Math.floor(atMs / dayMs) + 4) % 7) + 7) % 7) as Weekday

/** Five working days alike, and two others. */
export const workingWeek = (weekday: DayCurve, weekend: DayCurve): Week => [
  weekend,
  weekday,
  weekday,
  weekday,
  weekday,
  weekday,
  weekend
]

/** The same hours, so many times the arrivals. */
export const times = (factor: number, { mean, hours }: DayCurve): DayCurve => ({ mean: mean * factor, hours })

/** The same week, so many times the arrivals. */
export const busier = (factor: number, [a, b, c, d, e, f, g]: Week): Week => {
  const more = (curve: DayCurve): DayCurve => times(factor, curve)
  return [more(a), more(b), more(c), more(d), more(e), more(f), more(g)]
}

/** A fixed shift of a vehicle: minutes of the day, and the weekdays it is driven on. */
export interface Shift {
  readonly name: string
  /** Back at the depot; nobody is earlier or later than `spreadMinutes`, most are close. */
  readonly returnsAtMinute: number
  readonly spreadMinutes: number
  /** Out again: the first such minute after the return. */
  readonly leavesAtMinute: number
  readonly weekdays: ReadonlyArray<Weekday>
  /** Of all vehicles, those on this shift: a weight. */
  readonly weight: number
}

/** When a vehicle is back, ms of its day: the sum of two dice, so that a wave has a crest and ends. */
export const returnOf = (shift: Shift, stream: Stream): number =>
  Math.floor((shift.returnsAtMinute + (stream.next() + stream.next() - 1) * shift.spreadMinutes) * minuteMs)

/** From an instant of the day until the vehicle is wanted again, ms. */
export const untilDeparture = (shift: Shift, returnedMs: number): number => {
  const waitMs = shift.leavesAtMinute * minuteMs - returnedMs
  return waitMs > 0 ? waitMs : waitMs + dayMs
}

/** The share of a shift's returns before a minute of the day: two dice again, as an integral. */
const returnedBefore = (minute: number, { returnsAtMinute, spreadMinutes }: Shift): number => {
  const x = Math.min(1, Math.max(-1, (minute - returnsAtMinute) / spreadMinutes))
  return x < 0 ? (1 + x) ** 2 / 2 : 1 - (1 - x) ** 2 / 2
}

/** The week that follows from shifts, for so many vehicles at one EVSE, each back with that chance on its days. */
export const weekOf = (shifts: ReadonlyArray<Shift>, vehicles: number, chance: number): Week => {
  const all = shifts.reduce((sum, { weight }) => sum + weight, 0)
  const day = (weekday: Weekday): DayCurve => {
    const today = shifts.filter(({ weekdays }) => weekdays.includes(weekday))
    const hours = Array.from({ length: 24 }, (_, hour) =>
      today.reduce(
        (sum, shift) =>
          sum + (shift.weight / all) * (returnedBefore((hour + 1) * 60, shift) - returnedBefore(hour * 60, shift)),
        0
      )
    )
    return { mean: hours.reduce((sum, share) => sum + share, 0) * vehicles * chance, hours }
  }
  return [day(0), day(1), day(2), day(3), day(4), day(5), day(6)]
}

/** One instant of a day that follows the curve, ms of the day. */
export const instantOf = ({ hours }: DayCurve, stream: Stream): number => {
  const hour = stream.weighted(hours.map((weight, index) => [index, weight] as const))
  return Math.floor((hour + stream.next()) * hourMs)
}
