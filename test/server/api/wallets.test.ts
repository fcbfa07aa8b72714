import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { standardReserve } from "#core/wallet/reserve.ts"
import { Directory } from "#server/directory/Directory.ts"
import { Journal } from "#server/record/Journal.ts"
import { WalletStore } from "#server/wallet/WalletStore.ts"
import { t0 } from "../../contract/ports/makers.ts"
import { billed, driver, start, token } from "../../contract/ports/walletMakers.ts"
import { client, services, World } from "./harness.ts"

const town = Effect.gen(function* () {
  const directory = yield* Directory
  for (const id of ["ada", "bob"]) yield* directory.createDriver(driver(id))
  yield* directory.createToken(token("CARD", "ada"))
  return yield* client
})

/** The clock is set before the server begins to wait for it. */
const today = <A, E, R>(test: Effect.Effect<A, E, R>) =>
  Effect.andThen(TestClock.setTime(t0), Effect.provide(test, services(new World())))

it.effect("a wallet is opened once, credited and paid out under the client's own ids, and never below its limit", () =>
  Effect.gen(function* () {
    const api = yield* town
    const open = (body: unknown) => api.post("/api/v1/wallets", body)
    const opened = yield* open({ driverId: "ada", currency: "EUR" })
    assert.strictEqual(opened.status, 201)
    assert.deepInclude(opened.json, { balanceMinor: "0", creditLineMinor: "0", freeMinor: "0", arrearsMinor: "0" })
    assert.strictEqual((yield* open({ driverId: "ada", currency: "EUR" })).status, 409)
    assert.deepStrictEqual((yield* open({ driverId: "eve", currency: "EUR" })).json.errors[0].pointer, "/driverId")
    assert.deepStrictEqual((yield* open({ driverId: "bob", currency: "ZZZ" })).json.errors[0].pointer, "/currency")
    const move = (id: string, kind: string, amountMinor: string, driverId = "ada") =>
      api.post(`/api/v1/wallets/${driverId}/movements`, { id, kind, amountMinor, reason: "at the desk" })
    assert.strictEqual((yield* move("a", "credit", "2000")).json.balanceMinor, "2000")
    assert.strictEqual((yield* move("a", "credit", "2000")).json.balanceMinor, "2000")
    assert.strictEqual((yield* move("a", "credit", "2001")).status, 409)
    assert.strictEqual((yield* move("b", "refund", "2001")).status, 409)
    assert.strictEqual((yield* move("b", "refund", "500")).json.balanceMinor, "1500")
    assert.strictEqual((yield* move("c", "credit", "1", "bob")).status, 404)
    for (const nonsense of ["0", "-5", "1.5", "x"])
      assert.strictEqual((yield* move("d", "credit", nonsense)).status, 400, nonsense)
    const { items } = (yield* api.get("/api/v1/wallets/ada/movements?limit=1")).json
    assert.deepInclude(items[0], { seq: 2, kind: "refund", amountMinor: "-500", balanceMinor: "1500" })
    const line = (creditLineMinor: string) => api.call("PATCH", "/api/v1/wallets/ada", { body: { creditLineMinor } })
    const start1 = { ...start(1), startedAtMs: t0 }
    yield* (yield* WalletStore).reserve(start1, standardReserve, t0)
    assert.deepInclude((yield* line("300")).json, { creditLineMinor: "300", heldMinor: "1000", freeMinor: "800" })
    // The bill is more than there is: what it cannot pay is asked for, and the next money pays it.
    yield* (yield* Journal).commit([billed(1, 2_100n, 1)])
    const after = (yield* api.get("/api/v1/wallets/ada")).json
    assert.deepInclude(after, { balanceMinor: "-300", freeMinor: "0", arrearsMinor: "300" })
    assert.strictEqual((yield* line("299")).status, 409)
    assert.deepInclude((yield* move("e", "credit", "1000")).json, { balanceMinor: "400", arrearsMinor: "0" })
    assert.deepStrictEqual(
      (yield* api.get("/api/v1/wallets")).json.items.map(({ driverId }: { driverId: string }) => driverId),
      ["ada"]
    )
  }).pipe(today)
)

it.effect("a card's budgets are set, shown with their use by the calendar of their zone, and taken away", () =>
  Effect.gen(function* () {
    const api = yield* town
    const terms = { currency: "EUR", maxMinor: "5000", maxWh: null, maxSessions: 2, atLimit: "stop" }
    const put = (period: string, timeZone: string, over: object = {}) =>
      api.call("PUT", `/api/v1/tokens/card/budgets/${period}`, { body: { ...terms, timeZone, ...over } })
    assert.strictEqual((yield* put("day", "Pacific/Auckland")).status, 200)
    yield* put("month", "Europe/Berlin", { maxMinor: null })
    yield* (yield* WalletStore).reserve(start(1, { driverId: null }), standardReserve, t0)
    const { items } = (yield* api.get("/api/v1/tokens/CARD/budgets")).json
    assert.deepInclude(items[0], { period: "day", from: "2026-02-28T11:00:00.000Z", until: "2026-03-01T11:00:00.000Z" })
    assert.deepInclude(items[0], { usedMinor: "1000", usedSessions: 1, maxMinor: "5000" })
    assert.deepInclude(items[1], { period: "month", from: "2026-02-28T23:00:00.000Z", maxMinor: null })
    assert.strictEqual((yield* put("day", "Moon/Base")).json.errors[0].pointer, "/timeZone")
    assert.strictEqual((yield* put("year", "UTC")).status, 400)
    assert.strictEqual((yield* api.get("/api/v1/tokens/NONE/budgets")).status, 404)
    assert.strictEqual((yield* api.call("DELETE", "/api/v1/tokens/card/budgets/day", {})).status, 204)
    assert.strictEqual((yield* api.call("DELETE", "/api/v1/tokens/card/budgets/day", {})).status, 404)
    assert.lengthOf((yield* api.get("/api/v1/tokens/CARD/budgets")).json.items, 1)
  }).pipe(today)
)
