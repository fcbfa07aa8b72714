import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { client, services, World } from "./harness.ts"

const noon = Date.UTC(2026, 0, 31, 12)
/** From the start on: what the server does every ten minutes is not done since 1970 first. */
const inTheCms = <A, E, R>(test: Effect.Effect<A, E, R>) =>
  Effect.andThen(TestClock.setTime(noon), Effect.provide(test, services(new World())))

const tariff = (id: string, price: number, more: object = {}) => ({
  id,
  currency: "EUR",
  elements: [{ price_components: [{ type: "ENERGY", price, vat: 19, step_size: 1 }] }],
  ...more
})

it.effect("a draft is kept and checked, changes no price, and becomes the next version when it is published", () =>
  inTheCms(
    Effect.gen(function* () {
      const api = yield* client
      yield* api.post("/api/v1/tariffs", tariff("day", 0.4))
      yield* api.put("/api/v1/default-tariff", { tariffId: "day" })
      yield* api.post("/api/v1/stations", { id: "CS-1" })
      const held = Effect.map(api.get("/api/v1/stations/CS-1/tariff"), ({ json }) => json.tariff)
      const dearer = tariff("day", 0.5)
      const saved = yield* api.put("/api/v1/tariffs/day/draft", dearer)
      assert.deepInclude(saved.json, { version: 2, publishable: true, saved_at: "2026-01-31T12:00:00.000Z" })
      assert.deepStrictEqual((yield* api.get("/api/v1/tariffs/day/draft")).json, saved.json)
      assert.strictEqual((yield* api.get("/api/v1/tariff-drafts")).json.items.length, 1)
      assert.deepStrictEqual(yield* held, { id: "day", version: 1 })
      assert.strictEqual((yield* api.put("/api/v1/tariffs/night/draft", dearer)).json.errors[0].pointer, "/id")

      // The guards are those of a tariff that is published at once.
      const broken = { ...dearer, elements: [{ ...dearer.elements[0], restrictions: { min_kwh: 5, max_kwh: 5 } }] }
      assert.isFalse((yield* api.post("/api/v1/tariffs/check", broken)).json.publishable)
      assert.isFalse((yield* api.put("/api/v1/tariffs/day/draft", broken)).json.publishable)
      assert.strictEqual((yield* api.post("/api/v1/tariffs/day/draft/publish?confirm=true", undefined)).status, 422)
      yield* api.put("/api/v1/tariffs/day/draft", dearer)
      const asked = yield* api.post("/api/v1/tariffs/day/draft/publish?at=2026-02-01T00:00:00Z", undefined)
      assert.match(asked.json.detail, /above all that this tariff ever asked/)

      const past = yield* api.post("/api/v1/tariffs/day/draft/publish?confirm=true&at=2026-01-31T11:59:59Z", undefined)
      assert.strictEqual(past.json.errors[0].pointer, "/start_date_time")
      yield* TestClock.adjust("1 minute")
      const published = yield* api.post("/api/v1/tariffs/day/draft/publish?confirm=true", undefined)
      assert.strictEqual(published.status, 201)
      assert.deepInclude(published.json, { version: 2, start_date_time: "2026-01-31T12:01:00.000Z" })
      assert.deepStrictEqual(yield* held, { id: "day", version: 2 })
      assert.strictEqual((yield* api.get("/api/v1/tariffs/day/draft")).status, 404)
      assert.strictEqual((yield* api.call("DELETE", "/api/v1/tariffs/day/draft")).status, 404)
      assert.strictEqual((yield* api.post("/api/v1/tariffs/day/draft/publish", undefined)).status, 404)

      yield* api.put("/api/v1/tariffs/day/draft", tariff("day", 0.3))
      yield* api.post("/api/v1/tariffs", tariff("day", 0.35))
      const late = yield* api.post("/api/v1/tariffs/day/draft/publish", undefined)
      assert.strictEqual(late.status, 409)
      assert.match(late.json.detail, /Version 3 of day was published meanwhile/)
      assert.strictEqual((yield* api.call("DELETE", "/api/v1/tariffs/day/draft")).status, 204)
    })
  )
)

it.effect("several versions are scheduled, each takes over when its time has come, and one is called off", () =>
  inTheCms(
    Effect.gen(function* () {
      const api = yield* client
      yield* api.post("/api/v1/tariffs", tariff("day", 0.9))
      const from = (instant: string) => ({ start_date_time: `2026-${instant}:00Z` })
      for (const [price, instant] of [
        [0.5, "03-01T00:00"],
        [0.6, "02-01T00:00"],
        [0.7, "04-01T00:00"]
      ] as const)
        assert.strictEqual((yield* api.post("/api/v1/tariffs", tariff("day", price, from(instant)))).status, 201)
      const past = yield* api.post("/api/v1/tariffs", tariff("day", 0.5, from("01-01T00:00")))
      assert.strictEqual(past.json.errors[0].pointer, "/start_date_time")
      const states = Effect.map(api.get("/api/v1/tariffs/day"), ({ json }) =>
        json.items.map(({ state }: { state: string }) => state)
      )
      assert.deepStrictEqual(yield* states, ["holds", "scheduled", "scheduled", "scheduled"])
      const off = yield* api.post("/api/v1/tariffs/day/versions/4/retire", undefined)
      assert.deepStrictEqual(off.json, { retired_at: "2026-01-31T12:00:00.000Z", holds: 2, without_price: [] })
      yield* TestClock.setTime(Date.UTC(2026, 1, 1))
      assert.deepStrictEqual(yield* states, ["superseded", "scheduled", "holds", "retired"])
      yield* TestClock.setTime(Date.UTC(2026, 3, 2))
      assert.deepStrictEqual(yield* states, ["superseded", "holds", "superseded", "retired"])
    })
  )
)

it.effect("a version is retired when something else holds then, or when it is confirmed that nothing does", () =>
  inTheCms(
    Effect.gen(function* () {
      const api = yield* client
      for (const id of ["day", "here"]) yield* api.post("/api/v1/tariffs", tariff(id, 0.4))
      yield* api.post("/api/v1/tariffs", tariff("day", 0.3))
      for (const id of ["CS-1", "CS-2", "CS-3"]) yield* api.post("/api/v1/stations", { id })
      yield* api.put("/api/v1/tariff-assignments", { stationId: "CS-1", tariffId: "day" })
      yield* api.put("/api/v1/tariff-assignments", { stationId: "CS-2", evseId: 2, tariffId: "day" })
      yield* api.put("/api/v1/tariff-assignments", { stationId: "CS-3", tariffId: "day" })
      yield* api.put("/api/v1/tariff-assignments", { stationId: "CS-3", evseId: 1, tariffId: "here" })
      yield* TestClock.adjust("1 minute")
      const retire = (version: number, query = "") =>
        api.post(`/api/v1/tariffs/day/versions/${version}/retire${query}`, undefined)
      assert.deepInclude((yield* retire(2)).json, { holds: 1, without_price: [] })
      const refused = yield* retire(1)
      assert.strictEqual(refused.status, 422)
      assert.deepStrictEqual(
        refused.json.errors.map(({ message }: { message: string }) => message.slice(0, 7)),
        ["At CS-1", "At CS-2", "At CS-3"]
      )
      yield* api.put("/api/v1/default-tariff", { tariffId: "here" })
      const now = yield* retire(1)
      assert.deepStrictEqual(now.json, { retired_at: "2026-01-31T12:01:00.000Z", holds: null, without_price: [] })
      assert.deepInclude((yield* api.get("/api/v1/stations/CS-1/tariff")).json.tariff, { id: "here" })
      const before = yield* api.get("/api/v1/stations/CS-1/tariff?at=2026-01-31T12:00:59Z")
      assert.deepInclude(before.json.tariff, { id: "day", version: 2 })

      yield* TestClock.adjust("1 minute")
      const again = yield* retire(1)
      assert.strictEqual(again.json.retired_at, "2026-01-31T12:01:00.000Z")
      assert.strictEqual((yield* api.post("/api/v1/tariffs/here/versions/1/retire", undefined)).status, 422)
      const meant = yield* api.post("/api/v1/tariffs/here/versions/1/retire?confirm=true", undefined)
      assert.deepStrictEqual(meant.json.without_price, ["CS-1", "CS-2", "CS-3"])
      assert.isNull((yield* api.get("/api/v1/stations/CS-1/tariff")).json.tariff)
      assert.strictEqual((yield* retire(3)).status, 404)
      assert.strictEqual((yield* api.post("/api/v1/tariffs/none/versions/1/retire", undefined)).status, 404)
    })
  )
)
