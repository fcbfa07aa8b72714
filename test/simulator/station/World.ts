import { Effect } from "effect"
import * as Stream from "#simulator/Stream.ts"
import { goodHabits, type Habits } from "#simulator/station/Habits.ts"
import { catalogue, type HardwareName } from "#simulator/station/Hardware.ts"
import { factorySettings, type Settings } from "#simulator/station/Settings.ts"
import { type ArrivingCar, type Presented, Station } from "#simulator/station/Station.ts"
import type { TrueDialect } from "#simulator/Truth.ts"
import { Truth } from "#simulator/Truth.ts"
import { Timers, type TimersApi } from "#simulator/time/Timers.ts"
import * as VirtualTime from "#simulator/VirtualTime.ts"
import { models } from "#simulator/vehicle/Car.ts"
import { FakeCms } from "./FakeCms.ts"

export const startAtMs = Date.UTC(2026, 0, 5, 8)
export const minuteMs = 60_000
export const hourMs = 60 * minuteMs

export interface Knobs {
  readonly dialect?: TrueDialect
  readonly hardware?: HardwareName
  readonly settings?: Partial<Settings>
  readonly habits?: Partial<Habits>
  readonly seed?: string
}

export interface World {
  readonly cms: FakeCms
  readonly truth: Truth
  readonly station: Station
  readonly timers: TimersApi
  readonly present: (uid: string, evseId?: number) => Effect.Effect<Presented>
}

export const compact: ArrivingCar = { car: models.compact, socPercent: 40, targetPercent: 80 }

/** A station and a CMS in virtual time; the station has booted when `live` begins. */
export const inWorld = <A, E>(knobs: Knobs, live: (world: World) => Effect.Effect<A, E>) =>
  VirtualTime.run(
    Effect.gen(function* () {
      const timers = yield* Timers
      const context = yield* Effect.context<never>()
      const run = Effect.runForkWith(context)
      const cms = new FakeCms(timers, run)
      const truth = new Truth()
      const dialect = knobs.dialect ?? "1.6"
      cms.subprotocol = `ocpp${dialect}`
      const station = new Station({
        identity: "CP-1",
        hardware: catalogue[knobs.hardware ?? "street22"],
        dialects: [dialect],
        password: null,
        settings: { ...factorySettings, ...knobs.settings },
        habits: { ...goodHabits, ...knobs.habits },
        stream: Stream.make(knobs.seed ?? "seed", "station/1"),
        timers,
        run,
        connect: cms.connect,
        truth
      })
      station.restorePower()
      yield* Effect.sleep("1 minute")
      const present = (uid: string, evseId = 1) =>
        Effect.callback<Presented>((resume) =>
          station.present({ uid, type: "ISO14443" }, evseId, (presented) => resume(Effect.succeed(presented)))
        )
      return yield* live({ cms, truth, station, timers, present })
    }),
    { startAtMs, untilMs: startAtMs + 10 * 24 * hourMs }
  )
