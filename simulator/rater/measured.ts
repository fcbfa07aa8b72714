import { minuteOf } from "./holds.ts"
import type { OcpiTariff, Stretch } from "./Model.ts"
import { type SlowPrice, slowPrice } from "./price.ts"
import { nothing, stretchesOf, type Timeline } from "./timeline.ts"

/** A session as far as it was measured: the readings tell when which energy was used, on straight lines between them. */
export interface Measured extends Timeline {
  /** In order of time; the first one is where counting begins. */
  readonly readings: ReadonlyArray<{ readonly atMs: number; readonly registerWh: number }>
}

/**
 * Whether readings tell what a session costs: not where a price depends on a threshold of energy, which may be passed
 * between two of them, or on what was drawn.
 */
export const isByReadings = ({ elements, wattproof }: OcpiTariff): boolean =>
  (wattproof?.discounts ?? []).every(({ groups }) => groups === undefined) &&
  elements.every(({ restrictions: it }) => {
    const uses = [it?.min_kwh, it?.max_kwh, it?.min_power, it?.max_power, it?.min_current, it?.max_current]
    return uses.every((limit) => limit === undefined)
  })

/** What a session costs that is measured until its end: to the last digit, where {@link isByReadings} holds. */
export const measuredPrice = (tariff: OcpiTariff, session: Measured): SlowPrice => {
  const { startedAtMs, endedAtMs, timeZone } = session
  const usedAt = curveOf(session)
  const cut = endedAtMs > startedAtMs ? stretchesOf(tariff, session, 0, gridMs(tariff)) : [atOnce(startedAtMs)]
  const stretches = cut.map((stretch, index): Stretch => {
    const untilMs = cut[index + 1]?.startAtMs ?? endedAtMs
    // What was used at the very start is used in the first stretch.
    const before = index === 0 ? 0n : usedAt(stretch.startAtMs)
    return { ...stretch, energyMilliWh: Number(usedAt(untilMs) - before) }
  })
  return slowPrice(tariff, stretches, { timeZone })
}

const atOnce = (startAtMs: number): Stretch => ({ startAtMs, ...nothing })

/** mWh used from the first reading to an instant, rounded down; readings outside the session are taken at its ends. */
const curveOf = ({ readings, startedAtMs, endedAtMs }: Measured): ((atMs: number) => bigint) => {
  const points = readings.map(({ atMs, registerWh }) => ({
    atMs: Math.min(Math.max(atMs, startedAtMs), endedAtMs),
    milliWh: BigInt(registerWh - readings[0]!.registerWh) * 1000n
  }))
  return (atMs) => {
    const before = points.findLast((point) => point.atMs <= atMs)
    if (before === undefined) return 0n
    const after = points.find((point) => point.atMs > atMs)
    if (after === undefined) return before.milliWh
    const rise = after.milliWh - before.milliWh
    return before.milliWh + (rise * BigInt(atMs - before.atMs)) / BigInt(after.atMs - before.atMs)
  }
}

const quarterMs = 900_000

/** How finely a session has to be cut: to the quarter of an hour where all times of the tariff are full ones. */
const gridMs = ({ elements, wattproof }: OcpiTariff): number => {
  const times = [...elements.map(({ restrictions }) => restrictions), ...(wattproof?.quiet_hours ?? [])]
    .flatMap((it) => [it?.start_time, it?.end_time])
    .flatMap((time) => (time === undefined ? [] : [minuteOf(time)]))
  return times.every((minute) => minute % 15 === 0) ? quarterMs : 60_000
}
