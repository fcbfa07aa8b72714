import type { CompiledTariff } from "../compile.ts"
import { momentOf } from "../moment.ts"
import { isQuiet } from "./priceAt.ts"

/** How long the vehicle had parked by some instant, quiet hours left out: in all, and in the stretch it is in. */
export interface ParkingClock {
  readonly at: (atMs: number) => { readonly parkedMs: number; readonly stretchMs: number }
  /** Adds the instants at which a grace period of the tariff ends. */
  readonly graceEnds: (instants: Array<number>) => void
  /** Whether quiet hours hold then. */
  readonly isQuietAt: (atMs: number) => boolean
}

/** A part of a stretch of parking that counts. */
interface Counted {
  readonly fromMs: number
  readonly toMs: number
  readonly stretch: number
}

/**
 * Follows the parking of a session. `changes` are the instants at which it begins and ends, alternately; `timesMs` those
 * at which quiet hours may begin or end.
 */
export const parkingClock = (
  compiled: CompiledTariff,
  changes: ReadonlyArray<number>,
  timesMs: ReadonlyArray<number>,
  endAtMs: number
): ParkingClock => {
  const isQuietAt = (atMs: number): boolean =>
    compiled.extras !== null && isQuiet(compiled.extras, { ...momentOf(), atMs }, compiled.zone)
  const counted: Array<Counted> = []
  stretchesOf(changes, endAtMs).forEach(([beginMs, untilMs], stretch) => {
    const inside = timesMs.filter((atMs) => atMs > beginMs && atMs < untilMs).sort((a, b) => a - b)
    const cuts = [beginMs, ...inside, untilMs]
    for (let index = 1; index < cuts.length; index++) {
      const fromMs = cuts[index - 1]!
      if (!isQuietAt(fromMs)) counted.push({ fromMs, toMs: cuts[index]!, stretch })
    }
  })
  return {
    isQuietAt,
    at: (atMs) => {
      let parkedMs = 0
      let stretchMs = 0
      let stretch = -1
      for (const it of counted) {
        // A stretch that begins this very moment counts from nothing.
        if (it.fromMs > atMs) break
        if (it.stretch !== stretch) stretchMs = 0
        stretch = it.stretch
        const ms = Math.min(it.toMs, atMs) - it.fromMs
        parkedMs += ms
        stretchMs += ms
      }
      return { parkedMs, stretchMs }
    },
    graceEnds: (instants) => {
      for (const { freeMs, per } of compiled.extras?.graces ?? []) {
        let leftMs = freeMs
        let stretch = -1
        for (const it of counted) {
          if (per === "STRETCH" && it.stretch !== stretch) leftMs = freeMs
          stretch = it.stretch
          const ms = it.toMs - it.fromMs
          if (leftMs > 0 && ms >= leftMs) instants.push(it.fromMs + leftMs)
          leftMs -= ms
        }
      }
    }
  }
}

/** From one request of power to the next; one that ends the moment it begins is none. */
const stretchesOf = (changes: ReadonlyArray<number>, endAtMs: number): ReadonlyArray<readonly [number, number]> => {
  const stretches: Array<readonly [number, number]> = []
  for (let index = 0; index < changes.length; index += 2) {
    const [fromMs, toMs] = [changes[index]!, Math.min(changes[index + 1] ?? endAtMs, endAtMs)]
    if (toMs <= fromMs) continue
    const before = stretches[stretches.length - 1]
    if (before !== undefined && before[1] === fromMs) stretches[stretches.length - 1] = [before[0], toMs]
    else stretches.push([fromMs, toMs])
  }
  return stretches
}
