import { assert, it } from "@effect/vitest"
import { Effect, Exit, Layer } from "effect"
import { TestClock } from "effect/testing"
import * as Instant from "#core/Instant.ts"
import { Books } from "#server/books/Books.ts"
import { MemoryState } from "#server/memory/Memory.ts"
import { isLetGo } from "#server/ocpp/ClaimWatch.ts"
import { Gateway } from "#server/ocpp/Gateway.ts"
import { Journal } from "#server/record/Journal.ts"
import { cms, dial16, token } from "../../support/cms.ts"

const noonMs = Date.UTC(2026, 4, 4, 12)
const at = (minutes: number) => Instant.format(noonMs + minutes * 60_000)
const start = { connectorId: 1, idTag: "ALICE", meterStart: 1_000, timestamp: at(0) }
const own = { dialect: "1.6", connectedAtMs: noonMs, remoteAddress: "there" } as const

it("a station is let go when one claim of it was seen twice, and nobody but this node's socket stands in the books", () => {
  assert.isTrue(isLetGo({ epoch: 4, presence: null }, 4, own))
  assert.isTrue(isLetGo({ epoch: 4, presence: { ...own } }, 4, own))
  assert.isFalse(isLetGo({ epoch: 4, presence: null }, undefined, own))
  assert.isFalse(isLetGo({ epoch: 5, presence: null }, 4, own))
  assert.isFalse(isLetGo({ epoch: 4, presence: { ...own, connectedAtMs: noonMs + 1 } }, 4, own))
  assert.isFalse(isLetGo({ epoch: 4, presence: { ...own, remoteAddress: "elsewhere" } }, 4, own))
})

/** Two nodes over one store. */
const twoNodes = Effect.gen(function* () {
  yield* TestClock.setTime(noonMs)
  const state = new MemoryState()
  const one = yield* Layer.build(cms([token("ALICE")], state))
  const other = yield* Layer.build(cms([], state))
  const within = <A, E>(effect: Effect.Effect<A, E, Books | Gateway | Journal>) => Effect.provideContext(effect, one)
  const presence = within(Effect.flatMap(Books, (books) => Effect.map(books.station("S1"), (it) => it.presence)))
  const owner = within(Effect.map(Gateway, (gateway) => gateway.connected("S1")!.owner))
  return { state, within, presence, owner, other }
})

it.effect("a station behind a twin at the other node that hung up is in touch again within a minute, and goes on", () =>
  Effect.gen(function* () {
    const { state, within, presence, other } = yield* twoNodes
    const station = yield* within(dial16("S1"))
    const { transactionId } = yield* station.peer.call(station.StartTransaction, start)
    yield* TestClock.adjust("10 seconds")
    const twin = yield* Effect.provideContext(dial16("S1"), other)
    yield* twin.peer.call(twin.Heartbeat, {})
    yield* TestClock.adjust("10 seconds")
    const epoch = state.epochs.get("S1")!
    twin.cut()
    yield* TestClock.adjust("5 seconds")
    assert.isNull(yield* presence)
    yield* TestClock.adjust("1 minute")
    assert.strictEqual((yield* presence)?.connectedAtMs, noonMs)
    assert.strictEqual(state.epochs.get("S1"), epoch + 1)
    const stop = { transactionId, meterStop: 6_000, timestamp: at(30) }
    yield* station.peer.call(station.StopTransaction, stop)
    assert.isTrue(station.peer.isOpen())
    const { items } = yield* within(Effect.flatMap(Books, (books) => books.cdrs({ limit: 10 })))
    assert.deepStrictEqual(
      items.map(({ energyWh }) => energyWh),
      [5_000]
    )
    station.cut()
    yield* TestClock.adjust("1 second")
    assert.isNull(yield* presence)
  })
)

it.effect("a newer connection at the other node keeps the station while it stands, and nobody fights for it", () =>
  Effect.gen(function* () {
    const { state, within, presence, other } = yield* twoNodes
    const older = yield* within(dial16("S1"))
    yield* older.peer.call(older.Heartbeat, {})
    yield* TestClock.adjust("10 seconds")
    const newer = yield* Effect.provideContext(dial16("S1"), other)
    yield* newer.peer.call(newer.Heartbeat, {})
    const epoch = state.epochs.get("S1")
    yield* TestClock.adjust("1 hour")
    assert.strictEqual(state.epochs.get("S1"), epoch)
    assert.strictEqual((yield* presence)?.connectedAtMs, noonMs + 10_000)
    assert.isTrue(older.peer.isOpen() && newer.peer.isOpen())
    assert.isTrue(Exit.isFailure(yield* Effect.exit(older.peer.call(older.StartTransaction, start))))
    yield* newer.peer.call(newer.StartTransaction, start)
  })
)

it.effect("a station that another node's sweeper took over is claimed again, and not cut off", () =>
  Effect.gen(function* () {
    const { state, within, presence, owner, other } = yield* twoNodes
    const station = yield* within(dial16("S1"))
    yield* station.peer.call(station.Heartbeat, {})
    const before = yield* owner
    yield* Effect.provideContext(
      Effect.flatMap(Journal, (journal) => journal.claim(["S1"])),
      other
    )
    yield* TestClock.adjust("1 minute")
    const after = yield* owner
    assert.deepStrictEqual([after.epoch, state.epochs.get("S1")], [before.epoch + 2, before.epoch + 2])
    assert.strictEqual((yield* presence)?.connectedAtMs, noonMs)
    yield* station.peer.call(station.StartTransaction, start)
    assert.isTrue(station.peer.isOpen())
  })
)
