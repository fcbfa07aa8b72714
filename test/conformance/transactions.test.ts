import { assert, describe, it } from "@effect/vitest"
import { at, boot16, type Csms, onCsms } from "./csms.ts"

const start16 = { connectorId: 1, idTag: "ALICE", meterStart: 1_000, timestamp: at(0) }

const event = (
  eventType: "Started" | "Updated" | "Ended",
  seqNo: number,
  minutes: number,
  registerWh: number,
  more: Record<string, unknown> = {}
) => ({
  eventType,
  timestamp: at(minutes),
  triggerReason: { Started: "Authorized", Updated: "MeterValuePeriodic", Ended: "StopAuthorized" }[eventType],
  seqNo,
  transactionInfo: { transactionId: "t-1", ...(eventType === "Ended" ? { stoppedReason: "Local" } : {}) },
  meterValue: [
    {
      timestamp: at(minutes),
      sampledValue: [
        {
          value: registerWh,
          context: { Started: "Transaction.Begin", Updated: "Sample.Periodic", Ended: "Transaction.End" }[eventType]
        }
      ]
    }
  ],
  ...more
})

const card = { idToken: { idToken: "ALICE", type: "ISO14443" } }
const evse = { evse: { id: 1, connectorId: 1 } }

const transactionsOf = (csms: Csms, stationId: string) => csms.list(`/transactions?stationId=${stationId}`)
const cdrsOf = (csms: Csms, stationId: string) => csms.list(`/cdrs?stationId=${stationId}`)

describe("5.6 transactions of 1.6", () => {
  it(
    "TC_003: from boot to a CDR, each answer as the schema has it and nothing more",
    onCsms(async (csms) => {
      const station = await csms.dial("CS-1", "ocpp1.6")
      await station.ask("BootNotification", boot16)
      const status = { connectorId: 1, errorCode: "NoError", status: "Preparing", timestamp: at(-1) }
      assert.deepStrictEqual(await station.ask("StatusNotification", status), {})
      assert.deepStrictEqual(await station.ask("Authorize", { idTag: "alice" }), {
        idTagInfo: { status: "Accepted" }
      })
      const { transactionId } = await station.ask("StartTransaction", start16)
      const meterValue = [{ timestamp: at(15), sampledValue: [{ value: "4.35", unit: "kWh" }] }]
      assert.deepStrictEqual(await station.ask("MeterValues", { connectorId: 1, transactionId, meterValue }), {})
      const stop = { transactionId, meterStop: 21_000, timestamp: at(60) }
      assert.deepStrictEqual(await station.ask("StopTransaction", stop), {})
      const [cdr] = await cdrsOf(csms, "CS-1")
      assert.deepInclude(cdr, { energyWh: 20_000, netMinor: "1700", grossMinor: "2040", findings: [] })
      // Errata 2.6: a stop without a reason is one at the station's own device.
      assert.deepInclude((await transactionsOf(csms, "CS-1"))[0], { stopReason: "Local" })
    })
  )

  it(
    "every start gets an id of its own that is positive, whatever its card is worth, and stations share none (4.8)",
    onCsms(async (csms) => {
      await csms.api("POST", "/tokens", { uid: "BLOCKED", blocked: true })
      await csms.api("POST", "/tokens", { uid: "EXPIRED", expiresAt: "2020-01-01T00:00:00Z" })
      await csms.api("POST", "/tokens", { uid: "ELSEWHERE", allowedStations: ["CS-2"] })
      await csms.api("POST", "/tokens", { uid: "BUSY", concurrencyLimit: 0 })
      const expected = {
        ALICE: "Accepted",
        BLOCKED: "Blocked",
        EXPIRED: "Expired",
        ELSEWHERE: "Invalid",
        BUSY: "ConcurrentTx",
        NOBODY: "Invalid"
      }
      const ids: Array<unknown> = []
      // Now: an offline start is judged by its own time, and the card above is blocked from now on.
      const timestamp = new Date(Date.now() + 1_000).toISOString()
      const [one, two] = [await csms.dial("CS-1", "ocpp1.6"), await csms.dial("CS-2", "ocpp1.6")]
      for (const [index, [idTag, status]] of Object.entries(expected).entries()) {
        const answer = await one.ask("StartTransaction", { ...start16, timestamp, idTag, connectorId: index + 1 })
        assert.deepInclude(answer["idTagInfo"], { status }, idTag)
        ids.push(answer["transactionId"])
        ids.push((await two.ask("StartTransaction", { ...start16, connectorId: index + 1 }))["transactionId"])
      }
      assert.strictEqual(new Set(ids).size, 12)
      assert.isTrue(ids.every((id) => Number.isInteger(id) && Number(id) > 0 && Number(id) <= 0x7fffffff))
      assert.strictEqual((await transactionsOf(csms, "CS-1")).length, 6)
    })
  )

  it(
    "a station that never saw the id says -1: its readings and its stop find the transaction (errata 3.18)",
    onCsms(async (csms) => {
      const station = await csms.dial("CS-1", "ocpp1.6")
      await station.ask("StartTransaction", start16)
      const meterValue = [{ timestamp: at(10), sampledValue: [{ value: "3000" }] }]
      await station.ask("MeterValues", { connectorId: 1, transactionId: -1, meterValue })
      await station.ask("StopTransaction", { transactionId: -1, idTag: "ALICE", meterStop: 5_000, timestamp: at(20) })
      const transactions = await transactionsOf(csms, "CS-1")
      assert.strictEqual(transactions.length, 1)
      assert.deepInclude(transactions[0], { status: "Ended", energyWh: 4_000, findings: [] })
      const readings = await csms.list(`/transactions/${String(transactions[0]!["id"])}/readings`)
      assert.deepStrictEqual(
        readings.map(({ registerWh }) => registerWh),
        [1_000, 3_000, 5_000]
      )
    })
  )

  it(
    "a reading of connector 2 under the id of connector 1, or under nobody's, is that of the charge on connector 2",
    onCsms(async (csms) => {
      const station = await csms.dial("CS-1", "ocpp1.6")
      const { transactionId } = await station.ask("StartTransaction", start16)
      const other = { connectorId: 2, idTag: "BOB", meterStart: 500_000, timestamp: at(1) }
      const second = await station.ask("StartTransaction", other)
      const read = (id: unknown, seconds: number, value: number) =>
        station.ask("MeterValues", {
          connectorId: 2,
          transactionId: id,
          meterValue: [
            { timestamp: at(seconds), sampledValue: [{ value: String(value), context: "Transaction.Begin" }] }
          ]
        })
      await read(transactionId, 5, 500_100)
      await read(4_711, 6, 500_200)
      await station.ask("StopTransaction", { transactionId, meterStop: 1_500, timestamp: at(20) })
      await station.ask("StopTransaction", {
        transactionId: second["transactionId"],
        meterStop: 500_300,
        timestamp: at(21)
      })
      const transactions = await transactionsOf(csms, "CS-1")
      assert.deepStrictEqual(transactions.map(({ evseId, energyWh }) => [evseId, energyWh]).sort(), [
        [1, 500],
        [2, 300]
      ])
      const { id } = transactions.find(({ evseId }) => evseId === 2)!
      const readings = await csms.list(`/transactions/${String(id)}/readings`)
      assert.deepStrictEqual(
        readings.map(({ registerWh }) => registerWh),
        [500_000, 500_100, 500_200, 500_300]
      )
    })
  )

  it(
    "a stop without its start, of an unknown id or of another station, is acknowledged, kept and billed to nobody",
    onCsms(async (csms) => {
      const [one, two] = [await csms.dial("CS-1", "ocpp1.6"), await csms.dial("CS-2", "ocpp1.6")]
      const { transactionId } = await one.ask("StartTransaction", start16)
      for (const id of [transactionId, 4_711, 0, -7]) {
        assert.deepStrictEqual(
          await two.ask("StopTransaction", { transactionId: id, meterStop: 9_000, timestamp: at(Number(id)) }),
          {}
        )
      }
      assert.deepInclude((await transactionsOf(csms, "CS-1"))[0], { status: "Open" })
      const orphans = await transactionsOf(csms, "CS-2")
      assert.strictEqual(orphans.length, 4)
      for (const { findings } of orphans) {
        assert.include(
          (findings as ReadonlyArray<{ readonly code: string }>).map(({ code }) => code),
          "start-missing"
        )
      }
      assert.deepStrictEqual(await csms.list("/cdrs"), [])
    })
  )

  it(
    "an offline queue is priced by its own timestamps, and a status that overtook it ends nothing for good (3.7)",
    onCsms(async (csms) => {
      const station = await csms.dial("CS-1", "ocpp1.6")
      const { transactionId } = await station.ask("StartTransaction", start16)
      // As real firmware does after an outage: the connector is free again, then the queue follows.
      const free = { connectorId: 1, errorCode: "NoError", status: "Available", timestamp: at(90) }
      await station.ask("StatusNotification", free)
      const meterValue = [{ timestamp: at(30), sampledValue: [{ value: "11000" }] }]
      await station.ask("MeterValues", { connectorId: 1, transactionId, meterValue })
      await station.ask("StopTransaction", { transactionId, meterStop: 21_000, timestamp: at(60) })
      const [transaction] = await transactionsOf(csms, "CS-1")
      assert.deepInclude(transaction, { status: "Ended", endedAt: at(60), energyWh: 20_000, findings: [] })
      const cdrs = await cdrsOf(csms, "CS-1")
      assert.strictEqual(cdrs.length, 1)
      assert.deepInclude(cdrs[0], { durationMs: 3_600_000, grossMinor: "2040" })
    })
  )

  it(
    "a status older than the one that is known changes nothing",
    onCsms(async (csms) => {
      const station = await csms.dial("CS-1", "ocpp1.6")
      const say = (status: string, minutes: number) =>
        station.ask("StatusNotification", { connectorId: 1, errorCode: "NoError", status, timestamp: at(minutes) })
      await say("Charging", 10)
      await say("Available", 5)
      const [known] = await csms.list("/stations/CS-1/evses")
      assert.deepInclude((known!["connectors"] as ReadonlyArray<object>)[0], { status: "Charging", statusAt: at(10) })
    })
  )

  it(
    "connector 0 is the station as a whole (4.9)",
    onCsms(async (csms) => {
      const station = await csms.dial("CS-1", "ocpp1.6")
      for (const connectorId of [0, 1]) {
        const status = connectorId === 0 ? "Unavailable" : "Charging"
        await station.ask("StatusNotification", { connectorId, errorCode: "NoError", status, timestamp: at(0) })
      }
      const evses = await csms.list("/stations/CS-1/evses")
      assert.deepStrictEqual(
        evses.map(({ evseId }) => evseId),
        [0, 1]
      )
    })
  )

  it(
    "both spellings of Celsius are understood (errata 2.1), and what has no column is kept with the reading",
    onCsms(async (csms) => {
      const station = await csms.dial("CS-1", "ocpp1.6")
      const { transactionId } = await station.ask("StartTransaction", start16)
      const warm = (unit: string, minutes: number) => ({
        timestamp: at(minutes),
        sampledValue: [{ value: "2000" }, { value: "31", measurand: "Temperature", unit }]
      })
      const meterValue = [warm("Celcius", 1), warm("Celsius", 2)]
      await station.ask("MeterValues", { connectorId: 1, transactionId, meterValue })
      const transactionData = [warm("Celsius", 3)]
      await station.ask("StopTransaction", { transactionId, meterStop: 2_000, timestamp: at(4), transactionData })
      const [transaction] = await transactionsOf(csms, "CS-1")
      const readings = await csms.list(`/transactions/${String(transaction!["id"])}/readings`)
      const kept = readings.filter(({ extra }) => JSON.stringify(extra).includes("31 Cel"))
      assert.strictEqual(kept.length, 3)
    })
  )
})

describe("5.6 transactions of 2.x", () => {
  it(
    "idTokenInfo is in an answer exactly when the token was in the question (E01, C02)",
    onCsms(async (csms) => {
      for (const [protocol, identity] of [
        ["ocpp2.0.1", "CS-1"],
        ["ocpp2.1", "CS-2"]
      ] as const) {
        const station = await csms.dial(identity, protocol)
        const start = event("Started", 0, 0, 1_000, evse)
        assert.deepStrictEqual(await station.ask("TransactionEvent", start), {})
        const authorized = event("Updated", 1, 1, 1_000, card)
        assert.deepStrictEqual(await station.ask("TransactionEvent", authorized), {
          idTokenInfo: { status: "Accepted" }
        })
        assert.deepStrictEqual(await station.ask("TransactionEvent", event("Updated", 2, 30, 11_000)), {})
        assert.deepStrictEqual(await station.ask("TransactionEvent", event("Ended", 3, 60, 21_000)), {})
        assert.deepInclude((await cdrsOf(csms, identity))[0], { energyWh: 20_000, findings: [] })
      }
    })
  )

  it(
    "the same transaction id on two stations is two transactions, and 36 characters are its right",
    onCsms(async (csms) => {
      const transactionInfo = { transactionId: "x".repeat(36) }
      for (const identity of ["CS-1", "CS-2"]) {
        const station = await csms.dial(identity, "ocpp2.0.1")
        await station.ask("TransactionEvent", event("Started", 0, 0, 0, { ...evse, ...card, transactionInfo }))
      }
      assert.strictEqual((await csms.list("/transactions")).length, 2)
    })
  )

  it(
    "sequence numbers may begin anywhere, and repeated, late and reordered messages come to the same bill (E, seqNo)",
    onCsms(async (csms) => {
      const station = await csms.dial("CS-1", "ocpp2.0.1")
      const messages = [
        event("Started", 41, 0, 1_000, { ...evse, ...card, offline: true }),
        event("Updated", 42, 15, 6_000),
        event("Updated", 43, 30, 11_000),
        event("Ended", 44, 60, 21_000)
      ]
      for (const index of [0, 3, 0, 1, 3, 2, 1, 2]) await station.ask("TransactionEvent", messages[index]!)
      const [transaction] = await transactionsOf(csms, "CS-1")
      assert.deepInclude(transaction, { status: "Ended", energyWh: 20_000, findings: [] })
      const cdrs = await cdrsOf(csms, "CS-1")
      assert.strictEqual(cdrs.length, 1)
      const readings = await csms.list(`/transactions/${String(transaction!["id"])}/readings`)
      assert.strictEqual(readings.length, 4)
    })
  )

  it(
    "a station that numbers every message 0 is billed for all it said",
    onCsms(async (csms) => {
      const station = await csms.dial("CS-1", "ocpp2.0.1")
      await station.ask("TransactionEvent", event("Started", 0, 0, 1_000, { ...evse, ...card }))
      await station.ask("TransactionEvent", event("Updated", 0, 30, 11_000))
      await station.ask("TransactionEvent", event("Ended", 0, 60, 21_000))
      assert.deepInclude((await cdrsOf(csms, "CS-1"))[0], { energyWh: 20_000, findings: [] })
    })
  )

  it(
    "an end whose start was lost is kept as a transaction of its own, flagged",
    onCsms(async (csms) => {
      const station = await csms.dial("CS-1", "ocpp2.1")
      assert.deepStrictEqual(await station.ask("TransactionEvent", event("Ended", 9, 60, 21_000)), {})
      const [transaction] = await transactionsOf(csms, "CS-1")
      assert.strictEqual(transaction!["status"], "Ended")
      assert.include(JSON.stringify(transaction!["findings"]), "start-missing")
      assert.deepStrictEqual(await csms.list("/cdrs"), [])
    })
  )

  it(
    "a register in kWh with a multiplier is the same energy as one in Wh",
    onCsms(async (csms) => {
      const station = await csms.dial("CS-1", "ocpp2.0.1")
      const value = (minutes: number, number: number, context: string, unitOfMeasure: object) => ({
        meterValue: [{ timestamp: at(minutes), sampledValue: [{ value: number, context, unitOfMeasure }] }]
      })
      const begin = value(0, 1, "Transaction.Begin", { unit: "kWh" })
      const end = value(60, 2_100, "Transaction.End", { unit: "Wh", multiplier: 1 })
      await station.ask("TransactionEvent", { ...event("Started", 0, 0, 0, { ...evse, ...card }), ...begin })
      await station.ask("TransactionEvent", { ...event("Ended", 1, 60, 0), ...end })
      assert.deepInclude((await cdrsOf(csms, "CS-1"))[0], { energyWh: 20_000 })
    })
  )
})
