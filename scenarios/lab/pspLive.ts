import { Clock, Effect, Redacted } from "effect"
import { standardPolicy } from "#core/payment/next.ts"
import { isOver } from "#core/payment/ProviderView.ts"
import { amountsOf, holdOf, openAttempts } from "#core/payment/state.ts"
import { type ChargingPolicy, standardCharging } from "#server/payments/Charging.ts"
import type { PaymentSettings } from "#server/payments/layers.ts"
import { type PaymentRecord, PaymentStore } from "#server/payments/PaymentStore.ts"
import * as StripeProvider from "#server/payments/stripe/StripeProvider.ts"
import { Provider } from "#simulator/psp/Provider.ts"
import * as Stream from "#simulator/Stream.ts"
import { Timers } from "#simulator/time/Timers.ts"
import type { PaymentPlan } from "../Scenario.ts"
import { apiKey, sign, webhookSecret } from "./psp.ts"
import { openProvider, postNotices } from "./pspDoor.ts"

const charging: ChargingPolicy = {
  ...standardCharging,
  captureLeadMs: 1_000,
  stopLatencyMs: 1_500,
  incrementLatencyMs: 1_500
}

/**
 * The rules of payments for who has seconds: what waits minutes and hours for people, banks and webhooks waits seconds.
 * The rules themselves are those that ship. `apiBase` is where the provider is.
 */
export const hurried = (apiBase: string): PaymentSettings => ({
  provider: StripeProvider.layer({
    secretKey: Redacted.make(apiKey),
    webhookSecret: Redacted.make(webhookSecret),
    apiBase,
    patienceMs: 1_000
  }),
  policy: {
    ...standardPolicy,
    confirmWithinMs: 6_000,
    beginWithinMs: 6_000,
    staleAfterMs: 2_000,
    lookUpDelaysMs: [200, 500, 1_000, 2_000],
    retryDelaysMs: [500, 1_500, 3_000]
  },
  charging,
  pace: { watchEveryMs: 500, askEveryMs: 500, restMs: 2_000 },
  poll: "200 millis",
  leaseMs: 3_000,
  reconcileEvery: "3 seconds",
  settlingMs: 2_000
})

/** Where the API of the CMS is at that moment, `http://host:port`; undefined while it is down. */
export type ApiAt = () => string | undefined

/** The payments of a run on the wall clock: the provider behind a real HTTP server, and how it misbehaves. */
export interface LivePayments {
  readonly plan: PaymentPlan
  readonly apiAt: ApiAt
  readonly provider: Provider
  /** Where the real SDK finds it. */
  readonly apiBase: string
  readonly begin: () => void
  /** Nothing goes wrong any more. */
  readonly heal: () => void
}

/**
 * Opens the provider on loopback until the scope ends. Holders prove themselves in half a second; the rest of its terms
 * are a bank's: what takes it days (payouts, money that becomes available, a key that is forgotten) is not lived.
 */
export const openPayments = Effect.fnUntraced(function* (plan: PaymentPlan, seed: string, apiAt: ApiAt) {
  const timers = yield* Timers
  const stream = Stream.make(seed, "payments")
  const provider = new Provider({
    timers,
    stream: stream.split("provider"),
    apiKey,
    webhookSecret,
    sign,
    deliver: postNotices(() => {
      const base = apiAt()
      return base === undefined ? undefined : `${base}/webhooks/stripe`
    }),
    terms: { ...plan.terms, challengeMs: 500 },
    workMs: (own) => own.int(5, 40)
  })
  const apiBase = yield* openProvider(provider)
  const ends: Array<() => void> = []
  const heal = (): void => {
    for (const end of ends.splice(0)) end()
  }
  yield* Effect.addFinalizer(() => Effect.sync(heal))
  const begin = (): void => {
    for (const [index, fault] of plan.faults.entries()) {
      ends.push(fault.strike({ provider, timers }, stream.split(`fault/${index}/${fault.name}`)))
    }
  }
  return { plan, apiAt, provider, apiBase, begin, heal } satisfies LivePayments
})

/** Whether nothing is left to be done about a payment but to hear of it. */
const isAtRest = ({ payment }: PaymentRecord): boolean => {
  const hold = holdOf(payment)
  const isHolding = hold !== undefined && !isOver(hold)
  const isDecided = payment.owed !== null || payment.abandoned !== null
  return isDecided && !isHolding && openAttempts(payment).length === 0 && amountsOf(payment).refundDueMinor === 0n
}

/** Waits until every payment has come to rest, and the provider holds nothing; so long at most. */
export const restOfPayments = Effect.fnUntraced(function* (provider: Provider, withinMs: number) {
  const store = yield* PaymentStore
  const untilMs = (yield* Clock.currentTimeMillis) + withinMs
  for (;;) {
    const { items } = yield* Effect.orDie(store.list({ limit: 10_000 }))
    const isQuiet = items.every(isAtRest) && provider.truth.every(({ heldMinor }) => heldMinor === 0n)
    if (isQuiet) return true
    if ((yield* Clock.currentTimeMillis) >= untilMs) return false
    yield* Effect.sleep("200 millis")
  }
})
