import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { format } from "#core/Money.ts"
import { emptyPeriod } from "#core/tariff/ChargingPeriod.ts"
import { ocppCost } from "#core/tariff/cost/ocppCost.ts"
import { readOcppTariff, type TransactionFacts } from "#core/tariff/cost/ocppTariff.ts"

const atMs = Date.parse("2024-01-15T10:00:00Z")
const hour = 3_600_000

const tariff = (parts: Record<string, unknown>) => ({ tariffId: "t", currency: "EUR", ...parts })
const hourOf = (rest: Partial<typeof emptyPeriod>, after = 0) => ({
  ...emptyPeriod,
  startAtMs: atMs + after * hour,
  endAtMs: atMs + (after + 1) * hour,
  ...rest
})
const costOf = (
  parts: Record<string, unknown>,
  periods: ReadonlyArray<ReturnType<typeof hourOf>>,
  facts: TransactionFacts = {}
) => {
  const ocpp = Result.getOrThrow(readOcppTariff(tariff(parts), facts))
  const cost = Result.getOrThrow(ocppCost(ocpp, periods, "UTC"))
  return {
    total: [format(cost.exclTax), format(cost.inclTax)],
    lines: cost.lines.map((line) => [line.dimension, format(line.exclTax), format(line.inclTax)]),
    taxes: cost.taxes.map(({ type, amount }) => [type, format(amount)]),
    limit: cost.limitApplied
  }
}
const tenKwh = hourOf({ energyMilliWh: 10_000_000, chargingMs: hour })

describe("the cost of a tariff of OCPP 2.1", () => {
  it("adds the taxes of one level up, and taxes the taxes of the level below", () => {
    const taxRates = [
      { type: "green", tax: 10, stack: 1 },
      { type: "federal", tax: 6 },
      { type: "state", tax: 4 }
    ]
    const { total, taxes } = costOf({ energy: { taxRates, prices: [{ priceKwh: 1 }] } }, [tenKwh])
    assert.deepStrictEqual(total, ["10.00", "12.10"])
    assert.deepStrictEqual(taxes, [
      ["federal", "0.60"],
      ["state", "0.40"],
      ["green", "1.10"]
    ])
  })

  it("reads Wh, W, seconds and prices per minute", () => {
    const parts = {
      energy: { prices: [{ priceKwh: 1, conditions: { minEnergy: 10_000 } }, { priceKwh: 0.5 }] },
      chargingTime: { prices: [{ priceMinute: 0.1, conditions: { maxPower: 11_000, minTime: 3600 } }] },
      idleTime: { prices: [{ priceMinute: 0.2 }] }
    }
    const second = hourOf({ energyMilliWh: 1_000_000, chargingMs: hour, minPowerW: 10_999, maxPowerW: 10_999 }, 1)
    const third = hourOf({ parkingMs: hour / 2 }, 2)
    assert.deepStrictEqual(costOf(parts, [tenKwh, second, third]).lines, [
      ["energy", "6.00", "6.00"],
      ["chargingTime", "6.00", "6.00"],
      ["idleTime", "6.00", "6.00"]
    ])
  })

  it("takes the fixed fee that fits the payment, judged once at the start", () => {
    const prices = [
      { priceFixed: 3, conditions: { paymentRecognition: "CC" } },
      { priceFixed: 2.5, conditions: { startTimeOfDay: "11:00" } }
    ]
    const parts = { fixedFee: { prices } }
    assert.deepStrictEqual(costOf(parts, [tenKwh], { paymentRecognition: "CC" }).total, ["3.00", "3.00"])
    assert.deepStrictEqual(costOf(parts, [tenKwh, hourOf({ chargingMs: hour }, 1)]).total, ["0.00", "0.00"])
  })

  it("holds each bound on its own, before and after taxes", () => {
    const energy = { taxRates: [{ type: "vat", tax: 20 }], prices: [{ priceKwh: 1 }] }
    assert.deepStrictEqual(costOf({ energy, maxCost: { exclTax: 5 } }, [tenKwh]).total, ["5.00", "6.00"])
    assert.deepStrictEqual(costOf({ energy, maxCost: { inclTax: 6 } }, [tenKwh]).total, ["5.00", "6.00"])
    assert.strictEqual(costOf({ energy, maxCost: { exclTax: 10, inclTax: 12 } }, [tenKwh]).limit, null)
    const bound = { exclTax: 1, taxRates: [{ type: "vat", tax: 20 }] }
    assert.deepStrictEqual(costOf({ energy, minCost: bound }, [hourOf({})]).total, ["1.00", "1.20"])
  })

  it("refuses what it cannot judge at its place instead of pricing without it", () => {
    const refusal = (parts: Record<string, unknown>) => {
      const read = readOcppTariff(tariff(parts))
      return Result.isFailure(read) ? [read.failure.path, read.failure.message] : undefined
    }
    const conditions = { minIdleTime: 600 }
    assert.deepStrictEqual(refusal({ idleTime: { prices: [{ priceMinute: 1, conditions }] } }), [
      "/idleTime/prices/0/conditions/minIdleTime",
      "ConditionNotSupported"
    ])
    assert.strictEqual(
      refusal({ energy: { prices: [{ priceKwh: 1, conditions: { maxKw: 3 } }] } })?.[0],
      "/energy/prices/0/conditions/maxKw"
    )
    assert.strictEqual(
      refusal({ energy: { prices: [{ priceKwh: 1, conditions: { startTimeOfDay: "25:00" } }] } })?.[0],
      "/energy/prices/0/conditions/startTimeOfDay"
    )
  })
})
