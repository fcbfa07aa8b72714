import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { creditOf, decodeCdr, encodeCdr, isConsistent, makeCdr, recompute } from "#core/billing/Cdr.ts"
import { groupsNamed } from "#core/tariff/extras/reductions.ts"
import { rate } from "#core/tariff/rate.ts"
import { Tariff } from "#core/tariff/Tariff.ts"
import { extraTariffs, options, periodsOf, sessions } from "#test/simulator/rater/generated.ts"
import fc from "#test/support/fastCheck.ts"
import { compiledOf, energyPrice, tariffOf } from "../tariff/fixtures.ts"
import { cdrOf, cdrs, everything, noon } from "./fixtures.ts"

describe("a CDR", () => {
  it("tells quantities, prices and totals of its session", () => {
    const cdr = cdrOf(compiledOf(tariffOf([energyPrice(0.25, { vat: 10, step_size: 100 })])), 20_450_999, 600_000)
    assert.strictEqual(cdr.energyWh, 20_450)
    assert.strictEqual(cdr.durationMs, 4_200_000)
    assert.strictEqual(cdr.parkingMs, 600_000)
    assert.deepStrictEqual(cdr.tariff, { id: "T", version: 1 })
    assert.deepStrictEqual([cdr.netMinor, cdr.taxMinor, cdr.grossMinor], [513n, 51n, 564n])
    assert.deepStrictEqual(cdr.notes, ["no_price_component:TIME", "no_price_component:PARKING_TIME"])
    assert.deepStrictEqual(cdr.lines, [
      {
        scope: "session",
        dimension: "ENERGY",
        period: 0,
        element: 0,
        component: 0,
        volume: 20_500_000,
        stepSurplus: 49_001,
        unitPrice: "0.25",
        vatPercent: "10",
        net: "5.125",
        tax: "0.5125",
        netMinor: 513n,
        taxMinor: 51n,
        adjustment: null
      }
    ])
  })

  it("survives JSON, byte for byte", () => {
    fc.assert(
      fc.property(cdrs, (cdr) => {
        const text = JSON.stringify(encodeCdr(cdr))
        const read = Result.getOrThrow(decodeCdr(JSON.parse(text)))
        assert.deepStrictEqual(read, cdr)
        assert.strictEqual(JSON.stringify(encodeCdr(read)), text)
      })
    )
  })

  it("of a broken JSON is refused", () => {
    const json = encodeCdr(cdrOf(everything, 1_000_000))
    assert.isTrue(Result.isFailure(decodeCdr({ ...json, grossMinor: "12.5" })))
    assert.isTrue(Result.isFailure(decodeCdr({ ...json, energyWh: 0.5 })))
    assert.isTrue(Result.isFailure(decodeCdr({ ...json, surprise: 1 })))
  })

  it("keeps what OCPI lacks: its periods are what happened, its lines say what was free and what was taken", () => {
    let taken = 0
    fc.assert(
      fc.property(extraTariffs, sessions, options, (json, stretches, { timeZone, groups }) => {
        const compiled = compiledOf(Result.getOrThrow(Tariff.decode(json)), timeZone)
        const chargingPeriods = periodsOf(stretches)
        const named = groupsNamed(compiled.tariff, groups)
        const cdr = makeCdr(
          { ...cdrOf(everything, 1), timeZone, chargingPeriods, groups: named },
          rate(compiled, chargingPeriods, { groups: named })
        )
        const read = Result.getOrThrow(decodeCdr(JSON.parse(JSON.stringify(encodeCdr(cdr)))))
        assert.deepStrictEqual(read, cdr)
        assert.isTrue(isConsistent(read, compiled))
        // All of the driver's groups give no other price than those that the bill remembers.
        assert.strictEqual(rate(compiled, chargingPeriods, { groups }).grossMinor, cdr.grossMinor)
        const parkedMs = chargingPeriods.reduce((sum, it) => sum + it.parkingMs, 0)
        assert.strictEqual(cdr.parkingMs, parkedMs)
        taken += cdr.lines.some(({ adjustment }) => adjustment === "CAP" || adjustment === "DISCOUNT") ? 1 : 0
      }),
      { numRuns: 100, seed: 11 }
    )
    assert.isAbove(taken, 10)
  })

  it("of another group's driver is not what it costs", () => {
    const compiled = compiledOf(
      tariffOf([energyPrice(0.5)], { wattproof: { discounts: [{ name: "fleet", percent: 20, groups: ["fleet"] }] } })
    )
    const cdr = cdrOf(compiled, 10_000_000, 0, { groups: ["fleet"] })
    assert.strictEqual(cdr.grossMinor, 400n)
    assert.isTrue(isConsistent(cdr, compiled))
    const { groups: _, ...stranger } = cdr
    assert.isFalse(isConsistent(stranger, compiled))
  })

  it("is what its own periods cost, and a changed figure shows", () => {
    fc.assert(
      fc.property(cdrs, (cdr) => {
        assert.isTrue(isConsistent(cdr, everything))
        assert.isTrue(isConsistent(creditOf(cdr, { id: "credit", issuedAtMs: noon }), everything))
        assert.isFalse(isConsistent({ ...cdr, grossMinor: cdr.grossMinor + 1n }, everything))
        assert.isFalse(isConsistent({ ...cdr, energyWh: cdr.energyWh + 1 }, everything))
      })
    )
  })

  it("is not checked against another version of its tariff", () => {
    const newer = compiledOf({ ...everything.tariff, version: 2 })
    assert.throws(() => recompute(cdrOf(everything, 1_000_000), newer))
  })
})

describe("a credit CDR", () => {
  it("negates the total, refers to its CDR and leaves the parts as they were", () => {
    const cdr = cdrOf(everything, 20_000_000, 600_000)
    const credit = creditOf(cdr, { id: "cdr-1-C", issuedAtMs: noon + 1 })
    assert.strictEqual(credit.grossMinor + cdr.grossMinor, 0n)
    assert.strictEqual(credit.netMinor + cdr.netMinor, 0n)
    assert.strictEqual(credit.taxMinor + cdr.taxMinor, 0n)
    assert.deepStrictEqual([credit.id, credit.credit, credit.creditReferenceId], ["cdr-1-C", true, "cdr-1"])
    assert.deepStrictEqual(credit.lines, cdr.lines)
    assert.strictEqual(credit.issuedAtMs, noon + 1)
  })

  it("cannot be credited itself", () => {
    const credit = creditOf(cdrOf(everything, 1), { id: "c", issuedAtMs: noon })
    assert.throws(() => creditOf(credit, { id: "cc", issuedAtMs: noon }))
  })
})
