import { assert } from "@effect/vitest"
import { Effect } from "effect"
import type { WalletMove } from "#core/payment/topUp.ts"
import type { Budget } from "#core/wallet/Budget.ts"
import { standardReserve } from "#core/wallet/reserve.ts"
import { Directory } from "#server/directory/Directory.ts"
import { WalletStore } from "#server/wallet/WalletStore.ts"
import { cdr, cdrId, entry, entryId, row, t0, uuid } from "./makers.ts"
import { balanceOf, billed, cause, commit, commitMoves, figures, hourMs, opened, start } from "./walletMakers.ts"
import { onEveryStore } from "./worlds.ts"

onEveryStore("the wallet store", (check, world) => {
  check(
    "keeps a wallet per driver, and tells of his tokens that they are limited",
    Effect.gen(function* () {
      const store = yield* opened(500n)
      const directory = yield* Directory
      const terms = { driverId: "ada", currency: "EUR", creditLineMinor: 0n, openedAtMs: t0 }
      assert.strictEqual((yield* Effect.flip(store.open(terms)))._tag, "AlreadyExists")
      assert.strictEqual((yield* Effect.flip(store.open({ ...terms, driverId: "nobody" })))._tag, "NotFound")
      assert.deepStrictEqual(yield* store.list({ limit: 5 }), { items: [(yield* store.get("ada"))!] })
      assert.strictEqual((yield* directory.token("card"))?.limited, true)
      assert.strictEqual((yield* directory.token("OTHER"))?.limited, false)
    })
  )

  check(
    "moves money once for each source, books it, and never takes more than is free",
    Effect.gen(function* () {
      const store = yield* opened(500n)
      assert.strictEqual(yield* store.move("ada", cause("first", 500n), null), "Repeated")
      assert.strictEqual(yield* store.move("ada", cause("first", 700n), null), "Contradicted")
      assert.strictEqual(yield* store.move("ada", cause("more", -501n), null), "Short")
      assert.strictEqual(yield* store.move("ada", cause("out", -200n), null), "Moved")
      const topUp = cause("top", 1_000n, { kind: "top-up", reason: null })
      assert.strictEqual(yield* store.move("ada", topUp, "stripe"), "Moved")
      assert.deepStrictEqual(yield* figures, [1_300n, 0n, 0n])
      const { items } = yield* store.movements("ada", { limit: 2 })
      assert.deepStrictEqual(
        items.map(({ seq, amountMinor, balanceMinor, sourceId }) => [seq, amountMinor, balanceMinor, sourceId]),
        [
          [3, 1_000n, 1_300n, "top"],
          [2, -200n, 300n, "out"]
        ]
      )
      const rest = yield* store.movements("ada", { limit: 2, cursor: "2" })
      assert.deepStrictEqual(
        rest.items.map(({ seq }) => seq),
        [1]
      )
      assert.strictEqual(yield* balanceOf("wallet:ada"), -1_300n)
      assert.strictEqual(yield* balanceOf("psp_clearing:stripe"), 1_000n)
      assert.strictEqual(yield* balanceOf("goodwill"), 500n)
      assert.strictEqual(yield* balanceOf("bank:wallets"), -200n)
      assert.strictEqual((yield* Effect.flip(store.move("nobody", cause("x", 1n), null)))._tag, "NotFound")
    })
  )

  check(
    "sets aside for a charge what there is, and refuses the next when nothing is left",
    Effect.gen(function* () {
      const store = yield* opened(1_150n)
      const one = yield* store.reserve(start(1), standardReserve, t0)
      assert.strictEqual(one.charge.heldMinor, 1_000n)
      const two = yield* store.reserve(start(2), standardReserve, t0)
      assert.strictEqual(two.charge.heldMinor, 150n)
      const three = yield* store.reserve(start(3), standardReserve, t0)
      assert.deepStrictEqual(
        [three.charge.accepted, three.charge.heldMinor, three.why],
        [false, 0n, "The wallet is empty."]
      )
      // Told again under a new transaction it is what it was.
      const again = yield* store.reserve({ ...start(1), transactionId: uuid(9) }, standardReserve, t0 + 1)
      assert.deepStrictEqual([again.charge.heldMinor, again.charge.transactionId], [1_000n, uuid(9)])
      assert.deepStrictEqual(yield* figures, [1_150n, 1_150n, 0n])
      assert.strictEqual(yield* store.move("ada", cause("out", -1n), null), "Short")
      assert.strictEqual((yield* store.peek(start(4), standardReserve))._tag, "NoCredit")
      yield* store.move("ada", cause("in", 300n), null)
      assert.strictEqual((yield* store.raise(start(2).key, { minor: 900n, wh: 0 }, t0))?.heldMinor, 450n)
      assert.isUndefined(yield* store.raise("nothing", { minor: 900n, wh: 0 }, t0))
    })
  )

  check(
    "never sets the same money aside for two starts of two nodes",
    Effect.gen(function* () {
      const { startNode } = yield* world.open
      const nodes = [yield* startNode, yield* startNode]
      yield* Effect.provideContext(opened(1_000n), nodes[0]!)
      const starts = Array.from({ length: 12 }, (_, n) =>
        Effect.provideContext(
          Effect.flatMap(WalletStore, (store) =>
            store.reserve(start(n), { ...standardReserve, slice: { minor: 300n, wh: 0 } }, t0)
          ),
          nodes[n % 2]!
        )
      )
      const all = yield* Effect.all(starts, { concurrency: "unbounded" })
      assert.strictEqual(
        all.reduce((sum, { charge }) => sum + charge.heldMinor, 0n),
        1_000n
      )
      assert.strictEqual(all.filter(({ charge }) => charge.accepted).length, 4)
    })
  )

  check(
    "pays a bill in the commit that books it, gives back what a correction lowers, and keeps the rest as arrears",
    Effect.gen(function* () {
      const store = yield* opened(1_000n)
      yield* store.reserve(start(1), standardReserve, t0)
      assert.deepStrictEqual(yield* commit(billed(1, 400n, 1)), ["Committed"])
      assert.deepStrictEqual(yield* figures, [600n, 0n, 0n])
      assert.deepStrictEqual(yield* commit(billed(1, 400n, 1)), ["Repeated"])
      yield* commit(billed(1, 250n, 3))
      assert.deepStrictEqual(yield* figures, [750n, 0n, 0n])
      // Beyond what there is: the wallet never falls below its limit.
      yield* commit(billed(2, 900n, 1))
      assert.deepStrictEqual(yield* figures, [0n, 0n, 150n])
      assert.strictEqual((yield* store.reserve(start(3), standardReserve, t0)).why, "Earlier charges are not paid yet.")
      yield* store.move("ada", cause("in", 500n), null)
      assert.deepStrictEqual(yield* figures, [350n, 0n, 0n])
      assert.strictEqual(yield* balanceOf("wallet:ada"), -350n)
      assert.strictEqual(yield* balanceOf("receivable:driver:ada"), -1_150n)
    })
  )

  check(
    "pays one charge's bill with no money that another one holds",
    Effect.gen(function* () {
      const store = yield* opened(1_500n)
      yield* store.reserve(start(1), standardReserve, t0)
      yield* store.reserve(start(2), standardReserve, t0)
      yield* commit(billed(2, 900n, 1))
      assert.deepStrictEqual(yield* figures, [1_000n, 1_000n, 400n])
      // What the other one leaves pays it.
      yield* commit(billed(1, 300n, 1))
      assert.deepStrictEqual(yield* figures, [300n, 0n, 0n])
    })
  )

  check(
    "goes below zero as far as the credit that was agreed, and no credit is taken back that is used",
    Effect.gen(function* () {
      const store = yield* opened(0n, 500n)
      yield* store.reserve(start(1), standardReserve, t0)
      assert.deepStrictEqual(yield* figures, [0n, 500n, 0n])
      assert.isFalse(yield* store.setCreditLine("ada", 400n, t0))
      yield* commit(billed(1, 700n, 1))
      assert.deepStrictEqual(yield* figures, [-500n, 0n, 200n])
      // What more credit makes free pays what is owed.
      assert.isTrue(yield* store.setCreditLine("ada", 600n, t0))
      assert.deepStrictEqual(yield* figures, [-600n, 0n, 100n])
    })
  )

  check(
    "credits a top-up once, pays what was owed from it, and takes it back as far as there is money, the rest later",
    Effect.gen(function* () {
      const store = yield* opened(0n)
      yield* commit(billed(1, 200n, 1))
      assert.deepStrictEqual(yield* figures, [0n, 0n, 200n])
      const move = (kind: WalletMove["kind"], sourceId: string, amountMinor: bigint) =>
        commitMoves([{ driverId: "ada", kind, sourceId, amountMinor, reason: "because" }])
      for (let told = 0; told < 2; told++) yield* move("top-up", "pi_1", 1_000n)
      assert.deepStrictEqual(yield* figures, [800n, 0n, 0n])
      assert.strictEqual(yield* balanceOf("psp_clearing:stripe"), 1_000n)
      yield* store.reserve(start(2), standardReserve, t0)
      // What a charge under way holds is not there to be taken.
      for (let told = 0; told < 2; told++) yield* move("take-back", "wallet-re_1", 1_000n)
      assert.deepStrictEqual(yield* figures, [800n, 800n, 1_000n])
      assert.strictEqual((yield* store.reserve(start(3), standardReserve, t0)).charge.accepted, false)
      yield* commit(billed(2, 500n, 1))
      assert.deepStrictEqual(yield* figures, [0n, 0n, 700n])
      yield* store.move("ada", cause("in", 300n), null)
      assert.deepStrictEqual(yield* figures, [0n, 0n, 400n])
      for (let told = 0; told < 2; told++) yield* move("give-back", "wallet-re_1-failed", 1_000n)
      assert.deepStrictEqual(yield* figures, [600n, 0n, 0n])
      assert.strictEqual(yield* balanceOf("wallet:ada"), -600n)
      const { items } = yield* store.movements("ada", { limit: 9 })
      assert.deepStrictEqual(
        items.filter(({ kind }) => kind === "take-back").map(({ amountMinor }) => amountMinor),
        [-400n, -300n, -300n]
      )
    })
  )

  check(
    "lets go what was set aside for a start that the books never heard of",
    Effect.gen(function* () {
      const store = yield* opened(2_000n)
      yield* store.reserve(start(1), standardReserve, t0)
      yield* store.reserve(start(2), standardReserve, t0 + hourMs)
      yield* commit({ stationId: "CS-1", epoch: null, transactions: [row({ id: uuid(2) })] })
      assert.strictEqual(yield* store.release(t0 + 2 * hourMs, 10), 1)
      assert.isUndefined(yield* store.charge(start(1).key))
      assert.deepStrictEqual(yield* figures, [2_000n, 1_000n, 0n])
      assert.isTrue(yield* store.isInUse)
      // One that comes all the same is paid for.
      yield* commit(billed(1, 100n, 1))
      assert.deepStrictEqual(yield* figures, [1_900n, 1_000n, 0n])
    })
  )

  check(
    "lets go what was set aside late for a charge that is over, and keeps it while the charge runs or waits for its bill",
    Effect.gen(function* () {
      const store = yield* opened(9_000n)
      const states = [
        { status: "Open", settleAtMs: null },
        { status: "Ended", settleAtMs: t0 + hourMs },
        { status: "Ended", settleAtMs: null }
      ] as const
      for (const [index, state] of states.entries()) {
        yield* commit({ stationId: "CS-1", epoch: null, transactions: [row({ id: uuid(index + 1), ...state })] })
        yield* store.reserve(start(index + 1), standardReserve, t0)
      }
      assert.strictEqual(yield* store.release(t0 + hourMs, 10), 1)
      assert.isUndefined(yield* store.charge(start(3).key))
      assert.isDefined(yield* store.charge(start(1).key))
      assert.deepStrictEqual(yield* figures, [9_000n, 2_000n, 0n])
    })
  )

  check(
    "keeps what was set aside under a name that never came into the books for the charge of the same key, and bills that",
    Effect.gen(function* () {
      const store = yield* opened(2_000n)
      // Two nodes took the same two starts in, and those that were fenced wrote their names last.
      for (const n of [1, 2]) {
        yield* store.reserve(start(n), standardReserve, t0)
        yield* store.reserve(start(n, { transactionId: uuid(n + 10) }), standardReserve, t0)
      }
      const running = row({ id: uuid(1), startKey: "1", token: { uid: "CARD", type: "ISO14443" } })
      yield* commit({ stationId: "CS-1", epoch: null, transactions: [running] })
      yield* commit(billed(2, 300n, 1))
      const [movement] = (yield* store.movements("ada", { limit: 1 })).items
      assert.deepInclude(movement!, { transactionId: uuid(2), sourceId: `wallet-${uuid(2)}-1`, amountMinor: -300n })
      assert.strictEqual(yield* store.release(t0 + hourMs, 10), 0)
      assert.strictEqual((yield* store.charge(start(1).key))!.transactionId, uuid(1))
      assert.deepStrictEqual(yield* figures, [1_700n, 1_000n, 0n])
    })
  )

  check(
    "counts a budget by the calendar of its own zone, what runs and what was billed, and what was before it was set",
    Effect.gen(function* () {
      const store = yield* opened(100_000n)
      const budget: Budget = {
        tokenUid: "CARD",
        period: "day",
        timeZone: "Europe/Berlin",
        currency: "EUR",
        maxMinor: 1_200n,
        maxWh: null,
        maxSessions: 3,
        atLimit: "stop",
        setAtMs: t0
      }
      // 23:30 UTC is half past midnight in Berlin: the next day's.
      const lateMs = Date.UTC(2026, 2, 1, 23, 30)
      yield* commit({
        ...billed(7, 200n, 1),
        transactions: [row({ id: uuid(7), status: "Ended", cdrId: cdrId(7), startKey: "old" })],
        cdrs: [cdr(cdrId(7), uuid(7), { grossMinor: 250n, netMinor: 210n, taxMinor: 40n })],
        entries: [entry(entryId(7), cdrId(7))],
        debits: []
      })
      yield* store.putBudget(budget)
      const [before] = yield* store.budgets("CARD", t0)
      assert.deepStrictEqual([before!.usedMinor, before!.usedSessions, before!.usedWh], [250n, 1, 10_000])
      const one = yield* store.reserve(start(1), standardReserve, t0)
      assert.strictEqual(one.charge.heldMinor, 950n)
      assert.strictEqual(
        (yield* store.reserve(start(2), standardReserve, t0)).why,
        "The card's budget of the day is used up."
      )
      yield* commit(billed(1, 300n, 1))
      const [state] = yield* store.budgets("CARD", t0)
      assert.deepStrictEqual([state!.usedMinor, state!.usedSessions], [550n, 2])
      const late = yield* store.reserve(start(3, { startedAtMs: lateMs }), standardReserve, lateMs)
      assert.isTrue(late.charge.accepted)
      assert.deepStrictEqual((yield* store.charges("CARD", lateMs, lateMs + 1)).length, 1)
      assert.strictEqual((yield* Effect.flip(store.putBudget({ ...budget, tokenUid: "NONE" })))._tag, "NotFound")
      yield* store.removeBudget("CARD", "day")
      assert.strictEqual((yield* Effect.flip(store.removeBudget("CARD", "day")))._tag, "NotFound")
      assert.deepStrictEqual(yield* store.budgets("CARD", t0), [])
    })
  )
})
