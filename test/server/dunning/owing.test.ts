import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { amountsOf, type DebtFact } from "#core/dunning/Debt.ts"
import type { DunningPolicy } from "#core/dunning/next.ts"
import { amountsOf as paymentAmounts } from "#core/payment/state.ts"
import { Directory } from "#server/directory/Directory.ts"
import { DebtStore } from "#server/dunning/DebtStore.ts"
import { Dunning } from "#server/dunning/Dunning.ts"
import { InvoiceStore } from "#server/invoices/InvoiceStore.ts"
import { PaymentDesk } from "#server/payments/Desk.ts"
import { migrations } from "#server/sql/Sql.ts"
import { WalletStore } from "#server/wallet/WalletStore.ts"
import * as VirtualTime from "#simulator/VirtualTime.ts"
import { freshDatabase } from "#test/support/postgres.ts"
import { billed, commit } from "../../contract/ports/walletMakers.ts"
import { buyer, seller } from "../../core/invoice/fixtures.ts"
import { paymentId } from "../../core/payment/makers.ts"
import { balances, day, type Lived, lived, noonMs, paymentOf } from "../payments/world.ts"
import { pairOf } from "../subscriptions/pair.ts"
import { bobOwes, chargeDebt, chargeOwes, refuse, rules, stands, walletOwes } from "./owing.ts"

const dayMs = 86_400_000
const walletDebt = "wallet-ada-0"

/** What was said of a debt, each step by its name: a second reminder of one level would be seen. */
const said = (id: string) =>
  Effect.map(
    Effect.flatMap(DebtStore, (store) => store.facts(id)),
    (facts: ReadonlyArray<DebtFact>) =>
      facts.flatMap((it) =>
        it._tag === "Reminded" ? [`reminder ${it.level}`] : it._tag === "Suspended" ? ["stop"] : []
      )
  )

const isStopped = (uid: string) =>
  Effect.map(
    Effect.flatMap(Directory, (directory) => directory.token(uid)),
    (token) => token!.suspendedAtMs !== undefined
  )

const arrears = Effect.map(
  Effect.flatMap(WalletStore, (store) => store.get("ada")),
  (wallet) => wallet!.arrearsMinor
)
const residual = Effect.map(paymentOf(paymentId), (payment) => paymentAmounts(payment).residualMinor)

it.live(
  "what a charge and a wallet owe is reminded of, adds its fee there, stops the driver, and frees him when he pays",
  () =>
    lived((world) =>
      Effect.gen(function* () {
        yield* rules
        refuse(world)
        yield* chargeOwes
        yield* walletOwes
        const dunning = yield* Dunning
        yield* (yield* PaymentDesk).open!.setUpCard("ada")
        yield* Effect.sleep("1 hour")
        assert.deepStrictEqual(yield* stands(chargeDebt), ["open", 1_500n, 0n])
        assert.deepStrictEqual(yield* stands(walletDebt), ["open", 900n, 0n])
        yield* Effect.sleep("8 days")
        assert.deepStrictEqual(yield* stands(chargeDebt), ["reminded", 1_750n, 250n])
        assert.deepStrictEqual(yield* stands(walletDebt), ["reminded", 1_150n, 250n])
        assert.deepStrictEqual([yield* residual, yield* arrears], [1_750n, 1_150n])
        for (const uid of ["CARD", "BOB"]) assert.isFalse(yield* isStopped(uid))
        yield* Effect.sleep("3 days")
        for (const id of [chargeDebt, walletDebt]) {
          assert.strictEqual((yield* stands(id))[0], "suspended")
          assert.deepStrictEqual(yield* said(id), ["reminder 1", "reminder 2", "stop"])
        }
        for (const uid of ["CARD", "BOB"]) assert.isTrue(yield* isStopped(uid))
        assert.strictEqual(world.stripe.netMinor(), 0)
        for (const id of [chargeDebt, walletDebt, chargeDebt, walletDebt])
          yield* dunning.pay(id, { id: "again", methodId: null })
        assert.deepStrictEqual(yield* stands(chargeDebt), ["paid", 0n, 250n])
        assert.deepStrictEqual(yield* stands(walletDebt), ["paid", 0n, 250n])
        for (const uid of ["CARD", "BOB"]) assert.isFalse(yield* isStopped(uid))
        assert.strictEqual(world.stripe.netMinor(), 1_750 + 1_150)
        const books = yield* balances
        // The bill of Ada's charge and that of Bob's are booked by nobody here: what was paid for them stands alone.
        assert.deepStrictEqual(
          [books["receivable:driver:ada"], books["receivable:driver:bob"], books["revenue:dunning"]],
          [-900n, -3_500n, -500n]
        )
        assert.isUndefined(books["wallet:ada"])
      })
    )
)

it.live("a driver who was never late gets the fee of his reminder back, with what he paid too much", () =>
  lived((world) =>
    Effect.gen(function* () {
      yield* bobOwes(world)
      yield* Effect.sleep("8 days")
      assert.deepStrictEqual(yield* stands(chargeDebt), ["reminded", 1_750n, 250n])
      yield* (yield* Dunning).pay(chargeDebt, { id: "again", methodId: null })
      assert.strictEqual(world.stripe.netMinor(), 3_750)
      // By the right bill the hold had paid all of it.
      yield* (yield* PaymentDesk).open!.command(paymentId, { _tag: "Owe", revision: 2, amountMinor: 2_000n })
      yield* Effect.sleep("1 hour")
      assert.deepStrictEqual(yield* stands(chargeDebt), ["paid", 0n, 0n])
      assert.strictEqual(world.stripe.netMinor(), 2_000)
      const books = yield* balances
      assert.strictEqual(books["revenue:dunning"] ?? 0n, 0n)
    })
  )
)

it.live(
  "the bill of a charge that was owed and paid is corrected, and its debt hears of it though nothing is open",
  () =>
    lived((world) =>
      Effect.gen(function* () {
        yield* rules
        refuse(world)
        yield* chargeOwes
        yield* Effect.sleep("1 hour")
        yield* (yield* Dunning).pay(chargeDebt, { id: "again", methodId: null })
        assert.deepStrictEqual(yield* stands(chargeDebt), ["paid", 0n, 0n])
        yield* (yield* PaymentDesk).open!.command(paymentId, { _tag: "Owe", revision: 3, amountMinor: 2_600n })
        yield* Effect.sleep("15 minutes")
        const { debt } = (yield* (yield* DebtStore).get(chargeDebt))!
        // The provider of this test does not know the hold: what is too much goes back to the card that paid the rest.
        assert.deepInclude(amountsOf(debt), { owedMinor: 2_600n, paidMinor: 2_600n, overpaidMinor: 0n })
      })
    )
)

it.live(
  "a reminder has its letter once there is somebody who sends it, once, of that day, and not if nothing is open",
  () =>
    lived((world) =>
      Effect.gen(function* () {
        yield* (yield* DebtStore).savePolicy({
          reminders: [{ afterDays: 3, feeMinor: 250n }],
          suspendAfterDays: null,
          collectAfterDays: null
        })
        refuse(world)
        yield* chargeOwes
        yield* walletOwes
        const letterOf = (id: string) =>
          Effect.map(
            Effect.flatMap(DebtStore, (store) => store.get(id)),
            (record) => record!.debt.reminders[0]!.letter
          )
        yield* Effect.sleep("5 days")
        for (const id of [chargeDebt, walletDebt]) {
          assert.deepStrictEqual(yield* said(id), ["reminder 1"])
          assert.isUndefined(yield* letterOf(id))
        }
        yield* (yield* Dunning).pay(chargeDebt, { id: "again", methodId: null })
        assert.strictEqual((yield* stands(chargeDebt))[0], "paid")
        yield* (yield* InvoiceStore).saveSeller(seller)
        yield* Effect.sleep("1 day")
        const letter = yield* letterOf(walletDebt)
        const { issuedAtMs } = letter!
        assert.isAbove(issuedAtMs, noonMs + 5 * dayMs)
        assert.deepInclude(letter, { level: 1, feeMinor: 250n, openMinor: 1_150n, earlierFeesMinor: 0n })
        assert.strictEqual(letter!.seller.name, seller.name)
        yield* Effect.sleep("3 days")
        assert.strictEqual((yield* letterOf(walletDebt))!.issuedAtMs, issuedAtMs)
        assert.isUndefined(yield* letterOf(chargeDebt))
        const facts = yield* (yield* DebtStore).facts(walletDebt)
        assert.strictEqual(facts.filter(({ _tag }) => _tag === "Lettered").length, 1)
      })
    )
)

it.live("a wallet that owes again is asked anew from the first day, and money that comes in by itself ends it", () =>
  lived(() =>
    Effect.gen(function* () {
      yield* rules
      yield* walletOwes
      yield* Effect.sleep("11 days")
      assert.strictEqual((yield* stands(walletDebt))[0], "suspended")
      const store = yield* WalletStore
      const cause = { kind: "credit", amountMinor: 1_150n, transactionId: null, reason: "at the desk" } as const
      yield* store.move("ada", { ...cause, sourceId: "desk", atMs: noonMs }, null)
      yield* Effect.sleep("15 minutes")
      assert.strictEqual((yield* stands(walletDebt))[0], "paid")
      assert.isFalse(yield* isStopped("CARD"))
      yield* commit(billed(2, 300n, 1))
      yield* commit(billed(3, 100n, 1))
      yield* Effect.sleep("1 day")
      const { items } = yield* (yield* DebtStore).list({ limit: 9, state: "open" })
      assert.deepStrictEqual(
        items.map(({ debt }) => [debt.id, amountsOf(debt).openMinor, debt.reminders.length]),
        [["wallet-ada-3", 400n, 0]]
      )
    })
  )
)

it.live("a server that begins anew repeats no reminder and no fee of what a charge and a wallet owe", () =>
  day((world) =>
    Effect.gen(function* () {
      yield* world.live(
        Effect.gen(function* () {
          yield* rules
          refuse(world)
          yield* chargeOwes
          yield* walletOwes
          yield* Effect.sleep("8 days")
        })
      )
      yield* world.live(
        Effect.gen(function* () {
          yield* Effect.sleep("4 days")
          for (const id of [chargeDebt, walletDebt])
            assert.deepStrictEqual(yield* said(id), ["reminder 1", "reminder 2", "stop"])
          assert.deepStrictEqual([yield* residual, yield* arrears], [1_750n, 1_150n])
          assert.strictEqual((yield* balances)["revenue:dunning"], -500n)
        })
      )
    })
  )
)

it.live("what came for a charge by transfer is not asked of its card again", () =>
  lived((world) =>
    Effect.gen(function* () {
      yield* rules
      refuse(world)
      yield* chargeOwes
      yield* Effect.sleep("8 days")
      const dunning = yield* Dunning
      yield* dunning.command(chargeDebt, { _tag: "Transfer", id: "t", amountMinor: 1_700n })
      assert.deepStrictEqual([yield* residual, (yield* stands(chargeDebt))[1]], [50n, 50n])
      yield* dunning.command(chargeDebt, { _tag: "WriteOff", id: "w", amountMinor: 50n, reason: "too little" })
      assert.deepStrictEqual(yield* stands(chargeDebt), ["written-off", 0n, 250n])
      assert.strictEqual(yield* residual, 0n)
      yield* dunning.pay(chargeDebt, { id: "again", methodId: null })
      assert.strictEqual(world.stripe.netMinor(), 0)
      yield* walletOwes
      yield* Effect.sleep("15 minutes")
      const given = { _tag: "WriteOff", id: "w", amountMinor: 900n, reason: "goodwill" } as const
      assert.strictEqual((yield* Effect.flip(dunning.command(walletDebt, given)))._tag, "DebtRefused")
    })
  )
)

it.live("what was given up of a bill that comes to less is taken back, and none of it given to the driver", () =>
  lived((world) =>
    Effect.gen(function* () {
      yield* bobOwes(world)
      yield* Effect.sleep("1 hour")
      const dunning = yield* Dunning
      yield* dunning.command(chargeDebt, { _tag: "WriteOff", id: "w", amountMinor: 1_500n, reason: "he is abroad" })
      const billed = Effect.fnUntraced(function* (revision: number, amountMinor: bigint) {
        yield* (yield* PaymentDesk).open!.command(paymentId, { _tag: "Owe", revision, amountMinor })
        yield* Effect.sleep("1 hour")
        const { debt } = (yield* (yield* DebtStore).get(chargeDebt))!
        const { writtenOffMinor, openMinor, overpaidMinor } = amountsOf(debt)
        const { bad_debt = 0n } = yield* balances
        return { writtenOffMinor, bad_debt, openMinor, overpaidMinor, keptMinor: world.stripe.netMinor() }
      })
      const rest = { openMinor: 0n, overpaidMinor: 0n }
      assert.deepStrictEqual(yield* billed(2, 3_500n), {
        writtenOffMinor: 1_500n,
        bad_debt: 1_500n,
        keptMinor: 2_000,
        ...rest
      })
      assert.deepStrictEqual(yield* billed(3, 3_000n), {
        writtenOffMinor: 1_000n,
        bad_debt: 1_000n,
        keptMinor: 2_000,
        ...rest
      })
      assert.deepStrictEqual(yield* billed(5, 0n), { writtenOffMinor: 0n, bad_debt: 0n, keptMinor: 0, ...rest })
      assert.strictEqual(yield* residual, 0n)
      yield* Effect.sleep("1 day")
      assert.strictEqual(
        (yield* (yield* DebtStore).facts(chargeDebt)).filter((it) => it._tag === "WrittenOff").length,
        3
      )
    })
  )
)

/** All of it on the first day. */
const quick: DunningPolicy = {
  reminders: [
    { afterDays: 0, feeMinor: 0n },
    { afterDays: 0, feeMinor: 250n }
  ],
  suspendAfterDays: 0,
  collectAfterDays: null
}

/** What a node does about debts, without asking whose they are. */
const look = Effect.gen(function* () {
  const store = yield* DebtStore
  const dunning = yield* Dunning
  for (const owing of yield* store.owing(9)) yield* dunning.watchOwing(owing)
  const { items } = yield* store.list({ limit: 9 })
  const ids = [...(yield* store.moved(9)), ...items.map(({ debt }) => debt.id)]
  yield* Effect.forEach(ids, dunning.advance, { concurrency: "unbounded", discard: true })
})

it.live(
  "two nodes that dun a charge and a wallet at the same instant write each reminder once and ask each fee once",
  () =>
    Effect.scoped(
      Effect.gen(function* () {
        const address = yield* freshDatabase(migrations)
        const nights = Effect.gen(function* () {
          const clock = yield* Effect.clockWith(Effect.succeed)
          const { stripe, nodes, both } = yield* pairOf(address, "by call", () => clock.currentTimeMillisUnsafe())
          const on = <A, E>(work: Effect.Effect<A, E, Lived>) => Effect.provideContext(work, nodes[0].services)
          yield* on(
            Effect.gen(function* () {
              const directory = yield* Directory
              yield* directory.createDriver({ id: "ada", name: "Ada", email: null, createdAtMs: noonMs })
              yield* rules
              yield* (yield* DebtStore).savePolicy(quick)
              yield* chargeOwes
              yield* walletOwes
            })
          )
          stripe.trouble.push({ on: /POST .*payment_intents$/, what: "declined", code: "stolen_card" })
          for (let times = 0; times < 6; times++) {
            yield* both(look)
            yield* Effect.sleep("1 minute")
          }
          yield* on(
            Effect.gen(function* () {
              for (const id of [chargeDebt, walletDebt])
                assert.deepStrictEqual(yield* said(id), ["reminder 1", "reminder 2", "stop"])
              assert.deepStrictEqual([yield* residual, yield* arrears], [1_750n, 1_150n])
              assert.strictEqual((yield* balances)["revenue:dunning"], -500n)
              const { items } = yield* (yield* DebtStore).list({ limit: 9 })
              assert.lengthOf(items, 2)
            })
          )
          // Else they never met, and nothing was shown.
          assert.isAbove(nodes[0].debts.stale + nodes[1].debts.stale, 0)
        })
        yield* VirtualTime.run(Effect.scoped(nights), { startAtMs: noonMs, untilMs: noonMs + dayMs })
      })
    )
)

it.live("a reminder's letter stays as it was written, whatever becomes of who sent and who got it", () =>
  lived((world) =>
    Effect.gen(function* () {
      yield* rules
      refuse(world)
      yield* chargeOwes
      const invoices = yield* InvoiceStore
      const profile = { driverId: "bob", company: null, address: buyer.address, vatId: null, reference: null }
      yield* invoices.saveProfile({ ...profile, language: "de" })
      yield* Effect.sleep("4 days")
      yield* invoices.saveSeller({ ...seller, name: "Another GmbH" })
      yield* invoices.saveProfile({ ...profile, language: "en", address: null })
      yield* Effect.sleep("4 days")
      const { debt } = (yield* (yield* DebtStore).get(chargeDebt))!
      const [first, second] = debt.reminders.map(({ letter }) => letter!)
      const reference = `CH-${paymentId.slice(-12).toUpperCase()}`
      assert.deepInclude(first, { reference: `${reference}-M1`, level: 1, language: "de", openMinor: 1_500n, seller })
      assert.strictEqual(first!.buyer!.address!.city, buyer.address!.city)
      assert.deepInclude(second, { reference: `${reference}-M2`, level: 2, language: "en", openMinor: 1_750n })
      assert.deepInclude(second, { feeMinor: 250n, earlierFeesMinor: 0n, paidMinor: 2_000n, amountMinor: 3_500n })
      assert.strictEqual(second!.seller.name, "Another GmbH")
      assert.isNull(second!.buyer!.address)
    })
  )
)
