import { globSync, readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { Tariff } from "#core/tariff/Tariff.ts"

const good = {
  id: "T",
  currency: "EUR",
  tax_included: "NO",
  elements: [{ price_components: [{ type: "ENERGY", price: 0.25, vat: 20, step_size: 1 }] }]
}

const component = (over: object) => ({
  ...good,
  elements: [{ price_components: [{ ...good.elements[0]!.price_components[0], ...over }] }]
})

const restricted = (restrictions: object) => ({ ...good, elements: [{ ...good.elements[0], restrictions }] })

const pathOf = (json: unknown): string | null => {
  const tariff = Tariff.parse(json)
  return Result.isFailure(tariff) ? tariff.failure.path : null
}

describe("reading a tariff", () => {
  it("figures become integers without passing through a binary fraction", () => {
    const { price_components, restrictions } = {
      price_components: [{ type: "ENERGY", price: 0.290001, vat: 7.7, step_size: 1 }],
      restrictions: { min_power: 16.1, max_kwh: 0.1152, min_current: 32.4, max_duration: 1800, end_time: "00:00" }
    }
    const tariff = Result.getOrThrow(Tariff.parse({ ...good, elements: [{ price_components, restrictions }] }))
    const element = tariff.elements[0]!
    assert.strictEqual(element.priceComponents[0]!.priceMicros, 290_001)
    assert.strictEqual(element.priceComponents[0]!.vatPpm, 77_000)
    assert.strictEqual(element.restrictions!.minPowerMilliW, 16_100_000)
    assert.strictEqual(element.restrictions!.maxEnergyMilliWh, 115_200)
    assert.strictEqual(element.restrictions!.minCurrentMa, 32_400)
    assert.strictEqual(element.restrictions!.maxDurationMs, 1_800_000)
    assert.strictEqual(element.restrictions!.endMinute, 0)
  })

  it("what is missing has OCPI's meaning", () => {
    const { tax_included: _, ...old } = good
    const tariff = Result.getOrThrow(Tariff.parse({ ...old, type: null }))
    assert.strictEqual(tariff.taxIncluded, "NO")
    assert.strictEqual(tariff.version, 1)
    assert.isNull(tariff.type)
    assert.isNull(tariff.elements[0]!.restrictions)
    assert.isNull(Result.getOrThrow(Tariff.parse(restricted({ day_of_week: [] }))).elements[0]!.restrictions)
  })

  it("what is wrong is named by its place", () => {
    const cases: ReadonlyArray<readonly [unknown, string]> = [
      [null, ""],
      [{ ...good, currency: "EUX" }, "/currency"],
      [{ ...good, elements: [] }, "/elements"],
      [{ ...good, start_date_time: "soon" }, "/start_date_time"],
      [{ ...good, start_date_time: "2024-01-02T00:00:00Z", end_date_time: "2024-01-02T00:00:00Z" }, "/end_date_time"],
      [{ ...good, min_price: { before_taxes: 2 }, max_price: { before_taxes: 1 } }, "/max_price/before_taxes"],
      [{ ...good, max_price: { before_taxes: 1, after_taxes: -1 } }, "/max_price/after_taxes"],
      [component({ price: 0.2500001 }), "/elements/0/price_components/0/price"],
      [component({ price: -0.25 }), "/elements/0/price_components/0/price"],
      [component({ price: 1e10 }), "/elements/0/price_components/0/price"],
      [component({ vat: -20 }), "/elements/0/price_components/0/vat"],
      [component({ vat: 120 }), "/elements/0/price_components/0/vat"],
      [component({ step_size: 1.5 }), "/elements/0/price_components/0/step_size"],
      [component({ type: "BOOKING" }), "/elements/0/price_components/0/type"],
      [restricted({ start_time: "24:00" }), "/elements/0/restrictions/start_time"],
      [restricted({ end_date: "2023-02-29" }), "/elements/0/restrictions/end_date"],
      [restricted({ min_kwh: -1 }), "/elements/0/restrictions/min_kwh"],
      [restricted({ booking: "BOOKING" }), "/elements/0/restrictions/booking"]
    ]
    for (const [json, path] of cases) assert.strictEqual(pathOf(json), path, JSON.stringify(json))
  })

  it("a partner's nonsensical rate can be read for checking his CDR, but not published", () => {
    assert.isTrue(Result.isSuccess(Tariff.decode(component({ vat: -20 }))))
    assert.isTrue(Result.isFailure(Tariff.decode(component({ vat: -100 }))))
  })

  it("every published tariff survives writing and reading", () => {
    const files = globSync(`${import.meta.dirname}/vectors/*.json`).sort()
    const tariffs = files
      .map((file) => JSON.parse(readFileSync(file, "utf8")) as { kind: string; tariffs?: ReadonlyArray<unknown> })
      .flatMap(({ kind, tariffs }) => (kind === "extension" ? [] : (tariffs ?? [])))
    assert.isAbove(tariffs.length, 60)
    for (const json of tariffs) {
      const tariff = Result.getOrThrow(Tariff.decode(json))
      const text = JSON.stringify(Tariff.encode(tariff))
      assert.deepStrictEqual(Result.getOrThrow(Tariff.decode(JSON.parse(text))), tariff)
    }
  })

  it("what OCPI writes is written back as it was", () => {
    const json = {
      country_code: "DE",
      party_id: "ALL",
      id: "T",
      version: 3,
      currency: "EUR",
      type: "REGULAR",
      tariff_alt_text: [{ language: "en", text: "0.25 per kWh" }],
      tariff_alt_url: "https://example.com/tariffs/1",
      min_price: { before_taxes: 0.5, after_taxes: 0.6 },
      max_price: { before_taxes: 50 },
      preauthorize_amount: 60,
      elements: [
        {
          price_components: [{ type: "TIME", price: 1.999999, vat: 20, step_size: 60 }],
          restrictions: {
            start_time: "22:30",
            end_time: "00:00",
            start_date: "2024-02-29",
            end_date: "2024-03-01",
            min_kwh: 0.5,
            max_kwh: 10.0001,
            min_current: 6,
            max_current: 32.5,
            min_power: 1.4,
            max_power: 22,
            min_duration: 60,
            max_duration: 3600,
            day_of_week: ["MONDAY", "SUNDAY"],
            reservation: "RESERVATION_EXPIRES"
          }
        }
      ],
      tax_included: "N/A",
      start_date_time: "2024-01-01T00:00:00.000Z",
      end_date_time: "2025-01-01T00:00:00.000Z",
      energy_mix: { is_green_energy: true, energy_sources: [{ source: "WIND", percentage: 100 }] },
      last_updated: "2023-12-01T08:30:00.000Z"
    }
    assert.deepStrictEqual(Tariff.encode(Result.getOrThrow(Tariff.parse(json))) as unknown, json)
  })
})
