import * as Instant from "#core/Instant.ts"
import { type Command, decide } from "#core/subscription/decide.ts"
import type { Plan } from "#core/subscription/Plan.ts"
import { evolve, fold, type Subscription, type Terms } from "#core/subscription/Subscription.ts"

export const at = (text: string): number => Instant.parse(text)!

export const plan = (over: Partial<Plan> = {}): Plan => ({
  id: "basic",
  name: "Basic",
  currency: "EUR",
  interval: { unit: "month", count: 1 },
  renews: true,
  feeMinor: 999n,
  vatPercent: "19",
  taxCountry: "DE",
  groupId: null,
  included: null,
  trialDays: 0,
  createdAtMs: 0,
  ...over
})

export const terms: Terms = { driverId: "ada", timeZone: "Europe/Berlin", proration: "day" }

/** The subscription after a wish that is granted; a defect when it is not. */
export const wished = (subscription: Subscription, command: Command, atMs: number): Subscription => {
  const decision = decide(subscription, command, atMs)
  if (decision._tag === "Refused") throw new Error(decision.why)
  return decision.facts.reduce(evolve, subscription)
}

export const begun = (atMs: number, over: Partial<Plan> = {}, of: Partial<Terms> = {}): Subscription =>
  wished(fold("sub", { ...terms, ...of }, []), { _tag: "Start", plan: plan(over) }, atMs)
