import { timingSafeEqual } from "node:crypto"
import { Clock, Effect } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { Caller } from "#core/api/Access.ts"
import { Api } from "#core/api/Api.ts"
import type { ChargeLimit } from "#core/api/Limits.ts"
import { Conflict, Unavailable, Unprocessable } from "#core/api/Problems.ts"
import type { Command } from "#core/payment/decide.ts"
import type { Unmatched } from "#core/payment/Unmatched.ts"
import { Directory, type NotFound } from "../directory/Directory.ts"
import { PaymentDesk } from "../payments/Desk.ts"
import { PaymentStore } from "../payments/PaymentStore.ts"
import type { PaymentRefused } from "../payments/Payments.ts"
import type { Rejected, Unanswered } from "../payments/Provider.ts"
import { found, unavailable, unknown } from "./failures.ts"
import { LiveView } from "./Live.ts"
import { limitOf } from "./limitViews.ts"
import { pageRequest, pageView } from "./paging.ts"
import { adHocView, paymentView, unmatchedView } from "./paymentViews.ts"

/** Items of the queue of unmatched things that are shown. */
const unmatchedLimit = 500
/** Payments that may wait for their drivers at one station: more is nobody's wish to charge. */
const waitingLimit = 10

const off = new Conflict({ detail: "Payments are off: no provider is set.", kind: "payments", id: "off" })

const refusedBy = (detail: string) => Effect.fail(new Unprocessable({ detail, errors: [] }))

/** The provider's refusal or silence, as the client may know it. */
export const provided = <A, E, R>(effect: Effect.Effect<A, E | Rejected | Unanswered, R>) =>
  Effect.catchIf(
    effect,
    isOfProvider,
    (failure): Effect.Effect<never, Unprocessable | Unavailable> =>
      failure._tag === "Rejected"
        ? refusedBy(`The payment provider refused it: ${failure.code}.`)
        : Effect.fail(new Unavailable({ detail: "The payment provider cannot be reached. Try again." }))
  )

const isOfProvider = (error: unknown): error is Rejected | Unanswered =>
  typeof error === "object" &&
  error !== null &&
  "_tag" in error &&
  (error._tag === "Rejected" || error._tag === "Unanswered")

interface Place {
  readonly stationId: string
  readonly evseId: number
  readonly limit?: typeof ChargeLimit.Type
}

/** What endpoints that need a provider share. */
export const openDesk = Effect.gen(function* () {
  const desk = yield* PaymentDesk
  const directory = yield* Directory
  const live = yield* LiveView
  const store = yield* PaymentStore
  const open = Effect.suspend(() => (desk.open === undefined ? Effect.fail(off) : Effect.succeed(desk.open)))

  /** What would be held at a place where a charge can begin now. */
  const offer = Effect.fnUntraced(function* ({ stationId, evseId }: Place) {
    const { quote } = yield* open
    const station = yield* directory.station(stationId).pipe(found("station", stationId), unavailable)
    if (live.isConnected(station.id) === undefined)
      return yield* new Conflict({ detail: "The station is not connected.", kind: "station", id: station.id })
    const offered = yield* quote(station, evseId).pipe(unavailable)
    if (offered === undefined)
      return yield* new Conflict({ detail: "No price is valid here.", kind: "station", id: station.id })
    return { station, quote: offered }
  })

  const start = Effect.fnUntraced(function* (
    place: Place,
    payer: { readonly driverId: string; readonly methodId: string } | null
  ) {
    const { start } = yield* open
    const { station, quote } = yield* offer(place)
    const waiting = yield* store
      .list({ stationId: station.id, state: "REQUIRES_ACTION", limit: waitingLimit })
      .pipe(unavailable)
    if (waiting.items.length >= waitingLimit)
      return yield* new Conflict({
        detail: "Too many wait to pay here. Try again later.",
        kind: "station",
        id: station.id
      })
    const { payment } = yield* start({
      station,
      evseId: place.evseId,
      quote,
      payer,
      ...(place.limit === undefined ? {} : { limit: limitOf(place.limit) })
    }).pipe(provided, unavailable)
    return payment
  })

  /** One of the driver's own cards: another driver's is not found under this one. */
  const ownCard = Effect.fnUntraced(function* (driverId: string, methodId: string) {
    const { cards } = yield* open
    const own = yield* cards(driverId).pipe(provided, unavailable)
    if (!own.some((card) => card.methodId === methodId)) return yield* unknown("card", methodId)
  })

  /** What a driver may do with cards, by whoever asks for him. */
  const wallet = {
    setUp: Effect.fnUntraced(function* (driverId: string) {
      const { setUpCard } = yield* open
      return yield* setUpCard(driverId).pipe(provided, unavailable)
    }),
    cards: Effect.fnUntraced(function* (driverId: string) {
      const { cards } = yield* open
      return { items: yield* cards(driverId).pipe(provided, unavailable) }
    }),
    forget: Effect.fnUntraced(function* (driverId: string, methodId: string) {
      const { forgetCard } = yield* open
      yield* ownCard(driverId, methodId)
      yield* forgetCard(methodId).pipe(provided)
    }),
    charge: Effect.fnUntraced(function* (
      driverId: string,
      { methodId, ...place }: Place & { readonly methodId: string }
    ) {
      yield* ownCard(driverId, methodId)
      return paymentView(yield* start(place, { driverId, methodId }))
    })
  }

  return { open, offer, start, store, directory, ownCard, wallet }
})

export const paymentHandlers = HttpApiBuilder.group(
  Api,
  "payments",
  Effect.fn(function* (handlers) {
    const { open, store, directory, wallet } = yield* openDesk
    const driver = (id: string) => directory.driver(id).pipe(found("driver", id), unavailable)

    const wish = Effect.fnUntraced(function* (paymentId: string, command: Command) {
      const { command: run } = yield* open
      const { payment } = yield* run(paymentId, command).pipe(
        Effect.catchTags({
          NotFound: ({ kind, id }: NotFound) => Effect.fail(unknown(kind, id)),
          PaymentRefused: ({ why }: PaymentRefused) => refusedBy(why)
        })
      )
      return paymentView(payment)
    })

    const unmatched = Effect.gen(function* () {
      const nowMs = yield* Clock.currentTimeMillis
      const items = yield* store.unmatched(unmatchedLimit).pipe(unavailable)
      return {
        items: items.map((item) => unmatchedView(item, nowMs))
      }
    })

    return handlers.handleAll({
      list: Effect.fnUntraced(function* ({ query: { limit: _limit, cursor: _cursor, ...filter }, query }) {
        const page = yield* pageRequest(query)
        const payments = yield* store.list({ ...filter, ...page }).pipe(unavailable)
        return pageView(({ payment }: (typeof payments.items)[number]) => paymentView(payment))(payments)
      }),
      get: ({ params: { paymentId } }) =>
        store.get(paymentId).pipe(
          found("payment", paymentId),
          unavailable,
          Effect.map(({ payment }) => paymentView(payment))
        ),
      refund: ({ params, payload: { id, amountMinor, reason } }) =>
        wish(params.paymentId, { _tag: "Refund", id, amountMinor: BigInt(amountMinor), reason }),
      retry: ({ params, payload: { id, methodId } }) =>
        wish(params.paymentId, { _tag: "Retry", id, methodId: methodId ?? null }),
      writeOff: ({ params, payload: { id, amountMinor, reason } }) =>
        wish(params.paymentId, { _tag: "WriteOff", id, amountMinor: BigInt(amountMinor), reason }),
      unmatched: () => unmatched,
      decided: Effect.fnUntraced(function* ({ query }) {
        const page = yield* pageRequest(query)
        const nowMs = yield* Clock.currentTimeMillis
        const items = yield* store.decidedUnmatched(page).pipe(unavailable)
        return pageView((item: Unmatched) => unmatchedView(item, nowMs))(items)
      }),
      resolve: Effect.fnUntraced(function* ({ params: { itemId }, payload }) {
        const { resolve } = yield* open
        const { name: by } = yield* Caller
        const paymentId = "paymentId" in payload ? payload.paymentId : null
        const { action, reason } = payload
        const item = yield* resolve(itemId, { action, reason, by, paymentId }).pipe(
          Effect.catchTags({
            NotFound: ({ kind, id }: NotFound) => Effect.fail(unknown(kind, id)),
            NotResolvable: ({ why }) => Effect.fail(new Conflict({ detail: why, kind: "unmatched item", id: itemId }))
          }),
          provided,
          unavailable
        )
        return unmatchedView(item, yield* Clock.currentTimeMillis)
      }),
      reconcile: Effect.fnUntraced(function* () {
        const { reconcile } = yield* open
        if (!(yield* reconcile))
          return yield* new Conflict({ detail: "The provider could not be asked.", kind: "payments", id: "provider" })
        return yield* unmatched
      }),
      setUpCard: ({ params }) => Effect.flatMap(driver(params.driverId), ({ id }) => wallet.setUp(id)),
      cards: ({ params }) => Effect.flatMap(driver(params.driverId), ({ id }) => wallet.cards(id)),
      forgetCard: ({ params }) =>
        Effect.flatMap(driver(params.driverId), ({ id }) => wallet.forget(id, params.methodId)),
      charge: ({ params, payload }) => Effect.flatMap(driver(params.driverId), ({ id }) => wallet.charge(id, payload))
    })
  })
)

const isSame = (a: string, b: string): boolean => {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

export const adHocHandlers = HttpApiBuilder.group(
  Api,
  "adHoc",
  Effect.fn(function* (handlers) {
    const { open, offer, start, store } = yield* openDesk
    return handlers.handleAll({
      quote: Effect.fnUntraced(function* ({ params }) {
        const { station, quote } = yield* offer(params)
        return {
          stationId: station.id,
          evseId: params.evseId,
          currency: quote.currency,
          holdMinor: String(quote.amountMinor),
          reason: quote.reason,
          tariffId: quote.tariff.id,
          tariffVersion: quote.tariff.version
        }
      }),
      start: Effect.fnUntraced(function* ({ params, query }) {
        const { clientSecret } = yield* open
        const limit = Object.keys(query).length === 0 ? {} : { limit: query }
        const payment = yield* start({ ...params, ...limit }, null)
        return adHocView(payment, yield* clientSecret(payment).pipe(provided))
      }),
      status: Effect.fnUntraced(function* ({ params: { paymentId }, query }) {
        const { clientSecret } = yield* open
        const record = yield* store.get(paymentId).pipe(found("payment", paymentId), unavailable)
        const secret = yield* clientSecret(record.payment).pipe(provided)
        // Who does not know the secret learns not even that there is such a payment.
        if (record.payment.driverId !== null || secret === null || !isSame(secret, query.clientSecret))
          return yield* unknown("payment", paymentId)
        return adHocView(record.payment, secret)
      })
    })
  })
)

/**
 * Where the provider's webhooks arrive. The signature is over the raw body, so nothing reads it before; what is let in
 * is kept and acknowledged at once, and dealt with from the inbox.
 */
export const webhookRoute = HttpRouter.use(
  Effect.fnUntraced(function* (router) {
    const desk = yield* PaymentDesk
    yield* router.add(
      "POST",
      "/webhooks/stripe",
      Effect.gen(function* () {
        if (desk.open === undefined) return HttpServerResponse.empty({ status: 404 })
        const request = yield* HttpServerRequest.HttpServerRequest
        const raw = yield* request.text
        const signature = request.headers["stripe-signature"] ?? ""
        return yield* Effect.match(desk.open.receive(raw, signature), {
          onSuccess: () => HttpServerResponse.empty({ status: 204 }),
          onFailure: ({ _tag }) => HttpServerResponse.empty({ status: _tag === "Forged" ? 400 : 503 })
        })
      })
    )
  })
)
