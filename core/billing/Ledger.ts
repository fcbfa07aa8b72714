import { Schema } from "effect"
import type { Cdr, CdrLine } from "./Cdr.ts"

/** One side of an entry: debit positive, credit negative, in minor units of the entry's currency. */
export const Posting = Schema.Struct({ account: Schema.String, amountMinor: Schema.BigIntFromString })

/** What can give rise to a booking: the kinds of documents, each with ids of its own. */
export const sourceKinds = [
  "cdr",
  "invoice",
  "credit-note",
  "payment",
  "refund",
  "dispute",
  "payout",
  "top-up",
  "wallet",
  "subscription",
  "dunning",
  "adjustment"
] as const

/**
 * A booking: postings that sum to zero, from a document that gave rise to it. Immutable; a correction is another entry
 * from another document. When it was booked and when it is effective are two instants.
 */
export const Entry = Schema.Struct({
  id: Schema.String,
  bookedAtMs: Schema.Int,
  effectiveAtMs: Schema.Int,
  source: Schema.Struct({ kind: Schema.Literals(sourceKinds), id: Schema.String }),
  currency: Schema.String,
  postings: Schema.Array(Posting)
})

export type Posting = typeof Posting.Type
export type Entry = typeof Entry.Type
export type EntryJson = typeof Entry.Encoded

/** An entry as plain JSON data. */
export const encodeEntry: (entry: Entry) => EntryJson = Schema.encodeSync(Entry)

/** Reads what {@link encodeEntry} wrote: a Result with the entry or what is wrong with the JSON. */
export const decodeEntry = Schema.decodeUnknownResult(Entry, { onExcessProperty: "error" })

/** Who owes for a CDR: the driver, else whoever holds the token, else nobody known yet. */
export const receivableOf = (cdr: Pick<Cdr, "driverId" | "token">): string => {
  if (cdr.driverId !== null) return `receivable:driver:${cdr.driverId}`
  return cdr.token === null ? "receivable:unidentified" : `receivable:token:${cdr.token.uid}`
}

/** What a line earns; a limit's adjustment concerns the session as a whole. */
export const revenueOf = (line: Pick<CdrLine, "scope" | "dimension">): string => {
  if (line.scope === "reservation") return "revenue:reservation"
  switch (line.dimension) {
    case "ENERGY":
      return "revenue:energy"
    case "TIME":
      return "revenue:time"
    case "PARKING_TIME":
      return "revenue:parking"
    case "RESERVATION_TIME":
      return "revenue:reservation"
    case "FLAT":
    case "ADJUSTMENT":
      return "revenue:session"
  }
}

/** Where a VAT rate is owed to the state: `vat_payable:DE:19`, `vat_payable:19` without a country. */
export const vatPayableOf = (country: string | null, vatPercent: string | null): string =>
  `vat_payable:${country === null ? "" : `${country}:`}${vatPercent ?? "unattributed"}`

/**
 * Books a CDR: debit who owes the gross total, credit revenue and VAT by line and rate. A credit CDR books the same
 * with the signs turned. The receivable is posted even when nothing is owed, so that every CDR has its entry.
 */
export const postCdr = (cdr: Cdr, booking: { readonly id: string; readonly bookedAtMs: number }): Entry => {
  const amounts = new Map<string, bigint>()
  const post = (account: string, amountMinor: bigint) =>
    amounts.set(account, (amounts.get(account) ?? 0n) + amountMinor)
  const sign = cdr.credit ? -1n : 1n
  const receivable = receivableOf(cdr)
  post(receivable, cdr.grossMinor)
  for (const line of cdr.lines) post(revenueOf(line), -sign * line.netMinor)
  for (const tax of cdr.taxes) post(vatPayableOf(cdr.taxCountry, tax.vatPercent), -sign * tax.taxMinor)
  const postings: Array<Posting> = []
  for (const [account, amountMinor] of amounts) {
    if (amountMinor !== 0n || account === receivable) postings.push({ account, amountMinor })
  }
  const entry: Entry = {
    id: booking.id,
    bookedAtMs: booking.bookedAtMs,
    effectiveAtMs: cdr.credit ? cdr.issuedAtMs : cdr.endAtMs,
    source: { kind: "cdr", id: cdr.id },
    currency: cdr.currency,
    postings
  }
  if (!isBalanced(entry)) throw new Error(`CDR ${cdr.id} does not add up: its entry would not sum to zero`)
  return entry
}

/** Whether the postings sum to zero. */
export const isBalanced = (entry: Entry): boolean =>
  entry.postings.reduce((sum, posting) => sum + posting.amountMinor, 0n) === 0n

export interface Balance {
  readonly account: string
  readonly currency: string
  /** Debits less credits. */
  readonly amountMinor: bigint
}

/** The balance of every account and currency that was ever posted to, by account, then currency; they sum to zero. */
export const trialBalance = (entries: Iterable<Entry>): ReadonlyArray<Balance> => {
  const balances = new Map<string, Balance>()
  for (const { currency, postings } of entries) {
    for (const { account, amountMinor } of postings) {
      const key = `${account} ${currency}`
      balances.set(key, { account, currency, amountMinor: (balances.get(key)?.amountMinor ?? 0n) + amountMinor })
    }
  }
  return [...balances.values()].sort((a, b) => order(a.account, b.account) || order(a.currency, b.currency))
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
