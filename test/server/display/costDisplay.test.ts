import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import * as Instant from "#core/Instant.ts"
import { CallError } from "#core/ocpp/CallError.ts"
import type { Handle } from "#core/ocpp/Peer.ts"
import type { TransactionEventRequest } from "#core/ocpp/v201/generated/schemas.ts"
import type { Station } from "#core/station/Station.ts"
import type { Transaction } from "#core/transaction/Transaction.ts"
import { Books } from "#server/books/Books.ts"
import { Directory } from "#server/directory/Directory.ts"
import { finalTotal } from "#server/display/finalTotal.ts"
import type { Pricer } from "#server/station/OwnerServices.ts"
import { Owners } from "#server/station/Owners.ts"
import { cms, dial16, dial201, token } from "../../support/cms.ts"

const noonMs = Date.UTC(2026, 4, 4, 12)
const minute = 60_000
const at = (minutes: number) => Instant.format(noonMs + minutes * minute)

const world = <A, E, R>(test: Effect.Effect<A, E, R>) =>
  Effect.andThen(TestClock.setTime(noonMs), Effect.provide(test, cms([token("ALICE"), token("BOB")])))

const shown = (costDisplay: Station["costDisplay"]) =>
  Effect.flatMap(Directory, (directory) =>
    Effect.flatMap(directory.station("S1"), (station) => directory.updateStation({ ...station!, costDisplay }))
  )

/** Keeps what the CMS asks for, and agrees. */
const display = (answer: (payload: unknown) => Effect.Effect<unknown, CallError> = () => Effect.succeed({})) => {
  const told: Array<Record<string, unknown>> = []
  const handle: Handle = (action, payload) => {
    told.push({ action: action.name, ...(payload as object) })
    return answer(payload)
  }
  return { told, handle }
}

const reading = (minutes: number, value: number) => [
  { timestamp: at(minutes), sampledValue: [{ value, context: "Sample.Periodic" as const }] }
]

const event = (
  seqNo: number,
  minutes: number,
  registerWh: number,
  eventType: TransactionEventRequest["eventType"] = "Updated",
  more: Partial<TransactionEventRequest> = {}
): TransactionEventRequest => ({
  eventType,
  timestamp: at(minutes),
  triggerReason: eventType === "Started" ? "Authorized" : eventType === "Ended" ? "EVDeparted" : "MeterValuePeriodic",
  seqNo,
  transactionInfo: { transactionId: "tx-1", ...(eventType === "Ended" ? {} : { chargingState: "Charging" }) },
  ...(eventType === "Started"
    ? { evse: { id: 1, connectorId: 1 }, idToken: { idToken: "ALICE", type: "ISO14443" } }
    : {}),
  meterValue: reading(minutes, registerWh),
  ...more
})

const bills = Effect.flatMap(Books, (books) => Effect.map(books.cdrs({ limit: 10 }), ({ items }) => items))
const settled = Effect.gen(function* () {
  for (let turns = 0; turns < 20; turns++) yield* Effect.yieldNow
})

it.effect("what is written of a charge without news of it, such as a limit, makes no reading wait for its turn", () =>
  world(
    Effect.gen(function* () {
      yield* shown("on")
      const { told, handle } = display()
      const { peer, TransactionEvent } = yield* dial201("S1", handle)
      yield* peer.call(TransactionEvent, event(0, 0, 1_000, "Started"))
      yield* settled
      yield* TestClock.setTime(noonMs + 29.5 * minute)
      const { items } = yield* Effect.flatMap(Books, (books) => books.transactions({ limit: 1 }))
      const owner = (yield* Owners).current("S1")!
      yield* owner.limit(items[0]!.id, { maxWh: 50_000, maxMs: null, maxMinor: null }, noonMs + 29.5 * minute)
      yield* settled
      yield* TestClock.setTime(noonMs + 29.6 * minute)
      yield* peer.call(TransactionEvent, event(1, 29.6, 11_000))
      yield* settled
      assert.deepStrictEqual(
        told.map(({ totalCost }) => totalCost),
        [1.2, 10.75]
      )
    })
  )
)

it.effect(
  "a 2.x station that shows costs is told them while it charges, at a bounded rate, and the bill at the end",
  () =>
    world(
      Effect.gen(function* () {
        yield* shown("on")
        const { told, handle } = display()
        const { peer, TransactionEvent } = yield* dial201("S1", handle)
        yield* peer.call(TransactionEvent, event(0, 0, 1_000, "Started"))
        yield* settled
        // The session fee of 1.00, 20 % on top.
        assert.deepStrictEqual(told, [{ action: "CostUpdated", totalCost: 1.2, transactionId: "tx-1" }])
        for (let second = 1; second <= 5; second++) {
          yield* TestClock.adjust("5 seconds")
          const timestamp = Instant.format(noonMs + second * 5_000)
          const meterValue = [{ timestamp, sampledValue: [{ value: 1_000 + second * 100 }] }]
          yield* peer.call(TransactionEvent, { ...event(second, 0, 0), timestamp, meterValue })
        }
        yield* settled
        assert.strictEqual(told.length, 1)
        yield* TestClock.setTime(noonMs + 30 * minute)
        yield* peer.call(TransactionEvent, event(6, 30, 11_000))
        yield* settled
        assert.deepStrictEqual(told[1], { action: "CostUpdated", totalCost: 10.8, transactionId: "tx-1" })
        yield* TestClock.setTime(noonMs + 60 * minute)
        const end = event(7, 60, 21_000, "Ended")
        const { totalCost } = yield* peer.call(TransactionEvent, end)
        assert.strictEqual(totalCost, 20.4)
        assert.strictEqual((yield* bills)[0]?.grossMinor, 2_040n)
        // The end that comes again, over another connection, is told the same.
        const again = yield* dial201("S1")
        assert.strictEqual((yield* again.peer.call(TransactionEvent, end)).totalCost, 20.4)
        assert.strictEqual((yield* bills).length, 1)
      })
    )
)

it.effect("while messages are missing the answer to an end says nothing of its cost", () =>
  world(
    Effect.gen(function* () {
      yield* shown("on")
      const { peer, TransactionEvent } = yield* dial201("S1", display().handle)
      yield* peer.call(TransactionEvent, event(0, 0, 1_000, "Started"))
      const { totalCost } = yield* peer.call(TransactionEvent, event(2, 60, 21_000, "Ended"))
      assert.isUndefined(totalCost)
      assert.deepStrictEqual(yield* bills, [])
    })
  )
)

it.effect("unless told otherwise it is the device model that decides, and its currency", () =>
  world(
    Effect.gen(function* () {
      const { told, handle } = display()
      const { peer, TransactionEvent, NotifyReport } = yield* dial201("S1", handle)
      const session = Effect.fnUntraced(function* (name: string) {
        const transactionInfo = { transactionId: name }
        yield* peer.call(TransactionEvent, event(0, 0, 1_000, "Started", { transactionInfo }))
        const { totalCost } = yield* peer.call(TransactionEvent, event(1, 60, 2_000, "Ended", { transactionInfo }))
        yield* settled
        return totalCost
      })
      const reports = (name: string, value: string, instance?: string) =>
        peer.call(NotifyReport, {
          requestId: 1,
          generatedAt: at(0),
          seqNo: 0,
          reportData: [
            {
              component: { name: "TariffCostCtrlr" },
              variable: { name, ...(instance === undefined ? {} : { instance }) },
              variableAttribute: [{ value }]
            }
          ]
        })
      assert.isUndefined(yield* session("silent"))
      yield* reports("Enabled", "true", "Tariff")
      assert.isUndefined(yield* session("tariffs only"))
      yield* reports("Enabled", "true", "Cost")
      // 1 kWh at 0.50, an hour at 6 and the fee of 1, 20 % on top.
      assert.strictEqual(yield* session("shows"), 9)
      const before = told.length
      yield* reports("Currency", "USD")
      assert.isUndefined(yield* session("dollars"))
      assert.strictEqual(told.length, before)
      yield* reports("Currency", "EUR")
      assert.strictEqual(yield* session("euros"), 9)
      yield* shown("off")
      assert.isUndefined(yield* session("not wanted"))
      assert.isTrue(told.every(({ action }) => action === "CostUpdated"))
    })
  )
)

it.effect("a station that refuses its display, or never answers, charges on and is billed", () =>
  world(
    Effect.gen(function* () {
      yield* shown("on")
      const { told, handle } = display(() => Effect.never)
      const { peer, TransactionEvent } = yield* dial201("S1", handle)
      yield* peer.call(TransactionEvent, event(0, 0, 1_000, "Started"))
      yield* settled
      yield* TestClock.setTime(noonMs + 60 * minute)
      assert.strictEqual((yield* peer.call(TransactionEvent, event(1, 60, 21_000, "Ended"))).totalCost, 20.4)
      assert.strictEqual(told.length, 1)
      assert.strictEqual((yield* bills).length, 1)
    })
  )
)

it.effect("a 1.6 station is told the price, what it comes to and the bill by the OCA's messages, if it is to be", () =>
  world(
    Effect.gen(function* () {
      yield* shown("on")
      const { told, handle } = display(() => Effect.succeed({ status: "Accepted" }))
      const { peer, StartTransaction, MeterValues, StopTransaction, DataTransfer, StatusNotification } = yield* dial16(
        "S1",
        handle
      )
      const { transactionId } = yield* peer.call(StartTransaction, {
        connectorId: 1,
        idTag: "ALICE",
        meterStart: 1_000,
        timestamp: at(0)
      })
      yield* settled
      yield* TestClock.setTime(noonMs + 30 * minute)
      yield* peer.call(MeterValues, {
        connectorId: 1,
        transactionId,
        meterValue: [{ timestamp: at(30), sampledValue: [{ value: "11000" }] }]
      })
      yield* settled
      yield* TestClock.setTime(noonMs + 45 * minute)
      yield* peer.call(StatusNotification, {
        connectorId: 1,
        errorCode: "NoError",
        status: "SuspendedEV",
        timestamp: at(45)
      })
      yield* settled
      yield* TestClock.setTime(noonMs + 60 * minute)
      yield* peer.call(MeterValues, {
        connectorId: 1,
        transactionId,
        meterValue: [{ timestamp: at(60), sampledValue: [{ value: "11000" }] }]
      })
      yield* settled
      yield* peer.call(StopTransaction, { transactionId, meterStop: 11_000, timestamp: at(60) })
      yield* settled
      const messages = told.map(
        ({ vendorId, messageId, data }): Record<string, unknown> => ({
          vendorId,
          messageId,
          ...(JSON.parse(data as string) as Record<string, unknown>)
        })
      )
      const vendorId = "org.openchargealliance.costmsg"
      const chargingPrice = { kWhPrice: 0.6, hourPrice: 7.2, flatFee: 1.2 }
      assert.deepStrictEqual(messages, [
        {
          vendorId,
          messageId: "SetUserPrice",
          idToken: "ALICE",
          priceText: "energy 0.50 EUR/kWh, charging 6.00 EUR/h, idle 12.00 EUR/h, per session 1.00 EUR, plus VAT"
        },
        {
          vendorId,
          messageId: "RunningCost",
          transactionId,
          timestamp: at(0),
          meterValue: 1_000,
          cost: 1.2,
          state: "Charging",
          chargingPrice: { flatFee: 1.2 }
        },
        {
          vendorId,
          messageId: "RunningCost",
          transactionId,
          timestamp: at(30),
          meterValue: 11_000,
          cost: 10.8,
          state: "Charging",
          chargingPrice
        },
        {
          vendorId,
          messageId: "RunningCost",
          transactionId,
          timestamp: at(45),
          meterValue: 11_000,
          cost: 12.6,
          state: "Charging",
          chargingPrice
        },
        // A quarter of an hour idle at 12: 3.00 net.
        {
          vendorId,
          messageId: "RunningCost",
          transactionId,
          timestamp: at(60),
          meterValue: 11_000,
          cost: 16.2,
          state: "Idle",
          chargingPrice,
          idlePrice: { hourPrice: 14.4 }
        },
        { vendorId, messageId: "FinalCost", transactionId, cost: 16.2, priceText: "16.20 EUR" }
      ])
      assert.strictEqual((yield* bills)[0]?.grossMinor, 1_620n)
      const unplugged = {
        vendorId,
        messageId: "ConnectorUnplugged",
        data: JSON.stringify({ transactionId, timestamp: at(61) })
      }
      assert.strictEqual((yield* peer.call(DataTransfer, unplugged)).status, "Accepted")
      const other = yield* dial16("S2")
      assert.strictEqual((yield* other.peer.call(DataTransfer, unplugged)).status, "UnknownVendorId")
    })
  )
)

/** A 1.6 charge of an hour and 10 kWh: the fee of 1, 5 for energy and 6 for time, 20 % on top. */
const start16 = { connectorId: 1, idTag: "ALICE", meterStart: 1_000, timestamp: at(0) }
const stop16 = (transactionId: number) => ({ transactionId, meterStop: 11_000, timestamp: at(60) })
const idsOf = (told: ReadonlyArray<Record<string, unknown>>) => told.map(({ messageId }) => messageId)

it.effect("a 1.6 stop that comes again is told again what it came to: whoever sent it may have missed it", () =>
  world(
    Effect.gen(function* () {
      yield* shown("on")
      const { peer, StartTransaction, StopTransaction } = yield* dial16("S1")
      const { transactionId } = yield* peer.call(StartTransaction, start16)
      yield* TestClock.setTime(noonMs + 60 * minute)
      yield* peer.call(StopTransaction, stop16(transactionId))
      const { told, handle } = display(() => Effect.succeed({ status: "Accepted" }))
      const again = yield* dial16("S1", handle)
      yield* again.peer.call(StopTransaction, stop16(transactionId))
      yield* settled
      const data = JSON.stringify({ transactionId, cost: 14.4, priceText: "14.40 EUR" })
      assert.deepStrictEqual(told, [
        { action: "DataTransfer", vendorId: "org.openchargealliance.costmsg", messageId: "FinalCost", data }
      ])
      assert.strictEqual((yield* bills).length, 1)
    })
  )
)

it.effect("a display that is slow to take the prices is told nothing running once the charge is over", () =>
  world(
    Effect.gen(function* () {
      yield* shown("on")
      const { told, handle } = display((payload) => {
        const isPrice = (payload as { readonly messageId?: string }).messageId === "SetUserPrice"
        return Effect.delay(Effect.succeed({ status: "Accepted" }), isPrice ? "20 seconds" : "0 seconds")
      })
      const { peer, StartTransaction, StopTransaction } = yield* dial16("S1", handle)
      const { transactionId } = yield* peer.call(StartTransaction, start16)
      yield* settled
      yield* peer.call(StopTransaction, { ...stop16(transactionId), timestamp: at(0.25), meterStop: 1_100 })
      yield* TestClock.adjust("21 seconds")
      yield* settled
      assert.deepStrictEqual(idsOf(told), ["SetUserPrice", "FinalCost"])
    })
  )
)

it.effect("a figure that a display did not take in is told again with the next reading, whether it rose or not", () =>
  world(
    Effect.gen(function* () {
      yield* shown("on")
      let isDeaf = true
      const { told, handle } = display(() =>
        isDeaf ? Effect.fail(new CallError({ code: "InternalError", description: "" })) : Effect.succeed({})
      )
      const { peer, TransactionEvent } = yield* dial201("S1", handle)
      yield* peer.call(TransactionEvent, event(0, 0, 1_000, "Started"))
      yield* settled
      isDeaf = false
      yield* TestClock.setTime(noonMs + minute)
      yield* peer.call(TransactionEvent, { ...event(1, 0, 1_000), timestamp: at(0) })
      yield* settled
      assert.deepStrictEqual(
        told.map(({ totalCost }) => totalCost),
        [1.2, 1.2]
      )
    })
  )
)

it.effect("the final figure is the bill's own, and no zero where no tariff was known", () =>
  Effect.gen(function* () {
    const die = () => Effect.die("a bill is not priced again")
    const never: Pricer = { running: die, compiled: die }
    const tariff = { id: "T", version: 1, groups: [] } as unknown as Transaction["tariff"]
    const settledAs = (more: object) =>
      ({ tariff, ended: null, settled: { cdrId: "C-1", ...more } }) as unknown as Transaction
    const owed = { currency: "EUR", netMinor: "100", grossMinor: "119" }
    assert.deepStrictEqual(yield* finalTotal(never, settledAs({ owed })), { currency: "EUR", grossMinor: 119n })
    assert.isNull(yield* finalTotal(never, settledAs({ cdrId: null })))
    assert.isUndefined(yield* finalTotal(never, { ...settledAs({ cdrId: null }), tariff: null }))
    assert.isUndefined(yield* finalTotal(never, { ...settledAs({ owed }), settled: null }))
  })
)
