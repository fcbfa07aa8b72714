import type { Effect } from "effect"
import type { DebtChange, DebtStore } from "#server/dunning/DebtStore.ts"
import type { SubscriptionChange, SubscriptionStore } from "#server/subscriptions/SubscriptionStore.ts"
import {
  type SubscriptionCrashAt,
  type SubscriptionCrashPoint,
  subscriptionCrashPoints
} from "../subscriptionCrashPoints.ts"
import { StepTrigger } from "./StepTrigger.ts"

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
export class SubscriptionTrigger extends StepTrigger<SubscriptionCrashAt> {
  arm(point: SubscriptionCrashPoint): void {
    this.armAt(subscriptionCrashPoints[point])
  }

  /** The store of subscriptions with the crash points in it. */
  subscriptions(inner: SubscriptionStore["Service"]): SubscriptionStore["Service"] {
    return { ...inner, commit: (change) => this.at(placeOfChange(change), inner.commit(change)) }
  }

  /** The store of debts with the crash points in it. */
  debts(inner: DebtStore["Service"]): DebtStore["Service"] {
    return { ...inner, commit: (change) => this.at(placeOfStep(change), inner.commit(change)) }
  }

  private at<A, E, R>(place: Place | undefined, work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    return place === undefined ? work : this.around(place, work)
  }
}
