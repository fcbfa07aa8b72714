import { assert, describe, it } from "@effect/vitest"
import * as Dialect from "#core/ocpp/Dialect.ts"
import { hashWithSalt } from "#server/ocpp/Password.ts"
import * as Upgrade from "#server/ocpp/Upgrade.ts"

const salt = new Uint8Array(16).fill(7)
const open: Upgrade.StationAuth = { securityProfile: 0, passwordHashes: [] }
const closed = (...passwords: ReadonlyArray<string | Uint8Array>): Upgrade.StationAuth => ({
  securityProfile: 1,
  passwordHashes: passwords.map((password) => hashWithSalt(password, salt))
})
const basic = (user: string, password: string | Uint8Array): string =>
  `Basic ${Buffer.concat([Buffer.from(`${user}:`), Buffer.from(password as Uint8Array)]).toString("base64")}`

/** What becomes of a request, in a word: the status of a refusal, the dialect, or the code of a close. */
const outcome = (
  target: string,
  headers: Record<string, string>,
  station: Upgrade.StationAuth | undefined
): string | number => {
  const call = Upgrade.identify(target, headers)
  if (call._tag === "Refuse") return call.status
  const decision = Upgrade.decide(call, station)
  if (decision._tag === "Refuse") return decision.status
  if (decision._tag === "AcceptThenClose") return `close ${decision.code}`
  return `${decision.identity} ${decision.dialect.version} ${decision.subprotocol ?? "unnamed"}`
}

const v16 = { "sec-websocket-protocol": "ocpp1.6" }
const v201 = { "sec-websocket-protocol": "ocpp2.0.1" }

describe("a handshake's path", () => {
  for (const [target, expected] of [
    ["/ocpp/CS1", "CS1"],
    ["/ocpp/CS%201", "CS 1"],
    ["/ocpp/%C3%A9", "é"],
    ["/ocpp//CS1", "CS1"],
    ["/ocpp/CS1/", "CS1"],
    ["/ocpp/CS1?x=/y", "CS1"],
    ["/ocpp/__proto__", "__proto__"],
    ["/ocpp/%ZZ", 400],
    ["/ocpp/%E0%A4%A", 400],
    ["/ocpp/%", 400],
    ["/ocpp/a%00b", 400],
    ["/ocpp/a%0D%0Ab", 400],
    ["/ocpp/a%C2%85b", 400],
    [`/ocpp/${"x".repeat(256)}`, 400],
    ["/ocpp/", 404],
    ["/ocpp", 404],
    ["/ocpp/a/b", 404],
    ["/elsewhere/CS1", 404],
    ["", 404]
  ] as const) {
    it(`${target.slice(0, 24)} is met with ${expected}`, () => {
      const call = Upgrade.identify(target, {})
      assert.strictEqual(call._tag === "Refuse" ? call.status : call.identity, expected)
    })
  }
})

describe("a station's credentials", () => {
  const key = Uint8Array.from({ length: 20 }, (_, i) => (i * 37 + 200) % 256)
  const hex = Buffer.from(key).toString("hex")
  const text = "a-password-of-2.x:with-colons"
  for (const [title, expected, station, authorization] of [
    ["unknown, whatever it presents", 404, undefined, basic("CS1", text)],
    ["open without credentials", "CS1 1.6 ocpp1.6", open, undefined],
    ["open with left-over credentials", "CS1 1.6 ocpp1.6", open, basic("CS1", "whatever")],
    ["without credentials", 401, closed(text), undefined],
    ["with the right password", "CS1 1.6 ocpp1.6", closed(text), basic("CS1", text)],
    ["with a lower-case scheme", "CS1 1.6 ocpp1.6", closed(text), basic("CS1", text).replace("Basic", "basic")],
    ["with a wrong password", 401, closed(text), basic("CS1", `${text}x`)],
    ["with a prefix of the password", 401, closed(text), basic("CS1", text.slice(0, -1))],
    ["with an empty password", 401, closed(text), basic("CS1", "")],
    ["with another station's name", 401, closed(text), basic("CS2", text)],
    ["without a stored password", 401, closed(), basic("CS1", "")],
    ["with another scheme", 401, closed(text), "Bearer abc"],
    ["with broken base64", 401, closed(text), "Basic %%%"],
    ["with a 1.6 key as bytes, registered as hex", "CS1 1.6 ocpp1.6", closed(hex), basic("CS1", key)],
    ["with a 1.6 key as hex", "CS1 1.6 ocpp1.6", closed(hex), basic("CS1", hex)],
    ["with a 1.6 key as hex in capitals", "CS1 1.6 ocpp1.6", closed(hex), basic("CS1", hex.toUpperCase())],
    ["with a 1.6 key as hex, registered as bytes", "CS1 1.6 ocpp1.6", closed(key), basic("CS1", hex)],
    [
      "with the old key while the new one is unconfirmed",
      "CS1 1.6 ocpp1.6",
      closed("new-key", text),
      basic("CS1", text)
    ]
  ] as const) {
    it(`a station ${title} is met with ${expected}`, () => {
      const headers = { ...v16, ...(authorization === undefined ? {} : { authorization }) }
      assert.strictEqual(outcome("/ocpp/CS1", headers, station), expected)
    })
  }

  it("are split at the end of an identity that has a colon itself", () => {
    const headers = { ...v16, authorization: basic("CS:1", "p:w") }
    assert.strictEqual(outcome("/ocpp/CS%3A1", headers, closed("p:w")), "CS:1 1.6 ocpp1.6")
  })

  it("are asked for by name", () => {
    const call = Upgrade.identify("/ocpp/CS1", v16)
    assert.strictEqual(call._tag, "Identified")
    const decision = Upgrade.decide(call as Upgrade.Identified, closed("secret"))
    assert.match((decision as Upgrade.Refuse).headers["WWW-Authenticate"] ?? "", /^Basic realm=/)
  })
})

describe("a subprotocol", () => {
  const long = "x".repeat(49)
  for (const [offered, target, expected] of [
    ["ocpp1.6", "/ocpp/CS1", "CS1 1.6 ocpp1.6"],
    ["ocpp1.6, ocpp2.0.1", "/ocpp/CS1", "CS1 1.6 ocpp1.6"],
    ["ocpp2.0.1,ocpp1.6", "/ocpp/CS1", "CS1 2.0.1 ocpp2.0.1"],
    ["ocpp2.0, ocpp9, ocpp2.1", "/ocpp/CS1", "CS1 2.1 ocpp2.1"],
    ["OCPP1.6", "/ocpp/CS1", "close 1002"],
    ["ocpp2.0", "/ocpp/CS1", "close 1002"],
    [undefined, "/ocpp/CS1", "close 1002"],
    ["ocpp1.6", `/ocpp/${long}`, `${long} 1.6 ocpp1.6`],
    ["ocpp2.0.1", `/ocpp/${long}`, 400],
    ["ocpp2.1", "/ocpp/a%3Ab", 400],
    ["ocpp1.6", "/ocpp/a%3Ab", "a:b 1.6 ocpp1.6"]
  ] as const) {
    it(`${offered ?? "not named at all"} on ${target.slice(0, 16)} is met with ${String(expected).slice(0, 16)}`, () => {
      const headers = offered === undefined ? {} : { "sec-websocket-protocol": offered }
      assert.strictEqual(outcome(target, headers, open), expected)
    })
  }

  it("is assumed only for a station that names none, and then the answer names none either", () => {
    const assumed = { ...open, assumed: "ocpp1.6" } as const
    assert.strictEqual(outcome("/ocpp/CS1", {}, assumed), "CS1 1.6 unnamed")
    assert.strictEqual(outcome("/ocpp/CS1", { "sec-websocket-protocol": "x" }, assumed), "close 1002")
  })

  it("is chosen among those that are served", () => {
    const call = Upgrade.identify("/ocpp/CS1", v201)
    const decision = Upgrade.decide(call as Upgrade.Identified, open, [Dialect.v16])
    assert.strictEqual(decision._tag, "AcceptThenClose")
  })
})
