import { assert, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import * as Instant from "#core/Instant.ts"
import { Books } from "#server/books/Books.ts"
import { Journal } from "#server/record/Journal.ts"
import { cms, dial16, token } from "../support/cms.ts"

const noonMs = Date.UTC(2026, 4, 4, 12)
const at = (minutes: number) => Instant.format(noonMs + minutes * 60_000)

/** What connector 1 is, and since how many minutes past noon. */
const status = (state: "Available" | "Preparing" | "Charging" | "SuspendedEV" | "Finishing", minutes: number) =>
  ({ connectorId: 1, errorCode: "NoError", status: state, timestamp: at(minutes) }) as const

/** At noon, in a CMS that knows the card ALICE. */
const world = <A, E, R>(test: Effect.Effect<A, E, R>, tokens = [token("ALICE", { driverId: null })]) =>
  Effect.andThen(TestClock.setTime(noonMs), Effect.provide(test, cms(tokens)))

const start = { connectorId: 1, idTag: "ALICE", meterStart: 1_000, timestamp: at(0) }

const charge = Effect.gen(function* () {
  const station = yield* dial16("S1")
  yield* station.peer.call(station.BootNotification, { chargePointVendor: "Acme", chargePointModel: "One" })
  const started = yield* station.peer.call(station.StartTransaction, start)
  const reading = {
    connectorId: 1,
    transactionId: started.transactionId,
    meterValue: [{ timestamp: at(30), sampledValue: [{ value: "11000" }] }]
  }
  yield* station.peer.call(station.MeterValues, reading)
  const stop = { transactionId: started.transactionId, meterStop: 21_000, timestamp: at(60), idTag: "ALICE" }
  return { station, started, reading, stop }
})

const cdrs = Effect.flatMap(Books, (books) => books.cdrs({ limit: 100 }))
const transactions = Effect.flatMap(Books, (books) => books.transactions({ limit: 100 }))

it.effect("a charge ends in one CDR: 20 kWh at 0.50, an hour at 6 and 1 for the session, plus 20 % VAT", () =>
  world(
    Effect.gen(function* () {
      const { station, started, stop } = yield* charge
      assert.strictEqual(started.idTagInfo.status, "Accepted")
      assert.isAbove(started.transactionId, 0)
      yield* station.peer.call(station.StopTransaction, stop)
      const { items } = yield* cdrs
      assert.strictEqual(items.length, 1)
      assert.strictEqual(items[0]!.energyWh, 20_000)
      assert.strictEqual(items[0]!.netMinor, 1_700n)
      assert.strictEqual(items[0]!.grossMinor, 2_040n)
      const balances = yield* (yield* Books).balances
      assert.strictEqual(
        balances.reduce((sum, { amountMinor }) => sum + amountMinor, 0n),
        0n
      )
    })
  )
)

it.effect("a stop repeated under a new message id bills nothing twice, and a late reading re-opens nothing", () =>
  world(
    Effect.gen(function* () {
      const { station, stop, reading } = yield* charge
      yield* station.peer.call(station.StopTransaction, stop)
      yield* station.peer.call(station.StopTransaction, stop)
      const late = { ...reading, meterValue: [{ timestamp: at(45), sampledValue: [{ value: "16000" }] }] }
      yield* station.peer.call(station.MeterValues, late)
      assert.strictEqual((yield* cdrs).items.length, 1)
      const [row] = (yield* transactions).items
      assert.strictEqual(row?.status, "Ended")
      assert.strictEqual(row?.energyWh, 20_000)
    })
  )
)

it.effect("a start repeated after its answer was lost gets the same id, and another car another one", () =>
  world(
    Effect.gen(function* () {
      const { station, started } = yield* charge
      const again = yield* station.peer.call(station.StartTransaction, start)
      assert.strictEqual(again.transactionId, started.transactionId)
      assert.strictEqual(again.idTagInfo.status, "Accepted")
      const other = yield* station.peer.call(station.StartTransaction, { ...start, connectorId: 2 })
      assert.notStrictEqual(other.transactionId, started.transactionId)
      assert.strictEqual((yield* transactions).items.length, 2)
    })
  )
)

it.effect("a start on an unknown card is recorded, refused with a usable id, and billed to nobody", () =>
  world(
    Effect.gen(function* () {
      const { station } = yield* charge
      const refused = yield* station.peer.call(station.StartTransaction, { ...start, connectorId: 2, idTag: "MALLORY" })
      assert.strictEqual(refused.idTagInfo.status, "Invalid")
      assert.isAbove(refused.transactionId, 0)
      yield* station.peer.call(station.StopTransaction, {
        transactionId: refused.transactionId,
        meterStop: 1_100,
        timestamp: at(1),
        reason: "DeAuthorized"
      })
      assert.strictEqual((yield* cdrs).items.length, 0)
      const rejected = (yield* transactions).items.find(({ token: it }) => it?.uid === "MALLORY")
      assert.isTrue(rejected?.findings.some(({ code }) => code === "start-rejected"))
    })
  )
)

it.effect("a stop of another station's transaction ends nobody's charge", () =>
  world(
    Effect.gen(function* () {
      const { stop } = yield* charge
      const other = yield* dial16("S2")
      yield* other.peer.call(other.StopTransaction, stop)
      yield* other.peer.call(other.StopTransaction, stop)
      const rows = (yield* transactions).items
      assert.strictEqual(rows.find(({ stationId }) => stationId === "S1")?.status, "Open")
      assert.strictEqual(rows.filter(({ stationId }) => stationId === "S2").length, 1)
      assert.strictEqual((yield* cdrs).items.length, 0)
    })
  )
)

it.effect(
  "a stop that names no id is of the one charge that its card may stop: one of its group, not a stranger's",
  () =>
    world(
      Effect.gen(function* () {
        const { station, stop } = yield* charge
        yield* station.peer.call(station.StopTransaction, {
          ...stop,
          transactionId: -1,
          idTag: "MALLORY",
          meterStop: 20_000
        })
        assert.strictEqual((yield* cdrs).items.length, 0)
        yield* station.peer.call(station.StopTransaction, { ...stop, transactionId: -1, idTag: "bob" })
        const { items } = yield* cdrs
        assert.deepStrictEqual(
          items.map(({ energyWh, findings }) => ({ energyWh, findings })),
          [{ energyWh: 20_000, findings: [] }]
        )
      }),
      [token("ALICE", { groupId: "FAMILY" }), token("BOB", { groupId: "FAMILY" }), token("MALLORY")]
    )
)

it.effect(
  "what names no id once its connector stood and charged again is another charge's, and the end of the first is its own",
  () =>
    world(
      Effect.gen(function* () {
        const { station, started, stop } = yield* charge
        const { peer, StatusNotification } = station
        yield* peer.call(StatusNotification, status("Charging", 0))
        yield* peer.call(StatusNotification, status("Preparing", 31))
        yield* peer.call(StatusNotification, status("Charging", 33))
        const meterValue = [{ timestamp: at(34), sampledValue: [{ value: "11500" }] }]
        yield* station.peer.call(station.MeterValues, { connectorId: 1, transactionId: -1, meterValue })
        yield* station.peer.call(station.StopTransaction, { transactionId: -1, meterStop: 21_000, timestamp: at(60) })
        assert.strictEqual((yield* cdrs).items.length, 0)
        const end = { ...stop, transactionId: started.transactionId, meterStop: 11_050, timestamp: at(31) }
        yield* station.peer.call(station.StopTransaction, end)
        const { items } = yield* cdrs
        assert.deepStrictEqual(
          items.map(({ energyWh, findings }) => ({ energyWh, findings })),
          [{ energyWh: 10_050, findings: [] }]
        )
      })
    )
)

const found = [
  { what: "stands without a charge", state: "Preparing", billedWh: 10_000 },
  { what: "charges", state: "Charging", billedWh: 15_000 }
] as const
for (const { what, state, billedWh } of found) {
  const whose = state === "Preparing" ? "another charge's" : "of the one that runs"
  it.effect(`what names no id is ${whose} once the station restarted and found that its connector ${what}`, () =>
    world(
      Effect.gen(function* () {
        yield* charge
        yield* TestClock.adjust("31 minutes")
        const { peer, BootNotification, StatusNotification, ...again } = yield* dial16("S1")
        yield* peer.call(BootNotification, { chargePointVendor: "Acme", chargePointModel: "One" })
        yield* peer.call(StatusNotification, status(state, 31))
        const meterValue = [{ timestamp: at(33), sampledValue: [{ value: "11500" }] }]
        yield* peer.call(again.MeterValues, { connectorId: 1, transactionId: -1, meterValue })
        yield* peer.call(again.StopTransaction, { transactionId: -1, meterStop: 16_000, timestamp: at(60) })
        yield* peer.call(StatusNotification, status("Available", 61))
        yield* TestClock.adjust("40 minutes")
        assert.deepStrictEqual(
          (yield* cdrs).items.map(({ energyWh }) => energyWh),
          [billedWh]
        )
      })
    )
  )
}

it.effect(
  "a connector that is free again closes the charge whose stop was lost, and it is settled on its last reading",
  () =>
    world(
      Effect.gen(function* () {
        const { station } = yield* charge
        yield* station.peer.call(station.StatusNotification, status("Available", 61))
        assert.strictEqual((yield* transactions).items[0]?.status, "Closed")
        assert.strictEqual((yield* cdrs).items.length, 0)
        yield* TestClock.adjust("17 minutes")
        const { items } = yield* cdrs
        assert.strictEqual(items.length, 1)
        assert.strictEqual(items[0]!.energyWh, 10_000)
        assert.deepStrictEqual([...items[0]!.findings].sort(), ["meter-missing-end", "stop-missing"])
      })
    )
)

it.effect("a stop that comes after that is credited and billed anew, once", () =>
  world(
    Effect.gen(function* () {
      const { station, stop } = yield* charge
      yield* station.peer.call(station.StatusNotification, status("Available", 61))
      yield* TestClock.adjust("17 minutes")
      yield* station.peer.call(station.StopTransaction, stop)
      yield* station.peer.call(station.StopTransaction, { ...stop, reason: "Local" })
      const { items } = yield* cdrs
      assert.deepStrictEqual(
        items.map(({ grossMinor }) => grossMinor).toSorted((a, b) => Number(a - b)),
        [-1_080n, 1_080n, 2_040n]
      )
      assert.strictEqual((yield* transactions).items[0]?.cdrId, items.find(({ energyWh }) => energyWh === 20_000)?.id)
    })
  )
)

it.effect("SuspendedEV is parking: half an hour of it costs 12 the hour instead of 6", () =>
  world(
    Effect.gen(function* () {
      const { station, stop } = yield* charge
      yield* station.peer.call(station.StatusNotification, status("Charging", 0))
      yield* station.peer.call(station.StatusNotification, status("SuspendedEV", 30))
      yield* station.peer.call(station.StopTransaction, stop)
      const { items } = yield* cdrs
      assert.strictEqual(items[0]!.parkingMs, 30 * 60_000)
      assert.strictEqual(items[0]!.netMinor, 2_000n)
    })
  )
)

it.effect("the last place of a limited card goes to one of two stations that ask at once", () =>
  world(
    Effect.gen(function* () {
      const [one, two] = [yield* dial16("S1"), yield* dial16("S2")]
      const answers = yield* Effect.all(
        [one.peer.call(one.StartTransaction, start), two.peer.call(two.StartTransaction, start)],
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(answers.map(({ idTagInfo }) => idTagInfo.status).toSorted(), ["Accepted", "ConcurrentTx"])
    }),
    [token("ALICE", { concurrencyLimit: 1 })]
  )
)

it.effect("a begin of 0 Wh on a meter that stands at 900 kWh is not billed from 0", () =>
  world(
    Effect.gen(function* () {
      const station = yield* dial16("S1")
      const { transactionId } = yield* station.peer.call(station.StartTransaction, { ...start, meterStart: 0 })
      const value = (minutes: number, wh: number) =>
        station.peer.call(station.MeterValues, {
          connectorId: 1,
          transactionId,
          meterValue: [{ timestamp: at(minutes), sampledValue: [{ value: String(wh) }] }]
        })
      yield* value(1, 900_010)
      yield* station.peer.call(station.StopTransaction, { transactionId, meterStop: 905_000, timestamp: at(60) })
      const { items } = yield* cdrs
      assert.strictEqual(items[0]!.energyWh, 4_990)
      assert.include(items[0]!.findings, "meter-zero-baseline")
    })
  )
)

it("the layers of this suite need nothing from outside", () => assert.isTrue(Layer.isLayer(cms([]))))

it.effect("a reading of an id that nobody knows begins nothing, and is the baseline of the next start", () =>
  world(
    Effect.gen(function* () {
      const station = yield* dial16("S1")
      yield* station.peer.call(station.MeterValues, {
        connectorId: 1,
        transactionId: 4711,
        meterValue: [{ timestamp: at(-5), sampledValue: [{ value: "5000000" }] }]
      })
      assert.strictEqual((yield* transactions).items.length, 0)
      const { transactionId } = yield* station.peer.call(station.StartTransaction, { ...start, meterStart: 0 })
      yield* station.peer.call(station.StopTransaction, { transactionId, meterStop: 5_005_000, timestamp: at(60) })
      assert.strictEqual((yield* transactions).items[0]!.energyWh, 5_000)
    })
  )
)

for (const told of ["told ahead of the start", "told while the start was still on its way"]) {
  it.effect(`a full car is not charging: its state is known although it was ${told}`, () =>
    world(
      Effect.gen(function* () {
        const station = yield* dial16("S1")
        yield* station.peer.call(station.BootNotification, { chargePointVendor: "Acme", chargePointModel: "One" })
        const minutes = told.includes("ahead") ? 0 : 2
        yield* station.peer.call(station.StatusNotification, status("SuspendedEV", minutes))
        const { transactionId } = yield* station.peer.call(station.StartTransaction, start)
        const journal = yield* Journal
        const found = yield* journal.transaction({ stationId: "S1", ocppId: String(transactionId) })
        assert.deepStrictEqual(
          found?.states.map(({ atMs, state }) => [(atMs - noonMs) / 60_000, state]),
          [[minutes, "SuspendedEV"]]
        )
      })
    )
  )
}
