import { request } from "node:http"
import { assert, describe, it } from "@effect/vitest"
import { handshake, rawStation } from "#test/support/rawStation.ts"
import { boot2x, boot16, type Csms, onCsms, type Protocol } from "./csms.ts"

const basic = (user: string, password: string | Buffer): string =>
  `Basic ${Buffer.concat([Buffer.from(`${user}:`), Buffer.from(password)]).toString("base64")}`

const password = "correct-horse-battery"

/** The HTTP status of an attempt to connect; 101 when it succeeds, and then what was agreed. */
const attempt = (
  { ocppUrl }: Csms,
  segment: string,
  options: { readonly authorization?: string; readonly offered?: string } = {}
): Promise<{ readonly status: number; readonly agreed: string | undefined; readonly challenge: string | undefined }> =>
  new Promise((resolve, reject) => {
    const { host, hostname, port } = new URL(ocppUrl)
    const sent = request({
      hostname,
      port,
      path: `/ocpp/${segment}`,
      headers: {
        host,
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
        ...(options.authorization === undefined ? {} : { authorization: options.authorization }),
        "sec-websocket-protocol": options.offered ?? "ocpp1.6"
      }
    })
    sent.on("upgrade", ({ headers, statusCode }, socket) => {
      socket.destroy()
      resolve({ status: statusCode!, agreed: headers["sec-websocket-protocol"], challenge: undefined })
    })
    sent.on("response", ({ headers, statusCode }) => {
      sent.destroy()
      resolve({ status: statusCode!, agreed: undefined, challenge: headers["www-authenticate"] })
    })
    sent.on("error", reject)
    sent.end()
  })

describe("5.1 handshake", () => {
  it(
    "an unknown station gets 404 and no WebSocket (1.6-J errata 3.4; 2.x J 3.3)",
    onCsms(async (csms) => {
      assert.strictEqual((await attempt(csms, "CS-9")).status, 404)
      assert.strictEqual((await attempt(csms, "CS-1")).status, 101)
    })
  )

  it(
    "a malformed identity gets 400 and the next station is served as ever (2.x J 3.1.1)",
    onCsms(async (csms) => {
      for (const segment of ["%ZZ", "%E0%A4", "CS%00-1"]) {
        assert.strictEqual((await attempt(csms, segment)).status, 400, segment)
      }
      assert.strictEqual((await attempt(csms, "CS-1")).status, 101)
    })
  )

  it(
    "a station nobody registered is taken in where the operator says so, its identity percent-decoded",
    onCsms(
      async (csms) => {
        const station = await csms.dial("Bay 7 / left", "ocpp1.6")
        await station.ask("BootNotification", boot16)
        assert.include(
          (await csms.list("/stations")).map(({ id }) => id),
          "Bay 7 / left"
        )
      },
      { onboarding: "open" }
    )
  )

  it(
    "an identity of OCPP 2.x has at most 48 characters and no colon (2.x J 3.1.1)",
    onCsms(
      async (csms) => {
        const offered = "ocpp2.0.1"
        assert.strictEqual((await attempt(csms, "x".repeat(48), { offered })).status, 101)
        assert.strictEqual((await attempt(csms, "x".repeat(49), { offered })).status, 400)
        assert.strictEqual((await attempt(csms, "a:b", { offered })).status, 400)
        assert.strictEqual((await attempt(csms, "a:b")).status, 101)
      },
      { onboarding: "open" }
    )
  )

  it(
    "TC_A_01 to TC_A_03: the right password opens, another's name and a wrong one get 401 before any upgrade",
    onCsms(async (csms) => {
      await csms.api("POST", "/stations", { id: "CS-P", password })
      const status = async (authorization?: string) =>
        (await attempt(csms, "CS-P", authorization === undefined ? {} : { authorization })).status
      assert.strictEqual(await status(basic("CS-P", password)), 101)
      assert.strictEqual(await status(basic("CS-1", password)), 401)
      assert.strictEqual(await status(basic("CS-P", "correct-horse-batterY")), 401)
      assert.strictEqual(await status(basic("CS-P", "")), 401)
      assert.strictEqual(await status("Bearer correct-horse-battery"), 401)
      assert.strictEqual(await status(), 401)
      assert.match((await attempt(csms, "CS-P")).challenge ?? "", /^Basic realm=/)
    })
  )

  it(
    "a 1.6 key given as hex opens as the bytes it spells and as the text (whitepaper, AuthorizationKey)",
    onCsms(async (csms) => {
      const hex = "00ff10a0b1c2d3e4f5060708090a0b0c0d0e0f3a"
      await csms.api("POST", "/stations", { id: "CS-P", password: hex })
      const status = async (key: string | Buffer) =>
        (await attempt(csms, "CS-P", { authorization: basic("CS-P", key) })).status
      assert.strictEqual(await status(Buffer.from(hex, "hex")), 101)
      assert.strictEqual(await status(hex), 101)
      assert.strictEqual(await status(Buffer.from(hex.replace("3a", "3b"), "hex")), 401)
    })
  )

  const offers: ReadonlyArray<readonly [offered: string, agreed: string | undefined]> = [
    ["ocpp1.6", "ocpp1.6"],
    ["ocpp2.0.1, ocpp1.6", "ocpp2.0.1"],
    ["ocpp1.6, ocpp2.1", "ocpp1.6"],
    ["ocpp2.0, ocpp9, ocpp2.1", "ocpp2.1"],
    ["ocpp2.0", undefined],
    ["OCPP1.6", undefined]
  ]

  it(
    "TC_B_58: the first subprotocol of the station's list that is served is agreed, unknown ones are passed over",
    onCsms(async (csms) => {
      for (const [offered, agreed] of offers) {
        assert.deepInclude(await attempt(csms, "CS-1", { offered }), { status: 101, agreed }, offered)
      }
    })
  )

  it(
    "without a common subprotocol the handshake is completed and the socket closed at once (2.x J 3.3)",
    onCsms(async ({ ocppUrl }) => {
      const port = Number(new URL(ocppUrl).port)
      const station = rawStation(port, handshake("/ocpp/CS-1", { "Sec-WebSocket-Protocol": "ocpp2.0" }))
      const heard = await station.until(/\r\n\r\n.{4}/s)
      const [opcode, , high, low] = [...heard.slice(heard.indexOf("\r\n\r\n") + 4)].map((byte) => byte.charCodeAt(0))
      assert.deepStrictEqual([opcode, high! * 256 + low!], [0x88, 1002], "a close frame is the first thing said")
      assert.match(heard, /^HTTP\/1.1 101 /)
      assert.notMatch(heard, /sec-websocket-protocol/i)
      station.socket.destroy()
    })
  )

  it(
    "the version agreed is the version spoken, whatever the station spoke before",
    onCsms(async (csms) => {
      const versions: ReadonlyArray<readonly [Protocol, unknown]> = [
        ["ocpp2.1", boot2x],
        ["ocpp1.6", boot16],
        ["ocpp2.0.1", boot2x]
      ]
      for (const [protocol, boot] of versions) {
        const station = await csms.dial("CS-1", protocol)
        assert.strictEqual((await station.ask("BootNotification", boot))["status"], "Accepted")
        const { connection } = (await csms.api("GET", "/stations/CS-1")) as { connection: { dialect: string } }
        assert.strictEqual(`ocpp${connection.dialect}`, protocol)
      }
    })
  )

  it(
    "a second connection of a station takes over: the first is closed, and its late end takes nothing along",
    onCsms(async (csms) => {
      const first = await csms.dial("CS-1", "ocpp1.6")
      await first.ask("Heartbeat", {})
      const second = await csms.dial("CS-1", "ocpp1.6")
      assert.strictEqual(await first.closed(), 1000)
      await second.ask("BootNotification", boot16)
      assert.isNotNull((await csms.api("GET", "/stations/CS-1"))["connection"])
      const asked = csms.api("POST", "/stations/CS-1/operations?wait=5", { type: "ClearCache" })
      const { id } = await second.asked("ClearCache")
      second.say(3, id, { status: "Accepted" })
      assert.deepInclude((await asked)["outcome"], { type: "Answered", accepted: true })
    })
  )

  it(
    "what the server asked over a connection that is taken over ends, and does not hang",
    onCsms(async (csms) => {
      const first = await csms.dial("CS-1", "ocpp1.6")
      await first.ask("BootNotification", boot16)
      const asked = csms.api("POST", "/stations/CS-1/operations?wait=20", { type: "Unlock", evseId: 1, connectorId: 1 })
      await first.asked("UnlockConnector")
      await csms.dial("CS-1", "ocpp1.6")
      assert.deepInclude((await asked)["outcome"], { type: "ConnectionLost" })
    })
  )
})
