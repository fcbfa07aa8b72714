import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import * as Instant from "#core/Instant.ts"
import { noLimit } from "#core/transaction/Transaction.ts"
import { LiveView } from "#server/api/Live.ts"
import { Books } from "#server/books/Books.ts"
import type { Gateway } from "#server/ocpp/Gateway.ts"
import { cms, dial201, token } from "../../support/cms.ts"

const noonMs = Date.UTC(2026, 4, 4, 12)

type State = "Charging" | "EVConnected" | "SuspendedEV" | "SuspendedEVSE"

/** A charge of 6 kW on a 2.0.1 station, that is to stop at 1 kWh, which it has come to in ten minutes. */
const charging = Effect.fnUntraced(function* (answers: "Accepted" | "Rejected" = "Accepted") {
  let stops = 0
  const station = yield* dial201("S1", (action) => {
    if (action.name !== "RequestStopTransaction") return undefined
    stops++
    return Effect.succeed({ status: answers })
  })
  let minutes = 0
  let seqNo = 0
  yield* station.peer.call(station.Heartbeat, {})
  const told = (wh: number, triggerReason: "Authorized" | "RemoteStop" | "MeterValuePeriodic", state?: State) =>
    station.peer.call(station.TransactionEvent, {
      eventType: seqNo === 0 ? "Started" : "Updated",
      triggerReason,
      timestamp: Instant.format(noonMs + minutes * 60_000),
      seqNo: seqNo++,
      transactionInfo: { transactionId: "T", ...(state === undefined ? {} : { chargingState: state }) },
      evse: { id: 1, connectorId: 1 },
      ...(triggerReason === "Authorized" ? { idToken: { idToken: "ALICE", type: "ISO14443" } } : {}),
      meterValue: [
        { timestamp: Instant.format(noonMs + minutes * 60_000), sampledValue: [{ value: wh, context: "Other" }] }
      ]
    })
  /** The next minutes, at the end of each of which it reads so much. */
  const minutesOf = Effect.fnUntraced(function* (readings: ReadonlyArray<number>) {
    for (const wh of readings) {
      yield* TestClock.adjust("1 minute")
      minutes++
      yield* told(wh, "MeterValuePeriodic")
    }
  })
  /** Time in which it tells nothing. */
  const silent = (forMinutes: number) =>
    Effect.andThen(
      TestClock.adjust(`${forMinutes} minutes`),
      Effect.sync(() => {
        minutes += forMinutes
      })
    )
  return { told, minutesOf, silent, stops: () => stops }
})

/** Until it was asked to stop. */
const stopped = Effect.fnUntraced(function* (state?: State, answers?: "Accepted" | "Rejected") {
  const station = yield* charging(answers)
  yield* station.told(0, "Authorized", state)
  const [known] = (yield* (yield* Books).transactions({ limit: 1 })).items
  assert.isTrue(yield* (yield* LiveView).limit(known!.id, { ...noLimit, maxWh: 1_000 }))
  yield* station.minutesOf([100, 200, 300, 400, 500, 600, 700, 800, 900, 1_000])
  assert.strictEqual(station.stops(), 1)
  return station
})

/** The clock is set before the server begins to wait for it. */
const lived = <A, E>(test: Effect.Effect<A, E, Gateway | LiveView | Books>) =>
  Effect.andThen(TestClock.setTime(noonMs), Effect.provide(test, cms([token("ALICE")])))

const hour = (wh: number) => Array.from({ length: 60 }, () => wh)

for (const state of ["EVConnected", "SuspendedEVSE"] as const)
  it.effect(
    `a charge that its station stopped, and keeps until the plug is out, is not asked to stop again (${state})`,
    () =>
      Effect.gen(function* () {
        const station = yield* stopped("Charging")
        yield* station.told(1_000, "RemoteStop", state)
        yield* station.minutesOf(hour(1_000))
        yield* station.silent(60)
        assert.strictEqual(station.stops(), 1)
      }).pipe(lived)
  )

it.effect("a charge whose car had enough before it was stopped is not asked to stop again either", () =>
  Effect.gen(function* () {
    const station = yield* stopped("SuspendedEV")
    yield* station.told(1_000, "RemoteStop")
    yield* station.minutesOf(hour(1_000))
    assert.strictEqual(station.stops(), 1)
  }).pipe(lived)
)

it.effect("a station that tells no states is believed by its meter", () =>
  Effect.gen(function* () {
    const station = yield* stopped()
    yield* station.minutesOf(hour(1_000))
    assert.isAtMost(station.stops(), 2)
  }).pipe(lived)
)

it.effect("a charge that is told to go on behind its stop is asked to stop again at once", () =>
  Effect.gen(function* () {
    const station = yield* stopped("Charging")
    yield* station.told(1_000, "RemoteStop", "EVConnected")
    yield* station.minutesOf(hour(1_000))
    yield* station.told(1_000, "MeterValuePeriodic", "Charging")
    yield* TestClock.adjust("20 seconds")
    assert.strictEqual(station.stops(), 2)
  }).pipe(lived)
)

it.effect("a charge whose meter goes on behind its stop is asked to stop again, whatever state is told", () =>
  Effect.gen(function* () {
    const station = yield* stopped("Charging")
    yield* station.told(1_000, "RemoteStop", "EVConnected")
    yield* station.minutesOf([1_000, 1_000, 1_000, 1_100, 1_200])
    yield* TestClock.adjust("20 seconds")
    assert.isAtLeast(station.stops(), 2)
  }).pipe(lived)
)

it.effect(
  "a charge that goes on whatever its station says is asked to stop less and less often, and never left alone",
  () =>
    Effect.gen(function* () {
      const station = yield* stopped("Charging")
      yield* station.minutesOf(Array.from({ length: 5 }, (_, index) => 1_100 + index * 100))
      assert.isAtLeast(station.stops(), 3)
      yield* station.minutesOf(Array.from({ length: 235 }, (_, index) => 1_600 + index * 100))
      assert.isAtLeast(station.stops(), 15)
      assert.isAtMost(station.stops(), 22)
    }).pipe(lived)
)

it.effect("a station that will not stop and says nothing more is asked less and less often", () =>
  Effect.gen(function* () {
    const station = yield* stopped("Charging", "Rejected")
    yield* station.silent(240)
    assert.isAtLeast(station.stops(), 12)
    assert.isAtMost(station.stops(), 22)
  }).pipe(lived)
)
