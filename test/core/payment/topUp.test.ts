import { assert, describe, it } from "@effect/vitest"
import { decide } from "#core/payment/decide.ts"
import { standardPolicy } from "#core/payment/next.ts"
import type { Payment } from "#core/payment/Payment.ts"
import { entriesOf } from "#core/payment/post.ts"
import { stateOf } from "#core/payment/state.ts"
import { newWalletMoves, walletMovesOf } from "#core/payment/topUp.ts"
import fc from "#test/support/fastCheck.ts"
import { course } from "./course.ts"
import { attempted, authorized, fold, intent, nextAt, observed, payment, t0 } from "./makers.ts"

const terms = { kind: "top-up", driverId: "ada", stationId: "", evseId: 0 } as const
const topUp = (): Payment => payment(terms)
const taken = intent({ status: "Succeeded", authorizedMinor: 3_000n, capturedMinor: 3_000n })

const booked = (of: Payment) => {
  const sums = new Map<string, bigint>()
  for (const { postings } of entriesOf(of))
    for (const { account, amountMinor } of postings) sums.set(account, (sums.get(account) ?? 0n) + amountMinor)
  return Object.fromEntries([...sums].filter(([, minor]) => minor !== 0n))
}

describe("a top-up", () => {
  it("takes what is held without waiting for a bill or asking any station to start", () => {
    const step = nextAt(authorized(terms))
    assert.strictEqual(step._tag, "Call")
    if (step._tag === "Call") assert.deepInclude(step.attempt, { purpose: "capture", amountMinor: 3_000n })
    assert.strictEqual(nextAt(fold(authorized(terms), [observed(taken)]))._tag, "Rest")
  })

  it("takes no more than the bank lets it hold, and asks the driver for nothing beyond", () => {
    const part = intent({ status: "Authorized", authorizedMinor: 1_200n })
    const held = fold(topUp(), [attempted({ status: "Done" }), observed(part)])
    const step = nextAt(held)
    assert.strictEqual(step._tag === "Call" && step.attempt.amountMinor, 1_200n)
    const paid = fold(held, [observed({ ...part, status: "Succeeded", capturedMinor: 1_200n })])
    assert.strictEqual(nextAt(paid)._tag, "Rest")
    assert.strictEqual(stateOf(paid), "CAPTURED")
  })

  it("is let go of when its driver does not confirm it, and when its hold is gone", () => {
    const waiting = fold(topUp(), [attempted({ status: "Done" }), observed(intent())])
    assert.strictEqual(nextAt(waiting, standardPolicy.confirmWithinMs - 1)._tag, "Wait")
    assert.strictEqual(nextAt(waiting, standardPolicy.confirmWithinMs)._tag, "Note")
    const gone = nextAt(fold(authorized(terms), [observed(intent({ status: "Canceled" }))]))
    assert.strictEqual(gone._tag === "Note" && gone.fact._tag, "Abandoned")
  })

  it("leaves the wallet what it brought less what was taken back, in whatever order that is told", () => {
    fc.assert(
      fc.property(
        course.chain((views) =>
          fc.tuple(fc.constant(views), fc.shuffledSubarray([...views, ...views], { minLength: views.length }))
        ),
        ([views, told]) => {
          let known = topUp()
          const made = new Set<string>()
          for (const view of [...told, ...views]) {
            const then = fold(known, [observed(view)])
            for (const { sourceId } of newWalletMoves(known, then)) {
              assert.isFalse(made.has(sourceId), `${sourceId} moved twice`)
              made.add(sourceId)
            }
            known = then
          }
          const last = fold(
            topUp(),
            views.map((view) => observed(view))
          ).intents[0]!
          const moves = walletMovesOf(known)
          assert.deepStrictEqual([...made].sort(), moves.map(({ sourceId }) => sourceId).sort())
          const wallet = moves.reduce(
            (sum, { kind, amountMinor }) => sum + (kind === "take-back" ? -amountMinor : amountMinor),
            0n
          )
          const refunds = last.refunds.filter(({ status }) => status !== "Failed")
          const disputes = last.disputes.filter(({ status }) => status === "Open" || status === "Lost")
          const back = [...refunds, ...disputes].reduce((sum, it) => sum + it.amountMinor, 0n)
          assert.strictEqual(wallet, last.capturedMinor - back)
          // What was taken back stands as a receivable until the wallet has paid it; then all that is left is the wallet's.
          const books = booked(known)
          assert.strictEqual(-(books["wallet:ada"] ?? 0n) - (books["receivable:driver:ada"] ?? 0n), wallet)
          assert.isUndefined(books["goodwill"])
          assert.isUndefined(books["chargeback"])
        }
      ),
      { numRuns: 300 }
    )
  })

  it("can be given back as far as it brought money", () => {
    const paid = fold(authorized(terms), [observed(taken)])
    const ask = (amountMinor: bigint) => decide(paid, { _tag: "Refund", id: "r", amountMinor, reason: "asked" }, t0)
    assert.strictEqual(ask(3_001n)._tag, "Refused")
    const decision = ask(3_000n)
    assert.strictEqual(decision._tag, "Decided")
    if (decision._tag !== "Decided") return
    const step = nextAt(fold(paid, decision.facts))
    assert.strictEqual(step._tag === "Call" && step.attempt.purpose, "refund")
  })
})
