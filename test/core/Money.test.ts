import { assert, describe, it } from "@effect/vitest"
import {
  compare,
  exact,
  exponentOf,
  floorDivide,
  format,
  formatMinor,
  largestRemainder,
  roundHalfAwayFromZero,
  scaled,
  toMinor,
  unscaled
} from "#core/Money.ts"
import fc from "#test/support/fastCheck.ts"

describe("rounding", () => {
  it("a half goes away from zero, on both sides", () => {
    const cents = (text: string) => roundHalfAwayFromZero(scaled(text, 4)!, 100n)
    assert.deepStrictEqual(["5.125", "5.1249", "5.115", "-5.125", "-5.1249", "0.005", "-0.005", "0"].map(cents), [
      513n,
      512n,
      512n,
      -513n,
      -512n,
      1n,
      -1n,
      0n
    ])
  })

  it("is never off by more than a half", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
        fc.bigInt({ min: 1n, max: 10n ** 12n }),
        (n, d) => {
          const off = 2n * (roundHalfAwayFromZero(n, d) * d - n)
          assert.isTrue(off <= d && off >= -d)
        }
      )
    )
  })

  it("minor units follow the currency's exponent", () => {
    const amount = exact(12_345n, 1_000n)
    assert.deepStrictEqual(
      ["JPY", "EUR", "KWD"].map((currency) => formatMinor(toMinor(amount, exponentOf(currency)!), currency)),
      ["12", "12.35", "12.345"]
    )
    assert.isUndefined(exponentOf("EURO"))
    assert.isUndefined(exponentOf("eur"))
  })
})

describe("decimals", () => {
  it("JSON numbers are read as they were written", () => {
    assert.strictEqual(scaled(0.1 + 0.2, 20), 30_000_000_000_000_004_000n)
    assert.strictEqual(scaled(16.1, 3), 16_100n)
    assert.strictEqual(scaled(1e-7, 7), 1n)
    assert.strictEqual(scaled(1e21, 0), 10n ** 21n)
    assert.strictEqual(scaled("-0.250", 2), -25n)
  })

  it("what would lose digits or is no decimal is refused", () => {
    for (const value of [
      0.0000001,
      "1.2345678",
      "",
      "1,5",
      "0x10",
      " 1",
      "1e999",
      Number.NaN,
      Number.POSITIVE_INFINITY
    ]) {
      assert.isUndefined(scaled(value, 6), String(value))
    }
  })

  it("text and integer are each other's inverse", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }),
        fc.integer({ min: 0, max: 12 }),
        (value, digits) => {
          assert.strictEqual(scaled(unscaled(value, digits), digits), value)
        }
      )
    )
  })

  it("an amount is shown with as many decimals as it has, at least two", () => {
    assert.strictEqual(format(exact(1n, 3n)), "0.333333")
    assert.strictEqual(format(exact(-5n, 2n)), "-2.50")
    assert.strictEqual(format(exact(1n, 10_000_000n)), "0.00")
    assert.strictEqual(format(exact(2n, -3n)), "-0.666667")
  })

  it("fractions compare by value, not by how they are written", () => {
    assert.strictEqual(compare(exact(1n, 2n), exact(2n, 4n)), 0)
    assert.strictEqual(compare(exact(1n, 3n), exact(34n, 100n)), -1)
    assert.strictEqual(compare(exact(-1n, 3n), exact(-34n, 100n)), 1)
  })

  it("division rounds down below zero too", () => {
    assert.deepStrictEqual([floorDivide(-7n, 2n), floorDivide(-8n, 2n), floorDivide(7n, 2n)], [-4n, -4n, 3n])
  })
})

describe("sharing out", () => {
  it("the greatest remainders get the odd cents, the earlier part at a tie", () => {
    assert.deepStrictEqual(largestRemainder(100n, [1n, 1n, 1n], 3n, 2), [34n, 33n, 33n])
    assert.deepStrictEqual(largestRemainder(2n, [4n, 7n, 9n], 1_000n, 2), [0n, 1n, 1n])
  })

  it("the shares of a rounded sum are that sum, and none is a whole unit from its part", () => {
    const parts = fc.array(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(parts, fc.bigInt({ min: 1n, max: 10n ** 13n }), (numerators, d) => {
        const sum = numerators.reduce((a, b) => a + b, 0n)
        const total = toMinor(exact(sum, d), 2)
        const shares = largestRemainder(total, numerators, d, 2)
        assert.strictEqual(
          shares.reduce((a, b) => a + b, 0n),
          total
        )
        shares.forEach((share, index) => {
          const off = share * d - numerators[index]! * 100n
          assert.isTrue(numerators.length === 1 || (off < d && off > -d))
        })
      })
    )
  })
})
