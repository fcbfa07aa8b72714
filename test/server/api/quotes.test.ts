import { assert, it } from "@effect/vitest"
import { Effect, type Layer, Result, type Scope } from "effect"
import { TestClock } from "effect/testing"
import { Tariff } from "#core/tariff/Tariff.ts"
import { Directory } from "#server/directory/Directory.ts"
import { unregistered } from "#server/ocpp/stationAuth.ts"
import { client, services, World } from "./harness.ts"

const noonMs = Date.UTC(2026, 0, 31, 12)

/** Dear until two in the afternoon in Berlin, half of it afterwards, and six an hour once the car is full. */
const tariff = Result.getOrThrow(
  Tariff.parse({
    id: "standard",
    version: 1,
    currency: "EUR",
    tax_included: "NO",
    end_date_time: "2026-03-01T00:00:00Z",
    elements: [
      {
        price_components: [{ type: "ENERGY", price: 0.6, vat: 19, step_size: 1 }],
        restrictions: { end_time: "14:00" }
      },
      {
        price_components: [
          { type: "ENERGY", price: 0.3, vat: 19, step_size: 1 },
          { type: "PARKING_TIME", price: 6, vat: 19, step_size: 60 }
        ]
      }
    ]
  })
)

const seeded = Effect.gen(function* () {
  const directory = yield* Directory
  yield* directory.publishTariff(tariff)
  yield* directory.setDefaultTariffId("standard")
  yield* directory.createStation({ ...unregistered("S1", 0), timeZone: "Europe/Berlin" })
})

const world = <A, E>(test: Effect.Effect<A, E, Layer.Success<ReturnType<typeof services>> | Scope.Scope>) =>
  Effect.andThen(TestClock.setTime(noonMs), Effect.provide(test, services(new World())))

const car = {
  batteryWh: 40_000,
  arrivalPercent: 25,
  targetPercent: 75,
  maxPowerW: 100_000,
  curve: [
    [0, 1],
    [100, 1]
  ]
}

it.effect("a quote says what this car pays here until then, when and why, to operators and to everybody alike", () =>
  world(
    Effect.gen(function* () {
      yield* seeded
      const api = yield* client
      // 20 kWh at 10 kW take two hours; then it stands for one.
      const request = { until: "2026-01-31T16:00:00+01:00", chargerPowerW: 10_000, car }
      const { status, json } = yield* api.post("/api/v1/stations/S1/quotes", request)
      assert.strictEqual(status, 200)
      assert.strictEqual(json.fullAt, "2026-01-31T14:00:00.000Z")
      // 10 kWh at 0.60, 10 kWh at 0.30, an hour at 6: 15.00 net.
      assert.strictEqual(json.price.grossMinor, "1785")
      assert.strictEqual(json.price.timeZone, "Europe/Berlin")
      assert.deepStrictEqual(
        json.branches.map(({ kind, at, energyWh, fromPrice, toPrice }: Record<string, unknown>) => ({
          kind,
          at,
          energyWh,
          fromPrice,
          toPrice
        })),
        [
          { kind: "price", at: "2026-01-31T13:00:00.000Z", energyWh: 10_000, fromPrice: "0.60", toPrice: "0.30" },
          { kind: "idle", at: "2026-01-31T14:00:00.000Z", energyWh: 20_000, fromPrice: null, toPrice: "6.00" }
        ]
      )
      assert.strictEqual(json.price.reasons.length, json.price.lines.length)
      assert.include(json.price.lines[0].explanation, "10.000 kWh at 0.60 EUR per kWh")
      assert.deepInclude(json.points.at(-1), { at: json.until, grossMinor: "1785", socPercent: 75, energyWh: 20_000 })
      const open = yield* api.call("POST", "/api/v1/public/stations/S1/quotes", {
        body: request,
        headers: { authorization: "" }
      })
      assert.strictEqual(open.status, 200)
      assert.deepStrictEqual(open.json, json)
    })
  )
)

it.effect("a charge that cannot be is refused by name, and one without a price too", () =>
  world(
    Effect.gen(function* () {
      yield* seeded
      const api = yield* client
      const asked = { until: "2026-01-31T15:00:00Z", chargerPowerW: 10_000 }
      const refusal = (over: Record<string, unknown>) =>
        Effect.map(api.post("/api/v1/stations/S1/quotes", { ...asked, ...over }), ({ status, json }) => [
          status,
          json.errors?.[0]?.pointer ?? json.kind
        ])
      assert.deepStrictEqual(yield* refusal({ until: "2026-01-31T12:00:00Z" }), [422, "/until"])
      assert.deepStrictEqual(yield* refusal({ until: "2026-02-07T12:00:01Z" }), [422, "/until"])
      const curve = [
        [50, 1],
        [0, 1]
      ]
      assert.deepStrictEqual(yield* refusal({ car: { ...car, curve } }), [422, "/car/curve"])
      assert.deepStrictEqual(yield* refusal({ car: { ...car, arrivalPercent: 101 } }), [400, "/car/arrivalPercent"])
      const later = { from: "2026-03-02T00:00:00Z", until: "2026-03-02T01:00:00Z" }
      assert.deepStrictEqual(yield* refusal(later), [409, "station"])
      assert.strictEqual((yield* api.post("/api/v1/stations/S9/quotes", asked)).status, 404)
    })
  )
)
