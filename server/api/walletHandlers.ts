import { Clock, Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { DriverCaller } from "#core/api/Access.ts"
import { Api } from "#core/api/Api.ts"
import { Conflict, Unprocessable } from "#core/api/Problems.ts"
import type * as Wire from "#core/api/Wallets.ts"
import * as Instant from "#core/Instant.ts"
import { exponentOf } from "#core/Money.ts"
import { isTopUp } from "#core/payment/Payment.ts"
import { standardTopUp } from "#core/payment/topUp.ts"
import { zoneOf } from "#core/tariff/Zone.ts"
import { canonicalUid } from "#core/token/Token.ts"
import type { BudgetState } from "#core/wallet/Budget.ts"
import { freeOf, type Movement, type Wallet } from "#core/wallet/Wallet.ts"
import { Directory, type NotFound } from "../directory/Directory.ts"
import { WalletStore } from "../wallet/WalletStore.ts"
import { conflict, found, unavailable, unknown } from "./failures.ts"
import { inBody } from "./faults.ts"
import { pageRequest, pageView } from "./paging.ts"
import { openDesk, provided } from "./paymentHandlers.ts"
import { topUpView } from "./paymentViews.ts"

const walletView = (wallet: Wallet): typeof Wire.Wallet.Type => ({
  driverId: wallet.driverId,
  currency: wallet.currency,
  balanceMinor: String(wallet.balanceMinor),
  creditLineMinor: String(wallet.creditLineMinor),
  heldMinor: String(wallet.heldMinor),
  freeMinor: String(freeOf(wallet)),
  arrearsMinor: String(wallet.arrearsMinor),
  openedAt: Instant.format(wallet.openedAtMs)
})

const movementView = ({ driverId: _, atMs, ...movement }: Movement): typeof Wire.Movement.Type => ({
  ...movement,
  amountMinor: String(movement.amountMinor),
  balanceMinor: String(movement.balanceMinor),
  at: Instant.format(atMs)
})

const budgetView = ({ budget, fromMs, untilMs, usedMinor, ...used }: BudgetState): typeof Wire.Budget.Type => {
  const { tokenUid: _, setAtMs, maxMinor, ...rest } = budget
  return {
    ...rest,
    ...used,
    maxMinor: maxMinor === null ? null : String(maxMinor),
    usedMinor: String(usedMinor),
    setAt: Instant.format(setAtMs),
    from: Instant.format(fromMs),
    until: Instant.format(untilMs)
  }
}

const missing = ({ kind, id }: NotFound) => Effect.fail(unknown(kind, id))
const nonsense = (pointer: string, message: string) =>
  Effect.fail(new Unprocessable({ detail: message, errors: inBody(pointer, message) }))
const checkedCurrency = (currency: string) =>
  exponentOf(currency) === undefined ? nonsense("/currency", "Expected an ISO 4217 currency code") : Effect.void

/** The source of what an operator moves: the client's id names it on one wallet only. */
const sourceOf = (driverId: string, id: string): string => `desk-${driverId}-${id}`

/** What is shown of a wallet and of a card's budgets, whoever asks. */
const views = Effect.gen(function* () {
  const store = yield* WalletStore
  const wallet = (driverId: string) => store.get(driverId).pipe(found("wallet", driverId), unavailable)
  return {
    store,
    known: wallet,
    wallet: (driverId: string) => Effect.map(wallet(driverId), walletView),
    movements: Effect.fnUntraced(function* (driverId: string, query: Parameters<typeof pageRequest>[0]) {
      const page = yield* pageRequest(query)
      yield* wallet(driverId)
      return pageView(movementView)(yield* store.movements(driverId, page).pipe(unavailable))
    }),
    budgets: Effect.fnUntraced(function* (uid: string) {
      const atMs = yield* Clock.currentTimeMillis
      return { items: (yield* store.budgets(uid, atMs).pipe(unavailable)).map(budgetView) }
    })
  }
})

export const walletHandlers = HttpApiBuilder.group(
  Api,
  "wallets",
  Effect.fn(function* (handlers) {
    const directory = yield* Directory
    const { store, wallet, movements, budgets } = yield* views
    const token = (uid: string) =>
      Effect.suspend(() => directory.token(canonicalUid(uid)).pipe(found("token", canonicalUid(uid)), unavailable))

    return handlers.handleAll({
      list: Effect.fnUntraced(function* ({ query }) {
        const page = yield* pageRequest(query)
        return pageView(walletView)(yield* store.list(page).pipe(unavailable))
      }),
      open: Effect.fnUntraced(function* ({ payload: { driverId, currency, creditLineMinor = "0" } }) {
        yield* checkedCurrency(currency)
        const openedAtMs = yield* Clock.currentTimeMillis
        yield* store.open({ driverId, currency, creditLineMinor: BigInt(creditLineMinor), openedAtMs }).pipe(
          Effect.catchTags({
            AlreadyExists: conflict,
            NotFound: () => nonsense("/driverId", `There is no driver ${driverId}`)
          }),
          unavailable
        )
        return yield* Effect.catchTag(wallet(driverId), "UnknownResource", Effect.die)
      }),
      get: ({ params }) => wallet(params.driverId),
      setCreditLine: Effect.fnUntraced(function* ({ params: { driverId }, payload }) {
        const atMs = yield* Clock.currentTimeMillis
        const isSet = yield* store
          .setCreditLine(driverId, BigInt(payload.creditLineMinor), atMs)
          .pipe(Effect.catchTag("NotFound", missing), unavailable)
        if (!isSet)
          return yield* new Conflict({ detail: "More than that is used or held.", kind: "wallet", id: driverId })
        return yield* wallet(driverId)
      }),
      movements: ({ params, query }) => movements(params.driverId, query),
      move: Effect.fnUntraced(function* ({ params: { driverId }, payload: { id, kind, amountMinor, reason } }) {
        const atMs = yield* Clock.currentTimeMillis
        const amount = kind === "refund" ? -BigInt(amountMinor) : BigInt(amountMinor)
        const cause = { kind, amountMinor: amount, sourceId: sourceOf(driverId, id), transactionId: null, reason, atMs }
        const moved = yield* store.move(driverId, cause, null).pipe(Effect.catchTag("NotFound", missing), unavailable)
        if (moved === "Short")
          return yield* new Conflict({ detail: "More is to go out than is free.", kind: "wallet", id: driverId })
        if (moved === "Contradicted")
          return yield* new Conflict({ detail: "Something else was moved under that id.", kind: "movement", id })
        return yield* wallet(driverId)
      }),
      budgets: ({ params }) => Effect.flatMap(token(params.uid), ({ uid }) => budgets(uid)),
      putBudget: Effect.fnUntraced(function* ({ params: { uid, period }, payload: { maxMinor, ...terms } }) {
        const { uid: tokenUid } = yield* token(uid)
        yield* checkedCurrency(terms.currency)
        if (zoneOf(terms.timeZone) === undefined) return yield* nonsense("/timeZone", "Expected an IANA time zone")
        const setAtMs = yield* Clock.currentTimeMillis
        const budget = { ...terms, tokenUid, period, setAtMs, maxMinor: maxMinor === null ? null : BigInt(maxMinor) }
        yield* store.putBudget(budget).pipe(Effect.catchTag("NotFound", missing), unavailable)
        return yield* budgets(tokenUid)
      }),
      removeBudget: ({ params: { uid, period } }) =>
        store.removeBudget(canonicalUid(uid), period).pipe(Effect.catchTag("NotFound", missing), unavailable)
    })
  })
)

export const myWalletHandlers = HttpApiBuilder.group(
  Api,
  "myWallet",
  Effect.fn(function* (handlers) {
    const directory = yield* Directory
    const { known, wallet, movements, budgets } = yield* views
    const { open, store: payments, ownCard } = yield* openDesk
    const me = Effect.map(DriverCaller, ({ driverId }) => driverId)
    return handlers.handleAll({
      get: () => Effect.flatMap(me, wallet),
      movements: ({ query }) => Effect.flatMap(me, (driverId) => movements(driverId, query)),
      topUp: Effect.fnUntraced(function* ({ payload: { id, methodId = null, amountMinor: wanted } }) {
        const driverId = yield* me
        const { topUp, clientSecret } = yield* open
        const { currency } = yield* known(driverId)
        const amountMinor = BigInt(wanted)
        const { leastMinor, mostMinor, waiting } = standardTopUp
        if (amountMinor < leastMinor || amountMinor > mostMinor)
          return yield* nonsense("/amountMinor", `Expected ${leastMinor} to ${mostMinor} minor units of ${currency}`)
        if (methodId !== null) yield* ownCard(driverId, methodId)
        const request = { id, driverId, currency, amountMinor, methodId }
        const record = yield* topUp(request, waiting).pipe(provided, unavailable)
        if (record === "TooMany")
          return yield* new Conflict({ detail: "Earlier top-ups wait to be confirmed.", kind: "wallet", id: driverId })
        const { payment } = record
        if (payment.holdMinor !== amountMinor || payment.methodId !== methodId)
          return yield* new Conflict({ detail: "Something else was asked for under that id.", kind: "top-up", id })
        return topUpView(payment, yield* clientSecret(payment).pipe(provided))
      }),
      topUpStatus: Effect.fnUntraced(function* ({ params: { topUpId } }) {
        const driverId = yield* me
        const { clientSecret } = yield* open
        const { payment } = yield* payments.get(topUpId).pipe(found("top-up", topUpId), unavailable)
        if (payment.driverId !== driverId || !isTopUp(payment)) return yield* unknown("top-up", topUpId)
        return topUpView(payment, yield* clientSecret(payment).pipe(provided))
      }),
      budgets: Effect.fnUntraced(function* ({ params }) {
        const driverId = yield* me
        const uid = canonicalUid(params.uid)
        const token = yield* directory.token(uid).pipe(unavailable)
        // Another driver's card is as unknown as none.
        if (token?.driverId !== driverId) return yield* unknown("token", uid)
        return yield* budgets(uid)
      })
    })
  })
)
