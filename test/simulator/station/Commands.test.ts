import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { compact, inWorld } from "./World.ts"

type Results = ReadonlyArray<{ readonly attributeStatus: string; readonly attributeValue?: string }>

it.effect("a 1.6 remote start authorizes, then charges the waiting car, and a remote stop ends it", () =>
  inWorld({}, ({ cms, station, truth }) =>
    Effect.gen(function* () {
      station.plugIn(compact, 2)
      yield* Effect.sleep("1 second")
      cms.heard.length = 0
      const accepted = yield* cms.command("CP-1", "RemoteStartTransaction", { idTag: "APP" })
      assert.deepStrictEqual(accepted, { status: "Accepted" })
      yield* Effect.sleep("90 seconds")
      assert.deepStrictEqual(
        cms.heard.slice(0, 2).map((each) => each.action),
        ["Authorize", "StartTransaction"]
      )
      assert.strictEqual(cms.of("StartTransaction")[0]!.payload.connectorId, 2)
      assert.strictEqual(truth.sessions[0]!.tokenUid, "APP")
      assert.isNotNull(truth.sessions[0]!.remoteStartId)
      assert.deepStrictEqual(yield* cms.command("CP-1", "RemoteStopTransaction", { transactionId: 99 }), {
        status: "Rejected"
      })
      assert.deepStrictEqual(yield* cms.command("CP-1", "RemoteStopTransaction", { transactionId: 1 }), {
        status: "Accepted"
      })
      yield* Effect.sleep("1 second")
      assert.strictEqual(truth.sessions[0]!.stopReason, "Remote")
      assert.strictEqual(cms.of("StopTransaction")[0]!.payload.reason, "Remote")
    })
  )
)

it.effect("a 2.0.1 remote start before the plug waits for it, and tells its remoteStartId with the token", () =>
  inWorld({ dialect: "2.0.1" }, ({ cms, station, truth }) =>
    Effect.gen(function* () {
      const answer = yield* cms.command("CP-1", "RequestStartTransaction", {
        idToken: { idToken: "APP", type: "Central" },
        remoteStartId: 4711,
        evseId: 1
      })
      assert.deepStrictEqual(answer, { status: "Accepted" })
      yield* Effect.sleep("30 seconds")
      assert.strictEqual(station.plugIn(compact, 1), "Charging")
      yield* Effect.sleep("1 second")
      const started = cms.of("TransactionEvent")[0]!.payload
      assert.strictEqual(started.triggerReason, "CablePluggedIn")
      assert.strictEqual(started.transactionInfo.remoteStartId, 4711)
      assert.deepStrictEqual(started.idToken, { idToken: "APP", type: "Central" })
      assert.strictEqual(truth.sessions[0]!.remoteStartId, 4711)
      const { transactionId } = started.transactionInfo
      assert.deepStrictEqual(yield* cms.command("CP-1", "GetTransactionStatus", { transactionId }), {
        ongoingIndicator: true,
        messagesInQueue: false
      })
      yield* cms.command("CP-1", "RequestStopTransaction", { transactionId })
      yield* Effect.sleep("1 second")
      const ended = cms.of("TransactionEvent").at(-1)!.payload
      assert.deepStrictEqual([ended.triggerReason, ended.transactionInfo.stoppedReason], ["RemoteStop", "Remote"])
    })
  )
)

it.effect("a remote start on a card the CMS refuses starts nothing", () =>
  inWorld({}, ({ cms, station, truth }) =>
    Effect.gen(function* () {
      cms.script.set("Authorize", () => ({ idTagInfo: { status: "Blocked" } }))
      station.plugIn(compact, 1)
      yield* cms.command("CP-1", "RemoteStartTransaction", { idTag: "APP", connectorId: 1 })
      yield* Effect.sleep("1 minute")
      assert.deepStrictEqual(truth.sessions, [])
    })
  )
)

for (const [type, reason] of [
  ["Soft", "SoftReset"],
  ["Hard", "HardReset"]
] as const) {
  it.effect(`a ${type} reset ends the transaction as ${reason} and boots again`, () =>
    inWorld({}, ({ cms, station, present, truth }) =>
      Effect.gen(function* () {
        station.plugIn(compact, 1)
        yield* present("AA")
        yield* Effect.sleep("90 seconds")
        assert.deepStrictEqual(yield* cms.command("CP-1", "Reset", { type }), { status: "Accepted" })
        yield* Effect.sleep("1 minute")
        assert.strictEqual(truth.sessions[0]!.stopReason, reason)
        assert.strictEqual(truth.sessions[0]!.endKnowledge, "reported")
        const order = cms.heard.map((each) => each.action)
        const stopsBeforeBoot = order.indexOf("StopTransaction") < order.lastIndexOf("BootNotification")
        assert.strictEqual(stopsBeforeBoot, type === "Soft")
        assert.strictEqual(cms.of("BootNotification").length, 2)
      })
    )
  )
}

it.effect("a 2.0.1 reset OnIdle waits for the transaction, an Immediate one ends it", () =>
  inWorld({ dialect: "2.0.1" }, ({ cms, station, present, truth }) =>
    Effect.gen(function* () {
      station.plugIn(compact, 1)
      yield* present("AA")
      yield* Effect.sleep("90 seconds")
      assert.deepStrictEqual(yield* cms.command("CP-1", "Reset", { type: "OnIdle" }), { status: "Scheduled" })
      yield* Effect.sleep("10 minutes")
      assert.strictEqual(cms.of("BootNotification").length, 1)
      station.unplug(1)
      yield* Effect.sleep("1 minute")
      assert.strictEqual(cms.of("BootNotification").at(-1)!.payload.reason, "ScheduledReset")
      station.plugIn(compact, 1)
      yield* present("AA")
      yield* cms.command("CP-1", "Reset", { type: "Immediate" })
      yield* Effect.sleep("1 minute")
      assert.strictEqual(cms.of("TransactionEvent").at(-1)!.payload.transactionInfo.stoppedReason, "ImmediateReset")
      assert.strictEqual(truth.sessions[1]!.endKnowledge, "reported")
    })
  )
)

it.effect("an unlock ends a 1.6 transaction, and is refused during a 2.0.1 one", () =>
  Effect.gen(function* () {
    yield* inWorld({}, ({ cms, station, present, truth }) =>
      Effect.gen(function* () {
        station.plugIn(compact, 1)
        yield* present("AA")
        assert.deepStrictEqual(yield* cms.command("CP-1", "UnlockConnector", { connectorId: 1 }), {
          status: "Unlocked"
        })
        yield* Effect.sleep("1 second")
        assert.strictEqual(truth.sessions[0]!.stopReason, "UnlockCommand")
      })
    )
    yield* inWorld({ dialect: "2.0.1" }, ({ cms, station, present }) =>
      Effect.gen(function* () {
        station.plugIn(compact, 1)
        yield* present("AA")
        const answer = yield* cms.command("CP-1", "UnlockConnector", { evseId: 1, connectorId: 1 })
        assert.deepStrictEqual(answer, { status: "OngoingAuthorizedTransaction" })
      })
    )
  })
)

it.effect(
  "an EVSE taken out of service during a charge is Unavailable when the car has gone, and nobody can plug in",
  () =>
    inWorld({}, ({ cms, station, present }) =>
      Effect.gen(function* () {
        station.plugIn(compact, 1)
        yield* present("AA")
        const answer = yield* cms.command("CP-1", "ChangeAvailability", { connectorId: 1, type: "Inoperative" })
        assert.deepStrictEqual(answer, { status: "Scheduled" })
        yield* Effect.sleep("1 minute")
        assert.strictEqual(station.evse(1).phase, "Charging")
        station.unplug(1)
        yield* Effect.sleep("1 second")
        assert.strictEqual(cms.of("StatusNotification").at(-1)!.payload.status, "Unavailable")
        assert.strictEqual(station.plugIn(compact, 1), "Refused")
        yield* cms.command("CP-1", "ChangeAvailability", { connectorId: 1, type: "Operative" })
        yield* Effect.sleep("1 second")
        assert.strictEqual(cms.of("StatusNotification").at(-1)!.payload.status, "Available")
      })
    )
)

it.effect("configuration keys of any case are read, written and obeyed, and AuthorizationKey is never told", () =>
  inWorld({}, ({ cms, station, present }) =>
    Effect.gen(function* () {
      const write = (key: string, value: string) => cms.command("CP-1", "ChangeConfiguration", { key, value })
      station.plugIn(compact, 1)
      yield* present("AA")
      yield* Effect.sleep("30 seconds")
      assert.deepStrictEqual(yield* write("meterValueSampleINTERVAL", "10"), { status: "Accepted" })
      cms.heard.length = 0
      yield* Effect.sleep("61 seconds")
      assert.closeTo(cms.of("MeterValues").length, 6, 1)
      assert.deepStrictEqual(yield* write("MeterValueSampleInterval", "-1"), { status: "Rejected" })
      assert.deepStrictEqual(yield* write("NoSuchKey", "1"), { status: "NotSupported" })
      assert.deepStrictEqual(yield* write("SecurityProfile", "2"), { status: "Rejected" })
      assert.deepStrictEqual(yield* write("AuthorizationKey", "0123456789abcdef"), { status: "Accepted" })
      const some = yield* cms.command("CP-1", "GetConfiguration", {
        key: ["metervaluesampleinterval", "NoSuchKey", "AuthorizationKey"]
      })
      assert.deepStrictEqual(some, {
        configurationKey: [{ key: "MeterValueSampleInterval", readonly: false, value: "10" }],
        unknownKey: ["NoSuchKey"]
      })
      const all = yield* cms.command("CP-1", "GetConfiguration", {})
      assert.notInclude(JSON.stringify(all), "0123456789abcdef")
      assert.isAtLeast((all as { configurationKey: ReadonlyArray<unknown> }).configurationKey.length, 25)
    })
  )
)

it.effect("2.0.1 variables are read and written, and a base report tells them all in parts", () =>
  inWorld({ dialect: "2.0.1" }, ({ cms, station }) =>
    Effect.gen(function* () {
      const interval = { component: { name: "sampledDataCtrlr" }, variable: { name: "TxUpdatedInterval" } }
      const password = { component: { name: "SecurityCtrlr" }, variable: { name: "BasicAuthPassword" } }
      const written = yield* cms.command("CP-1", "SetVariables", {
        setVariableData: [
          { ...interval, attributeValue: "15" },
          { ...password, attributeValue: "a-long-enough-password" },
          { component: { name: "Nothing" }, variable: { name: "Nowhere" }, attributeValue: "1" }
        ]
      })
      assert.deepStrictEqual(
        (written as { setVariableResult: Results }).setVariableResult.map((each) => each.attributeStatus),
        ["Accepted", "Accepted", "UnknownComponent"]
      )
      assert.strictEqual(station.settings.sampleIntervalS, 15)
      const read = yield* cms.command("CP-1", "GetVariables", { getVariableData: [interval, password] })
      assert.deepStrictEqual(
        (read as { getVariableResult: Results }).getVariableResult.map((each) => [
          each.attributeStatus,
          each.attributeValue
        ]),
        [
          ["Accepted", "15"],
          ["Rejected", undefined]
        ]
      )
      const accepted = yield* cms.command("CP-1", "GetBaseReport", { requestId: 5, reportBase: "FullInventory" })
      assert.deepStrictEqual(accepted, { status: "Accepted" })
      yield* Effect.sleep("1 second")
      const parts = cms.of("NotifyReport").map((each) => each.payload)
      assert.isAtLeast(parts.length, 2)
      assert.deepStrictEqual(
        parts.map((each) => [each.requestId, each.seqNo, each.tbc === true]),
        parts.map((_, index) => [5, index, index < parts.length - 1])
      )
      assert.notInclude(JSON.stringify(parts), "a-long-enough-password")
    })
  )
)

it.effect("triggered messages come, and what a station does not know is NotImplemented or NotSupported", () =>
  inWorld({}, ({ cms }) =>
    Effect.gen(function* () {
      cms.heard.length = 0
      const trigger = (requestedMessage: string) => cms.command("CP-1", "TriggerMessage", { requestedMessage })
      for (const each of ["Heartbeat", "StatusNotification", "MeterValues", "BootNotification"]) {
        assert.deepStrictEqual(yield* trigger(each), { status: "Accepted" })
      }
      assert.deepStrictEqual(yield* trigger("DiagnosticsStatusNotification"), { status: "NotImplemented" })
      yield* Effect.sleep("1 second")
      const heard = cms.heard.map((each) => each.action).toSorted()
      assert.deepStrictEqual(heard, [
        "BootNotification",
        "Heartbeat",
        "MeterValues",
        "MeterValues",
        "StatusNotification",
        "StatusNotification"
      ])
      const refused = yield* Effect.flip(cms.command("CP-1", "GetLocalListVersion", {}))
      assert.strictEqual(refused._tag === "CallRefused" && refused.code, "NotSupported")
    })
  )
)
