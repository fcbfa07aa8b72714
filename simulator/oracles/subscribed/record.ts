/** What can be subscribed to, as its subscribers were told. */
export interface TruePlan {
  readonly id: string
  readonly name: string
  /** The length of a period. */
  readonly interval: { readonly unit: "day" | "month"; readonly count: number }
  /** False: it ends with its first period. */
  readonly renews: boolean
  /** Per period, tax included. */
  readonly feeMinor: bigint
  readonly vatPercent: number
  /** Whose discounts its subscribers have. */
  readonly groupId: string | null
  /** In each period. */
  readonly includedWh: number
  readonly includedMinutes: number
  readonly trialDays: number
}

/** What a subscriber asked for. */
export type TrueWish =
  | { readonly do: "change"; readonly plan: TruePlan; readonly when: "now" | "period-end" }
  | { readonly do: "cancel" | "pause"; readonly when: "now" | "period-end" }
  | { readonly do: "resume" }

/** A subscription as its subscriber knows it: when he asked for what, and was told that it is so. */
export interface TrueSubscription {
  /** As the CMS names it. */
  readonly id: string
  readonly driverId: string
  /** A change counts from the midnight before it, or from its own second. */
  readonly proration: "day" | "second"
  readonly startedAtMs: number
  readonly plan: TruePlan
  readonly acts: ReadonlyArray<{ readonly atMs: number; readonly wish: TrueWish }>
}

/** Money for a document that came past the card, or was forgiven. */
export interface TrueTransfer {
  readonly id: string
  readonly invoiceId: string
  readonly kind: "transfer" | "write-off"
  readonly amountMinor: bigint
  /** From the first question to the answer. */
  readonly askedAtMs: number
  readonly knownAtMs: number
}

/** What the operator promises about what is owed. */
export interface OwedPromise {
  /** By whose calendar days and months begin. */
  readonly timeZone: string
  readonly paymentDays: number
  /** In their order, by days after a document was due. */
  readonly reminders: ReadonlyArray<{ readonly afterDays: number; readonly feeMinor: bigint }>
  readonly suspendAfterDays: number
  readonly collectAfterDays: number
  /** What the calendar asks for is done within this: a round of the CMS, a lease of a dead one, its time away. */
  readonly lateMs: number
  /** What the provider has taken is known within this: a notification may be lost, an answer may never come. */
  readonly heardMs: number
}

/** What the world knows of subscriptions and of what was paid for them. */
export interface SubscribersRecord {
  readonly subscriptions: ReadonlyArray<TrueSubscription>
  readonly transfers: ReadonlyArray<TrueTransfer>
  /** Cards that are kept with the provider, good or bad. */
  readonly cards: ReadonlyArray<{ readonly driverId: string; readonly keptAtMs: number }>
  /** Wishes that were refused, in words. */
  readonly refused: ReadonlyArray<string>
  readonly promise: OwedPromise
}
