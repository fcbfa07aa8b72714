import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { estimate } from "#core/lab/confidence.ts"
import { energyPricesOf } from "#core/lab/energyCost.ts"
import { offerOf } from "#core/lab/Offer.ts"
import { addTo, histogram, niceWidth, quantile, type Spread } from "#core/lab/Spread.ts"

describe("a distribution", () => {
  it("tells the least value that a share of all does not exceed", () => {
    const spread: Spread = new Map()
    for (const value of [5, 1, 1, 9]) addTo(spread, value)
    assert.deepStrictEqual(
      [0, 0.5, 0.51, 1].map((it) => quantile(spread, it)),
      [1, 1, 5, 9]
    )
    assert.isNull(quantile(new Map(), 0.5))
  })

  it("keeps three digits of large values, of both signs, and so stays small", () => {
    const spread: Spread = new Map()
    for (let value = -2_000_000; value <= 2_000_000; value += 97) addTo(spread, value)
    assert.isBelow(spread.size, 10_000)
    addTo(spread, 123_456)
    assert.isTrue(spread.has(123_000))
    assert.isFalse([...spread.keys()].some((it) => Object.is(it, -0)))
  })

  it("counts every value in one bar, what lies beyond in the last", () => {
    const spread: Spread = new Map([
      [-5, 1],
      [0, 2],
      [9, 3],
      [10, 4],
      [99, 5]
    ])
    assert.deepStrictEqual(histogram(spread, 10, 20), [
      { from: -10, to: 0, count: 1 },
      { from: 0, to: 10, count: 5 },
      { from: 10, to: 20, count: 9 }
    ])
    assert.deepStrictEqual([niceWidth(370, 40), niceWidth(0, 40), niceWidth(4_100, 40)], [10, 1, 200])
  })
})

describe("a mean over seeds", () => {
  it("has Student's interval, and none of a single value", () => {
    assert.deepStrictEqual(estimate([7]), { mean: 7, margin: null })
    const { mean, margin } = estimate([1, 2, 3, 4])
    assert.strictEqual(mean, 2.5)
    assert.closeTo(margin!, 3.182 * Math.sqrt(5 / 3 / 4), 1e-9)
    const many = estimate(Array.from({ length: 41 }, (_, index) => index % 2))
    assert.closeTo(many.margin! / Math.sqrt((20 * 21) / 41 / 40 / 41), 2.021, 0.001)
  })
})

describe("a file of energy prices", () => {
  const whyNot = (json: unknown) =>
    Result.match(energyPricesOf(json), { onSuccess: () => "", onFailure: (it) => `${it.path}: ${it.message}` })

  it("is 24 prices or a series", () => {
    assert.strictEqual(whyNot(new Array(24).fill(0.08)), "")
    assert.strictEqual(whyNot([{ start_date_time: "2026-03-04T00:00:00Z", price: -0.01 }]), "")
  })

  it("is refused with the place of what is wrong", () => {
    assert.match(whyNot({}), /^: a list/)
    assert.match(whyNot([0.1, 0.2]), /24 prices/)
    assert.match(whyNot([...new Array(23).fill(0.08), 0.1234567]), /^\/23: /)
    const at = (start: string, price = 0.1) => ({ start_date_time: start, price })
    assert.match(whyNot([at("2026-03-04T01:00:00Z"), at("2026-03-04T01:00:00Z")]), /^\/1\/start_date_time: not after/)
    assert.match(whyNot([at("soon")]), /^\/0\/start_date_time: no instant/)
  })
})

describe("a tariff file", () => {
  const wire = (over: object = {}) => ({
    id: "T",
    currency: "EUR",
    tax_included: "NO",
    elements: [{ price_components: [{ type: "ENERGY", price: 0.5, vat: 19, step_size: 1 }] }],
    ...over
  })
  const pathOf = (json: unknown) =>
    Result.match(offerOf(json, "UTC"), { onSuccess: () => null, onFailure: ({ path }) => path })

  it("holds a tariff or versions of one", () => {
    assert.isNull(pathOf(wire()))
    assert.isNull(pathOf([wire({ version: 1 }), wire({ version: 2 })]))
  })

  it("is refused with the place of what is wrong", () => {
    assert.strictEqual(pathOf([]), "")
    assert.strictEqual(pathOf([wire(), wire({ currency: "CHF" })]), "/1/currency")
    assert.strictEqual(pathOf([wire(), wire({ id: "U" })]), "/1/id")
    assert.match(
      pathOf(wire({ elements: [{ price_components: [{ type: "ENERGY", price: "much" }] }] }))!,
      /^\/elements\/0\/price_components\/0\/price/
    )
  })
})
