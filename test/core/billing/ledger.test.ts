import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { creditOf } from "#core/billing/Cdr.ts"
import { decodeEntry, encodeEntry, isBalanced, postCdr, trialBalance } from "#core/billing/Ledger.ts"
import fc from "#test/support/fastCheck.ts"
import { compiledOf, energyPrice, tariffOf } from "../tariff/fixtures.ts"
import { cdrOf, cdrs, everything, noon } from "./fixtures.ts"

const booking = { id: "E1", bookedAtMs: noon + 9 }

const balancesOf = (...parameters: Parameters<typeof postCdr>) =>
  Object.fromEntries(postCdr(...parameters).postings.map((it) => [it.account, it.amountMinor]))

describe("booking a CDR", () => {
  it("debits who owes and credits each revenue and each VAT rate", () => {
    const cdr = cdrOf(everything, 10_000_000, 600_000, { taxCountry: "DE" })
    assert.deepStrictEqual(balancesOf(cdr, booking), {
      "receivable:token:CAFE": 717n,
      "revenue:energy": -333n,
      "revenue:time": -110n,
      "revenue:parking": -80n,
      "revenue:session": -99n,
      "vat_payable:DE:19": -82n,
      "vat_payable:DE:7": -13n
    })
  })

  it("the driver owes when there is one, nobody known when there is not even a token", () => {
    const accounts = (over: Parameters<typeof cdrOf>[3]) =>
      postCdr(cdrOf(everything, 1_000_000, 0, over), booking).postings[0]!.account
    assert.strictEqual(accounts({ driverId: "D1" }), "receivable:driver:D1")
    assert.strictEqual(accounts({ token: null }), "receivable:unidentified")
  })

  it("is effective when the session ended, whenever it is booked", () => {
    const entry = postCdr(cdrOf(everything, 1_000_000), booking)
    assert.deepStrictEqual([entry.effectiveAtMs, entry.bookedAtMs], [noon + 3_600_000, noon + 9])
    assert.deepStrictEqual(entry.source, { kind: "cdr", id: "cdr-1" })
  })

  it("a free session has its entry too", () => {
    const free = cdrOf(compiledOf(tariffOf([energyPrice(0)])), 1_000_000)
    assert.deepStrictEqual(balancesOf(free, booking), { "receivable:token:CAFE": 0n })
  })

  it("a CDR whose lines miss its total is never booked", () => {
    const cdr = cdrOf(everything, 1_000_000)
    assert.throws(() => postCdr({ ...cdr, grossMinor: cdr.grossMinor + 1n }, booking))
  })
})

describe("laws of the ledger", () => {
  it("every entry sums to zero, with whole limits, steps and rates", () => {
    fc.assert(
      fc.property(cdrs, (cdr) => {
        const entry = postCdr(cdr, booking)
        assert.isTrue(isBalanced(entry))
        assert.strictEqual(
          entry.postings.filter((it) => it.account.startsWith("receivable")).reduce((a, it) => a + it.amountMinor, 0n),
          cdr.grossMinor
        )
      })
    )
  })

  it("a CDR and its credit leave nothing on any account", () => {
    fc.assert(
      fc.property(cdrs, (cdr) => {
        const credit = creditOf(cdr, { id: "credit", issuedAtMs: noon })
        const entries = [postCdr(cdr, booking), postCdr(credit, { ...booking, id: "E2" })]
        for (const balance of trialBalance(entries)) assert.strictEqual(balance.amountMinor, 0n, balance.account)
      })
    )
  })

  it("the trial balance sums to zero per currency and does not depend on the order of entries", () => {
    fc.assert(
      fc.property(fc.array(cdrs, { maxLength: 12 }), (all) => {
        const entries = all.map((cdr, index) =>
          postCdr(index % 2 === 0 ? cdr : { ...cdr, currency: "CHF" }, { ...booking, id: `E${index}` })
        )
        const balances = trialBalance(entries)
        for (const currency of ["EUR", "CHF"]) {
          const own = balances.filter((it) => it.currency === currency)
          assert.strictEqual(
            own.reduce((sum, it) => sum + it.amountMinor, 0n),
            0n
          )
        }
        assert.deepStrictEqual(trialBalance([...entries].reverse()), balances)
      })
    )
  })

  it("entries survive JSON", () => {
    fc.assert(
      fc.property(cdrs, (cdr) => {
        const entry = postCdr(cdr, booking)
        const json: unknown = JSON.parse(JSON.stringify(encodeEntry(entry)))
        assert.deepStrictEqual(Result.getOrThrow(decodeEntry(json)), entry)
      })
    )
  })
})
