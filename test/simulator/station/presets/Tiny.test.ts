import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { optionsOf, presets } from "#simulator/station/presets/Catalogue.ts"
import { compact, hourMs, inWorld, minuteMs } from "../World.ts"

const { settings, habits } = optionsOf(presets["tiny-wallbox-16"])

it.effect("a tiny wallbox holds 16 messages offline and drops exactly the readings that come after", () =>
  inWorld({ hardware: "wallbox7", settings, habits }, ({ cms, station, present, truth }) =>
    Effect.gen(function* () {
      station.plugIn(compact, 1)
      yield* present("AA")
      yield* Effect.sleep("1 minute")
      station.goOffline(2 * hourMs)
      // A reading every two minutes, the first at the second minute of the charge: 30 in the hour.
      yield* Effect.sleep("60 minutes")
      assert.strictEqual(station.queued, 16)
      assert.strictEqual(truth.counters.dropped, 14)
      station.unplug(1)
      assert.strictEqual(station.queued, 18, "an end is never dropped, nor the status after it")
      cms.heard.length = 0
      yield* Effect.sleep("2 hours")
      assert.strictEqual(station.queued, 0)
      const minutes = cms.of("MeterValues").map(({ payload }) => {
        return (Date.parse(payload.meterValue[0].timestamp) - truth.sessions[0]!.startedAtMs) / minuteMs
      })
      assert.deepStrictEqual(
        minutes,
        Array.from({ length: 16 }, (_, index) => 2 * (index + 1)),
        "the oldest are kept"
      )
      assert.strictEqual(cms.of("StopTransaction").length, 1)
      assert.strictEqual(truth.sessions[0]!.endKnowledge, "reported")
      assert.deepStrictEqual(cms.violations, [])
    })
  )
)

it.effect("a tiny wallbox with a full memory lets nobody begin before it has told what it holds", () =>
  inWorld({ hardware: "wallbox7", settings, habits }, ({ station, present }) =>
    Effect.gen(function* () {
      station.plugIn(compact, 1)
      yield* present("AA")
      yield* Effect.sleep("1 minute")
      station.goOffline(10 * hourMs)
      const tags: Array<string> = []
      for (let charge = 0; charge < 5; charge++) {
        station.unplug(1)
        station.plugIn(compact, 1)
        const presented = yield* present("AA")
        tags.push(presented._tag === "Refused" ? presented.why : presented._tag)
        yield* Effect.sleep("3 minutes")
      }
      assert.strictEqual(tags[0], "Charging")
      assert.strictEqual(tags.at(-1), "MemoryFull")
      assert.isAtMost(station.queued, 17, "the last car that came and was refused is a status more")
      yield* Effect.sleep("10 hours")
      station.unplug(1)
      station.plugIn(compact, 1)
      assert.strictEqual((yield* present("AA"))._tag, "Charging")
    })
  )
)

it.effect("a memory that gives up every second reading keeps an even picture of the charge", () =>
  inWorld(
    { hardware: "wallbox7", dialect: "2.0.1", habits: { outboxLimit: 20, whenFull: "everySecondReading" } },
    ({ cms, station, present, truth }) =>
      Effect.gen(function* () {
        station.plugIn(compact, 1)
        yield* present("AA")
        yield* Effect.sleep("30 seconds")
        cms.heard.length = 0
        station.goOffline(2 * hourMs)
        yield* Effect.sleep("100 minutes")
        assert.isAtMost(station.queued, 20)
        station.unplug(1)
        yield* Effect.sleep("1 hour")
        const events = cms.of("TransactionEvent").map(({ payload }) => payload)
        const seqNos = events.map(({ seqNo }) => seqNo as number)
        assert.deepStrictEqual(
          seqNos,
          seqNos.toSorted((a, b) => a - b)
        )
        assert.isAbove(truth.counters.dropped, 60, "gaps in seqNo")
        const gaps = events.slice(1).map((event, index) => {
          return (Date.parse(event.timestamp) - Date.parse(events[index]!.timestamp)) / minuteMs
        })
        assert.isAtMost(Math.max(...gaps), 16, "nowhere a hole")
        assert.strictEqual(events.at(-1)?.eventType, "Ended")
      })
  )
)
