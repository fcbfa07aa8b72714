import { Context, type Effect } from "effect"
import type { Draft, Invoice } from "#core/invoice/Invoice.ts"
import type { Allowance, Grant } from "#core/subscription/allowance.ts"
import type { Plan } from "#core/subscription/Plan.ts"
import type { Subscription, SubscriptionFact, Terms } from "#core/subscription/Subscription.ts"
import type { Page, PageRequest } from "../books/Page.ts"
import type { AlreadyExists, NotFound } from "../directory/Directory.ts"
import type { StoreUnavailable } from "../record/Journal.ts"

/** A plan, and since when nobody can subscribe to it any more. */
export interface KeptPlan {
  readonly plan: Plan
  readonly retiredAtMs: number | null
}

/** A subscription as the store holds it. */
export interface SubscriptionRecord {
  readonly subscription: Subscription
  /** Facts written so far: who writes the next says how many he has seen. */
  readonly version: number
  /** When somebody must look at it again; null: when something happens. */
  readonly dueAtMs: number | null
}

/** What one decision changes: written as a whole or not at all. */
export interface SubscriptionChange {
  /** As it was decided on. */
  readonly record: SubscriptionRecord
  /** Documents to be issued with it, in this order: those that take another back, and new ones. */
  readonly documents: ReadonlyArray<{ readonly kind: "credit" | "issue"; readonly draft: Draft }>
  /** The facts, which may name the documents. */
  readonly facts: (documents: ReadonlyArray<Invoice>) => ReadonlyArray<SubscriptionFact>
  readonly dueAtMs: number | null
}

/** What a session has used of a period. */
export interface Use extends Grant {
  readonly transactionId: string
  readonly periodFromMs: number
}

/** Plans, who subscribes to them, and what was used of what they include. */
export class SubscriptionStore extends Context.Service<
  SubscriptionStore,
  {
    readonly createPlan: (plan: Plan) => Effect.Effect<void, AlreadyExists | StoreUnavailable>
    readonly plan: (id: string) => Effect.Effect<KeptPlan | undefined, StoreUnavailable>
    /** In the order of their ids. */
    readonly plans: (page: PageRequest) => Effect.Effect<Page<KeptPlan>, StoreUnavailable>
    /** Nobody can subscribe to it any more; who has keeps it. */
    readonly retirePlan: (id: string, atMs: number) => Effect.Effect<void, NotFound | StoreUnavailable>
    /** Whether any plan includes anything. */
    readonly hasIncluded: Effect.Effect<boolean, StoreUnavailable>

    /** A new subscription, without a fact; one of that id that is there already stays as it is. */
    readonly open: (id: string, createdAtMs: number, terms: Terms) => Effect.Effect<void, NotFound | StoreUnavailable>
    readonly get: (id: string) => Effect.Effect<SubscriptionRecord | undefined, StoreUnavailable>
    readonly facts: (id: string) => Effect.Effect<ReadonlyArray<SubscriptionFact>, StoreUnavailable>
    /** Newest first by id. */
    readonly list: (
      filter: PageRequest & { readonly driverId?: string }
    ) => Effect.Effect<Page<SubscriptionRecord>, StoreUnavailable>
    /** A driver's subscriptions that had begun and not ended at an instant, oldest first. */
    readonly runningAt: (driverId: string, atMs: number) => Effect.Effect<ReadonlyArray<Subscription>, StoreUnavailable>
    /** Stale: somebody else has written meanwhile, and nothing of this was. */
    readonly commit: (change: SubscriptionChange) => Effect.Effect<SubscriptionRecord | "Stale", StoreUnavailable>
    /** Subscriptions due, oldest first, each given to one caller alone until `leaseUntilMs`. */
    readonly claim: (
      nowMs: number,
      leaseUntilMs: number,
      limit: number
    ) => Effect.Effect<ReadonlyArray<string>, StoreUnavailable>

    /**
     * Gives a session its part of what a period includes: at most what others have left of it. A session has one part,
     * whatever its bill is revised to: asked again, it is measured anew.
     */
    readonly grant: (request: {
      readonly subscriptionId: string
      readonly transactionId: string
      readonly wanted: Grant
      readonly allowance: Allowance
    }) => Effect.Effect<Grant, StoreUnavailable>
    /** Takes a session's part back. */
    readonly release: (transactionId: string) => Effect.Effect<void, StoreUnavailable>
    /** What was used, by period, then by session. */
    readonly uses: (subscriptionId: string) => Effect.Effect<ReadonlyArray<Use>, StoreUnavailable>
  }
>()("server/subscriptions/SubscriptionStore") {}
