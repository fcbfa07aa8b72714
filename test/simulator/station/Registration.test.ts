import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { afterBoot, backOffMs, maySend, type Registration } from "#simulator/station/Registration.ts"
import fc from "#test/support/fastCheck.ts"
import { inWorld, minuteMs, startAtMs } from "./World.ts"

it("accepted, the interval is the heartbeat's; otherwise it is the wait before the next boot; 0 leaves it to the station", () => {
  assert.deepStrictEqual(afterBoot({ status: "Accepted", intervalS: 60 }), { registration: "Accepted", heartbeatS: 60 })
  assert.deepStrictEqual(afterBoot({ status: "Accepted", intervalS: 0 }), {
    registration: "Accepted",
    heartbeatS: null
  })
  assert.deepStrictEqual(afterBoot({ status: "Pending", intervalS: 7 }), { registration: "Pending", retryInS: 7 })
  assert.deepStrictEqual(afterBoot({ status: "Rejected", intervalS: 0 }), { registration: "Rejected", retryInS: 60 })
})

it("before it is accepted a station sends boots, and in Pending what it was asked for", () => {
  const table = (registration: Registration) =>
    (["boot", "triggered", "report", "other"] as const).map((purpose) => maySend(registration, purpose))
  assert.deepStrictEqual(table("Unknown"), [true, false, false, false])
  assert.deepStrictEqual(table("Rejected"), [true, false, false, false])
  assert.deepStrictEqual(table("Pending"), [true, true, true, false])
  assert.deepStrictEqual(table("Accepted"), [true, true, true, true])
})

it("the back-off doubles until its limit and never leaves its range", () => {
  const limits = { waitMinimumS: 5, randomRangeS: 10, repeatTimes: 3 }
  assert.deepStrictEqual(
    [0, 1, 2, 3, 4, 50].map((attempt) => backOffMs(attempt, limits, 0)),
    [5_000, 10_000, 20_000, 40_000, 40_000, 40_000]
  )
  fc.assert(
    fc.property(fc.nat(100), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempt, luck) => {
      const waitMs = backOffMs(attempt, limits, luck)
      assert.isTrue(waitMs >= 5_000 && waitMs < 50_001)
    })
  )
})

it.effect("a station that is Pending boots again after the interval and says nothing else until it is accepted", () =>
  inWorld({}, ({ cms, station, timers }) =>
    Effect.gen(function* () {
      let answers = 0
      cms.script.set("BootNotification", () => ({
        status: ++answers < 3 ? "Pending" : "Accepted",
        currentTime: "2026-01-05T00:00:00Z",
        interval: 90
      }))
      cms.heard.length = 0
      station.cutPower(true)
      station.restorePower()
      const fromMs = timers.nowAtMs()
      yield* Effect.sleep("5 minutes")
      const boots = cms.of("BootNotification").map((each) => each.atMs - fromMs)
      assert.strictEqual(boots.length, 3)
      assert.closeTo(boots[1]! - boots[0]!, 90_000, 100)
      assert.closeTo(boots[2]! - boots[1]!, 90_000, 100)
      assert.strictEqual(cms.heard[2]!.action, "BootNotification")
      assert.strictEqual(cms.heard[3]!.action, "StatusNotification")
      assert.strictEqual(station.registration, "Accepted")
      const remote = yield* cms.command("CP-1", "RemoteStartTransaction", { idTag: "AA" })
      assert.deepStrictEqual(remote, { status: "Accepted" })
    })
  )
)

it.effect("a station that is not accepted refuses remote starts", () =>
  inWorld({}, ({ cms, station }) =>
    Effect.gen(function* () {
      cms.script.set("BootNotification", () => ({
        status: "Pending",
        currentTime: "2026-01-05T00:00:00Z",
        interval: 600
      }))
      station.cutPower(true)
      station.restorePower()
      yield* Effect.sleep("1 minute")
      assert.strictEqual(station.registration, "Pending")
      const remote = yield* cms.command("CP-1", "RemoteStartTransaction", { idTag: "AA" })
      assert.deepStrictEqual(remote, { status: "Rejected" })
      const triggered = yield* cms.command("CP-1", "TriggerMessage", { requestedMessage: "StatusNotification" })
      assert.deepStrictEqual(triggered, { status: "Accepted" })
    })
  )
)

it.effect("what waited behind a boot is not sent when that turns the station away, and goes when it is let in", () =>
  inWorld({}, ({ cms, station }) =>
    Effect.gen(function* () {
      let answers = 0
      cms.script.set("BootNotification", () => ({
        status: ++answers < 2 ? "Rejected" : "Accepted",
        currentTime: "2026-01-05T00:00:00Z",
        interval: 600
      }))
      cms.heard.length = 0
      const outcomes: Array<string> = []
      yield* cms.command("CP-1", "TriggerMessage", { requestedMessage: "BootNotification" })
      station.heartbeat((outcome) => outcomes.push(outcome))
      station.pressEmergencyStop()
      yield* Effect.sleep("9 minutes")
      assert.strictEqual(station.registration, "Rejected")
      assert.deepStrictEqual(
        cms.heard.map(({ action }) => action),
        ["BootNotification"]
      )
      assert.deepStrictEqual(outcomes, ["Disconnected"])
      yield* Effect.sleep("2 minutes")
      assert.strictEqual(station.registration, "Accepted")
      assert.isNotEmpty(cms.of("StatusNotification"))
      assert.deepStrictEqual(cms.of("Heartbeat"), [])
    })
  )
)

it.effect("what waited behind a boot goes when that is accepted, or brings no answer", () =>
  inWorld({}, ({ cms, station }) =>
    Effect.gen(function* () {
      const outcomes: Array<string> = []
      const trigger = cms.command("CP-1", "TriggerMessage", { requestedMessage: "BootNotification" })
      const wait = (): void => {
        station.heartbeat((outcome) => outcomes.push(outcome))
        station.pressEmergencyStop()
        station.releaseEmergencyStop()
      }
      for (const script of [undefined, "error"] as const) {
        if (script !== undefined) cms.script.set("BootNotification", script)
        cms.heard.length = 0
        yield* trigger
        wait()
        yield* Effect.sleep("5 seconds")
        assert.deepStrictEqual(
          cms.heard.slice(0, 2).map(({ action }) => action),
          ["BootNotification", "Heartbeat"]
        )
        assert.isNotEmpty(cms.of("StatusNotification"))
      }
      assert.deepStrictEqual(outcomes, ["Result", "Result"])
    })
  )
)

it.effect("heartbeats come at the interval the boot was answered with", () =>
  inWorld({}, ({ cms }) =>
    Effect.gen(function* () {
      yield* Effect.sleep("1 hour")
      const beats = cms.of("Heartbeat").map((each) => each.atMs)
      assert.strictEqual(beats.length, 6)
      for (let i = 1; i < beats.length; i++) assert.closeTo(beats[i]! - beats[i - 1]!, 10 * minuteMs, 100)
    })
  )
)

it.effect("a station whose connection breaks comes back without a second boot, and tells nothing twice", () =>
  inWorld({}, ({ cms, station }) =>
    Effect.gen(function* () {
      cms.heard.length = 0
      station.cutConnection()
      assert.isFalse(station.isConnected)
      yield* Effect.sleep("1 minute")
      assert.isTrue(station.isConnected)
      assert.deepStrictEqual(cms.heard, [])
      assert.strictEqual(cms.dials.length, 2)
    })
  )
)

it.effect("while the CMS is down a station dials at growing intervals, and is back soon after it is up", () =>
  inWorld({}, ({ cms, station }) =>
    Effect.gen(function* () {
      cms.isDown = true
      station.cutConnection()
      yield* Effect.sleep("30 minutes")
      const dials = cms.dials.map((each) => each.atMs - startAtMs)
      const gaps = dials.slice(2).map((atMs, index) => atMs - dials[index + 1]!)
      assert.isBelow(gaps[0]!, 21_000)
      assert.isAtLeast(gaps.at(-1)!, 80_000)
      assert.isBelow(gaps.length, 30)
      cms.isDown = false
      yield* Effect.sleep("2 minutes")
      assert.isTrue(station.isConnected)
    })
  )
)
