import { assert } from "@effect/vitest"
import { Effect, Result } from "effect"
import { type Cdr, creditOf } from "#core/billing/Cdr.ts"
import { postCdr } from "#core/billing/Ledger.ts"
import { draftOf } from "#core/invoice/draft.ts"
import { creditNoteOf, type Draft, encodeInvoice, type Invoice } from "#core/invoice/Invoice.ts"
import { Books } from "#server/books/Books.ts"
import { Directory } from "#server/directory/Directory.ts"
import { InvoiceStore } from "#server/invoices/InvoiceStore.ts"
import { Journal } from "#server/record/Journal.ts"
import { buyer, seller } from "../../core/invoice/fixtures.ts"
import { cdr, cdrId, reading, row, sample, t0, uuid } from "./makers.ts"
import { onEveryStore } from "./worlds.ts"

const day = 86_400_000
const endedBeforeMs = t0 + 30 * day

const billed = (n: number, over: Partial<Cdr> = {}) => cdr(cdrId(n), uuid(n), { driverId: "ada", ...over })

const commit = (bills: ReadonlyArray<Cdr>, n: ReadonlyArray<number>) =>
  Effect.gen(function* () {
    const journal = yield* Journal
    const transactions = n.map((it) => row({ id: uuid(it), status: "Ended" }))
    const entries = bills.map((bill) => postCdr(bill, { id: `entry-${bill.id}`, bookedAtMs: t0 }))
    const samples = n.flatMap((it) => [
      reading(uuid(it), 2, sample(t0 + 50, 1_500)),
      reading(uuid(it), 1, sample(t0, 1_000)),
      reading(uuid(it), 3, sample(t0 + 60, null))
    ])
    const outcomes = yield* journal.commit([
      { stationId: "CS-1", epoch: null, transactions, samples, cdrs: bills, entries }
    ])
    assert.deepStrictEqual(outcomes, ["Committed"])
  })

const draft = (bills: ReadonlyArray<Cdr>): Draft => {
  const [first, ...others] = bills.map((it) => ({ cdr: it, priceIncludesTax: false, register: null }))
  const request = { kind: "invoice" as const, seller, buyer, language: "de" as const, issuedAtMs: t0 + day }
  return Result.getOrThrow(draftOf({ ...request, bills: [first!, ...others] }))
}

const noteFor = (invoice: Invoice): Draft =>
  creditNoteOf(invoice, { issuedAtMs: t0 + 2 * day, issueDate: "2026-03-03", reason: "wrong" })

const tagOf = <E extends { readonly _tag: string }>(effect: Effect.Effect<unknown, E, never>) =>
  Effect.map(Effect.result(effect), (done) => (Result.isFailure(done) ? done.failure._tag : "done"))

onEveryStore("invoices", (check) => {
  check(
    "keep who sends and who gets them",
    Effect.gen(function* () {
      const store = yield* InvoiceStore
      const directory = yield* Directory
      assert.isUndefined(yield* store.seller)
      yield* store.saveSeller({ ...seller, name: "before" })
      yield* store.saveSeller(seller)
      assert.deepStrictEqual(yield* store.seller, seller)
      const profile = {
        driverId: "ada",
        language: "en" as const,
        company: "X",
        address: null,
        vatId: null,
        reference: null
      }
      assert.strictEqual(yield* tagOf(store.saveProfile(profile)), "NotFound")
      yield* directory.createDriver({ id: "ada", name: "Ada", email: null, createdAtMs: t0 })
      yield* store.saveProfile(profile)
      yield* store.saveProfile({ ...profile, company: null })
      assert.deepStrictEqual(yield* store.profile("ada"), { ...profile, company: null })
      assert.isUndefined(yield* store.profile("bob"))
    })
  )

  check(
    "tell what is open: of a driver, with something to pay, ended in time, not credited, on no document",
    Effect.gen(function* () {
      const store = yield* InvoiceStore
      const bills = [
        billed(1),
        billed(2, { endAtMs: endedBeforeMs }),
        billed(3, { netMinor: 0n, taxMinor: 0n, grossMinor: 0n, lines: [], taxes: [] }),
        billed(4),
        creditOf(billed(4), { id: cdrId(4, 2), issuedAtMs: t0 }),
        billed(5, { driverId: "bob" }),
        billed(6, { driverId: null }),
        billed(7)
      ]
      yield* commit(bills, [1, 2, 3, 4, 5, 6, 7])
      const open = (driverId: string, limit = 10) =>
        Effect.map(store.openCdrs({ driverId, endedBeforeMs, limit }), (cdrs) => cdrs.map(({ id }) => id))
      assert.deepStrictEqual(yield* store.driversWithOpen({ endedBeforeMs, limit: 10 }), ["ada", "bob"])
      assert.deepStrictEqual(yield* store.driversWithOpen({ endedBeforeMs, limit: 1 }), ["ada"])
      assert.deepStrictEqual(yield* store.driversWithOpen({ endedBeforeMs, limit: 9, after: "ada" }), ["bob"])
      assert.deepStrictEqual(yield* open("ada"), [cdrId(1), cdrId(7)])
      assert.deepStrictEqual(yield* open("ada", 1), [cdrId(1)])
      yield* store.issue(draft([billed(1)]))
      assert.deepStrictEqual(yield* open("ada"), [cdrId(7)])
      const registers = yield* store.registers([uuid(1), uuid(7), uuid(99)])
      assert.deepStrictEqual([...registers.keys()].sort(), [uuid(1), uuid(7)])
      assert.deepStrictEqual(registers.get(uuid(1)), { startWh: 1_000, stopWh: 1_500 })
    })
  )

  check(
    "number documents without a gap, book them, and never bill a CDR twice",
    Effect.gen(function* () {
      const store = yield* InvoiceStore
      const books = yield* Books
      yield* commit([billed(1), billed(2), billed(3)], [1, 2, 3])
      const first = yield* store.issue(draft([billed(1)]))
      assert.strictEqual(first.id, "RE2026-000001")
      assert.strictEqual(yield* tagOf(store.issue(draft([billed(2), billed(1)]))), "NotOpen")
      assert.strictEqual(yield* store.voidNumber({ series: "RE2026", reason: "torn", voidedAtMs: t0 }), 2)
      const second = yield* store.issue(draft([billed(2), billed(3)]))
      assert.strictEqual(second.id, "RE2026-000003")
      assert.deepStrictEqual(yield* store.series, [
        { series: "RE2026", nextSequence: 4, voids: [{ sequence: 2, reason: "torn", voidedAtMs: t0 }] }
      ])
      const stored = yield* store.get(second.id)
      assert.strictEqual(JSON.stringify(encodeInvoice(stored!)), JSON.stringify(encodeInvoice(second)))
      assert.strictEqual((yield* store.standingFor(cdrId(3)))?.id, second.id)
      const { items } = yield* books.entries({ sourceId: second.id, limit: 10 })
      assert.deepStrictEqual(
        items.map(({ source }) => source),
        [{ kind: "invoice", id: second.id }]
      )
      const sum = (yield* books.balances).reduce((total, { amountMinor }) => total + amountMinor, 0n)
      assert.strictEqual(sum, 0n)
    })
  )

  check(
    "are credited once, which opens their CDRs again",
    Effect.gen(function* () {
      const store = yield* InvoiceStore
      yield* commit([billed(1), billed(2)], [1, 2])
      const invoice = yield* store.issue(draft([billed(1), billed(2)]))
      assert.deepStrictEqual(yield* store.outdated({ limit: 10 }), [])
      const correction = [creditOf(billed(1), { id: cdrId(1, 2), issuedAtMs: t0 }), { ...billed(1), id: cdrId(1, 3) }]
      yield* commit(correction, [])
      assert.deepStrictEqual(yield* store.outdated({ limit: 10 }), [invoice.id])
      assert.deepStrictEqual(yield* store.outdated({ limit: 10, after: invoice.id }), [])
      const note = yield* store.credit(noteFor(invoice))
      assert.deepInclude(note, { id: "GS2026-000001", kind: "credit-note" })
      assert.strictEqual(yield* tagOf(store.credit(noteFor(invoice))), "NotCreditable")
      assert.strictEqual((yield* store.series).find(({ series }) => series === "GS2026")?.nextSequence, 2)
      assert.isUndefined(yield* store.standingFor(cdrId(2)))
      assert.deepStrictEqual(yield* store.outdated({ limit: 10 }), [])
      assert.strictEqual(yield* tagOf(store.issue(draft([billed(1)]))), "NotOpen")
      yield* store.issue(draft([{ ...billed(1), id: cdrId(1, 3) }, billed(2)]))
      const list = (filter: object) =>
        Effect.map(store.list({ limit: 2, ...filter }), ({ items }) => items.map(({ id }) => id))
      assert.deepStrictEqual(yield* list({}), ["RE2026-000002", "RE2026-000001"])
      assert.deepStrictEqual(yield* list({ cursor: "RE2026-000001" }), ["GS2026-000001"])
      assert.deepStrictEqual(yield* list({ kind: "credit-note", driverId: "ada" }), ["GS2026-000001"])
      assert.deepStrictEqual(yield* list({ driverId: "bob" }), [])
      assert.deepStrictEqual(yield* list({ issuedFromMs: t0 + 2 * day }), ["GS2026-000001"])
    })
  )
})
