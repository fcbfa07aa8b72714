import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { Directory } from "#server/directory/Directory.ts"
import { verifyPassword } from "#server/ocpp/Password.ts"
import { client, services, World } from "./harness.ts"

const noon = Date.UTC(2026, 0, 31, 12)

/** From the start on: what the server does every ten minutes is not done since 1970 first. */
const atNoon = <A, E, R>(test: Effect.Effect<A, E, R>) => Effect.andThen(TestClock.setTime(noon), test)

it.effect("a station is registered, read, changed and listed, and its password never comes back", () => {
  const world = new World()
  return Effect.gen(function* () {
    const api = yield* client
    const created = yield* api.post("/api/v1/stations", { id: "CS-1", password: "correct-horse-battery" })
    assert.strictEqual(created.status, 201)
    assert.deepStrictEqual(created.json, {
      id: "CS-1",
      name: null,
      securityProfile: 1,
      registration: "Accepted",
      strictness: "lenient",
      siteId: null,
      timeZone: "UTC",
      tariffId: null,
      costDisplay: "auto",
      createdAt: "2026-01-31T12:00:00.000Z",
      connection: null
    })
    const directory = yield* Directory
    const stored = (yield* directory.station("CS-1"))!.passwordHashes[0]!
    assert.isTrue(verifyPassword(Buffer.from("correct-horse-battery"), stored))

    world.connected.set("CS-1", { dialect: "2.0.1", connectedAtMs: noon, remoteAddress: "10.0.0.7" })
    const changed = yield* api.patch("/api/v1/stations/CS-1", { name: "Harbour", timeZone: "Europe/Berlin" })
    assert.strictEqual(changed.status, 200)
    assert.strictEqual(changed.json.name, "Harbour")
    assert.strictEqual(changed.json.securityProfile, 1)
    assert.strictEqual((yield* directory.station("CS-1"))!.passwordHashes[0], stored)

    const detail = yield* api.get("/api/v1/stations/CS-1")
    assert.deepStrictEqual(detail.json.connection, {
      dialect: "2.0.1",
      connectedAt: "2026-01-31T12:00:00.000Z",
      remoteAddress: "10.0.0.7"
    })
    assert.strictEqual(detail.json.timeZone, "Europe/Berlin")
    const list = yield* api.get("/api/v1/stations")
    assert.deepStrictEqual(
      list.json.items.map(({ id }: { id: string }) => id),
      ["CS-1"]
    )
  }).pipe(Effect.provide(services(world)), atNoon)
})

it.effect("a password given to an open station is asked for from then on, unless it is to stay open", () =>
  Effect.gen(function* () {
    const api = yield* client
    const password = "correct-horse-battery"
    yield* api.post("/api/v1/stations", { id: "CS-1" })
    const open = yield* api.patch("/api/v1/stations/CS-1", { password, securityProfile: 0 })
    assert.strictEqual(open.json.securityProfile, 0)
    const closed = yield* api.patch("/api/v1/stations/CS-1", { password })
    assert.strictEqual(closed.json.securityProfile, 1)
  }).pipe(Effect.provide(services(new World())))
)

it.effect("a station that exists, refers to nothing or makes no sense is refused by name", () =>
  Effect.gen(function* () {
    const api = yield* client
    yield* api.post("/api/v1/stations", { id: "CS-1" })
    const twice = yield* api.post("/api/v1/stations", { id: "CS-1" })
    assert.strictEqual(twice.status, 409)
    assert.strictEqual(twice.json.id, "CS-1")
    assert.match(twice.headers.get("content-type")!, /^application\/problem\+json/)

    const refusals = [
      [{ id: "CS-2", timeZone: "Mars/Olympus" }, "/timeZone"],
      [{ id: "CS-2", securityProfile: 1 }, "/password"],
      [{ id: "CS-2", tariffId: "nowhere" }, "/tariffId"]
    ] as const
    for (const [body, pointer] of refusals) {
      const refused = yield* api.post("/api/v1/stations", body)
      assert.strictEqual(refused.status, 422)
      assert.strictEqual(refused.json.errors[0].pointer, pointer)
    }
    assert.strictEqual((yield* api.patch("/api/v1/stations/CS-1", { tariffId: "nowhere" })).status, 422)
    assert.strictEqual((yield* api.patch("/api/v1/stations/CS-9", { name: "x" })).status, 404)
    assert.strictEqual((yield* api.get("/api/v1/stations/CS-2")).status, 404)
  }).pipe(Effect.provide(services(new World())))
)

it.effect("pages follow one another by an opaque cursor until there is none", () =>
  Effect.gen(function* () {
    const api = yield* client
    for (const id of ["C", "A", "E", "B", "D"]) yield* api.post("/api/v1/stations", { id })
    const seen: Array<string> = []
    let path = "/api/v1/stations?limit=2"
    for (let pages = 0; pages < 3; pages++) {
      const { json } = yield* api.get(path)
      seen.push(...json.items.map(({ id }: { id: string }) => id))
      if (json.next === undefined) break
      assert.notInclude(json.next, seen[seen.length - 1]!)
      path = `/api/v1/stations?limit=2&cursor=${json.next}`
    }
    assert.deepStrictEqual(seen, ["A", "B", "C", "D", "E"])
    const forged = yield* api.get("/api/v1/stations?cursor=abc")
    assert.strictEqual(forged.status, 400)
    assert.strictEqual(forged.json.errors[0].pointer, "/cursor")
  }).pipe(Effect.provide(services(new World())))
)

it.effect("stations are listed by what they are connected to, registered as and priced by", () => {
  const world = new World()
  return Effect.gen(function* () {
    const api = yield* client
    yield* api.post("/api/v1/tariffs", tariff)
    yield* api.post("/api/v1/stations", { id: "A", tariffId: "standard" })
    yield* api.post("/api/v1/stations", { id: "B", registration: "Pending" })
    yield* api.post("/api/v1/stations", { id: "C", tariffId: "standard", registration: "Pending" })
    yield* api.post("/api/v1/stations", { id: "D", tariffId: "standard" })
    for (const id of ["A", "C"]) {
      world.connected.set(id, { dialect: "1.6", connectedAtMs: noon, remoteAddress: "10.0.0.7" })
    }
    const ids = (query: string) =>
      Effect.map(api.get(`/api/v1/stations?${query}`), ({ json }) => json.items.map(({ id }: { id: string }) => id))
    assert.deepStrictEqual(yield* ids("connected=true"), ["A", "C"])
    assert.deepStrictEqual(yield* ids("connected=false"), ["B", "D"])
    assert.deepStrictEqual(yield* ids("registration=Pending"), ["B", "C"])
    assert.deepStrictEqual(yield* ids("tariffId=standard&connected=false"), ["D"])
    assert.deepStrictEqual(yield* ids("tariffId=standard&connected=true&registration=Pending"), ["C"])
    const first = yield* api.get("/api/v1/stations?connected=false&limit=1")
    assert.deepStrictEqual(yield* ids(`connected=false&limit=1&cursor=${first.json.next}`), ["D"])
    for (const query of ["connected=maybe", "registration=Lost", "tariffId="]) {
      assert.strictEqual((yield* api.get(`/api/v1/stations?${query}`)).status, 400, query)
    }
  }).pipe(Effect.provide(services(world)))
})

it.effect("a token is blocked from the first request on, and unblocked again", () =>
  Effect.gen(function* () {
    const api = yield* client
    const ada = yield* api.post("/api/v1/drivers", { id: "ada", name: "Ada", email: "ada@example.com" })
    assert.strictEqual(ada.status, 201)
    const created = yield* api.post("/api/v1/tokens", { uid: " 04a2b9 ", driverId: "ada", concurrencyLimit: 1 })
    assert.strictEqual(created.status, 201)
    assert.strictEqual(created.json.uid, "04A2B9")
    assert.strictEqual(created.json.type, "ISO14443")

    const blocked = yield* api.patch("/api/v1/tokens/04a2b9", { blocked: true })
    assert.strictEqual(blocked.json.blockedAt, "2026-01-31T12:00:00.000Z")
    yield* TestClock.adjust("1 hour")
    const again = yield* api.patch("/api/v1/tokens/04A2B9", {
      blocked: true,
      expiresAt: "2026-03-01T00:00:00+01:00",
      allowedStations: ["CS-1"]
    })
    assert.strictEqual(again.json.blockedAt, "2026-01-31T12:00:00.000Z")
    assert.strictEqual(again.json.expiresAt, "2026-02-28T23:00:00.000Z")
    assert.deepStrictEqual(again.json.allowedStations, ["CS-1"])
    const freed = yield* api.patch("/api/v1/tokens/04A2B9", { blocked: false, expiresAt: null })
    assert.strictEqual(freed.json.blockedAt, null)
    assert.strictEqual(freed.json.expiresAt, null)
    assert.strictEqual(freed.json.concurrencyLimit, 1)

    assert.strictEqual((yield* api.post("/api/v1/tokens", { uid: "04A2B9" })).status, 409)
    const orphan = yield* api.patch("/api/v1/tokens/04A2B9", { driverId: "nobody" })
    assert.strictEqual(orphan.status, 422)
    assert.strictEqual(orphan.json.errors[0].pointer, "/driverId")
    assert.strictEqual((yield* api.get("/api/v1/tokens/FF")).status, 404)
    const hers = yield* api.get("/api/v1/tokens?driverId=ada")
    assert.strictEqual(hers.json.items.length, 1)
    assert.strictEqual((yield* api.get("/api/v1/tokens?driverId=bob")).json.items.length, 0)
  }).pipe(Effect.provide(services(new World())), atNoon)
)

it.effect("a driver without an id is given one, and can be changed", () =>
  Effect.gen(function* () {
    const api = yield* client
    const created = yield* api.post("/api/v1/drivers", { name: "Ada" })
    assert.match(created.json.id, /^[0-9a-f-]{36}$/)
    const changed = yield* api.patch(`/api/v1/drivers/${created.json.id}`, { email: "ada@example.com" })
    assert.deepStrictEqual(changed.json, { ...created.json, email: "ada@example.com" })
    assert.deepStrictEqual((yield* api.get(`/api/v1/drivers/${created.json.id}`)).json, changed.json)
    assert.strictEqual((yield* api.post("/api/v1/drivers", { id: created.json.id, name: "Eve" })).status, 409)
    assert.strictEqual((yield* api.patch("/api/v1/drivers/eve", { name: "Eve" })).status, 404)
    assert.strictEqual((yield* api.get("/api/v1/drivers")).json.items.length, 1)
  }).pipe(Effect.provide(services(new World())))
)

it.effect("a driver is put into a group and taken out of it, and what was stays known", () =>
  Effect.gen(function* () {
    const api = yield* client
    yield* api.post("/api/v1/drivers", { id: "ada", name: "Ada" })
    const created = yield* api.post("/api/v1/driver-groups", { id: "staff", name: "Staff" })
    assert.deepStrictEqual(created.json, { id: "staff", name: "Staff", createdAt: "2026-01-31T12:00:00.000Z" })
    assert.strictEqual((yield* api.post("/api/v1/driver-groups", { id: "staff", name: "Staff" })).status, 409)
    assert.strictEqual((yield* api.patch("/api/v1/driver-groups/staff", { name: "Our staff" })).json.name, "Our staff")
    assert.strictEqual((yield* api.get("/api/v1/driver-groups/staff")).json.name, "Our staff")
    assert.strictEqual((yield* api.get("/api/v1/driver-groups")).json.items.length, 1)
    const place = "/api/v1/driver-groups/staff/drivers/ada"
    assert.strictEqual((yield* api.call("PUT", place)).status, 204)
    assert.strictEqual((yield* api.get("/api/v1/driver-groups/staff/drivers")).json.items[0].id, "ada")
    yield* TestClock.adjust("1 hour")
    assert.strictEqual((yield* api.call("DELETE", place)).status, 204)
    assert.strictEqual((yield* api.call("DELETE", place)).status, 404)
    assert.deepStrictEqual((yield* api.get("/api/v1/drivers/ada/groups")).json.items, [
      { groupId: "staff", since: "2026-01-31T12:00:00.000Z", until: "2026-01-31T13:00:00.000Z" }
    ])
    for (const path of ["/api/v1/driver-groups/staff/drivers/eve", "/api/v1/driver-groups/none/drivers/ada"])
      assert.strictEqual((yield* api.call("PUT", path)).status, 404)
    for (const path of ["/api/v1/drivers/eve/groups", "/api/v1/driver-groups/none/drivers"])
      assert.strictEqual((yield* api.get(path)).status, 404)
  }).pipe(Effect.provide(services(new World())), atNoon)
)

const tariff = {
  id: "standard",
  currency: "EUR",
  elements: [{ price_components: [{ type: "ENERGY", price: 0.49, vat: 19, step_size: 1 }] }]
}

it.effect("tariffs are published version by version and one becomes the default", () =>
  Effect.gen(function* () {
    const api = yield* client
    const first = yield* api.post("/api/v1/tariffs", tariff)
    assert.strictEqual(first.status, 201)
    assert.strictEqual(first.json.version, 1)
    assert.deepStrictEqual(first.json.elements, tariff.elements)
    assert.isUndefined(first.json.start_date_time)
    const second = yield* api.post("/api/v1/tariffs", tariff)
    assert.strictEqual(second.json.version, 2)
    assert.isString(second.json.start_date_time, "a further version holds from its publication, not since ever")
    assert.strictEqual((yield* api.post("/api/v1/tariffs", { ...tariff, version: 3 })).json.version, 3)
    assert.strictEqual((yield* api.post("/api/v1/tariffs", { ...tariff, version: 3 })).status, 409)
    assert.strictEqual((yield* api.post("/api/v1/tariffs", { ...tariff, version: 9 })).status, 409)
    const versions = yield* api.get("/api/v1/tariffs/standard")
    assert.deepStrictEqual(
      versions.json.items.map(({ version }: { version: number }) => version),
      [1, 2, 3]
    )
    assert.strictEqual((yield* api.get("/api/v1/tariffs")).json.items[0].version, 3)
    assert.strictEqual((yield* api.get("/api/v1/tariffs/nowhere")).status, 404)

    assert.deepStrictEqual((yield* api.get("/api/v1/default-tariff")).json, { tariffId: null })
    assert.strictEqual((yield* api.put("/api/v1/default-tariff", { tariffId: "nowhere" })).status, 422)
    assert.strictEqual((yield* api.put("/api/v1/default-tariff", { tariffId: "standard" })).status, 200)
    assert.deepStrictEqual((yield* api.get("/api/v1/default-tariff")).json, { tariffId: "standard" })
  }).pipe(Effect.provide(services(new World())))
)

it.effect("a broken tariff is not published, a dearer one only when confirmed, and what is odd is told", () =>
  Effect.gen(function* () {
    const api = yield* client
    const [element] = tariff.elements
    const shadowed = { ...tariff, elements: [element, { ...element, restrictions: { min_kwh: 10 } }] }
    const refused = yield* api.post("/api/v1/tariffs", shadowed)
    assert.strictEqual(refused.status, 422)
    assert.strictEqual(refused.json.errors[0].pointer, "/elements/1/price_components/0")
    assert.match(refused.json.errors[0].message, /^unreachable_element: /)

    const day = { ...element, restrictions: { start_time: "08:00", end_time: "20:00" } }
    const odd = yield* api.post("/api/v1/tariffs", { ...tariff, elements: [day] })
    assert.strictEqual(odd.status, 201)
    assert.strictEqual(odd.json.findings[0].code, "gap")
    assert.include(odd.json.findings[0].message, "20:00-08:00 every day")

    const dearer = { ...tariff, elements: [{ price_components: [{ type: "ENERGY", price: 4.9, vat: 19 }] }] }
    const asked = yield* api.post("/api/v1/tariffs", dearer)
    assert.strictEqual(asked.status, 422)
    assert.strictEqual(asked.json.errors[0].pointer, "/elements/0/price_components/0/price")
    assert.include(asked.json.errors[0].message, "above the 0.49 EUR")
    assert.strictEqual((yield* api.post("/api/v1/tariffs?confirm=true", dearer)).json.version, 2)
    assert.strictEqual((yield* api.post("/api/v1/tariffs", dearer)).status, 201, "it is no record any more")
  }).pipe(Effect.provide(services(new World())))
)

it.effect("a tariff that is misspelt or senseless is refused at the place where it is", () =>
  Effect.gen(function* () {
    const api = yield* client
    const misspelt = { ...tariff, elements: [{ price_components: [{ type: "ENERGY", prize: 0.49, price: 0.4 }] }] }
    const unread = yield* api.post("/api/v1/tariffs", misspelt)
    assert.strictEqual(unread.status, 400)
    assert.strictEqual(unread.json.errors[0].pointer, "/elements/0/price_components/0/prize")
    const senseless = { ...tariff, elements: [{ price_components: [{ type: "ENERGY", price: -1 }] }] }
    const refused = yield* api.post("/api/v1/tariffs", senseless)
    assert.strictEqual(refused.status, 422)
    assert.strictEqual(refused.json.errors[0].pointer, "/elements/0/price_components/0/price")
    assert.deepStrictEqual((yield* api.get("/api/v1/tariffs")).json, { items: [] })
  }).pipe(Effect.provide(services(new World())))
)
