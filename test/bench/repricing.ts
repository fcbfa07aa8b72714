import { Effect } from "effect"
import type { Session } from "#core/lab/Session.ts"
import type { Setup } from "#core/lab/Tally.ts"
import { labThreads } from "#scenarios/cli/labThreads.ts"
import * as Stream from "#simulator/Stream.ts"
import { idle, plain } from "#test/core/lab/traffic.ts"
import type { Benchmark } from "./harness/Report.ts"

const sessionCount = 1_000_000
const batchSize = 500
const threadCount = 2
const minute = 60_000
const startAtMs = Date.UTC(2026, 0, 1)

/** A session as books hold it: a reading every quarter of an hour while it charges, then some idle time. */
const sessionOf = (index: number, luck: Stream.Stream): Session => {
  const atMs = startAtMs + luck.int(0, 364 * 1_440) * minute
  const readings = luck.int(2, 12)
  const wattHours = luck.int(500, 5_500)
  const fullAtMs = atMs + readings * 15 * minute
  const endedAtMs = fullAtMs + luck.int(0, 300) * minute
  return {
    id: String(index),
    stationId: `CP-${luck.int(1, 2_000)}`,
    siteId: null,
    payer: `driver-${luck.int(1, 50_000)}`,
    timeZone: "Europe/Berlin",
    groups: [],
    telemetry: {
      startedAtMs: atMs,
      endedAtMs,
      meterStartWh: 0,
      samples: Array.from({ length: readings + 1 }, (_, reading) => ({
        atMs: atMs + reading * 15 * minute,
        registerWh: reading * wattHours,
        powerW: wattHours * 4,
        currentMa: null
      })),
      states: [
        { atMs, state: "Charging" },
        { atMs: fullAtMs, state: "SuspendedEV" }
      ]
    }
  }
}

const setup: Setup = {
  a: [plain],
  b: [idle],
  currency: "EUR",
  energyPrices: { _tag: "Flat", priceMicros: 110_000 },
  elasticities: [0],
  jumpPercent: 25
}

/**
 * A year of a network priced anew under two tariffs on two threads, as `wattproof lab --traffic history` does it once
 * the books are read: cutting, rating, hours, energy cost and every sum. What making the sessions and handing them over
 * takes is included; reading a database is not.
 */
export const repricing: Benchmark = async ({ note }) => {
  const luck = Stream.make("bench", "repricing")
  const cpuBefore = process.cpuUsage()
  const beganMs = performance.now()
  let peakRssBytes = 0
  const tally = await Effect.runPromise(
    Effect.scoped(
      Effect.gen(function* () {
        const threads = yield* labThreads(setup, threadCount)
        for (let index = 0; index < sessionCount; index += batchSize) {
          yield* threads.add(Array.from({ length: batchSize }, (_, more) => sessionOf(index + more, luck)))
          if (index % 50_000 === 0) {
            peakRssBytes = Math.max(peakRssBytes, process.memoryUsage().rss)
            note(`${index / 1_000},000 sessions`)
          }
        }
        return yield* threads.end
      })
    )
  )
  const seconds = (performance.now() - beganMs) / 1_000
  const { user, system } = process.cpuUsage(cpuBefore)
  let byDriver = 0n
  for (const { bMinor } of tally.drivers.values()) byDriver += bMinor
  if (tally.sessions !== sessionCount || byDriver !== tally.b.grossMinor) throw new Error("sessions or money were lost")
  return [
    { name: "1 million sessions under two tariffs", value: seconds, unit: "s", bar: { atMost: 60 } },
    { name: "sessions", value: sessionCount / seconds, unit: "/s" },
    { name: "CPU, all threads", value: (user + system) / 1e6, unit: "s" },
    { name: "most memory, all threads", value: peakRssBytes / 1024 ** 2, unit: "MiB", bar: { atMost: 1_024 } }
  ]
}
