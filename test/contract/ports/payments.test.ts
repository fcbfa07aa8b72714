import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { evolve, type Payment, type PaymentFact } from "#core/payment/Payment.ts"
import { entriesOf, newEntries, payoutEntry } from "#core/payment/post.ts"
import { newWalletMoves } from "#core/payment/topUp.ts"
import { Books } from "#server/books/Books.ts"
import { type PaymentChange, type PaymentRecord, PaymentStore } from "#server/payments/PaymentStore.ts"
import type { ProviderEvent } from "#server/payments/Provider.ts"
import { WalletStore } from "#server/wallet/WalletStore.ts"
import { attempted, intent, observed, terms } from "../../core/payment/makers.ts"
import { t0 } from "./makers.ts"
import { opened as openedWallet } from "./walletMakers.ts"
import { onEveryStore } from "./worlds.ts"

const idOf = (number: number): string => `01900000-0000-7000-8000-${String(number).padStart(12, "0")}`

const event = (over: Partial<ProviderEvent> = {}): ProviderEvent => ({
  id: "evt_1",
  type: "payment_intent.succeeded",
  createdAtMs: t0,
  intentId: "pi_1",
  paymentId: null,
  payout: null,
  ...over
})

const opened = Effect.fnUntraced(function* (number: number, over: Partial<typeof terms> = {}) {
  const store = yield* PaymentStore
  const id = idOf(number)
  yield* store.open(id, t0, { ...terms, tokenUid: `PAY${number}`, ...over }, t0)
  return (yield* store.get(id))!
})

/** The change that takes the facts in, with what they book. */
const change = (
  { payment: before, version }: PaymentRecord,
  facts: ReadonlyArray<PaymentFact>,
  over: Partial<PaymentChange> = {}
): PaymentChange => {
  const payment = facts.reduce(evolve, before)
  return { payment, version, facts, entries: newEntries(before, payment, t0), dueAtMs: null, atMs: t0, ...over }
}

const taken = (capturedMinor: bigint): PaymentFact =>
  observed(intent({ status: "Succeeded", authorizedMinor: 3_000n, capturedMinor }))

const entryIds = Effect.map(
  Effect.flatMap(Books, (books) => books.entries({ limit: 50 })),
  ({ items }) => items.map(({ id }) => id)
)

onEveryStore("the payment store", (check) => {
  check(
    "keeps a payment with its facts, and opens none twice of one id or token",
    Effect.gen(function* () {
      const store = yield* PaymentStore
      const record = yield* opened(1)
      assert.strictEqual(record.version, 0)
      yield* store.open(idOf(1), t0 + 5, { ...terms, tokenUid: "OTHER" }, t0)
      yield* store.open(idOf(2), t0, { ...terms, tokenUid: "PAY1" }, t0)
      assert.isUndefined(yield* store.get(idOf(2)))
      assert.isUndefined(yield* store.get("no such thing"))
      const facts = [attempted({ status: "Done" }), taken(2_000n)]
      assert.strictEqual(yield* store.commit(change(record, facts)), "Committed")
      const after = (yield* store.get(idOf(1)))!
      assert.deepStrictEqual(after.payment, facts.reduce(evolve, record.payment))
      assert.strictEqual(after.version, 2)
      assert.deepStrictEqual(yield* store.facts(idOf(1)), facts)
      assert.strictEqual(yield* store.ofIntent("pi_1"), idOf(1))
      assert.strictEqual(yield* store.ofToken("PAY1"), idOf(1))
      assert.isUndefined(yield* store.ofIntent("pi_2"))
    })
  )

  check(
    "writes nothing of a decision on a version that others have overtaken",
    Effect.gen(function* () {
      const store = yield* PaymentStore
      const record = yield* opened(1)
      yield* store.receive("stripe", event(), "{}", t0)
      assert.strictEqual(yield* store.commit(change(record, [attempted()])), "Committed")
      const late = change(record, [taken(2_000n)], { eventIds: ["evt_1"] })
      assert.strictEqual(yield* store.commit(late), "Stale")
      assert.deepStrictEqual(yield* entryIds, [])
      assert.strictEqual((yield* store.facts(idOf(1))).length, 1)
      assert.strictEqual((yield* store.claimEvents(t0, t0 + 1, 9)).length, 1)
    })
  )

  check(
    "books with the facts, once, and ends the webhook that told of them",
    Effect.gen(function* () {
      const store = yield* PaymentStore
      const record = yield* opened(1)
      assert.isTrue(yield* store.receive("stripe", event(), "{}", t0))
      assert.isFalse(yield* store.receive("stripe", event(), "{}", t0 + 1))
      yield* store.commit(change(record, [taken(2_000n)], { eventIds: ["evt_1"] }))
      assert.deepStrictEqual(yield* entryIds, ["entry-pi_1"])
      assert.deepStrictEqual(yield* store.claimEvents(t0 + 99, t0 + 100, 9), [])
      const after = (yield* store.get(idOf(1)))!
      const again = change(after, [], {
        entries: entriesOf(after.payment).map((it) => ({ ...it, bookedAtMs: t0, effectiveAtMs: t0 }))
      })
      assert.strictEqual(yield* store.commit(again), "Committed")
      assert.deepStrictEqual(yield* entryIds, ["entry-pi_1"])
      assert.deepStrictEqual(yield* store.unbooked(["entry-pi_1", "entry-pi_0"]), ["entry-pi_0"])
    })
  )

  check(
    "moves the wallet of a top-up with the facts that tell of it, as a whole or not at all, and books it once",
    Effect.gen(function* () {
      const store = yield* PaymentStore
      yield* openedWallet(0n)
      const wallets = yield* WalletStore
      const record = yield* opened(1, { kind: "top-up", driverId: "ada", stationId: "", evseId: 0 })
      const told = change(record, [taken(2_000n)])
      const walletMoves = newWalletMoves(record.payment, told.payment)
      assert.strictEqual(yield* store.commit({ ...told, walletMoves }), "Committed")
      assert.strictEqual(yield* store.commit({ ...told, walletMoves }), "Stale")
      assert.strictEqual((yield* wallets.get("ada"))!.balanceMinor, 2_000n)
      assert.deepStrictEqual(yield* entryIds, ["entry-pi_1"])
      const [entry] = (yield* (yield* Books).entries({ limit: 1 })).items
      const [due] = entriesOf(told.payment)
      assert.deepStrictEqual({ ...due!, bookedAtMs: t0, effectiveAtMs: t0 }, entry)
    })
  )

  check(
    "lists disputes by what they are now, those of the newest payments first, and finds a payment by its dispute",
    Effect.gen(function* () {
      const store = yield* PaymentStore
      const disputing = (number: number, ids: ReadonlyArray<string>, status: "Open" | "Won") => {
        const disputes = ids.map((id) => ({ id, amountMinor: 10n, status, feeMinor: null, reason: "fraudulent" }))
        const taken = { status: "Succeeded", authorizedMinor: 20n, capturedMinor: 20n } as const
        return observed(intent({ id: `pi_${number}`, ...taken, disputes }))
      }
      const told = Effect.fnUntraced(function* (number: number, ids: ReadonlyArray<string>, status: "Open" | "Won") {
        const record = (yield* store.get(idOf(number))) ?? (yield* opened(number))
        yield* store.commit(change(record, [disputing(number, ids, status)]))
      })
      yield* told(1, ["du_1"], "Open")
      yield* told(3, ["du_3"], "Open")
      yield* told(2, ["du_2a", "du_2b"], "Open")
      yield* told(3, ["du_3"], "Won")
      const idsOf = (filter: Parameters<typeof store.disputes>[0]) =>
        Effect.map(store.disputes(filter), ({ items, next }) => [
          items.map(({ disputeId, payment }) => `${disputeId} ${payment.id === idOf(Number(disputeId[3]))}`),
          next
        ])
      assert.deepStrictEqual(yield* idsOf({ limit: 3 }), [
        ["du_3 true", "du_2b true", "du_2a true"],
        `${idOf(2)} du_2a`
      ])
      assert.deepStrictEqual(yield* idsOf({ limit: 3, cursor: `${idOf(2)} du_2a` }), [["du_1 true"], undefined])
      assert.deepStrictEqual(yield* idsOf({ limit: 2, status: "Open" }), [
        ["du_2b true", "du_2a true"],
        `${idOf(2)} du_2a`
      ])
      assert.deepStrictEqual(yield* idsOf({ limit: 9, status: "Won" }), [["du_3 true"], undefined])
      assert.strictEqual(yield* store.ofDispute("du_2b"), idOf(2))
      assert.isUndefined(yield* store.ofDispute("du_none"))
    })
  )

  check(
    "gives what is due to one caller alone, until the lease is over",
    Effect.gen(function* () {
      const store = yield* PaymentStore
      for (const number of [1, 2, 3]) yield* opened(number)
      const both = yield* Effect.all([store.claim(t0, t0 + 100, 2), store.claim(t0, t0 + 100, 2)])
      assert.deepStrictEqual(both.flat().toSorted(), [idOf(1), idOf(2), idOf(3)])
      assert.deepStrictEqual(yield* store.claim(t0 + 99, t0 + 200, 9), [])
      assert.deepStrictEqual(yield* store.claim(t0 + 100, t0 + 200, 9), [idOf(1), idOf(2), idOf(3)])
      yield* store.commit(change((yield* store.get(idOf(1)))!, [], { dueAtMs: t0 + 150 }))
      yield* store.commit(change((yield* store.get(idOf(2)))!, [], { dueAtMs: null }))
      assert.deepStrictEqual(yield* store.claim(t0 + 1_000, t0 + 2_000, 9), [idOf(1), idOf(3)])
    })
  )

  check(
    "ends a webhook of a payout with its booking, once",
    Effect.gen(function* () {
      const store = yield* PaymentStore
      const payout = { id: "po_1", amountMinor: 1_900n, currency: "EUR", arrivedAtMs: t0 }
      for (const id of ["evt_1", "evt_2"]) {
        yield* store.receive("stripe", event({ id, intentId: null, payout }), "{}", t0)
        const [kept] = yield* store.claimEvents(t0, t0 + 1, 9)
        assert.deepStrictEqual(kept, { event: event({ id, intentId: null, payout }), receivedAtMs: t0 })
        yield* store.closeEvent(id, [payoutEntry("stripe", payout, t0)], t0)
      }
      assert.deepStrictEqual(yield* entryIds, ["entry-po_1"])
      assert.deepStrictEqual(yield* store.claimEvents(t0 + 99, t0 + 100, 9), [])
    })
  )

  check(
    "lists newest first by driver, station, state and time, a page at a time",
    Effect.gen(function* () {
      const store = yield* PaymentStore
      for (const number of [1, 2, 3]) yield* opened(number, { driverId: number === 2 ? null : "ada" })
      yield* store.commit(change((yield* store.get(idOf(3)))!, [taken(2_000n)]))
      const idsOf = (filter: Parameters<typeof store.list>[0]) =>
        Effect.map(store.list(filter), ({ items }) => items.map(({ payment }: { payment: Payment }) => payment.id))
      const page = yield* store.list({ limit: 2 })
      assert.deepStrictEqual(
        page.items.map(({ payment }) => payment.id),
        [idOf(3), idOf(2)]
      )
      assert.deepStrictEqual(yield* idsOf({ limit: 2, cursor: page.next! }), [idOf(1)])
      assert.deepStrictEqual(yield* idsOf({ limit: 9, driverId: "ada" }), [idOf(3), idOf(1)])
      assert.deepStrictEqual(yield* idsOf({ limit: 9, state: "CAPTURED" }), [idOf(3)])
      assert.deepStrictEqual(yield* idsOf({ limit: 9, stationId: "CS-2" }), [])
      yield* store.open(idOf(0), t0 + 1, { ...terms, tokenUid: "PAY0" }, t0)
      assert.deepStrictEqual(yield* idsOf({ limit: 9, createdFromMs: t0 + 1 }), [idOf(0)])
      assert.deepStrictEqual(yield* idsOf({ limit: 9, createdFromMs: t0 + 2 }), [])
    })
  )

  check(
    "keeps the first customer of a driver, and the age of what is unmatched",
    Effect.gen(function* () {
      const store = yield* PaymentStore
      yield* store.keepCustomer("ada", "cus_1")
      yield* store.keepCustomer("ada", "cus_2")
      assert.strictEqual(yield* store.customer("ada"), "cus_1")
      assert.isUndefined(yield* store.customer("bob"))
      const item = (id: string) => ({ id, kind: "amounts" as const, detail: id, paymentId: null })
      yield* store.reportUnmatched([item("a"), item("b")], t0)
      yield* store.reportUnmatched([item("a")], t0 + 100)
      yield* store.resolveUnmatched(t0 + 100, t0 + 100)
      const standing = { ...item("a"), firstSeenAtMs: t0, lastSeenAtMs: t0 + 100, resolvedAtMs: null, resolutions: [] }
      assert.deepStrictEqual(yield* store.unmatched(9), [standing])
      yield* store.reportUnmatched([item("b")], t0 + 200)
      assert.deepStrictEqual(
        (yield* store.unmatched(9)).map(({ id, firstSeenAtMs }) => [id, firstSeenAtMs]),
        [
          ["a", t0],
          ["b", t0 + 200]
        ]
      )
    })
  )
})
