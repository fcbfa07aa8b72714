import { Schema } from "effect"
import { adjustmentReasons } from "../tariff/Rating.ts"
import { Buyer, Seller } from "./Party.ts"

/** A session as a document tells it. */
export const InvoicedSession = Schema.Struct({
  cdrId: Schema.String,
  transactionId: Schema.String,
  stationId: Schema.String,
  evseId: Schema.Int,
  connectorId: Schema.Int,
  token: Schema.NullOr(Schema.String),
  startAtMs: Schema.Int,
  endAtMs: Schema.Int,
  timeZone: Schema.String,
  energyWh: Schema.Int,
  durationMs: Schema.Int,
  parkingMs: Schema.Int,
  tariff: Schema.Struct({ id: Schema.String, version: Schema.Int }),
  /** The meter's register at begin and end, where the two differ by what was billed. */
  register: Schema.NullOr(Schema.Struct({ startWh: Schema.Int, stopWh: Schema.Int })),
  /** What the session comes to, tax included: the CDR's total. */
  grossMinor: Schema.BigIntFromString
})

/**
 * One item: what a session used of one dimension at one price, or a fee. `TAX_AT_RATE` is the part of the net price that a limit
 * on the gross price turns into tax.
 */
export const InvoiceLine = Schema.Struct({
  /** Counts from 1. */
  number: Schema.Int,
  /** Into `sessions`; -1 of a fee. */
  session: Schema.Int,
  scope: Schema.Literals(["session", "reservation"]),
  dimension: Schema.Literals(["ENERGY", "TIME", "PARKING_TIME", "RESERVATION_TIME", "FLAT", "ADJUSTMENT", "FEE"]),
  adjustment: Schema.NullOr(Schema.Literals([...adjustmentReasons, "TAX_AT_RATE"])),
  /** mWh of ENERGY, ms of the times, count of FLAT, 0 of an amount alone; the step's surplus included. */
  volume: Schema.Int,
  stepSurplus: Schema.Int,
  /** As the tariff states it, per kWh, hour or session. */
  unitPrice: Schema.String,
  priceIncludesTax: Schema.Boolean,
  category: Schema.Literals(["S", "Z", "E"]),
  ratePercent: Schema.String,
  netMinor: Schema.BigIntFromString,
  /** Of a fee: what for, and for which days, both inclusive. Its item's id stands on no other document that stands. */
  fee: Schema.optionalKey(
    Schema.Struct({ itemId: Schema.String, text: Schema.String, fromDay: Schema.String, toDay: Schema.String })
  )
})

/** One VAT category and rate (EN 16931 BG-23): S standard, Z zero, E none, with the reason. */
export const InvoiceTax = Schema.Struct({
  category: Schema.Literals(["S", "Z", "E"]),
  ratePercent: Schema.String,
  netMinor: Schema.BigIntFromString,
  taxMinor: Schema.BigIntFromString,
  /** What the CDRs had as tax at this rate: the entry of the document books the difference. */
  ratedTaxMinor: Schema.BigIntFromString,
  exemptionReason: Schema.NullOr(Schema.String)
})

/**
 * A document as it was issued; never edited. A credit note has the lines and amounts of the document it takes back, as
 * amounts that are given back. Amounts are minor units: net + tax = gross (BR-CO-15), gross + rounding = payable
 * (BR-CO-16), and payable is what the sessions come to.
 */
export const Invoice = Schema.Struct({
  /** Its number: unique for ever. */
  id: Schema.String,
  kind: Schema.Literals(["invoice", "receipt", "credit-note"]),
  series: Schema.String,
  sequence: Schema.Int,
  issuedAtMs: Schema.Int,
  /** `YYYY-MM-DD` in the seller's time zone. */
  issueDate: Schema.String,
  dueDate: Schema.NullOr(Schema.String),
  /** First and last day on which something was supplied. */
  periodFrom: Schema.String,
  periodTo: Schema.String,
  language: Schema.Literals(["de", "en"]),
  seller: Seller,
  /** Null: a receipt for somebody who did not say who they are. */
  buyer: Schema.NullOr(Buyer),
  driverId: Schema.NullOr(Schema.String),
  /** The ledger's account of who owes. */
  receivable: Schema.String,
  currency: Schema.String,
  taxCountry: Schema.NullOr(Schema.String),
  sessions: Schema.Array(InvoicedSession),
  lines: Schema.Array(InvoiceLine),
  taxes: Schema.Array(InvoiceTax),
  netMinor: Schema.BigIntFromString,
  taxMinor: Schema.BigIntFromString,
  grossMinor: Schema.BigIntFromString,
  roundingMinor: Schema.BigIntFromString,
  payableMinor: Schema.BigIntFromString,
  /** The document that a credit note takes back. */
  credits: Schema.NullOr(Schema.Struct({ id: Schema.String, issueDate: Schema.String, reason: Schema.String })),
  /** How it was rounded. */
  policy: Schema.String
})

export type InvoicedSession = typeof InvoicedSession.Type
export type InvoiceLine = typeof InvoiceLine.Type
export type InvoiceTax = typeof InvoiceTax.Type
export type Invoice = typeof Invoice.Type
export type InvoiceJson = typeof Invoice.Encoded

/** A document that has no number yet. */
export type Draft = Omit<Invoice, "id" | "series" | "sequence">

/** A document as plain JSON data. */
export const encodeInvoice: (invoice: Invoice) => InvoiceJson = Schema.encodeSync(Invoice)

/** Reads what {@link encodeInvoice} wrote: a Result with the document or what is wrong with the JSON. */
export const decodeInvoice = Schema.decodeUnknownResult(Invoice, { onExcessProperty: "error" })

/** Digits of a number within its series: `RE2026-000042`. More are used when they are needed. */
const sequenceDigits = 6

/** The series of a document: its issuer's prefix and the year of issue. */
export const seriesOf = ({ kind, seller, issueDate }: Pick<Invoice, "kind" | "seller" | "issueDate">): string =>
  `${kind === "credit-note" ? seller.creditPrefix : seller.invoicePrefix}${issueDate.slice(0, 4)}`

/** A number of a series as text. */
export const numberOf = (series: string, sequence: number): string =>
  `${series}-${String(sequence).padStart(sequenceDigits, "0")}`

/** The draft with the next number of its series. */
export const numbered = (draft: Draft, sequence: number): Invoice => {
  const series = seriesOf(draft)
  return { id: numberOf(series, sequence), series, sequence, ...draft }
}

/** The credit note that takes a document back, line by line. A credit note cannot be taken back: a defect of the caller. */
export const creditNoteOf = (
  invoice: Invoice,
  credit: { readonly issuedAtMs: number; readonly issueDate: string; readonly reason: string }
): Draft => {
  if (invoice.kind === "credit-note") throw new Error(`${invoice.id} is a credit note and cannot be credited`)
  const { id, series: _series, sequence: _sequence, ...content } = invoice
  return {
    ...content,
    kind: "credit-note",
    issuedAtMs: credit.issuedAtMs,
    issueDate: credit.issueDate,
    dueDate: null,
    credits: { id, issueDate: invoice.issueDate, reason: credit.reason }
  }
}
