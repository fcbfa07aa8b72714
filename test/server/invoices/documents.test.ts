import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { convert } from "xmlbuilder2"
import { draftOf, type SessionBill } from "#core/invoice/draft.ts"
import { feeDraftOf } from "#core/invoice/feeDraft.ts"
import { creditNoteOf, type Invoice, numbered } from "#core/invoice/Invoice.ts"
import { decimalIn, textsOf } from "#core/invoice/texts.ts"
import { scaled } from "#core/Money.ts"
import { feesUntil } from "#core/subscription/fees.ts"
import { ciiOf, missingFor, type Profile } from "#server/invoices/cii.ts"
import { pdfOf } from "#server/invoices/pdf/render.ts"
import fc from "#test/support/fastCheck.ts"
import { everything, noon } from "../../core/billing/fixtures.ts"
import { billLists, billOf, buyer, grossTariff, seller } from "../../core/invoice/fixtures.ts"
import { at, begun, plan, wished } from "../../core/subscription/makers.ts"

type Bills = readonly [SessionBill, ...ReadonlyArray<SessionBill>]

const invoiceOf = (bills: Bills, over: Partial<Parameters<typeof draftOf>[0]> = {}): Invoice =>
  numbered(
    Result.getOrThrow(draftOf({ kind: "invoice", seller, buyer, language: "de", issuedAtMs: noon, bills, ...over })),
    1
  )

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the XML says
type Node = any

const listOf = (node: Node): ReadonlyArray<Node> => (Array.isArray(node) ? node : [node])
const cents = (node: Node): bigint => scaled(node?.["#"] ?? node, 2)!

const read = (invoice: Invoice, profile: Profile = "en16931"): Node =>
  (convert(ciiOf(invoice, profile), { format: "object" }) as Node)["rsm:CrossIndustryInvoice"]

describe("an electronic invoice", () => {
  it("adds up as EN 16931 asks: BR-CO-10, 13 to 17, BR-S-08, BR-S-09, and price times quantity", () => {
    fc.assert(
      fc.property(billLists, (bills) => {
        const trade = read(invoiceOf(bills))["rsm:SupplyChainTradeTransaction"]
        const lines = listOf(trade["ram:IncludedSupplyChainTradeLineItem"]).map((line) => {
          const settlement = line["ram:SpecifiedLineTradeSettlement"]
          const price = line["ram:SpecifiedLineTradeAgreement"]["ram:NetPriceProductTradePrice"]
          const net = cents(settlement["ram:SpecifiedTradeSettlementLineMonetarySummation"]["ram:LineTotalAmount"])
          const quantity = line["ram:SpecifiedLineTradeDelivery"]["ram:BilledQuantity"]
          assert.strictEqual(quantity["@unitCode"], price["ram:BasisQuantity"]["@unitCode"])
          const exact =
            (Number(quantity["#"]) * Number(price["ram:ChargeAmount"])) / Number(price["ram:BasisQuantity"]["#"])
          assert.isAtMost(Math.abs(exact - Number(net) / 100), 0.02)
          assert.isAtLeast(Number(price["ram:ChargeAmount"]), 0)
          const tax = settlement["ram:ApplicableTradeTax"]
          return { net, key: `${tax["ram:CategoryCode"]} ${tax["ram:RateApplicablePercent"]}` }
        })
        const settlement = trade["ram:ApplicableHeaderTradeSettlement"]
        const sums = settlement["ram:SpecifiedTradeSettlementHeaderMonetarySummation"]
        let total = 0n
        for (const tax of listOf(settlement["ram:ApplicableTradeTax"])) {
          const key = `${tax["ram:CategoryCode"]} ${tax["ram:RateApplicablePercent"]}`
          const net = lines.filter((line) => line.key === key).reduce((sum, line) => sum + line.net, 0n)
          assert.strictEqual(cents(tax["ram:BasisAmount"]), net)
          const hundredths = net * scaled(tax["ram:RateApplicablePercent"], 2)!
          const rounded = (hundredths * 2n + 10_000n) / 20_000n
          assert.strictEqual(cents(tax["ram:CalculatedAmount"]), rounded)
          total += rounded
        }
        const net = lines.reduce((sum, line) => sum + line.net, 0n)
        assert.strictEqual(cents(sums["ram:LineTotalAmount"]), net)
        assert.strictEqual(cents(sums["ram:TaxBasisTotalAmount"]), net)
        assert.strictEqual(cents(sums["ram:TaxTotalAmount"]), total)
        assert.strictEqual(cents(sums["ram:GrandTotalAmount"]), net + total)
        const rounding = sums["ram:RoundingAmount"] === undefined ? 0n : cents(sums["ram:RoundingAmount"])
        assert.strictEqual(cents(sums["ram:DuePayableAmount"]), net + total + rounding)
      }),
      { numRuns: 30 }
    )
  })

  it("names profile, parties, and of a credit note what it takes back", () => {
    const invoice = invoiceOf([billOf(everything, 9_000_000, 1)])
    const xrechnung = read(invoice, "xrechnung")
    assert.include(JSON.stringify(xrechnung["rsm:ExchangedDocumentContext"]), "xrechnung_3.0")
    assert.strictEqual(xrechnung["rsm:ExchangedDocument"]["ram:TypeCode"], "380")
    const agreement = xrechnung["rsm:SupplyChainTradeTransaction"]["ram:ApplicableHeaderTradeAgreement"]
    assert.strictEqual(agreement["ram:BuyerReference"], "04011000-12345-67")
    // The reader leaves entities as they are.
    assert.strictEqual(agreement["ram:BuyerTradeParty"]["ram:Name"], "Analytik &amp; Söhne OHG")
    const credit = creditNoteOf(invoice, { issuedAtMs: noon, issueDate: "2024-01-16", reason: "<late>" })
    const note = read(numbered(credit, 1))
    assert.strictEqual(note["rsm:ExchangedDocument"]["ram:TypeCode"], "381")
    const settlement = note["rsm:SupplyChainTradeTransaction"]["ram:ApplicableHeaderTradeSettlement"]
    assert.strictEqual(settlement["ram:InvoiceReferencedDocument"]["ram:IssuerAssignedID"], invoice.id)
  })

  it("is not made of a document that lacks what it must say", () => {
    const bills: Bills = [billOf(everything, 9_000_000, 1)]
    assert.deepStrictEqual(missingFor(invoiceOf(bills), "xrechnung"), [])
    assert.deepStrictEqual(missingFor(invoiceOf(bills, { buyer: null }), "en16931"), ["buyer"])
    const bare = invoiceOf(bills, { buyer: { ...buyer, address: null, email: null, reference: null } })
    assert.deepStrictEqual(missingFor(bare, "xrechnung"), ["buyer.address", "buyer.reference", "buyer.email"])
    assert.throws(() => ciiOf(bare, "en16931"))
  })
})

const textOf = (pdf: Uint8Array): string => Buffer.from(pdf).toString("latin1")
const pagesOf = (pdf: Uint8Array): number => [...textOf(pdf).matchAll(/\/Type \/Page\n/g)].length

describe("a PDF", () => {
  it.live("is the same bytes each time, is PDF/A-3b and carries the XML", () =>
    Effect.gen(function* () {
      const invoice = invoiceOf([billOf(grossTariff, 9_000_000, 1, 600_000)])
      const pdf = yield* pdfOf(invoice)
      assert.deepStrictEqual(yield* pdfOf(invoice), pdf)
      const text = textOf(pdf)
      for (const part of [
        "<pdfaid:part>3</pdfaid:part>",
        "factur-x.xml",
        "/AFRelationship /Alternative",
        "fx:ConformanceLevel"
      ])
        assert.include(text, part)
      assert.strictEqual(pagesOf(pdf), 1)
    })
  )

  it.live("of a receipt for nobody in particular is one page without XML", () =>
    Effect.gen(function* () {
      const receipt = invoiceOf([billOf(grossTariff, 9_000_000, 1)], { kind: "receipt", buyer: null, language: "en" })
      const pdf = yield* pdfOf(receipt)
      assert.strictEqual(pagesOf(pdf), 1)
      assert.notInclude(textOf(pdf), "factur-x.xml")
    })
  )

  it.live("of sixty sessions takes the pages it needs", () =>
    Effect.gen(function* () {
      const bills = Array.from({ length: 60 }, (_, n) => billOf(grossTariff, 9_000_000 + n * 1_000, n, 60_000))
      const pages = pagesOf(yield* pdfOf(invoiceOf(bills as unknown as Bills)))
      assert.isTrue(pages > 5 && pages < 13, `${pages} pages`)
    })
  )
})

describe("a document of fees", () => {
  const from = at("2026-03-03T10:00:00Z")
  const changed = wished(
    begun(from, { name: "Home L", feeMinor: 2490n }),
    { _tag: "Change", plan: plan({ id: "more", name: "Home XL", feeMinor: 4990n }), when: "now" },
    from + 9 * 86_400_000
  )
  const [first, ...others] = feesUntil(changed, from + 9 * 86_400_000)
  const request = { seller, buyer, issuedAtMs: from, driverId: "ada", items: [first!, ...others] as const }
  const document = (language: "de" | "en") => numbered(feeDraftOf({ ...request, language }), 1)

  it("names the plan of each fee, and says of one that is given back that it is", () => {
    const lines = listOf(
      read(document("de"))["rsm:SupplyChainTradeTransaction"]["ram:IncludedSupplyChainTradeLineItem"]
    )
    assert.deepStrictEqual(
      lines.map((line) => line["ram:SpecifiedTradeProduct"]["ram:Description"]),
      ["Home L", "Home L, Erstattung", "Home XL"]
    )
  })

  it.live("is one page that differs from its translation, and asks nobody to transfer what his card pays", () =>
    Effect.gen(function* () {
      const [german, english] = [yield* pdfOf(document("de")), yield* pdfOf(document("en"))]
      for (const bytes of [german, english])
        assert.strictEqual(
          Buffer.from(bytes)
            .toString("latin1")
            .match(/\/Type \/Page\b/g)?.length,
          1
        )
      assert.notDeepEqual(german, english)
      assert.match(textsOf("de").payByCard("01.04.2026"), /Karte.*01\.04\.2026/)
      assert.match(textsOf("en").payByCard("01/04/2026"), /card.*01\/04\/2026/)
    })
  )
})

it("numbers are written as the language does", () => {
  assert.strictEqual(decimalIn("de", "-1234567.50"), "−1.234.567,50")
  assert.strictEqual(decimalIn("en", "1234.5"), "1,234.5")
  assert.strictEqual(decimalIn("de", "0.59"), "0,59")
})
