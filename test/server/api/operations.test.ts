import { assert, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { Journal } from "#server/record/Journal.ts"
import { row, t0, uuid } from "../../contract/ports/makers.ts"
import { client, services, World } from "./harness.ts"

it.effect("an operation that was answered in time comes back done, and can be read again", () => {
  const world = new World()
  return Effect.gen(function* () {
    const api = yield* client
    yield* api.post("/api/v1/stations", { id: "CS-1" })
    const ran = yield* api.post("/api/v1/stations/CS-1/operations?wait=10&queueFor=60", {
      type: "Start",
      evseId: 1,
      tokenUid: "04A2B9"
    })
    assert.strictEqual(ran.status, 200)
    assert.deepStrictEqual(ran.json.operation, {
      type: "Start",
      evseId: 1,
      tokenUid: "04A2B9",
      tokenType: "ISO14443"
    })
    assert.deepInclude(ran.json.outcome, { type: "Answered", accepted: true, status: "Accepted" })
    assert.strictEqual(ran.json.doneAt, "1970-01-01T00:00:01.500Z")
    assert.deepStrictEqual(world.asked, [{ waitMs: 10_000, queueForMs: 60_000 }])
    const again = yield* api.get(`/api/v1/stations/CS-1/operations/${ran.json.id}`)
    assert.deepStrictEqual(again.json, ran.json)
    assert.strictEqual((yield* api.get("/api/v1/stations/CS-1/operations")).json.items.length, 1)
    yield* api.post("/api/v1/stations", { id: "CS-2" })
    assert.strictEqual((yield* api.get(`/api/v1/stations/CS-2/operations/${ran.json.id}`)).status, 404)
    assert.deepStrictEqual((yield* api.get("/api/v1/stations/CS-2/operations")).json, { items: [] })
  }).pipe(Effect.provide(services(world)))
})

it.effect("a start may say what its charge is to stop at, and a running charge may be told otherwise", () => {
  const world = new World()
  return Effect.gen(function* () {
    const api = yield* client
    yield* api.post("/api/v1/stations", { id: "CS-1" })
    const start = (limit: unknown) =>
      api.post("/api/v1/stations/CS-1/operations", { type: "Start", evseId: 1, tokenUid: "04A2B9", limit })
    const limit = { energyWh: 20_000, minutes: 90, amountMinor: "1250" }
    const ran = yield* start(limit)
    assert.deepStrictEqual(ran.json.operation.limit, limit)
    assert.deepStrictEqual(
      (yield* api.get(`/api/v1/stations/CS-1/operations/${ran.json.id}`)).json.operation.limit,
      limit
    )
    for (const nonsense of [
      {},
      { energyWh: 0 },
      { minutes: 1.5 },
      { amountMinor: "0" },
      { amountMinor: 12 },
      { kwh: 3 }
    ])
      assert.strictEqual((yield* start(nonsense)).status, 400, JSON.stringify(nonsense))
    const journal = yield* Journal
    yield* journal.commit([{ stationId: "CS-1", epoch: null, transactions: [row({ id: uuid(1) })] }])
    const set = (body: unknown) => api.call("PUT", `/api/v1/transactions/${uuid(1)}/limit`, { body })
    assert.strictEqual((yield* set({ minutes: 30 })).status, 409)
    world.running.set(uuid(1), { energyWh: 0, powerW: null, atMs: t0 })
    const standing = { energyWh: null, minutes: 30, amountMinor: null, keptByStation: false }
    assert.deepStrictEqual((yield* set({ minutes: 30 })).json.limit, standing)
    assert.strictEqual((yield* set({})).status, 400)
    assert.deepStrictEqual((yield* api.get(`/api/v1/transactions/${uuid(1)}`)).json.limit, standing)
    const removed = yield* api.call("DELETE", `/api/v1/transactions/${uuid(1)}/limit`, {})
    assert.isNull(removed.json.limit)
    assert.strictEqual((yield* api.call("PUT", "/api/v1/transactions/none/limit", { body: limit })).status, 404)
  }).pipe(Effect.provide(services(world)))
})

it.effect("an operation still under way is 202", () => {
  const world = new World()
  world.outcome = undefined
  return Effect.gen(function* () {
    const api = yield* client
    yield* api.post("/api/v1/stations", { id: "CS-1" })
    const ran = yield* api.post("/api/v1/stations/CS-1/operations", { type: "Reset", when: "on-idle" })
    assert.strictEqual(ran.status, 202)
    assert.deepInclude(ran.json, { status: "Queued", outcome: null, doneAt: null })
    assert.deepStrictEqual(world.asked, [{ waitMs: 0, queueForMs: 0 }])
  }).pipe(Effect.provide(services(world)))
})

it.effect("every kind of operation and of outcome passes in and out", () => {
  const world = new World()
  const operations = [
    { type: "Stop", transactionId: "t1" },
    { type: "Unlock", evseId: 1, connectorId: 2 },
    { type: "ChangeAvailability", evseId: null, connectorId: null, available: false },
    { type: "Trigger", message: "StatusNotification", evseId: 2 },
    { type: "GetConfiguration", keys: ["HeartbeatInterval"] },
    { type: "SetConfiguration", key: "HeartbeatInterval", value: "300" },
    { type: "ClearCache" }
  ]
  const outcomes = [
    { _tag: "Refused", code: "InternalError", description: "no" },
    { _tag: "Unreadable", why: "no OCPP message" },
    { _tag: "TimedOut" },
    { _tag: "ConnectionLost" },
    { _tag: "Expired" },
    { _tag: "Impossible", why: "not in 1.6" }
  ] as const
  return Effect.gen(function* () {
    const api = yield* client
    yield* api.post("/api/v1/stations", { id: "CS-1" })
    for (const [index, operation] of operations.entries()) {
      const outcome = outcomes[index % outcomes.length]!
      world.outcome = outcome
      const ran = yield* api.post("/api/v1/stations/CS-1/operations", operation)
      assert.strictEqual(ran.status, 200, JSON.stringify(ran.json))
      assert.deepStrictEqual(ran.json.operation, operation)
      const { _tag, ...rest } = outcome
      assert.deepStrictEqual(ran.json.outcome, { type: _tag, ...rest })
    }
  }).pipe(Effect.provide(services(world)))
})

it.effect("a request that is never answered ends in 503, later where a wait was allowed", () => {
  const world = new World()
  world.hangs = true
  return Effect.gen(function* () {
    const api = yield* client
    yield* api.post("/api/v1/stations", { id: "CS-1" })
    const call = api.post("/api/v1/stations/CS-1/operations?wait=120", { type: "ClearCache" })
    const waiting = yield* Effect.forkChild(call)
    // The request's body is read outside the test's clock.
    yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
    yield* TestClock.adjust("149 seconds")
    assert.strictEqual(waiting.pollUnsafe(), undefined)
    yield* TestClock.adjust("1 second")
    const answer = yield* Fiber.join(waiting)
    assert.strictEqual(answer.status, 503)
    assert.strictEqual(answer.headers.get("retry-after"), "5")
  }).pipe(Effect.provide(services(world)))
})

it.effect("an unknown station, an unknown operation and a wait without end are refused", () =>
  Effect.gen(function* () {
    const api = yield* client
    assert.strictEqual((yield* api.post("/api/v1/stations/CS-9/operations", { type: "ClearCache" })).status, 404)
    assert.strictEqual((yield* api.get("/api/v1/stations/CS-9/operations")).status, 404)
    const odd = yield* api.post("/api/v1/stations/CS-9/operations", { type: "Explode" })
    assert.strictEqual(odd.status, 400)
    assert.deepInclude(odd.json.errors[0], { in: "body", pointer: "/type" })
    for (const type of ["Start", "Stop", "GetConfiguration", "ClearCache"]) {
      assert.include(odd.json.errors[0].message, `"${type}"`)
    }
    assert.strictEqual(odd.json.errors.length, 1)
    const nothing = yield* api.post("/api/v1/stations/CS-9/operations", {})
    assert.deepStrictEqual(nothing.json.errors, odd.json.errors)
    const half = yield* api.post("/api/v1/stations/CS-9/operations", { type: "Reset", when: "soon" })
    assert.deepInclude(half.json.errors[0], { pointer: "/when", message: 'Expected "now" | "on-idle"' })
    const long = yield* api.post("/api/v1/stations/CS-9/operations?wait=121", { type: "ClearCache" })
    assert.deepInclude(long.json.errors[0], { in: "query", pointer: "/wait" })
  }).pipe(Effect.provide(services(new World())))
)

it.effect("a station shows its EVSEs in order and its variables page by page", () =>
  Effect.gen(function* () {
    const api = yield* client
    yield* api.post("/api/v1/stations", { id: "CS-1" })
    const journal = yield* Journal
    const connector = { connectorId: 1, status: "Available", errorCode: null, info: null, statusAtMs: 0 } as const
    const variable = { component: "OCPPCommCtrlr", instance: "", value: "300", mutability: "ReadWrite" }
    yield* journal.commit([
      {
        stationId: "CS-1",
        epoch: null,
        boot: {
          vendor: "V",
          model: "M",
          serialNumber: null,
          firmwareVersion: "1.2",
          reason: null,
          answered: null,
          atMs: 0
        },
        connectors: [
          { ...connector, evseId: 2 },
          { ...connector, evseId: 1, connectorId: 2, status: "Faulted", errorCode: "GroundFailure" },
          { ...connector, evseId: 1 }
        ],
        variables: [
          { ...variable, variable: "RetryBackOff" },
          { ...variable, variable: "HeartbeatInterval" },
          { ...variable, component: "Connector", variable: "Available" }
        ]
      }
    ])
    const { json } = yield* api.get("/api/v1/stations/CS-1")
    assert.strictEqual(json.boot.firmwareVersion, "1.2")
    const seen = json.evses.map(({ evseId, connectors }: { evseId: number; connectors: Array<{ status: string }> }) => [
      evseId,
      ...connectors.map(({ status }) => status)
    ])
    assert.deepStrictEqual(seen, [
      [1, "Available", "Faulted"],
      [2, "Available"]
    ])
    assert.deepStrictEqual((yield* api.get("/api/v1/stations/CS-1/evses")).json.items, json.evses)
    const first = yield* api.get("/api/v1/stations/CS-1/variables?limit=2")
    const names = (page: { items: ReadonlyArray<{ variable: string }> }) => page.items.map(({ variable }) => variable)
    assert.deepStrictEqual(names(first.json), ["Available", "HeartbeatInterval"])
    const second = yield* api.get(`/api/v1/stations/CS-1/variables?limit=2&cursor=${first.json.next}`)
    assert.deepStrictEqual(names(second.json), ["RetryBackOff"])
    assert.strictEqual(second.json.next, undefined)
    assert.deepStrictEqual(names((yield* api.get("/api/v1/stations/CS-1/variables?component=Connector")).json), [
      "Available"
    ])
    assert.strictEqual((yield* api.get("/api/v1/stations/CS-9/evses")).status, 404)
    assert.strictEqual((yield* api.get("/api/v1/stations/CS-9/variables")).status, 404)
  }).pipe(Effect.provide(services(new World())))
)
