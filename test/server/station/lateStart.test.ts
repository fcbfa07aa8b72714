import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import * as Instant from "#core/Instant.ts"
import { Books } from "#server/books/Books.ts"
import type { Gateway } from "#server/ocpp/Gateway.ts"
import { cms, dial16, token } from "../../support/cms.ts"

const noonMs = Date.UTC(2026, 4, 4, 12)
const at = (minutes: number) => Instant.format(noonMs + minutes * 60_000)

const rows = Effect.flatMap(Books, (books) => Effect.map(books.transactions({ limit: 100 }), ({ items }) => items))
const cdrs = Effect.flatMap(Books, (books) => Effect.map(books.cdrs({ limit: 100 }), ({ items }) => items))
const statusOf = (transactionId: number) =>
  Effect.map(rows, (items) => items.find(({ ocppId }) => ocppId === String(transactionId))?.status)

type Station = Effect.Success<ReturnType<typeof dial16>>

/** A station that is told to do this from noon on. */
const world = (test: (station: Station) => Effect.Effect<void, unknown, Books | Gateway>) =>
  Effect.andThen(
    TestClock.setTime(noonMs),
    Effect.flatMap(dial16("S1"), test).pipe(Effect.provide(cms([token("ALICE")])))
  )

const status = (status: "Available" | "Charging" | "Finishing", minutes: number) =>
  ({ connectorId: 1, errorCode: "NoError", status, timestamp: at(minutes) }) as const

/** One of 5 kWh with so many readings, told at its end; its car stays at the connector. */
const charge = (station: Station, fromMinute: number, toMinute: number, readings: number) =>
  Effect.gen(function* () {
    const { peer, StartTransaction, MeterValues, StopTransaction, StatusNotification } = station
    const start = { connectorId: 1, idTag: "ALICE", meterStart: 1_000, timestamp: at(fromMinute) }
    const { transactionId } = yield* peer.call(StartTransaction, start)
    yield* peer.call(StatusNotification, status("Charging", fromMinute))
    const stepMinutes = (toMinute - fromMinute) / (readings + 1)
    const meterValue = Array.from({ length: readings }, (_, index) => ({
      timestamp: at(fromMinute + (index + 1) * stepMinutes),
      sampledValue: [{ value: String(1_000 + Math.floor(((index + 1) * 5_000) / (readings + 1))) }]
    }))
    yield* TestClock.adjust(`${toMinute - fromMinute} minutes`)
    if (readings > 0) yield* peer.call(MeterValues, { connectorId: 1, transactionId, meterValue })
    yield* peer.call(StopTransaction, { transactionId, meterStop: 6_000, timestamp: at(toMinute) })
    yield* peer.call(StatusNotification, status("Finishing", toMinute))
  })

describe("a start that comes when the next charge at its connector is over", () => {
  const next = [
    { why: "at hand", readings: 2 },
    { why: "let go", readings: 70 }
  ]
  for (const { why, readings } of next) {
    it.effect(`is over too, and no reading without an id is its own: the next is ${why}`, () =>
      world((station) =>
        Effect.gen(function* () {
          const { peer, StartTransaction, MeterValues, StatusNotification } = station
          yield* TestClock.adjust("2 minutes")
          yield* charge(station, 2, 20, readings)
          yield* TestClock.adjust("10 minutes")
          const late = { connectorId: 1, idTag: "ALICE", meterStart: 990, timestamp: at(1) }
          const { transactionId } = yield* peer.call(StartTransaction, late)
          assert.strictEqual(yield* statusOf(transactionId), "Closed")
          const meterValue = [{ timestamp: at(31), sampledValue: [{ value: "6000" }] }]
          yield* peer.call(MeterValues, { connectorId: 1, meterValue })
          yield* peer.call(StatusNotification, status("Available", 32))
          yield* TestClock.adjust("20 minutes")
          assert.deepStrictEqual(
            (yield* cdrs).map(({ energyWh }) => energyWh).filter((energyWh) => energyWh > 0),
            [5_000]
          )
        })
      )
    )
  }

  const stopped = [
    { how: "all the same, if that comes", begunAt: 0, meterStart: 200, endedAt: 1, afterMinutes: 0 },
    {
      how: "also where its clock was behind, and set right since",
      begunAt: -60,
      meterStart: 6_000,
      endedAt: 30,
      afterMinutes: 10
    }
  ]
  for (const { how, begunAt, meterStart, endedAt, afterMinutes } of stopped) {
    it.effect(`has its own stop ${how}`, () =>
      world((station) =>
        Effect.gen(function* () {
          const { peer, StartTransaction, StopTransaction } = station
          yield* TestClock.adjust("2 minutes")
          yield* charge(station, 2, 20, 2)
          yield* TestClock.adjust(`${afterMinutes} minutes`)
          const late = { connectorId: 1, idTag: "ALICE", meterStart, timestamp: at(begunAt) }
          const { transactionId } = yield* peer.call(StartTransaction, late)
          const stop = { transactionId, meterStop: meterStart + 800, timestamp: at(endedAt) }
          yield* peer.call(StopTransaction, stop)
          assert.strictEqual(yield* statusOf(transactionId), "Ended")
          assert.deepStrictEqual((yield* cdrs).map(({ energyWh }) => energyWh).toSorted(), [5_000, 800])
        })
      )
    )
  }

  it.effect("is open where that charge began by a clock that was set back since", () =>
    world((station) =>
      Effect.gen(function* () {
        const { peer, StartTransaction, StatusNotification } = station
        yield* charge(station, 60, 80, 2)
        yield* TestClock.adjust("5 minutes")
        yield* peer.call(StatusNotification, status("Available", 25))
        yield* TestClock.adjust("1 minute")
        const next = { connectorId: 1, idTag: "ALICE", meterStart: 6_000, timestamp: at(26) }
        const { transactionId } = yield* peer.call(StartTransaction, next)
        assert.strictEqual(yield* statusOf(transactionId), "Open")
      })
    )
  )
})

it.effect(
  "a stop that comes ten minutes late does not set its station's clock back: the start behind it is over too",
  () =>
    world((station) =>
      Effect.gen(function* () {
        const { peer, StartTransaction, StopTransaction, StatusNotification } = station
        const first = yield* peer.call(StartTransaction, {
          connectorId: 1,
          idTag: "ALICE",
          meterStart: 500,
          timestamp: at(0)
        })
        for (let minute = 1; minute <= 4; minute++) {
          yield* TestClock.adjust("1 minute")
          yield* peer.call(StatusNotification, { ...status("Available", minute), connectorId: 2 })
        }
        yield* TestClock.adjust("6 minutes")
        yield* peer.call(StatusNotification, status("Available", 10))
        yield* TestClock.adjust("1 minute")
        const { transactionId } = first
        yield* peer.call(StopTransaction, { transactionId, meterStop: 600, timestamp: at(1) })
        const next = { connectorId: 1, idTag: "ALICE", meterStart: 600, timestamp: at(2) }
        const late = yield* peer.call(StartTransaction, next)
        assert.strictEqual(yield* statusOf(late.transactionId), "Closed")
      })
    )
)
