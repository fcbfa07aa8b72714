import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { isBalanced, postCdr, trialBalance } from "#core/billing/Ledger.ts"
import { categoryTax, draftOf, ratePpmOf, type SessionBill } from "#core/invoice/draft.ts"
import { creditNoteOf, decodeInvoice, encodeInvoice, type Invoice, numbered } from "#core/invoice/Invoice.ts"
import { postInvoice } from "#core/invoice/postInvoice.ts"
import { scaled } from "#core/Money.ts"
import fc from "#test/support/fastCheck.ts"
import { everything, noon } from "../billing/fixtures.ts"
import { billLists, billOf, buyer, creditedCdr, grossTariff, seller } from "./fixtures.ts"

type Bills = readonly [SessionBill, ...ReadonlyArray<SessionBill>]

const invoiceOf = (bills: Bills, sequence = 1): Invoice =>
  numbered(
    Result.getOrThrow(draftOf({ kind: "invoice", seller, buyer, language: "de", issuedAtMs: noon, bills })),
    sequence
  )

const sumOf = <A>(items: ReadonlyArray<A>, part: (item: A) => bigint) =>
  items.reduce((sum, item) => sum + part(item), 0n)

describe("an invoice", () => {
  it("rounds once per rate: lines sum to the rate's net, its tax is net times rate, and what remains is told", () => {
    fc.assert(
      fc.property(billLists, (bills) => {
        const invoice = invoiceOf(bills)
        for (const tax of invoice.taxes) {
          const lines = invoice.lines.filter(
            (line) => line.category === tax.category && line.ratePercent === tax.ratePercent
          )
          assert.strictEqual(
            sumOf(lines, (line) => line.netMinor),
            tax.netMinor
          )
          assert.strictEqual(categoryTax(tax.netMinor, ratePpmOf(tax.ratePercent)), tax.taxMinor)
        }
        assert.strictEqual(
          sumOf(invoice.lines, (line) => line.netMinor),
          invoice.netMinor
        )
        assert.strictEqual(
          sumOf(invoice.taxes, (tax) => tax.taxMinor),
          invoice.grossMinor - invoice.netMinor
        )
        assert.strictEqual(
          sumOf(bills, ({ cdr }) => cdr.grossMinor),
          invoice.payableMinor
        )
        assert.strictEqual(invoice.grossMinor + invoice.roundingMinor, invoice.payableMinor)
        // Half a unit per session, and per rate one of its net and one of its tax.
        const bound = BigInt(Math.ceil(bills.length / 2) + 2 * invoice.taxes.length)
        assert.isTrue(invoice.roundingMinor <= bound && invoice.roundingMinor >= -bound)
      })
    )
  })

  it("has each line within a unit of its exact net", () => {
    fc.assert(
      fc.property(billLists, (bills) => {
        const invoice = invoiceOf(bills)
        for (const [session, { cdr }] of bills.entries()) {
          const exact = sumOf(cdr.lines, (line) => scaled(line.net, 6)!)
          const own = invoice.lines.filter((line) => line.session === session && line.adjustment !== "TAX_AT_RATE")
          const shown = sumOf(own, (line) => line.netMinor) * 10_000n
          const limit = BigInt(own.length) * 10_000n
          assert.isTrue(shown - exact <= limit && exact - shown <= limit)
        }
      })
    )
  })

  it("is the same bytes when it is read and written again", () => {
    fc.assert(
      fc.property(billLists, (bills) => {
        const text = JSON.stringify(encodeInvoice(invoiceOf(bills)))
        assert.strictEqual(JSON.stringify(encodeInvoice(Result.getOrThrow(decodeInvoice(JSON.parse(text))))), text)
        assert.strictEqual(JSON.stringify(encodeInvoice(invoiceOf(bills))), text)
      }),
      { numRuns: 20 }
    )
  })

  it("books the VAT it states, and with its credit note nothing", () => {
    fc.assert(
      fc.property(billLists, (bills) => {
        const invoice = invoiceOf(bills)
        const rated = bills.map(({ cdr }) => postCdr(cdr, { id: `entry-${cdr.id}`, bookedAtMs: noon }))
        const entry = postInvoice(invoice)
        assert.isTrue(isBalanced(entry))
        const balances = new Map(trialBalance([...rated, entry]).map((it) => [it.account, it.amountMinor]))
        for (const tax of invoice.taxes) {
          if (tax.category === "S")
            assert.strictEqual(balances.get(`vat_payable:${tax.ratePercent}`) ?? 0n, -tax.taxMinor)
        }
        assert.strictEqual(balances.get("receivable:driver:ada"), invoice.payableMinor)
        const reason = { issuedAtMs: noon, issueDate: invoice.issueDate, reason: "test" }
        const credit = numbered(creditNoteOf(invoice, reason), 1)
        assert.deepStrictEqual(
          trialBalance([entry, postInvoice(credit)]).filter((it) => it.amountMinor !== 0n),
          []
        )
        assert.strictEqual(credit.payableMinor - invoice.payableMinor, 0n)
      }),
      { numRuns: 30 }
    )
  })

  it("says on its lines what was used, at which price, and what the tariff's bound turned into tax", () => {
    // 30 kWh at 0.59 and 0.35 would be 18.05; the bound is 12 before and 13 after taxes.
    const bounded = billOf(grossTariff, 30_000_000, 1)
    const plain = billOf(grossTariff, 10_000_000, 2, 600_000)
    const invoice = invoiceOf([plain, bounded])
    assert.deepStrictEqual(
      invoice.lines.map(({ session, dimension, adjustment }) => [session, dimension, adjustment]).slice(0, 3),
      [
        [0, "ENERGY", null],
        [0, "FLAT", null],
        [0, "PARKING_TIME", null]
      ]
    )
    assert.include(
      invoice.lines.map(({ adjustment }) => adjustment),
      "TAX_AT_RATE"
    )
    assert.strictEqual(invoice.payableMinor, 35n + 590n + 100n + 1300n)
    const energy = invoice.lines.find(({ dimension }) => dimension === "ENERGY")!
    assert.deepInclude(energy, { volume: 10_000_000, unitPrice: "0.59", priceIncludesTax: true, ratePercent: "19" })
  })

  it("is numbered within the year of issue in its seller's time zone, and is due so many days later", () => {
    const newYear = Date.UTC(2025, 11, 31, 23, 30)
    const bills: Bills = [billOf(everything, 1_000_000, 1)]
    const draft = Result.getOrThrow(
      draftOf({ kind: "invoice", seller, buyer, language: "en", issuedAtMs: newYear, bills })
    )
    const invoice = numbered(draft, 42)
    assert.deepInclude(invoice, {
      id: "RE2026-000042",
      series: "RE2026",
      issueDate: "2026-01-01",
      dueDate: "2026-01-15"
    })
    const credit = creditNoteOf(invoice, { issuedAtMs: newYear, issueDate: "2026-01-01", reason: "r" })
    assert.strictEqual(numbered(credit, 7).id, "GS2026-000007")
    assert.throws(() => creditNoteOf(numbered(credit, 7), { issuedAtMs: 0, issueDate: "2026-01-01", reason: "r" }))
  })

  it("is refused of credits, of two debtors, and of a tax whose rate nobody knows", () => {
    const one = billOf(everything, 1_000_000, 1)
    const reasonOf = (bills: Bills) => {
      const drafted = draftOf({ kind: "invoice", seller, buyer, language: "de", issuedAtMs: noon, bills })
      return Result.isFailure(drafted) ? drafted.failure.reason : undefined
    }
    assert.strictEqual(reasonOf([{ ...one, cdr: creditedCdr(one.cdr) }]), "credit")
    assert.strictEqual(reasonOf([one, { ...one, cdr: { ...one.cdr, driverId: "bob" } }]), "mixed")
    assert.strictEqual(reasonOf([one, { ...one, cdr: { ...one.cdr, currency: "CHF" } }]), "mixed")
    const lines = one.cdr.lines.map((line) => ({ ...line, vatPercent: null }))
    assert.strictEqual(reasonOf([{ ...one, cdr: { ...one.cdr, lines } }]), "tax-without-rate")
  })
})
