import { assert, it } from "@effect/vitest"
import * as Instant from "#core/Instant.ts"
import type { Handlers, SentBy, Violation } from "#core/ocpp/Action.ts"
import { dialects, negotiate, v16, v21, v201 } from "#core/ocpp/Dialect.ts"
import type { Actions as Actions16 } from "#core/ocpp/v16/generated/actions.ts"
import type { Actions as Actions21 } from "#core/ocpp/v21/generated/actions.ts"
import { isDateTime } from "#core/ocpp/Wire.ts"

it("takes the first subprotocol of the station's list that is served, whatever we prefer", () => {
  assert.strictEqual(negotiate(["ocpp1.6", "ocpp2.1"]), v16)
  assert.strictEqual(negotiate(["ocpp2.0.1", "ocpp1.6"]), v201)
  assert.strictEqual(negotiate(["ocpp2.1", "ocpp1.6"], [v16, v201]), v16)
})

it("skips subprotocols it does not know, and agrees on nothing rather than on a lookalike", () => {
  assert.strictEqual(negotiate(["ocpp2.0", "OCPP1.6", "ocpp1.6 ", "toString", "ocpp2.0.1"]), v201)
  assert.isUndefined(negotiate(["ocpp2.0", "ocpp1.5"]))
  assert.isUndefined(negotiate([]))
  assert.isUndefined(negotiate(["ocpp1.6"], []))
})

it("knows every action of its version, and no name that only looks like one", () => {
  assert.deepStrictEqual(
    dialects.map(({ version, actions }) => [version, actions.size]),
    [
      ["2.1", 91],
      ["2.0.1", 64],
      ["1.6", 39]
    ]
  )
  for (const { actions } of dialects) {
    for (const [name, action] of actions) assert.strictEqual(action.name, name)
    for (const name of ["bootNotification", "toString", "__proto__", "BootNotificationRequest", ""]) {
      assert.isFalse(actions.has(name))
    }
  }
})

it("says who may send what: DataTransfer alone goes both ways, one 2.1 message is never answered", () => {
  for (const { actions, version } of dialects) {
    const both = [...actions.values()].filter((action) => action.initiator === "either").map((action) => action.name)
    assert.deepStrictEqual(both, ["DataTransfer"])
    const sends = [...actions.values()].filter((action) => action.kind === "send").map((action) => action.name)
    assert.deepStrictEqual(sends, version === "2.1" ? ["NotifyPeriodicEventStream"] : [])
    assert.strictEqual(actions.get("BootNotification")?.initiator, "station")
    assert.strictEqual(actions.get("Reset")?.initiator, "csms")
  }
  const count = (initiator: string) =>
    dialects.map(({ actions }) => [...actions.values()].filter((action) => action.initiator === initiator).length)
  assert.deepStrictEqual(count("station"), [36, 24, 13])
  assert.deepStrictEqual(count("csms"), [54, 39, 25])
})

const violation = (keyword: Violation["keyword"], path = "/a"): Violation => ({ path, keyword, param: "" })

it("answers a broken rule with the code its version's specification names, in its spelling", () => {
  const rows = [
    [violation("type", ""), "FormationViolation", "FormatViolation"],
    [violation("additionalProperties"), "FormationViolation", "ProtocolError"],
    [violation("required"), "OccurenceConstraintViolation", "OccurrenceConstraintViolation"],
    [violation("minItems"), "OccurenceConstraintViolation", "OccurrenceConstraintViolation"],
    [violation("maxItems"), "OccurenceConstraintViolation", "OccurrenceConstraintViolation"],
    [violation("type"), "TypeConstraintViolation", "TypeConstraintViolation"],
    [violation("enum"), "PropertyConstraintViolation", "PropertyConstraintViolation"],
    [violation("maximum"), "PropertyConstraintViolation", "PropertyConstraintViolation"],
    [violation("maxLength"), "PropertyConstraintViolation", "PropertyConstraintViolation"],
    [violation("format"), "PropertyConstraintViolation", "PropertyConstraintViolation"]
  ] as const
  for (const [broken, in16, in2x] of rows) {
    assert.strictEqual(v16.codeFor(broken), in16)
    assert.strictEqual(v201.codeFor(broken), in2x)
    assert.strictEqual(v21.codeFor(broken), in2x)
  }
})

it("stays silent where its version does: 1.6 has no framework error, only 2.0.1 answers unknown message types", () => {
  assert.deepStrictEqual(
    [v16, v201, v21].map(({ codes }) => [codes.unreadable, codes.messageType]),
    [
      [undefined, undefined],
      ["RpcFrameworkError", "MessageTypeNotSupported"],
      ["RpcFrameworkError", undefined]
    ]
  )
  for (const { codes } of dialects) {
    assert.strictEqual(codes.unknownAction, "NotImplemented")
    assert.strictEqual(codes.notSupported, "NotSupported")
    assert.strictEqual(codes.notAccepted, "SecurityError")
    assert.strictEqual(codes.internal, "InternalError")
  }
})

it("names the place and the rule of the first violation, as a JSON pointer", () => {
  const check = v16.actions.get("MeterValues")!.checkRequest
  const sample = (sampledValue: unknown) => ({
    connectorId: 1,
    meterValue: [{ timestamp: "2026-01-31T12:00:00Z", sampledValue: [{ value: "1" }, sampledValue] }]
  })
  assert.isUndefined(check(sample({ value: "2" })))
  const path = "/meterValue/0/sampledValue/1"
  assert.deepStrictEqual(check(sample({})), { path, keyword: "required", param: "value" })
  assert.deepStrictEqual(check(sample({ value: "2", volts: 1 })), {
    path,
    keyword: "additionalProperties",
    param: "volts"
  })
  assert.deepStrictEqual(check(sample({ value: 2 })), { path: `${path}/value`, keyword: "type", param: "string" })
  assert.deepStrictEqual(check(sample({ value: "2", phase: "L9" }))?.keyword, "enum")
  assert.deepStrictEqual(check(sample({ value: "2", unit: undefined }))?.path, `${path}/unit`)
  assert.deepStrictEqual(check({ connectorId: 2 ** 53, meterValue: [] }), {
    path: "/connectorId",
    keyword: "maximum",
    param: Number.MAX_SAFE_INTEGER
  })
})

it("accepts only timestamps that Instant can read", () => {
  for (const text of [
    "2026-01-31T12:00:00Z",
    "2026-01-31t12:00:00.123456789z",
    "2026-01-31 12:00:00+02",
    "2026-12-31T23:59:60Z"
  ]) {
    assert.isTrue(isDateTime(text), text)
    assert.isDefined(Instant.parse(text), text)
  }
  for (const text of ["2026-01-31T12:00:00", "2026-02-30T12:00:00Z", "2026-01-31T12:00:00.1234567890Z", "now"]) {
    assert.isFalse(isDateTime(text), text)
  }
})

// The compiler's part: what each side may send and must answer, computed from the registries.
type Sent16 = keyof SentBy<Actions16, "station">
const sentByStation: Sent16 = "BootNotification"
// @ts-expect-error: only the CSMS resets.
const notSentByStation: Sent16 = "Reset"
type Answers = Parameters<NonNullable<Handlers<Actions21, "station", string>["TransactionEvent"]>>
const event: Answers[0]["eventType"] = "Started"
// @ts-expect-error: no such event type.
const noEvent: Answers[0]["eventType"] = "Paused"

it("computes each side's handlers from the registry", () => {
  assert.deepStrictEqual(
    [sentByStation, notSentByStation, event, noEvent],
    ["BootNotification", "Reset", "Started", "Paused"]
  )
})
