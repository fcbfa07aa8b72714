import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { type ChargeOrder, orderForMs } from "#core/transaction/ChargeOrder.ts"
import { begin, evolve } from "#core/transaction/Transaction.ts"
import { Books } from "#server/books/Books.ts"
import { Journal, type UnitOutcome } from "#server/record/Journal.ts"
import { identityOf } from "#server/record/stored.ts"
import type { Unit } from "#server/record/Unit.ts"
import { cdr, cdrId, entry, entryId, fact, reading, row, sample, started, stateChanged, t0, uuid } from "./makers.ts"
import { onEveryStore } from "./worlds.ts"

const words = (outcomes: ReadonlyArray<UnitOutcome>) =>
  outcomes.map((outcome) => (typeof outcome === "string" ? outcome : outcome._tag))

const id = uuid(1)
const first = (epoch: number | null): Unit => ({
  stationId: "CS-1",
  epoch,
  connectors: [{ evseId: 1, connectorId: 1, status: "Occupied", errorCode: null, info: null, statusAtMs: t0 }],
  transactions: [row({ id })],
  facts: [fact(id, 0, started())],
  samples: [reading(id, 1, sample(t0, 500, { context: "Begin", seqNo: 0 }))]
})
const second = (epoch: number | null): Unit => ({
  stationId: "CS-1",
  epoch,
  samples: [
    reading(id, 2, sample(t0 + 60_000, 700, { seqNo: 1 })),
    reading(id, 2, sample(t0 + 60_000, null, { powerW: null, extra: { "Temperature@@EV": "21.5" }, seqNo: 1 }), {
      part: 1
    })
  ]
})

onEveryStore("the journal", (check, world) => {
  check(
    "gives back exactly what was committed, folded again",
    Effect.gen(function* () {
      const journal = yield* Journal
      const [epoch] = yield* journal.claim(["CS-1"])
      const told = { vendor: "V", model: "M", serialNumber: null, firmwareVersion: "1", reason: "PowerUp", atMs: t0 }
      const boot = { ...told, answered: "Pending" } as const
      const variables = [{ component: "C", variable: "V", instance: "", value: "1", mutability: "ReadOnly" }]
      assert.deepStrictEqual(words(yield* journal.commit([{ ...first(epoch!), boot, variables }])), ["Committed"])
      assert.deepStrictEqual(words(yield* journal.commit([second(epoch!)])), ["Committed"])
      const [snapshot] = yield* journal.load(["CS-1"])
      const [a, b, c] = [first(1).samples![0]!, ...second(1).samples!].map((stored) => stored.sample)
      const expected = [
        started(),
        { _tag: "Sampled" as const, samples: [a!], seqNo: 0 },
        { _tag: "Sampled" as const, samples: [b!, c!], seqNo: 1 }
      ].reduce(evolve, begin(identityOf(row({ id }))))
      assert.deepStrictEqual(snapshot, {
        boot,
        connectors: first(1).connectors!,
        variables,
        transactions: [expected],
        registers: [{ evseId: 1, registerWh: 700, atMs: t0 + 60_000 }],
        orders: []
      })
      assert.deepStrictEqual(yield* journal.transaction({ id }), expected)
      assert.deepStrictEqual(yield* journal.transaction({ stationId: "CS-1", ocppId: `ocpp-${id}` }), expected)
      assert.isUndefined(yield* journal.transaction({ stationId: "CS-2", ocppId: `ocpp-${id}` }))
      assert.isUndefined(yield* journal.transaction({ id: "no id of ours" }))
    })
  )

  check(
    "finds the transaction that had begun last at a connector by an instant",
    Effect.gen(function* () {
      const journal = yield* Journal
      const begun = (n: number, startedAtMs: number | null, over: Partial<ReturnType<typeof row>> = {}) =>
        row({ id: uuid(n), startedAtMs, ...over })
      const rows = [
        begun(4, t0),
        begun(3, t0 + 60),
        begun(2, t0 + 60, { status: "Ended", endedAtMs: t0 + 90 }),
        begun(5, t0 + 30, { connectorId: 2 }),
        begun(6, t0 + 50, { evseId: 2 }),
        begun(7, null)
      ]
      yield* journal.commit([{ stationId: "CS-1", epoch: null, transactions: rows }])
      const place = { stationId: "CS-1", evseId: 1, connectorId: 1 }
      const found = (by: Partial<typeof place> & { readonly begunBy: number }) =>
        Effect.map(journal.transaction({ ...place, ...by }), (it) => it?.id)
      assert.isUndefined(yield* found({ begunBy: t0 - 1 }))
      assert.strictEqual(yield* found({ begunBy: t0 }), uuid(4))
      assert.strictEqual(yield* found({ begunBy: t0 + 59 }), uuid(4))
      assert.strictEqual(yield* found({ begunBy: t0 + 60 }), uuid(3))
      assert.strictEqual(yield* found({ begunBy: t0 + 99, connectorId: 2 }), uuid(5))
      assert.strictEqual(yield* found({ begunBy: t0 + 99, evseId: 2 }), uuid(6))
      assert.isUndefined(yield* found({ begunBy: t0 + 99, stationId: "CS-2" }))
    })
  )

  check(
    "recognises a batch that it had written already, and changes nothing",
    Effect.gen(function* () {
      const journal = yield* Journal
      const books = yield* Books
      const [epoch] = yield* journal.claim(["CS-1"])
      const settled: Unit = {
        stationId: "CS-1",
        epoch: epoch!,
        facts: [fact(id, 3, { _tag: "Settled", atMs: t0, cdrId: cdrId(9), revision: 1 })],
        cdrs: [cdr(cdrId(9), id)],
        entries: [entry(entryId(9), cdrId(9))]
      }
      const batch = [first(epoch!), second(epoch!), settled]
      assert.deepStrictEqual(words(yield* journal.commit(batch)), ["Committed", "Committed", "Committed"])
      const before = yield* journal.load(["CS-1"])
      assert.deepStrictEqual(words(yield* journal.commit(batch)), ["Repeated", "Repeated", "Repeated"])
      const third: Unit = { stationId: "CS-1", epoch: epoch!, facts: [fact(id, 4, stateChanged(t0))] }
      assert.deepStrictEqual(words(yield* journal.commit([second(epoch!), third])), ["Repeated", "Committed"])
      assert.strictEqual((yield* journal.load(["CS-1"]))[0]!.transactions[0]!.factCount, 5)
      assert.strictEqual(before[0]!.transactions[0]!.factCount, 4)
      assert.lengthOf((yield* books.samples(id, { limit: 10 })).items, 3)
      assert.lengthOf((yield* books.entries({ limit: 10 })).items, 1)
    })
  )

  check(
    "fences units of an older claim, and only those",
    Effect.gen(function* () {
      const journal = yield* Journal
      const [old, other] = yield* journal.claim(["CS-1", "CS-2"])
      const [fresh] = yield* journal.claim(["CS-1"])
      assert.isTrue(fresh! > old!)
      const outcomes = yield* journal.commit([
        first(old!),
        { stationId: "CS-2", epoch: other!, transactions: [row({ id: uuid(2), stationId: "CS-2" })] },
        first(fresh!)
      ])
      assert.deepStrictEqual(words(outcomes), ["Fenced", "Committed", "Committed"])
      assert.deepStrictEqual(words(yield* journal.commit([{ stationId: "CS-3", epoch: 1 }])), ["Fenced"])
    })
  )

  check(
    "keeps orders until they are over, of a token at an EVSE the last, and lets go what is too old",
    Effect.gen(function* () {
      const journal = yield* Journal
      const [epoch] = yield* journal.claim(["CS-1"])
      const order = (evseId: number, tokenUid: string, maxWh: number, askedAtMs = t0): ChargeOrder => ({
        evseId,
        tokenUid,
        limit: { maxWh, maxMs: 60_000, maxMinor: null },
        askedAtMs
      })
      const orders = Effect.map(journal.load(["CS-1", "CS-2"]), (found) => found.map((snapshot) => snapshot.orders))
      const write = (unit: Partial<Unit>) => journal.commit([{ stationId: "CS-1", epoch: epoch!, ...unit }])
      const first = order(2, "A", 1)
      yield* journal.commit([
        { stationId: "CS-1", epoch: epoch!, orders: [order(1, "B", 1), first] },
        { stationId: "CS-2", epoch: null, orders: [order(1, "A", 7)] }
      ])
      yield* write({ orders: [order(1, "B", 2), order(1, "A", 3)] })
      assert.deepStrictEqual(yield* orders, [[order(1, "A", 3), order(1, "B", 2), first], [order(1, "A", 7)]])
      const begun: Unit = { stationId: "CS-1", epoch: epoch!, ordersDone: [first] }
      const facts = [fact(id, 0, started())]
      yield* journal.commit([{ ...begun, transactions: [row({ id })], facts }])
      assert.deepStrictEqual(words(yield* journal.commit([{ ...begun, facts }])), ["Repeated"])
      assert.deepStrictEqual((yield* orders)[0], [order(1, "A", 3), order(1, "B", 2)])
      const late = order(1, "B", 9, t0 + orderForMs + 1)
      yield* write({ orders: [late] })
      assert.deepStrictEqual(yield* orders, [[late], [order(1, "A", 7)]])
    })
  )

  check(
    "gives two claims of one station in one call an epoch each, in order",
    Effect.gen(function* () {
      const journal = yield* Journal
      const [a, b, c] = yield* journal.claim(["CS-1", "CS-2", "CS-1"])
      assert.deepStrictEqual([a, b, c], [1, 1, 2])
      assert.deepStrictEqual(words(yield* journal.commit([first(a!), first(c!)])), ["Fenced", "Committed"])
    })
  )

  check(
    "refuses what contradicts the books, alone",
    Effect.gen(function* () {
      const journal = yield* Journal
      yield* journal.commit([
        { ...first(null), transactions: [row({ id, ocppId: "7", startKey: "key" })] },
        { stationId: "CS-1", epoch: null, cdrs: [cdr(cdrId(8), id)], entries: [entry(entryId(8), cdrId(8))] }
      ])
      const unit = (part: Partial<Unit>): Unit => ({ stationId: "CS-1", epoch: null, ...part })
      const bad: ReadonlyArray<Unit> = [
        unit({ transactions: [row({ id: uuid(2), ocppId: "7" })] }),
        unit({ transactions: [row({ id: uuid(3), startKey: "key" })] }),
        unit({ facts: [fact(uuid(4), 0, started())] }),
        unit({ samples: [reading(uuid(5), 0, sample(t0, 1))] }),
        unit({ facts: [fact(id, 0, started(t0 + 1))] }),
        unit({ samples: [reading(id, 1, sample(t0, 501, { context: "Begin", seqNo: 0 }))] }),
        unit({ facts: [fact(id, 0, started()), fact(id, 9, stateChanged(t0))] }),
        unit({ facts: [fact(id, 20, stateChanged(t0)), fact(id, 20, stateChanged(t0))] }),
        unit({ cdrs: [cdr(cdrId(6), uuid(6))] }),
        unit({ entries: [entry(entryId(7), cdrId(8))] }),
        unit({
          cdrs: [1, 2].map((n) => cdr(cdrId(8, 1 + n), id, { credit: true, creditReferenceId: cdrId(8) }))
        })
      ]
      const good = Array.from({ length: bad.length + 1 }, (_, n) =>
        unit({ facts: [fact(id, 100 + n, stateChanged(t0 + n))] })
      )
      const batch = bad.flatMap((unit, n) => [good[n]!, unit])
      const outcomes = words(yield* journal.commit([...batch, good[bad.length]!]))
      assert.deepStrictEqual(outcomes, [...bad.flatMap(() => ["Committed", "UnitRefused"]), "Committed"])
      assert.strictEqual((yield* journal.transaction({ id }))?.factCount, 2 + good.length)
    })
  )

  check(
    "refuses an entry whose postings do not sum to zero",
    Effect.gen(function* () {
      const journal = yield* Journal
      const books = yield* Books
      const crooked = entry(entryId(3), cdrId(3), {
        postings: [
          { account: "receivable:unidentified", amountMinor: 100n },
          { account: "revenue:energy", amountMinor: -99n }
        ]
      })
      const straight = entry(entryId(4), cdrId(4))
      const outcomes = yield* journal.commit([
        { stationId: "CS-1", epoch: null, entries: [crooked] },
        { stationId: "CS-1", epoch: null, entries: [straight] }
      ])
      assert.deepStrictEqual(words(outcomes), ["UnitRefused", "Committed"])
      assert.deepStrictEqual((yield* books.entries({ limit: 5 })).items, [straight])
      const balances = yield* books.balances
      assert.deepStrictEqual(balances, [
        { account: "receivable:token:CARD", currency: "EUR", amountMinor: 476n },
        { account: "revenue:energy", currency: "EUR", amountMinor: -400n },
        { account: "vat_payable:DE:19", currency: "EUR", amountMinor: -76n }
      ])
    })
  )

  check(
    "never lets a transaction's page give way to an older one",
    Effect.gen(function* () {
      const journal = yield* Journal
      const books = yield* Books
      const page = (version: number, energyWh: number): Unit => ({
        stationId: "CS-1",
        epoch: null,
        transactions: [row({ id, version, energyWh })]
      })
      yield* journal.commit([page(3, 30), page(5, 50), page(4, 40)])
      assert.strictEqual((yield* books.transaction(id))?.energyWh, 50)
      yield* journal.commit([page(4, 44)])
      assert.strictEqual((yield* books.transaction(id))?.energyWh, 50)
      yield* journal.commit([page(6, 60)])
      assert.strictEqual((yield* books.transaction(id))?.energyWh, 60)
    })
  )

  check(
    "loads open and unsettled transactions and the newest of each EVSE",
    Effect.gen(function* () {
      const journal = yield* Journal
      const over = { status: "Ended", settleAtMs: null, cdrId: null } as const
      const rows = [
        row({ id: uuid(1), evseId: 1 }),
        row({ id: uuid(2), evseId: 1, ...over, settleAtMs: t0 + 5 }),
        row({ id: uuid(3), evseId: 1, ...over }),
        row({ id: uuid(4), evseId: 1, ...over }),
        row({ id: uuid(5), evseId: 1, ...over }),
        row({ id: uuid(6), evseId: 2, ...over }),
        row({ id: uuid(7), evseId: 2, stationId: "CS-2" })
      ]
      yield* journal.commit(rows.map((it) => ({ stationId: it.stationId, epoch: null, transactions: [it] })))
      const ids = (yield* journal.load(["CS-2", "CS-9", "CS-1"])).map((snapshot) =>
        snapshot.transactions.map((transaction) => transaction.id)
      )
      assert.deepStrictEqual(ids, [[uuid(7)], [], [1, 2, 4, 5, 6].map((n) => uuid(n))])
    })
  )

  check(
    "finds what is due, oldest first, and the tokens that charge",
    Effect.gen(function* () {
      const journal = yield* Journal
      const ended = (n: number, settleAtMs: number | null) => row({ id: uuid(n), status: "Ended", settleAtMs })
      const rows = [ended(1, t0 + 9), ended(2, t0 + 5), ended(3, null), ended(4, t0 + 10), row({ id: uuid(5) })]
      yield* journal.commit([{ stationId: "CS-1", epoch: null, transactions: rows }])
      const due = yield* journal.due(t0 + 9, 10)
      assert.deepStrictEqual(
        due.map((it) => it.id),
        [uuid(2), uuid(1)]
      )
      assert.lengthOf(yield* journal.due(t0 + 9, 1), 1)
      assert.deepStrictEqual(yield* journal.openOn("CARD"), [uuid(5)])
      assert.deepStrictEqual(yield* journal.openOn("card"), [])
    })
  )

  check(
    "keeps what a station is: the last boot, presence and the latest sign of life",
    Effect.gen(function* () {
      const journal = yield* Journal
      const books = yield* Books
      const presence = { dialect: "1.6", connectedAtMs: t0, remoteAddress: "10.0.0.1" } as const
      yield* journal.commit([
        { stationId: "CS-1", epoch: null, lastSeenAtMs: t0 + 50 },
        { stationId: "CS-1", epoch: null, presence },
        { stationId: "CS-1", epoch: null, lastSeenAtMs: t0 + 20 }
      ])
      const empty = { boot: null, connectors: [] }
      assert.deepStrictEqual(yield* books.station("CS-1"), {
        stationId: "CS-1",
        presence,
        lastSeenAtMs: t0 + 50,
        ...empty
      })
      yield* journal.commit([{ stationId: "CS-1", epoch: null, presence: { disconnectedAtMs: t0 + 60 } }])
      const gone = { stationId: "CS-1", presence: null, lastSeenAtMs: t0 + 50, ...empty }
      assert.deepStrictEqual(yield* books.station("CS-1"), gone)
      const never = { stationId: "CS-0", presence: null, lastSeenAtMs: null, ...empty }
      assert.deepStrictEqual(yield* books.station("CS-0"), never)
    })
  )

  check(
    "gives numbers out once, across restarts",
    Effect.scoped(
      Effect.gen(function* () {
        const { startNode } = yield* world.open
        const taken: Array<number> = []
        for (let restart = 0; restart < 3; restart++) {
          yield* Effect.scoped(
            Effect.gen(function* () {
              const journal = yield* Effect.provideContext(Journal, yield* startNode)
              const blocks = yield* Effect.all([1, 10, 3].map(journal.allocateNumbers), { concurrency: "unbounded" })
              for (const [index, count] of [1, 10, 3].entries()) {
                for (let n = 0; n < count; n++) taken.push(blocks[index]! + n)
              }
            })
          )
        }
        assert.deepStrictEqual(
          taken.toSorted((a, b) => a - b),
          Array.from({ length: 42 }, (_, n) => n + 1)
        )
      })
    )
  )
})
