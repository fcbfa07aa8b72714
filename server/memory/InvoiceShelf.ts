import type { Invoice } from "#core/invoice/Invoice.ts"
import type { BillingProfile, Seller } from "#core/invoice/Party.ts"
import type { VoidedNumber } from "../invoices/InvoiceStore.ts"
import { SortedKeys } from "./SortedKeys.ts"

/** What the memory store keeps of documents. */
export class InvoiceShelf {
  seller: Seller | undefined
  readonly profiles = new Map<string, BillingProfile>()
  readonly invoices = new Map<string, Invoice>()
  readonly ids = new SortedKeys()
  /** Credit notes by the document they take back. */
  readonly credits = new Map<string, string>()
  /** The document that stands for a CDR. */
  readonly standing = new Map<string, string>()
  readonly series = new Map<string, { nextSequence: number; readonly voids: Array<VoidedNumber> }>()
}
