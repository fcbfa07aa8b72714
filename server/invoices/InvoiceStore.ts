import { Context, Data, type Effect } from "effect"
import type { Cdr } from "#core/billing/Cdr.ts"
import type { Draft, Invoice } from "#core/invoice/Invoice.ts"
import type { BillingProfile, Seller } from "#core/invoice/Party.ts"
import type { Page, PageRequest } from "../books/Page.ts"
import type { NotFound } from "../directory/Directory.ts"
import type { StoreUnavailable } from "../record/Journal.ts"

/** A CDR of the draft stands on another document, or was credited meanwhile: nothing was issued. */
export class NotOpen extends Data.TaggedError("NotOpen")<{ readonly cdrIds: ReadonlyArray<string> }> {}

/** The document was credited already, or is a credit note: nothing was issued. */
export class NotCreditable extends Data.TaggedError("NotCreditable")<{ readonly id: string }> {}

export interface InvoiceFilter {
  readonly driverId?: string
  readonly kind?: Invoice["kind"]
  readonly issuedFromMs?: number
  readonly issuedBeforeMs?: number
}

/** CDRs that nobody was given a document of: not credited, with something to pay, of sessions that ended before. */
export interface OpenFilter {
  readonly endedBeforeMs: number
  readonly limit: number
}

/** A number that is not used, and why. */
export interface VoidedNumber {
  readonly sequence: number
  readonly reason: string
  readonly voidedAtMs: number
}

/** What a series gave out: every number below `nextSequence` is a document's or void. */
export interface Series {
  readonly series: string
  readonly nextSequence: number
  readonly voids: ReadonlyArray<VoidedNumber>
}

/** Documents, their numbers, and who sends and gets them. */
export class InvoiceStore extends Context.Service<
  InvoiceStore,
  {
    /** Who issues; undefined until it was told. */
    readonly seller: Effect.Effect<Seller | undefined, StoreUnavailable>
    readonly saveSeller: (seller: Seller) => Effect.Effect<void, StoreUnavailable>
    readonly profile: (driverId: string) => Effect.Effect<BillingProfile | undefined, StoreUnavailable>
    readonly saveProfile: (profile: BillingProfile) => Effect.Effect<void, NotFound | StoreUnavailable>

    /** Drivers with open CDRs, in the order of their ids, after one of them. */
    readonly driversWithOpen: (
      filter: OpenFilter & { readonly after?: string }
    ) => Effect.Effect<ReadonlyArray<string>, StoreUnavailable>
    /** A driver's open CDRs, oldest first by id. */
    readonly openCdrs: (
      filter: OpenFilter & { readonly driverId: string }
    ) => Effect.Effect<ReadonlyArray<Cdr>, StoreUnavailable>
    /** First and last register reading of transactions; those without any are left out. */
    readonly registers: (
      transactionIds: ReadonlyArray<string>
    ) => Effect.Effect<ReadonlyMap<string, { readonly startWh: number; readonly stopWh: number }>, StoreUnavailable>

    /** Numbers the draft, writes it, books it and takes its CDRs, all or nothing. */
    readonly issue: (draft: Draft) => Effect.Effect<Invoice, NotOpen | StoreUnavailable>
    /** Numbers a credit note, writes and books it, and opens the CDRs of what it takes back, all or nothing. */
    readonly credit: (draft: Draft) => Effect.Effect<Invoice, NotCreditable | StoreUnavailable>
    /** Leaves the next number of a series unused, for a reason that is kept. Returns the number's sequence. */
    readonly voidNumber: (request: {
      readonly series: string
      readonly reason: string
      readonly voidedAtMs: number
    }) => Effect.Effect<number, StoreUnavailable>

    /** The document that stands for a CDR. */
    readonly standingFor: (cdrId: string) => Effect.Effect<Invoice | undefined, StoreUnavailable>
    /** The credit note that takes a document back. */
    readonly creditNoteFor: (id: string) => Effect.Effect<string | undefined, StoreUnavailable>
    /** Ids of documents that stand although a CDR of theirs was credited, in their order, after one of them. */
    readonly outdated: (request: {
      readonly limit: number
      readonly after?: string
    }) => Effect.Effect<ReadonlyArray<string>, StoreUnavailable>
    readonly get: (id: string) => Effect.Effect<Invoice | undefined, StoreUnavailable>
    /** By number, the last first. */
    readonly list: (filter: InvoiceFilter & PageRequest) => Effect.Effect<Page<Invoice>, StoreUnavailable>
    readonly series: Effect.Effect<ReadonlyArray<Series>, StoreUnavailable>
  }
>()("server/invoices/InvoiceStore") {}
