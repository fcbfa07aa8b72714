import { globSync, readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { compare } from "#core/Money.ts"
import { TariffType } from "#core/ocpp/v21/generated/schemas.ts"
import { exportTariff, formatOf, importTariff, type Loss, tariffFormats } from "#core/tariff/formats/formats.ts"
import { rate } from "#core/tariff/rate.ts"
import { Tariff } from "#core/tariff/Tariff.ts"
import { extraTariffs, options, periodsOf, sessions, tariffs } from "#test/simulator/rater/generated.ts"
import fc from "#test/support/fastCheck.ts"
import { compiledOf, tariffOf } from "../fixtures.ts"

const read = (json: unknown): Tariff => Result.getOrThrow(Tariff.decode(json))
const again = (json: unknown): unknown => JSON.parse(JSON.stringify(json))
const changes = (losses: ReadonlyArray<Loss>, ...kinds: ReadonlyArray<Loss["changes"]>) =>
  losses.some((loss) => kinds.includes(loss.changes))
const paths = (losses: ReadonlyArray<Loss>) => losses.map(({ path, changes }) => `${path} ${changes}`)
const named = { country_code: "DE", party_id: "WPF", last_updated: "2024-01-01T00:00:00Z" }

/** Tariffs that the formats can mostly say, so that the laws are about more than reports. */
const plain = tariffs.map((json) => ({
  ...json,
  elements: json.elements.map(({ price_components, restrictions }) => ({
    price_components: price_components.map((it) => ({
      ...it,
      price: Number(it.price) === 0.25 ? 0.3 : it.price === 1 ? 6 : 0.6,
      vat: 20,
      step_size: 0
    })),
    ...(restrictions !== undefined && { restrictions })
  }))
}))

/** With a calendar and nothing else that OCPI lacks. */
const withHolidays = fc.tuple(plain, extraTariffs).map(([json, { wattproof, elements }]) => ({
  ...json,
  wattproof: { holidays: wattproof!.holidays! },
  elements: json.elements.map((element, index) => {
    const holidays = elements[index % elements.length]!.wattproof?.holidays
    return holidays === undefined ? element : { ...element, wattproof: { holidays } }
  })
}))

const every = fc.oneof(tariffs, plain, { weight: 3, arbitrary: withHolidays }, { weight: 1, arbitrary: extraTariffs })

describe("a tariff in another format", () => {
  for (const format of tariffFormats) {
    it(`costs the same to the last digit in ${format}, or its report says what changes the price or the tax`, () => {
      let [same, sameNet, calendars] = [0, 0, 0]
      fc.assert(
        fc.property(every, sessions, options, (json, stretches, rest) => {
          const tariff = read(json)
          const exported = exportTariff(tariff, format)
          const imported = Result.getOrThrow(importTariff(again(exported.json), format))
          assert.isFalse(changes(imported.losses, "price", "tax"))
          assert.isNull(imported.tariff.extras)
          if (changes(exported.losses, "price")) return
          calendars += tariff.extras === null ? 0 : 1
          const [before, after] = [tariff, imported.tariff].map((it) =>
            rate(compiledOf(it, rest.timeZone), periodsOf(stretches), rest)
          )
          const hasLimit = tariff.minPrice !== null || tariff.maxPrice !== null
          const isTaxLost = changes(exported.losses, "tax")
          if (!isTaxLost || !hasLimit) {
            assert.strictEqual(compare(before!.net, after!.net), 0)
            sameNet += 1
          }
          if (isTaxLost) return
          assert.strictEqual(compare(before!.gross, after!.gross), 0)
          assert.strictEqual(before!.grossMinor, after!.grossMinor)
          same += 1
        }),
        { numRuns: 300, seed: 25 }
      )
      assert.isAbove(calendars, 5)
      assert.isAbove(sameNet, 15)
      if (format !== "ocpi-2.1.1") assert.isAbove(same, 15)
    })
  }

  it("is the same tariff after OCPI 2.3.0, and nothing is lost where all that OCPI requires is there", () => {
    fc.assert(
      fc.property(tariffs, fc.integer({ min: 1, max: 9 }), (json, version) => {
        const tariff = read({ ...json, ...named, version })
        const { json: written, losses } = exportTariff(tariff, "ocpi-2.3.0")
        assert.deepStrictEqual(losses, [])
        assert.deepStrictEqual(Result.getOrThrow(importTariff(again(written), "ocpi-2.3.0")).tariff, tariff)
      }),
      { numRuns: 100, seed: 25 }
    )
  })

  it("is a TariffType by OCPP's own schema", () => {
    const decode = Schema.decodeUnknownResult(TariffType)
    fc.assert(
      fc.property(tariffs, (json) => {
        const written = again(exportTariff(read({ ...json, ...named }), "ocpp-2.1").json)
        assert.isTrue(Result.isSuccess(decode(written)), JSON.stringify(written))
      }),
      { numRuns: 100, seed: 25 }
    )
  })

  it("is there for every published example, in every format", () => {
    const files = globSync(`${import.meta.dirname}/../vectors/*.json`)
    let converted = 0
    for (const file of files) {
      const { tariff, tariffs = [] } = JSON.parse(readFileSync(file, "utf8"))
      for (const json of tariff === undefined ? tariffs : [tariff]) {
        const imported = importTariff(json, formatOf(json))
        if (Result.isFailure(imported)) {
          assert.match(imported.failure.path, /^\//, file)
          continue
        }
        converted += 1
        for (const format of tariffFormats) {
          const exported = exportTariff(imported.success.tariff, format)
          assert.isTrue(Result.isSuccess(importTariff(again(exported.json), format)), `${file} as ${format}`)
        }
      }
    }
    assert.isAbove(converted, 60)
  })
})

describe("what OCPI lacks", () => {
  const tariff = tariffOf(
    [
      {
        price_components: [{ type: "ENERGY", price: 0.3, step_size: 0 }],
        wattproof: { holidays: "EXCEPT", energy_prices: true }
      },
      {
        price_components: [{ type: "PARKING_TIME", price: 6, step_size: 0 }],
        wattproof: { grace: { seconds: 900, per: "STRETCH" } }
      }
    ],
    {
      ...named,
      wattproof: {
        quiet_hours: [{ start_time: "22:00", end_time: "08:00" }],
        holidays: { name: "DE", dates: ["2026-12-25", "2026-12-26"] },
        caps: [{ type: "PARKING_TIME", amount: 12 }],
        energy_prices: {
          prices: [{ start_date_time: "2026-01-12T10:00:00Z", price: 0.1 }],
          end_date_time: "2026-01-12T11:00:00Z"
        },
        discounts: [{ name: "fleet", percent: 10 }]
      }
    }
  )

  it("is lost by name, and a calendar becomes dates", () => {
    for (const format of tariffFormats) {
      const { losses } = exportTariff(tariff, format)
      const lost = paths(losses).filter((it) => it.includes("wattproof"))
      assert.deepStrictEqual(lost, [
        "/wattproof/quiet_hours/0 price",
        "/wattproof/holidays nothing",
        "/wattproof/caps/0 price",
        "/wattproof/energy_prices price",
        "/wattproof/discounts/0 price",
        "/elements/0/wattproof/energy_prices price",
        "/elements/0/wattproof/holidays nothing",
        "/elements/1/wattproof/grace price"
      ])
    }
    const { json } = exportTariff(tariff, "ocpi-2.3.0")
    assert.notProperty(json, "wattproof")
    assert.deepStrictEqual(
      (json["elements"] as ReadonlyArray<{ restrictions?: unknown }>).map(({ restrictions }) => restrictions),
      [{ end_date: "2026-12-25" }, { start_date: "2026-12-27" }, undefined]
    )
  })
})

describe("figures", () => {
  const tariff = tariffOf(
    [
      {
        price_components: [
          { type: "ENERGY", price: 0.5, vat: 20, step_size: 0 },
          { type: "TIME", price: 6, vat: 20, step_size: 0 }
        ],
        restrictions: { min_kwh: 1.5, max_power: 11, min_duration: 1800, day_of_week: ["MONDAY"] }
      }
    ],
    named
  )

  it("are per hour, kWh, kW and percent in OCPI, per minute, Wh, W and percent in OCPP", () => {
    const conditions = { minEnergy: 1500, maxPower: 11_000, minTime: 1800, dayOfWeek: ["Monday"] }
    const taxRates = [{ type: "VAT", tax: 20 }]
    const { json } = exportTariff(tariff, "ocpp-2.1")
    assert.deepStrictEqual(json["energy"], { prices: [{ priceKwh: 0.5, conditions }], taxRates })
    assert.deepStrictEqual(json["chargingTime"], { prices: [{ priceMinute: 0.1, conditions }], taxRates })
    const ocpi = exportTariff(tariff, "ocpi-2.2.1").json["elements"]
    assert.deepInclude((ocpi as ReadonlyArray<{ price_components: unknown }>)[0]!.price_components, {
      type: "TIME",
      price: 6,
      vat: 20,
      step_size: 0
    })
  })

  it("with their tax inside become those before it, exactly or with a report", () => {
    const gross = (price: number) =>
      tariffOf([{ price_components: [{ type: "ENERGY", price, vat: 20 }] }], { tax_included: "YES", ...named })
    const exact = exportTariff(gross(0.6), "ocpi-2.2.1")
    assert.deepStrictEqual(exact.losses, [])
    assert.deepInclude(
      Result.getOrThrow(importTariff(exact.json, "ocpi-2.2.1")).tariff.elements[0]!.priceComponents[0]!,
      {
        priceMicros: 500_000,
        vatPpm: 200_000
      }
    )
    assert.include(paths(exportTariff(gross(0.5), "ocpi-2.2.1").losses), "/elements/0/price_components/0/price price")
  })
})

describe("a loss report", () => {
  it("of OCPI 2.1.1 names VAT, limits, validity, and each element that is left out with its restriction", () => {
    const tariff = tariffOf(
      [
        {
          price_components: [{ type: "TIME", price: 5, vat: 19 }],
          restrictions: { reservation: "RESERVATION" }
        },
        { price_components: [{ type: "ENERGY", price: 0.5, vat: 19 }] }
      ],
      {
        ...named,
        type: "REGULAR",
        min_price: { before_taxes: 1 },
        end_date_time: "2030-01-01T00:00:00Z"
      }
    )
    const { json, losses } = exportTariff(tariff, "ocpi-2.1.1")
    assert.sameMembers(paths(losses), [
      "/min_price price",
      "/type validity",
      "/end_date_time validity",
      "/country_code nothing",
      "/party_id nothing",
      "/elements/0/restrictions/reservation price",
      "/elements/1/price_components/0/vat tax"
    ])
    assert.deepStrictEqual(json["elements"], [{ price_components: [{ type: "ENERGY", price: 0.5, step_size: 0 }] }])
    assert.doesNotHaveAnyKeys(json, ["version", "tax_included", "min_price", "type", "country_code"])
  })

  it("of OCPP 2.1 names steps, hours that are no minutes, several rates and fees under a meter's condition", () => {
    const { losses } = exportTariff(
      tariffOf([
        { price_components: [{ type: "FLAT", price: 1 }], restrictions: { min_kwh: 5 } },
        { price_components: [{ type: "TIME", price: 1, vat: 19, step_size: 300 }], restrictions: { max_kwh: 5 } },
        { price_components: [{ type: "TIME", price: 3, vat: 7 }] }
      ]),
      "ocpp-2.1"
    )
    assert.sameMembers(paths(losses), [
      "/elements/0/restrictions/min_kwh price",
      "/elements/1/price_components/0/step_size price",
      "/elements/1/price_components/0/price price",
      "/elements/2/price_components/0/vat tax"
    ])
  })

  it("of a tariff read from OCPP 2.1 names a price for DC alone, and stacked taxes become one rate", () => {
    const imported = Result.getOrThrow(
      importTariff(
        {
          tariffId: "O",
          currency: "EUR",
          energy: {
            prices: [{ priceKwh: 0.6, conditions: { evseKind: "DC" } }, { priceKwh: 0.4 }],
            taxRates: [
              { type: "a", tax: 10 },
              { type: "b", tax: 20, stack: 1 }
            ]
          }
        },
        "ocpp-2.1"
      )
    )
    assert.deepStrictEqual(paths(imported.losses), [
      "/energy/prices/0/conditions/evseKind price",
      "/energy/taxRates nothing"
    ])
    assert.deepStrictEqual(
      imported.tariff.elements.map(({ priceComponents }) => priceComponents[0]!.vatPpm),
      [320_000]
    )
  })
})

describe("what is no tariff of a format", () => {
  const element = { price_components: [{ type: "ENERGY", price: 0.5, vat: 19 }] }
  const base = { id: "T", currency: "EUR", elements: [element] }
  const refusedAt = (json: unknown, format: (typeof tariffFormats)[number]) => {
    const imported = importTariff(json, format)
    return Result.isFailure(imported) ? imported.failure.path : "read"
  }

  it("is refused with the path in that format's own names", () => {
    assert.strictEqual(refusedAt(base, "ocpi-2.1.1"), "/elements/0/price_components/0/vat")
    assert.strictEqual(refusedAt({ ...base, tax_included: "YES" }, "ocpi-2.2.1"), "/tax_included")
    assert.strictEqual(refusedAt({ ...base, min_price: { excl_vat: "x" } }, "ocpi-2.2.1"), "/min_price/excl_vat")
    assert.strictEqual(refusedAt({ ...base, min_price: 3 }, "ocpi-2.2.1"), "/min_price")
    assert.strictEqual(refusedAt({ ...base, currency: "EURO" }, "ocpi-2.3.0"), "/currency")
    assert.strictEqual(
      refusedAt({ tariffId: "O", currency: "EUR", energy: { prices: [{ priceKwh: 0.1234567 }] } }, "ocpp-2.1"),
      "/energy/prices/0/priceKwh"
    )
    assert.strictEqual(refusedAt({ tariffId: "O".repeat(37), currency: "EUR" }, "ocpp-2.1"), "/tariffId")
    for (const format of tariffFormats) assert.notStrictEqual(refusedAt(null, format), "read")
  })
})
