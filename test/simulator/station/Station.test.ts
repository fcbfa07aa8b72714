import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import type { TrueDialect } from "#simulator/Truth.ts"
import { compact, inWorld } from "./World.ts"

interface Reading {
  readonly sampledValue: ReadonlyArray<{ readonly context: string }>
}

const version2: ReadonlyArray<TrueDialect> = ["2.0.1", "2.1"]

it.effect("a card, a car, an hour and the card again make one 1.6 session that the CMS hears of in order", () =>
  inWorld({}, ({ cms, station, present, truth }) =>
    Effect.gen(function* () {
      cms.heard.length = 0
      assert.strictEqual(station.plugIn(compact, 1), "PresentToken")
      yield* Effect.sleep("5 seconds")
      assert.strictEqual((yield* present("04aabbcc"))._tag, "Charging")
      yield* Effect.sleep("210 seconds")
      assert.strictEqual((yield* present("04aabbcc"))._tag, "Stopped")
      yield* Effect.sleep("5 seconds")
      station.unplug(1)
      yield* Effect.sleep("5 seconds")
      const said = cms.heard.map(({ action, payload }) =>
        action === "MeterValues"
          ? payload.meterValue[0].sampledValue[0].context
          : (payload.status ?? payload.reason ?? action)
      )
      assert.deepStrictEqual(said, [
        "Preparing",
        "Authorize",
        "StartTransaction",
        "Charging",
        "Transaction.Begin",
        "Sample.Periodic",
        "Sample.Periodic",
        "Sample.Periodic",
        "Local",
        "Finishing",
        "Available"
      ])
      const [stop] = cms.of("StopTransaction")
      assert.strictEqual(stop!.payload.transactionId, 1)
      assert.strictEqual(stop!.payload.idTag, "04aabbcc")
      assert.deepStrictEqual(
        stop!.payload.transactionData.map((each: Reading) => each.sampledValue[0]!.context),
        ["Transaction.Begin", "Transaction.End"]
      )
      for (const reading of cms.of("MeterValues")) assert.strictEqual(reading.payload.transactionId, 1)
      const [session] = truth.sessions
      assert.strictEqual(session!.tokenUid, "04AABBCC")
      assert.strictEqual(session!.ocppTransactionId, "1")
      assert.strictEqual(session!.meterStopWh, stop!.payload.meterStop)
      assert.strictEqual(session!.endKnowledge, "reported")
      assert.isTrue(session!.startAcknowledged)
      assert.deepStrictEqual(cms.violations, [])
    })
  )
)

for (const dialect of version2) {
  it.effect(`a ${dialect} session is Started, Updated and Ended with its sequence numbers, the token told once`, () =>
    inWorld({ dialect }, ({ cms, station, present, truth }) =>
      Effect.gen(function* () {
        station.plugIn(compact, 2)
        yield* present("04AABBCC", 2)
        yield* Effect.sleep("150 seconds")
        yield* present("04AABBCC", 2)
        yield* Effect.sleep("1 second")
        const events = cms.of("TransactionEvent").map((each) => each.payload)
        assert.deepStrictEqual(
          events.map((each) => [each.seqNo, each.eventType, each.triggerReason, each.transactionInfo.chargingState]),
          [
            [0, "Started", "Authorized", "Charging"],
            [1, "Updated", "MeterValuePeriodic", "Charging"],
            [2, "Updated", "MeterValuePeriodic", "Charging"],
            [3, "Ended", "StopAuthorized", "EVConnected"]
          ]
        )
        assert.strictEqual(new Set(events.map((each) => each.transactionInfo.transactionId)).size, 1)
        assert.deepStrictEqual(
          events.map((each) => each.idToken?.idToken),
          ["04AABBCC", undefined, undefined, "04AABBCC"]
        )
        assert.deepStrictEqual(events[0]!.evse, { id: 2, connectorId: 1 })
        assert.isTrue(events.every((each) => each.offline === undefined))
        assert.strictEqual(events.at(-1)!.transactionInfo.stoppedReason, "Local")
        assert.strictEqual(truth.sessions[0]!.ocppTransactionId, events[0]!.transactionInfo.transactionId)
        assert.deepStrictEqual(cms.violations, [])
      })
    )
  )
}

it.effect("a car parked under TxStartPoint EVConnected has a transaction from the plug on, and a token later", () =>
  inWorld({ dialect: "2.0.1", settings: { txStartPoint: "EVConnected" } }, ({ cms, station, present, truth }) =>
    Effect.gen(function* () {
      station.plugIn(compact, 1)
      yield* Effect.sleep("150 seconds")
      yield* present("AA")
      yield* Effect.sleep("30 seconds")
      station.unplug(1)
      yield* Effect.sleep("1 second")
      const events = cms.of("TransactionEvent").map((each) => each.payload)
      assert.deepStrictEqual(
        events.map((each) => [
          each.seqNo,
          each.triggerReason,
          each.transactionInfo.chargingState,
          each.idToken?.idToken
        ]),
        [
          [0, "CablePluggedIn", "EVConnected", undefined],
          [1, "MeterValuePeriodic", "EVConnected", undefined],
          [2, "MeterValuePeriodic", "EVConnected", undefined],
          [3, "Authorized", "Charging", "AA"],
          [4, "MeterValuePeriodic", "Charging", undefined],
          [5, "EVCommunicationLost", "Idle", undefined]
        ]
      )
      const [session] = truth.sessions
      assert.strictEqual(session!.tokenUid, "AA")
      assert.deepStrictEqual(
        session!.states.map((each) => each.state),
        ["EVConnected", "Charging"]
      )
      assert.strictEqual(session!.stopReason, "EVDisconnected")
    })
  )
)

it.effect("a card first and no car in time is forgotten after ConnectionTimeOut", () =>
  inWorld({}, ({ cms, station, present, truth }) =>
    Effect.gen(function* () {
      assert.strictEqual((yield* present("AA"))._tag, "PlugIn")
      assert.strictEqual(station.evse(1).phase, "Authorized")
      yield* Effect.sleep("121 seconds")
      assert.strictEqual(station.evse(1).phase, "Available")
      station.plugIn(compact, 1)
      yield* Effect.sleep("1 minute")
      assert.deepStrictEqual(truth.sessions, [])
      assert.deepStrictEqual(
        cms
          .of("StatusNotification")
          .map((each) => `${each.payload.connectorId} ${each.payload.status}`)
          .slice(-3),
        ["1 Preparing", "1 Available", "1 Preparing"]
      )
    })
  )
)

it.effect("a full car is SuspendedEV from the instant it stops drawing", () =>
  inWorld({}, ({ cms, station, present, truth }) =>
    Effect.gen(function* () {
      station.plugIn({ ...compact, socPercent: 78 }, 1)
      yield* present("AA")
      yield* Effect.sleep("2 hours")
      const suspended = cms.of("StatusNotification").find((each) => each.payload.status === "SuspendedEV")
      const states = truth.sessions[0]!.states
      assert.deepStrictEqual(
        states.map((each) => each.state),
        ["Charging", "SuspendedEV"]
      )
      assert.strictEqual(Date.parse(suspended!.payload.timestamp), states[1]!.atMs)
      // 2 % of 58 kWh, and what the onboard charger loses.
      assert.closeTo(truth.sessions[0]!.deliveredMilliWh / 1e6, (0.02 * 58) / 0.91, 0.02)
    })
  )
)

it.effect("two people at two connectors have two transactions, and each stops only the own", () =>
  inWorld({}, ({ station, present, truth }) =>
    Effect.gen(function* () {
      station.plugIn(compact, 1)
      station.plugIn(compact, 2)
      yield* present("AA", 1)
      yield* present("BB", 2)
      yield* Effect.sleep("1 minute")
      assert.deepStrictEqual(yield* present("AA", 2), { _tag: "Refused", why: "NotYours" })
      assert.strictEqual((yield* present("BB", 2))._tag, "Stopped")
      assert.strictEqual(station.evse(1).phase, "Charging")
      assert.deepStrictEqual(
        truth.sessions.map((each) => each.ocppTransactionId),
        ["1", "2"]
      )
    })
  )
)

it.effect("a card of the same group stops what another began", () =>
  inWorld({}, ({ cms, station, present, truth }) =>
    Effect.gen(function* () {
      cms.script.set("Authorize", () => ({ idTagInfo: { status: "Accepted", parentIdTag: "FAMILY" } }))
      station.plugIn(compact, 1)
      yield* present("AA")
      yield* Effect.sleep("1 minute")
      assert.strictEqual((yield* present("BB"))._tag, "Stopped")
      yield* Effect.sleep("1 second")
      assert.strictEqual(cms.of("StopTransaction")[0]!.payload.idTag, "BB")
      assert.strictEqual(truth.sessions[0]!.stopTokenUid, "BB")
    })
  )
)

for (const [dialect, action] of [
  ["1.6", "StartTransaction"],
  ["2.0.1", "TransactionEvent"]
] as const) {
  it.effect(`a start that ${dialect} answers with Invalid is stopped as DeAuthorized at once`, () =>
    inWorld({ dialect }, ({ cms, station, present, truth }) =>
      Effect.gen(function* () {
        cms.script.set(action, ({ payload }) =>
          dialect === "1.6"
            ? { transactionId: 7, idTagInfo: { status: "Invalid" } }
            : payload.idToken === undefined
              ? {}
              : { idTokenInfo: { status: "Invalid" } }
        )
        station.plugIn(compact, 1)
        yield* present("AA")
        yield* Effect.sleep("10 minutes")
        const [session] = truth.sessions
        assert.strictEqual(session!.stopReason, "DeAuthorized")
        assert.isTrue(session!.rejected)
        assert.isBelow(session!.endedAtMs! - session!.startedAtMs, 1_000)
        assert.isBelow(session!.deliveredMilliWh, 3_000)
        assert.strictEqual(station.evse(1).phase, "Finishing")
      })
    )
  )
}

it.effect("with StopTransactionOnInvalidId off the transaction goes on without energy", () =>
  inWorld({ settings: { stopOnInvalidId: false } }, ({ cms, station, present, truth }) =>
    Effect.gen(function* () {
      cms.script.set("StartTransaction", () => ({ transactionId: 7, idTagInfo: { status: "Blocked" } }))
      station.plugIn(compact, 1)
      yield* present("AA")
      yield* Effect.sleep("1 hour")
      assert.strictEqual(station.evse(1).phase, "SuspendedEVSE")
      const [session] = truth.sessions
      assert.isNull(session!.endedAtMs)
      assert.isBelow(session!.deliveredMilliWh, 3_000)
    })
  )
)

it.effect("a refused card starts nothing", () =>
  inWorld({}, ({ cms, station, present, truth }) =>
    Effect.gen(function* () {
      cms.script.set("Authorize", () => ({ idTagInfo: { status: "Expired" } }))
      station.plugIn(compact, 1)
      assert.deepStrictEqual(yield* present("AA"), { _tag: "Refused", why: "Expired" })
      assert.deepStrictEqual(truth.sessions, [])
      assert.deepStrictEqual(
        truth.judgements.map((each) => [each.tokenUid, each.status]),
        [["AA", "Expired"]]
      )
    })
  )
)

it.effect("an emergency stop ends every transaction and blocks the station until it is released", () =>
  inWorld({}, ({ cms, station, present, truth }) =>
    Effect.gen(function* () {
      station.plugIn(compact, 1)
      yield* present("AA")
      yield* Effect.sleep("1 minute")
      station.pressEmergencyStop()
      yield* Effect.sleep("1 minute")
      assert.strictEqual(truth.sessions[0]!.stopReason, "EmergencyStop")
      assert.strictEqual(station.plugIn(compact, 2), "Refused")
      assert.deepStrictEqual(
        cms
          .of("StatusNotification")
          .slice(-3)
          .map((each) => `${each.payload.connectorId} ${each.payload.status}`),
        ["1 Faulted", "2 Faulted", "0 Faulted"]
      )
      station.releaseEmergencyStop()
      station.unplug(1)
      assert.strictEqual(station.plugIn(compact, 2), "PresentToken")
    })
  )
)

it.effect(
  "a station of 2.1 says what it keeps of a limit, once, and ends the charge there; one of 2.0.1 knows none",
  () =>
    Effect.gen(function* () {
      const lived = (dialect: TrueDialect, limit: object) =>
        inWorld({ dialect, habits: { keepsLimits: ["energy"] } }, ({ cms, station, present, truth }) =>
          Effect.gen(function* () {
            cms.script.set("TransactionEvent", () => ({ transactionLimit: limit, idTokenInfo: { status: "Accepted" } }))
            station.plugIn(compact, 1)
            yield* Effect.sleep("5 seconds")
            yield* present("04aabbcc")
            yield* Effect.sleep("40 minutes")
            const events = cms.of("TransactionEvent").map(({ payload }) => payload)
            const told = events.filter(({ triggerReason }) => triggerReason === "LimitSet")
            const [session] = truth.sessions
            return {
              told: told.map(({ transactionInfo }) => transactionInfo.transactionLimit),
              reason: events.at(-1).transactionInfo.stoppedReason ?? null,
              wh: Math.floor(session!.deliveredMilliWh / 1000)
            }
          })
        )
      const kept = yield* lived("2.1", { maxEnergy: 3_000, maxTime: 60, maxCost: 1 })
      assert.deepStrictEqual(kept.told, [{ maxEnergy: 3_000 }])
      assert.strictEqual(kept.reason, "EnergyLimitReached")
      assert.isAtLeast(kept.wh, 3_000)
      assert.isAtMost(kept.wh, 3_010)
      assert.deepStrictEqual((yield* lived("2.1", { maxCost: 1 })).told, [])
      assert.isNull((yield* lived("2.0.1", { maxEnergy: 3_000 })).reason)
    })
)
