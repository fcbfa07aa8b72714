import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { Audit, type InvariantId, type NumberSeries } from "#core/audit/Audit.ts"
import { beginningOf } from "#core/billing/beginning.ts"
import { type Cdr, creditOf, makeCdr } from "#core/billing/Cdr.ts"
import { type Balance, type Entry, postCdr, trialBalance } from "#core/billing/Ledger.ts"
import { draftOf } from "#core/invoice/draft.ts"
import { feeDraftOf } from "#core/invoice/feeDraft.ts"
import { creditNoteOf, type Invoice, numbered } from "#core/invoice/Invoice.ts"
import { postInvoice } from "#core/invoice/postInvoice.ts"
import { feesUntil } from "#core/subscription/fees.ts"
import type { CompiledTariff } from "#core/tariff/compile.ts"
import { rate } from "#core/tariff/rate.ts"
import { Tariff } from "#core/tariff/Tariff.ts"
import { postMovement } from "#core/wallet/post.ts"
import { moved, open, type Wallet } from "#core/wallet/Wallet.ts"
import { extraTariffs, options, periodsOf, sessions, tariffs } from "#test/simulator/rater/generated.ts"
import fc from "#test/support/fastCheck.ts"
import { everything, noon } from "../billing/fixtures.ts"
import { billLists, billOf, buyer, grossTariff, seller } from "../invoice/fixtures.ts"
import { begun } from "../subscription/makers.ts"
import { compiledOf } from "../tariff/fixtures.ts"

interface Books {
  readonly cdrs: ReadonlyArray<Cdr>
  readonly entries: ReadonlyArray<Entry>
  readonly invoices: ReadonlyArray<Invoice>
  readonly series: ReadonlyArray<NumberSeries>
  readonly balances?: ReadonlyArray<Balance>
  readonly compiled?: (cdr: Cdr) => CompiledTariff | undefined
}

const violatedIn = (books: Books): ReadonlyArray<InvariantId> => {
  const audit = new Audit()
  for (const cdr of books.cdrs) audit.cdr(cdr, books.compiled === undefined ? everything : books.compiled(cdr))
  for (const entry of books.entries) audit.entry(entry)
  for (const invoice of books.invoices) audit.invoice(invoice)
  const balances = books.balances ?? trialBalance(books.entries).filter(({ amountMinor }) => amountMinor !== 0n)
  const results = audit.finish({ balances, series: books.series })
  return results.filter(({ violated }) => violated > 0).map(({ id }) => id)
}

const bookedOf = (cdr: Cdr): Entry => postCdr(cdr, { id: `entry-${cdr.id}`, bookedAtMs: noon })

const whole = (over: Partial<Books> = {}): Books => {
  const bills = [billOf(everything, 9_000_000, 1), billOf(everything, 4_000_000, 2, 600_000)] as const
  const cdrs = bills.map(({ cdr }) => cdr)
  const draft = draftOf({ kind: "invoice", seller, buyer: null, language: "de", issuedAtMs: noon, bills })
  const invoice = numbered(Result.getOrThrow(draft), 1)
  return {
    cdrs,
    entries: [...cdrs.map(bookedOf), postInvoice(invoice)],
    invoices: [invoice],
    series: [{ series: invoice.series, nextSequence: 2, voids: [] }],
    ...over
  }
}

describe("an audit", () => {
  it("finds nothing wrong with books that are right, whatever was billed", () => {
    fc.assert(
      fc.property(billLists, (bills) => {
        const draft = draftOf({ kind: "invoice", seller, buyer: null, language: "de", issuedAtMs: noon, bills })
        const invoice = numbered(Result.getOrThrow(draft), 1)
        const reason = { issuedAtMs: noon, issueDate: invoice.issueDate, reason: "r" }
        const note = numbered(creditNoteOf(invoice, reason), 1)
        const cdrs = bills.map(({ cdr }) => cdr)
        const credit = creditOf(cdrs[0]!, { id: "tx-0-2", issuedAtMs: noon })
        const isGross = new Map(bills.map(({ cdr, priceIncludesTax }) => [cdr.transactionId, priceIncludesTax]))
        const violated = violatedIn({
          cdrs: [...cdrs, credit],
          entries: [...cdrs, credit].map(bookedOf).concat([invoice, note].map(postInvoice)),
          invoices: [invoice, note],
          series: [
            { series: invoice.series, nextSequence: 3, voids: [{ sequence: 2 }] },
            { series: note.series, nextSequence: 2, voids: [] }
          ],
          compiled: ({ transactionId }) => (isGross.get(transactionId) === true ? grossTariff : everything)
        })
        assert.deepStrictEqual(violated, [])
      }),
      { numRuns: 20 }
    )
  })

  it("names what is broken", () => {
    const { cdrs, entries, invoices, series } = whole()
    const [cdr, other] = cdrs as readonly [Cdr, Cdr]
    const [entry] = entries as readonly [Entry]
    const [invoice] = invoices as readonly [Invoice]
    assert.deepStrictEqual(violatedIn(whole()), [])
    const crooked = { ...entry, postings: [...entry.postings, { account: "goodwill", amountMinor: 1n }] }
    const askew = { account: "revenue:energy", currency: "EUR", amountMinor: 1n }
    const stray = { ...entry, postings: entry.postings.map((it) => ({ ...it, account: `x${it.account}` })) }
    const dearer = { ...cdr, grossMinor: cdr.grossMinor + 1n }
    const cases: ReadonlyArray<readonly [Partial<Books>, ReadonlyArray<InvariantId>]> = [
      [{ entries: [crooked, ...entries.slice(1)] }, ["I1", "I2"]],
      [{ entries: [stray, ...entries.slice(1)] }, ["I2"]],
      [{ balances: [askew] }, ["I3"]],
      [{ cdrs: [dearer, other] }, ["I6", "I10"]],
      [{ compiled: () => undefined }, ["I10"]],
      [{ invoices: [{ ...invoice, payableMinor: 1n }] }, ["I6"]],
      [{ invoices: [{ ...invoice, lines: invoice.lines.slice(1) }] }, ["I6", "I14"]],
      [{ series: [{ ...series[0]!, nextSequence: 4 }] }, ["I9"]],
      [{ series: [] }, ["I9"]],
      [{ entries: entries.slice(1) }, ["I12"]],
      [{ invoices: [], series: [] }, ["I12"]],
      [{ cdrs: [cdr, other, { ...cdr, id: "tx-1-9" }] }, ["I7", "I12"]]
    ]
    for (const [over, expected] of cases) assert.deepStrictEqual(violatedIn(whole(over)), expected)
  })

  it("sees a bill that is less than the beginning of its session costs (I11)", () => {
    const { cdrs, entries, invoices } = whole()
    const [cdr, other] = cdrs as readonly [Cdr, Cdr]
    // What it says of itself still adds up: only its price is that of another session.
    const little = billOf(everything, 1_000_000, 1).cdr
    const cheap = { ...little, chargingPeriods: cdr.chargingPeriods }
    const told = { cdrs: [cheap, other], entries: [bookedOf(cheap), ...entries.slice(1)], invoices }
    assert.deepStrictEqual(violatedIn(whole(told)), ["I10", "I11"])
  })

  it("finds no honest bill cheaper than its beginning, whatever the tariff, the session and how it is stepped (I11)", () => {
    let compared = 0
    fc.assert(
      fc.property(fc.oneof(tariffs, extraTariffs), sessions, options, (json, stretches, rest) => {
        const compiled = compiledOf(Result.getOrThrow(Tariff.decode(json)), rest.timeZone)
        const chargingPeriods = periodsOf(stretches)
        const session = { ...billOf(everything, 0, 1).cdr, ...rest, chargingPeriods }
        const beginning = beginningOf(makeCdr(session, rate(compiled, chargingPeriods, rest)), compiled)
        if (beginning === null) return
        compared++
        assert.isTrue(beginning.billedMinor >= beginning.soonerMinor)
      }),
      { numRuns: 400, seed: 11 }
    )
    assert.isAbove(compared, 200)
  })

  it("sees rates that are not what the lines share (I14), and more energy billed than the registers tell (I15)", () => {
    const { cdrs, invoices } = whole()
    const [cdr, other] = cdrs as readonly [Cdr, Cdr]
    const [first, second] = cdr.taxes
    // A cent moves from one rate to the other: the sum stays.
    const moved = [
      { ...first!, taxMinor: first!.taxMinor + 1n },
      { ...second!, taxMinor: second!.taxMinor - 1n }
    ]
    assert.deepStrictEqual(violatedIn(whole({ cdrs: [{ ...cdr, taxes: moved }, other] })), ["I10", "I14"])
    const [invoice] = invoices as readonly [Invoice]
    const metered = (stopWh: number) => ({
      ...invoice,
      sessions: invoice.sessions.map((it) => ({ ...it, register: { startWh: 100, stopWh: 100 + stopWh } }))
    })
    const most = Math.max(...invoice.sessions.map(({ energyWh }) => energyWh))
    assert.deepStrictEqual(violatedIn(whole({ invoices: [metered(most)] })), [])
    assert.deepStrictEqual(violatedIn(whole({ invoices: [metered(most - 1)] })), ["I15"])
  })

  it("sees a document that bills a session twice, and a credit that does not net to zero", () => {
    const { cdrs, entries, invoices } = whole()
    const second = { ...invoices[0]!, id: "RE2024-000002", sequence: 2 }
    const twice = {
      invoices: [invoices[0]!, second],
      entries: [...entries, postInvoice(second)],
      series: [{ series: second.series, nextSequence: 3, voids: [] }]
    }
    assert.deepStrictEqual(violatedIn(whole(twice)), ["I7"])
    const credit = creditOf(cdrs[0]!, { id: "tx-1-2", issuedAtMs: noon })
    const less = { ...credit, grossMinor: credit.grossMinor + 1n, netMinor: credit.netMinor + 1n }
    const lines = [{ ...less.lines[0]!, netMinor: less.lines[0]!.netMinor - 1n }, ...less.lines.slice(1)]
    const crooked = { ...less, lines }
    assert.include(violatedIn(whole({ cdrs: [...cdrs, crooked], entries: [...entries, bookedOf(credit)] })), "I17")
  })

  it("holds wallets within their limit, and to what the ledger owes", () => {
    const terms = { driverId: "ada", currency: "EUR", creditLineMinor: 0n, openedAtMs: noon }
    const cause = { kind: "credit", transactionId: null, reason: "cash", atMs: noon } as const
    const first = moved(open(terms), { ...cause, amountMinor: 500n, sourceId: "a" })
    const second = moved(first.wallet, { ...cause, kind: "refund", amountMinor: -200n, sourceId: "b" })
    const movements = [first.movement, second.movement]
    const broken = (wallet: Wallet, entries = movements.map((it) => postMovement(it, "EUR"))) => {
      const audit = new Audit()
      for (const entry of entries) audit.entry(entry)
      audit.wallet(wallet, movements)
      const balances = trialBalance(entries)
      const results = audit.finish({ balances, series: [] })
      return results.filter(({ violated }) => violated > 0).map(({ id }) => id)
    }
    assert.deepStrictEqual(broken(second.wallet), [])
    assert.deepStrictEqual(broken({ ...second.wallet, balanceMinor: 301n }), ["I8"])
    assert.deepStrictEqual(broken({ ...second.wallet, heldMinor: 301n }), ["I8"])
    assert.deepStrictEqual(broken({ ...second.wallet, arrearsMinor: 1n }), ["I8"])
    assert.deepStrictEqual(broken(second.wallet, [postMovement(first.movement, "EUR")]), ["I8"])
  })

  it("finds nothing wrong with a document of fees, and sees one that asks for more than they come to (I6)", () => {
    const items = feesUntil(begun(noon, { feeMinor: 1234n }), noon)
    const draft = feeDraftOf({
      seller,
      buyer,
      language: "de",
      issuedAtMs: noon,
      driverId: "ada",
      items: [items[0]!]
    })
    const told = (payableMinor: bigint) => {
      const audit = new Audit()
      audit.invoice(numbered({ ...draft, payableMinor, roundingMinor: payableMinor - draft.grossMinor }, 1))
      return audit.finish({ balances: [], series: [] }).find(({ id }) => id === "I6")!.violated
    }
    assert.strictEqual(told(1234n), 0)
    assert.strictEqual(told(1235n), 1)
  })
})
