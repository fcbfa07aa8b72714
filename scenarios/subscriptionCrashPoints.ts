import type { StepAt } from "./crashPoints.ts"

/** Where the lab can stop a server while it deals with subscriptions and with what is owed for them. */
export type SubscriptionCrashAt = StepAt<"fee" | "wish" | "debt" | "reminder">

/** Every step of a subscription and of a debt at which a server can be made to die as by `kill -9`. */
export const subscriptionCrashPoints = {
  /** A fee is due, and its document not issued. */
  "before the next fee is written": { place: "fee", when: "before" },
  /** Its document is issued with the fact that says so: whoever looks next must not issue another. */
  "after the next fee is written": { place: "fee", when: "after" },
  /** Somebody changes his plan, and asks again. */
  "before the next wish is written": { place: "wish", when: "before" },
  /** Written, and nobody was told: what follows from it is for the next process. */
  "after the next wish is written": { place: "wish", when: "after" },
  /** What a card brought, or came otherwise, is known and not written. */
  "before what is known of a debt is written": { place: "debt", when: "before" },
  "after what is known of a debt is written": { place: "debt", when: "after" },
  /** A stage is due: a reminder with its fee, a suspension. */
  "before the next stage of a debt is written": { place: "reminder", when: "before" },
  "after the next stage of a debt is written": { place: "reminder", when: "after" }
} as const satisfies Readonly<Record<string, SubscriptionCrashAt>>

/** The name of a crash point of subscriptions. */
export type SubscriptionCrashPoint = keyof typeof subscriptionCrashPoints

/** All of them, in the order listed. */
export const subscriptionCrashPointNames = Object.keys(subscriptionCrashPoints) as ReadonlyArray<SubscriptionCrashPoint>
