import { Clock, Context, Effect, Layer } from "effect"
import { Ids } from "#core/Ids.ts"
import type { Command } from "#core/payment/decide.ts"
import { isTopUp, type Payment } from "#core/payment/Payment.ts"
import { holdOf } from "#core/payment/state.ts"
import type { Unmatched } from "#core/payment/Unmatched.ts"
import type { Station } from "#core/station/Station.ts"
import type { ChargeLimit } from "#core/transaction/Transaction.ts"
import type { Billing } from "../billing/Billing.ts"
import type { Books } from "../books/Books.ts"
import type { Directory, NotFound } from "../directory/Directory.ts"
import type { StoreUnavailable } from "../record/Journal.ts"
import { tokenUidOf } from "./Charging.ts"
import { type PaymentRecord, PaymentStore } from "./PaymentStore.ts"
import { type PaymentRefused, Payments } from "./Payments.ts"
import { type Card, type Forged, PaymentProvider, type Rejected, type Unanswered } from "./Provider.ts"
import { type HoldQuote, quoteHold } from "./Quote.ts"
import { reconcile } from "./reconcile.ts"
import { type NotResolvable, resolve, type Wish } from "./resolve.ts"

/** Payments of a driver that wait for him, looked at when he begins another. */
const listed = 100

/** What a top-up is asked for under: one payment for ever. */
const topUpName = (driverId: string, id: string): string => `top-up/${driverId}/${id}`

/** Client secrets kept at hand; they are with the provider for good. */
const secretsKept = 10_000

/** What the world may ask about payments, where they are on. */
export interface OpenDesk {
  /** What would be held for a charge there now; undefined where nothing is charged for. */
  readonly quote: (station: Station, evseId: number) => Effect.Effect<HoldQuote | undefined, StoreUnavailable>
  /** Opens a payment and holds the money, or comes as far as the driver must act. */
  readonly start: (request: {
    readonly station: Station
    readonly evseId: number
    readonly quote: HoldQuote
    /** Null: ad hoc, without an account. */
    readonly payer: { readonly driverId: string; readonly methodId: string } | null
    /** What the charge is to stop at. */
    readonly limit?: ChargeLimit
  }) => Effect.Effect<PaymentRecord, StoreUnavailable | Rejected | Unanswered>
  /** The secret by which the driver's page confirms the hold; null while there is none. */
  readonly clientSecret: (payment: Payment) => Effect.Effect<string | null, Rejected | Unanswered>
  /**
   * Takes what is owed from the card a driver keeps, off session, and again as far as it changed; gives back what was too
   * much. The same id is the same payment for ever. Undefined while there is no card to take it from, "Unanswered" where
   * the provider could not be asked for one.
   */
  readonly collect: (claim: {
    readonly id: string
    readonly driverId: string
    readonly currency: string
    /** What is to be had in all. */
    readonly amountMinor: bigint
    /** Rises with every change of the amount. */
    readonly revision: number
    /** What for, for the driver's statement. */
    readonly about: string
  }) => Effect.Effect<PaymentRecord | "Unanswered" | undefined, StoreUnavailable>
  /**
   * Takes money for a driver's wallet from a card he keeps, or comes as far as he must enter one. The same id of the same
   * driver is the same payment for ever, whatever else is asked with it.
   */
  readonly topUp: (
    request: {
      readonly id: string
      readonly driverId: string
      readonly currency: string
      readonly amountMinor: bigint
      readonly methodId: string | null
    },
    /** So many of the driver's others may wait for him: with more it is not begun. */
    waiting: number
  ) => Effect.Effect<PaymentRecord | "TooMany", StoreUnavailable | Rejected | Unanswered>
  /** Takes what the books say of its charge now, and every step that follows. */
  readonly advance: (id: string) => Effect.Effect<PaymentRecord, NotFound>
  readonly command: (id: string, command: Command) => Effect.Effect<PaymentRecord, NotFound | PaymentRefused>
  readonly setUpCard: (
    driverId: string
  ) => Effect.Effect<
    { readonly setupId: string; readonly clientSecret: string },
    StoreUnavailable | Rejected | Unanswered
  >
  readonly cards: (driverId: string) => Effect.Effect<ReadonlyArray<Card>, StoreUnavailable | Rejected | Unanswered>
  readonly forgetCard: (methodId: string) => Effect.Effect<void, Rejected | Unanswered>
  /** Takes a webhook in; false when it came before. */
  readonly receive: (raw: string, signature: string) => Effect.Effect<boolean, Forged | StoreUnavailable>
  /** Does with an unmatched item what a person decided, once; goes on with it where it was left. */
  readonly resolve: (
    id: string,
    wish: Wish
  ) => Effect.Effect<Unmatched, NotFound | NotResolvable | StoreUnavailable | Rejected | Unanswered>
  /** Compares provider, payments and ledger now; false when the provider could not be asked for all of it. */
  readonly reconcile: Effect.Effect<boolean>
}

/** Whether payments are on, and if so what may be asked. */
export class PaymentDesk extends Context.Service<PaymentDesk, { readonly open: OpenDesk | undefined }>()(
  "server/payments/PaymentDesk"
) {
  /** No provider is set: nothing is held, captured or given back. */
  static readonly off = Layer.succeed(PaymentDesk, PaymentDesk.of({ open: undefined }))

  static readonly on = Layer.effect(
    PaymentDesk,
    Effect.gen(function* () {
      const store = yield* PaymentStore
      const payments = yield* Payments
      const provider = yield* PaymentProvider
      const ids = yield* Ids
      const services = yield* Effect.context<Billing | Books | Directory>()

      /** By intent: a driver who watches his charge asks for it often. */
      const secrets = new Map<string, string>()

      const customerOf = Effect.fnUntraced(function* (driverId: string) {
        const known = yield* store.customer(driverId)
        if (known !== undefined) return known
        // The driver's id is the key: whoever asks twice gets the same customer, and the first that is kept stands.
        const { customerId } = yield* provider.createCustomer({ key: `customer/${driverId}`, driverId })
        yield* store.keepCustomer(driverId, customerId)
        return (yield* store.customer(driverId)) ?? customerId
      })

      const advance = (id: string) => Effect.catchTag(payments.advance(id), "NotFound", Effect.die)

      const open: OpenDesk = {
        quote: (station, evseId) => Effect.provideContext(quoteHold(station, evseId), services),
        start: Effect.fnUntraced(function* ({ station, evseId, quote, payer, limit }) {
          const { payment } = yield* payments.open({
            driverId: payer?.driverId ?? null,
            stationId: station.id,
            evseId,
            currency: quote.currency,
            holdMinor: quote.amountMinor,
            holdReason: quote.reason,
            customerId: payer === null ? null : yield* customerOf(payer.driverId),
            methodId: payer?.methodId ?? null,
            ...(limit === undefined ? {} : { limit })
          })
          return yield* advance(payment.id)
        }),
        clientSecret: (payment) => {
          const hold = holdOf(payment)
          if (hold === undefined) return Effect.succeed(null)
          const known = secrets.get(hold.id)
          if (known !== undefined) return Effect.succeed(known)
          return Effect.map(provider.lookUp(hold.id), (held) => {
            if (held === undefined || held.clientSecret === null) return null
            if (secrets.size >= secretsKept) secrets.clear()
            secrets.set(hold.id, held.clientSecret)
            return held.clientSecret
          })
        },
        collect: Effect.fnUntraced(function* ({ id, driverId, currency, amountMinor, revision, about }) {
          const known = yield* store.get(id)
          if (known === undefined) {
            if (amountMinor === 0n) return undefined
            const customerId = yield* store.customer(driverId)
            if (customerId === undefined) return undefined
            const kept = yield* Effect.orElseSucceed(provider.cards(customerId), () => undefined)
            if (kept === undefined) return "Unanswered" as const
            const [card] = kept
            if (card === undefined) return undefined
            yield* payments.open(
              {
                driverId,
                stationId: "",
                evseId: 0,
                currency,
                holdMinor: 0n,
                holdReason: about,
                customerId,
                methodId: card.methodId
              },
              { id }
            )
          }
          if (known?.payment.owed?.amountMinor !== amountMinor)
            yield* payments
              .command(id, { _tag: "Owe", revision, amountMinor })
              .pipe(Effect.catchTags({ NotFound: Effect.die, PaymentRefused: Effect.die }))
          return yield* advance(id)
        }),
        topUp: Effect.fnUntraced(function* ({ id, driverId, currency, amountMinor, methodId }, waiting) {
          const name = topUpName(driverId, id)
          if ((yield* store.ofToken(tokenUidOf(name))) === undefined) {
            const { items } = yield* store.list({ driverId, state: "REQUIRES_ACTION", limit: listed })
            if (items.filter(({ payment }) => isTopUp(payment)).length >= waiting) return "TooMany"
          }
          const terms = {
            kind: "top-up",
            driverId,
            stationId: "",
            evseId: 0,
            currency,
            holdMinor: amountMinor,
            holdReason: "Top-up of the wallet",
            customerId: yield* customerOf(driverId),
            methodId
          } as const
          const { payment } = yield* payments.open(terms, { name })
          return yield* advance(payment.id)
        }),
        advance: payments.advance,
        command: Effect.fnUntraced(function* (id, command) {
          yield* payments.command(id, command)
          return yield* payments.advance(id)
        }),
        setUpCard: Effect.fnUntraced(function* (driverId) {
          const customerId = yield* customerOf(driverId)
          const nowMs = yield* Clock.currentTimeMillis
          return yield* provider.createSetup({ key: `setup/${ids.uuid(nowMs)}`, customerId })
        }),
        cards: Effect.fnUntraced(function* (driverId) {
          const customerId = yield* store.customer(driverId)
          return customerId === undefined ? [] : yield* provider.cards(customerId)
        }),
        forgetCard: (methodId) => provider.forgetCard(methodId),
        receive: Effect.fnUntraced(function* (raw, signature) {
          const nowMs = yield* Clock.currentTimeMillis
          const event = yield* provider.readEvent(raw, signature, nowMs)
          return yield* store.receive(provider.name, event, raw, nowMs)
        }),
        resolve: (id, wish) => resolve({ store, payments, provider }, id, wish),
        reconcile: reconcile(store, payments, provider)
      }
      return PaymentDesk.of({ open })
    })
  )
}
