import { assert, describe, it } from "@effect/vitest"
import { scaled } from "#server/ocpp/decimal.ts"
import { toSample } from "#server/ocpp/meterValues.ts"
import fc from "#test/support/fastCheck.ts"

describe("a decimal as stations write it", () => {
  const cases: ReadonlyArray<readonly [string, number, number | undefined]> = [
    ["12", 0, 12],
    ["12.9", 0, 12],
    ["-12.1", 0, -13],
    ["12,5", 3, 12_500],
    ["4.35", 3, 4_350],
    ["0.1", 3, 100],
    ["1.2e3", 0, 1_200],
    ["1200", -3, 1],
    [" 7 ", 0, 7],
    [".5", 1, 5],
    ["", 0, undefined],
    [".", 0, undefined],
    ["12kWh", 0, undefined],
    ["NaN", 0, undefined],
    ["99999999999999999999", 0, undefined]
  ]
  for (const [text, exponent, expected] of cases) {
    it(`${JSON.stringify(text)} times ten to ${exponent} is ${expected}`, () => {
      assert.strictEqual(scaled(text, exponent), expected)
    })
  }

  it("of digits and a point is what is left of them when the point moves and the rest is cut off", () => {
    const digits = fc.array(fc.nat(9), { minLength: 1, maxLength: 9 }).map((all) => all.join(""))
    fc.assert(
      fc.property(digits, fc.option(digits, { nil: undefined }), fc.nat(6), (whole, fraction, exponent) => {
        const text = fraction === undefined ? whole : `${whole}.${fraction}`
        const moved = BigInt(whole + (fraction ?? "").slice(0, exponent).padEnd(exponent, "0"))
        assert.strictEqual(scaled(text, exponent), moved > 2n ** 53n - 1n ? undefined : Number(moved))
      })
    )
  })

  it("of whole milli-units comes through exactly", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 40 }), (milli) => {
        const text = `${Math.floor(milli / 1000)}.${String(milli % 1000).padStart(3, "0")}`
        assert.strictEqual(scaled(text, 3), milli)
      })
    )
  })

  it("of a number is what it is of its digits", () => {
    const numbers = fc.oneof(fc.integer(), fc.double({ noNaN: true }), fc.constantFrom(0, -0, 1e9, 1e9 - 1, 2 ** 53))
    fc.assert(
      fc.property(numbers, fc.integer({ min: -4, max: 9 }), (number, exponent) => {
        assert.strictEqual(scaled(number, exponent), scaled(String(number), exponent))
      })
    )
  })
})

describe("sampled values", () => {
  it("without a word about it are Wh of the import register, taken periodically", () => {
    const sample = toSample(5, [{ value: "1234" }], null)
    assert.deepInclude(sample, { atMs: 5, registerWh: 1_234, context: "Periodic", extra: null })
  })

  it("in kWh, and in 2.x with a multiplier, become the same Wh", () => {
    assert.strictEqual(toSample(0, [{ value: "1.234", unit: "kWh" }], null).registerWh, 1_234)
    const unitOfMeasure = { unit: "Wh", multiplier: 3 }
    assert.strictEqual(toSample(0, [{ value: 1.234, unitOfMeasure }], 1).registerWh, 1_234)
  })

  it("of three phases sum to the current, and keep their parts", () => {
    const phases = ["L1", "L2", "L3"].map((phase) => ({ value: "16.1", measurand: "Current.Import", phase, unit: "A" }))
    const sample = toSample(0, phases, null)
    assert.strictEqual(sample.currentMa, 48_300)
    assert.strictEqual(Object.keys(sample.extra ?? {}).length, 3)
  })

  it("of three phases and no total add up to the register and the power before they are rounded", () => {
    const phases = ["L1", "L2-N", "L3"].flatMap((phase) => [
      { value: 1.0006, phase, unitOfMeasure: { unit: "Wh", multiplier: 3 } },
      { value: 2_300.5, measurand: "Power.Active.Import", phase }
    ])
    assert.deepInclude(toSample(0, phases, 1), { registerWh: 3_001, powerW: 6_901 })
    const withTotal = [...phases, { value: 3_010 }]
    assert.strictEqual(toSample(0, withTotal, 1).registerWh, 3_010, "a total that is told is the total")
    const twice = [...phases, { value: 1.0006, phase: "L1-N", unitOfMeasure: { unit: "Wh", multiplier: 3 } }]
    assert.strictEqual(toSample(0, twice, 1).registerWh, 3_001, "L1-N is L1 once more")
  })

  it("as a signed record beside a number leave the number alone, and are kept", () => {
    const record = { value: "OCMF|{}|{}", format: "SignedData", measurand: "Energy.Active.Import.Register" }
    const number = { value: "1234", measurand: "Energy.Active.Import.Register", unit: "Wh" }
    for (const values of [
      [number, record],
      [record, number]
    ]) {
      const sample = toSample(0, values, null)
      assert.strictEqual(sample.registerWh, 1_234)
      assert.deepStrictEqual(sample.extra, { "Energy.Active.Import.Register.Signed@@": "OCMF|{}|{}" })
    }
    assert.strictEqual(toSample(0, [{ ...record, value: "3031" }], null).registerWh, null, "hex digits are no energy")
  })

  it("of the car's side, or in words, are kept and not billed", () => {
    const sample = toSample(
      0,
      [
        { value: "99999", location: "EV" },
        { value: "many", measurand: "Power.Factor" }
      ],
      null
    )
    assert.strictEqual(sample.registerWh, null)
    assert.strictEqual(Object.keys(sample.extra ?? {}).length, 2)
  })
})

it("what a car gives back is kept beside what it drew, and neither counted to it nor taken from it", () => {
  const exported = { measurand: "Energy.Active.Export.Register", value: 900_000, unitOfMeasure: { unit: "Wh" } }
  const phases = ["L1", "L2"].map((phase) => ({ ...exported, value: 450_000, phase }))
  const giving = { measurand: "Power.Active.Export", value: 8_000 }
  const drawn = { measurand: "Energy.Active.Import.Register", value: 1_234 }
  for (const values of [
    [exported, ...phases, giving, drawn],
    [drawn, giving, exported]
  ]) {
    const sample = toSample(0, values, 1)
    assert.deepInclude(sample, { registerWh: 1_234, powerW: null })
    assert.strictEqual(sample.extra?.["Energy.Active.Export.Register@@"], "900000 Wh")
  }
  const { registerWh, powerW } = toSample(0, [exported, ...phases, giving], 1)
  assert.deepStrictEqual([registerWh, powerW], [null, null], "no import was told at all")
})
