import { assert, describe, it } from "@effect/vitest"
import { emptyPeriod } from "#core/tariff/ChargingPeriod.ts"
import { explain } from "#core/tariff/explain.ts"
import { rate } from "#core/tariff/rate.ts"
import { compiledOf, energyPrice, tariffOf } from "./fixtures.ts"

const atMs = 1_705_320_000_000
const hour = 3_600_000

const texts = (...parameters: Parameters<typeof explain>) =>
  explain(...parameters).map((reasons) => reasons.map((reason) => `${reason.kind}: ${reason.text}`))

describe("an explanation", () => {
  it("names quantity, step, the elements passed over, price, tax and rounding", () => {
    const compiled = compiledOf(
      tariffOf([
        { ...energyPrice(0.1), restrictions: { start_time: "20:00" } },
        { ...energyPrice(0.2), restrictions: { min_power: 50 } },
        energyPrice(0.25, { vat: 10, step_size: 100 })
      ])
    )
    const periods = [{ ...emptyPeriod, startAtMs: atMs, endAtMs: atMs + hour, energyMilliWh: 20_450_000 }]
    assert.deepStrictEqual(texts(compiled, periods, rate(compiled, periods)), [
      [
        "quantity: 20.45 kWh of energy, 2024-01-15T12:00:00.000Z to 2024-01-15T13:00:00.000Z",
        "step: 0.05 kWh added: the session's total is billed in steps of 100 Wh",
        "passed_over: element 0 (0.10 EUR/kWh) did not hold: another time of day",
        "passed_over: element 1 (0.20 EUR/kWh) did not hold: no reading of the power",
        "price: element 2, component 0: 0.25 EUR/kWh",
        "amount: 20.5 kWh at 0.25 EUR/kWh is 5.125 EUR",
        "tax: plus 10 % VAT, 0.5125 EUR",
        "rounding: the total of 5.125 EUR before taxes is rounded once, to 5.13; this line's share is 5.13"
      ]
    ])
  })

  it("judges a later period by what was used before it", () => {
    const tiers = [{ ...energyPrice(0.1), restrictions: { max_kwh: 5, max_duration: 7200 } }, energyPrice(0.3)]
    const compiled = compiledOf(tariffOf(tiers))
    const part = { ...emptyPeriod, energyMilliWh: 5_000_000 }
    const periods = [
      { ...part, startAtMs: atMs, endAtMs: atMs + hour },
      { ...part, startAtMs: atMs + hour, endAtMs: atMs + 2 * hour }
    ]
    const [, second] = texts(compiled, periods, rate(compiled, periods))
    assert.include(second!, "passed_over: element 0 (0.10 EUR/kWh) did not hold: another amount of energy used by then")
  })

  it("says what a limit took and that a price holds its tax", () => {
    const tariff = tariffOf([energyPrice(1.19, { vat: 19 })], { tax_included: "YES", max_price: { before_taxes: 5 } })
    const compiled = compiledOf(tariff)
    const periods = [{ ...emptyPeriod, startAtMs: atMs, endAtMs: atMs + hour, energyMilliWh: 10_000_000 }]
    const [energy, limit] = texts(compiled, periods, rate(compiled, periods))
    assert.include(energy!, "tax: 19 % VAT of it are 1.90 EUR")
    assert.strictEqual(
      limit![0],
      "limit: lowered to the maximum price: -5.00 EUR before taxes, -0.95 EUR of tax at 19 % VAT"
    )
  })
})
