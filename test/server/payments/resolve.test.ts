import { assert, it } from "@effect/vitest"
import { Clock, Effect, Result } from "effect"
import { evolve, type PaymentFact } from "#core/payment/Payment.ts"
import { stateOf } from "#core/payment/state.ts"
import type { Resolution } from "#core/payment/Unmatched.ts"
import { Tariff } from "#core/tariff/Tariff.ts"
import { Corrections } from "#server/corrections/Corrections.ts"
import { Directory } from "#server/directory/Directory.ts"
import { PaymentDesk } from "#server/payments/Desk.ts"
import { PaymentStore } from "#server/payments/PaymentStore.ts"
import { violated } from "#test/server/audit/audited.ts"
import { tariffJson } from "#test/support/cms.ts"
import { balances, charged, day, lived, paymentOf, stateIs, type World } from "./world.ts"

const desk = Effect.map(PaymentDesk, ({ open }) => open!)

const reconciled = Effect.gen(function* () {
  assert.isTrue(yield* (yield* desk).reconcile)
  return (yield* (yield* PaymentStore).unmatched(10)).map(({ id }) => id)
})

const wish = (action: Resolution["action"], paymentId: string | null = null) => ({
  action,
  paymentId,
  reason: "as agreed on the phone",
  by: "desk"
})

const resolved = (id: string, action: Resolution["action"], paymentId?: string) =>
  Effect.flatMap(desk, ({ resolve }) => resolve(id, wish(action, paymentId ?? null)))

/** A charge that was paid by card, old enough to be reconciled. */
const paid = Effect.fnUntraced(function* () {
  const id = yield* charged()
  yield* Effect.sleep("1 hour")
  yield* stateIs(id, "CAPTURED")
  return id
})

/** Somebody made an intent at the provider by hand. */
const byHand = Effect.fnUntraced(function* (world: World, over: { readonly status: string; readonly taken: number }) {
  const created = Math.floor((yield* Clock.currentTimeMillis) / 1000)
  world.stripe.intents.set("pi_hand", {
    id: "pi_hand",
    created,
    client_secret: "s",
    currency: "eur",
    capture_method: "manual",
    metadata: {},
    customer: null,
    amount: 700,
    amount_received: over.taken,
    status: over.status,
    last_payment_error: null
  })
  yield* Effect.sleep("1 hour")
})

const item = "unknown-intent pi_hand"

it.live("money of no payment goes back on its card, once however often it is asked, and is in the books", () =>
  lived((world) =>
    Effect.gen(function* () {
      yield* byHand(world, { status: "succeeded", taken: 700 })
      assert.deepStrictEqual(yield* reconciled, [item])
      const done = yield* resolved(item, "refund")
      const { paymentId } = done.resolutions[0]!
      assert.deepStrictEqual(done.resolvedAtMs, done.resolutions[0]!.doneAtMs)
      for (let again = 0; again < 2; again++) assert.deepStrictEqual(yield* resolved(item, "refund"), done)
      const otherwise = yield* Effect.flip(resolved(item, "write-off"))
      assert.deepInclude(otherwise, { why: "desk has decided to refund: as agreed on the phone" })
      yield* stateIs(paymentId!, "REFUNDED")
      assert.strictEqual(world.stripe.netMinor(), 0)
      assert.strictEqual(world.stripe.refunds.size, 1)
      yield* Effect.sleep("2 days")
      assert.deepStrictEqual(yield* reconciled, [])
      assert.deepStrictEqual(yield* balances, {})
      assert.deepStrictEqual(yield* violated(world), [])
    })
  )
)

it.live("a hold of no payment is let go", () =>
  lived((world) =>
    Effect.gen(function* () {
      yield* byHand(world, { status: "requires_capture", taken: 0 })
      assert.deepStrictEqual(yield* reconciled, [item])
      const { resolutions } = yield* resolved(item, "refund")
      assert.strictEqual(stateOf(yield* paymentOf(resolutions[0]!.paymentId!)), "VOIDED")
      assert.strictEqual(world.stripe.intents.get("pi_hand")?.status, "canceled")
      assert.deepStrictEqual(yield* violated(world), [])
    })
  )
)

it.live("money of no payment pays what another is still owed, and nothing that is paid", () =>
  lived((world) =>
    Effect.gen(function* () {
      const id = yield* paid()
      yield* byHand(world, { status: "succeeded", taken: 700 })
      yield* reconciled
      const owed = yield* Effect.flip(resolved(item, "assign", id))
      assert.deepInclude(owed, { why: "Of that payment 0 minor units are due, less than the 700 that came." })
      assert.deepInclude(yield* Effect.flip(resolved(item, "assign", "none")), { why: "There is no payment none." })
      const dear = { ...tariffJson, id: "dear" }
      const [element] = dear.elements
      const parts = element!.price_components.map((part) => (part.type === "FLAT" ? { ...part, price: 11 } : part))
      const wire = { ...dear, elements: [{ price_components: parts }] }
      yield* (yield* Directory).publishTariff(Result.getOrThrow(Tariff.parse(wire)))
      world.stripe.trouble.push({ on: /POST .*payment_intents$/, what: "declined", code: "stolen_card" })
      const transactionId = (yield* paymentOf(id)).began!.transactionId
      const tariff = { id: "dear", version: 1 }
      const request = { transactionId, requestId: "c", tariff, reason: "wrong price", requestedBy: "desk" }
      yield* (yield* Corrections).ask(request)
      yield* stateIs(id, "RESIDUAL_DUE")
      const done = yield* resolved(item, "assign", id)
      assert.deepInclude(done.resolutions[2], { action: "assign", paymentId: id, why: null })
      assert.deepStrictEqual(yield* resolved(item, "assign", id), done)
      const after = yield* paymentOf(id)
      assert.strictEqual(
        after.intents.reduce((sum, it) => sum + it.capturedMinor, 0n),
        BigInt(world.stripe.netMinor())
      )
      assert.strictEqual((yield* balances)["receivable:driver:ada"], 500n)
      yield* Effect.sleep("1 day")
      assert.deepStrictEqual(yield* reconciled, [])
      assert.deepStrictEqual(yield* violated(world), [])
    })
  )
)

it.live("money that nobody claims is kept, and is not reported again while it stays as it is", () =>
  lived((world) =>
    Effect.gen(function* () {
      yield* byHand(world, { status: "succeeded", taken: 700 })
      yield* reconciled
      const { resolutions } = yield* resolved(item, "write-off")
      assert.deepInclude(resolutions[0]!.writtenOff, { fromMinor: 0n, toMinor: 700n, capturedMinor: 700n })
      assert.deepStrictEqual(yield* balances, { "psp_clearing:stripe": 700n, unclaimed: -700n })
      yield* Effect.sleep("1 hour")
      assert.deepStrictEqual(yield* reconciled, [])
      assert.deepStrictEqual(yield* violated(world), [])
      world.stripe.intents.get("pi_hand")!.amount_received = 650
      yield* Effect.sleep("1 hour")
      assert.deepStrictEqual(yield* violated(world), ["I13"])
      assert.deepStrictEqual(yield* reconciled, [item])
      yield* resolved(item, "write-off")
      assert.deepStrictEqual(yield* balances, { "psp_clearing:stripe": 650n, unclaimed: -650n })
      assert.deepStrictEqual(yield* violated(world), [])
      world.stripe.intents.get("pi_hand")!.amount_received = 600
      yield* Effect.sleep("1 hour")
      assert.deepStrictEqual(yield* reconciled, [item])
      yield* resolved(item, "refund")
      assert.strictEqual(world.stripe.netMinor(), 0)
      assert.deepStrictEqual(yield* balances, {})
      assert.deepStrictEqual(yield* violated(world), [])
    })
  )
)

it.live("money that was kept comes before somebody again when a bank takes it back, and when it gives it back", () =>
  lived((world) =>
    Effect.gen(function* () {
      yield* byHand(world, { status: "succeeded", taken: 700 })
      yield* reconciled
      yield* resolved(item, "write-off")
      const dispute = world.stripe.dispute("pi_hand", (yield* Clock.currentTimeMillis) + 7 * 86_400_000)
      yield* Effect.sleep("1 hour")
      assert.deepStrictEqual(yield* reconciled, [item])
      yield* resolved(item, "write-off")
      assert.deepStrictEqual(yield* balances, { "psp_clearing:stripe": -1_500n, bad_debt: 1_500n })
      assert.deepStrictEqual(yield* reconciled, [])
      dispute.status = "won"
      yield* Effect.sleep("1 hour")
      assert.deepStrictEqual(yield* reconciled, [item])
      yield* resolved(item, "write-off")
      assert.deepStrictEqual(yield* balances, { "psp_clearing:stripe": -800n, bad_debt: 800n })
      assert.deepStrictEqual(yield* reconciled, [])
      assert.deepStrictEqual(yield* violated(world), [])
    })
  )
)

it.live("money that the provider never took, and an intent that it lost, are written off as lost", () =>
  lived((world) =>
    Effect.gen(function* () {
      const id = yield* paid()
      const [intent] = (yield* paymentOf(id)).intents
      const taken = intent!.capturedMinor
      world.stripe.intents.get(intent!.id)!.amount_received = 1
      assert.deepStrictEqual(yield* reconciled, [`amounts ${intent!.id}`])
      const wrong = yield* Effect.flip(resolved(`amounts ${intent!.id}`, "refund"))
      assert.deepInclude(wrong, { why: "Of amounts only this can be done: write-off." })
      yield* resolved(`amounts ${intent!.id}`, "write-off")
      assert.deepStrictEqual(yield* balances, {
        "psp_clearing:stripe": 1n,
        bad_debt: taken - 1n,
        "revenue:energy": -541n,
        "revenue:session": -100n,
        "revenue:time": -600n,
        "vat_payable:20": -248n
      })
      yield* Effect.sleep("1 hour")
      assert.deepStrictEqual(yield* reconciled, [])
      assert.deepStrictEqual(yield* violated(world), [])
      world.stripe.intents.delete(intent!.id)
      yield* Effect.sleep("1 hour")
      assert.deepStrictEqual(yield* reconciled, [`missing-intent ${intent!.id}`])
      yield* resolved(`missing-intent ${intent!.id}`, "write-off")
      assert.strictEqual((yield* balances)["bad_debt"], taken)
      yield* Effect.sleep("1 hour")
      assert.deepStrictEqual(yield* reconciled, [])
      assert.deepStrictEqual(yield* violated(world), [])
    })
  )
)

it.live("an entry that is missing is written, as its payment has it", () =>
  lived((world) =>
    Effect.gen(function* () {
      const id = yield* paid()
      const kept = world.state.paymentShelf.payments.get(id)!
      const { owed } = kept.payment
      const facts: ReadonlyArray<PaymentFact> = [
        { ...owed!, revision: 99, amountMinor: owed!.amountMinor + 7n },
        { _tag: "WrittenOff", atMs: 0, id: "w", amountMinor: 7n, reason: "a slip" }
      ]
      for (const fact of facts) kept.payment = evolve(kept.payment, fact)
      kept.facts.push(...facts)
      kept.version += facts.length
      assert.deepStrictEqual(yield* violated(world), ["I16"])
      const entryId = "entry-w"
      assert.deepStrictEqual(yield* reconciled, [`unbooked ${entryId}`])
      yield* resolved(`unbooked ${entryId}`, "book")
      assert.strictEqual((yield* balances)["bad_debt"], 7n)
      assert.deepStrictEqual(yield* reconciled, [])
      assert.deepStrictEqual(yield* violated(world), [])
    })
  )
)

it.live("what was decided when the server died is done by the next one, once", () =>
  day((world) =>
    Effect.gen(function* () {
      yield* world.live(
        Effect.gen(function* () {
          yield* byHand(world, { status: "succeeded", taken: 700 })
          yield* reconciled
          world.stripe.trouble.push({ on: /POST .*refunds$/, what: "silent" })
          yield* Effect.timeoutOption(resolved(item, "refund"), "5 seconds")
          assert.strictEqual((yield* (yield* PaymentStore).resolving(9)).length, 1)
        })
      )
      yield* world.live(
        Effect.gen(function* () {
          yield* Effect.sleep("10 minutes")
          assert.deepStrictEqual(yield* (yield* PaymentStore).unmatched(9), [])
          assert.isNotNull((yield* resolved(item, "refund")).resolutions[0]!.doneAtMs)
          assert.strictEqual(world.stripe.refunds.size, 1)
          assert.strictEqual(world.stripe.netMinor(), 0)
          assert.deepStrictEqual(yield* violated(world), [])
        })
      )
    })
  )
)
