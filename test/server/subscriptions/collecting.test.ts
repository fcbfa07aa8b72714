import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { amountsOf, stateOf } from "#core/dunning/Debt.ts"
import { explain } from "#server/api/billViews.ts"
import { Books } from "#server/books/Books.ts"
import { Directory } from "#server/directory/Directory.ts"
import { DebtStore } from "#server/dunning/DebtStore.ts"
import { Dunning } from "#server/dunning/Dunning.ts"
import { paymentIdOf } from "#server/dunning/news.ts"
import { InvoiceStore } from "#server/invoices/InvoiceStore.ts"
import { PaymentDesk } from "#server/payments/Desk.ts"
import { SubscriptionStore } from "#server/subscriptions/SubscriptionStore.ts"
import { Subscriptions } from "#server/subscriptions/Subscriptions.ts"
import { rules } from "#test/server/dunning/owing.ts"
import { seller } from "../../core/invoice/fixtures.ts"
import { plan } from "../../core/subscription/makers.ts"
import { balances, day, lived, noonMs, station } from "../payments/world.ts"

const card = {
  uid: "CARD",
  type: "ISO14443",
  groupId: null,
  driverId: "ada",
  expiresAtMs: null,
  blockedAtMs: null,
  concurrencyLimit: null,
  allowedStations: null,
  partnerId: null,
  createdAtMs: noonMs
} as const

/** Ada keeps a card with the provider and a card for stations; plans are on offer. */
const prepared = Effect.gen(function* () {
  const { open } = yield* PaymentDesk
  const directory = yield* Directory
  yield* (yield* InvoiceStore).saveSeller(seller)
  yield* open!.setUpCard("ada")
  yield* directory.createToken(card)
  yield* directory.createGroup({ id: "club", name: "Club", createdAtMs: noonMs })
  const store = yield* SubscriptionStore
  yield* store.createPlan(plan({ feeMinor: 3100n, groupId: "club" }))
  yield* store.createPlan(plan({ id: "more", feeMinor: 6200n, groupId: "club" }))
  yield* store.createPlan(plan({ id: "energy", feeMinor: 1000n, included: { energyWh: 3_000, minutes: null } }))
})

const debts = Effect.map(
  Effect.flatMap(DebtStore, (store) => store.list({ limit: 50 })),
  ({ items }) => items.map(({ debt }) => debt).reverse()
)

const chargesOf = (seen: ReadonlyArray<string>): number => seen.filter((it) => it === "POST /v1/payment_intents").length

it.live("a start that is asked for again, and twice at once, starts one subscription and charges one fee", () =>
  lived((world) =>
    Effect.gen(function* () {
      yield* prepared
      const subscriptions = yield* Subscriptions
      const id = "0b6f1d5e-3c1a-4a6e-9d6a-5f0c2b7e8a11"
      const ask = (driverId: string, planId: string) => subscriptions.start({ driverId, proration: "day" }, planId, id)
      const both = yield* Effect.all([ask("ada", "basic"), ask("ada", "basic")], { concurrency: "unbounded" })
      yield* Effect.sleep("30 minutes")
      const again = yield* ask("ada", "basic")
      assert.deepStrictEqual(new Set([...both, again].map(({ subscription }) => subscription.id)), new Set([id]))
      assert.strictEqual((yield* (yield* SubscriptionStore).list({ limit: 5 })).items.length, 1)
      assert.strictEqual(world.stripe.netMinor(), 3100)
      assert.strictEqual(chargesOf(world.stripe.seen), 1)
      for (const other of [ask("ada", "more"), ask("bob", "basic")]) {
        assert.strictEqual((yield* Effect.flip(other))._tag, "SubscriptionRefused")
      }
      assert.strictEqual((yield* (yield* SubscriptionStore).list({ limit: 5 })).items.length, 1)
    })
  )
)

it.live("a fee is invoiced, charged off session and booked, once a period; an upgrade costs the difference", () =>
  lived((world) =>
    Effect.gen(function* () {
      yield* prepared
      const subscriptions = yield* Subscriptions
      const { subscription } = yield* subscriptions.start({ driverId: "ada", proration: "day" }, "basic")
      const memberships = yield* (yield* Directory).memberships("ada")
      assert.deepStrictEqual(memberships, [{ groupId: "club", sinceMs: memberships[0]!.sinceMs, untilMs: null }])
      yield* Effect.sleep("30 minutes")
      assert.strictEqual(world.stripe.netMinor(), 3100)
      yield* Effect.sleep("10 days")
      const more = (yield* (yield* SubscriptionStore).plan("more"))!.plan
      yield* subscriptions.command(subscription.id, { _tag: "Change", plan: more, when: "now" })
      yield* Effect.sleep("1 hour")
      // From the 14th of May to the 3rd of June: 21 of 31 days.
      assert.strictEqual(world.stripe.netMinor(), 3100 + 2100)
      yield* Effect.sleep("21 days")
      assert.strictEqual(world.stripe.netMinor(), 3100 + 2100 + 6200)
      assert.strictEqual(chargesOf(world.stripe.seen), 3)
      const books = yield* balances
      assert.isUndefined(books["receivable:driver:ada"])
      assert.strictEqual(books["psp_clearing:stripe"], 11_400n)
      const net = -(books["revenue:subscription"] ?? 0n)
      assert.strictEqual(net + -(books["vat_payable:DE:19"] ?? 0n) - (books["rounding"] ?? 0n), 11_400n)
      yield* subscriptions.command(subscription.id, { _tag: "Cancel", when: "now" })
      yield* Effect.sleep("1 hour")
      // 6200 for the 4th of June to the 3rd of July, cancelled after one day and a bit: one day stays.
      const left = yield* (yield* Directory).memberships("ada")
      assert.isNotNull(left[0]!.untilMs)
      const states = (yield* debts).map(stateOf)
      assert.deepStrictEqual(states, ["paid", "paid", "credited", ...(states.length > 3 ? (["paid"] as const) : [])])
    })
  )
)

it.live("a server that dies after the charge and before it wrote so charges no second time", () =>
  day((world) =>
    Effect.gen(function* () {
      world.stripe.trouble.push({ on: /POST \/v1\/payment_intents$/, what: "silent" })
      yield* world.live(
        Effect.gen(function* () {
          yield* prepared
          yield* (yield* Subscriptions).start({ driverId: "ada", proration: "day" }, "basic")
          yield* Effect.sleep(605_000)
        })
      )
      yield* world.live(
        Effect.gen(function* () {
          yield* Effect.sleep("2 days")
          assert.strictEqual(world.stripe.netMinor(), 3100)
          assert.deepStrictEqual((yield* debts).map(stateOf), ["paid"])
        })
      )
    })
  )
)

it.live("a debt that no card pays is reminded of, stops its driver, and lets him go on when he pays", () =>
  lived((world) =>
    Effect.gen(function* () {
      for (let times = 0; times < 9; times++)
        world.stripe.trouble.push({ on: /POST \/v1\/payment_intents$/, what: "declined", code: "stolen_card" })
      yield* prepared
      yield* rules
      const directory = yield* Directory
      yield* (yield* Subscriptions).start({ driverId: "ada", proration: "day" }, "basic")
      const stands = Effect.gen(function* () {
        const [debt] = yield* debts
        const { openMinor, feesMinor } = amountsOf(debt!)
        return [stateOf(debt!), openMinor, feesMinor]
      })
      yield* Effect.sleep("13 days")
      assert.deepStrictEqual(yield* stands, ["open", 3100n, 0n])
      // A card that was reported stolen is tried once.
      assert.strictEqual(chargesOf(world.stripe.seen), 1)
      yield* Effect.sleep("5 days")
      assert.deepStrictEqual(yield* stands, ["reminded", 3100n, 0n])
      yield* Effect.sleep("4 days")
      assert.deepStrictEqual(yield* stands, ["reminded", 3350n, 250n])
      yield* Effect.sleep("3 days")
      assert.strictEqual((yield* stands)[0], "suspended")
      const since = (yield* directory.token("CARD"))!.suspendedAtMs
      assert.isNumber(since)
      const [debt] = yield* debts
      const books = yield* balances
      assert.strictEqual(books["receivable:driver:ada"], 3350n)
      assert.strictEqual(books["revenue:dunning"], -250n)
      const dunning = yield* Dunning
      const tooMuch = yield* Effect.flip(dunning.command(debt!.id, { _tag: "Transfer", id: "t0", amountMinor: 3351n }))
      assert.strictEqual(tooMuch._tag, "DebtRefused")
      yield* dunning.command(debt!.id, { _tag: "Transfer", id: "t1", amountMinor: 3000n })
      yield* dunning.command(debt!.id, { _tag: "Transfer", id: "t1", amountMinor: 3000n })
      assert.deepStrictEqual(yield* stands, ["suspended", 350n, 250n])
      const given = { _tag: "WriteOff", id: "w1", amountMinor: 350n, reason: "goodwill" } as const
      yield* dunning.command(debt!.id, given)
      assert.deepStrictEqual(yield* stands, ["written-off", 0n, 250n])
      assert.isUndefined((yield* directory.token("CARD"))!.suspendedAtMs)
      const after = yield* balances
      assert.strictEqual(after["bad_debt"], 350n)
      assert.isUndefined(after["receivable:driver:ada"])
    })
  )
)

it.live("a soft decline is tried again by itself, and what is paid at last is no debt any more", () =>
  lived((world) =>
    Effect.gen(function* () {
      world.stripe.trouble.push({ on: /POST \/v1\/payment_intents$/, what: "declined", code: "insufficient_funds" })
      yield* prepared
      yield* (yield* Subscriptions).start({ driverId: "ada", proration: "day" }, "basic")
      yield* Effect.sleep("30 minutes")
      assert.deepStrictEqual((yield* debts).map(stateOf), ["open"])
      yield* Effect.sleep("2 hours")
      assert.deepStrictEqual((yield* debts).map(stateOf), ["paid"])
      assert.strictEqual(world.stripe.netMinor(), 3100)
      const [debt] = yield* debts
      assert.match(paymentIdOf(debt!.id), /^[0-9a-f]{8}-[0-9a-f]{4}-8/)
    })
  )
)

it.live("a card is asked for again when the provider did not tell of it, and not a week later with the reminder", () =>
  lived((world) =>
    Effect.gen(function* () {
      yield* prepared
      for (let times = 0; times < 3; times++)
        world.stripe.trouble.push({ on: /GET .*payment_methods$/, what: "error", status: 500 })
      yield* (yield* Subscriptions).start({ driverId: "ada", proration: "day" }, "basic")
      yield* Effect.sleep("15 minutes")
      assert.strictEqual(world.stripe.netMinor(), 0)
      yield* Effect.sleep("1 hour")
      assert.strictEqual(world.stripe.netMinor(), 3100)
    })
  )
)

it.live("what a plan includes is taken off the bill in a line of its own, and no more than that", () =>
  lived(() =>
    Effect.gen(function* () {
      yield* prepared
      const charger = yield* station(12_000)
      const store = yield* SubscriptionStore
      const { subscription } = yield* (yield* Subscriptions).start({ driverId: "ada", proration: "day" }, "energy")
      yield* Effect.sleep("11 minutes")
      const charge = Effect.gen(function* () {
        const started = yield* Effect.forkChild(charger.begin("CARD"))
        yield* Effect.sleep(630_000)
        yield* charger.end
        yield* Effect.sleep("1 minute")
        return started
      })
      yield* charge
      yield* charge
      const { items } = yield* (yield* Books).cdrs({ limit: 9 })
      const [second, first] = items
      assert.strictEqual(first!.energyWh, 2000)
      assert.deepInclude(first!.included, { subscriptionId: subscription.id, energyMilliWh: 2_000_000 })
      assert.deepInclude(second!.included, { subscriptionId: subscription.id, energyMilliWh: 1_000_000 })
      const lines = second!.lines.filter(({ adjustment }) => adjustment === "INCLUDED")
      assert.strictEqual(
        lines.reduce((sum, { volume }) => sum + volume, 0),
        -1_000_000
      )
      assert.match(explain(second!, lines[0]!), /Energy, included in the subscription: -\d/)
      const uses = yield* store.uses(subscription.id)
      assert.deepStrictEqual(
        uses.map(({ energyMilliWh }) => energyMilliWh),
        [2_000_000, 1_000_000]
      )
    })
  )
)
