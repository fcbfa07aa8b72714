import { assert, it } from "@effect/vitest"
import { Deferred, Effect } from "effect"
import { amountsOf, stateOf } from "#core/payment/state.ts"
import { PaymentTrigger } from "#scenarios/lab/PaymentTrigger.ts"
import type { PaymentCrashPoint } from "#scenarios/paymentCrashPoints.ts"
import { PaymentDesk } from "#server/payments/Desk.ts"
import { PaymentStore } from "#server/payments/PaymentStore.ts"
import { WalletStore } from "#server/wallet/WalletStore.ts"
import { balances, day, lived, noonMs, paymentOf, stateIs, type World } from "./world.ts"

const desk = Effect.map(PaymentDesk, ({ open }) => open!)

const openWallet = Effect.flatMap(WalletStore, (store) =>
  store.open({ driverId: "ada", currency: "EUR", creditLineMinor: 0n, openedAtMs: noonMs })
)

const walletOf = Effect.flatMap(WalletStore, (store) =>
  Effect.map(store.get("ada"), (wallet) => [wallet!.balanceMinor, wallet!.arrearsMinor])
)

const topUp = Effect.fnUntraced(function* (methodId: string | null, id = "one", amountMinor = 2_000n) {
  const { topUp } = yield* desk
  const record = yield* topUp({ id, driverId: "ada", currency: "EUR", amountMinor, methodId }, 5)
  assert(record !== "TooMany")
  return record.payment.id
})

/** The driver confirms on his phone; the webhook that tells of it comes when it is asked for. */
const confirmed = Effect.fnUntraced(function* (world: World, id: string, eventId = "evt_1") {
  const [intent] = (yield* paymentOf(id)).intents
  world.stripe.confirm(intent!.id)
  return yield* notice(world, id, eventId)
})

const notice = Effect.fnUntraced(function* (world: World, id: string, eventId: string) {
  const [intent] = (yield* paymentOf(id)).intents
  const { raw, signature } = world.stripe.webhook(
    eventId,
    "payment_intent.succeeded",
    world.stripe.intentObject(intent!.id)
  )
  return (yield* desk).receive(raw, signature)
})

it.live(
  "a top-up by a kept card is in the wallet and in the books once the card has paid, and asked twice it is one",
  () =>
    lived((world) =>
      Effect.gen(function* () {
        yield* openWallet
        const id = yield* topUp("pm_1")
        assert.strictEqual(yield* topUp("pm_1"), id)
        yield* stateIs(id, "CAPTURED")
        assert.deepStrictEqual(yield* walletOf, [2_000n, 0n])
        assert.deepStrictEqual(yield* balances, { "psp_clearing:stripe": 2_000n, "wallet:ada": -2_000n })
        assert.strictEqual(world.stripe.netMinor(), 2_000)
      })
    )
)

it.live("a top-up on a phone's page is credited once, whoever tells of it: webhook, answer and reconciliation", () =>
  lived((world) =>
    Effect.gen(function* () {
      yield* openWallet
      const id = yield* topUp(null)
      yield* stateIs(id, "REQUIRES_ACTION")
      assert.strictEqual(yield* (yield* desk).clientSecret(yield* paymentOf(id)), "pi_1_secret")
      yield* Effect.sleep("1 minute")
      assert.deepStrictEqual(yield* walletOf, [0n, 0n])
      yield* yield* confirmed(world, id)
      yield* Effect.sleep("1 minute")
      assert.deepStrictEqual(yield* walletOf, [2_000n, 0n])
      for (const eventId of ["evt_2", "evt_3"]) yield* yield* notice(world, id, eventId)
      yield* Effect.sleep("20 minutes")
      assert.isTrue(yield* (yield* desk).reconcile)
      assert.deepStrictEqual(yield* (yield* PaymentStore).unmatched(9), [])
      assert.deepStrictEqual(yield* walletOf, [2_000n, 0n])
      assert.deepStrictEqual(yield* balances, { "psp_clearing:stripe": 2_000n, "wallet:ada": -2_000n })
    })
  )
)

it.live("a top-up that nobody confirms, or that the bank declines, holds and credits nothing in the end", () =>
  lived((world) =>
    Effect.gen(function* () {
      yield* openWallet
      const left = yield* topUp(null, "left")
      world.stripe.trouble.push({ on: /POST .*payment_intents$/, what: "declined", code: "insufficient_funds" })
      const declined = yield* topUp("pm_1", "declined")
      yield* stateIs(declined, "DECLINED")
      yield* Effect.sleep("2 days")
      for (const id of [left, declined]) {
        const payment = yield* paymentOf(id)
        assert.isNotNull(payment.abandoned)
        assert.include(["VOIDED", "DECLINED"], stateOf(payment))
      }
      assert.deepStrictEqual(
        [...world.stripe.intents.values()].map(({ status }) => status),
        ["canceled", "canceled"]
      )
      assert.deepStrictEqual(yield* walletOf, [0n, 0n])
      assert.deepStrictEqual(yield* balances, {})
    })
  )
)

it.live(
  "a top-up that is given back is taken from the wallet, and what is spent of it is owed and paid by the next",
  () =>
    lived((world) =>
      Effect.gen(function* () {
        yield* openWallet
        const id = yield* topUp("pm_1")
        const cause = { kind: "refund", amountMinor: -1_500n, transactionId: null, reason: "paid out" } as const
        yield* (yield* WalletStore).move("ada", { ...cause, sourceId: "out", atMs: noonMs }, null)
        yield* (yield* desk).command(id, { _tag: "Refund", id: "r", amountMinor: 2_000n, reason: "asked for it" })
        yield* stateIs(id, "REFUNDED")
        assert.deepStrictEqual(yield* walletOf, [0n, 1_500n])
        assert.strictEqual((yield* balances)["receivable:driver:ada"], 1_500n)
        yield* topUp("pm_1", "two", 1_800n)
        assert.deepStrictEqual(yield* walletOf, [300n, 0n])
        const books = yield* balances
        assert.deepStrictEqual([books["receivable:driver:ada"], books["wallet:ada"]], [undefined, -300n])
        assert.strictEqual(Number(books["psp_clearing:stripe"]), world.stripe.netMinor())
      })
    )
)

const byCard = [
  "before the next hold is asked for",
  "after the next hold is answered",
  "before the next capture is asked for",
  "after the next capture is answered",
  "before the next decision on a payment is written",
  "after the next decision on a payment is written"
] as const satisfies ReadonlyArray<PaymentCrashPoint>

const byWebhook = [
  "before the next webhook is kept",
  "after the next webhook is kept",
  "before the effects of the next webhook are written",
  "after the effects of the next webhook are written"
] as const satisfies ReadonlyArray<PaymentCrashPoint>

/** One life that ends at that step of a top-up, and what the next one makes of it. */
const dying = (point: PaymentCrashPoint) =>
  day((world) =>
    Effect.gen(function* () {
      const died = yield* Deferred.make<void>()
      const trigger = new PaymentTrigger(Effect.andThen(Deferred.succeed(died, undefined), Effect.never))
      world.trigger = trigger
      const isHeard = point.includes("webhook")
      const first = Effect.gen(function* () {
        yield* openWallet
        if (!isHeard) trigger.arm(point)
        const id = yield* topUp(isHeard ? null : "pm_1")
        if (isHeard) {
          const receive = yield* confirmed(world, id)
          trigger.arm(point)
          yield* receive
        }
        yield* Effect.sleep("1 hour")
      })
      yield* world.live(Effect.race(first, Deferred.await(died)))
      assert.strictEqual(trigger.deaths, 1)
      world.trigger = undefined
      yield* world.live(
        Effect.gen(function* () {
          const store = yield* PaymentStore
          const [record] = (yield* store.list({ limit: 2 })).items
          yield* Effect.sleep("1 minute")
          // The provider tells what was not acknowledged again, and the driver asks again, too.
          if (isHeard) yield* yield* notice(world, record!.payment.id, "evt_1")
          else assert.strictEqual(yield* topUp("pm_1"), record!.payment.id)
          yield* Effect.sleep("3 hours")
          const payment = yield* paymentOf(record!.payment.id)
          assert.strictEqual(stateOf(payment), "CAPTURED")
          assert.strictEqual(amountsOf(payment).capturedMinor, 2_000n)
          assert.strictEqual(world.stripe.netMinor(), 2_000)
          assert.deepStrictEqual(yield* walletOf, [2_000n, 0n])
          assert.deepStrictEqual(yield* balances, { "psp_clearing:stripe": 2_000n, "wallet:ada": -2_000n })
          assert.isTrue(yield* (yield* desk).reconcile)
          assert.deepStrictEqual(yield* store.unmatched(9), [])
        })
      )
    })
  )

it.live.each([...byCard, ...byWebhook])("a server that dies %s neither loses nor doubles a top-up", dying)
