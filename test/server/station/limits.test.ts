import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import * as Instant from "#core/Instant.ts"
import { v21 } from "#core/ocpp/Dialect.ts"
import { actions as actions21 } from "#core/ocpp/v21/generated/actions.ts"
import { type ChargeLimit, noLimit } from "#core/transaction/Transaction.ts"
import { LiveView } from "#server/api/Live.ts"
import { Books } from "#server/books/Books.ts"
import { MemoryState } from "#server/memory/Memory.ts"
import type { Gateway } from "#server/ocpp/Gateway.ts"
import { cms, dial, dial16, token } from "../../support/cms.ts"

const noonMs = Date.UTC(2026, 4, 4, 12)
const at = (minutes: number) => Instant.format(noonMs + minutes * 60_000)
const tokens = [token("ALICE"), token("BOB")]
const order = (limit: Partial<ChargeLimit>, tokenUid = "alice") =>
  Effect.flatMap(LiveView, (live) =>
    live.runOperation(
      "S1",
      { _tag: "Start", evseId: 1, tokenUid, tokenType: "ISO14443", limit: { ...noLimit, ...limit } },
      { waitMs: 1_000, queueForMs: 0 }
    )
  )

/** The clock is set before the server begins to wait for it. */
const atNoon = <A, E>(test: Effect.Effect<A, E, Gateway | LiveView | Books>) =>
  Effect.andThen(TestClock.setTime(noonMs), Effect.provide(test, cms(tokens)))

/** A station that does as it is told and keeps what it was told. */
const obedient16 = Effect.fnUntraced(function* () {
  const asked: Array<string> = []
  const station = yield* dial16("S1", (action) => {
    asked.push(action.name)
    return Effect.succeed({ status: "Accepted" })
  })
  yield* station.peer.call(station.Heartbeat, {})
  const start = (minutes: number, idTag = "ALICE", connectorId = 1) =>
    station.peer.call(station.StartTransaction, { connectorId, idTag, meterStart: 1_000, timestamp: at(minutes) })
  /** 6 kW from the start on: 100 Wh a minute. */
  const meter = (transactionId: number, minutes: number) =>
    station.peer.call(station.MeterValues, {
      connectorId: 1,
      transactionId,
      meterValue: [
        {
          timestamp: at(minutes),
          sampledValue: [
            { measurand: "Energy.Active.Import.Register", value: String(1_000 + minutes * 100), unit: "Wh" },
            { measurand: "Power.Active.Import", value: "6000", unit: "W" }
          ]
        }
      ]
    })
  return { ...station, asked, start, meter }
})

const stopsIn = (asked: ReadonlyArray<string>) => asked.filter((name) => /StopTransaction$/.test(name)).length

/** The ids on the wire of charges that were ever to stop somewhere, with where. */
const limits = Effect.gen(function* () {
  const books = yield* Books
  const { items } = yield* books.transactions({ limit: 10 })
  const found: Array<readonly [string, unknown]> = []
  for (const { id, ocppId } of items)
    for (const { fact } of yield* books.facts(id)) {
      if (fact._tag !== "LimitSet") continue
      const { _tag, atMs, ...limit } = fact
      found.push([ocppId, limit])
    }
  return found
})

it.effect("an ordered charge is stopped as it comes to its energy, whatever server runs by then", () =>
  Effect.gen(function* () {
    yield* TestClock.setTime(noonMs)
    const state = new MemoryState()
    const served = <A, E>(test: Effect.Effect<A, E, Gateway | LiveView | Books>) =>
      Effect.provide(test, cms(tokens, state))
    yield* served(
      Effect.gen(function* () {
        yield* obedient16()
        assert.strictEqual((yield* order({ maxWh: 2_000 })).outcome?._tag, "Answered")
      })
    )
    const transactionId = yield* served(
      Effect.gen(function* () {
        const station = yield* obedient16()
        // Somebody else's charge is none of it, nor is the same card's at another plug.
        yield* station.start(0, "BOB")
        yield* station.start(0, "ALICE", 2)
        const { transactionId } = yield* station.start(0)
        yield* station.meter(transactionId, 0)
        return transactionId
      })
    )
    yield* served(
      Effect.gen(function* () {
        const station = yield* obedient16()
        yield* TestClock.setTime(noonMs + 10 * 60_000)
        yield* station.meter(transactionId, 10)
        yield* TestClock.adjust("9 minutes")
        yield* TestClock.adjust("25 seconds")
        assert.strictEqual(stopsIn(station.asked), 0)
        yield* TestClock.adjust("30 seconds")
        assert.isAbove(stopsIn(station.asked), 0)
        assert.deepStrictEqual(yield* limits, [[String(transactionId), { ...noLimit, maxWh: 2_000 }]])
      })
    )
  })
)

it.effect("time and money stop a charge as energy does, and what is changed while it runs holds from then on", () =>
  Effect.gen(function* () {
    const live = yield* LiveView
    const station = yield* obedient16()
    yield* order({ maxMs: 20 * 60_000 })
    const { transactionId } = yield* station.start(0)
    const [known] = (yield* (yield* Books).transactions({ limit: 1 })).items
    const { id } = known!
    assert.deepInclude(live.limitOf(id)!, { maxMs: 20 * 60_000 })
    yield* station.meter(transactionId, 0)
    yield* TestClock.adjust("10 minutes")
    yield* station.meter(transactionId, 10)
    // 1.20 and 0.18 a minute, VAT included: 21 minutes and 6 seconds.
    assert.isTrue(yield* live.limit(id, { ...noLimit, maxMinor: 500 }))
    yield* TestClock.adjust("10 minutes")
    yield* station.meter(transactionId, 20)
    yield* TestClock.adjust("35 seconds")
    assert.strictEqual(stopsIn(station.asked), 0)
    yield* TestClock.adjust("45 seconds")
    const byMoney = stopsIn(station.asked)
    assert.isAbove(byMoney, 0)
    assert.isTrue(yield* live.limit(id, { ...noLimit, maxMs: 30 * 60_000 }))
    yield* TestClock.adjust("8 minutes")
    assert.strictEqual(stopsIn(station.asked), byMoney)
    yield* TestClock.adjust("40 seconds")
    const byTime = stopsIn(station.asked)
    assert.isAbove(byTime, byMoney)
    assert.isTrue(yield* live.limit(id, noLimit))
    yield* TestClock.adjust("10 minutes")
    assert.strictEqual(stopsIn(station.asked), byTime)
    yield* station.peer.call(station.StopTransaction, { transactionId, meterStop: 9_000, timestamp: at(40) })
    assert.isFalse(yield* live.limit(id, { ...noLimit, maxWh: 1 }))
  }).pipe(atNoon)
)

it.effect(
  "a later order takes an older one's place, one without a limit takes it back, and old ones are for nothing",
  () =>
    Effect.gen(function* () {
      const station = yield* obedient16()
      yield* order({ maxWh: 2_000 })
      yield* order({ maxWh: 3_000 })
      const first = yield* station.start(0)
      const ended = { meterStop: 1_000, timestamp: at(0) }
      yield* station.peer.call(station.StopTransaction, { ...ended, transactionId: first.transactionId })
      // One charge fulfils it: the next one is free to go on.
      const second = yield* station.start(0.5)
      yield* station.peer.call(station.StopTransaction, { ...ended, transactionId: second.transactionId })
      yield* order({ maxWh: 4_000 })
      yield* order({})
      yield* station.start(1)
      yield* order({ maxWh: 5_000 })
      yield* TestClock.adjust("16 minutes")
      yield* station.start(16)
      assert.deepStrictEqual(yield* limits, [[String(first.transactionId), { ...noLimit, maxWh: 3_000 }]])
    }).pipe(atNoon)
)

it.effect("a station of 2.1 is told, keeps it by itself where it says so, and is stopped where it does not", () =>
  Effect.gen(function* () {
    const asked: Array<string> = []
    const { peer } = yield* dial("S1", v21, (action) => {
      asked.push(action.name)
      return Effect.succeed({ status: "Accepted" })
    })
    yield* peer.call(actions21.Heartbeat, {})
    const requested = Effect.forkChild(order({ maxWh: 2_000, maxMs: 90_500, maxMinor: 1_250 }))
    yield* Effect.andThen(requested, TestClock.adjust("2 seconds"))
    let seqNo = 0
    const event = (
      minutes: number,
      triggerReason: "RemoteStart" | "LimitSet" | "MeterValuePeriodic",
      transactionLimit?: { readonly maxEnergy?: number; readonly maxTime?: number; readonly maxCost?: number }
    ) =>
      peer.call(actions21.TransactionEvent, {
        eventType: seqNo === 0 ? "Started" : "Updated",
        triggerReason,
        timestamp: at(minutes),
        seqNo: seqNo++,
        transactionInfo: { transactionId: "T", ...(transactionLimit === undefined ? {} : { transactionLimit }) },
        evse: { id: 1, connectorId: 1 },
        ...(triggerReason === "RemoteStart" ? { idToken: { idToken: "ALICE", type: "Central" } } : {}),
        meterValue: [{ timestamp: at(minutes), sampledValue: [{ value: 1_000 + minutes * 100 }] }]
      })
    const told = { maxEnergy: 2_000, maxTime: 91, maxCost: 12.5 }
    assert.deepStrictEqual((yield* event(0, "RemoteStart")).transactionLimit, told)
    // It keeps a part: the whole stands, and is told again.
    assert.isUndefined((yield* event(0, "LimitSet", { maxEnergy: 2_000 })).transactionLimit)
    assert.deepStrictEqual((yield* event(0, "MeterValuePeriodic")).transactionLimit, told)
    // Its driver says otherwise there.
    assert.isUndefined((yield* event(0, "LimitSet", { maxEnergy: 1_500 })).transactionLimit)
    assert.isUndefined((yield* event(0, "MeterValuePeriodic")).transactionLimit)
    assert.deepStrictEqual((yield* limits).at(-1), ["T", { ...noLimit, maxWh: 1_500, keptByStation: true }])
    yield* TestClock.adjust("15 minutes")
    yield* event(15, "MeterValuePeriodic")
    yield* TestClock.adjust("30 seconds")
    assert.notInclude(asked, "RequestStopTransaction")
    yield* TestClock.adjust("1 minute")
    assert.include(asked, "RequestStopTransaction")
  }).pipe(atNoon)
)
