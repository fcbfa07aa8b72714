import { Effect } from "effect"
import type { Command } from "#core/subscription/decide.ts"
import type { Plan } from "#core/subscription/Plan.ts"
import type { SubscriptionFact } from "#core/subscription/Subscription.ts"
import { PaymentDesk } from "#server/payments/Desk.ts"
import { patiently } from "#server/station/patiently.ts"
import { SubscriptionStore } from "#server/subscriptions/SubscriptionStore.ts"
import { Subscriptions } from "#server/subscriptions/Subscriptions.ts"
import type { TrueWish } from "#simulator/oracles/subscribed/record.ts"
import type { Provider } from "#simulator/psp/Provider.ts"
import { keepCard } from "./payer.ts"
import type { Within } from "./phone.ts"

/**
 * What a subscriber's app asks of the CMS. Whoever got no answer does not know whether it was done: the app looks at what
 * there is before it asks again, and so must tell the instants at which it has asked.
 */

type Asked = Parameters<Within>[0]

/** What is asked inside the CMS, as an effect: whether it was answered. */
export const asking = (within: Within, ask: Asked): Effect.Effect<boolean> =>
  Effect.callback((resume) => within(ask, (isDone) => resume(Effect.succeed(isDone))))

/** Subscribes; undefined where there was no answer. */
export const subscribe = Effect.fnUntraced(function* (
  within: Within,
  request: {
    readonly driverId: string
    readonly proration: "day" | "second"
    readonly planId: string
    /** Gets the instant at which it is asked for. */
    readonly asked: Array<number>
    readonly nowMs: number
  }
) {
  const { driverId, proration, planId, asked, nowMs } = request
  let told: { readonly id: string; readonly startedAtMs: number } | undefined
  yield* asking(
    within,
    Effect.gen(function* () {
      const { items } = yield* patiently((yield* SubscriptionStore).list({ limit: 100, driverId }))
      const made = items.find(({ subscription }) => asked.includes(subscription.startedAtMs))
      if (made !== undefined) {
        told = made.subscription
        return true
      }
      asked.push(nowMs)
      const { subscription } = yield* (yield* Subscriptions).start({ driverId, proration }, planId)
      told = { id: subscription.id, startedAtMs: nowMs }
      return true
    }).pipe(Effect.orDie)
  )
  return told && { id: told.id, startedAtMs: told.startedAtMs }
})

type Wanted = Exclude<TrueWish, { do: "change" }> | { readonly do: "change"; readonly plan: Plan; readonly when: When }
type When = "now" | "period-end"

const commandOf = (wanted: Wanted): Command => {
  switch (wanted.do) {
    case "change":
      return { _tag: "Change", plan: wanted.plan, when: wanted.when }
    case "resume":
      return { _tag: "Resume" }
    default:
      return { _tag: wanted.do === "cancel" ? "Cancel" : "Pause", when: wanted.when }
  }
}

const factOf: Readonly<Record<Wanted["do"], SubscriptionFact["_tag"]>> = {
  change: "Changed",
  resume: "Resumed",
  cancel: "Cancelled",
  pause: "Paused"
}

/** Has a wish taken in; undefined where there was no answer. */
export const wish = Effect.fnUntraced(function* (
  within: Within,
  id: string,
  wanted: Wanted,
  asked: Array<number>,
  nowMs: number
) {
  let told: { readonly atMs: number } | { readonly refused: string } | undefined
  yield* asking(
    within,
    Effect.gen(function* () {
      const facts = yield* patiently((yield* SubscriptionStore).facts(id))
      const made = facts.find(({ _tag, atMs }) => _tag === factOf[wanted.do] && asked.includes(atMs))
      if (made !== undefined) {
        told = { atMs: made.atMs }
        return true
      }
      asked.push(nowMs)
      yield* (yield* Subscriptions).command(id, commandOf(wanted))
      told = { atMs: nowMs }
      return true
    }).pipe(
      Effect.catchTag("SubscriptionRefused", ({ why }) => {
        told = { refused: why }
        return Effect.succeed(true)
      }),
      Effect.orDie
    )
  )
  return told
})

/** Keeps a card with the provider; false where that did not work out within a minute. */
export const keepsCard = Effect.fnUntraced(function* (
  within: Within,
  provider: Provider,
  driverId: string,
  card: string
) {
  let secret: string | null = null
  const isAsked = yield* asking(
    within,
    keepCard(driverId, (asked) => {
      secret = asked
    })
  )
  if (!isAsked || secret === null || !provider.enterCard(secret, card)) return false
  // The bank may want proof, and the holder may not give it.
  yield* Effect.sleep("1 minute")
  return provider.look(secret)?.status === "succeeded"
})

/** The cards that a driver keeps, as the CMS hears of them; undefined where it does not. */
export const cardsOf = Effect.fnUntraced(function* (within: Within, driverId: string) {
  let cards: ReadonlyArray<string> | undefined
  yield* asking(
    within,
    Effect.gen(function* () {
      const { open } = yield* PaymentDesk
      if (open === undefined) return false
      cards = (yield* open.cards(driverId)).map(({ methodId }) => methodId)
      return true
    }).pipe(Effect.orElseSucceed(() => false))
  )
  return cards
})
