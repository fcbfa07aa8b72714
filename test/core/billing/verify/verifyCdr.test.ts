import { globSync, readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { creditOf } from "#core/billing/Cdr.ts"
import { disputeOf } from "#core/billing/verify/dispute.ts"
import { verifyCdr } from "#core/billing/verify/verifyCdr.ts"
import type { Tariff } from "#core/tariff/Tariff.ts"
import { answerOf } from "#scenarios/pricing/answer.ts"
import fc from "#test/support/fastCheck.ts"
import { compiledOf, tariffOf } from "../../tariff/fixtures.ts"
import { cdrOf, cdrs, everything, noon } from "../fixtures.ts"
import { ocpiOf } from "./wire.ts"

const vectorFiles = globSync(`${import.meta.dirname}/../../tariff/vectors/*.json`).sort()
const vectors = vectorFiles
  .map((file) => ({ text: readFileSync(file, "utf8") }))
  .map(({ text }) => ({ text, json: JSON.parse(text) as { id: string; kind: string; expected: unknown } }))
  .filter(({ json }) => json.kind === "verify")

const verified = (cdr: unknown, tariffs: ReadonlyArray<Tariff>, toleranceMinor?: bigint) =>
  Result.getOrThrow(
    verifyCdr({ cdr, tariffs, timeZone: "UTC", ...(toleranceMinor !== undefined && { toleranceMinor }) })
  )

/** Every dimension has its price, no fee and no limit: all totals may be compared. */
const plain = compiledOf(
  tariffOf([
    {
      price_components: [
        { type: "ENERGY", price: 0.49, vat: 19, step_size: 1 },
        { type: "TIME", price: 1.2, vat: 19, step_size: 60 },
        { type: "PARKING_TIME", price: 6, vat: 19, step_size: 60 }
      ]
    }
  ])
)

describe("verifying a received CDR", () => {
  for (const { text, json } of vectors) {
    it(`${json.id} comes out as published`, () => {
      assert.deepStrictEqual(Result.getOrThrow(answerOf(text)).json, json.expected)
    })
  }

  it("all 3 published examples were there", () => {
    assert.strictEqual(vectors.length, 3)
  })

  it("finds nothing in what we send ourselves, credits included, without any tolerance", () => {
    fc.assert(
      fc.property(cdrs, (cdr) => {
        for (const it of [cdr, creditOf(cdr, { id: "credit", issuedAtMs: noon })]) {
          const { divergences, absorbed, policies } = verified(ocpiOf(it), [everything.tariff], 0n)
          assert.deepStrictEqual([...divergences, ...absorbed], [])
          assert.include(policies, it.policy)
        }
      })
    )
  })

  it("names every planted difference, and only that", () => {
    const cdr = ocpiOf(cdrOf(plain, 20_000_000, 600_000))
    const named = (changes: object) =>
      verified({ ...cdr, ...changes }, [plain.tariff]).divergences.map(
        ({ what, difference }) => `${what} ${difference}`
      )
    assert.deepStrictEqual(named({}), [])
    assert.deepStrictEqual(named({ total_cost: { before_taxes: 13, after_taxes: 14.28 } }), ["total_cost 1.00"])
    assert.deepStrictEqual(named({ total_energy_cost: 9.9 }), ["total_energy_cost 0.10"])
    assert.deepStrictEqual(named({ total_time_cost: { excl_vat: 1.2, incl_vat: 1.5 } }), [
      "total_time_cost_after_taxes 0.072"
    ])
    assert.deepStrictEqual(named({ total_parking_cost: { before_taxes: 0.5 } }), ["total_parking_cost -0.50"])
    assert.deepStrictEqual(named({ total_fixed_cost: { before_taxes: 1 } }), ["total_fixed_cost 1.00"])
    assert.deepStrictEqual(named({ total_energy: 21 }), ["energy_volume 1"])
    assert.deepStrictEqual(named({ total_parking_time: 0.5 }), ["parking_time_volume 0.333333"])
    assert.deepStrictEqual(named({ total_time: 1.25 }), ["total_time 0.083333"])
    assert.deepStrictEqual(named({ start_date_time: "2024-01-15T12:05:00Z" }), [
      "total_time 0.083367",
      "session_start 300",
      "period_durations 0.083333"
    ])
  })

  it("reads taxes told one by one", () => {
    const cdr = ocpiOf(cdrOf(plain, 20_000_000))
    const taxes = [{ name: "VAT", amount: 3 }]
    const { divergences } = verified({ ...cdr, total_cost: { before_taxes: 11, taxes } }, [plain.tariff])
    assert.deepStrictEqual(
      divergences.map(({ what, claimed, computed }) => [what, claimed, computed]),
      [["total_cost_after_taxes", "14.00", "13.09"]]
    )
  })

  it("does not compare the totals in which a fee may stand", () => {
    const withFee = compiledOf(
      tariffOf([
        {
          price_components: [
            { type: "FLAT", price: 1 },
            { type: "PARKING_TIME", price: 6 }
          ]
        }
      ])
    )
    const cdr = { ...ocpiOf(cdrOf(withFee, 1_000_000, 600_000)), total_parking_cost: { before_taxes: 2 } }
    assert.deepStrictEqual(verified({ ...cdr, total_fixed_cost: 0 }, [withFee.tariff]).divergences, [])
  })

  it("lets the contract's tolerance cover a total, and says that it did", () => {
    const cdr = { ...ocpiOf(cdrOf(plain, 20_000_000)), total_cost: { before_taxes: 11.05 } }
    assert.deepStrictEqual(verified(cdr, [plain.tariff], 5n).absorbed, ["total_cost"])
    assert.deepStrictEqual(verified(cdr, [plain.tariff], 5n).divergences, [])
    assert.deepStrictEqual(
      verified(cdr, [plain.tariff], 4n).divergences.map(({ what }) => what),
      ["total_cost"]
    )
  })

  it("writes a letter that names the differences, and none when there are none", () => {
    const cdr = ocpiOf(cdrOf(plain, 20_000_000))
    assert.isNull(disputeOf("C-1", verified(cdr, [plain.tariff])))
    const letter = disputeOf("C-1", verified({ ...cdr, total_energy: 21, total_cost: 12 }, [plain.tariff]))!
    assert.include(letter, "the CDR says 12.00, we come to 11.00; the difference is 1.00 EUR")
    assert.include(letter, "the CDR says 21, we come to 20; the difference is 1 kWh")
  })
})

describe("the rounding policy of a partner", () => {
  const third = compiledOf(
    tariffOf([
      {
        price_components: [
          { type: "ENERGY", price: 0.333333, vat: 19 },
          { type: "TIME", price: 0.335555, vat: 19, step_size: 7 }
        ]
      }
    ])
  )

  const policiesOf = (net: number, gross: number) =>
    verified({ ...ocpiOf(cdrOf(third, 10_017_000)), total_cost: { before_taxes: net, after_taxes: gross } }, [
      third.tariff
    ]).policies

  it("is told apart where the roundings differ", () => {
    // 3.338997 of energy; 3600 s in steps of 7 s are 3605 s, 0.336021 of time: 3.675018 and 4.373271.
    assert.includeMembers([...policiesOf(3.68, 4.37)], ["exact-sum/half-away/parking-absorbs"])
    assert.includeMembers([...policiesOf(3.67, 4.37)], ["total-floored/parking-absorbs"])
    assert.notInclude(policiesOf(3.68, 4.37), "total-floored/parking-absorbs")
    assert.includeMembers([...policiesOf(3.66, 4.35)], ["dimension-truncated/parking-absorbs"])
    assert.deepStrictEqual(policiesOf(9, 9), [])
  })

  it("that rounds every line up is found, as GIREVE's extension has it", () => {
    const gireve = tariffOf([{ price_components: [{ type: "ENERGY", price: 0.492, step_size: 1000 }] }])
    const cdr = {
      start_date_time: "2025-04-11T10:09:02Z",
      end_date_time: "2025-04-11T10:30:29Z",
      charging_periods: [{ start_date_time: "2025-04-11T10:09:02Z", dimensions: [{ type: "ENERGY", volume: 11.765 }] }],
      total_cost: 5.91
    }
    // 12 kWh at 0.492 are 5.904.
    assert.deepStrictEqual(verified(cdr, [gireve], 0n).policies, [
      "line-rounded-up/parking-absorbs",
      "line-rounded-up/sequential"
    ])
  })
})
