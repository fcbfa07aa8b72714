import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { type Resolution, type Unmatched, writeOffEntries } from "#core/payment/Unmatched.ts"
import { Books } from "#server/books/Books.ts"
import { PaymentStore } from "#server/payments/PaymentStore.ts"
import { t0, uuid } from "./makers.ts"
import { onEveryStore } from "./worlds.ts"

const found = (id: string, detail = "1 captured there") => ({
  id,
  kind: "amounts" as const,
  detail,
  paymentId: uuid(1)
})

const asked = (over: Partial<Resolution> = {}): Resolution => ({
  action: "write-off",
  reason: "The provider told us so.",
  by: "desk",
  detail: "1 captured there",
  paymentId: null,
  askedAtMs: t0 + 1,
  doneAtMs: null,
  why: null,
  writtenOff: null,
  ...over
})

const lost = asked({
  doneAtMs: t0 + 2,
  writtenOff: {
    provider: "stripe",
    currency: "EUR",
    fromMinor: 0n,
    toMinor: -499n,
    intentId: "pi_1",
    capturedMinor: 1n,
    refundedMinor: 0n
  }
})

const entriesOf = (id: string, resolutions: Unmatched["resolutions"]) =>
  writeOffEntries({ id, resolutions }).map((entry) => ({ ...entry, bookedAtMs: t0 + 2, effectiveAtMs: t0 + 2 }))

const idsOf = (items: ReadonlyArray<Unmatched>) => items.map(({ id }) => id)

onEveryStore("what people decide about unmatched items", (check) => {
  check(
    "is written once while the item stands, and ended once with what it books",
    Effect.gen(function* () {
      const store = yield* PaymentStore
      assert.isFalse(yield* store.askResolution("amounts pi_1", asked()))
      yield* store.reportUnmatched([found("amounts pi_1"), found("amounts pi_2")], t0)
      assert.isTrue(yield* store.askResolution("amounts pi_1", asked()))
      assert.isFalse(yield* store.askResolution("amounts pi_1", asked({ action: "refund" })))
      const seen = { firstSeenAtMs: t0, lastSeenAtMs: t0, resolvedAtMs: null }
      const waiting: Unmatched = { ...found("amounts pi_1"), ...seen, resolutions: [asked()] }
      assert.deepStrictEqual(yield* store.resolving(9), [waiting])
      assert.deepStrictEqual(yield* store.unmatchedItem("amounts pi_1"), waiting)
      const entries = entriesOf("amounts pi_1", [lost])
      assert.isTrue(yield* store.endResolution("amounts pi_1", lost, entries))
      assert.isFalse(yield* store.endResolution("amounts pi_1", lost, entries))
      const ended = { ...waiting, resolvedAtMs: t0 + 2, resolutions: [lost] }
      assert.deepStrictEqual(yield* store.unmatchedItem("amounts pi_1"), ended)
      assert.deepStrictEqual(idsOf(yield* store.unmatched(9)), ["amounts pi_2"])
      assert.deepStrictEqual(yield* store.resolving(9), [])
      const { items } = yield* (yield* Books).entries({ limit: 9 })
      assert.deepStrictEqual(
        items.map(({ id, postings }) => [id, postings.map((it) => `${it.account} ${it.amountMinor}`)]),
        [["entry-unmatched/amounts pi_1/1", ["psp_clearing:stripe -499", "bad_debt 499"]]]
      )
    })
  )

  check(
    "keeps the same difference from being reported again, and another one from being lost",
    Effect.gen(function* () {
      const store = yield* PaymentStore
      yield* store.reportUnmatched([found("amounts pi_1")], t0)
      yield* store.askResolution("amounts pi_1", asked())
      yield* store.endResolution("amounts pi_1", lost, [])
      yield* store.reportUnmatched([found("amounts pi_1")], t0 + 50)
      assert.deepStrictEqual(yield* store.unmatched(9), [])
      yield* store.reportUnmatched([found("amounts pi_1", "0 captured there")], t0 + 60)
      const [again] = yield* store.unmatched(9)
      assert.deepInclude(again, { detail: "0 captured there", firstSeenAtMs: t0 + 60, resolutions: [lost] })
      assert.isTrue(yield* store.askResolution("amounts pi_1", asked({ detail: "0 captured there" })))
      assert.deepStrictEqual((yield* store.unmatchedItem("amounts pi_1"))?.resolutions.length, 2)
    })
  )

  check(
    "leaves the item standing where it could not be done, and for another decision",
    Effect.gen(function* () {
      const store = yield* PaymentStore
      yield* store.reportUnmatched([found("amounts pi_1")], t0)
      yield* store.askResolution("amounts pi_1", asked())
      const failed = asked({ doneAtMs: t0 + 2, why: "It is gone." })
      assert.isTrue(yield* store.endResolution("amounts pi_1", failed, []))
      assert.deepStrictEqual(idsOf(yield* store.unmatched(9)), ["amounts pi_1"])
      yield* store.resolveUnmatched(t0 + 90, t0 + 90)
      yield* store.reportUnmatched([found("amounts pi_1")], t0 + 100)
      assert.deepStrictEqual(idsOf(yield* store.unmatched(9)), ["amounts pi_1"])
      assert.isTrue(yield* store.askResolution("amounts pi_1", asked()))
    })
  )

  check(
    "is listed by id, a page at a time, of those items only",
    Effect.gen(function* () {
      const store = yield* PaymentStore
      yield* store.reportUnmatched(
        ["a", "b", "c", "d"].map((id) => found(id)),
        t0
      )
      for (const id of ["d", "a", "c"]) yield* store.askResolution(id, asked())
      const one = yield* store.decidedUnmatched({ limit: 2 })
      assert.deepStrictEqual([idsOf(one.items), one.next], [["a", "c"], "c"])
      const two = yield* store.decidedUnmatched({ limit: 2, cursor: "c" })
      assert.deepStrictEqual([idsOf(two.items), two.next], [["d"], undefined])
    })
  )
})
