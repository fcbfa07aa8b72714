import { assert, describe, it } from "@effect/vitest"
import { decodeFact, encodeFact, type Payment, type PaymentFact } from "#core/payment/Payment.ts"
import type { IntentView } from "#core/payment/ProviderView.ts"
import { entriesOf, newEntries } from "#core/payment/post.ts"
import { amountsOf, stateOf } from "#core/payment/state.ts"
import fc from "#test/support/fastCheck.ts"
import { course } from "./course.ts"
import { attempted, fold, intent, observed, payment, t0 } from "./makers.ts"

/** The facts of our own, in the order in which they come about. */
const own = (views: ReadonlyArray<IntentView>): ReadonlyArray<PaymentFact> => {
  const last = views[views.length - 1]!
  return [
    attempted({ status: "Sent" }),
    attempted({ status: "Unknown", code: "timeout", atMs: t0 + 1 }),
    attempted({ status: "Sent", tries: 2, atMs: t0 + 2 }),
    attempted({ status: "Done", tries: 2, atMs: t0 + 3 }),
    { _tag: "StartAsked", atMs: t0 + 4 },
    { _tag: "Began", atMs: t0 + 5, transactionId: "tx" },
    { _tag: "Owed", atMs: t0 + 6, revision: 1, amountMinor: last.capturedMinor },
    { _tag: "Owed", atMs: t0 + 7, revision: 3, amountMinor: last.capturedMinor }
  ]
}

const booksOf = (of: Payment) => entriesOf(of).toSorted((a, b) => (a.id < b.id ? -1 : 1))

describe("a payment replayed", () => {
  it("ends in the same payment and the same ledger in any order and however often its facts come", () => {
    fc.assert(
      fc.property(
        course.chain((views) => {
          const log = [...own(views), ...views.map((view, index) => observed(view, t0 + index))]
          const twice = [...log, ...log]
          return fc.tuple(fc.constant(log), fc.shuffledSubarray(twice, { minLength: 0 }))
        }),
        ([log, shuffled]) => {
          const straight = fold(payment(), log)
          // Whatever the shuffled selection left out comes at the end, so that nothing is lost for good.
          const replayed = fold(payment(), [...shuffled, ...log.toReversed()])
          assert.deepStrictEqual(replayed, straight)
          assert.strictEqual(stateOf(replayed), stateOf(straight))
          assert.deepStrictEqual(booksOf(replayed), booksOf(straight))
        }
      ),
      { numRuns: 300 }
    )
  })

  it("ends in the same when any of the provider's events were lost and the intent was looked up in the end", () => {
    fc.assert(
      fc.property(
        course.chain((views) => fc.tuple(fc.constant(views), fc.shuffledSubarray([...views]))),
        ([views, arrived]) => {
          const everything = fold(payment(), [...own(views), ...views.map((view) => observed(view))])
          const lookedUp = [...arrived, views[views.length - 1]!].map((view) => observed(view))
          const reconciled = fold(payment(), [...own(views), ...lookedUp])
          assert.deepStrictEqual(reconciled, everything)
          assert.deepStrictEqual(booksOf(reconciled), booksOf(everything))
        }
      ),
      { numRuns: 300 }
    )
  })

  it("books every entry once, balanced, and takes none back, step by step in any order", () => {
    fc.assert(
      fc.property(
        course.chain((views) => fc.shuffledSubarray([...views, ...views], { minLength: views.length })),
        (views) => {
          let known = payment()
          const booked = new Map<string, bigint>()
          for (const view of views) {
            const then = fold(known, [observed(view)])
            for (const entry of newEntries(known, then, t0)) {
              assert.isFalse(booked.has(entry.id), `${entry.id} was booked twice`)
              booked.set(entry.id, entry.postings[0]!.amountMinor)
              assert.strictEqual(
                entry.postings.reduce((sum, { amountMinor }) => sum + amountMinor, 0n),
                0n
              )
            }
            known = then
          }
          const final = new Map(entriesOf(known).map((entry) => [entry.id, entry.postings[0]!.amountMinor]))
          assert.deepStrictEqual(new Map([...booked].sort()), new Map([...final].sort()))
        }
      ),
      { numRuns: 300 }
    )
  })

  it("never has captured more than was authorised nor given back more than was captured", () => {
    fc.assert(
      fc.property(
        course.chain((views) => fc.shuffledSubarray([...views])),
        (views) => {
          let known = fold(payment(), own(views.length === 0 ? [intent()] : views))
          for (const view of views) {
            known = fold(known, [observed(view)])
            const { authorizedMinor, capturedMinor, refundedMinor, residualMinor, refundDueMinor } = amountsOf(known)
            assert.isTrue(authorizedMinor >= capturedMinor)
            assert.isTrue(capturedMinor >= refundedMinor)
            assert.isTrue(refundedMinor >= 0n && residualMinor >= 0n && refundDueMinor >= 0n)
          }
        }
      ),
      { numRuns: 300 }
    )
  })

  it("survives being written down", () => {
    fc.assert(
      fc.property(course, (views) => {
        const log = [...own(views), ...views.map((view) => observed(view))]
        const read = log.map((fact) => decodeFact(JSON.parse(JSON.stringify(encodeFact(fact)))))
        assert.deepStrictEqual(read, log)
      }),
      { numRuns: 50 }
    )
  })
})
