import { assert, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import type { Resolution } from "#core/payment/Unmatched.ts"
import { PaymentDesk } from "#server/payments/Desk.ts"
import { PaymentStore } from "#server/payments/PaymentStore.ts"
import { violated } from "#test/server/audit/audited.ts"
import { balances, card, charged, lived, pay, paymentOf, stateIs, station, type World } from "./world.ts"

const desk = Effect.map(PaymentDesk, ({ open }) => open!)

const reconciled = Effect.gen(function* () {
  yield* Effect.sleep("1 hour")
  assert.isTrue(yield* (yield* desk).reconcile)
  return (yield* (yield* PaymentStore).unmatched(10)).map(({ id }) => id)
})

const resolved = (id: string, action: Resolution["action"]) =>
  Effect.flatMap(desk, ({ resolve }) => resolve(id, { action, paymentId: null, reason: "as agreed", by: "desk" }))

/** A charge that was paid by card, and the intent that did. */
const paid = Effect.gen(function* () {
  const id = yield* charged()
  yield* Effect.sleep("1 hour")
  yield* stateIs(id, "CAPTURED")
  return { id, intent: (yield* paymentOf(id)).intents[0]! }
})

/** The provider knows nothing of an intent any more, until what is returned has run. */
const lose = ({ stripe }: World, intentId: string) => {
  const kept = stripe.intents.get(intentId)!
  stripe.intents.delete(intentId)
  return () => stripe.intents.set(intentId, kept)
}

it.live("a call of which the provider will not say how it ended is stuck after a day, and seldom asked about", () =>
  lived((world) =>
    Effect.gen(function* () {
      const charger = yield* station(11_000)
      const id = yield* pay(card)
      yield* Effect.sleep("1 hour")
      const trouble = { on: /payment_intents\/pi_1/, what: "error", status: 500 } as const
      for (let times = 0; times < 2_000; times++) world.stripe.trouble.push(trouble)
      yield* charger.end
      yield* Effect.sleep("22 hours")
      assert.isBelow(2_000 - world.stripe.trouble.length, 100)
      assert.deepStrictEqual(yield* reconciled, [])
      yield* Effect.sleep("1 hour")
      const item = `stuck ${id}/capture/1`
      assert.deepStrictEqual(yield* reconciled, [item])
      assert.strictEqual((yield* Effect.flip(resolved(item, "write-off")))._tag, "NotResolvable")
      world.stripe.trouble.splice(0)
      yield* Effect.sleep("3 hours")
      yield* stateIs(id, "CAPTURED")
      assert.deepStrictEqual(yield* reconciled, [])
      assert.deepStrictEqual(yield* violated(world), [])
    })
  )
)

it.live("an intent that comes back after it was written off comes before somebody, and is in the books again", () =>
  lived((world) =>
    Effect.gen(function* () {
      const { intent } = yield* paid
      const [missing, amounts] = [`missing-intent ${intent.id}`, `amounts ${intent.id}`]
      const whole = yield* balances
      for (let times = 0; times < 2; times++) {
        const comeBack = lose(world, intent.id)
        assert.deepStrictEqual(yield* reconciled, [missing])
        yield* resolved(missing, "write-off")
        assert.strictEqual((yield* balances)["bad_debt"], intent.capturedMinor)
        assert.deepStrictEqual(yield* reconciled, [])
        comeBack()
        assert.deepStrictEqual(yield* reconciled, [amounts])
        yield* resolved(amounts, "write-off")
        assert.deepStrictEqual(yield* balances, whole)
        assert.deepStrictEqual(yield* reconciled, [])
        assert.deepStrictEqual(yield* violated(world), [])
      }
    })
  )
)

it.live("what the provider did meanwhile, and tells, is no part of what is written off", () =>
  lived((world) =>
    Effect.gen(function* () {
      const { intent } = yield* paid
      const item = `amounts ${intent.id}`
      const there = world.stripe.intents.get(intent.id)!
      there.amount_received -= 9
      assert.deepStrictEqual(yield* reconciled, [item])
      const refund = { id: "re_hand", payment_intent: intent.id, amount: 100, metadata: {}, status: "succeeded" }
      world.stripe.refunds.set(refund.id, refund)
      yield* resolved(item, "write-off")
      const books = yield* balances
      assert.deepInclude(books, { bad_debt: 9n, goodwill: 100n })
      assert.strictEqual(books["psp_clearing:stripe"], BigInt(world.stripe.netMinor()))
      assert.deepStrictEqual(yield* violated(world), [])
    })
  )
)

it.live("the fee for an answer to a dispute is booked, and again as it comes back with what was won", () =>
  lived((world) =>
    Effect.gen(function* () {
      const { intent } = yield* paid
      const dispute = world.stripe.dispute(intent.id, Date.UTC(2026, 5, 1))
      const clearing = Effect.map(balances, (all) => [all["psp_fees"], all["psp_clearing:stripe"]])
      assert.deepStrictEqual(yield* reconciled, [])
      assert.deepStrictEqual(yield* clearing, [1_500n, -1_500n])
      dispute.balance_transactions.push({ fee: 1_500 })
      assert.deepStrictEqual(yield* reconciled, [])
      assert.deepStrictEqual(yield* clearing, [3_000n, -3_000n])
      dispute.balance_transactions.push({ fee: -1_500 })
      dispute.status = "won"
      assert.deepStrictEqual(yield* reconciled, [])
      assert.deepStrictEqual(yield* clearing, [1_500n, intent.capturedMinor - 1_500n])
      assert.deepStrictEqual(yield* violated(world), [])
    })
  )
)

it.live("what was decided is news again once the provider gives back a fee", () =>
  lived((world) =>
    Effect.gen(function* () {
      const { intent } = yield* paid
      const dispute = world.stripe.dispute(intent.id, Date.UTC(2026, 5, 1))
      dispute.status = "lost"
      assert.deepStrictEqual(yield* reconciled, [])
      dispute.status = "won"
      const item = `amounts ${intent.id}`
      assert.deepStrictEqual(yield* reconciled, [item])
      yield* resolved(item, "write-off")
      assert.strictEqual((yield* balances)["unclaimed"], -intent.capturedMinor)
      assert.deepStrictEqual(yield* reconciled, [])
      world.stripe.disputes.set(dispute.id, { ...dispute, balance_transactions: [{ fee: 1_000 }] })
      assert.deepStrictEqual(yield* reconciled, [item])
      yield* resolved(item, "write-off")
      assert.strictEqual((yield* balances)["unclaimed"], -intent.capturedMinor - 500n)
      assert.deepStrictEqual(yield* reconciled, [])
    })
  )
)

it.live("an intent of which the provider will not tell what went back keeps no other from being compared", () =>
  lived((world) =>
    Effect.gen(function* () {
      const { intent } = yield* paid
      const { stripe } = world
      stripe.intents.set("pi_hand", { ...stripe.intents.get(intent.id)!, id: "pi_hand", metadata: {} })
      const refund = { id: "re_hand", payment_intent: intent.id, amount: 100, metadata: {}, status: "succeeded" }
      stripe.refunds.set(refund.id, refund)
      yield* Effect.sleep("1 hour")
      // The list asks of both what went back; then of the stranger, the newest, it is asked once more.
      const error = { what: "error", status: 500 } as const
      for (let times = 0; times < 3; times++) stripe.trouble.push({ on: /GET .*refunds/, ...error })
      assert.isFalse(yield* (yield* desk).reconcile)
      yield* stateIs((yield* (yield* PaymentStore).ofIntent(intent.id))!, "PARTIALLY_REFUNDED")
      assert.deepStrictEqual(yield* reconciled, ["unknown-intent pi_hand"])
    })
  )
)

it.live("an intent that is lost between the list and a fresh look is missing, and no other", () =>
  lived((world) =>
    Effect.gen(function* () {
      const { intent } = yield* paid
      const { stripe } = world
      stripe.intents.get(intent.id)!.amount_received -= 9
      stripe.trouble.push({ on: /GET .*payment_intents$/, what: "late", byMs: 15_000 })
      yield* Effect.sleep("1 hour")
      const reconciling = yield* Effect.forkChild((yield* desk).reconcile)
      yield* Effect.sleep("10 seconds")
      lose(world, intent.id)
      yield* Fiber.join(reconciling)
      const missing = [`missing-intent ${intent.id}`]
      assert.deepStrictEqual(
        (yield* (yield* PaymentStore).unmatched(10)).map(({ id }) => id),
        missing
      )
      assert.deepStrictEqual(yield* reconciled, missing)
    })
  )
)
