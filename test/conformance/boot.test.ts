import { assert, describe, it } from "@effect/vitest"
import { Duration } from "effect"
import { at, boot2x, boot16, onCsms } from "./csms.ts"

const status16 = { connectorId: 1, errorCode: "NoError", status: "Available", timestamp: at(0) }
const status2x = { timestamp: at(0), connectorStatus: "Available", evseId: 1, connectorId: 1 }
const start16 = { connectorId: 1, idTag: "ALICE", meterStart: 0, timestamp: at(0) }
const report = {
  requestId: 1,
  generatedAt: at(0),
  seqNo: 0,
  reportData: [
    {
      component: { name: "OCPPCommCtrlr" },
      variable: { name: "HeartbeatInterval" },
      variableAttribute: [{ value: "300" }]
    }
  ]
}

describe("5.5 boot and liveness", () => {
  it(
    "TC_B_01 and TC_001: an accepted boot tells the time in UTC with at most three decimals, and the heartbeat interval",
    onCsms(
      async (csms) => {
        for (const [protocol, boot] of [
          ["ocpp1.6", boot16],
          ["ocpp2.0.1", boot2x],
          ["ocpp2.1", boot2x]
        ] as const) {
          const station = await csms.dial("CS-1", protocol)
          const before = Date.now()
          const { currentTime, interval, status } = await station.ask("BootNotification", boot)
          assert.strictEqual(status, "Accepted")
          assert.strictEqual(interval, 77)
          assert.match(String(currentTime), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/)
          assert.isAtLeast(Date.parse(String(currentTime)), before - 1)
          assert.isAtMost(Date.parse(String(currentTime)), Date.now() + 1)
        }
        const detail = await csms.api("GET", "/stations/CS-1")
        assert.deepInclude(detail["boot"], { vendor: "Acme", model: "One", reason: "PowerUp" })
      },
      { heartbeatInterval: Duration.seconds(77) }
    )
  )

  it(
    "heartbeats tell a time that does not run backwards (1.6 4.6, 2.x G02)",
    onCsms(async (csms) => {
      const station = await csms.dial("CS-1", "ocpp2.0.1")
      const times: Array<number> = []
      for (let i = 0; i < 5; i++) {
        times.push(Date.parse(String((await station.ask("Heartbeat", {}))["currentTime"])))
      }
      assert.deepStrictEqual(
        times,
        [...times].sort((a, b) => a - b)
      )
    })
  )

  it(
    "TC_B_02: a pending station may boot and report what it is asked for; the rest is a SecurityError (1.6-J errata 3.10, B02.FR.09)",
    onCsms(async (csms) => {
      await csms.api("POST", "/stations", { id: "CS-P", registration: "Pending" })
      const older = await csms.dial("CS-P", "ocpp1.6")
      assert.strictEqual((await older.ask("BootNotification", boot16))["status"], "Pending")
      assert.strictEqual((await older.answer("StartTransaction", start16))[2], "SecurityError")
      assert.strictEqual((await older.answer("Heartbeat", {}))[2], "SecurityError")
      assert.strictEqual((await older.answer("StatusNotification", status16))[2], "SecurityError")
      const trigger = { type: "Trigger", message: "StatusNotification" }
      const asked = csms.api("POST", "/stations/CS-P/operations?wait=5", trigger)
      const { id, payload } = await older.asked("TriggerMessage")
      assert.deepStrictEqual(payload, { requestedMessage: "StatusNotification" })
      older.say(3, id, { status: "Accepted" })
      await asked
      await older.ask("StatusNotification", status16)
      const newer = await csms.dial("CS-P", "ocpp2.0.1")
      assert.strictEqual((await newer.ask("BootNotification", boot2x))["status"], "Pending")
      assert.strictEqual((await newer.answer("Heartbeat", {}))[2], "SecurityError")
      await newer.ask("NotifyReport", report)
      assert.deepStrictEqual(await csms.list("/transactions?stationId=CS-P"), [])
      const variables = await csms.list("/stations/CS-P/variables")
      assert.deepInclude(variables[0], { variable: "HeartbeatInterval", value: "300" })
    })
  )

  it(
    "TC_B_03: a rejected station may only ask again, and is served from its next boot on once it is accepted",
    onCsms(async (csms) => {
      await csms.api("POST", "/stations", { id: "CS-R", registration: "Rejected" })
      const station = await csms.dial("CS-R", "ocpp2.0.1")
      const first = await station.ask("BootNotification", boot2x)
      assert.strictEqual(first["status"], "Rejected")
      assert.isAbove(first["interval"] as number, 0)
      for (const [action, payload] of [
        ["NotifyReport", report],
        ["StatusNotification", status2x],
        ["Heartbeat", {}]
      ] as const) {
        assert.strictEqual((await station.answer(action, payload))[2], "SecurityError", action)
      }
      await csms.api("PATCH", "/stations/CS-R", { registration: "Accepted" })
      assert.strictEqual((await station.ask("BootNotification", boot2x))["status"], "Accepted")
      await station.ask("StatusNotification", status2x)
    })
  )

  it(
    "a station that comes back without a boot is served as it was, also after the server restarted (J 5.4)",
    onCsms(async (csms) => {
      const first = await csms.dial("CS-1", "ocpp1.6")
      await first.ask("BootNotification", boot16)
      const { transactionId } = await first.ask("StartTransaction", start16)
      first.socket.terminate()
      const second = await csms.dial("CS-1", "ocpp1.6")
      await second.ask("StatusNotification", status16)
      const restarted = await csms.restart()
      const third = await restarted.dial("CS-1", "ocpp1.6")
      await third.ask("StopTransaction", { transactionId, meterStop: 5_000, timestamp: at(30) })
      const [transaction] = await restarted.list("/transactions")
      assert.deepInclude(transaction, { status: "Ended", energyWh: 5_000, ocppId: String(transactionId) })
      assert.isNotNull((await restarted.api("GET", "/stations/CS-1"))["boot"])
    })
  )

  it(
    "a boot in the middle of a charge ends nothing by itself: its stop for the power loss comes and is billed (TC_012 ff.)",
    onCsms(async (csms) => {
      const station = await csms.dial("CS-1", "ocpp1.6")
      await station.ask("BootNotification", boot16)
      const { transactionId } = await station.ask("StartTransaction", start16)
      await station.ask("BootNotification", boot16)
      assert.deepInclude((await csms.list("/transactions"))[0], { status: "Open" })
      const stop = { transactionId, meterStop: 700, timestamp: at(5), reason: "PowerLoss" }
      await station.ask("StopTransaction", stop)
      assert.deepInclude((await csms.list("/transactions"))[0], { status: "Ended", stopReason: "PowerLoss" })
      assert.strictEqual((await csms.list("/cdrs")).length, 1)
    })
  )
})
