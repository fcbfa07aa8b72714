import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import * as Instant from "#core/Instant.ts"
import { Books } from "#server/books/Books.ts"
import type { Gateway } from "#server/ocpp/Gateway.ts"
import { cms, dial16, token } from "../../support/cms.ts"

const noonMs = Date.UTC(2026, 4, 4, 12)
const at = (minutes: number) => Instant.format(noonMs + minutes * 60_000)
/** By a clock that began in 1970 at noon. */
const unset = (minutes: number) => Instant.format(minutes * 60_000)

const rows = Effect.flatMap(Books, (books) => Effect.map(books.transactions({ limit: 100 }), ({ items }) => items))
const cdrs = Effect.flatMap(Books, (books) => Effect.map(books.cdrs({ limit: 100 }), ({ items }) => items))

/** A station that is told to do this from noon on. */
const world = (
  test: (station: Effect.Success<ReturnType<typeof dial16>>) => Effect.Effect<void, unknown, Books | Gateway>
) =>
  Effect.andThen(
    TestClock.setTime(noonMs),
    Effect.flatMap(dial16("S1"), test).pipe(Effect.provide(cms([token("ALICE")])))
  )

const status = (status: "Available" | "Charging", timestamp?: string) =>
  ({ connectorId: 1, errorCode: "NoError", status, ...(timestamp !== undefined && { timestamp }) }) as const
const start = { connectorId: 1, idTag: "ALICE", meterStart: 1_000, timestamp: unset(2) }

const statuses = Effect.map(rows, (items) => items.map((row) => row.status))

describe("a start by a clock that was never set", () => {
  const late = [
    { why: "the clock was set meanwhile", free: at(10) },
    { why: "by that very clock", free: unset(10) }
  ]
  for (const { why, free } of late) {
    it.effect(`is over when its connector was told to be free later: ${why}`, () =>
      world(({ peer, StatusNotification, StartTransaction, StopTransaction }) =>
        Effect.gen(function* () {
          yield* TestClock.adjust("2 minutes")
          yield* peer.call(StatusNotification, status("Charging", unset(2)))
          yield* TestClock.adjust("8 minutes")
          yield* peer.call(StatusNotification, status("Available", free))
          yield* TestClock.adjust("1 minute")
          const { transactionId } = yield* peer.call(StartTransaction, start)
          assert.deepStrictEqual(yield* statuses, ["Closed"])
          // Where it does have a stop, that is its own, and billed like that of any other.
          yield* TestClock.adjust("5 minutes")
          yield* peer.call(StopTransaction, { transactionId, meterStop: 6_000, timestamp: unset(10) })
          assert.deepStrictEqual(yield* statuses, ["Ended"])
          const [bill] = yield* cdrs
          assert.strictEqual(bill?.energyWh, 5_000)
          assert.deepStrictEqual(bill?.findings, [])
        })
      )
    )
  }

  it.effect("is over also on a new connection, and is in nobody's way who charges there since", () =>
    world(({ peer, BootNotification, StatusNotification, StartTransaction }) =>
      Effect.gen(function* () {
        yield* TestClock.adjust("1 minute")
        yield* peer.call(BootNotification, { chargePointVendor: "Acme", chargePointModel: "One" })
        yield* TestClock.adjust("9 minutes")
        yield* peer.call(StatusNotification, status("Available", at(10)))
        yield* TestClock.adjust("2 minutes")
        const next = yield* peer.call(StartTransaction, { ...start, meterStart: 6_000, timestamp: at(12) })
        const again = yield* dial16("S1")
        yield* TestClock.adjust("1 minute")
        const { transactionId } = yield* again.peer.call(again.StartTransaction, start)
        const byId = new Map((yield* rows).map((row) => [row.ocppId, row.status]))
        assert.strictEqual(byId.get(`${next.transactionId}`), "Open")
        assert.strictEqual(byId.get(`${transactionId}`), "Closed")
      })
    )
  )

  const begun = [
    { why: "it was free before", free: unset(1) },
    { why: "nobody knows when it was free", free: undefined }
  ]
  for (const { why, free } of begun) {
    it.effect(`runs: ${why}`, () =>
      world(({ peer, StatusNotification, StartTransaction }) =>
        Effect.gen(function* () {
          yield* TestClock.adjust("2 minutes")
          yield* peer.call(StatusNotification, status("Available", free))
          yield* peer.call(StartTransaction, start)
          assert.strictEqual((yield* rows)[0]?.status, "Open")
        })
      )
    )
  }

  it.effect("runs when the clock stood right until its station restarted", () =>
    world(({ peer, BootNotification, StatusNotification, StartTransaction }) =>
      Effect.gen(function* () {
        yield* peer.call(StatusNotification, status("Available", at(0)))
        yield* peer.call(BootNotification, { chargePointVendor: "Acme", chargePointModel: "One" })
        yield* TestClock.adjust("2 minutes")
        yield* peer.call(StartTransaction, start)
        assert.strictEqual((yield* rows)[0]?.status, "Open")
      })
    )
  )
})

it.effect("a status by a clock that was never set, told again late, says nothing of who is there now", () =>
  world(({ peer, StatusNotification, StartTransaction }) =>
    Effect.gen(function* () {
      yield* TestClock.adjust("2 minutes")
      yield* peer.call(StatusNotification, status("Available", unset(1)))
      yield* peer.call(StatusNotification, status("Charging", unset(2)))
      yield* peer.call(StartTransaction, start)
      yield* TestClock.adjust("2 minutes")
      yield* peer.call(StatusNotification, status("Available", unset(1)))
      assert.deepStrictEqual(yield* statuses, ["Open"])
      yield* peer.call(StatusNotification, status("Available", unset(5)))
      assert.deepStrictEqual(yield* statuses, ["Closed"])
    })
  )
)
