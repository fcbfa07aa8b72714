import { assert, it } from "@effect/vitest"
import { Effect, Layer, Result } from "effect"
import { type Cdr, creditOf } from "#core/billing/Cdr.ts"
import { isBalanced, postCdr } from "#core/billing/Ledger.ts"
import { Books } from "#server/books/Books.ts"
import { Directory } from "#server/directory/Directory.ts"
import { InvoiceStore } from "#server/invoices/InvoiceStore.ts"
import { Invoicing } from "#server/invoices/Invoicing.ts"
import * as Memory from "#server/memory/Memory.ts"
import { Journal } from "#server/record/Journal.ts"
import { cdr, cdrId, row, t0, uuid } from "../../contract/ports/makers.ts"
import { seller } from "../../core/invoice/fixtures.ts"

const endedBeforeMs = t0 + 86_400_000

const services = () =>
  Invoicing.layer.pipe(Layer.provideMerge(Layer.suspend(() => Memory.layer(new Memory.MemoryState()))))

const billed = (n: number, over: Partial<Cdr> = {}) => cdr(cdrId(n), uuid(n), { driverId: "ada", ...over })

const commit = (bills: ReadonlyArray<Cdr>) =>
  Effect.gen(function* () {
    const journal = yield* Journal
    const transactions = bills.map((it) => row({ id: it.transactionId, status: "Ended" }))
    const entries = bills.map((bill) => postCdr(bill, { id: `entry-${bill.id}`, bookedAtMs: t0 }))
    yield* journal.commit([{ stationId: "CS-1", epoch: null, transactions, cdrs: bills, entries }])
  })

const opened = Effect.gen(function* () {
  const store = yield* InvoiceStore
  const directory = yield* Directory
  yield* store.saveSeller(seller)
  for (const id of ["ada", "bob"]) yield* directory.createDriver({ id, name: id, email: null, createdAtMs: t0 })
})

it.effect("a month's run issues one document per driver and currency, and run again nothing", () =>
  Effect.gen(function* () {
    const invoicing = yield* Invoicing
    const store = yield* InvoiceStore
    const early = yield* Effect.result(invoicing.run({ endedBeforeMs }))
    assert.strictEqual(Result.isFailure(early) ? early.failure._tag : "", "NoSeller")
    yield* opened
    const untaxed = billed(4).lines.map((line) => ({ ...line, vatPercent: null }))
    yield* commit([
      billed(2, { startAtMs: t0 + 5 }),
      billed(1, { startAtMs: t0 + 9 }),
      billed(3, { currency: "CHF" }),
      billed(4, { lines: untaxed }),
      billed(5, { driverId: "bob" })
    ])
    const report = yield* invoicing.run({ endedBeforeMs })
    assert.deepStrictEqual(report, {
      issued: ["RE1970-000001", "RE1970-000002", "RE1970-000003"],
      credited: [],
      refused: [{ cdrId: cdrId(4), reason: "tax-without-rate" }]
    })
    const first = yield* store.get("RE1970-000001")
    assert.deepStrictEqual(
      first?.sessions.map(({ cdrId }) => cdrId),
      [cdrId(2), cdrId(1)]
    )
    assert.strictEqual(first?.buyer?.name, "ada")
    assert.deepStrictEqual((yield* invoicing.run({ endedBeforeMs })).issued, [])
  }).pipe(Effect.provide(services()))
)

it.effect("a receipt is issued once, and the month's run passes over its session", () =>
  Effect.gen(function* () {
    const invoicing = yield* Invoicing
    yield* opened
    yield* commit([billed(1), billed(2, { driverId: null })])
    const receipt = yield* invoicing.receipt(uuid(1))
    assert.deepInclude(receipt, { kind: "receipt", dueDate: null, payableMinor: 476n })
    assert.strictEqual((yield* invoicing.receipt(uuid(1))).id, receipt.id)
    assert.isNull((yield* invoicing.receipt(uuid(2))).buyer)
    assert.deepStrictEqual((yield* invoicing.run({ endedBeforeMs })).issued, [])
    const unknown = yield* Effect.result(invoicing.receipt(uuid(9)))
    assert.strictEqual(Result.isFailure(unknown) ? unknown.failure._tag : "", "NotFound")
  }).pipe(Effect.provide(services()))
)

it.effect(
  "a bill that changed after its invoice makes a credit note and a new invoice, and the ledger stays even",
  () =>
    Effect.gen(function* () {
      const invoicing = yield* Invoicing
      const store = yield* InvoiceStore
      const books = yield* Books
      yield* opened
      yield* commit([billed(1), billed(2)])
      yield* invoicing.run({ endedBeforeMs })
      const dearer = billed(1, { id: cdrId(1, 3), netMinor: 500n, taxMinor: 95n, grossMinor: 595n })
      const lines = dearer.lines.map((line) => ({ ...line, net: "5.00", tax: "0.95", netMinor: 500n, taxMinor: 95n }))
      const taxes = [{ vatPercent: "19", netMinor: 500n, taxMinor: 95n }]
      yield* commit([creditOf(billed(1), { id: cdrId(1, 2), issuedAtMs: t0 }), { ...dearer, lines, taxes }])
      const report = yield* invoicing.run({ endedBeforeMs })
      assert.deepStrictEqual(report, {
        issued: ["RE1970-000002"],
        credited: [{ id: "RE1970-000001", creditNoteId: "GS1970-000001" }],
        refused: []
      })
      const [before, note, after] = yield* Effect.all([
        store.get("RE1970-000001"),
        store.get("GS1970-000001"),
        store.get("RE1970-000002")
      ])
      assert.strictEqual(note?.payableMinor, before?.payableMinor)
      assert.deepStrictEqual(note?.lines, before?.lines)
      assert.strictEqual(note?.credits?.id, before?.id)
      assert.strictEqual(after?.payableMinor, 476n + 595n)
      const { items } = yield* books.entries({ limit: 100 })
      for (const entry of items) assert.isTrue(isBalanced(entry))
      const owed = (yield* books.balances).find(({ account }) => account === "receivable:driver:ada")
      assert.strictEqual(owed?.amountMinor, after?.payableMinor)
      assert.deepStrictEqual((yield* invoicing.run({ endedBeforeMs })).credited, [])
      const twice = yield* Effect.result(invoicing.credit("RE1970-000001", "again"))
      assert.strictEqual(Result.isFailure(twice) ? twice.failure._tag : "", "NotCreditable")
    }).pipe(Effect.provide(services()))
)
