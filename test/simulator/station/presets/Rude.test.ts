import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { optionsOf, presetNames, presets } from "#simulator/station/presets/Catalogue.ts"
import { compact, inWorld, minuteMs } from "../World.ts"

const rude16 = optionsOf(presets["rude-16"])
const rude201 = optionsOf(presets["rude-201"])
const rude21 = optionsOf(presets["rude-21"])

/** Leaves are texts and numbers; names of timestamps are the same in all messages. */
const timestamps = (value: unknown): ReadonlyArray<string> => {
  if (Array.isArray(value)) return value.flatMap(timestamps)
  if (value === null || typeof value !== "object") return []
  return Object.entries(value).flatMap(([name, inner]) => (name === "timestamp" ? [String(inner)] : timestamps(inner)))
}

it.effect("rude 1.6 takes its liberties on the wire, and every frame keeps to its schema", () =>
  inWorld({ settings: rude16.settings, habits: rude16.habits }, ({ cms, station, present, truth }) =>
    Effect.gen(function* () {
      station.plugIn(compact, 1)
      yield* present("CARD-A")
      yield* Effect.sleep("20 minutes")
      yield* present("CARD-A")
      station.unplug(1)
      yield* Effect.sleep("1 minute")
      station.plugIn(compact, 1)
      yield* present("CARD-A")
      yield* Effect.sleep("1 day")
      assert.deepStrictEqual(cms.violations, [])
      const boot = cms.of("BootNotification")[0]!.payload
      assert.deepStrictEqual(Object.keys(boot), ["chargePointVendor", "chargePointModel"])
      assert.strictEqual(boot.chargePointVendor.length, 20)
      assert.strictEqual(cms.of("Authorize").length, 1, "the cache knows it the second time")
      assert.strictEqual(cms.of("Authorize")[0]!.payload.idTag, "card-a")
      assert.deepStrictEqual(cms.of("Heartbeat"), [])
      const order = cms.heard.map(
        ({ action, payload }) => `${action} ${payload.connectorId ?? ""} ${payload.status ?? ""}`
      )
      const start = order.findIndex((line) => line.startsWith("StartTransaction"))
      assert.deepStrictEqual(order.slice(start - 2, start), ["StatusNotification 1 Charging", "MeterValues 1 "])
      const charging = cms.of("StatusNotification").filter(({ payload }) => payload.status === "Charging")
      assert.strictEqual(charging.length, 4, "twice each")
      const told = new Set(cms.of("StatusNotification").map(({ payload }) => payload.status as string))
      assert.isFalse(told.has("Preparing") || told.has("Finishing"))
      for (const { payload } of cms.of("StatusNotification")) {
        assert.deepStrictEqual(
          [payload.info.length, payload.vendorId.length, payload.vendorErrorCode.length],
          [50, 255, 50]
        )
      }
      for (const { payload } of cms.of("MeterValues")) {
        assert.isUndefined(payload.transactionId)
        const [energy, power] = payload.meterValue[0].sampledValue
        assert.deepStrictEqual(Object.keys(energy), ["value"])
        assert.match(energy.value, /^\d(\.\d+)?E\d+$/)
        assert.strictEqual(power.measurand, "Power.Active.Import")
      }
      for (const { messageId } of cms.heard) assert.strictEqual(messageId.length, 36)
      const all = cms.heard.flatMap(({ payload }) => timestamps(payload))
      for (const timestamp of all) assert.match(timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+05:30$/)
      const first = cms.of("StartTransaction")[0]!.payload.timestamp
      assert.strictEqual(Date.parse(first), truth.sessions[0]!.startedAtMs, "and they are right")
    })
  )
)

it.effect(
  "rude 1.6 tells what is about transactions first after an absence, and statuses behind, as of when they were",
  () =>
    inWorld({ settings: rude16.settings, habits: rude16.habits }, ({ cms, station, present }) =>
      Effect.gen(function* () {
        station.plugIn(compact, 1)
        yield* present("CARD-A")
        yield* Effect.sleep("1 minute")
        cms.heard.length = 0
        station.goOffline(20 * minuteMs)
        yield* Effect.sleep("10 minutes")
        station.unplug(1)
        yield* Effect.sleep("15 minutes")
        const actions = cms.heard.map(({ action }) => action)
        assert.isBelow(actions.indexOf("StopTransaction"), actions.indexOf("StatusNotification"))
        const stop = cms.of("StopTransaction")[0]!
        const free = cms.of("StatusNotification").find(({ payload }) => payload.status === "Available")!
        assert.isAtMost(Math.abs(Date.parse(free.payload.timestamp) - Date.parse(stop.payload.timestamp)), 1_000)
      })
    )
)

it.effect("rude 2.0.1 takes its liberties on the wire, and every frame keeps to its schema", () =>
  inWorld(
    { dialect: "2.0.1", settings: rude201.settings, habits: rude201.habits },
    ({ cms, station, present, truth }) =>
      Effect.gen(function* () {
        for (const minutes of [20, 10]) {
          station.plugIn(compact, 1)
          yield* present("CARD-A")
          yield* Effect.sleep(minutes * minuteMs)
          station.unplug(1)
          yield* Effect.sleep("1 minute")
        }
        assert.deepStrictEqual(cms.violations, [])
        assert.strictEqual(cms.of("BootNotification")[0]!.payload.reason, "Unknown")
        const events = cms.of("TransactionEvent").map(({ payload }) => payload)
        assert.deepStrictEqual(
          events.map(({ seqNo }) => seqNo),
          events.map((_, index) => index),
          "the numbers go on over both"
        )
        for (const { evse, transactionInfo } of events) {
          assert.deepStrictEqual(evse, { id: 1, connectorId: 1 })
          assert.strictEqual(transactionInfo.transactionId.length, 36)
        }
        assert.include(
          events.map(({ triggerReason }) => triggerReason),
          "EVDeparted"
        )
        const registers = (event: {
          readonly meterValue: ReadonlyArray<{ readonly sampledValue: ReadonlyArray<object> }>
        }) =>
          event.meterValue[0]!.sampledValue.filter((value) => !("measurand" in value)) as ReadonlyArray<{
            readonly value: number
            readonly phase: string
            readonly unitOfMeasure: object
          }>
        for (const event of events) {
          const phases = registers(event)
          assert.deepStrictEqual(
            phases.map(({ phase }) => phase),
            ["L1", "L2", "L3"]
          )
          for (const { unitOfMeasure } of phases) assert.deepStrictEqual(unitOfMeasure, { unit: "Wh", multiplier: 3 })
        }
        const ends = events.filter(({ eventType }) => eventType === "Ended")
        const starts = events.filter(({ eventType }) => eventType === "Started")
        const kilowattHours = (event: (typeof events)[number]) =>
          registers(event).reduce((total, { value }) => total + value, 0)
        truth.sessions.forEach(({ deliveredMilliWh }, index) => {
          assert.isAbove(deliveredMilliWh, 1_000_000)
          const told = (kilowattHours(ends[index]) - kilowattHours(starts[index])) * 1_000_000
          assert.approximately(told, deliveredMilliWh, 1)
        })
      })
  )
)

it.effect("rude 2.1 fills every field that its own schemas add, and keeps to them", () =>
  inWorld({ dialect: "2.1", settings: rude21.settings, habits: rude21.habits }, ({ cms, station, present }) =>
    Effect.gen(function* () {
      station.plugIn(compact, 1)
      yield* present("CARD-A")
      yield* Effect.sleep("10 minutes")
      station.unplug(1)
      yield* Effect.sleep("1 minute")
      assert.deepStrictEqual(cms.violations, [])
      const events = cms.of("TransactionEvent").map(({ payload }) => payload)
      assert.isAbove(events.length, 5)
      for (const { numberOfPhasesUsed, customData, transactionInfo } of events) {
        assert.isAtLeast(numberOfPhasesUsed, 1)
        assert.strictEqual(transactionInfo.operationMode, "ChargingOnly")
        assert.strictEqual(customData.mood.rude, true)
      }
    })
  )
)

describe("every preset", () => {
  it.each(presetNames)("%s is called what the list calls it", (name) => {
    const { hardware, dialects, settings, habits } = optionsOf(presets[name], { habits: { bootMs: 1 } })
    assert.strictEqual(presets[name].name, name)
    assert.strictEqual(habits.bootMs, 1, "changes win")
    assert.isAbove(hardware.evses.length * dialects.length, 0)
    // A clock without milliseconds and texts without them go together: otherwise an instant told is not the instant kept.
    assert.strictEqual(habits.manner.instants !== "millis", habits.tickMs === 1_000)
    assert.isAbove(settings.sampleIntervalS, 0)
  })
})
