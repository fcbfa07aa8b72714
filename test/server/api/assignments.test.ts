import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { client, services, World } from "./harness.ts"

const noon = Date.UTC(2026, 0, 31, 12)

/** From the start on: what the server does every ten minutes is not done since 1970 first. */
const atNoon = <A, E, R>(test: Effect.Effect<A, E, R>) => Effect.andThen(TestClock.setTime(noon), test)

const tariff = (id: string, price: number) => ({
  id,
  currency: "EUR",
  elements: [{ price_components: [{ type: "ENERGY", price, vat: 19, step_size: 1 }] }]
})

/** A network with a site, a group, four tariffs and a default. */
const founded = Effect.gen(function* () {
  const api = yield* client
  yield* api.post("/api/v1/sites", { id: "harbour", name: "Harbour", timeZone: "Europe/Berlin" })
  yield* api.post("/api/v1/drivers", { id: "ada", name: "Ada" })
  yield* api.post("/api/v1/driver-groups", { id: "staff", name: "Staff" })
  for (const [index, id] of ["plain", "here", "staff", "roaming"].entries())
    yield* api.post("/api/v1/tariffs", tariff(id, (4 + index) / 10))
  yield* api.put("/api/v1/default-tariff", { tariffId: "plain" })
  return api
})

it.effect("a station at a site has its zone, and is told when another is asked for", () =>
  Effect.gen(function* () {
    const api = yield* founded
    const created = yield* api.post("/api/v1/stations", { id: "CS-1", siteId: "harbour" })
    assert.deepInclude(created.json, { siteId: "harbour", timeZone: "Europe/Berlin" })
    const other = yield* api.post("/api/v1/stations", { id: "CS-2", siteId: "harbour", timeZone: "Asia/Tokyo" })
    assert.strictEqual(other.status, 422)
    assert.strictEqual(other.json.errors[0].pointer, "/timeZone")
    const lost = yield* api.post("/api/v1/stations", { id: "CS-2", siteId: "nowhere" })
    assert.strictEqual(lost.json.errors[0].pointer, "/siteId")
    yield* api.post("/api/v1/stations", { id: "CS-2", timeZone: "Asia/Tokyo" })
    assert.strictEqual((yield* api.patch("/api/v1/stations/CS-1", { timeZone: "Asia/Tokyo" })).status, 422)
    const moved = yield* api.patch("/api/v1/stations/CS-2", { siteId: "harbour" })
    assert.strictEqual(moved.json.timeZone, "Europe/Berlin")
    assert.strictEqual((yield* api.get("/api/v1/stations?siteId=harbour")).json.items.length, 2)

    const zoned = yield* api.patch("/api/v1/sites/harbour", { timeZone: "Europe/Helsinki" })
    assert.strictEqual(zoned.json.timeZone, "Europe/Helsinki")
    assert.strictEqual((yield* api.get("/api/v1/stations/CS-1")).json.timeZone, "Europe/Helsinki")
    assert.strictEqual((yield* api.patch("/api/v1/sites/harbour", { timeZone: "Nowhere/At" })).status, 422)
    assert.strictEqual((yield* api.get("/api/v1/sites/harbour")).json.name, "Harbour")
    assert.strictEqual((yield* api.get("/api/v1/sites")).json.items.length, 1)
    const free = yield* api.patch("/api/v1/stations/CS-2", { siteId: null, timeZone: "Asia/Tokyo" })
    assert.deepInclude(free.json, { siteId: null, timeZone: "Asia/Tokyo" })
  }).pipe(Effect.provide(services(new World())), atNoon)
)

it.effect("tariffs are assigned to places and payers, and the ladder says which holds when and why", () =>
  Effect.gen(function* () {
    const api = yield* founded
    yield* api.post("/api/v1/stations", { id: "CS-1", siteId: "harbour" })
    yield* api.post("/api/v1/tokens", { uid: "CARD", driverId: "ada" })
    yield* api.post("/api/v1/tokens", { uid: "GUEST", partnerId: "DE*ABC" })
    const assign = (body: object) => api.put("/api/v1/tariff-assignments", body)
    const held = (query: string) =>
      Effect.map(api.get(`/api/v1/stations/CS-1/tariff${query}`), ({ json }) => json.tariff?.id ?? null)
    assert.strictEqual(yield* held(""), "plain")

    yield* TestClock.adjust("1 hour")
    const first = yield* assign({ stationId: "CS-1", evseId: 2, tariffId: "here" })
    assert.deepInclude(first.json, { stationId: "CS-1", evseId: 2, groupId: null, since: "2026-01-31T13:00:00.000Z" })
    yield* assign({ siteId: "harbour", groupId: "staff", tariffId: "staff" })
    yield* assign({ partnerId: "DE*ABC", tariffId: "roaming" })
    yield* api.call("PUT", "/api/v1/driver-groups/staff/drivers/ada")
    assert.strictEqual(yield* held("?evseId=2"), "here")
    assert.strictEqual(yield* held("?evseId=2&driverId=ada"), "staff")
    assert.strictEqual(yield* held("?tokenUid=card"), "staff")
    assert.strictEqual(yield* held("?tokenUid=guest&evseId=2"), "roaming")
    assert.strictEqual(yield* held("?tokenUid=card&partnerId=DE*ABC"), "roaming")
    assert.strictEqual(yield* held("?evseId=2&driverId=ada&at=2026-01-31T12:59:59Z"), "plain")

    const why = (yield* api.get("/api/v1/stations/CS-1/tariff?evseId=2&tokenUid=card")).json
    assert.deepInclude(why, { siteId: "harbour", driverId: "ada", groups: ["staff"], partnerId: null })
    assert.deepInclude(why.tariff, { id: "staff", version: 1 })
    const told = why.steps.map((step: { outcome: string; tariffId: string | null }) => [step.outcome, step.tariffId])
    assert.deepStrictEqual(told, [
      ["unassigned", null],
      ["unassigned", null],
      ["decides", "staff"],
      ["unassigned", null],
      ["outranked", "here"],
      ["unassigned", null],
      ["unassigned", null],
      ["outranked", "plain"]
    ])
    assert.match(why.steps[2].text, /group staff at site harbour .* staff, of which version 1 .* it holds/)

    yield* assign({ siteId: "harbour", groupId: "staff", tariffId: null })
    assert.strictEqual(yield* held("?driverId=ada"), "plain")
    const all = yield* api.get("/api/v1/tariff-assignments")
    assert.deepStrictEqual(
      all.json.items.map((it: { tariffId: string }) => it.tariffId),
      ["plain", "roaming", "here"]
    )
    assert.isNull(all.json.items[0].since)
    assert.strictEqual((yield* api.get("/api/v1/tariff-assignments?tariffId=here")).json.items.length, 1)
  }).pipe(Effect.provide(services(new World())), atNoon)
)

it.effect("what is assigned to nothing, or of nothing, is refused by name", () =>
  Effect.gen(function* () {
    const api = yield* founded
    yield* api.post("/api/v1/stations", { id: "CS-1" })
    const refusals = [
      [{ tariffId: "none" }, "/tariffId"],
      [{ tariffId: "here", stationId: "CS-9" }, "/stationId"],
      [{ tariffId: "here", siteId: "nowhere" }, "/siteId"],
      [{ tariffId: "here", groupId: "nobody" }, "/groupId"],
      [{ tariffId: "here", evseId: 1 }, "/evseId"],
      [{ tariffId: "here", stationId: "CS-1", siteId: "harbour" }, "/siteId"],
      [{ tariffId: "here", groupId: "staff", partnerId: "DE*ABC" }, "/partnerId"]
    ] as const
    for (const [body, pointer] of refusals) {
      const refused = yield* api.put("/api/v1/tariff-assignments", body)
      assert.strictEqual(refused.status, 422, JSON.stringify(body))
      assert.strictEqual(refused.json.errors[0].pointer, pointer)
    }
    for (const query of ["?driverId=eve", "?tokenUid=EVE"])
      assert.strictEqual((yield* api.get(`/api/v1/stations/CS-1/tariff${query}`)).status, 404)
    assert.strictEqual((yield* api.get("/api/v1/stations/CS-9/tariff")).status, 404)
    assert.strictEqual((yield* api.get("/api/v1/tariff-assignments")).json.items.length, 1)
  }).pipe(Effect.provide(services(new World())), atNoon)
)
