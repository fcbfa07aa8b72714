import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { postCdr } from "#core/billing/Ledger.ts"
import { draftOf } from "#core/invoice/draft.ts"
import { type CorrectionOutcome, CorrectionStore } from "#server/corrections/CorrectionStore.ts"
import { InvoiceStore } from "#server/invoices/InvoiceStore.ts"
import { Journal } from "#server/record/Journal.ts"
import { seller } from "#test/core/invoice/fixtures.ts"
import { cdr, cdrId, row, t0, uuid } from "./makers.ts"
import { onEveryStore } from "./worlds.ts"

const request = (n: number, over: { readonly requestId?: string } = {}) => ({
  id: uuid(n),
  transactionId: uuid(1, 7),
  requestId: `case-${n}`,
  tariff: n % 2 === 0 ? { id: "cheap", version: 2 } : null,
  reason: "The cable would not come out.",
  requestedBy: "desk",
  requestedAtMs: t0 + n,
  ...over
})

const waiting = (n: number) => ({
  ...request(n),
  status: "Waiting" as const,
  documentId: null,
  doneAtMs: null,
  why: null,
  outcome: null
})

const outcome: CorrectionOutcome = {
  currency: "EUR",
  beforeMinor: "476",
  afterMinor: "0",
  creditCdrId: "a-2",
  cdrId: null,
  creditNoteId: "GS2026-000001",
  invoiceIds: [],
  settledBy: "payment",
  paymentId: uuid(3)
}

/** A receipt, for a correction to name. */
const receipt = Effect.gen(function* () {
  const bill = cdr(cdrId(1), uuid(1))
  const transactions = [row({ id: uuid(1), status: "Ended" })]
  const entries = [postCdr(bill, { id: "entry-1", bookedAtMs: t0 })]
  yield* (yield* Journal).commit([{ stationId: "CS-1", epoch: null, transactions, cdrs: [bill], entries }])
  const session = { cdr: bill, priceIncludesTax: false, register: null }
  const request = { kind: "receipt", seller, buyer: null, language: "de", issuedAtMs: t0, bills: [session] } as const
  const drafted = draftOf(request)
  if (drafted._tag === "Failure") return assert.fail("no document can be made of it")
  return (yield* (yield* InvoiceStore).issue(drafted.success)).id
})

onEveryStore("corrections of bills", (check) => {
  check(
    "are kept once for a name and a transaction, and nobody takes one up before it is due",
    Effect.gen(function* () {
      const store = yield* CorrectionStore
      assert.deepStrictEqual(yield* store.add(request(1), t0 + 100), waiting(1))
      assert.deepStrictEqual(yield* store.add(request(2, { requestId: "case-1" }), t0), waiting(1))
      const elsewhere = { ...request(3, { requestId: "case-1" }), transactionId: uuid(2, 7) }
      assert.strictEqual((yield* store.add(elsewhere, t0 + 100)).id, uuid(3))
      assert.deepStrictEqual(yield* store.claim(t0 + 99, t0 + 200, 10), [])
      const taken = yield* store.claim(t0 + 100, t0 + 200, 10)
      assert.deepStrictEqual(
        taken.map(({ id }) => id),
        [uuid(1), uuid(3)]
      )
      assert.deepStrictEqual(yield* store.claim(t0 + 199, t0 + 300, 10), [])
      yield* store.postpone(uuid(3), t0 + 150)
      const [again] = yield* store.claim(t0 + 150, t0 + 300, 10)
      assert.strictEqual(again?.id, uuid(3))
    })
  )

  check(
    "end once, and keep the document that had the bill from the first who tells it",
    Effect.gen(function* () {
      const store = yield* CorrectionStore
      const documentId = yield* receipt
      for (const n of [2, 4]) yield* store.add(request(n), t0)
      yield* store.trace(uuid(2), documentId)
      yield* store.end(uuid(2), { status: "Done", outcome }, t0 + 50)
      yield* store.end(uuid(2), { status: "Refused", why: "late" }, t0 + 60)
      yield* store.postpone(uuid(2), t0)
      const done = { ...waiting(2), status: "Done", documentId, doneAtMs: t0 + 50, outcome } as const
      assert.deepStrictEqual(yield* store.get(uuid(2)), done)
      yield* store.end(uuid(4), { status: "Refused", why: "not billed yet" }, t0 + 70)
      const refused = { ...waiting(4), status: "Refused", doneAtMs: t0 + 70, why: "not billed yet" } as const
      assert.deepStrictEqual(yield* store.get(uuid(4)), refused)
      assert.deepStrictEqual(yield* store.claim(t0 + 999, t0 + 1_000, 10), [])
      assert.deepStrictEqual(yield* store.add(request(2), t0), done)
      assert.isUndefined(yield* store.get("no-id-of-ours"))
    })
  )

  check(
    "are listed newest first, of all transactions or of one",
    Effect.gen(function* () {
      const store = yield* CorrectionStore
      for (const n of [1, 2, 3]) yield* store.add(request(n), t0)
      yield* store.add({ ...request(4), transactionId: uuid(2, 7) }, t0)
      const one = yield* store.list({ limit: 2 })
      assert.deepStrictEqual(
        one.items.map(({ id }) => id),
        [uuid(4), uuid(3)]
      )
      const two = yield* store.list({ limit: 2, cursor: one.next! })
      assert.deepStrictEqual(two, { items: [waiting(2), waiting(1)] })
      const own = yield* store.list({ limit: 9, transactionId: uuid(2, 7) })
      assert.deepStrictEqual(
        own.items.map(({ id }) => id),
        [uuid(4)]
      )
      assert.deepStrictEqual(yield* store.list({ limit: 9, transactionId: "none" }), { items: [] })
    })
  )
})
