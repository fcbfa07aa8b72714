import { Effect, Layer, Redacted } from "effect"
import Stripe from "stripe"
import {
  type CallFailure,
  type Card,
  Forged,
  type Held,
  type IntentRequest,
  type ListedIntent,
  PaymentProvider,
  type ProviderEvent,
  Rejected,
  Unanswered
} from "../Provider.ts"
import { failureOf, isMissing } from "./errors.ts"
import { type Exchange, overFetch } from "./exchange.ts"
import { makeSdk } from "./Sdk.ts"
import { evidenceOf, metadataKeys, viewOf, viewOfPlain } from "./views.ts"

export interface StripeOptions {
  readonly secretKey: Redacted.Redacted
  /** Signs webhooks. */
  readonly webhookSecret: Redacted.Redacted
  /** `https://api.stripe.com` unless told: the simulator's provider stands in by another. */
  readonly apiBase?: string
  /** How requests travel; over HTTP unless told. */
  readonly exchange?: Exchange
  /** How long one request may take. */
  readonly patienceMs?: number
}

/** Objects on one page of a list, and pages read at the most: what is more is not answered rather than cut off. */
const pageSize = 100
const maxPages = 50
/** Intents of one page of a list of which no more than themselves is told: with more the provider is away. */
const mostUntold = 5

const expand = ["latest_charge.balance_transaction"]
const expandInList = expand.map((path) => `data.${path}`)

/** How old a webhook may be: what Stripe's own libraries take, in seconds. */
const toleranceSeconds = 300

/** The provider `stripe`, by its SDK. */
export const make = (options: StripeOptions): PaymentProvider["Service"] => {
  const sdk = makeSdk({
    secretKey: Redacted.value(options.secretKey),
    apiBase: options.apiBase ?? "https://api.stripe.com",
    exchange: options.exchange ?? overFetch(globalThis.fetch)
  })
  const patienceMs = options.patienceMs ?? 20_000

  const call = <A>(invoke: (stripe: Stripe) => Promise<A>): Effect.Effect<A, CallFailure> =>
    sdk.call(invoke).pipe(
      Effect.mapError(({ error }) => failureOf(error)),
      Effect.timeoutOrElse({
        duration: patienceMs,
        orElse: () => Effect.fail(new Unanswered({ why: "timeout", message: `no answer in ${patienceMs} ms` }))
      })
    )

  /** A call in which no card is tried: a decline of it would be a defect of the provider's. */
  const ask = <A>(invoke: (stripe: Stripe) => Promise<A>): Effect.Effect<A, Rejected | Unanswered> =>
    Effect.mapError(call(invoke), (failure) =>
      failure._tag === "Declined" ? new Rejected({ code: failure.code, message: "declined" }) : failure
    )

  const orMissing = <A>(
    asked: Effect.Effect<A, Rejected | Unanswered>
  ): Effect.Effect<A | undefined, Rejected | Unanswered> =>
    Effect.catch(asked, (failure) => (isMissing(failure) ? Effect.undefined : Effect.fail(failure)))

  /** Everything about an intent. Refunds and disputes are only asked for where money was taken. */
  const whole = Effect.fnUntraced(function* (intent: Stripe.PaymentIntent) {
    const about = { payment_intent: intent.id, limit: pageSize }
    const taken = (intent.amount_received ?? 0) > 0
    const refunds = taken ? (yield* ask((stripe) => stripe.refunds.list(about))).data : []
    const disputes = taken ? (yield* ask((stripe) => stripe.disputes.list(about))).data : []
    return {
      intent: viewOf(intent, refunds, disputes),
      currency: intent.currency.toUpperCase(),
      clientSecret: intent.client_secret
    } satisfies Held
  })

  const lookUp = Effect.fnUntraced(function* (intentId: string) {
    const intent = yield* orMissing(ask((stripe) => stripe.paymentIntents.retrieve(intentId, { expand })))
    return intent === undefined ? undefined : yield* whole(intent)
  })

  /** After a call that changed something else than the intent itself. */
  const lookUpAfter = (intentId: string): Effect.Effect<Held, Rejected | Unanswered> =>
    Effect.flatMap(lookUp(intentId), (held) =>
      held === undefined
        ? Effect.fail(new Unanswered({ why: "provider-error", message: `the intent ${intentId} is not there` }))
        : Effect.succeed(held)
    )

  /** All of a list, page by page, newest first, until a page has what is looked for. */
  const pages = Effect.fnUntraced(function* <A extends { readonly id: string }>(
    list: (stripe: Stripe, page: Stripe.PaginationParams) => Promise<Stripe.ApiList<A>>,
    isEnough: (page: ReadonlyArray<A>) => boolean = () => false
  ): Effect.fn.Return<ReadonlyArray<A>, Rejected | Unanswered> {
    const found: Array<A> = []
    for (let page = 0; page < maxPages; page++) {
      const last = found[found.length - 1]
      const { data, has_more } = yield* ask((stripe) =>
        list(stripe, { limit: pageSize, ...(last !== undefined && { starting_after: last.id }) })
      )
      found.push(...data)
      if (!has_more || isEnough(data)) return found
    }
    return yield* new Unanswered({ why: "provider-error", message: `more than ${maxPages * pageSize} in a list` })
  })

  const intents = (
    filter: Stripe.PaymentIntentListParams,
    isEnough?: (page: ReadonlyArray<Stripe.PaymentIntent>) => boolean
  ) => pages((stripe, page) => stripe.paymentIntents.list({ ...filter, ...page, expand: expandInList }), isEnough)

  return PaymentProvider.of({
    name: "stripe",
    createCustomer: ({ key, driverId }) =>
      Effect.map(
        ask((stripe) => stripe.customers.create({ metadata: { wattproof_driver: driverId } }, { idempotencyKey: key })),
        ({ id }) => ({ customerId: id })
      ),
    createSetup: ({ key, customerId }) =>
      Effect.flatMap(
        ask((stripe) =>
          stripe.setupIntents.create(
            { customer: customerId, usage: "off_session", allowed_payment_method_types: ["card"] },
            { idempotencyKey: key }
          )
        ),
        ({ id, client_secret }) =>
          client_secret === null
            ? Effect.fail(new Rejected({ code: "no_client_secret", message: "the set-up has no client secret" }))
            : Effect.succeed({ setupId: id, clientSecret: client_secret })
      ),
    cards: (customerId) =>
      Effect.map(
        ask((stripe) => stripe.customers.listPaymentMethods(customerId, { type: "card", limit: pageSize })),
        ({ data }) => data.flatMap(cardOf)
      ),
    forgetCard: (methodId) => Effect.asVoid(orMissing(ask((stripe) => stripe.paymentMethods.detach(methodId)))),
    authorize: (request) =>
      Effect.flatMap(
        call((stripe) => stripe.paymentIntents.create(authorization(request), { idempotencyKey: request.key })),
        whole
      ),
    increment: ({ key, intentId, amountMinor }) =>
      Effect.flatMap(
        call((stripe) =>
          stripe.paymentIntents.incrementAuthorization(
            intentId,
            { amount: Number(amountMinor), expand },
            { idempotencyKey: key }
          )
        ),
        whole
      ),
    capture: ({ key, intentId, amountMinor }) =>
      Effect.flatMap(
        call((stripe) =>
          stripe.paymentIntents.capture(
            intentId,
            { amount_to_capture: Number(amountMinor), expand },
            { idempotencyKey: key }
          )
        ),
        whole
      ),
    void: ({ key, intentId }) =>
      Effect.flatMap(
        call((stripe) => stripe.paymentIntents.cancel(intentId, { expand }, { idempotencyKey: key })),
        whole
      ),
    refund: ({ key, intentId, amountMinor, goodwill }) =>
      Effect.andThen(
        call((stripe) =>
          stripe.refunds.create(
            {
              payment_intent: intentId,
              amount: Number(amountMinor),
              metadata: { [metadataKeys.key]: key, [metadataKeys.goodwill]: goodwill ? "yes" : "no" }
            },
            { idempotencyKey: key }
          )
        ),
        lookUpAfter(intentId)
      ),
    contest: ({ key, intentId, disputeId, evidence }) =>
      Effect.andThen(
        call((stripe) =>
          stripe.disputes.update(disputeId, { evidence: evidenceOf(evidence), submit: true }, { idempotencyKey: key })
        ),
        lookUpAfter(intentId)
      ),
    accept: ({ key, intentId, disputeId }) =>
      Effect.andThen(
        call((stripe) => stripe.disputes.close(disputeId, {}, { idempotencyKey: key })),
        lookUpAfter(intentId)
      ),
    charge: (request) =>
      Effect.flatMap(
        call((stripe) =>
          stripe.paymentIntents.create(
            {
              ...common(request),
              customer: request.customerId,
              payment_method: request.methodId,
              confirm: true,
              off_session: true
            },
            { idempotencyKey: request.key }
          )
        ),
        whole
      ),
    lookUp,
    find: Effect.fnUntraced(function* ({ key, customerId, createdFromMs, createdBeforeMs }) {
      const isIt = (intent: Stripe.PaymentIntent) => intent.metadata?.[metadataKeys.key] === key
      const filter = {
        ...between(createdFromMs, createdBeforeMs),
        ...(customerId !== null && { customer: customerId })
      }
      const intent = (yield* intents(filter, (page) => page.some(isIt))).find(isIt)
      return intent === undefined ? undefined : yield* whole(intent)
    }),
    list: Effect.fnUntraced(function* ({ createdFromMs, createdBeforeMs, cursor }) {
      const filter = { ...between(createdFromMs, createdBeforeMs), limit: pageSize, expand: expandInList }
      const after = cursor !== undefined && { starting_after: cursor }
      const { data, has_more } = yield* ask((stripe) => stripe.paymentIntents.list({ ...filter, ...after }))
      const items: Array<ListedIntent> = []
      let untold = 0
      for (const intent of data) {
        const told = yield* Effect.result(whole(intent))
        // One that the provider will not tell of is no reason to hear of no other.
        if (told._tag === "Failure" && ++untold > mostUntold) return yield* told.failure
        items.push({
          ...(told._tag === "Success"
            ? { intent: told.success.intent }
            : { intent: viewOfPlain(intent), isPartial: true }),
          paymentId: intent.metadata?.[metadataKeys.payment] ?? null,
          currency: intent.currency.toUpperCase(),
          createdAtMs: intent.created * 1000
        })
      }
      return has_more ? { items, next: data[data.length - 1]?.id ?? cursor ?? "" } : { items }
    }),
    payouts: ({ createdFromMs, createdBeforeMs }) =>
      Effect.map(
        pages((stripe, page) =>
          stripe.payouts.list({ ...between(createdFromMs, createdBeforeMs), ...page, status: "paid" })
        ),
        (paid) => paid.map(payoutOf)
      ),
    readEvent: (raw, signature, nowMs) =>
      Effect.try({
        try: () =>
          eventOf(
            Stripe.webhooks.constructEvent(
              raw,
              signature,
              Redacted.value(options.webhookSecret),
              toleranceSeconds,
              undefined,
              nowMs
            )
          ),
        catch: (cause) => new Forged({ message: cause instanceof Error ? cause.message : String(cause) })
      })
  })
}

/** The provider with its settings. */
export const layer = (options: StripeOptions): Layer.Layer<PaymentProvider> =>
  Layer.sync(PaymentProvider, () => make(options))

const between = (fromMs: number, beforeMs: number) => ({
  created: { gte: Math.floor(fromMs / 1000), lt: Math.ceil(beforeMs / 1000) }
})

const common = (request: IntentRequest): Stripe.PaymentIntentCreateParams => ({
  amount: Number(request.amountMinor),
  currency: request.currency.toLowerCase(),
  description: request.description,
  allowed_payment_method_types: ["card"],
  metadata: { [metadataKeys.payment]: request.paymentId, [metadataKeys.key]: request.key },
  expand
})

const authorization = (
  request: IntentRequest & { readonly methodId: string | null }
): Stripe.PaymentIntentCreateParams => ({
  ...common(request),
  capture_method: "manual",
  payment_method_options: { card: { request_incremental_authorization: "if_available" } },
  ...(request.customerId !== null && { customer: request.customerId }),
  ...(request.methodId !== null && { payment_method: request.methodId, confirm: true, use_stripe_sdk: true })
})

const cardOf = ({ id, card }: Stripe.PaymentMethod): ReadonlyArray<Card> =>
  card === undefined
    ? []
    : [{ methodId: id, brand: card.brand, last4: card.last4, expMonth: card.exp_month, expYear: card.exp_year }]

/** What an event is about. Of its object only the names are read. */
const eventOf = (event: Stripe.Event): ProviderEvent => {
  const object = event.data.object as unknown as Readonly<Record<string, unknown>>
  const isIntent = object["object"] === "payment_intent"
  const intent = isIntent ? object["id"] : object["payment_intent"]
  const metadata = object["metadata"] as Readonly<Record<string, string>> | undefined
  return {
    id: event.id,
    type: event.type,
    createdAtMs: event.created * 1000,
    intentId: typeof intent === "string" ? intent : null,
    paymentId: (isIntent ? metadata?.[metadataKeys.payment] : undefined) ?? null,
    payout: event.type === "payout.paid" ? payoutOf(event.data.object as Stripe.Payout) : null
  }
}

const payoutOf = ({ id, amount, currency, arrival_date }: Stripe.Payout) => ({
  id,
  amountMinor: BigInt(amount),
  currency: currency.toUpperCase(),
  arrivedAtMs: arrival_date * 1000
})
