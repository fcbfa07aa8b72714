import * as Stream from "#simulator/Stream.ts"
import type { LoadPlan } from "./Plan.ts"

/** One driver, or one heartbeat, due at one station. */
export interface Arrival {
  /** From 0, in order of time. */
  readonly number: number
  /** After the load's first instant; fractions of a millisecond matter at high rates. */
  readonly afterMs: number
  /** Its station, from 0. */
  readonly station: number
  /** How many came to that station before. */
  readonly visit: number
}

/**
 * The instant at which so many arrivals are expected, ms: the inverse of the integral of a rate that rises in a straight
 * line over the ramp and then stays.
 */
export const instantOf = (expected: number, { rate, rampMs }: Pick<LoadPlan, "rate" | "rampMs">): number => {
  const inRamp = (rate * rampMs) / 2_000
  if (expected < inRamp) return Math.sqrt((2_000 * expected * rampMs) / rate)
  return rampMs + ((expected - inRamp) * 1000) / rate
}

/**
 * Everybody who will come, in order of time: a Poisson process of the plan's rate, fixed by the seed alone. Whoever is
 * late, the CMS or this process, changes nothing about it. Stations take turns in an order of the seed's own, so that
 * none is asked for twice before all were asked for once.
 */
export function* arrivals(plan: LoadPlan): Generator<Arrival, void, undefined> {
  if (plan.rate === 0 || plan.stations === 0) return
  const root = Stream.make(plan.seed, "arrivals")
  const instants = root.split("instants")
  const order = root.split("order").shuffle(Array.from({ length: plan.stations }, (_, index) => index))
  let expected = 0
  for (let number = 0; ; number++) {
    expected += instants.exponential(1)
    const afterMs = instantOf(expected, plan)
    if (afterMs >= plan.durationMs) return
    const visit = Math.floor(number / plan.stations)
    yield { number, afterMs, station: order[number % plan.stations]!, visit }
  }
}
