import type { Plan } from "./Plan.ts"
import { periodEndAt, type Subscription, type SubscriptionFact, stateAt } from "./Subscription.ts"

/** When what is asked for takes effect: at once, or when the period that runs is over. */
export type When = "now" | "period-end"

export type Command =
  | { readonly _tag: "Start"; readonly plan: Plan }
  | { readonly _tag: "Change"; readonly plan: Plan; readonly when: When }
  | { readonly _tag: "Cancel"; readonly when: When }
  | { readonly _tag: "Pause"; readonly when: When }
  | { readonly _tag: "Resume" }

export type Decision =
  | { readonly _tag: "Decided"; readonly facts: ReadonlyArray<SubscriptionFact> }
  | { readonly _tag: "Refused"; readonly why: string }

const decided = (...facts: ReadonlyArray<SubscriptionFact>): Decision => ({ _tag: "Decided", facts })
const refused = (why: string): Decision => ({ _tag: "Refused", why })

/** What a wish adds to a subscription. What is so already adds nothing. */
export const decide = (subscription: Subscription, command: Command, atMs: number): Decision => {
  if (command._tag === "Start")
    return subscription.startedAtMs === 0
      ? decided({ _tag: "Started", atMs, plan: command.plan })
      : refused("It was started already.")
  const state = stateAt(subscription, atMs)
  if (state === "ended") return refused("The subscription has ended.")
  if (command._tag === "Resume")
    return state === "paused" ? decided({ _tag: "Resumed", atMs }) : refused("The subscription is not paused.")
  if (state === "paused" && command._tag !== "Cancel") return refused("The subscription is paused: resume it first.")
  // Two stretches that begin at one instant could not be told apart.
  if (subscription.segments.some(({ fromMs }) => fromMs === atMs)) return refused("It was changed just now. Try again.")
  const effectiveAtMs =
    command._tag === "Change" || command._tag === "Cancel" || command._tag === "Pause"
      ? whenOf(subscription, command.when, state === "paused", atMs)
      : atMs
  switch (command._tag) {
    case "Change":
      return change(subscription, command.plan, effectiveAtMs, atMs)
    case "Cancel":
      return subscription.endsAtMs === effectiveAtMs ? decided() : decided({ _tag: "Cancelled", atMs, effectiveAtMs })
    case "Pause":
      return decided({ _tag: "Paused", atMs, effectiveAtMs })
  }
}

/** A pause has no period that could end. */
const whenOf = (subscription: Subscription, when: When, isPaused: boolean, atMs: number): number =>
  when === "now" || isPaused ? atMs : periodEndAt(subscription, atMs)

const change = (subscription: Subscription, plan: Plan, effectiveAtMs: number, atMs: number): Decision => {
  const { currency, taxCountry } = subscription.segments[0]!.plan
  if (plan.currency !== currency) return refused(`The subscription is in ${currency}.`)
  if (plan.taxCountry !== taxCountry) return refused(`The subscription is taxed in ${taxCountry ?? "no country"}.`)
  return decided({ _tag: "Changed", atMs, effectiveAtMs, plan })
}
