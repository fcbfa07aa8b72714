import { assert, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { TestClock } from "effect/testing"
import * as Instant from "#core/Instant.ts"
import { Books } from "#server/books/Books.ts"
import { MemoryState } from "#server/memory/Memory.ts"
import { Gateway } from "#server/ocpp/Gateway.ts"
import { cms, dial16, token } from "../../support/cms.ts"

const noonMs = Date.UTC(2026, 4, 4, 12)
const at = (minutes: number) => Instant.format(noonMs + minutes * 60_000)
const start = { connectorId: 1, idTag: "ALICE", meterStart: 1_000, timestamp: at(0) }
const cdrs = Effect.flatMap(Books, (books) => Effect.map(books.cdrs({ limit: 100 }), ({ items }) => items))

it.effect("a charge goes on across a restart: its start, its readings and its card's place are remembered", () =>
  Effect.gen(function* () {
    yield* TestClock.setTime(noonMs)
    const state = new MemoryState()
    const tokens = [token("ALICE", { concurrencyLimit: 1 })]
    const { transactionId } = yield* Effect.gen(function* () {
      const station = yield* dial16("S1")
      return yield* station.peer.call(station.StartTransaction, start)
    }).pipe(Effect.provide(cms(tokens, state)))
    yield* Effect.gen(function* () {
      const [station, other] = [yield* dial16("S1"), yield* dial16("S2")]
      const again = yield* station.peer.call(station.StartTransaction, start)
      assert.strictEqual(again.transactionId, transactionId)
      const second = yield* other.peer.call(other.StartTransaction, start)
      assert.strictEqual(second.idTagInfo.status, "ConcurrentTx")
      assert.isAbove(second.transactionId, transactionId)
      yield* station.peer.call(station.StopTransaction, { transactionId, meterStop: 6_000, timestamp: at(30) })
      assert.deepStrictEqual(
        (yield* cdrs).map(({ energyWh }) => energyWh),
        [5_000]
      )
    }).pipe(Effect.provide(cms(tokens, state)))
    yield* Effect.gen(function* () {
      const station = yield* dial16("S1")
      yield* station.peer.call(station.StopTransaction, { transactionId, meterStop: 6_000, timestamp: at(30) })
      assert.strictEqual((yield* cdrs).length, 1)
    }).pipe(Effect.provide(cms(tokens, state)))
  })
)

it.effect(
  "a newer connection of a station takes it over: the older is closed and what it still says changes nothing",
  () =>
    Effect.andThen(
      TestClock.setTime(noonMs),
      Effect.gen(function* () {
        const older = yield* dial16("S1")
        const { transactionId } = yield* older.peer.call(older.StartTransaction, start)
        const newer = yield* dial16("S1")
        yield* newer.peer.call(newer.Heartbeat, {})
        assert.isFalse(older.peer.isOpen())
        const stop = { transactionId, meterStop: 6_000, timestamp: at(30) }
        assert.isTrue(Exit.isFailure(yield* Effect.exit(older.peer.call(older.StopTransaction, stop))))
        assert.strictEqual((yield* cdrs).length, 0)
        yield* newer.peer.call(newer.StopTransaction, stop)
        assert.strictEqual((yield* cdrs).length, 1)
        const gateway = yield* Gateway
        assert.strictEqual(gateway.count(), 1)
      }).pipe(Effect.provide(cms([token("ALICE")])))
    )
)
