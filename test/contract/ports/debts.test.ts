import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { type DebtFact, evolve } from "#core/dunning/Debt.ts"
import { standardDunning } from "#core/dunning/next.ts"
import { newEntries } from "#core/dunning/post.ts"
import { feeDraftOf } from "#core/invoice/feeDraft.ts"
import { creditNoteOf } from "#core/invoice/Invoice.ts"
import { feesUntil } from "#core/subscription/fees.ts"
import { Books } from "#server/books/Books.ts"
import { Directory } from "#server/directory/Directory.ts"
import { type DebtRecord, DebtStore } from "#server/dunning/DebtStore.ts"
import { InvoiceStore } from "#server/invoices/InvoiceStore.ts"
import { buyer, seller } from "../../core/invoice/fixtures.ts"
import { begun } from "../../core/subscription/makers.ts"
import { t0 } from "./makers.ts"
import { onEveryStore } from "./worlds.ts"

const issued = Effect.fnUntraced(function* (driverId: string) {
  const [item] = feesUntil(begun(t0), t0)
  return yield* (yield* InvoiceStore).issue(
    feeDraftOf({ seller, buyer, language: "de", issuedAtMs: t0, driverId, items: [item!] })
  )
})

const terms = (driverId: string) => ({
  driverId,
  currency: "EUR",
  amountMinor: 999n,
  dueDate: "2026-03-15",
  timeZone: "Europe/Berlin"
})

const seeded = Effect.gen(function* () {
  const directory = yield* Directory
  for (const id of ["ada", "bob"]) {
    yield* directory.createDriver({ id, name: id, email: null, createdAtMs: t0 })
    yield* directory.createToken({
      uid: `CARD-${id}`,
      type: "ISO14443",
      groupId: null,
      driverId: id,
      expiresAtMs: null,
      blockedAtMs: null,
      concurrencyLimit: null,
      allowedStations: null,
      partnerId: null,
      createdAtMs: t0
    })
  }
  return yield* DebtStore
})

const change = (record: DebtRecord, facts: ReadonlyArray<DebtFact>, dueAtMs: number | null = null) => ({
  record,
  facts,
  entries: newEntries(record.debt, facts.reduce(evolve, record.debt), t0),
  dueAtMs
})

onEveryStore("the debt store", (check) => {
  check(
    "finds invoices that nobody watches, and debts whose invoice was taken back",
    Effect.gen(function* () {
      const store = yield* seeded
      const first = yield* issued("ada")
      const second = yield* issued("bob")
      assert.deepStrictEqual(
        (yield* store.unwatched(9)).map(({ id }) => id),
        [first.id, second.id]
      )
      yield* store.open(first.id, terms("ada"), t0)
      yield* store.open(first.id, { ...terms("ada"), amountMinor: 5n }, t0)
      assert.strictEqual((yield* store.get(first.id))!.debt.amountMinor, 999n)
      assert.deepStrictEqual(
        (yield* store.unwatched(9)).map(({ id }) => id),
        [second.id]
      )
      const invoices = yield* InvoiceStore
      for (const invoice of [first, second])
        yield* invoices.credit(creditNoteOf(invoice, { issuedAtMs: t0, issueDate: "2026-03-01", reason: "x" }))
      assert.deepStrictEqual(yield* store.unwatched(9), [])
      assert.deepStrictEqual(yield* store.takenBack(9), [first.id])
      yield* store.commit(change((yield* store.get(first.id))!, [{ _tag: "Credited", atMs: t0 }]))
      assert.deepStrictEqual(yield* store.takenBack(9), [])
    })
  )

  check(
    "writes facts with what they book, once, and tells with the driver's tokens that they may start nothing",
    Effect.gen(function* () {
      const store = yield* seeded
      const directory = yield* Directory
      const { id } = yield* issued("ada")
      yield* store.open(id, terms("ada"), t0)
      const record = (yield* store.get(id))!
      const facts: ReadonlyArray<DebtFact> = [
        { _tag: "Reminded", atMs: t0, level: 1, feeMinor: 250n },
        { _tag: "Suspended", atMs: t0 + 5 }
      ]
      const done = yield* store.commit(change(record, facts, t0 + 9))
      assert.deepStrictEqual(yield* store.get(id), done)
      assert.strictEqual(yield* store.commit(change(record, facts)), "Stale")
      assert.deepStrictEqual(yield* store.facts(id), facts)
      const known = yield* directory.token("CARD-ada")
      assert.strictEqual(known!.suspendedAtMs, t0 + 5)
      assert.isUndefined((yield* directory.token("CARD-bob"))!.suspendedAtMs)
      yield* directory.updateToken({ ...known!, groupId: "G" })
      const entries = yield* (yield* Books).entries({ limit: 9, sourceId: `${id}/reminder/1` })
      assert.lengthOf(entries.items, 1)
      const paid: DebtFact = { _tag: "Transferred", atMs: t0, id: "t", amountMinor: 1249n }
      yield* store.commit(change((yield* store.get(id))!, [paid]))
      assert.isUndefined((yield* directory.token("CARD-ada"))!.suspendedAtMs)
      const list = yield* store.list({ limit: 9, driverId: "ada", state: "paid" })
      assert.deepStrictEqual(
        list.items.map(({ debt }) => debt.invoiceId),
        [id]
      )
      assert.deepStrictEqual((yield* store.list({ limit: 9, state: "open" })).items, [])
    })
  )

  check(
    "gives what is due to one caller alone, and keeps the rules",
    Effect.gen(function* () {
      const store = yield* seeded
      const { id } = yield* issued("ada")
      yield* store.open(id, terms("ada"), t0)
      assert.deepStrictEqual(yield* store.claim(t0, t0 + 100, 9), [id])
      assert.deepStrictEqual(yield* store.claim(t0 + 99, t0 + 200, 9), [])
      assert.deepStrictEqual(yield* store.claim(t0 + 100, t0 + 200, 9), [id])
      assert.isUndefined(yield* store.policy)
      yield* store.savePolicy(standardDunning)
      assert.deepStrictEqual(yield* store.policy, standardDunning)
    })
  )
})
