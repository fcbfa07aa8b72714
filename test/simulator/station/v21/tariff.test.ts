import { assert, it } from "@effect/vitest"
import type { TariffType } from "#core/ocpp/v21/generated/schemas.ts"
import { tariffOf } from "#simulator/station/v21/tariff.ts"

const vat = [{ type: "VAT", tax: 19 }]
const wire: TariffType = {
  tariffId: "T",
  currency: "EUR",
  energy: {
    prices: [
      { priceKwh: 0.62, conditions: { startTimeOfDay: "07:00", endTimeOfDay: "09:30", dayOfWeek: ["Monday"] } },
      { priceKwh: 0.45 }
    ],
    taxRates: vat
  },
  chargingTime: { prices: [{ priceMinute: 0.01, conditions: { minTime: 3_600 } }] },
  fixedFee: { prices: [{ priceFixed: 0.35 }], taxRates: vat },
  maxCost: { exclTax: 10, inclTax: 11.9 }
}

it("a station of 2.1 reads prices per minute, taxes of a kind and conditions, each price as an element in its order", () => {
  assert.deepStrictEqual(tariffOf(wire), {
    id: "T",
    currency: "EUR",
    tax_included: "NO",
    elements: [
      {
        price_components: [{ type: "ENERGY", price: "0.62", vat: 19 }],
        restrictions: { start_time: "07:00", end_time: "09:30", day_of_week: ["MONDAY"] }
      },
      { price_components: [{ type: "ENERGY", price: "0.45", vat: 19 }] },
      { price_components: [{ type: "TIME", price: "0.600000" }], restrictions: { min_duration: 3_600 } },
      { price_components: [{ type: "FLAT", price: "0.35", vat: 19 }] }
    ],
    max_price: { before_taxes: 10, after_taxes: 11.9 }
  })
})

it("a tariff that says what the firmware does not know is not taken", () => {
  const conditions = { minIdleTime: 60 }
  assert.isUndefined(tariffOf({ ...wire, energy: { prices: [{ priceKwh: 1, conditions }] } }))
  const taxRates = [...vat, { type: "city", tax: 1, stack: 1 }]
  assert.isUndefined(tariffOf({ ...wire, energy: { prices: [{ priceKwh: 1 }], taxRates } }))
})
