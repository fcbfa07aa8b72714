import { Clock, type Context, Effect, Redacted, type Scope } from "effect"
import { standardPolicy } from "#core/payment/next.ts"
import { isTopUp } from "#core/payment/Payment.ts"
import { isOver } from "#core/payment/ProviderView.ts"
import { amountsOf, holdOf, openAttempts, withdrawnOf } from "#core/payment/state.ts"
import type { Books } from "#server/books/Books.ts"
import { Directory } from "#server/directory/Directory.ts"
import { type ChargingPolicy, standardCharging } from "#server/payments/Charging.ts"
import type { PaymentSettings } from "#server/payments/layers.ts"
import { type PaymentRecord, PaymentStore } from "#server/payments/PaymentStore.ts"
import { type Exchange, overFetch } from "#server/payments/stripe/exchange.ts"
import * as StripeProvider from "#server/payments/stripe/StripeProvider.ts"
import type { TrueToken } from "#simulator/oracles/Oracle.ts"
import type { Wire } from "#simulator/oracles/Wire.ts"
import type { TrueIntent } from "#simulator/psp/Account.ts"
import { Provider } from "#simulator/psp/Provider.ts"
import * as Stream from "#simulator/Stream.ts"
import type { Truth } from "#simulator/Truth.ts"
import { Timers } from "#simulator/time/Timers.ts"
import type { PaymentPlan } from "../Scenario.ts"
import { apiKey, sign, trueToken, webhookSecret } from "./psp.ts"
import { openProvider, postNotices } from "./pspDoor.ts"
import type { Store } from "./Store.ts"

const charging: ChargingPolicy = {
  ...standardCharging,
  captureLeadMs: 1_000,
  stopLatencyMs: 1_500,
  incrementLatencyMs: 1_500
}

/**
 * The rules of payments for who has seconds: what waits minutes and hours for people, banks and webhooks waits seconds.
 * The rules themselves are those that ship. `apiBase` is where the provider is; `over` stands on the way there.
 */
export const hurried = (
  apiBase: string,
  plan: Pick<PaymentPlan, "charging">,
  over: (exchange: Exchange) => Exchange = (exchange) => exchange
): PaymentSettings => ({
  provider: StripeProvider.layer({
    secretKey: Redacted.make(apiKey),
    webhookSecret: Redacted.make(webhookSecret),
    apiBase,
    patienceMs: 1_000,
    exchange: over(overFetch(globalThis.fetch))
  }),
  policy: {
    ...standardPolicy,
    confirmWithinMs: 6_000,
    beginWithinMs: 6_000,
    staleAfterMs: 2_000,
    lookUpDelaysMs: [200, 500, 1_000, 2_000],
    retryDelaysMs: [500, 1_500, 3_000],
    errorDelaysMs: [500, 500, 1_000, 2_000, 3_000]
  },
  charging: { ...charging, ...plan.charging },
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

/** The CMS of a run on the wall clock. */
export interface LiveHost {
  /** Where stations dial, `ws://host:port/ocpp`. */
  readonly url: string
  readonly apiAt: ApiAt
  /** Its books and what it is told beforehand, wherever it lives. */
  readonly services: Context.Context<Directory | Books | PaymentStore>
  /** Whether drivers who pay need not come again; they come as often as planned when not given. */
  readonly isOver?: () => boolean
}

/** Opens the CMS until the scope ends, over a store that is empty. */
export type Hosting = (given: {
  readonly store: Store
  readonly wire: Wire
  readonly payments: LivePayments | undefined
}) => Effect.Effect<LiveHost, never, Scope.Scope>

/**
 * Adds what is true of the tokens that payments made; who ordered by account has ordered, whether or not the answer came.
 */
export const learnTokens = Effect.fnUntraced(function* (tokens: Map<string, TrueToken>, truth: Truth) {
  const store = yield* PaymentStore
  const directory = yield* Directory
  for (const { payment } of (yield* Effect.orDie(store.list({ limit: listed }))).items) {
    if (isTopUp(payment)) continue
    const token = yield* Effect.orDie(directory.token(payment.tokenUid))
    if (token !== undefined) tokens.set(token.uid, trueToken(token))
    const { stationId, evseId, tokenUid, driverId, createdAtMs: atMs } = payment
    if (driverId !== null) truth.present({ stationId, evseId, tokenUid, personId: personOf(driverId), way: "qr", atMs })
  }
})

/** The account that a person makes for one charge: the provider's customer, and whose card pays. */
export const accountOf = (personId: string, attempt: number): string => `${personId}#${attempt}`

const personOf = (driverId: string): string => driverId.slice(0, driverId.lastIndexOf("#"))

/** More payments than a run on the wall clock makes. */
const listed = 10_000

/** Whether nothing is left to be done about a payment but to hear of it. */
const isAtRest = ({ payment }: PaymentRecord): boolean => {
  const hold = holdOf(payment)
  const isHolding = hold !== undefined && !isOver(hold)
  const isPaidIn = isTopUp(payment) && hold !== undefined && !isHolding
  const isDecided = payment.owed !== null || payment.abandoned !== null || isPaidIn
  return isDecided && !isHolding && openAttempts(payment).length === 0 && amountsOf(payment).refundDueMinor === 0n
}

/**
 * Waits until every payment has come to rest, the provider holds nothing, and what banks took back is known, whose notice may
 * be lost: then it is found by the next comparison, when its payment has long come to rest. So long at most, and not while a
 * bank is about to do something by itself.
 */
export const restOfPayments = Effect.fnUntraced(function* (provider: Provider, withinMs: number) {
  const store = yield* PaymentStore
  const untilMs = (yield* Clock.currentTimeMillis) + withinMs
  for (;;) {
    const { items } = yield* Effect.orDie(store.list({ limit: listed }))
    const intents = new Map(items.flatMap(({ payment }) => payment.intents.map((it) => [it.id, it])))
    const isTold = ({ id, heldMinor, disputedMinor }: TrueIntent): boolean => {
      const intent = intents.get(id)
      return heldMinor === 0n && (intent === undefined || withdrawnOf(intent) === disputedMinor)
    }
    const isQuiet = items.every(isAtRest) && provider.truth.every(isTold) && !provider.isExpecting(withinMs)
    if (isQuiet) return true
    if ((yield* Clock.currentTimeMillis) >= untilMs) return false
    yield* Effect.sleep("200 millis")
  }
})
