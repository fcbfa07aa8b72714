import { rounding } from "../billing/Accounts.ts"
import { type Entry, type Posting, vatPayableOf } from "../billing/Ledger.ts"
import type { Invoice } from "./Invoice.ts"

/**
 * Books a document. Its sessions were booked when they were rated, so who owes owes no more and no less by it: what
 * changes is the VAT, which a document rounds per rate where sessions round it one by one, and the difference is
 * `rounding`. A credit note books the same with the signs turned. The receivable is posted with nothing, so that every
 * document has an entry that names who it is for.
 */
export const postInvoice = (invoice: Invoice): Entry => {
  const sign = invoice.kind === "credit-note" ? -1n : 1n
  const postings: Array<Posting> = [{ account: invoice.receivable, amountMinor: 0n }]
  let total = 0n
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
