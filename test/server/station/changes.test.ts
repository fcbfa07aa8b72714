import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import * as Instant from "#core/Instant.ts"
import { LiveView } from "#server/api/Live.ts"
import { Books } from "#server/books/Books.ts"
import { Directory } from "#server/directory/Directory.ts"
import type { Operation } from "#server/operations/Operation.ts"
import { cms, dial16, dial201, token } from "../../support/cms.ts"

const noonMs = Date.UTC(2026, 4, 4, 12)
const inTheCms = <A, E, R>(test: Effect.Effect<A, E, R>) =>
  Effect.andThen(TestClock.setTime(noonMs), Effect.provide(test, cms([token("ALICE")])))

it.effect("what the operator changes holds from the station's next start, without a new connection", () =>
  inTheCms(
    Effect.gen(function* () {
      const directory = yield* Directory
      const station = yield* dial16("S1")
      yield* station.peer.call(station.Heartbeat, {})
      const known = (yield* directory.station("S1"))!
      yield* directory.updateStation({ ...known, timeZone: "Europe/Berlin" })
      const start = { connectorId: 1, idTag: "ALICE", meterStart: 0, timestamp: Instant.format(noonMs) }
      yield* station.peer.call(station.StartTransaction, start)
      const { items } = yield* (yield* Books).transactions({ limit: 10 })
      assert.strictEqual(items[0]?.timeZone, "Europe/Berlin")
    })
  )
)

it.effect(
  "a charge belongs to the groups that its driver was in when it began, whenever that is told and by what card",
  () =>
    inTheCms(
      Effect.gen(function* () {
        const directory = yield* Directory
        const books = yield* Books
        yield* directory.createDriver({ id: "alice", name: "Alice", email: null, createdAtMs: 0 })
        yield* directory.updateToken(token("ALICE", { driverId: "alice" }))
        for (const id of ["staff", "early"]) yield* directory.createGroup({ id, name: id, createdAtMs: 0 })
        yield* directory.joinGroup({ groupId: "staff", driverId: "alice", atMs: noonMs - 3_600_000 })
        yield* directory.joinGroup({ groupId: "early", driverId: "alice", atMs: noonMs - 3_600_000 })
        yield* directory.leaveGroup({ groupId: "early", driverId: "alice", atMs: noonMs - 600_000 })
        const groups = Effect.map(books.transactions({ limit: 10 }), ({ items }) =>
          items.map(({ stationId, tariff }) => [stationId, ...(tariff?.groups ?? [])].join(" "))
        )

        const old = yield* dial16("S1")
        const start = (atMs: number) => ({
          connectorId: 1,
          idTag: "ALICE",
          meterStart: 0,
          timestamp: Instant.format(atMs)
        })
        yield* old.peer.call(old.StartTransaction, start(noonMs))
        yield* old.peer.call(old.StartTransaction, start(noonMs - 900_000))
        assert.deepStrictEqual((yield* groups).toSorted(), ["S1 early staff", "S1 staff"])

        const modern = yield* dial201("S2")
        const event = { seqNo: 0, transactionInfo: { transactionId: "T" }, evse: { id: 1, connectorId: 1 } }
        yield* modern.peer.call(modern.TransactionEvent, {
          ...event,
          eventType: "Started",
          triggerReason: "CablePluggedIn",
          timestamp: Instant.format(noonMs - 900_000)
        })
        assert.include(yield* groups, "S2")
        yield* modern.peer.call(modern.TransactionEvent, {
          ...event,
          eventType: "Updated",
          triggerReason: "Authorized",
          timestamp: Instant.format(noonMs),
          seqNo: 1,
          idToken: { idToken: "alice", type: "ISO14443" }
        })
        assert.include(yield* groups, "S2 early staff")
      })
    )
)

it.effect("a charge keeps the version it began under, and one told late gets what held at its own instant", () =>
  inTheCms(
    Effect.gen(function* () {
      const directory = yield* Directory
      const books = yield* Books
      const [first] = yield* directory.tariff("standard")
      const versionOf = Effect.map(books.transactions({ limit: 10 }), ({ items }) =>
        items.toReversed().map(({ tariff }) => tariff?.version ?? null)
      )
      const station = yield* dial16("S1")
      const start = (atMs: number) =>
        station.peer.call(station.StartTransaction, {
          connectorId: 1,
          idTag: "ALICE",
          meterStart: 0,
          timestamp: Instant.format(atMs)
        })
      yield* start(noonMs - 60_000)
      // The second is scheduled and called off before its time; the first is retired, and the third takes over at once.
      yield* directory.publishTariff({ ...first!, version: 2, startAtMs: noonMs - 1_000 })
      yield* directory.publishTariff({ ...first!, version: 3, startAtMs: noonMs - 30_000 })
      yield* directory.retireTariff({ id: "standard", version: 2, atMs: noonMs - 2_000 })
      yield* directory.retireTariff({ id: "standard", version: 1, atMs: noonMs - 40_000 })
      for (const beforeMs of [0, 30_000, 40_000, 50_000]) yield* start(noonMs - beforeMs)
      assert.deepStrictEqual(yield* versionOf, [1, 3, 3, null, 1])
    })
  )
)

it.effect("a station that the operator holds back may boot and nothing else, until it is accepted", () =>
  inTheCms(
    Effect.gen(function* () {
      const directory = yield* Directory
      const known = (yield* directory.station("S1"))!
      yield* directory.updateStation({ ...known, registration: "Rejected" })
      const station = yield* dial16("S1")
      const boot = { chargePointVendor: "Acme", chargePointModel: "One" }
      assert.strictEqual((yield* station.peer.call(station.BootNotification, boot)).status, "Rejected")
      const refusal = yield* Effect.flip(station.peer.call(station.Heartbeat, {}))
      assert.deepInclude({ ...refusal }, { _tag: "CallRefused", code: "SecurityError" })
      const ask = (operation: Operation) =>
        Effect.flatMap(LiveView, (live) => live.runOperation("S1", operation, { waitMs: 60_000, queueForMs: 0 }))
      const heartbeat: Operation = { _tag: "Trigger", message: "Heartbeat", evseId: null }
      assert.strictEqual((yield* ask(heartbeat)).outcome?._tag, "Impossible")
      yield* directory.updateStation({ ...known, registration: "Pending" })
      assert.strictEqual((yield* station.peer.call(station.BootNotification, boot)).status, "Pending")
      yield* Effect.flip(station.peer.call(station.Heartbeat, {}))
      yield* ask(heartbeat)
      yield* station.peer.call(station.Heartbeat, {})
      const remoteStart: Operation = { _tag: "Start", evseId: 1, tokenUid: "ALICE", tokenType: "ISO14443" }
      assert.strictEqual((yield* ask(remoteStart)).outcome?._tag, "Impossible")
      yield* directory.updateStation({ ...known, registration: "Accepted" })
      assert.strictEqual((yield* station.peer.call(station.BootNotification, boot)).status, "Accepted")
      yield* station.peer.call(station.Heartbeat, {})
    })
  )
)

it.effect(
  "a station that is held back while it charges goes on telling, over a new connection too, until it boots",
  () =>
    inTheCms(
      Effect.gen(function* () {
        const directory = yield* Directory
        const first = yield* dial16("S1")
        const boot = { chargePointVendor: "Acme", chargePointModel: "One" }
        yield* first.peer.call(first.BootNotification, boot)
        const start = { connectorId: 1, idTag: "ALICE", meterStart: 0, timestamp: Instant.format(noonMs) }
        const { transactionId } = yield* first.peer.call(first.StartTransaction, start)
        const known = (yield* directory.station("S1"))!
        yield* directory.updateStation({ ...known, registration: "Rejected" })
        const reading = { connectorId: 1, transactionId, meterValue: [valueAt(60_000, "100")] }
        yield* first.peer.call(first.MeterValues, reading)
        first.peer.close(1001, "the line broke")
        const second = yield* dial16("S1")
        const timestamp = Instant.format(noonMs + 120_000)
        yield* second.peer.call(second.StopTransaction, { transactionId, meterStop: 200, timestamp })
        const { items } = yield* (yield* Books).transactions({ limit: 10 })
        assert.deepStrictEqual(
          items.map(({ status }) => status),
          ["Ended"]
        )
        assert.strictEqual((yield* second.peer.call(second.BootNotification, boot)).status, "Rejected")
        yield* Effect.flip(second.peer.call(second.Heartbeat, {}))
        second.peer.close(1001, "it tries another one")
        const third = yield* dial16("S1")
        const refusal = yield* Effect.flip(third.peer.call(third.Heartbeat, {}))
        assert.deepInclude({ ...refusal }, { _tag: "CallRefused", code: "SecurityError" })
        yield* directory.updateStation({ ...known, registration: "Accepted" })
        yield* third.peer.call(third.Heartbeat, {})
      })
    )
)

const valueAt = (afterMs: number, value: string) => ({
  timestamp: Instant.format(noonMs + afterMs),
  sampledValue: [{ value }] as const
})
