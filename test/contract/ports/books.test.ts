import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { Books } from "#server/books/Books.ts"
import type { Page, PageRequest } from "#server/books/Page.ts"
import { Journal, type StoreUnavailable } from "#server/record/Journal.ts"
import type { Unit } from "#server/record/Unit.ts"
import { cdr, cdrId, entry, entryId, fact, reading, row, sample, started, stateChanged, t0, uuid } from "./makers.ts"
import { onEveryStore } from "./worlds.ts"

/** Turns all the pages of a list. */
const all = Effect.fnUntraced(function* <A>(
  list: (page: PageRequest) => Effect.Effect<Page<A>, StoreUnavailable>,
  limit: number,
  between: Effect.Effect<unknown, unknown> = Effect.void
) {
  const items: Array<A> = []
  let cursor: string | undefined
  do {
    const page = yield* list({ limit, ...(cursor === undefined ? {} : { cursor }) })
    assert.isAtMost(page.items.length, limit)
    items.push(...page.items)
    cursor = page.next
    yield* between
  } while (cursor !== undefined)
  return items
})

const write = (...units: ReadonlyArray<Partial<Unit>>) =>
  Effect.flatMap(Journal, (journal) =>
    Effect.map(journal.commit(units.map((unit) => ({ stationId: "CS-1", epoch: null, ...unit }))), (outcomes) =>
      assert.isTrue(outcomes.every((outcome) => outcome === "Committed"))
    )
  )

onEveryStore("the books", (check) => {
  check(
    "page through transactions newest first, undisturbed by what is added meanwhile",
    Effect.gen(function* () {
      const books = yield* Books
      yield* write({ transactions: [3, 1, 7, 5, 9].map((n) => row({ id: uuid(n) })) })
      let next = 100
      const journal = yield* Journal
      const addNewer = Effect.suspend(() =>
        journal.commit([{ stationId: "CS-1", epoch: null, transactions: [row({ id: uuid(next++) })] }])
      )
      const found = yield* all(books.transactions, 2, addNewer)
      assert.deepStrictEqual(
        found.map((it) => it.id),
        [9, 7, 5, 3, 1].map((n) => uuid(n))
      )
      const exact = yield* books.transactions({ limit: 8 })
      assert.isUndefined(exact.next)
      assert.lengthOf(exact.items, 8)
      assert.deepStrictEqual(yield* books.transactions({ limit: 5, cursor: uuid(1) }), { items: [] })
      assert.deepStrictEqual(yield* books.transactions({ limit: 5, cursor: uuid(0) }), { items: [] })
    })
  )

  check(
    "give a transaction back as it was written",
    Effect.gen(function* () {
      const books = yield* Books
      const full = row({
        id: uuid(1),
        startKey: "1/CARD/x",
        endedAtMs: t0 + 999,
        driverId: "driver",
        stopReason: "Local",
        energyWh: 12_345_678_901,
        findings: [{ code: "meter-gap", atMs: t0, text: "No reading for 61 minutes." }],
        cdrId: cdrId(1),
        settleAtMs: t0 + 1,
        status: "Closed",
        authorization: "Blocked"
      })
      const bare = row({ id: uuid(2), startedAtMs: null, token: null, tariff: null, authorization: null })
      yield* write({ transactions: [full, bare] })
      assert.deepStrictEqual(yield* books.transaction(uuid(1)), full)
      assert.deepStrictEqual(yield* books.transaction(uuid(2)), bare)
      const moved = {
        ...bare,
        evseId: 3,
        connectorId: 2,
        tariff: { id: "night", version: 4, groups: ["b", "ä"] },
        version: 2
      }
      yield* write({ transactions: [moved] })
      assert.deepStrictEqual(yield* books.transaction(uuid(2)), moved)
      assert.isUndefined(yield* books.transaction("nothing"))
    })
  )

  check(
    "page through histories in the order of transactions, each as the journal folds it, filtered alike",
    Effect.gen(function* () {
      const books = yield* Books
      const journal = yield* Journal
      const ids = [1, 2, 3].map((n) => uuid(n))
      yield* write({
        transactions: ids.map((id, index) => row({ id, stationId: "CS-1", ocppId: `t${index}` })),
        facts: ids.flatMap((id) => [fact(id, 0, started()), fact(id, 2, stateChanged(t0 + 5))]),
        samples: [reading(ids[1]!, 1, sample(t0 + 1, 10)), reading(ids[1]!, 1, sample(t0 + 2, 30), { part: 1 })]
      })
      const found = yield* all(books.histories, 2)
      assert.deepStrictEqual(
        found.map(({ id }) => id),
        ids.toReversed()
      )
      assert.lengthOf(found[1]!.samples, 2)
      for (const history of found) assert.deepStrictEqual(yield* journal.transaction({ id: history.id }), history)
      assert.deepStrictEqual(yield* books.histories({ limit: 9, stationId: "CS-404" }), { items: [] })
      assert.deepStrictEqual(yield* books.histories({ limit: 9, cursor: ids[0]! }), { items: [] })
    })
  )

  check(
    "filter transactions by each thing asked for",
    Effect.gen(function* () {
      const books = yield* Books
      const rows = [
        row({ id: uuid(1), driverId: "d1", token: { uid: "A", type: "eMAID" }, startedAtMs: t0 }),
        row({ id: uuid(2), stationId: "CS-2", status: "Ended", startedAtMs: t0 + 10 }),
        row({ id: uuid(3), startedAtMs: null, findings: [{ code: "start-missing", atMs: null, text: "x" }] }),
        row({ id: uuid(4), driverId: "d1", stationId: "CS-2", startedAtMs: t0 + 20 })
      ]
      yield* write(...rows.map((it) => ({ stationId: it.stationId, transactions: [it] })))
      const ids = (filter: object) =>
        Effect.map(books.transactions({ limit: 9, ...filter }), (page) =>
          page.items.map((it) => rows.findIndex((known) => known.id === it.id) + 1)
        )
      assert.deepStrictEqual(yield* ids({ stationId: "CS-2" }), [4, 2])
      assert.deepStrictEqual(yield* ids({ driverId: "d1" }), [4, 1])
      assert.deepStrictEqual(yield* ids({ tokenUid: "A" }), [1])
      assert.deepStrictEqual(yield* ids({ status: "Ended" }), [2])
      assert.deepStrictEqual(yield* ids({ finding: "start-missing" }), [3])
      assert.deepStrictEqual(yield* ids({ finding: "meter-gap" }), [])
      assert.deepStrictEqual(yield* ids({ startedFromMs: t0 + 10 }), [4, 2])
      assert.deepStrictEqual(yield* ids({ startedBeforeMs: t0 + 10 }), [1])
      assert.deepStrictEqual(yield* ids({ driverId: "d1", stationId: "CS-1", status: "Open" }), [1])
      assert.deepStrictEqual(yield* ids({ stationId: "CS-404" }), [])
    })
  )

  check(
    "page through a transaction's readings by the meter's time, across months and equal instants",
    Effect.gen(function* () {
      const books = yield* Books
      const id = uuid(1)
      const other = uuid(2)
      const day = 86_400_000
      const extra = { "Voltage@L1@Outlet": "229.9" }
      const samples = [
        reading(id, 4, sample(t0 + 40 * day, 30, { extra, seqNo: 7, socPercent: 55.5 })),
        reading(id, 2, sample(t0, 10), { part: 1 }),
        reading(id, 2, sample(t0, 10, { powerW: null }), { part: 0 }),
        reading(id, 3, sample(t0 - 400 * day, 5)),
        reading(id, 5, sample(t0 + 900 * day, 40, { context: "End", currentMa: 16_000, voltageMv: 230_000 }))
      ]
      yield* write({ transactions: [row({ id }), row({ id: other })], samples })
      yield* write({ samples: [reading(other, 2, sample(t0, 1))] })
      const found = yield* all((page) => books.samples(id, page), 2)
      assert.deepStrictEqual(found, [samples[3], samples[2], samples[1], samples[0], samples[4]])
      assert.deepStrictEqual(yield* books.samples(uuid(9), { limit: 3 }), { items: [] })
      assert.deepStrictEqual(yield* books.samples(id, { limit: 3, cursor: "rubbish" }), { items: [] })
    })
  )

  check(
    "list a transaction's facts in the order recorded",
    Effect.gen(function* () {
      const books = yield* Books
      const id = uuid(1)
      const facts = [fact(id, 0, started()), fact(id, 2, stateChanged(t0 + 1)), fact(id, 10, stateChanged(t0 + 2))]
      yield* write({ transactions: [row({ id })], facts: [facts[2]!, facts[0]!] })
      yield* write({ facts: [facts[1]!] })
      assert.deepStrictEqual(yield* books.facts(id), facts)
      assert.deepStrictEqual(yield* books.facts(uuid(2)), [])
    })
  )

  check(
    "keep CDRs to the last digit and filter them",
    Effect.gen(function* () {
      const books = yield* Books
      const big = 9_007_199_254_740_993n
      const cdrs = [
        cdr(cdrId(1), uuid(1), { driverId: "d1", grossMinor: big, notes: ["ü ✓"] }),
        cdr(cdrId(2), uuid(2), { stationId: "CS-2", issuedAtMs: t0 + 99 }),
        cdr(cdrId(1, 2), uuid(1), { credit: true, creditReferenceId: cdrId(1), driverId: "d1", grossMinor: -big })
      ]
      yield* write({ transactions: [row({ id: uuid(1) }), row({ id: uuid(2) })], cdrs })
      assert.deepStrictEqual(yield* books.cdr(cdrId(1)), cdrs[0])
      assert.isUndefined(yield* books.cdr(cdrId(7)))
      assert.deepStrictEqual(yield* all(books.cdrs, 1), [cdrs[1], cdrs[2], cdrs[0]])
      const which = (filter: object) =>
        Effect.map(books.cdrs({ limit: 9, ...filter }), (page) =>
          page.items.map((it) => cdrs.findIndex((c) => c.id === it.id))
        )
      assert.deepStrictEqual(yield* which({ stationId: "CS-2" }), [1])
      assert.deepStrictEqual(yield* which({ driverId: "d1" }), [2, 0])
      assert.deepStrictEqual(yield* which({ transactionId: uuid(1) }), [2, 0])
      assert.deepStrictEqual(yield* which({ transactionId: "x" }), [])
      assert.deepStrictEqual(yield* which({ issuedBeforeMs: t0 + 99 + 1 }), [1])
      assert.deepStrictEqual(yield* which({ issuedFromMs: t0 + 100 }), [2, 0])
    })
  )

  check(
    "list entries oldest first and sum accounts by currency, leaving the empty out",
    Effect.gen(function* () {
      const books = yield* Books
      const pair = (amountMinor: bigint) => [
        { account: "receivable:driver:d1", amountMinor },
        { account: "revenue:energy", amountMinor: -amountMinor }
      ]
      const entries = [
        entry(entryId(1), cdrId(1), { postings: pair(9_007_199_254_740_993n) }),
        entry(entryId(2), cdrId(2), { postings: pair(-9_007_199_254_740_000n) }),
        entry(entryId(3), cdrId(3), { currency: "SEK", postings: pair(5n) }),
        entry(entryId(4), cdrId(4), { currency: "NOK", postings: pair(7n) }),
        entry(entryId(5), cdrId(5), { currency: "NOK", postings: pair(-7n) }),
        entry(entryId(6), cdrId(6))
      ]
      yield* write({ entries: entries.slice(3) }, { entries: entries.slice(0, 3) })
      assert.deepStrictEqual(yield* all(books.entries, 4), entries)
      assert.deepStrictEqual((yield* books.entries({ limit: 9, sourceId: cdrId(3) })).items, [entries[2]!])
      assert.deepStrictEqual((yield* books.entries({ limit: 9, account: "vat_payable:DE:19" })).items, [entries[5]!])
      assert.deepStrictEqual(
        (yield* books.balances).map(({ account, currency, amountMinor }) => [account, currency, amountMinor]),
        [
          ["receivable:driver:d1", "EUR", 993n],
          ["receivable:driver:d1", "SEK", 5n],
          ["receivable:token:CARD", "EUR", 476n],
          ["revenue:energy", "EUR", -1393n],
          ["revenue:energy", "SEK", -5n],
          ["vat_payable:DE:19", "EUR", -76n]
        ]
      )
    })
  )
})
