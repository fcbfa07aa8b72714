import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import * as Instant from "#core/Instant.ts"
import type { TransactionEventRequest } from "#core/ocpp/v201/generated/schemas.ts"
import { LiveView } from "#server/api/Live.ts"
import { Books } from "#server/books/Books.ts"
import { cms, dial201, token } from "../support/cms.ts"

const noonMs = Date.UTC(2026, 4, 4, 12)
const at = (minutes: number) => Instant.format(noonMs + minutes * 60_000)

const world = <A, E, R>(test: Effect.Effect<A, E, R>, tokens = [token("ALICE")]) =>
  Effect.andThen(TestClock.setTime(noonMs), Effect.provide(test, cms(tokens)))

const reading = (
  minutes: number,
  value: number,
  context: "Transaction.Begin" | "Sample.Periodic" | "Transaction.End"
) => [{ timestamp: at(minutes), sampledValue: [{ value, context }] }]

const alice = { idToken: "alice", type: "ISO14443" } as const

const started: TransactionEventRequest = {
  eventType: "Started",
  timestamp: at(0),
  triggerReason: "Authorized",
  seqNo: 0,
  transactionInfo: { transactionId: "tx-1", chargingState: "Charging" },
  evse: { id: 1, connectorId: 1 },
  idToken: alice,
  meterValue: reading(0, 1_000, "Transaction.Begin")
}
const updated: TransactionEventRequest = {
  eventType: "Updated",
  timestamp: at(30),
  triggerReason: "MeterValuePeriodic",
  seqNo: 1,
  transactionInfo: { transactionId: "tx-1", chargingState: "Charging" },
  meterValue: reading(30, 11_000, "Sample.Periodic")
}
const ended: TransactionEventRequest = {
  eventType: "Ended",
  timestamp: at(60),
  triggerReason: "StopAuthorized",
  seqNo: 2,
  transactionInfo: { transactionId: "tx-1", stoppedReason: "Local" },
  idToken: alice,
  meterValue: reading(60, 21_000, "Transaction.End")
}

const cdrs = Effect.flatMap(Books, (books) => Effect.map(books.cdrs({ limit: 100 }), ({ items }) => items))
const rows = Effect.flatMap(Books, (books) => Effect.map(books.transactions({ limit: 100 }), ({ items }) => items))

it.effect("a 2.0.1 charge ends in the same CDR as a 1.6 one, and the stop by card gets its token's standing", () =>
  world(
    Effect.gen(function* () {
      const { peer, TransactionEvent } = yield* dial201("S1")
      const begun = yield* peer.call(TransactionEvent, started)
      assert.strictEqual(begun.idTokenInfo?.status, "Accepted")
      assert.isUndefined((yield* peer.call(TransactionEvent, updated)).idTokenInfo)
      assert.strictEqual((yield* peer.call(TransactionEvent, ended)).idTokenInfo?.status, "Accepted")
      const [cdr] = yield* cdrs
      assert.strictEqual(cdr?.energyWh, 20_000)
      assert.strictEqual(cdr?.grossMinor, 2_040n)
    })
  )
)

it.effect("a charge under way costs what its readings come to so far, and at its end what it is billed", () =>
  world(
    Effect.gen(function* () {
      const { peer, TransactionEvent } = yield* dial201("S1")
      const live = yield* LiveView
      yield* peer.call(TransactionEvent, started)
      yield* peer.call(TransactionEvent, updated)
      const [row] = yield* rows
      const running = yield* live.cost(row!.id)
      // 10 kWh at 0.50, half an hour at 6, and 1 for the session, 20 % on top.
      assert.strictEqual(running?.price.rating.grossMinor, 1_080n)
      yield* peer.call(TransactionEvent, ended)
      const over = yield* live.cost(row!.id)
      assert.strictEqual(over?.price.rating.grossMinor, (yield* cdrs)[0]?.grossMinor)
      assert.isUndefined(yield* live.cost("no such transaction"))
    })
  )
)

it.effect("the end before everything else waits for the rest, and the bill comes once and right", () =>
  world(
    Effect.gen(function* () {
      const { peer, TransactionEvent } = yield* dial201("S1")
      yield* peer.call(TransactionEvent, ended)
      assert.deepStrictEqual(yield* cdrs, [])
      yield* peer.call(TransactionEvent, updated)
      assert.deepStrictEqual(yield* cdrs, [])
      yield* peer.call(TransactionEvent, started)
      yield* peer.call(TransactionEvent, { ...updated, offline: true })
      const items = yield* cdrs
      assert.strictEqual(items.length, 1)
      assert.strictEqual(items[0]?.grossMinor, 2_040n)
      assert.strictEqual((yield* rows)[0]?.evseId, 1)
    })
  )
)

it.effect("two stations may use the same transaction id, and each has its own charge", () =>
  world(
    Effect.gen(function* () {
      const [one, two] = [yield* dial201("S1"), yield* dial201("S2")]
      for (const event of [started, updated, ended]) {
        yield* one.peer.call(one.TransactionEvent, event)
        yield* two.peer.call(two.TransactionEvent, event)
      }
      const items = yield* cdrs
      assert.sameMembers(
        items.map(({ stationId }) => stationId),
        ["S1", "S2"]
      )
    })
  )
)

it.effect("a stranger's card may end what the station lets it end, and that is told", () =>
  world(
    Effect.gen(function* () {
      const { peer, TransactionEvent } = yield* dial201("S1")
      yield* peer.call(TransactionEvent, started)
      yield* peer.call(TransactionEvent, updated)
      const stop = { ...ended, idToken: { idToken: "BOB", type: "ISO14443" } as const }
      assert.strictEqual((yield* peer.call(TransactionEvent, stop)).idTokenInfo?.status, "Invalid")
      const [row] = yield* rows
      assert.isTrue(row?.findings.some(({ code }) => code === "stop-by-stranger"))
      assert.strictEqual((yield* cdrs).length, 1)
    }),
    [token("ALICE"), token("BOB")]
  )
)

it.effect("a message that never comes does not hold the bill back for ever", () =>
  world(
    Effect.gen(function* () {
      const { peer, TransactionEvent } = yield* dial201("S1")
      yield* peer.call(TransactionEvent, started)
      yield* peer.call(TransactionEvent, ended)
      yield* TestClock.adjust("10 minutes")
      assert.deepStrictEqual(yield* cdrs, [])
      yield* TestClock.adjust("10 minutes")
      const items = yield* cdrs
      assert.strictEqual(items[0]?.grossMinor, 2_040n)
      assert.include([...(items[0]?.findings ?? [])], "messages-missing")
    })
  )
)

it.effect("a message that comes behind its bill and changes nothing of it is missing no more", () =>
  world(
    Effect.gen(function* () {
      const { peer, TransactionEvent } = yield* dial201("S1")
      const missing = Effect.map(rows, (items) => items[0]?.findings.map(({ code }) => code))
      yield* peer.call(TransactionEvent, started)
      yield* peer.call(TransactionEvent, ended)
      yield* TestClock.adjust("20 minutes")
      assert.deepStrictEqual(yield* missing, ["messages-missing"])
      yield* peer.call(TransactionEvent, { ...updated, offline: true })
      assert.deepStrictEqual(yield* missing, [])
      assert.strictEqual((yield* cdrs).length, 1)
      assert.strictEqual((yield* rows)[0]?.cdrId, (yield* cdrs)[0]?.id)
    })
  )
)

it.effect("a device model is kept as reported, but for the password that a station should not have said", () =>
  world(
    Effect.gen(function* () {
      const { peer, NotifyReport } = yield* dial201("S1")
      const said = (component: string, variable: string, value: string) => ({
        component: { name: component },
        variable: { name: variable },
        variableAttribute: [
          { value, mutability: "ReadWrite" as const },
          { type: "Target" as const, value: "other" }
        ]
      })
      yield* peer.call(NotifyReport, {
        requestId: 1,
        generatedAt: at(0),
        seqNo: 0,
        reportData: [
          said("OCPPCommCtrlr", "HeartbeatInterval", "300"),
          said("SecurityCtrlr", "BasicAuthPassword", "a secret of the station")
        ]
      })
      const kept = yield* (yield* Books).variables("S1")
      assert.deepStrictEqual(
        kept.map(({ component, variable, value }) => [component, variable, value]),
        [
          ["OCPPCommCtrlr", "HeartbeatInterval", "300"],
          ["SecurityCtrlr", "BasicAuthPassword", null]
        ]
      )
    })
  )
)
