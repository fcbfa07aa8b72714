import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import * as Instant from "#core/Instant.ts"
import { Books } from "#server/books/Books.ts"
import { Closures } from "#server/station/Closures.ts"
import { cms, dial16, token } from "../../support/cms.ts"

const noonMs = Date.UTC(2026, 4, 4, 12)
const at = (minutes: number) => Instant.format(noonMs + minutes * 60_000)
const closure = { reason: "It was taken down.", by: "desk" }

const transactions = Effect.flatMap(Books, (books) => Effect.map(books.transactions({ limit: 10 }), (it) => it.items))
const bills = Effect.flatMap(Books, (books) =>
  Effect.map(books.cdrs({ limit: 10 }), ({ items }) =>
    items.toReversed().map(({ energyWh, grossMinor }) => [energyWh, Number(grossMinor)])
  )
)
const close = (id: string) => Effect.flatMap(Closures, (closures) => closures.close(id, closure))

/** From noon on a charge of ALICE's, whose card charges once at a time: 10 kWh by half past, when the line is cut. */
const cutOff = <A, E>(
  test: (
    id: string,
    transactionId: number
  ) => Effect.Effect<A, E, Effect.Services<ReturnType<typeof dial16>> | Books | Closures>
) =>
  Effect.andThen(
    TestClock.setTime(noonMs),
    Effect.gen(function* () {
      const station = yield* dial16("S1")
      const start = { connectorId: 1, idTag: "ALICE", meterStart: 1_000, timestamp: at(0) }
      const { transactionId } = yield* station.peer.call(station.StartTransaction, start)
      yield* TestClock.adjust("30 minutes")
      yield* station.peer.call(station.MeterValues, {
        connectorId: 1,
        transactionId,
        meterValue: [{ timestamp: at(30), sampledValue: [{ value: "11000" }] }]
      })
      station.cut()
      const [charge] = yield* transactions
      return yield* test(charge!.id, transactionId)
    }).pipe(Effect.provide(cms([token("ALICE", { concurrencyLimit: 1 })])))
  )

it.effect(
  "a charge of a station that is gone is closed by hand, billed by its last reading, and its card is free",
  () =>
    cutOff((id) =>
      Effect.gen(function* () {
        const soon = yield* Effect.flip(close(id))
        assert.include(soon._tag === "NotPossible" ? soon.why : "", at(30))
        const other = yield* dial16("S2")
        const authorized = Effect.map(
          other.peer.call(other.Authorize, { idTag: "ALICE" }),
          ({ idTagInfo }) => idTagInfo.status
        )
        yield* TestClock.adjust("15 minutes")
        assert.strictEqual(yield* authorized, "ConcurrentTx")
        const closed = yield* close(id)
        assert.deepInclude(closed.closed, { why: "operator", ...closure })
        assert.strictEqual(yield* authorized, "Accepted")
        assert.deepStrictEqual((yield* close(id)).closed, closed.closed)
        assert.deepStrictEqual(yield* bills, [])
        yield* TestClock.adjust("17 minutes")
        const [row] = yield* transactions
        assert.deepInclude(row, { status: "Closed", endedAtMs: noonMs + 30 * 60_000, energyWh: 10_000 })
        // 10 kWh at 0.50, half an hour at 6.00 and 1.00 for the session, plus 20 %.
        assert.deepStrictEqual(yield* bills, [[10_000, 1_080]])
      })
    )
)

it.effect("a station that comes back after all has its stop billed in place of what was closed", () =>
  cutOff((id, transactionId) =>
    Effect.gen(function* () {
      yield* TestClock.adjust("1 hour")
      yield* close(id)
      yield* TestClock.adjust("17 minutes")
      const station = yield* dial16("S1")
      const stop = { transactionId, meterStop: 21_000, timestamp: at(60), idTag: "ALICE" }
      yield* station.peer.call(station.StopTransaction, stop)
      const [row] = yield* transactions
      assert.deepInclude(row, { status: "Ended", energyWh: 20_000 })
      assert.deepStrictEqual(yield* bills, [
        [10_000, 1_080],
        [10_000, -1_080],
        [20_000, 2_040]
      ])
      assert.strictEqual((yield* close(id)).ended?.atMs, noonMs + 60 * 60_000)
    })
  )
)

it.effect("a station that goes on with what was closed is asked to stop it, and its readings make one bill", () =>
  cutOff((id, transactionId) =>
    Effect.gen(function* () {
      yield* TestClock.adjust("1 hour")
      yield* close(id)
      yield* TestClock.adjust("17 minutes")
      const asked: Array<unknown> = []
      const station = yield* dial16("S1", (action, payload) => {
        asked.push([action.name, payload])
        return Effect.succeed({ status: "Accepted" })
      })
      const read = (minutes: number) =>
        station.peer.call(station.MeterValues, {
          connectorId: 1,
          transactionId,
          meterValue: [{ timestamp: at(minutes), sampledValue: [{ value: String(11_000 + minutes * 10) }] }]
        })
      for (const minutes of [40, 50, 60, 70, 80]) yield* read(minutes)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(asked, [])
      yield* TestClock.adjust("14 minutes")
      yield* read(121)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(asked, [["RemoteStopTransaction", { transactionId }]])
      assert.deepStrictEqual(yield* bills, [[10_000, 1_080]])
      yield* TestClock.adjust("17 minutes")
      assert.deepStrictEqual(yield* bills, [
        [10_000, 1_080],
        [10_000, -1_080],
        [11_210, 2_245]
      ])
    })
  )
)

it.effect("what is not known, or over, is not closed", () =>
  cutOff((id, transactionId) =>
    Effect.gen(function* () {
      const station = yield* dial16("S1")
      yield* station.peer.call(station.StopTransaction, { transactionId, meterStop: 11_000, timestamp: at(31) })
      const over = yield* Effect.flip(close(id))
      assert.deepInclude(over, { _tag: "NotPossible", why: "The charge is over." })
      const unknown = yield* Effect.flip(close("00000000-0000-7000-8000-000000000009"))
      assert.strictEqual(unknown._tag, "NotPossible")
    })
  )
)
