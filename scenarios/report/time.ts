import * as Instant from "#core/Instant.ts"

/** The time of day to the millisecond, UTC: `07:30:01.250`. */
export const clockMs = (atMs: number): string => Instant.format(atMs).slice(11, 23)

/** The time of day to the second, UTC. */
export const clock = (atMs: number): string => Instant.format(atMs).slice(11, 19)

/** The day, UTC: `2026-03-04`. */
export const day = (atMs: number): string => Instant.format(atMs).slice(0, 10)

/** Day and time to the second, UTC, for a sentence. */
export const instant = (atMs: number): string => `${day(atMs)} ${clock(atMs)}`

/** Ticks of a time axis that suit its length: seconds of minutes, minutes of days, days of weeks. */
export const tickOf =
  (fromMs: number, toMs: number) =>
  (at: Date | number): string => {
    const spanMs = toMs - fromMs
    const atMs = Number(at)
    if (spanMs < 20 * 60_000) return clock(atMs)
    return spanMs < 2.5 * 86_400_000 ? clock(atMs).slice(0, 5) : Instant.format(atMs).slice(5, 10)
  }
