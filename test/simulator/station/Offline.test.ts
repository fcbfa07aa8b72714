import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import type { TrueDialect } from "#simulator/Truth.ts"
import type { Heard } from "./FakeCms.ts"
import { compact, inWorld, minuteMs } from "./World.ts"

const saidAt = ({ payload }: Heard): string => payload.timestamp ?? payload.meterValue[0].timestamp

for (const dialect of ["1.6", "2.0.1"] as ReadonlyArray<TrueDialect>) {
  it.effect(`a ${dialect} station that was offline replays in order, with the timestamps of when it happened`, () =>
    inWorld({ dialect }, ({ cms, station, present, truth, timers }) =>
      Effect.gen(function* () {
        station.plugIn(compact, 1)
        yield* present("AA")
        yield* Effect.sleep("5 minutes")
        yield* present("AA")
        yield* Effect.sleep("1 minute")
        station.unplug(1)
        yield* Effect.sleep("1 minute")
        cms.heard.length = 0
        const offlineAtMs = timers.nowAtMs()
        station.goOffline(40 * minuteMs)
        station.plugIn(compact, 1)
        assert.strictEqual((yield* present("AA"))._tag, "Charging", "the cache knows the card")
        assert.deepStrictEqual(yield* present("BB", 2), { _tag: "Refused", why: "Offline" })
        yield* Effect.sleep("20 minutes")
        assert.strictEqual((yield* present("AA"))._tag, "Stopped")
        station.unplug(1)
        const [, session] = truth.sessions
        assert.isTrue(session!.startOffline)
        assert.strictEqual(session!.endKnowledge, "queued")
        assert.deepStrictEqual(cms.heard, [])
        yield* Effect.sleep("21 minutes")
        assert.strictEqual(session!.endKnowledge, "reported")
        const told = cms.heard.filter((each) => each.action !== "Heartbeat")
        const lines = told.map(saidAt)
        assert.deepStrictEqual(lines, lines.toSorted(), "in the order it happened")
        assert.isAtLeast(told.length, 22)
        for (const each of told) {
          const sinceMs = Date.parse(saidAt(each)) - offlineAtMs
          assert.isTrue(sinceMs >= 0 && sinceMs <= 20 * minuteMs + 1_000)
        }
        if (dialect === "1.6") {
          const stop = told.find((each) => each.action === "StopTransaction")
          assert.strictEqual(stop!.payload.transactionId, 2, "the id that the replayed start was given")
          for (const each of told) {
            if (each.action === "MeterValues") assert.strictEqual(each.payload.transactionId, 2)
          }
        } else {
          const events = told.filter((each) => each.action === "TransactionEvent")
          assert.isTrue(events.every((each) => each.payload.offline === true))
          assert.deepStrictEqual(
            events.map((each) => each.payload.seqNo),
            events.map((_, index) => index)
          )
        }
        assert.strictEqual(session!.ocppTransactionId === null, false)
      })
    )
  )
}

it.effect("an unknown card may charge offline only where AllowOfflineTxForUnknownId says so", () =>
  inWorld({ settings: { allowOfflineForUnknown: true } }, ({ cms, station, present, truth }) =>
    Effect.gen(function* () {
      cms.script.set("StartTransaction", () => ({ transactionId: 9, idTagInfo: { status: "Invalid" } }))
      station.goOffline(10 * minuteMs)
      station.plugIn(compact, 1)
      assert.strictEqual((yield* present("AA"))._tag, "Charging")
      yield* Effect.sleep("15 minutes")
      const [session] = truth.sessions
      assert.strictEqual(session!.stopReason, "DeAuthorized", "as soon as the CMS could say so")
      assert.isTrue(session!.rejected)
      assert.isAbove(session!.deliveredMilliWh, 1_000_000)
    })
  )
)

it.effect("a card the cache knows as bad may not charge offline even then", () =>
  inWorld({ settings: { allowOfflineForUnknown: true } }, ({ cms, station, present }) =>
    Effect.gen(function* () {
      cms.script.set("Authorize", () => ({ idTagInfo: { status: "Blocked" } }))
      station.plugIn(compact, 1)
      yield* present("AA")
      station.goOffline(10 * minuteMs)
      assert.deepStrictEqual(yield* present("AA"), { _tag: "Refused", why: "Offline" })
    })
  )
)

for (const retryMessageId of ["same", "new"] as const) {
  it.effect(
    `a lost answer makes the station repeat the message under the ${retryMessageId} id until it is answered`,
    () =>
      inWorld({ habits: { retryMessageId } }, ({ cms, station, present, truth }) =>
        Effect.gen(function* () {
          station.plugIn(compact, 1)
          yield* present("AA")
          yield* Effect.sleep("150 seconds")
          cms.losesAnswers = true
          station.unplug(1)
          yield* Effect.sleep("3 minutes")
          assert.strictEqual(truth.sessions[0]!.endKnowledge, "queued")
          cms.losesAnswers = false
          yield* Effect.sleep("5 minutes")
          assert.strictEqual(truth.sessions[0]!.endKnowledge, "reported")
          const stops = cms.of("StopTransaction")
          assert.isAtLeast(stops.length, 2)
          assert.strictEqual(new Set(stops.map((each) => JSON.stringify(each.payload))).size, 1)
          assert.strictEqual(
            new Set(stops.map((each) => each.messageId)).size,
            retryMessageId === "same" ? 1 : stops.length
          )
          assert.isAbove(truth.counters.repeated, 0)
        })
      )
  )
}

it.effect("a start whose answer was lost is repeated, and the readings wait for its id", () =>
  inWorld({}, ({ cms, station, present, truth }) =>
    Effect.gen(function* () {
      station.plugIn(compact, 1)
      cms.script.set("StartTransaction", "silence")
      yield* present("AA")
      yield* Effect.sleep("5 minutes")
      assert.deepStrictEqual(cms.of("MeterValues"), [])
      cms.script.clear()
      yield* Effect.sleep("3 minutes")
      const ids = new Set(cms.of("MeterValues").map((each) => each.payload.transactionId))
      assert.deepStrictEqual([...ids], [1])
      assert.isAtLeast(cms.of("MeterValues").length, 7)
      assert.strictEqual(truth.sessions[0]!.ocppTransactionId, "1")
    })
  )
)

it.effect("a message that the CMS answers with an error is repeated at growing intervals and never dropped", () =>
  inWorld({}, ({ cms, station, present, truth }) =>
    Effect.gen(function* () {
      station.plugIn(compact, 1)
      yield* present("AA")
      yield* Effect.sleep("70 seconds")
      cms.script.set("StopTransaction", "error")
      station.unplug(1)
      yield* Effect.sleep("10 minutes")
      const instants = cms.of("StopTransaction").map((each) => each.atMs)
      const gaps = instants.slice(1).map((atMs, index) => Math.round((atMs - instants[index]!) / 1000))
      assert.deepStrictEqual(gaps.slice(0, 5), [30, 60, 90, 90, 90])
      cms.script.clear()
      yield* Effect.sleep("2 minutes")
      assert.strictEqual(truth.sessions[0]!.endKnowledge, "reported")
      assert.strictEqual(truth.counters.dropped, 0)
    })
  )
)

it.effect("a firmware that gives up after its attempts loses the start, and writes -1 where it must", () =>
  inWorld(
    { habits: { dropsAfterAttempts: true, unknownTransactionId: "minusOne" } },
    ({ cms, station, present, truth }) =>
      Effect.gen(function* () {
        station.plugIn(compact, 1)
        cms.script.set("StartTransaction", "error")
        yield* present("AA")
        yield* Effect.sleep("10 minutes")
        station.unplug(1)
        yield* Effect.sleep("1 minute")
        assert.strictEqual(cms.of("StartTransaction").length, 3)
        assert.strictEqual(cms.of("StopTransaction")[0]!.payload.transactionId, -1)
        assert.isFalse(truth.sessions[0]!.startAcknowledged)
        assert.strictEqual(truth.counters.dropped, 1)
      })
  )
)

it.effect("a CMS that never answers is given up after two calls, and dialled again", () =>
  inWorld({}, ({ cms, station }) =>
    Effect.gen(function* () {
      cms.losesAnswers = true
      station.plugIn(compact, 1)
      yield* Effect.sleep("10 minutes")
      assert.isAtLeast(cms.dials.length, 2)
      cms.losesAnswers = false
      yield* Effect.sleep("5 minutes")
      assert.isTrue(station.isConnected)
      assert.strictEqual(station.queued, 0)
    })
  )
)
