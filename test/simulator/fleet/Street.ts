import { Effect } from "effect"
import * as Fleet from "#simulator/Fleet.ts"
import { type CardPool, noCards } from "#simulator/fleet/Cards.ts"
import { type Mix, today } from "#simulator/fleet/Mix.ts"
import { Trace } from "#simulator/Trace.ts"
import type { TrueDialect } from "#simulator/Truth.ts"
import { Truth } from "#simulator/Truth.ts"
import { Timers, type TimersApi } from "#simulator/time/Timers.ts"
import * as VirtualTime from "#simulator/VirtualTime.ts"
import { FakeCms } from "../station/FakeCms.ts"

export const startAtMs = Date.UTC(2026, 0, 5)
export const hourMs = 3_600_000

export interface Street {
  readonly fleet: Fleet.Fleet
  readonly truth: Truth
  readonly cms: FakeCms
  readonly timers: TimersApi
  readonly trace: Trace["Service"]
}

export interface Knobs {
  readonly seed?: string
  readonly stations: number
  readonly days?: number
  readonly mix?: Mix
  readonly cards?: Partial<CardPool>
  readonly dialect?: TrueDialect
  readonly app?: Fleet.FleetOptions["app"]
  readonly habits?: Fleet.FleetOptions["habits"]
  readonly crowd?: Fleet.FleetOptions["crowd"]
}

/** Two cards for every EVSE there could be. */
export const cards: CardPool = {
  ...noCards,
  valid: Array.from({ length: 400 }, (_, index) => ({
    uid: `AA${String(index).padStart(8, "0")}`,
    type: "ISO14443" as const
  }))
}

/** A fleet and a CMS that accepts everything, in virtual time, every frame in a trace. */
export const inStreet = <A, E>(knobs: Knobs, live: (street: Street) => Effect.Effect<A, E>) =>
  VirtualTime.run(
    Effect.gen(function* () {
      const timers = yield* Timers
      const run = Effect.runForkWith(yield* Effect.context<never>())
      const cms = new FakeCms(timers, run)
      const truth = new Truth()
      const trace = Trace.make()
      const fleet = yield* Fleet.make({
        seed: knobs.seed ?? "seed",
        stations: knobs.stations,
        mix: knobs.mix ?? today,
        startAtMs,
        days: knobs.days ?? 1,
        truth,
        connect: cms.connect,
        cards: { ...cards, ...knobs.cards },
        ...(knobs.crowd === undefined ? {} : { crowd: knobs.crowd }),
        ...(knobs.app === undefined ? {} : { app: knobs.app }),
        ...(knobs.habits === undefined ? {} : { habits: knobs.habits }),
        observe: (identity) => ({
          onFrame: (direction, text) => trace.add(timers.nowAtMs(), identity, direction, text)
        })
      })
      return yield* live({ fleet, truth, cms, timers, trace })
    }),
    { startAtMs, untilMs: startAtMs + 10 * 24 * hourMs }
  )
