import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { feeDraftOf } from "#core/invoice/feeDraft.ts"
import { feesUntil } from "#core/subscription/fees.ts"
import { evolve, type SubscriptionFact } from "#core/subscription/Subscription.ts"
import { Books } from "#server/books/Books.ts"
import { Directory } from "#server/directory/Directory.ts"
import { InvoiceStore } from "#server/invoices/InvoiceStore.ts"
import { type SubscriptionRecord, SubscriptionStore } from "#server/subscriptions/SubscriptionStore.ts"
import { buyer, seller } from "../../core/invoice/fixtures.ts"
import { plan, terms } from "../../core/subscription/makers.ts"
import { t0, uuid } from "./makers.ts"
import { onEveryStore } from "./worlds.ts"

const seeded = Effect.gen(function* () {
  const directory = yield* Directory
  for (const id of ["ada", "bob"]) yield* directory.createDriver({ id, name: id, email: null, createdAtMs: t0 })
  return yield* SubscriptionStore
})

const started: SubscriptionFact = { _tag: "Started", atMs: t0, plan: plan() }

const begun = Effect.fnUntraced(function* (n: number, driverId = "ada") {
  const store = yield* SubscriptionStore
  yield* store.open(uuid(n), t0, { ...terms, driverId })
  const record = (yield* store.get(uuid(n)))!
  return (yield* store.commit({
    record,
    documents: [],
    facts: () => [started],
    dueAtMs: t0 + n
  })) as SubscriptionRecord
})

onEveryStore("the subscription store", (check) => {
  check(
    "keeps plans as they were made, and since when they are not on offer",
    Effect.gen(function* () {
      const store = yield* seeded
      assert.isFalse(yield* store.hasIncluded)
      yield* store.createPlan(plan())
      yield* store.createPlan(plan({ id: "more", included: { energyWh: 1, minutes: null } }))
      assert.isTrue(yield* store.hasIncluded)
      assert.strictEqual((yield* Effect.flip(store.createPlan(plan())))._tag, "AlreadyExists")
      yield* store.retirePlan("basic", t0)
      yield* store.retirePlan("basic", t0 + 5)
      assert.deepStrictEqual(yield* store.plan("basic"), { plan: plan(), retiredAtMs: t0 })
      assert.strictEqual((yield* Effect.flip(store.retirePlan("none", t0)))._tag, "NotFound")
      const page = yield* store.plans({ limit: 1 })
      assert.strictEqual(page.next, "basic")
      assert.strictEqual((yield* store.plans({ limit: 1, cursor: "basic" })).items[0]?.plan.id, "more")
    })
  )

  check(
    "writes facts and documents together, and nothing on a version that others have overtaken",
    Effect.gen(function* () {
      const store = yield* seeded
      const unknown = yield* Effect.flip(store.open(uuid(9), t0, { ...terms, driverId: "eve" }))
      assert.strictEqual(unknown._tag, "NotFound")
      const record = yield* begun(1)
      assert.deepStrictEqual(yield* store.get(uuid(1)), record)
      const [item] = feesUntil(record.subscription, t0)
      const draft = feeDraftOf({
        seller,
        buyer,
        language: "de",
        issuedAtMs: t0,
        driverId: "ada",
        items: [item!]
      })
      const change = {
        record,
        documents: [{ kind: "issue" as const, draft }],
        facts: (documents: ReadonlyArray<{ readonly id: string }>): ReadonlyArray<SubscriptionFact> => [
          { _tag: "Billed", atMs: t0, invoiceId: documents[0]!.id, itemIds: [item!.id], replaces: [] }
        ],
        dueAtMs: null
      }
      const done = yield* store.commit(change)
      assert.isObject(done)
      assert.strictEqual(yield* store.commit(change), "Stale")
      const invoices = (yield* (yield* InvoiceStore).list({ limit: 9 })).items
      assert.deepStrictEqual(
        invoices.map(({ payableMinor, lines }) => [payableMinor, lines[0]!.fee?.itemId]),
        [[999n, item!.id]]
      )
      const facts = yield* store.facts(uuid(1))
      assert.deepStrictEqual(
        facts.reduce(evolve, { ...record.subscription, ...blank }),
        (yield* store.get(uuid(1)))!.subscription
      )
      const balances = yield* (yield* Books).balances
      assert.deepInclude(balances, { account: "receivable:driver:ada", currency: "EUR", amountMinor: 999n })
    })
  )

  check(
    "gives what is due to one caller alone, and lists a driver's own",
    Effect.gen(function* () {
      const store = yield* seeded
      yield* begun(1)
      yield* begun(2, "bob")
      assert.deepStrictEqual(yield* store.claim(t0 + 1, t0 + 100, 9), [uuid(1)])
      assert.deepStrictEqual(yield* store.claim(t0 + 50, t0 + 100, 9), [uuid(2)])
      assert.deepStrictEqual(yield* store.claim(t0 + 100, t0 + 200, 9), [uuid(1), uuid(2)])
      const own = yield* store.list({ limit: 9, driverId: "bob" })
      assert.deepStrictEqual(
        own.items.map(({ subscription }) => subscription.id),
        [uuid(2)]
      )
      assert.strictEqual((yield* store.list({ limit: 1 })).next, uuid(2))
      const ids = (atMs: number) => Effect.map(store.runningAt("ada", atMs), (found) => found.map(({ id }) => id))
      assert.deepStrictEqual(yield* ids(t0 - 1), [])
      assert.deepStrictEqual(yield* ids(t0), [uuid(1)])
    })
  )

  check(
    "gives a session one part of what is included, measured anew when it is asked again",
    Effect.gen(function* () {
      const store = yield* seeded
      yield* begun(1)
      const allowance = { periodFromMs: t0, energyMilliWh: 100, chargingMs: 10 }
      const grant = (transactionId: string, energyMilliWh: number) =>
        store.grant({
          subscriptionId: uuid(1),
          transactionId,
          wanted: { energyMilliWh, chargingMs: 4 },
          allowance
        })
      assert.deepStrictEqual(yield* grant("tx-1", 60), { energyMilliWh: 60, chargingMs: 4 })
      assert.deepStrictEqual(yield* grant("tx-2", 60), { energyMilliWh: 40, chargingMs: 4 })
      assert.deepStrictEqual(yield* grant("tx-1", 50), { energyMilliWh: 50, chargingMs: 4 })
      assert.deepStrictEqual(yield* grant("tx-2", 60), { energyMilliWh: 50, chargingMs: 4 })
      assert.deepStrictEqual(yield* grant("tx-3", 60), { energyMilliWh: 0, chargingMs: 2 })
      yield* store.release("tx-1")
      assert.deepStrictEqual(yield* grant("tx-3", 60), { energyMilliWh: 50, chargingMs: 4 })
      const uses = yield* store.uses(uuid(1))
      assert.deepStrictEqual(
        uses.map((use) => [use.transactionId, use.periodFromMs, use.energyMilliWh]),
        [
          ["tx-2", t0, 50],
          ["tx-3", t0, 50]
        ]
      )
    })
  )
})

const blank = { startedAtMs: 0, segments: [], endsAtMs: null, pausedAtMs: null, memberOf: null, billed: [] }
