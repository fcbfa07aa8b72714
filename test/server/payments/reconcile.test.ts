import { assert, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { PaymentDesk } from "#server/payments/Desk.ts"
import { PaymentStore } from "#server/payments/PaymentStore.ts"
import { balances, lived, pay, paymentOf, stateIs, station } from "./world.ts"

const card = { driverId: "ada", methodId: "pm_1" }

const desk = Effect.map(PaymentDesk, ({ open }) => open!)

/** The names of what stands on the queue. */
const queued = Effect.map(
  Effect.flatMap(PaymentStore, (store) => store.unmatched(10)),
  (items) => items.map(({ id }) => id)
)

it.live("queues nothing of a payment that is captured between the provider's list and the comparison", () =>
  lived((world) =>
    Effect.gen(function* () {
      const charger = yield* station(11_000)
      const id = yield* pay(card)
      yield* Effect.sleep("1 hour")
      yield* stateIs(id, "AUTHORIZED")
      world.stripe.trouble.push({ on: /GET .*payment_intents$/, what: "late", byMs: 15_000 })
      const reconciling = yield* Effect.forkChild((yield* desk).reconcile)
      yield* Effect.sleep("1 second")
      yield* charger.end
      yield* Effect.sleep("10 seconds")
      yield* stateIs(id, "CAPTURED")
      assert.isTrue(yield* Fiber.join(reconciling))
      assert.deepStrictEqual(yield* queued, [])
    })
  )
)

it.live("queues nothing of a hold that stands since another try, too new for the list", () =>
  lived((world) =>
    Effect.gen(function* () {
      yield* station(11_000)
      world.stripe.trouble.push({ on: /POST .*payment_intents$/, what: "declined", code: "insufficient_funds" })
      const id = yield* pay(card)
      yield* Effect.sleep("9 minutes")
      yield* (yield* desk).command(id, { _tag: "Retry", id: "r1", methodId: "pm_2" })
      yield* Effect.sleep("2 minutes")
      assert.strictEqual((yield* paymentOf(id)).intents.length, 2)
      assert.isTrue(yield* (yield* desk).reconcile)
      assert.deepStrictEqual(yield* queued, [])
    })
  )
)

it.live("judges nothing that the provider does not tell of: no item is queued for it, and none is closed", () =>
  lived((world) =>
    Effect.gen(function* () {
      const charger = yield* station(11_000)
      const id = yield* pay(card)
      yield* Effect.sleep("1 hour")
      yield* charger.end
      yield* Effect.sleep("1 hour")
      const [intent] = (yield* paymentOf(id)).intents
      const byHand = { ...world.stripe.intents.get(intent!.id)!, id: "pi_hand", metadata: {} }
      world.stripe.intents.set("pi_hand", byHand)
      yield* (yield* desk).reconcile
      assert.deepStrictEqual(yield* queued, ["unknown-intent pi_hand"])
      yield* Effect.sleep("1 minute")
      const refund = { id: "re_hand", payment_intent: intent!.id, amount: 100, metadata: {}, status: "succeeded" }
      world.stripe.refunds.set("re_hand", refund)
      world.stripe.intents.delete("pi_hand")
      world.stripe.trouble.push({ on: /GET .*payment_intents\/pi_1$/, what: "error", status: 500 })
      assert.isFalse(yield* (yield* desk).reconcile)
      assert.deepStrictEqual(yield* queued, ["unknown-intent pi_hand"])
      yield* stateIs(id, "CAPTURED")
      yield* Effect.sleep("1 minute")
      assert.isTrue(yield* (yield* desk).reconcile)
      assert.deepStrictEqual(yield* queued, [])
      yield* stateIs(id, "PARTIALLY_REFUNDED")
    })
  )
)

it.live("queues what differs even from a fresh look: money that the provider says it never took", () =>
  lived((world) =>
    Effect.gen(function* () {
      const charger = yield* station(11_000)
      const id = yield* pay(card)
      yield* Effect.sleep("1 hour")
      yield* charger.end
      yield* Effect.sleep("1 hour")
      const [intent] = (yield* paymentOf(id)).intents
      world.stripe.intents.get(intent!.id)!.amount_received = 1
      assert.isTrue(yield* (yield* desk).reconcile)
      assert.deepStrictEqual(yield* queued, [`amounts ${intent!.id}`])
    })
  )
)

it.live("books a payout whose notification was lost, once, and finds it when the notification comes after all", () =>
  lived((world) =>
    Effect.gen(function* () {
      const payout = { id: "po_1", object: "payout", amount: 700, currency: "eur", arrival_date: 1_777_900_000 }
      world.stripe.payouts.push(payout)
      for (let times = 0; times < 2; times++) assert.isTrue(yield* (yield* desk).reconcile)
      const notice = world.stripe.webhook("evt_po", "payout.paid", payout)
      yield* (yield* desk).receive(notice.raw, notice.signature)
      yield* Effect.sleep("1 minute")
      assert.deepStrictEqual(yield* balances, { "bank:stripe": 700n, "psp_clearing:stripe": -700n })
      world.stripe.trouble.push({ on: /GET .*payouts$/, what: "error", status: 500 })
      assert.isFalse(yield* (yield* desk).reconcile)
    })
  )
)
