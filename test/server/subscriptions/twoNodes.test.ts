import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { type DebtFact, stateOf } from "#core/dunning/Debt.ts"
import { daysAfter } from "#core/invoice/days.ts"
import { Directory } from "#server/directory/Directory.ts"
import { DebtStore } from "#server/dunning/DebtStore.ts"
import { Dunning } from "#server/dunning/Dunning.ts"
import { InvoiceStore } from "#server/invoices/InvoiceStore.ts"
import { PaymentDesk } from "#server/payments/Desk.ts"
import type { Address } from "#server/postgres/Launcher.ts"
import { migrations } from "#server/sql/Sql.ts"
import { SubscriptionStore } from "#server/subscriptions/SubscriptionStore.ts"
import { Subscriptions } from "#server/subscriptions/Subscriptions.ts"
import * as VirtualTime from "#simulator/VirtualTime.ts"
import { freshDatabase } from "#test/support/postgres.ts"
import { seller } from "../../core/invoice/fixtures.ts"
import { plan } from "../../core/subscription/makers.ts"
import { balances, type Lived, noonMs } from "../payments/world.ts"
import { type Clocks, type Node, type Pair, pairOf } from "./pair.ts"

const dayMs = 86_400_000
const drivers = ["ada", "bob", "cyd"]
const feeMinor = 700n
const reminderMinor = 250n
/** Each term has a fee: on the 4th, 6th and 8th of May. The days are few because pollers look every half minute. */
const terms = 3
const termDays = 2
/** Its fee is declined, and due a day later: on the 7th. */
const badTerm = 1

/** Everybody keeps a card with the provider; a reminder comes on the 8th, and the 9th suspends. */
const prepared = Effect.gen(function* () {
  const directory = yield* Directory
  const { open } = yield* PaymentDesk
  yield* (yield* InvoiceStore).saveSeller({ ...seller, paymentDays: 1 })
  yield* (yield* SubscriptionStore).createPlan(plan({ feeMinor, interval: { unit: "day", count: termDays } }))
  yield* (yield* DebtStore).savePolicy({
    reminders: [{ afterDays: 1, feeMinor: reminderMinor }],
    suspendAfterDays: 2,
    collectAfterDays: null
  })
  for (const id of drivers) {
    yield* directory.createDriver({ id, name: id, email: null, createdAtMs: noonMs })
    yield* open!.setUpCard(id)
    yield* (yield* Subscriptions).start({ driverId: id, proration: "day" }, "basic")
  }
})

/** What a node's look at what is due does, without asking whose it is: leases hold nobody off. */
const look = Effect.gen(function* () {
  const store = yield* SubscriptionStore
  const debtStore = yield* DebtStore
  const dunning = yield* Dunning
  const subscriptions = yield* Subscriptions
  const page = yield* store.list({ limit: 50 })
  yield* Effect.forEach(page.items, ({ subscription }) => subscriptions.advance(subscription.id), {
    concurrency: "unbounded",
    discard: true
  })
  for (const invoice of yield* debtStore.unwatched(50)) yield* dunning.watch(invoice)
  const { items } = yield* debtStore.list({ limit: 50 })
  const unpaid = items.filter(({ debt }) => stateOf(debt) !== "paid")
  yield* Effect.forEach(unpaid, ({ debt }) => dunning.advance(debt.id), {
    concurrency: "unbounded",
    discard: true
  })
})

/** Days that pass; where the nodes' clocks do not look at what is due, both do at once, twice a day. */
const daysPass = Effect.fnUntraced(function* (pair: Pair, clocks: Clocks, days: number) {
  for (let half = 0; half < days * 2; half++) {
    yield* Effect.sleep(dayMs / 2)
    if (clocks === "by call") yield* pair.both(look)
  }
})

const factsOf = Effect.fnUntraced(function* (invoiceId: string) {
  const told = yield* (yield* DebtStore).facts(invoiceId)
  const count = (tag: DebtFact["_tag"]): number => told.filter(({ _tag }) => _tag === tag).length
  const levels = told.flatMap((fact) => (fact._tag === "Reminded" ? [fact.level] : []))
  return { levels, suspended: count("Suspended") }
})

const firstDay = "2026-05-04"
const termOf = (periodFrom: string): number =>
  Array.from({ length: terms }, (_, term) => daysAfter(firstDay, term * termDays)).indexOf(periodFrom)

/** Every fee on one document of its own, the numbers without a gap, and what became of each debt. */
const judged = Effect.fnUntraced(function* (isPaidAtLast: boolean) {
  const { items } = yield* (yield* InvoiceStore).list({ limit: 100 })
  const invoices = items.toReversed()
  assert.deepStrictEqual(
    invoices.map(({ sequence }) => sequence),
    Array.from({ length: terms * drivers.length }, (_, n) => n + 1)
  )
  const fees = invoices.map(({ driverId, periodFrom }) => `${driverId} ${termOf(periodFrom)}`).sort()
  const expected = drivers.flatMap((id) => Array.from({ length: terms }, (_, term) => `${id} ${term}`)).sort()
  assert.deepStrictEqual(fees, expected)
  const store = yield* DebtStore
  for (const invoice of invoices) {
    assert.strictEqual(invoice.payableMinor, feeMinor)
    const isBad = termOf(invoice.periodFrom) === badTerm
    const { debt } = (yield* store.get(invoice.id))!
    assert.strictEqual(stateOf(debt), isBad && !isPaidAtLast ? "suspended" : "paid", invoice.id)
    assert.deepStrictEqual(
      yield* factsOf(invoice.id),
      isBad ? { levels: [1], suspended: 1 } : { levels: [], suspended: 0 },
      invoice.id
    )
  }
  return invoices
})

const badMinor = (feeMinor + reminderMinor) * BigInt(drivers.length)
const goodMinor = feeMinor * BigInt(drivers.length * (terms - 1))

/** Five days of three subscribers under two nodes; in the second term every card is declined. */
const livedOn = (address: Address, clocks: Clocks) =>
  Effect.scoped(
    Effect.gen(function* () {
      const clock = yield* Effect.clockWith(Effect.succeed)
      const pair = yield* pairOf(address, clocks, () => clock.currentTimeMillisUnsafe())
      const { stripe, nodes, both } = pair
      const on = <A, E>(work: Effect.Effect<A, E, Lived>) => Effect.provideContext(work, nodes[0].services)
      yield* on(prepared)
      yield* daysPass(pair, clocks, 1)
      // Reported stolen: tried once and not again by itself.
      for (let times = 0; times < 100; times++)
        stripe.trouble.push({ on: /POST \/v1\/payment_intents$/, what: "declined", code: "stolen_card" })
      yield* daysPass(pair, clocks, 1)
      stripe.trouble.length = 0
      yield* daysPass(pair, clocks, 3)
      const invoices = yield* on(judged(false))
      assert.strictEqual(stripe.netMinor(), Number(goodMinor))
      const suspended = yield* on(balances)
      assert.strictEqual(suspended["psp_clearing:stripe"], goodMinor)
      assert.strictEqual(suspended["revenue:dunning"], -reminderMinor * BigInt(drivers.length))
      for (const id of drivers) assert.strictEqual(suspended[`receivable:driver:${id}`], feeMinor + reminderMinor)
      // The driver asks to be charged, and his impatient second request reaches the other node.
      const owed = invoices.filter(({ periodFrom }) => termOf(periodFrom) === badTerm)
      yield* both(
        Effect.flatMap(Dunning, (dunning) =>
          Effect.forEach(owed, ({ id }) => dunning.pay(id, { id: `again ${id}`, methodId: null }), {
            concurrency: "unbounded"
          })
        )
      )
      yield* both(look)
      yield* on(judged(true))
      assert.strictEqual(stripe.netMinor(), Number(goodMinor + badMinor))
      const books = yield* on(balances)
      assert.strictEqual(books["psp_clearing:stripe"], goodMinor + badMinor)
      for (const id of drivers) assert.isUndefined(books[`receivable:driver:${id}`])
      const taken = [...stripe.intents.values()].filter(({ amount_received }) => amount_received > 0)
      assert.strictEqual(taken.length, invoices.length)
      return nodes
    })
  )

/** The database is outside of virtual time, as databases are. */
const lived = (clocks: Clocks) =>
  Effect.scoped(
    Effect.flatMap(freshDatabase(migrations), (address) =>
      VirtualTime.run(livedOn(address, clocks), { startAtMs: noonMs, untilMs: noonMs + 10 * dayMs })
    )
  )

it.live("two nodes whose clocks look at the same instant charge each fee once, remind once and suspend once", () =>
  lived("by their clocks")
)

it.live("two nodes that take up the same fee and debt at once charge it once, and the later one is told so", () =>
  Effect.gen(function* () {
    const nodes = yield* lived("by call")
    const sum = (of: (node: Node) => number) => nodes.reduce((all, node) => all + of(node), 0)
    // Else they never met, and nothing was shown.
    assert.isAbove(
      sum(({ fees }) => fees.stale),
      0
    )
    assert.isAbove(
      sum(({ debts }) => debts.stale),
      0
    )
    for (const { name, fees } of nodes) assert.isAbove(fees.written, 0, name)
  })
)
