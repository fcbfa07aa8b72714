import { Effect } from "effect"
import { amountsOf, stateOf } from "#core/dunning/Debt.ts"
import { evolve, type PaymentFact } from "#core/payment/Payment.ts"
import type { IntentView } from "#core/payment/ProviderView.ts"
import { newEntries } from "#core/payment/post.ts"
import { Directory } from "#server/directory/Directory.ts"
import { DebtStore } from "#server/dunning/DebtStore.ts"
import { InvoiceStore } from "#server/invoices/InvoiceStore.ts"
import { PaymentDesk } from "#server/payments/Desk.ts"
import { PaymentStore } from "#server/payments/PaymentStore.ts"
import { WalletStore } from "#server/wallet/WalletStore.ts"
import { billed, commit, token } from "../../contract/ports/walletMakers.ts"
import { seller } from "../../core/invoice/fixtures.ts"
import { intent, observed, paymentId, terms } from "../../core/payment/makers.ts"
import { noonMs, paymentOf, type World } from "../payments/world.ts"

/** The debt of Bob's charge. */
export const chargeDebt = `charge-${paymentId}`

/** A reminder for nothing, one for 2.50, and then they may start no charge. */
export const rules = Effect.gen(function* () {
  yield* (yield* InvoiceStore).saveSeller(seller)
  yield* (yield* DebtStore).savePolicy({
    reminders: [
      { afterDays: 3, feeMinor: 0n },
      { afterDays: 7, feeMinor: 250n }
    ],
    suspendAfterDays: 10,
    collectAfterDays: null
  })
})

/** Ada's wallet could not pay 9.00 of a charge. */
export const walletOwes = Effect.gen(function* () {
  const directory = yield* Directory
  yield* directory.createToken(token("CARD", "ada"))
  const store = yield* WalletStore
  yield* store.open({ driverId: "ada", currency: "EUR", creditLineMinor: 0n, openedAtMs: noonMs })
  yield* commit(billed(1, 900n, 1))
})

/** Of Bob's charge of 35.00 the hold paid 20.00, and the rest is to be had from his kept card. */
export const chargeOwes = Effect.gen(function* () {
  const directory = yield* Directory
  yield* directory.createDriver({ id: "bob", name: "Bob", email: null, createdAtMs: noonMs })
  yield* directory.createToken(token("BOB", "bob"))
  yield* (yield* PaymentDesk).open!.setUpCard("bob")
  const store = yield* PaymentStore
  const customerId = (yield* store.customer("bob"))!
  yield* store.open(paymentId, noonMs, { ...terms, driverId: "bob", customerId, methodId: "pm_1" }, noonMs)
  const { payment: before } = (yield* store.get(paymentId))!
  const held = { id: "pi_hold", authorizedMinor: 2_000n, capturedMinor: 2_000n } as const
  const facts: ReadonlyArray<PaymentFact> = [
    { _tag: "Began", atMs: noonMs, transactionId: "tx" },
    { _tag: "Owed", atMs: noonMs, revision: 1, amountMinor: 3_500n },
    observed(intent({ ...held, status: "Succeeded", key: `${paymentId}/authorize/1` }), noonMs)
  ]
  const payment = facts.reduce(evolve, before)
  const entries = newEntries(before, payment, noonMs)
  yield* store.commit({ payment, version: 0, facts, entries, dueAtMs: noonMs, atMs: noonMs })
})

/** Where a debt stands, what is open of it, and its fees. */
export const stands = Effect.fnUntraced(function* (id: string) {
  const { debt } = (yield* (yield* DebtStore).get(id))!
  const { openMinor, feesMinor } = amountsOf(debt)
  return [stateOf(debt), openMinor, feesMinor]
})

/** Bob's bank says for good that it will not pay. */
export const refuse = (world: World) =>
  world.stripe.trouble.push({ on: /POST .*payment_intents$/, what: "declined", code: "stolen_card" })

/** The provider knows the hold of Bob's charge, so that it can give it back. */
const heldAtProvider = Effect.fnUntraced(function* (world: World) {
  const [{ id, authorizedMinor, capturedMinor }] = (yield* paymentOf(paymentId)).intents as [IntentView]
  world.stripe.intents.set(id, {
    id,
    created: Math.floor(noonMs / 1000),
    client_secret: "s",
    currency: "eur",
    capture_method: "manual",
    metadata: {},
    customer: null,
    amount: Number(authorizedMinor),
    amount_received: Number(capturedMinor),
    status: "succeeded",
    last_payment_error: null
  })
})

/** Bob owes 15.00 that his kept card does not pay; what the hold brought can be given back. */
export const bobOwes = Effect.fnUntraced(function* (world: World) {
  yield* rules
  refuse(world)
  yield* chargeOwes
  yield* heldAtProvider(world)
})
