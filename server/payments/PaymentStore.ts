import { Context, type Effect } from "effect"
import type { Entry } from "#core/billing/Ledger.ts"
import type { Payment, PaymentFact, Terms } from "#core/payment/Payment.ts"
import type { DisputeStatus } from "#core/payment/ProviderView.ts"
import type { PaymentState } from "#core/payment/state.ts"
import type { WalletMove } from "#core/payment/topUp.ts"
import type { Resolution, Unmatched } from "#core/payment/Unmatched.ts"
import type { Page, PageRequest } from "../books/Page.ts"
import type { StoreUnavailable } from "../record/Journal.ts"
import type { ProviderEvent } from "./Provider.ts"

/** A payment as the store holds it. */
export interface PaymentRecord {
  readonly payment: Payment
  /** Facts written so far: who writes the next says how many he has seen. */
  readonly version: number
  /** When somebody must look at it again; null: when something happens. */
  readonly dueAtMs: number | null
}

/** What one decision changes: written as a whole or not at all. */
export interface PaymentChange {
  /** The payment with the facts taken in. */
  readonly payment: Payment
  /** The version that was decided on. */
  readonly version: number
  readonly facts: ReadonlyArray<PaymentFact>
  /** Those that are in the books already are left as they are. */
  readonly entries: ReadonlyArray<Entry>
  /** Of the wallet that a top-up is for; those that were made already are not made again. */
  readonly walletMoves?: ReadonlyArray<WalletMove>
  readonly dueAtMs: number | null
  /** Webhooks that this answers. */
  readonly eventIds?: ReadonlyArray<string>
  readonly atMs: number
}

export interface PaymentFilter {
  readonly state?: PaymentState
  readonly driverId?: string
  readonly stationId?: string
  /** Opened at that instant or later. Ids do not tell: those that follow from a document's number are in no order. */
  readonly createdFromMs?: number
}

/** A webhook that was let in and waits to be dealt with. */
export interface InboxEvent {
  readonly event: ProviderEvent
  readonly receivedAtMs: number
}

/** A dispute, by name, and what it is about. */
export interface DisputedPayment {
  readonly disputeId: string
  readonly payment: Payment
}

/** Payments, their facts, and the inbox of webhooks. */
export class PaymentStore extends Context.Service<
  PaymentStore,
  {
    /** A new payment; one of that id or token that is there already stays as it is. */
    readonly open: (
      id: string,
      createdAtMs: number,
      terms: Terms,
      dueAtMs: number
    ) => Effect.Effect<void, StoreUnavailable>
    readonly get: (id: string) => Effect.Effect<PaymentRecord | undefined, StoreUnavailable>
    /** The payment whose token that is. */
    readonly ofToken: (tokenUid: string) => Effect.Effect<string | undefined, StoreUnavailable>
    /** The payment that has seen that intent of the provider's. */
    readonly ofIntent: (intentId: string) => Effect.Effect<string | undefined, StoreUnavailable>
    /** In the order recorded. */
    readonly facts: (id: string) => Effect.Effect<ReadonlyArray<PaymentFact>, StoreUnavailable>
    /** Descending by id: newest first, but for ids that follow from what is paid. */
    readonly list: (filter: PaymentFilter & PageRequest) => Effect.Effect<Page<PaymentRecord>, StoreUnavailable>
    /** Stale: somebody else has written meanwhile, and nothing of this was. */
    readonly commit: (change: PaymentChange) => Effect.Effect<"Committed" | "Stale", StoreUnavailable>
    /** Payments due, oldest first, each given to one caller alone until `leaseUntilMs`. */
    readonly claim: (
      nowMs: number,
      leaseUntilMs: number,
      limit: number
    ) => Effect.Effect<ReadonlyArray<string>, StoreUnavailable>

    /** Puts a webhook in the inbox; false when one of its id came before. */
    readonly receive: (
      provider: string,
      event: ProviderEvent,
      raw: string,
      receivedAtMs: number
    ) => Effect.Effect<boolean, StoreUnavailable>
    /** Webhooks not dealt with yet, oldest first, each given to one caller alone until `leaseUntilMs`. */
    readonly claimEvents: (
      nowMs: number,
      leaseUntilMs: number,
      limit: number
    ) => Effect.Effect<ReadonlyArray<InboxEvent>, StoreUnavailable>
    /** Ends a webhook that is about no payment, with what it books. */
    readonly closeEvent: (
      eventId: string,
      entries: ReadonlyArray<Entry>,
      atMs: number
    ) => Effect.Effect<void, StoreUnavailable>

    readonly customer: (driverId: string) => Effect.Effect<string | undefined, StoreUnavailable>
    /** The first that is written stands. */
    readonly keepCustomer: (driverId: string, customerId: string) => Effect.Effect<void, StoreUnavailable>

    /** Disputes with the payments they are about, those of the newest payments first. */
    readonly disputes: (
      filter: PageRequest & { readonly status?: DisputeStatus }
    ) => Effect.Effect<Page<DisputedPayment>, StoreUnavailable>
    /** The payment that a dispute is about. */
    readonly ofDispute: (disputeId: string) => Effect.Effect<string | undefined, StoreUnavailable>

    /** Adds what was found unmatched, or says that it still is. What a person dealt with just so stays as it is. */
    readonly reportUnmatched: (
      found: ReadonlyArray<Pick<Unmatched, "id" | "kind" | "detail" | "paymentId">>,
      atMs: number
    ) => Effect.Effect<void, StoreUnavailable>
    /** What was seen before that instant and not since is matched now. */
    readonly resolveUnmatched: (seenBeforeMs: number, atMs: number) => Effect.Effect<void, StoreUnavailable>
    /** What stands, oldest first. */
    readonly unmatched: (limit: number) => Effect.Effect<ReadonlyArray<Unmatched>, StoreUnavailable>
    readonly unmatchedItem: (id: string) => Effect.Effect<Unmatched | undefined, StoreUnavailable>
    /** What people decided something about, whatever came of it, by id. */
    readonly decidedUnmatched: (page: PageRequest) => Effect.Effect<Page<Unmatched>, StoreUnavailable>
    /** What stands and is being resolved, by id. */
    readonly resolving: (limit: number) => Effect.Effect<ReadonlyArray<Unmatched>, StoreUnavailable>
    /** Writes what a person decided; false when the item does not stand or something is under way about it. */
    readonly askResolution: (id: string, resolution: Resolution) => Effect.Effect<boolean, StoreUnavailable>
    /** Ends what is under way, with what it books; false when somebody else has ended it. The item stands if it failed. */
    readonly endResolution: (
      id: string,
      resolution: Resolution,
      entries: ReadonlyArray<Entry>
    ) => Effect.Effect<boolean, StoreUnavailable>
    /** Whether entries of those ids are in the books: those that are not. */
    readonly unbooked: (entryIds: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<string>, StoreUnavailable>
  }
>()("server/payments/PaymentStore") {}

/** The part of it that keeps what is unmatched. */
export type UnmatchedQueue = Pick<
  PaymentStore["Service"],
  | "reportUnmatched"
  | "resolveUnmatched"
  | "unmatched"
  | "unmatchedItem"
  | "decidedUnmatched"
  | "resolving"
  | "askResolution"
  | "endResolution"
>
