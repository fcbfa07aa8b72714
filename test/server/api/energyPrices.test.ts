import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { client, services, World } from "./harness.ts"

const noon = Date.UTC(2026, 0, 31, 12)
const inTheCms = <A, E, R>(test: Effect.Effect<A, E, R>) =>
  Effect.andThen(TestClock.setTime(noon), Effect.provide(test, services(new World())))

const midnight = (day: number) => new Date(Date.UTC(2026, 0, day)).toISOString()
/** The hours of a day of January 2026, or of February where January is over. */
const hours = (day: number, price: number) =>
  Array.from({ length: 24 }, (_, hour) => ({
    start_date_time: new Date(Date.UTC(2026, 0, day, hour)).toISOString(),
    price: (Math.round(price * 1e6) + hour * 1000) / 1e6
  }))
const next = (day: number, price = 0.1, more: object = {}) => ({
  currency: "EUR",
  prices: hours(day, price),
  end_date_time: midnight(day + 1),
  ...more
})
const dynamic = (more: object = {}) => ({
  id: "spot",
  currency: "EUR",
  elements: [
    { price_components: [{ type: "ENERGY", price: 0.59, vat: 19, step_size: 1 }], wattproof: { energy_prices: true } }
  ],
  wattproof: { energy_prices: { surcharge: 0.15, prices: hours(31, 0.1), end_date_time: midnight(32) } },
  ...more
})

it.effect("the next day's prices become the next version, whose past hours are left out", () =>
  inTheCms(
    Effect.gen(function* () {
      const api = yield* client
      const first = yield* api.post("/api/v1/tariffs", dynamic())
      assert.strictEqual(first.status, 201)
      assert.deepStrictEqual(first.json.wattproof, dynamic().wattproof)
      yield* TestClock.adjust("1 hour")
      const added = yield* api.post("/api/v1/tariffs/spot/energy-prices", next(32, 0.2))
      assert.strictEqual(added.status, 201)
      assert.deepInclude(added.json, { version: 2, start_date_time: "2026-01-31T13:00:00.000Z" })
      const { prices, end_date_time, surcharge } = added.json.wattproof.energy_prices
      assert.strictEqual(surcharge, 0.15)
      assert.strictEqual(end_date_time, midnight(33))
      // From 13:00 on of this day, and all of the next.
      assert.deepStrictEqual(prices, [...hours(31, 0.1).slice(13), ...hours(32, 0.2)])
      assert.deepStrictEqual(
        added.json.findings.map(({ code }: { code: string }) => code).includes("series_gap"),
        false
      )

      // The same again is told again, and nothing is published.
      const again = yield* api.post("/api/v1/tariffs/spot/energy-prices", next(32, 0.2))
      assert.deepStrictEqual(again.json, added.json)
      const { items } = (yield* api.get("/api/v1/tariffs/spot")).json
      assert.deepStrictEqual(
        items.map(({ version, state }: { version: number; state: string }) => [version, state]),
        [
          [1, "superseded"],
          [2, "holds"]
        ]
      )
    })
  )
)

it.effect("prices that do not follow are refused by their place, and nothing is published", () =>
  inTheCms(
    Effect.gen(function* () {
      const api = yield* client
      yield* api.post("/api/v1/tariffs", dynamic())
      const refusal = (body: object) =>
        Effect.map(api.post("/api/v1/tariffs/spot/energy-prices", body), ({ status, json }) => [
          status,
          json.errors?.[0]?.pointer
        ])
      const backwards = [...hours(32, 0.2)].reverse()
      const cases: ReadonlyArray<readonly [object, string]> = [
        [next(33), "/prices/0/start_date_time"],
        [next(31, 0.2), "/prices/0/start_date_time"],
        [next(32, 0.2, { currency: "CHF" }), "/currency"],
        [next(32, 0.2, { prices: backwards }), "/prices/1/start_date_time"],
        [next(32, 0.2, { end_date_time: midnight(32) }), "/end_date_time"],
        [next(32, 0.2, { end_date_time: "soon" }), "/end_date_time"],
        [next(32, 0.2, { prices: [{ start_date_time: midnight(32), price: 0.1234567 }] }), "/prices/0/price"]
      ]
      for (const [body, pointer] of cases) assert.deepStrictEqual(yield* refusal(body), [422, pointer])
      assert.strictEqual((yield* refusal(next(32, 0.2, { prices: [] })))[0], 400)
      assert.strictEqual((yield* api.get("/api/v1/tariffs/spot")).json.items.length, 1)
      assert.strictEqual((yield* api.post("/api/v1/tariffs/none/energy-prices", next(32))).status, 404)
    })
  )
)

it.effect("a series that is over begins anew, and one that another version is to replace is left alone", () =>
  inTheCms(
    Effect.gen(function* () {
      const api = yield* client
      yield* api.post("/api/v1/tariffs", dynamic())
      yield* TestClock.setTime(Date.UTC(2026, 1, 3, 9))
      const gone = yield* api.post("/api/v1/tariffs/spot/energy-prices", next(33))
      assert.strictEqual(gone.json.errors[0].pointer, "/end_date_time")
      const anew = yield* api.post("/api/v1/tariffs/spot/energy-prices", next(34, 0.3))
      assert.deepStrictEqual(anew.json.wattproof.energy_prices.prices, hours(34, 0.3).slice(9))
      const later = dynamic({ start_date_time: "2026-03-01T00:00:00Z" })
      assert.strictEqual((yield* api.post("/api/v1/tariffs?confirm=true", later)).status, 201)
      const refused = yield* api.post("/api/v1/tariffs/spot/energy-prices", next(35))
      assert.strictEqual(refused.status, 409)
      assert.match(refused.json.detail, /Version 3 of spot is scheduled/)
    })
  )
)

it.effect("a price of the series above all that a kWh ever cost is told where it was sent, and asks twice", () =>
  inTheCms(
    Effect.gen(function* () {
      const api = yield* client
      yield* api.post("/api/v1/tariffs", dynamic())
      yield* TestClock.adjust("1 hour")
      // 0.42 to 0.443 by the market, 0.15 on top: from 21:00 on above the 0.59 that is asked without a series.
      const asked = yield* api.post("/api/v1/tariffs/spot/energy-prices", next(32, 0.42))
      assert.strictEqual(asked.status, 422)
      assert.deepStrictEqual(asked.json.errors, [
        {
          in: "body",
          pointer: "/prices/23/price",
          message:
            "ENERGY at 0.593 EUR, surcharge included, from 2026-02-01T23:00:00.000Z is above the 0.59 EUR asked at most until now."
        }
      ])
      assert.strictEqual((yield* api.get("/api/v1/tariffs/spot")).json.items.length, 1)
      const meant = yield* api.post("/api/v1/tariffs/spot/energy-prices?confirm=true", next(32, 0.42))
      assert.strictEqual(meant.status, 201)
      const surcharged = dynamic({
        wattproof: { energy_prices: { ...meant.json.wattproof.energy_prices, surcharge: 0.2 } }
      })
      const dearer = yield* api.post("/api/v1/tariffs", surcharged)
      assert.strictEqual(dearer.status, 422)
      assert.match(dearer.json.errors[0].message, /^ENERGY at 0.643 EUR.* above the 0.593 EUR/)
    })
  )
)
