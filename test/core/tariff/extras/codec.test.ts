import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { Tariff } from "#core/tariff/Tariff.ts"
import { extraTariffs } from "#test/simulator/rater/generated.ts"
import fc from "#test/support/fastCheck.ts"

const good = (wattproof: unknown, element: Record<string, unknown> = {}, type = "PARKING_TIME") => ({
  id: "T",
  currency: "EUR",
  tax_included: "NO",
  elements: [{ price_components: [{ type, price: 3 }], ...element }],
  wattproof
})
const at = (hour: number) => `2026-01-12T${String(hour).padStart(2, "0")}:00:00Z`
const series = (hours: ReadonlyArray<number>, end: number) => ({
  energy_prices: { prices: hours.map((it) => ({ start_date_time: at(it), price: 0.1 })), end_date_time: at(end) }
})
const discounts = (...all: ReadonlyArray<Record<string, unknown>>) => ({
  discounts: all.map((it) => ({ name: "less", ...it }))
})

describe("extras of a tariff in JSON", () => {
  it("are the same after writing and reading", () => {
    fc.assert(
      fc.property(extraTariffs, (json) => {
        const tariff = Result.getOrThrow(Tariff.decode(json))
        const written = JSON.parse(JSON.stringify(Tariff.encode(tariff)))
        assert.deepStrictEqual(Result.getOrThrow(Tariff.decode(written)), tariff)
      }),
      { numRuns: 100, seed: 7 }
    )
  })

  it("that say nothing are none, so that such a tariff is one of OCPI", () => {
    const tariff = Result.getOrThrow(Tariff.parse(good({ caps: [], quiet_hours: [] }, { wattproof: {} })))
    assert.isNull(tariff.extras)
    assert.isNull(tariff.elements[0]!.extras)
    assert.notProperty(Tariff.encode(tariff), "wattproof")
  })

  it("are refused by their place, with what to do", () => {
    const cases: ReadonlyArray<readonly [unknown, string, RegExp]> = [
      [good({ idle: 3 }), "/wattproof/idle", /excess/i],
      [good({}, { wattproof: { grace: { seconds: 60 } } }), "/elements/0/wattproof/grace/per", /missing/i],
      [
        good({}, { wattproof: { grace: { seconds: 0, per: "SESSION" } } }),
        "/elements/0/wattproof/grace/seconds",
        /leave/
      ],
      [
        good({}, { wattproof: { grace: { seconds: 60, per: "SESSION" } } }, "TIME"),
        "/elements/0/wattproof/grace",
        /put it on an element that prices PARKING_TIME/
      ],
      [good({}, { wattproof: { holidays: "ONLY" } }), "/elements/0/wattproof/holidays", /add \/wattproof\/holidays/],
      [
        good({}, { wattproof: { energy_prices: true } }, "ENERGY"),
        "/elements/0/wattproof/energy_prices",
        /add \/wattproof\/energy_prices/
      ],
      [
        good(series([1], 2), { wattproof: { energy_prices: true } }),
        "/elements/0/wattproof/energy_prices",
        /that prices ENERGY/
      ],
      [
        good(
          { caps: [{ type: "PARKING_TIME", amount: 1 }] },
          { restrictions: { reservation: "RESERVATION" }, wattproof: { grace: { seconds: 60, per: "SESSION" } } }
        ),
        "/elements/0/wattproof",
        /reservation/
      ],
      [good({ holidays: { name: "DE", dates: [] } }), "/wattproof/holidays/dates", /length/],
      [good({ holidays: { name: "DE", dates: ["2026-02-30"] } }), "/wattproof/holidays/dates/0", /no day/],
      [good({ quiet_hours: [{ start_time: "22:00" }] }), "/wattproof/quiet_hours/0/end_time", /missing/i],
      [good({ caps: [{ type: "FLAT", amount: 1 }] }), "/wattproof/caps/0/type", /./],
      [good({ caps: [{ type: "TIME", amount: 0 }] }), "/wattproof/caps/0/amount", /above 0/],
      [
        good({ caps: [1, 2].map((amount) => ({ type: "TIME", amount })) }),
        "/wattproof/caps/1/type",
        /keep one of them/
      ],
      [good(series([2, 1], 3)), "/wattproof/energy_prices/prices/1/start_date_time", /sort/],
      [good(series([1, 1], 3)), "/wattproof/energy_prices/prices/1/start_date_time", /once/],
      [good(series([1, 2], 2)), "/wattproof/energy_prices/end_date_time", /until which/],
      [good(discounts({})), "/wattproof/discounts/0", /either percent or amount/],
      [good(discounts({ percent: 1, amount: 1 })), "/wattproof/discounts/0", /either/],
      [good(discounts({ percent: 1 }, { percent: 100.5 })), "/wattproof/discounts/1/percent", /at most 100/],
      [good(discounts({ percent: 0 })), "/wattproof/discounts/0/percent", /above 0/],
      [good(discounts({ amount: -1 })), "/wattproof/discounts/0/amount", /above 0/],
      [good(discounts({ percent: 1, groups: [] })), "/wattproof/discounts/0/groups", /length/],
      [good(discounts({ amount: 0.1234567 })), "/wattproof/discounts/0/amount", /6 decimals/]
    ]
    for (const [json, path, message] of cases) {
      const parsed = Tariff.parse(json)
      assert.isTrue(Result.isFailure(parsed), path)
      if (Result.isSuccess(parsed)) continue
      assert.strictEqual(parsed.failure.path, path)
      assert.match(parsed.failure.message, message, path)
    }
  })
})
