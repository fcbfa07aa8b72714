import { assert, describe, it } from "@effect/vitest"
import { at, boot2x, boot16, onCsms } from "./csms.ts"

const reading = (transactionId: number, minutes: number, registerWh: number) => ({
  connectorId: 1,
  transactionId,
  meterValue: [{ timestamp: at(minutes), sampledValue: [{ value: String(registerWh) }] }]
})

const start = { connectorId: 1, idTag: "ALICE", meterStart: 1_000, timestamp: at(0) }

describe("5.4 calls", () => {
  it(
    "a station that sends its whole queue at once gets every answer, in order, and no error",
    onCsms(async (csms) => {
      const station = await csms.dial("CS-1", "ocpp1.6")
      const { transactionId } = await station.ask("StartTransaction", start)
      const count = 400
      for (let i = 1; i <= count; i++) {
        station.say(2, `q${i}`, "MeterValues", reading(transactionId as number, i, 1_000 + i))
      }
      station.say(2, "end", "StopTransaction", { transactionId, meterStop: 2_000, timestamp: at(count + 1) })
      for (let i = 1; i <= count; i++) {
        assert.deepStrictEqual(await station.hear(() => true), [3, `q${i}`, {}])
      }
      assert.deepStrictEqual(await station.hear(() => true), [3, "end", {}])
      const [transaction] = await csms.list("/transactions")
      const readings = await csms.list(`/transactions/${String(transaction!["id"])}/readings?limit=500`)
      assert.strictEqual(readings.length, count + 2)
      assert.strictEqual(transaction!["energyWh"], 1_000)
    })
  )

  it(
    "a call of the server and calls of the station cross without waiting for each other",
    onCsms(async (csms) => {
      const station = await csms.dial("CS-1", "ocpp2.0.1")
      await station.ask("BootNotification", boot2x)
      const asked = csms.api("POST", "/stations/CS-1/operations?wait=10", { type: "ClearCache" })
      const { id } = await station.asked("ClearCache")
      await station.ask("Heartbeat", {})
      await station.ask("StatusNotification", {
        timestamp: at(0),
        connectorStatus: "Available",
        evseId: 1,
        connectorId: 1
      })
      station.say(3, id, { status: "Accepted" })
      assert.deepInclude((await asked)["outcome"], { type: "Answered", status: "Accepted" })
    })
  )

  it(
    "the server has one call on the wire: the next goes out when the first is answered (2.x J 4.1.1)",
    onCsms(async (csms) => {
      const station = await csms.dial("CS-1", "ocpp1.6")
      await station.ask("BootNotification", boot16)
      const first = csms.api("POST", "/stations/CS-1/operations?wait=10", { type: "ClearCache" })
      const one = await station.asked("ClearCache")
      const second = csms.api("POST", "/stations/CS-1/operations?wait=10", {
        type: "Unlock",
        evseId: 1,
        connectorId: 1
      })
      await station.ask("Heartbeat", {})
      await station.ask("Heartbeat", {})
      assert.deepStrictEqual(station.heard, [])
      station.say(3, one.id, { status: "Rejected" })
      const other = await station.asked("UnlockConnector")
      station.say(4, other.id, "NotSupported", "no lock", {})
      assert.deepInclude((await first)["outcome"], { type: "Answered", accepted: false })
      assert.deepInclude((await second)["outcome"], { type: "Refused", code: "NotSupported" })
    })
  )

  it(
    "message ids of the server never come again, not on the next connection and not after a restart",
    onCsms(async (csms) => {
      const ids: Array<string> = []
      let server = csms
      for (let round = 0; round < 4; round++) {
        const station = await server.dial("CS-1", "ocpp1.6")
        await station.ask("BootNotification", boot16)
        const asked = server.api("POST", "/stations/CS-1/operations?wait=10", { type: "ClearCache" })
        const { id } = await station.asked("ClearCache")
        ids.push(id)
        station.say(3, id, { status: "Accepted" })
        await asked
        if (round === 1) server = await server.restart()
      }
      assert.strictEqual(new Set(ids).size, 4)
      assert.isTrue(ids.every((id) => id.length >= 1 && id.length <= 36))
    })
  )

  it(
    "a late, unknown or repeated result is passed over without a word",
    onCsms(async (csms) => {
      const station = await csms.dial("CS-1", "ocpp1.6")
      await station.ask("BootNotification", boot16)
      const asked = csms.api("POST", "/stations/CS-1/operations?wait=10", { type: "ClearCache" })
      const { id } = await station.asked("ClearCache")
      station.say(3, "nobody", { status: "Rejected" })
      station.say(3, id, { status: "Accepted" })
      station.say(3, id, { status: "Rejected" })
      station.say(4, id, "GenericError", "", {})
      assert.deepInclude((await asked)["outcome"], { accepted: true })
      await station.ask("Heartbeat", {})
      assert.deepStrictEqual(station.heard, [])
    })
  )

  it(
    "a result that breaks its schema fails the caller, and in 2.1 the station is told (CALLRESULTERROR)",
    onCsms(async (csms) => {
      for (const protocol of ["ocpp1.6", "ocpp2.1"] as const) {
        const station = await csms.dial("CS-1", protocol)
        await station.ask("BootNotification", protocol === "ocpp1.6" ? boot16 : boot2x)
        const asked = csms.api("POST", "/stations/CS-1/operations?wait=10", { type: "ClearCache" })
        const { id } = await station.asked("ClearCache")
        station.say(3, id, { status: "Perhaps" })
        const outcome = (await asked)["outcome"] as { readonly type: string }
        assert.notStrictEqual(outcome.type, "Answered")
        await station.ask("Heartbeat", {})
        const told = station.heard.map(([type, about]) => [type, about])
        assert.deepStrictEqual(told, protocol === "ocpp2.1" ? [[5, id]] : [])
      }
    })
  )

  it(
    "a call repeated with its id gets the same answer again, on the next connection and after a restart too (1.6-J errata 3.1)",
    onCsms(async (csms) => {
      const first = await csms.dial("CS-1", "ocpp1.6")
      const answer = await first.ask("StartTransaction", start, "again")
      assert.deepStrictEqual(await first.ask("StartTransaction", start, "again"), answer)
      const second = await csms.dial("CS-1", "ocpp1.6")
      assert.deepStrictEqual(await second.ask("StartTransaction", start, "again"), answer)
      const restarted = await csms.restart()
      const third = await restarted.dial("CS-1", "ocpp1.6")
      assert.deepStrictEqual(await third.ask("StartTransaction", start, "again"), answer)
      assert.deepStrictEqual(await third.ask("StartTransaction", start, "under a new id"), answer)
      assert.strictEqual((await restarted.list("/transactions")).length, 1)
    })
  )

  it(
    "a station that counts its ids from 1 at each boot is heard: the same id with other content is another call",
    onCsms(async (csms) => {
      const first = await csms.dial("CS-1", "ocpp1.6")
      const one = await first.ask("StartTransaction", start, "1")
      const second = await csms.dial("CS-1", "ocpp1.6")
      const other = await second.ask("StartTransaction", { ...start, connectorId: 2 }, "1")
      assert.notStrictEqual(other["transactionId"], one["transactionId"])
    })
  )

  it(
    "a call sent twice before it could be answered is done once and answered twice (2.x J 4.2.3)",
    onCsms(async (csms) => {
      const station = await csms.dial("CS-1", "ocpp2.0.1")
      const event = {
        eventType: "Started",
        timestamp: at(0),
        triggerReason: "Authorized",
        seqNo: 0,
        transactionInfo: { transactionId: "t-1" },
        evse: { id: 1, connectorId: 1 },
        idToken: { idToken: "ALICE", type: "ISO14443" }
      }
      station.say(2, "twice", "TransactionEvent", event)
      station.say(2, "twice", "TransactionEvent", event)
      const answers = [await station.hear(() => true), await station.hear(() => true)]
      const accepted = [3, "twice", { idTokenInfo: { status: "Accepted" } }]
      assert.deepStrictEqual(answers, [accepted, accepted])
      assert.deepStrictEqual(
        (await csms.list("/transactions")).map(({ ocppId }) => ocppId),
        ["t-1"]
      )
    })
  )

  it(
    "a 2.1 SEND is never answered, neither a known nor an unknown one (2.1 J 4.1.5)",
    onCsms(async (csms) => {
      const station = await csms.dial("CS-1", "ocpp2.1")
      station.say(6, "s1", "NotifyPeriodicEventStream", {
        id: 1,
        pending: 0,
        basetime: at(0),
        data: [{ t: 0, v: "1" }]
      })
      station.say(6, "s2", "NotifyPeriodicEventStream", { id: "one" })
      station.say(6, "s3", "NoSuchThing", {})
      await station.ask("Heartbeat", {})
      assert.deepStrictEqual(station.heard, [])
    })
  )
})
