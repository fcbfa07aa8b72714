import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { client, services, World } from "./harness.ts"

const problem = /^application\/problem\+json/

it.effect("a request that does not fit the contract is told every place and what was expected there", () =>
  Effect.gen(function* () {
    const api = yield* client
    const bodies = [
      [{}, ["/uid"]],
      [{ uid: "A", expiresAt: "tomorrow" }, ["/expiresAt"]],
      [{ uid: "A", alowedStations: [] }, ["/alowedStations"]],
      [{ uid: "A", concurrencyLimit: 1.5, type: "Card" }, ["/concurrencyLimit", "/type"]],
      [{ uid: "A", allowedStations: ["CS-1", ""] }, ["/allowedStations/1"]]
    ] as const
    for (const [body, pointers] of bodies) {
      const refused = yield* api.post("/api/v1/tokens", body)
      assert.strictEqual(refused.status, 400)
      assert.match(refused.headers.get("content-type")!, problem)
      const errors: ReadonlyArray<{ in: string; pointer: string; message: string }> = refused.json.errors
      assert.deepStrictEqual(errors.map(({ pointer }) => pointer).sort(), [...pointers])
      for (const error of errors) {
        assert.strictEqual(error.in, "body")
        assert.isAbove(error.message.length, 10)
      }
    }
    const expiry = yield* api.post("/api/v1/tokens", { uid: "A", expiresAt: "tomorrow" })
    assert.include(expiry.json.errors[0].message, "RFC 3339")
  }).pipe(Effect.provide(services(new World())))
)

it.effect("query parameters are bounded, typed and known", () =>
  Effect.gen(function* () {
    const api = yield* client
    const queries = [
      ["limit=501", "/limit"],
      ["limit=0", "/limit"],
      ["limit=ten", "/limit"],
      ["statoin=x", "/statoin"]
    ] as const
    for (const [query, pointer] of queries) {
      const refused = yield* api.get(`/api/v1/stations?${query}`)
      assert.strictEqual(refused.status, 400, query)
      assert.deepInclude(refused.json.errors[0], { in: "query", pointer })
    }
    assert.strictEqual((yield* api.get("/api/v1/stations?limit=500")).status, 200)
    assert.strictEqual((yield* api.get("/api/v1/transactions?startedFrom=yesterday")).status, 400)
    assert.strictEqual((yield* api.get("/api/v1/transactions?status=Done")).status, 400)
  }).pipe(Effect.provide(services(new World())))
)

it.effect("a body that is no JSON, of another type, or at an unknown path gets a problem too", () =>
  Effect.gen(function* () {
    const api = yield* client
    const broken = yield* api.post("/api/v1/drivers", "{")
    assert.strictEqual(broken.status, 400)
    assert.match(broken.headers.get("content-type")!, problem)
    const headers = { "content-type": "text/csv" }
    const foreign = yield* api.call("POST", "/api/v1/drivers", { body: "a;b", headers })
    assert.strictEqual(foreign.status, 415)
    assert.match(foreign.headers.get("content-type")!, problem)
    const nowhere = yield* api.get("/api/v1/nowhere")
    assert.strictEqual(nowhere.status, 404)
    assert.match(nowhere.headers.get("content-type")!, problem)
    assert.strictEqual((yield* api.call("DELETE", "/api/v1/stations")).status, 404)
  }).pipe(Effect.provide(services(new World())))
)

it.effect("a defect leaves as a bare 500 without a word of its cause", () => {
  const world = new World()
  return Effect.gen(function* () {
    const api = yield* client
    yield* api.post("/api/v1/stations", { id: "CS-1" })
    world.asked.push = () => {
      throw new Error("a secret detail")
    }
    const answer = yield* api.post("/api/v1/stations/CS-1/operations", { type: "ClearCache" })
    assert.strictEqual(answer.status, 500)
    assert.deepStrictEqual(answer.json, { type: "about:blank", title: "Internal Server Error", status: 500 })
  }).pipe(Effect.provide(services(world)))
})
