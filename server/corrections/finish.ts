import { Effect } from "effect"
import type { Cdr } from "#core/billing/Cdr.ts"
import { beginAtMs } from "#core/transaction/assess.ts"
import type { Transaction } from "#core/transaction/Transaction.ts"
import type { Books } from "../books/Books.ts"
import type { NotFound } from "../directory/Directory.ts"
import type { Dunning } from "../dunning/Dunning.ts"
import type { InvoiceStore } from "../invoices/InvoiceStore.ts"
import type { Invoicing, Replaced } from "../invoices/Invoicing.ts"
import type { OpenDesk } from "../payments/Desk.ts"
import type { PaymentStore } from "../payments/PaymentStore.ts"
import type { WalletStore } from "../wallet/WalletStore.ts"
import type { CorrectionOutcome, CorrectionRecord, CorrectionStore } from "./CorrectionStore.ts"

interface Office {
  readonly store: CorrectionStore["Service"]
  readonly books: Books["Service"]
  readonly invoices: InvoiceStore["Service"]
  readonly invoicing: Invoicing["Service"]
  readonly payments: PaymentStore["Service"]
  readonly desk: OpenDesk | undefined
  readonly wallets: WalletStore["Service"]
  readonly dunning: Dunning["Service"]
}

/** More bills than a transaction ever gets. */
const billLimit = 500

/**
 * What follows a bill that was corrected: a credit note and a new document where it stood on one, and the payment that now
 * has too much or too little. Wallets were settled in the commit of the bill. Made again it finds everything made.
 */
export const finish = Effect.fnUntraced(function* (office: Office, record: CorrectionRecord, transaction: Transaction) {
  const { books, payments, desk } = office
  const fact = transaction.corrections.find(({ id }) => id === record.id)
  const cdrs = (yield* books.cdrs({ transactionId: transaction.id, limit: billLimit })).items
  const before = cdrs.find(({ id }) => id === (fact?.cdrId ?? null))
  const after = cdrs.find(({ id }) => id === (transaction.settled?.cdrId ?? null))
  const credit = before === undefined ? undefined : cdrs.find((it) => it.creditReferenceId === before.id)
  const traced = before === undefined || credit === undefined ? null : yield* documentOf(office, record, before)
  const replaced = traced === null ? nothing : yield* replace(office, traced, record.reason)
  const uid = transaction.authorized?.token.uid
  const paymentId = uid === undefined ? undefined : yield* payments.ofToken(uid)
  if (paymentId !== undefined && desk !== undefined) yield* ifThere(desk.advance(paymentId))
  if (traced !== null) yield* ifThere(office.dunning.advance(traced))
  return {
    currency: (after ?? before)?.currency ?? null,
    beforeMinor: String(before?.grossMinor ?? 0n),
    afterMinor: String(after?.grossMinor ?? 0n),
    creditCdrId: credit?.id ?? null,
    cdrId: after?.id ?? null,
    creditNoteId: replaced.creditNoteId,
    invoiceIds: replaced.invoiceIds,
    settledBy: paymentId !== undefined ? "payment" : yield* payerOf(office, transaction, traced),
    paymentId: paymentId ?? null
  } satisfies CorrectionOutcome
})

const nothing: Omit<Replaced, "creditNoteId"> & { readonly creditNoteId: null } = { creditNoteId: null, invoiceIds: [] }

/** A document that nobody watches has no debt that could follow. */
const ifThere = <A>(moved: Effect.Effect<A, NotFound>) => Effect.catchTag(moved, "NotFound", () => Effect.void)

/** The document that the bill stood on, kept before it is taken back: after that the books do not say. */
const documentOf = Effect.fnUntraced(function* ({ store, invoices }: Office, record: CorrectionRecord, bill: Cdr) {
  if (record.documentId !== null) return record.documentId
  const document = yield* invoices.standingFor(bill.id)
  if (document === undefined) return null
  yield* store.trace(record.id, document.id)
  return document.id
})

/** There is a seller and an invoice, for it was issued. */
const replace = ({ invoicing }: Office, documentId: string, reason: string) =>
  invoicing.replace(documentId, reason).pipe(Effect.catchTags({ NoSeller: Effect.die, NotFound: Effect.die }))

/** Who paid or pays, where no payment of the charge's own does. */
const payerOf = Effect.fnUntraced(function* (office: Office, transaction: Transaction, documentId: string | null) {
  if (yield* isFromWallet(office, transaction)) return "wallet"
  const document = documentId === null ? undefined : yield* office.invoices.get(documentId)
  return document?.kind === "invoice" ? "invoice" : "nobody"
})

/** Whether a wallet that was there when it began paid for it. */
const isFromWallet = Effect.fnUntraced(function* ({ wallets }: Office, transaction: Transaction) {
  const { authorized } = transaction
  if (authorized?.limited !== true || authorized.driverId === null) return false
  const wallet = yield* wallets.get(authorized.driverId)
  return wallet !== undefined && wallet.openedAtMs <= beginAtMs(transaction)
})
