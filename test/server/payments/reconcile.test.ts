import { assert, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { evolve } from "#core/payment/Payment.ts"
import { newEntries } from "#core/payment/post.ts"
import { PaymentDesk } from "#server/payments/Desk.ts"
import { PaymentStore } from "#server/payments/PaymentStore.ts"
import { intent as intentWith, observed, terms } from "../../core/payment/makers.ts"
import { balances, card, charged, day, lived, noonMs, pay, paymentOf, stateIs, station } from "./world.ts"

const desk = Effect.map(PaymentDesk, ({ open }) => open!)

const dayMs = 86_400_000

/** Opens a payment that nobody is to look at but who reconciles. */
const kept = Effect.fnUntraced(function* (id: string, createdAtMs: number) {
  const store = yield* PaymentStore
  yield* store.open(id, createdAtMs, { ...terms, tokenUid: id }, createdAtMs + 999 * dayMs)
  return (yield* store.get(id))!
})

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
      const id = yield* charged()
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
      const id = yield* charged()
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

it.live(
  "judges every payment of its time, behind any number of older ones: ids that follow from a bill are in no order",
  () =>
    lived(() =>
      Effect.gen(function* () {
        for (let number = 0; number < 600; number++)
          yield* kept(`f0000000-0000-7000-8000-${String(number).padStart(12, "0")}`, noonMs - 90 * dayMs)
        const { payment, version } = yield* kept("00000000-0000-7000-8000-000000000000", noonMs - dayMs)
        const facts = [observed(intentWith({ id: "pi_gone", status: "Canceled" }))]
        const change = {
          payment: facts.reduce(evolve, payment),
          version,
          facts,
          entries: [],
          dueAtMs: null,
          atMs: noonMs
        }
        assert.strictEqual(yield* (yield* PaymentStore).commit(change), "Committed")
        assert.isTrue(yield* (yield* desk).reconcile)
        assert.deepStrictEqual(yield* queued, ["missing-intent pi_gone"])
      })
    )
)

it.live("reads all of the provider's list, longer than 5,000 and in any order", () =>
  lived((world) =>
    Effect.gen(function* () {
      const id = yield* charged()
      yield* Effect.sleep("1 hour")
      const [intent] = (yield* paymentOf(id)).intents
      const { stripe } = world
      const byHand = { ...stripe.intents.get(intent!.id)!, metadata: {} }
      for (let number = 0; number < 6_000; number++) {
        // In the order of their names they are in none of their time.
        const name = `pi_${String((number * 3_571) % 6_007).padStart(4, "0")}`
        stripe.intents.set(name, { ...byHand, id: name, status: "canceled", amount_received: 0 })
      }
      for (const name of ["pi_0000_hand", "pi_3000_hand", "pi_9999_hand"])
        stripe.intents.set(name, { ...byHand, id: name })
      stripe.ordered = (intents) => intents.toSorted((a, b) => (a.id < b.id ? -1 : 1))
      assert.isTrue(yield* (yield* desk).reconcile)
      const found = ["pi_0000_hand", "pi_3000_hand", "pi_9999_hand"].map((name) => `unknown-intent ${name}`)
      assert.deepStrictEqual((yield* queued).toSorted(), found)
    })
  )
)

it.live("ends at a list that goes round, and closes nothing by it", () =>
  lived((world) =>
    Effect.gen(function* () {
      const id = yield* charged()
      yield* Effect.sleep("1 hour")
      const [intent] = (yield* paymentOf(id)).intents
      world.stripe.intents.set("pi_hand", { ...world.stripe.intents.get(intent!.id)!, id: "pi_hand", metadata: {} })
      yield* (yield* desk).reconcile
      world.stripe.intents.delete("pi_hand")
      world.stripe.goesRound = true
      assert.isFalse(yield* (yield* desk).reconcile)
      assert.deepStrictEqual(yield* queued, ["unknown-intent pi_hand"])
      world.stripe.goesRound = false
      assert.isTrue(yield* (yield* desk).reconcile)
      assert.deepStrictEqual(yield* queued, [])
    })
  )
)

it.live("keeps on the queue what differs, however old it gets, until it matches", () =>
  lived(({ stripe }) =>
    Effect.gen(function* () {
      const store = yield* PaymentStore
      const longAgoMs = noonMs - 40 * dayMs
      const { payment, version } = yield* kept("00000000-0000-7000-8000-000000000000", longAgoMs)
      const facts = [
        observed(intentWith({ id: "pi_old", status: "Succeeded", authorizedMinor: 700n, capturedMinor: 700n }))
      ]
      const after = facts.reduce(evolve, payment)
      const entries = newEntries(payment, after, longAgoMs)
      yield* store.commit({ payment: after, version, facts, entries, dueAtMs: null, atMs: longAgoMs })
      const there = {
        id: "pi_old",
        created: longAgoMs / 1000,
        client_secret: "s",
        currency: "eur",
        capture_method: "manual",
        metadata: { wattproof_payment: payment.id },
        customer: null,
        amount: 700,
        amount_received: 1,
        status: "succeeded",
        last_payment_error: null
      }
      stripe.intents.set("pi_old", there)
      stripe.intents.set("pi_hand", { ...there, id: "pi_hand", metadata: {} })
      const standing = ["amounts pi_old", "unknown-intent pi_hand"]
      const found = { detail: "as it was seen then", paymentId: null }
      yield* store.reportUnmatched(
        [
          { ...found, id: standing[0]!, kind: "amounts", paymentId: payment.id },
          { ...found, id: standing[1]!, kind: "unknown-intent" }
        ],
        longAgoMs + dayMs
      )
      assert.isTrue(yield* (yield* desk).reconcile)
      assert.deepStrictEqual(yield* queued, standing)
      there.amount_received = 700
      stripe.intents.delete("pi_hand")
      yield* Effect.sleep("1 minute")
      assert.isTrue(yield* (yield* desk).reconcile)
      assert.deepStrictEqual(yield* queued, [])
    })
  )
)

it.live("is soon after each start, though none lives for a day, and soon again where the provider was away", () =>
  day((world) =>
    Effect.gen(function* () {
      const isBooked = Effect.map(
        Effect.flatMap(PaymentStore, (store) => store.unbooked(["entry-po_1"])),
        (missing) => missing.length === 0
      )
      const payout = { id: "po_1", amount: 700, currency: "eur", arrival_date: 1_777_900_000 }
      world.stripe.payouts.push(payout)
      for (const _ of [1, 2]) {
        yield* world.live(
          Effect.gen(function* () {
            world.stripe.trouble.push({ on: /GET .*payouts$/, what: "error", status: 500 })
            yield* Effect.sleep("16 minutes")
            assert.strictEqual(world.stripe.trouble.length, 0)
            assert.isFalse(yield* isBooked)
          })
        )
      }
      yield* world.live(
        Effect.gen(function* () {
          world.stripe.trouble.push({ on: /GET .*payouts$/, what: "error", status: 500 })
          yield* Effect.sleep("31 minutes")
          assert.isTrue(yield* isBooked)
        })
      )
    })
  )
)
