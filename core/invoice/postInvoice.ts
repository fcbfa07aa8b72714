import { rounding } from "../billing/Accounts.ts"
import { type Entry, type Posting, vatPayableOf } from "../billing/Ledger.ts"
import type { Invoice, InvoiceLine } from "./Invoice.ts"

/** What a document's fees come to, tax included: nothing of it was booked before. */
const feesOf = (invoice: Invoice, fees: ReadonlyArray<InvoiceLine>): bigint => {
  if (fees.length < invoice.lines.length) throw new Error(`${invoice.id} mixes sessions and fees`)
  return invoice.payableMinor
}

/**
 * Books a document. Its sessions were booked when they were rated, so who owes owes no more and no less by it: what
 * changes is the VAT, which a document rounds per rate where sessions round it one by one, and the difference is
 * `rounding`. A credit note books the same with the signs turned. The receivable is posted with nothing, so that every
 * document has an entry that names who it is for. Fees are owed by their document: it debits them.
 */
export const postInvoice = (invoice: Invoice): Entry => {
  const sign = invoice.kind === "credit-note" ? -1n : 1n
  const fees = invoice.lines.filter(({ dimension }) => dimension === "FEE")
  const feesMinor = fees.length === 0 ? 0n : feesOf(invoice, fees)
  const postings: Array<Posting> = [{ account: invoice.receivable, amountMinor: sign * feesMinor }]
  let total = -feesMinor
  if (fees.length > 0) {
    const netMinor = fees.reduce((sum, line) => sum + line.netMinor, 0n)
    postings.push({ account: "revenue:subscription", amountMinor: -sign * netMinor })
    total += netMinor
  }
  for (const tax of invoice.taxes) {
    const more = tax.taxMinor - tax.ratedTaxMinor
    if (more === 0n) continue
    total += more
    const rate = tax.category === "E" ? null : tax.ratePercent
    postings.push({ account: vatPayableOf(invoice.taxCountry, rate), amountMinor: -sign * more })
  }
  if (total !== 0n) postings.push({ account: rounding, amountMinor: sign * total })
  return {
    id: `entry-${invoice.id}`,
    bookedAtMs: invoice.issuedAtMs,
    effectiveAtMs: invoice.issuedAtMs,
    source: { kind: invoice.kind === "credit-note" ? "credit-note" : "invoice", id: invoice.id },
    currency: invoice.currency,
    postings
  }
}
