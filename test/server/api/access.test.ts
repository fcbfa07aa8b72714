import { assert, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { SecureRandom } from "effect/crypto/SecureRandom"
import { OpenApi } from "effect/http-api"
import { Api } from "#core/api/Api.ts"
import { Ids } from "#core/Ids.ts"
import { firstToken } from "#server/api/FirstToken.ts"
import { hashSecret } from "#server/api/Secret.ts"
import * as Memory from "#server/memory/Memory.ts"
import { client, clientOf, services, token, World } from "./harness.ts"

const open = new Set(["/health"])

it.effect(
  "every endpoint of the contract but health and what the code on a station leads to refuses who brings no token, or a wrong one",
  () =>
    Effect.gen(function* () {
      const api = yield* client
      const { paths } = OpenApi.fromApi(Api)
      let asked = 0
      for (const [path, item] of Object.entries(paths)) {
        for (const method of Object.keys(item)) {
          if (open.has(path) || path.startsWith("/api/v1/public/")) continue
          for (const authorization of ["", "Bearer wrong", `Basic ${token}`, `Bearer ${"x".repeat(600)}`]) {
            const call = { headers: { authorization }, ...(method !== "get" && { body: "{}" }) }
            const answer = yield* api.call(method.toUpperCase(), path.replace(/\{\w+\}/g, "x"), call)
            assert.strictEqual(answer.status, 401, `${method} ${path}`)
            assert.strictEqual(answer.headers.get("www-authenticate"), "Bearer")
            assert.strictEqual(answer.json.title, "Unauthorized")
            asked++
          }
        }
      }
      assert.isAbove(asked, 100)
    }).pipe(Effect.provide(services(new World())))
)

it.effect("health, the OpenAPI document and the documentation are open", () =>
  Effect.gen(function* () {
    const api = yield* client
    const bare = { headers: { authorization: "" } }
    const health = yield* api.get("/health", bare)
    assert.strictEqual(health.status, 200)
    assert.deepStrictEqual(health.json, {
      status: "ok",
      database: "up",
      recorder: { waiting: 3, commits: 5, units: 8, retries: 1 }
    })
    assert.strictEqual((yield* api.get("/api/v1/openapi.json", bare)).status, 200)
    assert.strictEqual((yield* api.get("/docs", bare)).status, 200)
  }).pipe(Effect.provide(services(new World())))
)

it.effect("a store that is away is told as 503 with the time to come back, and so is health", () => {
  const world = new World()
  return Effect.gen(function* () {
    const api = yield* client
    world.storeIsAway = true
    const answer = yield* api.get("/api/v1/stations")
    assert.strictEqual(answer.status, 503)
    assert.strictEqual(answer.headers.get("retry-after"), "5")
    assert.strictEqual(answer.json.type, "/docs#problem-unavailable")
    const health = yield* api.get("/health")
    assert.strictEqual(health.status, 503)
    assert.strictEqual(health.json.database, "down")
    world.storeIsAway = false
    assert.strictEqual((yield* api.get("/api/v1/stations")).status, 200)
  }).pipe(Effect.provide(services(world)))
})

it.effect("pages of other origins may call only when they were named", () =>
  Effect.gen(function* () {
    const headers = { origin: "https://console.example" }
    const closed = yield* (yield* client).get("/api/v1/stations", { headers })
    assert.strictEqual(closed.headers.get("access-control-allow-origin"), null)
    const api = yield* clientOf({ allowedOrigins: ["https://console.example"] })
    const open = yield* api.get("/api/v1/stations", { headers })
    assert.strictEqual(open.headers.get("access-control-allow-origin"), "https://console.example")
    const preflight = yield* api.call("OPTIONS", "/api/v1/stations", {
      headers: { ...headers, "access-control-request-method": "POST", authorization: "" }
    })
    assert.strictEqual(preflight.status, 204)
  }).pipe(Effect.provide(services(new World())))
)

it.effect("another token can be made, works, and is kept as its hash only", () => {
  const world = new World()
  return Effect.gen(function* () {
    const api = yield* client
    const made = yield* api.post("/api/v1/api-keys", { name: "export" })
    assert.strictEqual(made.status, 201)
    const { secret, id } = made.json
    assert.match(secret, /^wattproof_[\w-]{43}$/)
    const asked = yield* api.get("/api/v1/stations", { headers: { authorization: `bearer ${secret}` } })
    assert.strictEqual(asked.status, 200)
    const kept = [...world.state.apiKeys.values()].find((key) => key.id === id)!
    assert.strictEqual(kept.secretHash, hashSecret(secret))
    assert.notInclude(JSON.stringify([...world.state.apiKeys]), secret)
  }).pipe(Effect.provide(services(world)))
})

it.effect("tokens are listed without their secrets, and one that is revoked opens nothing", () =>
  Effect.gen(function* () {
    const api = yield* client
    const { secret, id } = (yield* api.post("/api/v1/api-keys", { name: "export" })).json
    const hers = { headers: { authorization: `Bearer ${secret}` } }
    const listed = yield* api.get("/api/v1/api-keys?limit=1")
    assert.lengthOf(listed.json.items, 1)
    const rest = yield* api.get(`/api/v1/api-keys?cursor=${listed.json.next}`)
    const all: ReadonlyArray<{ id: string; name: string }> = [...listed.json.items, ...rest.json.items]
    assert.deepStrictEqual(all.map(({ name }) => name).toSorted(), ["administrator", "export"])
    for (const key of all) assert.hasAllKeys(key, ["id", "name", "createdAt"])

    const revoked = yield* api.call("DELETE", `/api/v1/api-keys/${id}`)
    assert.strictEqual(revoked.status, 204)
    assert.strictEqual((yield* api.get("/api/v1/stations", hers)).status, 401)
    const again = yield* api.call("DELETE", `/api/v1/api-keys/${id}`)
    assert.strictEqual(again.status, 404)
    assert.deepInclude(again.json, { kind: "API key", id })

    const mine = all.find((key) => key.id !== id)!.id
    const last = yield* api.call("DELETE", `/api/v1/api-keys/${mine}`)
    assert.strictEqual(last.status, 409)
    assert.include(last.json.detail, "only API key")
    assert.strictEqual((yield* api.get("/api/v1/stations")).status, 200)
  }).pipe(Effect.provide(services(new World())))
)

const bare = (state: Memory.MemoryState) =>
  Layer.mergeAll(
    Memory.layer(state),
    Ids.layerSeeded("first"),
    Layer.succeed(SecureRandom, {
      randomBytes: (size: number) => Effect.succeed(new Uint8Array(size))
    } as SecureRandom["Service"])
  )

it.effect("the first token is made once, at the first start", () => {
  const state = new Memory.MemoryState()
  return Effect.gen(function* () {
    const made = yield* firstToken(undefined)
    assert.isString(made)
    assert.strictEqual(yield* firstToken(undefined), undefined)
    assert.deepStrictEqual([...state.apiKeys.keys()], [hashSecret(made!)])
  }).pipe(Effect.provide(bare(state)))
})

it.effect("a token given is registered once and never printed, also beside others", () => {
  const state = new Memory.MemoryState()
  return Effect.gen(function* () {
    yield* firstToken(undefined)
    assert.strictEqual(yield* firstToken("a token of my own"), undefined)
    assert.strictEqual(yield* firstToken("a token of my own"), undefined)
    assert.strictEqual(state.apiKeys.size, 2)
    assert.isTrue(state.apiKeys.has(hashSecret("a token of my own")))
  }).pipe(Effect.provide(bare(state)))
})
