import { Effect } from "effect"
import type { DebtChange, DebtStore } from "#server/dunning/DebtStore.ts"
import type { SubscriptionChange, SubscriptionStore } from "#server/subscriptions/SubscriptionStore.ts"
import {
  type SubscriptionCrashAt,
  type SubscriptionCrashPoint,
  subscriptionCrashPoints
} from "../subscriptionCrashPoints.ts"

type Place = SubscriptionCrashAt["place"]

/** What a change of a subscription is for; undefined for one that only says when to look again. */
const placeOfChange = ({ facts, documents }: SubscriptionChange): Place | undefined => {
  if (documents.length > 0) return "fee"
  const [first] = facts([])
  return first === undefined || first._tag === "Joined" || first._tag === "Left" ? undefined : "wish"
}

const placeOfStep = ({ facts }: DebtChange): Place | undefined => {
  const [first] = facts
  if (first === undefined) return undefined
  return first._tag === "Reminded" || first._tag === "Suspended" || first._tag === "Collected" ? "reminder" : "debt"
}

/** Waits for a server to pass one step of a subscription or a debt, and ends it there, once. */
export class SubscriptionTrigger {
  private readonly die: Effect.Effect<never>
  private armed: SubscriptionCrashAt | undefined
  private count = 0

  /** `die` ends the process that runs it and never returns. */
  constructor(die: Effect.Effect<never>) {
    this.die = die
  }

  /** How often a server died of it. */
  get deaths(): number {
    return this.count
  }

  /** It dies the next time it passes there; an earlier point is forgotten. */
  arm(point: SubscriptionCrashPoint): void {
    this.armed = subscriptionCrashPoints[point]
  }

  /** The store of subscriptions with the crash points in it. */
  subscriptions(inner: SubscriptionStore["Service"]): SubscriptionStore["Service"] {
    return { ...inner, commit: (change) => this.around(placeOfChange(change), inner.commit(change)) }
  }

  /** The store of debts with the crash points in it. */
  debts(inner: DebtStore["Service"]): DebtStore["Service"] {
    return { ...inner, commit: (change) => this.around(placeOfStep(change), inner.commit(change)) }
  }

  private around<A, E, R>(place: Place | undefined, work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    if (place === undefined) return work
    return Effect.suspend(() => {
      if (this.isDue(place, "before")) return this.die
      return Effect.tap(work, () => Effect.suspend(() => (this.isDue(place, "after") ? this.die : Effect.void)))
    })
  }

  private isDue(place: Place, when: SubscriptionCrashAt["when"]): boolean {
    const { armed } = this
    if (armed?.place !== place || armed.when !== when) return false
    this.armed = undefined
    this.count++
    return true
  }
}
