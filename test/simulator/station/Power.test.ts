import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import type { TrueDialect } from "#simulator/Truth.ts"
import { compact, inWorld } from "./World.ts"

const dialects: ReadonlyArray<TrueDialect> = ["1.6", "2.0.1"]

for (const dialect of dialects) {
  it.effect(`a ${dialect} station with a memory tells after a power cut what it ended, as of the cut`, () =>
    inWorld({ dialect }, ({ cms, station, present, truth, timers }) =>
      Effect.gen(function* () {
        station.plugIn(compact, 1)
        yield* present("AA")
        yield* Effect.sleep("90 seconds")
        const cutAtMs = timers.nowAtMs()
        station.cutPower(true)
        assert.isFalse(station.isConnected)
        yield* Effect.sleep("1 hour")
        cms.heard.length = 0
        station.restorePower()
        yield* Effect.sleep("1 minute")
        const [session] = truth.sessions
        assert.strictEqual(session!.stopReason, "PowerLoss")
        assert.strictEqual(session!.endedAtMs, cutAtMs)
        assert.strictEqual(session!.endKnowledge, "reported")
        assert.strictEqual(session!.lostMilliWh, 0)
        assert.strictEqual(cms.heard[0]!.action, "BootNotification")
        const end = cms.heard.find(
          ({ action, payload }) => action === "StopTransaction" || payload.eventType === "Ended"
        )
        assert.strictEqual(Date.parse(end!.payload.timestamp), cutAtMs)
        assert.strictEqual(end!.payload.reason ?? end!.payload.transactionInfo.stoppedReason, "PowerLoss")
        if (dialect === "1.6") assert.strictEqual(end!.payload.meterStop, session!.meterStopWh)
        assert.strictEqual(station.evse(1).phase, "Finishing")
        const kWh = session!.deliveredMilliWh
        yield* Effect.sleep("1 hour")
        assert.strictEqual(session!.deliveredMilliWh, kWh, "nothing flows after the end")
      })
    )
  )

  it.effect(`a ${dialect} station without a memory never tells of the end, and starts anew`, () =>
    inWorld({ dialect }, ({ cms, station, present, truth }) =>
      Effect.gen(function* () {
        station.plugIn(compact, 1)
        yield* present("AA")
        yield* Effect.sleep("90 seconds")
        station.cutPower(false)
        station.restorePower()
        yield* Effect.sleep("1 minute")
        assert.strictEqual(truth.sessions[0]!.endKnowledge, "lost")
        assert.isTrue(truth.sessions[0]!.startAcknowledged)
        assert.isEmpty(cms.of("StopTransaction"))
        assert.strictEqual(station.evse(1).phase, "Plugged")
        assert.strictEqual((yield* present("AA"))._tag, "Charging")
        yield* Effect.sleep("1 minute")
        assert.strictEqual(truth.sessions.length, 2)
        assert.isAtLeast(truth.sessions[1]!.meterStartWh, truth.sessions[0]!.meterStopWh!)
        assert.notStrictEqual(truth.sessions[1]!.ocppTransactionId, truth.sessions[0]!.ocppTransactionId)
      })
    )
  )

  it.effect(`a ${dialect} station that resumes goes on with the same transaction`, () =>
    inWorld({ dialect, habits: { afterPowerCut: "resume" } }, ({ cms, station, present, truth }) =>
      Effect.gen(function* () {
        station.plugIn(compact, 1)
        yield* present("AA")
        yield* Effect.sleep("90 seconds")
        station.cutPower(true)
        yield* Effect.sleep("10 minutes")
        station.restorePower()
        yield* Effect.sleep("10 minutes")
        assert.strictEqual(station.evse(1).phase, "Charging")
        station.unplug(1)
        yield* Effect.sleep("1 second")
        assert.strictEqual(truth.sessions.length, 1)
        const [session] = truth.sessions
        assert.strictEqual(session!.stopReason, "EVDisconnected")
        const billed = session!.meterStopWh! - session!.meterStartWh
        assert.closeTo(billed, session!.deliveredMilliWh / 1000, 1)
        // A minute and a half before the cut, and what is left of ten minutes after the boot: not the time between.
        assert.closeTo(billed, (11_040 * (1.5 + 9.75)) / 60, 20)
        assert.strictEqual(cms.of("BootNotification").length, 2)
      })
    )
  )
}

it.effect("a memory that holds the last reading only ends there, and the rest is lost to everybody", () =>
  inWorld({ habits: { persists: "lastReading" } }, ({ station, present, truth }) =>
    Effect.gen(function* () {
      station.plugIn(compact, 1)
      yield* present("AA")
      yield* Effect.sleep("150 seconds")
      station.cutPower(true)
      station.restorePower()
      yield* Effect.sleep("1 minute")
      const [session] = truth.sessions
      assert.strictEqual(session!.endedAtMs! - session!.startedAtMs, 120_000)
      assert.closeTo(session!.deliveredMilliWh, 368_000, 10)
      assert.closeTo(session!.lostMilliWh, 92_000, 100)
    })
  )
)

it.effect("a car that is pulled out in the dark is gone when the light is back, resumed or not", () =>
  inWorld({ habits: { afterPowerCut: "resume" } }, ({ station, present, truth, timers }) =>
    Effect.gen(function* () {
      station.plugIn(compact, 1)
      yield* present("AA")
      yield* Effect.sleep("90 seconds")
      station.cutPower(true)
      yield* Effect.sleep("5 minutes")
      station.unplug(1)
      const unpluggedAtMs = timers.nowAtMs()
      yield* Effect.sleep("5 minutes")
      station.restorePower()
      yield* Effect.sleep("1 minute")
      const [session] = truth.sessions
      assert.strictEqual(session!.stopReason, "PowerLoss")
      assert.strictEqual(session!.unpluggedAtMs, unpluggedAtMs)
      assert.strictEqual(session!.endKnowledge, "reported")
      assert.strictEqual(station.evse(1).phase, "Available")
    })
  )
)

it.effect("what was queued when the power failed is told when it is back, before what comes later", () =>
  inWorld({}, ({ cms, station, present, truth }) =>
    Effect.gen(function* () {
      station.plugIn(compact, 1)
      yield* present("AA")
      yield* Effect.sleep("90 seconds")
      const back = station.loseNetwork()
      yield* Effect.sleep("10 minutes")
      cms.heard.length = 0
      station.cutPower(true)
      back()
      station.restorePower()
      yield* Effect.sleep("2 minutes")
      const instants = cms.heard
        .filter(({ action }) => action === "MeterValues" || action === "StopTransaction")
        .map(({ payload }) => payload.timestamp ?? payload.meterValue[0].timestamp)
      assert.deepStrictEqual(instants, instants.toSorted())
      assert.isAtLeast(instants.length, 10)
      assert.strictEqual(truth.sessions[0]!.endKnowledge, "reported")
    })
  )
)

it.effect("a crash ends what runs as Reboot and the station is back by itself", () =>
  inWorld({ dialect: "2.0.1" }, ({ cms, station, present, truth }) =>
    Effect.gen(function* () {
      station.plugIn(compact, 1)
      yield* present("AA")
      yield* Effect.sleep("90 seconds")
      station.crash(true)
      yield* Effect.sleep("1 minute")
      assert.strictEqual(truth.sessions[0]!.stopReason, "Reboot")
      assert.strictEqual(truth.sessions[0]!.endKnowledge, "reported")
      assert.strictEqual(cms.of("BootNotification").at(-1)!.payload.reason, "Watchdog")
    })
  )
)

it.effect(
  "an end that a memory kept is lost when the power fails again before it is told, and takes the memory along",
  () =>
    inWorld({}, ({ cms, station, present, truth }) =>
      Effect.gen(function* () {
        station.plugIn(compact, 1)
        yield* present("AA")
        yield* Effect.sleep("90 seconds")
        station.cutPower(true)
        station.restorePower()
        yield* Effect.sleep("5 seconds")
        station.cutPower(false)
        station.restorePower()
        yield* Effect.sleep("1 minute")
        assert.strictEqual(truth.sessions[0]!.endKnowledge, "lost")
        assert.isEmpty(cms.of("StopTransaction"))
        yield* present("AA")
        yield* Effect.sleep("1 minute")
        station.unplug(1)
        yield* Effect.sleep("1 second")
        const [first, second] = truth.sessions
        assert.strictEqual(second!.endKnowledge, "reported")
        assert.strictEqual(first!.unpluggedAtMs, second!.unpluggedAtMs)
      })
    )
)
