import { assert, describe, it } from "@effect/vitest"
import { type Context, Effect } from "effect"
import type { WalletMove } from "#core/payment/topUp.ts"
import { type ReservePolicy, standardReserve } from "#core/wallet/reserve.ts"
import { freeOf, isWithinLimit } from "#core/wallet/Wallet.ts"
import { Books } from "#server/books/Books.ts"
import fc from "#test/support/fastCheck.ts"
import { t0 } from "./makers.ts"
import { balanceOf, billed, cause, commit, commitMoves, opened, start } from "./walletMakers.ts"
import { memory, type Ports, postgres } from "./worlds.ts"

/** What may happen to a wallet and its charges, one after the other. */
type Step =
  | { readonly _tag: "move"; readonly amount: number; readonly source: number }
  | { readonly _tag: "reserve"; readonly charge: number }
  | { readonly _tag: "raise"; readonly charge: number; readonly to: number }
  | { readonly _tag: "bill"; readonly charge: number; readonly owed: number }
  | { readonly _tag: "credit"; readonly line: number }
  | { readonly _tag: "paid"; readonly kind: WalletMove["kind"]; readonly amount: number; readonly source: number }

const charge = fc.nat(4)
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ _tag: fc.constant("move" as const), amount: fc.integer({ min: -900, max: 1_500 }), source: fc.nat(30) }),
  fc.record({ _tag: fc.constant("reserve" as const), charge }),
  fc.record({ _tag: fc.constant("raise" as const), charge, to: fc.nat(3_000) }),
  fc.record({ _tag: fc.constant("bill" as const), charge, owed: fc.nat(2_500) }),
  fc.record({ _tag: fc.constant("credit" as const), line: fc.nat(1_000) }),
  fc.record({
    _tag: fc.constant("paid" as const),
    kind: fc.constantFrom<WalletMove["kind"]>("top-up", "take-back", "take-back", "give-back"),
    amount: fc.integer({ min: 1, max: 1_500 }),
    source: fc.nat(20)
  })
)

const policy: ReservePolicy = { ...standardReserve, least: { minor: 50n, wh: 0 } }

/** Takes the steps, and everything that can be seen after each. */
const lived = (steps: ReadonlyArray<Step>) =>
  Effect.gen(function* () {
    const store = yield* opened(700n)
    const books = yield* Books
    const seen: Array<unknown> = []
    const revisions = new Map<number, number>()
    for (const [index, it] of steps.entries()) {
      const atMs = t0 + index
      if (it._tag === "move" && it.amount !== 0)
        seen.push(yield* store.move("ada", cause(`m${it.source}`, BigInt(it.amount), { atMs }), null))
      if (it._tag === "reserve") seen.push(yield* store.reserve(start(it.charge), policy, atMs))
      if (it._tag === "raise")
        seen.push(yield* store.raise(start(it.charge).key, { minor: BigInt(it.to), wh: it.to }, atMs))
      if (it._tag === "bill") {
        const revision = (revisions.get(it.charge) ?? 0) + 1
        revisions.set(it.charge, revision)
        seen.push(yield* commit(billed(it.charge, BigInt(it.owed), revision, { atMs })))
      }
      if (it._tag === "paid") {
        const move = { driverId: "ada", kind: it.kind, amountMinor: BigInt(it.amount), sourceId: `pi_${it.source}` }
        seen.push(yield* commitMoves([{ ...move, reason: "because" }], atMs))
      }
      if (it._tag === "credit") seen.push(yield* store.setCreditLine("ada", BigInt(it.line), atMs))
      const wallet = (yield* store.get("ada"))!
      assert.isTrue(isWithinLimit(wallet), `free ${freeOf(wallet)}`)
      assert.isTrue(wallet.arrearsMinor === 0n || freeOf(wallet) === 0n, "it has money and owes")
      seen.push(wallet)
    }
    const { items } = yield* store.movements("ada", { limit: 500 })
    const wallet = (yield* store.get("ada"))!
    assert.strictEqual(
      items.reduce((sum, { amountMinor }) => sum + amountMinor, 0n),
      wallet.balanceMinor
    )
    assert.strictEqual(yield* balanceOf("wallet:ada"), -wallet.balanceMinor)
    const charges = yield* store.charges("CARD", t0, t0 + 1)
    const entries = yield* books.entries({ limit: 500 })
    return { seen, items, charges, entries }
  })

describe("wallets on memory and on PostgreSQL", () => {
  it.live(
    "are the same after the same steps, always within their limit, and owe nothing while they have money",
    () =>
      Effect.gen(function* () {
        for (const steps of fc.sample(fc.array(step, { minLength: 10, maxLength: 40 }), {
          numRuns: 8,
          seed: 20_261_128
        })) {
          const results: Array<unknown> = []
          for (const world of [memory, postgres]) {
            const { startNode } = yield* world.open
            const ports: Context.Context<Ports> = yield* startNode
            results.push(yield* Effect.provideContext(lived(steps), ports))
          }
          assert.deepStrictEqual(results[1], results[0])
        }
      }),
    60_000
  )
})
