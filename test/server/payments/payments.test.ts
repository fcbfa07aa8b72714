import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { amountsOf } from "#core/payment/state.ts"
import { Corrections } from "#server/corrections/Corrections.ts"
import { Directory } from "#server/directory/Directory.ts"
import { PaymentDesk } from "#server/payments/Desk.ts"
import { PaymentStore } from "#server/payments/PaymentStore.ts"
import { balances, card, charged, day, lived, pay, paymentOf, stateIs, station, type World } from "./world.ts"

const desk = Effect.map(PaymentDesk, ({ open }) => open!)

/** The driver confirms on his phone, and the provider's webhook tells of it. */
const confirm = Effect.fnUntraced(function* (world: World, id: string, eventId = "evt_1") {
  const [intent] = (yield* paymentOf(id)).intents
  world.stripe.confirm(intent!.id)
  const type = "payment_intent.amount_capturable_updated"
  const { raw, signature } = world.stripe.webhook(eventId, type, world.stripe.intentObject(intent!.id))
  return { raw, signature, isNew: yield* (yield* desk).receive(raw, signature) }
})

it.live("holds, starts, captures what the bill says and books it, once", () =>
  lived((world) =>
    Effect.gen(function* () {
      const charger = yield* station(11_000)
      const id = yield* pay(card)
      yield* Effect.sleep("30 minutes")
      yield* stateIs(id, "AUTHORIZED")
      assert.strictEqual(charger.told.starts, 1)
      yield* charger.end
      yield* Effect.sleep("5 minutes")
      yield* stateIs(id, "CAPTURED")
      const { capturedMinor, owedMinor } = amountsOf(yield* paymentOf(id))
      assert.strictEqual(capturedMinor, owedMinor)
      assert.isAbove(Number(capturedMinor), 500)
      assert.strictEqual(world.stripe.netMinor(), Number(capturedMinor))
      const books = yield* balances
      assert.strictEqual(books["psp_clearing:stripe"], capturedMinor)
      assert.isUndefined(books["receivable:driver:ada"])
    })
  )
)

it.live("starts an ad hoc charge only once its driver has confirmed, and takes a repeated webhook for what it is", () =>
  lived((world) =>
    Effect.gen(function* () {
      const charger = yield* station(11_000)
      const id = yield* pay(null)
      yield* stateIs(id, "REQUIRES_ACTION")
      assert.strictEqual(yield* (yield* desk).clientSecret(yield* paymentOf(id)), "pi_1_secret")
      yield* Effect.sleep("1 minute")
      assert.strictEqual(charger.told.starts, 0)
      const { raw, signature, isNew } = yield* confirm(world, id)
      assert.isTrue(isNew)
      assert.isFalse(yield* (yield* desk).receive(raw, signature))
      yield* Effect.sleep("10 seconds")
      assert.strictEqual(charger.told.starts, 1)
      const forged = yield* Effect.flip((yield* desk).receive(raw.replace("evt_1", "evt_2"), signature))
      assert.strictEqual(forged._tag, "Forged")
      yield* Effect.sleep("6 minutes")
      const old = yield* Effect.flip((yield* desk).receive(raw, signature))
      assert.strictEqual(old._tag, "Forged")
      yield* charger.end
      yield* Effect.sleep("1 minute")
      yield* stateIs(id, "CAPTURED")
      const token = yield* (yield* Directory).token((yield* paymentOf(id)).tokenUid)
      assert.isNotNull(token!.blockedAtMs)
    })
  )
)

it.live("lets go of the hold when the driver never confirms, the station refuses, or the car never comes", () =>
  lived((world) =>
    Effect.gen(function* () {
      const charger = yield* station(11_000)
      const unconfirmed = yield* pay(null)
      charger.told.accepts = false
      const refused = yield* pay(card)
      yield* Effect.sleep("1 minute")
      yield* stateIs(refused, "VOIDED")
      yield* Effect.sleep("10 minutes")
      yield* stateIs(unconfirmed, "VOIDED")
      assert.strictEqual(charger.told.starts, 1)
      assert.strictEqual(world.stripe.netMinor(), 0)
      assert.deepStrictEqual(yield* balances, {})
    })
  )
)

const clocks = [
  [true, 0, "which is raised as far as the house allows"],
  [false, 0, "which cannot be raised"],
  [false, -3, "by a station whose clock is three hours behind"]
] as const
for (const [isRaised, aheadHours, how] of clocks) {
  it.live(`stops a charge before its hold is used up, ${how}`, () =>
    lived((world) =>
      Effect.gen(function* () {
        if (!isRaised) world.stripe.trouble.push({ on: /increment/, what: "declined", code: "insufficient_funds" })
        const charger = yield* station(150_000, aheadHours * 3_600_000)
        const id = yield* pay(card)
        const held = amountsOf(yield* paymentOf(id)).authorizedMinor
        yield* Effect.sleep("6 hours")
        assert.strictEqual(charger.told.stops, 1)
        yield* stateIs(id, "CAPTURED")
        const amounts = amountsOf(yield* paymentOf(id))
        assert.strictEqual(amounts.residualMinor, 0n)
        assert.strictEqual(amounts.capturedMinor, amounts.owedMinor)
        if (isRaised) assert.strictEqual(amounts.authorizedMinor, 20_000n)
        else assert.strictEqual(amounts.authorizedMinor, held)
        // Not so early that the driver is cheated of what he paid for: three minutes' worth at the most.
        const aMinute = (150_000 / 60) * 0.05 * 1.2
        assert.isAbove(Number(amounts.capturedMinor), Number(amounts.authorizedMinor) - 4 * aMinute)
      })
    )
  )
}

it.live("tells a driver whose card was declined, and charges nothing", () =>
  lived((world) =>
    Effect.gen(function* () {
      const charger = yield* station(11_000)
      world.stripe.trouble.push({ on: /POST .*payment_intents$/, what: "declined", code: "insufficient_funds" })
      const id = yield* pay(card)
      yield* stateIs(id, "DECLINED")
      yield* (yield* desk).command(id, { _tag: "Retry", id: "r1", methodId: "pm_2" })
      yield* stateIs(id, "AUTHORIZED")
      yield* Effect.sleep("1 minute")
      assert.strictEqual(charger.told.starts, 1)
    })
  )
)

it.live("gives goodwill back and books it as an expense", () =>
  lived((world) =>
    Effect.gen(function* () {
      const id = yield* charged()
      yield* Effect.sleep("1 minute")
      yield* (yield* desk).command(id, { _tag: "Refund", id: "g1", amountMinor: 200n, reason: "slow" })
      yield* stateIs(id, "PARTIALLY_REFUNDED")
      const { capturedMinor } = amountsOf(yield* paymentOf(id))
      assert.strictEqual(world.stripe.netMinor(), Number(capturedMinor) - 200)
      const books = yield* balances
      assert.strictEqual(books["goodwill"], 200n)
      assert.strictEqual(books["psp_clearing:stripe"], capturedMinor - 200n)
    })
  )
)

it.live(
  "gives back what was paid of a bill that comes to nothing, goodwill of it once, and leaves nobody less than nothing",
  () =>
    lived((world) =>
      Effect.gen(function* () {
        const id = yield* charged()
        yield* Effect.sleep("1 minute")
        yield* (yield* desk).command(id, { _tag: "Refund", id: "g1", amountMinor: 200n, reason: "slow" })
        yield* stateIs(id, "PARTIALLY_REFUNDED")
        const { transactionId } = (yield* paymentOf(id)).began!
        const corrections = yield* Corrections
        const wish = { transactionId, requestId: "c1", tariff: null, reason: "it was broken", requestedBy: "desk" }
        yield* corrections.ask(wish)
        yield* Effect.sleep("20 minutes")
        yield* stateIs(id, "REFUNDED")
        assert.strictEqual(world.stripe.netMinor(), 0)
        const books = yield* balances
        assert.strictEqual(books["goodwill"] ?? 0n, 0n)
        const open = Object.entries(books).filter(
          ([account, minor]) => account.startsWith("receivable:") && minor !== 0n
        )
        assert.deepStrictEqual(open, [])
      })
    )
)

/** The calls of a charge that move money, and how the server may fail to hear of them. */
const calls = [/POST .*payment_intents$/, /POST .*capture$/, /POST .*refunds$/]

for (const what of ["lost", "silent"] as const) {
  for (const on of calls) {
    it.live(`neither loses nor doubles money when ${on.source} is ${what} and the server dies over it`, () =>
      day((world) =>
        Effect.gen(function* () {
          world.stripe.trouble.push({ on, what })
          const isFirst = on === calls[0]
          let id = ""
          const first = Effect.scoped(
            Effect.gen(function* () {
              const charger = yield* station(11_000)
              yield* pay(card)
              yield* Effect.sleep("1 hour")
              yield* charger.end
              yield* Effect.sleep("1 minute")
              const [made] = (yield* (yield* PaymentStore).list({ limit: 1 })).items
              yield* (yield* desk).command(made!.payment.id, { _tag: "Refund", id: "g", amountMinor: 100n, reason: "" })
              yield* Effect.never
            })
          )
          // Dies ten seconds into the call that nobody answers, before it would have been given up.
          const death = Effect.gen(function* () {
            while (world.stripe.trouble.length > 0) yield* Effect.sleep("1 second")
            yield* Effect.sleep("10 seconds")
          })
          yield* world.live(Effect.raceFirst(Effect.orDie(first), death))
          yield* world.live(
            Effect.gen(function* () {
              yield* Effect.sleep("2 hours")
              const { items } = yield* (yield* PaymentStore).list({ limit: 9 })
              assert.strictEqual(items.length, 1)
              id = items[0]!.payment.id
              const { capturedMinor, refundedMinor, residualMinor } = amountsOf(yield* paymentOf(id))
              // A hold that nobody heard of finds the station gone, and is let go.
              yield* stateIs(id, isFirst ? "VOIDED" : on === calls[1] ? "CAPTURED" : "PARTIALLY_REFUNDED")
              assert.strictEqual(world.stripe.intents.size, 1)
              assert.strictEqual(residualMinor, 0n)
              assert.strictEqual(world.stripe.netMinor(), Number(capturedMinor - refundedMinor))
              assert.isTrue(isFirst || capturedMinor > 500n)
              const books = yield* balances
              assert.strictEqual(books["psp_clearing:stripe"] ?? 0n, capturedMinor - refundedMinor)
              assert.isTrue(yield* (yield* desk).reconcile)
              assert.deepStrictEqual(yield* (yield* PaymentStore).unmatched(10), [])
            })
          )
        })
      )
    )
  }
}

it.live("takes in at the reconciliation what no webhook told, and queues what it cannot match", () =>
  lived((world) =>
    Effect.gen(function* () {
      const id = yield* charged()
      yield* Effect.sleep("1 hour")
      const [intent] = (yield* paymentOf(id)).intents
      world.stripe.refunds.set("re_hand", {
        id: "re_hand",
        payment_intent: intent!.id,
        amount: 100,
        metadata: {},
        status: "succeeded"
      })
      world.stripe.intents.set("pi_hand", {
        ...world.stripe.intents.get(intent!.id)!,
        id: "pi_hand",
        metadata: {},
        amount_received: 700
      })
      assert.isTrue(yield* (yield* desk).reconcile)
      yield* stateIs(id, "PARTIALLY_REFUNDED")
      const found = yield* (yield* PaymentStore).unmatched(10)
      assert.deepStrictEqual(
        found.map((it) => it.id),
        ["unknown-intent pi_hand"]
      )
      world.stripe.intents.delete("pi_hand")
      yield* Effect.sleep("1 minute")
      yield* (yield* desk).reconcile
      assert.deepStrictEqual(yield* (yield* PaymentStore).unmatched(10), [])
    })
  )
)
