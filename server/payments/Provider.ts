import { Context, Data, type Effect } from "effect"
import type { DisputeEvidence } from "#core/payment/Payment.ts"
import type { IntentView } from "#core/payment/ProviderView.ts"
import type { Page } from "../books/Page.ts"

/** The bank said no. */
export class Declined extends Data.TaggedError("Declined")<{
  readonly code: string
  /** The intent as it stands after it, where there is one. */
  readonly intent: IntentView | null
}> {}

/** The provider would not do it, whatever the card: what was asked is not possible, or no longer. */
export class Rejected extends Data.TaggedError("Rejected")<{ readonly code: string; readonly message: string }> {}

/**
 * No answer that says whether it was done: none in time, a broken connection, an error of the provider's own, too many
 * requests, another of the same key under way, or credentials that are not taken. Never a failure of the payment.
 */
export class Unanswered extends Data.TaggedError("Unanswered")<{
  readonly why: "timeout" | "connection" | "provider-error" | "rate-limit" | "in-progress" | "credentials"
  readonly message: string
}> {}

/** A webhook whose signature is not the provider's, or too old. */
export class Forged extends Data.TaggedError("Forged")<{ readonly message: string }> {}

export type CallFailure = Declined | Rejected | Unanswered

/** An intent, and the secret by which the driver's own page confirms it; null when the provider gave none. */
export interface Held {
  readonly intent: IntentView
  readonly currency: string
  readonly clientSecret: string | null
}

/** A card as its holder may recognise it. There is no place for its number: that never leaves the provider's own page. */
export interface Card {
  readonly methodId: string
  readonly brand: string
  readonly last4: string
  readonly expMonth: number
  readonly expYear: number
}

/** What every call that moves money says: the key that makes it one call however often it is sent. */
interface Keyed {
  readonly key: string
}

interface Money extends Keyed {
  readonly amountMinor: bigint
}

export interface IntentRequest extends Money {
  readonly paymentId: string
  readonly currency: string
  readonly customerId: string | null
  readonly description: string
}

/** What was made from an instant on, until before another. */
export interface Window {
  readonly createdFromMs: number
  readonly createdBeforeMs: number
}

/** One of the provider's intents in a list, with what it says of itself. */
export interface ListedIntent {
  readonly intent: IntentView
  /** Null: not made by this program. */
  readonly paymentId: string | null
  readonly currency: string
  readonly createdAtMs: number
  /** What was given back or disputed of it could not be asked for: it says no more than the intent alone does. */
  readonly isPartial?: true
}

/** Money on its way from the provider to the bank. */
export interface Payout {
  readonly id: string
  /** Negative where the provider takes money back. */
  readonly amountMinor: bigint
  readonly currency: string
  readonly arrivedAtMs: number
}

/** A webhook whose signature was right. What it says of objects is not used: they are asked for as they are now. */
export interface ProviderEvent {
  readonly id: string
  readonly type: string
  readonly createdAtMs: number
  /** The intent it is about; null when it is about none. */
  readonly intentId: string | null
  /** The payment that intent names; null when the event does not tell. */
  readonly paymentId: string | null
  /** Of a payout that was paid. */
  readonly payout: Payout | null
}

/** A payment service provider. Nothing here retries: who calls knows what was sent under which key. */
export class PaymentProvider extends Context.Service<
  PaymentProvider,
  {
    /** Names its accounts in the ledger: `stripe`. */
    readonly name: string
    /** The payer's name there; the same key gives the same customer. */
    readonly createCustomer: (
      request: Keyed & { readonly driverId: string }
    ) => Effect.Effect<{ readonly customerId: string }, Rejected | Unanswered>
    /** Begins the keeping of a card, which the driver finishes on the provider's own page. */
    readonly createSetup: (
      request: Keyed & { readonly customerId: string }
    ) => Effect.Effect<{ readonly setupId: string; readonly clientSecret: string }, Rejected | Unanswered>
    /** The cards kept for a payer, newest first. */
    readonly cards: (customerId: string) => Effect.Effect<ReadonlyArray<Card>, Rejected | Unanswered>
    readonly forgetCard: (methodId: string) => Effect.Effect<void, Rejected | Unanswered>
    /** Holds money, to be captured later. Without a method the driver enters and confirms a card by the client secret. */
    readonly authorize: (
      request: IntentRequest & { readonly methodId: string | null }
    ) => Effect.Effect<Held, CallFailure>
    /** Raises what is held to `amountMinor` in all. */
    readonly increment: (request: Money & { readonly intentId: string }) => Effect.Effect<Held, CallFailure>
    /** Takes at most what is held, once; the rest is released. */
    readonly capture: (request: Money & { readonly intentId: string }) => Effect.Effect<Held, CallFailure>
    readonly void: (request: Keyed & { readonly intentId: string }) => Effect.Effect<Held, CallFailure>
    readonly refund: (
      request: Money & { readonly intentId: string; readonly goodwill: boolean }
    ) => Effect.Effect<Held, CallFailure>
    /** Submits evidence against a dispute: once, for good. */
    readonly contest: (
      request: Keyed & { readonly intentId: string; readonly disputeId: string; readonly evidence: DisputeEvidence }
    ) => Effect.Effect<Held, CallFailure>
    /** Gives a dispute up. */
    readonly accept: (
      request: Keyed & { readonly intentId: string; readonly disputeId: string }
    ) => Effect.Effect<Held, CallFailure>
    /** Takes money from a kept card while its holder is away. */
    readonly charge: (
      request: IntentRequest & { readonly customerId: string; readonly methodId: string }
    ) => Effect.Effect<Held, CallFailure>
    /** The intent as it stands now, with refunds and disputes; undefined when there is none. */
    readonly lookUp: (intentId: string) => Effect.Effect<Held | undefined, Rejected | Unanswered>
    /** The intent that the call of that key made, found by what was written on it; undefined when there is none. */
    readonly find: (wanted: {
      readonly key: string
      readonly customerId: string | null
      readonly createdFromMs: number
      readonly createdBeforeMs: number
    }) => Effect.Effect<Held | undefined, Rejected | Unanswered>
    /** Intents made in that time, a page of the provider's own size at a time, in whatever order it has. */
    readonly list: (
      window: Window & { readonly cursor?: string }
    ) => Effect.Effect<Page<ListedIntent>, Rejected | Unanswered>
    /** What was sent to the bank in that time: a notification of it may be lost. */
    readonly payouts: (window: Window) => Effect.Effect<ReadonlyArray<Payout>, Rejected | Unanswered>
    /** Reads a webhook from its raw body, if its signature holds at that instant. */
    readonly readEvent: (raw: string, signature: string, nowMs: number) => Effect.Effect<ProviderEvent, Forged>
  }
>()("server/payments/PaymentProvider") {}
