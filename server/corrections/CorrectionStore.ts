import { Context, type Effect } from "effect"
import type { Page, PageRequest } from "../books/Page.ts"
import type { StoreUnavailable } from "../record/Journal.ts"

/** What came of a correction: the documents it made, and the difference. Amounts as decimal text of minor units. */
export interface CorrectionOutcome {
  readonly currency: string | null
  /** What was owed for the charge before and is owed now, gross. */
  readonly beforeMinor: string
  readonly afterMinor: string
  /** The CDR that takes the old one back, and the one that stands now. */
  readonly creditCdrId: string | null
  readonly cdrId: string | null
  readonly creditNoteId: string | null
  readonly invoiceIds: ReadonlyArray<string>
  /** Whence the difference is given back or asked for: the payment of the charge, its driver's wallet, the invoice's debt. */
  readonly settledBy: "payment" | "wallet" | "invoice" | "nobody"
  readonly paymentId: string | null
}

export interface CorrectionRecord {
  readonly id: string
  readonly transactionId: string
  /** The client's: with the transaction it names the correction for ever. */
  readonly requestId: string
  /** What the charge is priced by; null: nothing is owed for it. */
  readonly tariff: { readonly id: string; readonly version: number } | null
  readonly reason: string
  /** The name of the API key. */
  readonly requestedBy: string
  readonly requestedAtMs: number
  readonly status: "Waiting" | "Done" | "Refused"
  /** The document that had the bill that was taken back. */
  readonly documentId: string | null
  readonly doneAtMs: number | null
  /** Of one that was refused. */
  readonly why: string | null
  /** Of one that is done. */
  readonly outcome: CorrectionOutcome | null
}

export type CorrectionRequest = Omit<CorrectionRecord, "status" | "documentId" | "doneAtMs" | "why" | "outcome">

export type CorrectionEnd =
  | { readonly status: "Done"; readonly outcome: CorrectionOutcome }
  | { readonly status: "Refused"; readonly why: string }

/** Corrections of bills: written before anything is done, so that one that was begun is finished by whoever comes by. */
export class CorrectionStore extends Context.Service<
  CorrectionStore,
  {
    /** Keeps a correction that waits, and is nobody else's before `dueAtMs`; or the one that was asked for under that name. */
    readonly add: (request: CorrectionRequest, dueAtMs: number) => Effect.Effect<CorrectionRecord, StoreUnavailable>
    readonly get: (id: string) => Effect.Effect<CorrectionRecord | undefined, StoreUnavailable>
    /** Newest first by id. */
    readonly list: (
      filter: PageRequest & { readonly transactionId?: string }
    ) => Effect.Effect<Page<CorrectionRecord>, StoreUnavailable>
    /** Which document had the bill; the first that is told stands. */
    readonly trace: (id: string, documentId: string) => Effect.Effect<void, StoreUnavailable>
    /** Those that wait and are due, oldest first, each given to one caller alone until `leaseUntilMs`. */
    readonly claim: (
      nowMs: number,
      leaseUntilMs: number,
      limit: number
    ) => Effect.Effect<ReadonlyArray<CorrectionRecord>, StoreUnavailable>
    /** Leaves one that waits for whoever comes by then. */
    readonly postpone: (id: string, dueAtMs: number) => Effect.Effect<void, StoreUnavailable>
    /** Ends one that waits; one that has ended stays as it is. */
    readonly end: (id: string, end: CorrectionEnd, atMs: number) => Effect.Effect<void, StoreUnavailable>
  }
>()("server/corrections/CorrectionStore") {}
