import { assert, describe, it } from "@effect/vitest"
import { exact, format } from "#core/Money.ts"
import { emptyPeriod } from "#core/tariff/ChargingPeriod.ts"
import { rateRounded, readRoundRule, roundBy } from "#core/tariff/cost/roundedComponents.ts"
import { compiledOf, energyPrice, tariffOf } from "../fixtures.ts"

const period = (index: number, energyMilliWh: number) => ({
  ...emptyPeriod,
  startAtMs: index * 3_600_000,
  endAtMs: (index + 1) * 3_600_000,
  energyMilliWh
})

describe("prices whose components name roundings", () => {
  it("round the steps of the whole session at its last line, and each line's price", () => {
    const compiled = compiledOf(tariffOf([energyPrice(0.333, { step_size: 500, vat: 20 })]))
    const rounding = {
      step: { direction: "ROUND_DOWN", digits: 1 },
      price: { direction: "ROUND_NEAR", digits: 2 }
    } as const
    const rounded = rateRounded(compiled, [period(0, 1_000_000), period(1, 1_390_000)], () => rounding)
    // 2.39 kWh are 4.78 steps, 4.7 of them are 2.35 kWh: 1 kWh and 1.35 kWh.
    assert.deepStrictEqual(
      rounded.lines.map(({ volume, net, roundedNet }) => [format(volume, 0), format(net), format(roundedNet)]),
      [
        ["1000000", "0.333", "0.33"],
        ["1350000", "0.44955", "0.45"]
      ]
    )
    assert.strictEqual(format(rounded.net), "0.78")
    assert.strictEqual(format(rounded.gross), "0.936")
  })

  it("go up, down or to the nearest at the named decimal", () => {
    const value = exact(5904n, 1000n)
    const rounded = (["ROUND_UP", "ROUND_DOWN", "ROUND_NEAR"] as const).map((direction) =>
      format(roundBy(value, { direction, digits: 2 }))
    )
    assert.deepStrictEqual(rounded, ["5.91", "5.90", "5.90"])
    assert.isNull(readRoundRule({ round_rule: "UP", round_granularity: "UNIT" }))
    assert.isUndefined(readRoundRule(undefined))
  })
})
