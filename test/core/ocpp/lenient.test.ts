import { assert, it } from "@effect/vitest"
import type { Any } from "#core/ocpp/Action.ts"
import { v16, v201 } from "#core/ocpp/Dialect.ts"
import { type Part, relax } from "#core/ocpp/lenient.ts"

const meterValues = v16.actions.get("MeterValues")!
const status = v16.actions.get("StatusNotification")!
const start = v16.actions.get("StartTransaction")!
const composite = v16.actions.get("GetCompositeSchedule")!
const transactionEvent = v201.actions.get("TransactionEvent")!

/** The repaired payload and its repairs; fails the test when the payload was refused. */
const repaired = (action: Any, payload: unknown, part: Part = "request") => {
  const before = structuredClone(payload)
  const relaxed = relax(action, payload, part)
  assert.deepStrictEqual(payload, before, "the payload given was changed")
  if (relaxed._tag === "Refused") throw new Error(JSON.stringify(relaxed.violation))
  return { payload: relaxed.payload, repairs: relaxed.repairs.map(({ kind, path, places }) => [kind, path, places]) }
}

const refused = (action: Any, payload: unknown, part: Part = "request") => {
  const relaxed = relax(action, payload, part)
  if (relaxed._tag === "Repaired") throw new Error(`repaired to ${JSON.stringify(relaxed.payload)}`)
  return relaxed.violation
}

const starting = { connectorId: 1, idTag: "T", meterStart: 0, timestamp: "2026-01-31T12:00:00Z" }
const ready = { connectorId: 1, errorCode: "NoError", status: "Available" }

it("changes nothing in a payload that conforms", () => {
  assert.deepStrictEqual(repaired(start, starting), { payload: starting, repairs: [] })
})

it("drops nulls of optional properties wherever they stand, and counts an array's as one place", () => {
  const reading = (extra: object) => ({ timestamp: "2026-01-31T12:00:00Z", sampledValue: [{ value: "1", ...extra }] })
  const payload = {
    connectorId: 1,
    transactionId: null,
    meterValue: [reading({ phase: null }), reading({}), reading({ phase: null, unit: null })]
  }
  assert.deepStrictEqual(repaired(meterValues, payload), {
    payload: { connectorId: 1, meterValue: [reading({}), reading({}), reading({})] },
    repairs: [
      ["DroppedNull", "/transactionId", 1],
      ["DroppedNull", "/meterValue/0/sampledValue/0/phase", 2],
      ["DroppedNull", "/meterValue/2/sampledValue/0/unit", 1]
    ]
  })
})

it("repairs hundreds of readings within its bound of rounds", () => {
  const sampledValue = Array.from({ length: 20 }, () => ({ value: "1", phase: null, meter: "x" }))
  const meterValue = Array.from({ length: 100 }, () => ({ timestamp: "2026-01-31 12:00:00", sampledValue }))
  const { payload, repairs } = repaired(meterValues, { connectorId: 1, meterValue })
  assert.isUndefined(meterValues.checkRequest(payload))
  assert.deepStrictEqual(
    repairs.map(([kind, , places]) => [kind, places]),
    [
      ["Timestamp", 100],
      ["DroppedNull", 2000],
      ["DroppedUnknown", 2000]
    ]
  )
})

it("drops properties the schema does not know, and keeps those of open objects", () => {
  const { payload } = repaired(
    status,
    JSON.parse('{"connectorId":1,"errorCode":"NoError","status":"Available","__proto__":1,"a/b":2}')
  )
  assert.deepStrictEqual(payload, ready)
  const open = {
    eventType: "Started",
    timestamp: "2026-01-31T12:00:00Z",
    triggerReason: "CablePluggedIn",
    seqNo: 0,
    transactionInfo: { transactionId: "t", customData: { vendorId: "v", anything: null, more: [null] } }
  }
  const event = { ...open, extra: {}, transactionInfo: { ...open.transactionInfo, extra: 1 } }
  assert.deepStrictEqual(repaired(transactionEvent, event), {
    payload: open,
    repairs: [
      ["DroppedUnknown", "/transactionInfo/extra", 1],
      ["DroppedUnknown", "/extra", 1]
    ]
  })
})

it("rewrites the timestamps that stations really send, zone-less as UTC", () => {
  const rows = [
    ["2026-01-31T12:00:00", "2026-01-31T12:00:00Z"],
    [" 2026-01-31 12:00:00 +02:00", "2026-01-31T12:00:00+02:00"],
    ["2026-01-31T12:00:00,25", "2026-01-31T12:00:00.25Z"],
    ["2026-01-31T12:00:00.1234567891234Z", "2026-01-31T12:00:00.123456789Z"],
    ["2026-01-31T12:00", "2026-01-31T12:00:00Z"]
  ] as const
  for (const [timestamp, expected] of rows) {
    assert.deepStrictEqual(repaired(start, { ...starting, timestamp }).payload, { ...starting, timestamp: expected })
  }
})

it("does not guess an instant that is none", () => {
  for (const timestamp of ["2026-02-30T12:00:00", "31.01.2026 12:00", "12:00:00", "", "2026-01-31T25:00:00Z"]) {
    const violation = { path: "/timestamp", keyword: "format", param: "date-time" }
    assert.deepStrictEqual<unknown>(refused(start, { ...starting, timestamp }), violation)
  }
})

it("keeps a text up to eight times too long, uncut, and refuses a longer one", () => {
  const info = "😀".repeat(51)
  assert.deepStrictEqual(repaired(status, { ...ready, info }), {
    payload: { ...ready, info },
    repairs: [["TooLong", "/info", 1]]
  })
  assert.strictEqual(refused(status, { ...ready, info: "x".repeat(401) }).keyword, "maxLength")
})

it("keeps a limit with too many decimals as it is", () => {
  const payload = {
    status: "Accepted",
    chargingSchedule: { chargingRateUnit: "A", chargingSchedulePeriod: [{ startPeriod: 0, limit: 16.25 }] }
  }
  assert.isDefined(composite.checkResponse(payload))
  assert.deepStrictEqual(repaired(composite, payload, "response").payload, payload)
})

it("drops empty texts and lists where a value was expected but not required", () => {
  assert.deepStrictEqual(repaired(status, { ...ready, timestamp: "" }).payload, ready)
  const list = v16.actions.get("SendLocalList")!
  assert.deepStrictEqual(
    repaired(list, {
      listVersion: 1,
      updateType: "Full",
      localAuthorizationList: [{ idTag: "T", idTagInfo: { status: "Accepted", expiryDate: "" } }]
    }).payload,
    { listVersion: 1, updateType: "Full", localAuthorizationList: [{ idTag: "T", idTagInfo: { status: "Accepted" } }] }
  )
})

it("refuses what is not forgiven with the violation the station caused, not one of our repairs'", () => {
  assert.deepStrictEqual<unknown>(refused(start, { ...starting, idTag: null }), {
    path: "/idTag",
    keyword: "type",
    param: "string"
  })
  const { idTag, ...without } = starting
  assert.deepStrictEqual<unknown>(refused(start, without), { path: "", keyword: "required", param: "idTag" })
  assert.strictEqual(refused(start, { ...starting, connectorId: "1" }).keyword, "type")
  assert.strictEqual(refused(status, { ...ready, status: "Occupied", x: null }).keyword, "enum")
  assert.strictEqual(refused(start, null).path, "")
  assert.strictEqual(refused(start, []).path, "")
})

it("gives up on a payload that is wrong in more ways than its bound", () => {
  const noise = Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`unknown${index}`, index]))
  assert.strictEqual(refused(status, { ...ready, ...noise }).keyword, "additionalProperties")
})
