import { assert, it } from "@effect/vitest"
import { standardPolicy } from "#core/payment/next.ts"
import type { PaymentFact } from "#core/payment/Payment.ts"
import { attempted, captured, fold, intent, nextAt, observed, owed, paid, paymentId, purposeOf, t0 } from "./makers.ts"

const minute = 60_000

/** So many refunds of 20.00 that were made and that the bank has sent back. */
const sentBack = (count: number, goodwillId: string | null = null): ReadonlyArray<PaymentFact> => {
  const numbers = Array.from({ length: count }, (_, index) => index + 1)
  const key = (n: number) => `${paymentId}/refund/${n}`
  const about = { purpose: "refund", intentId: "pi_1", amountMinor: 2_000n, goodwillId, status: "Done" } as const
  const refund = { amountMinor: 2_000n, status: "Failed", goodwill: goodwillId !== null } as const
  return [
    ...numbers.map((n) => attempted({ key: key(n), generation: n, ...about })),
    observed(captured(2_000n, { refunds: numbers.map((n) => ({ id: `re_${n}`, key: key(n), ...refund })) }))
  ]
}

/** As often as a refund is made until people decide. */
const tries = 1 + standardPolicy.retryDelaysMs.length

it("asks for what is due though goodwill of it cannot be given, and the bank sends it back each time", () => {
  const asked: PaymentFact = { _tag: "GoodwillAsked", atMs: t0, id: "g", amountMinor: 2_000n, reason: "slow" }
  const dearer = owed(2_600n, 3)
  const kept = fold(paid({ methodId: "pm_1", customerId: "cus_1" }), [asked])
  assert.strictEqual(nextAt(fold(kept, [...sentBack(1, "g"), dearer]))._tag, "Wait")
  const givenUp = fold(kept, [...sentBack(tries, "g"), dearer])
  assert.strictEqual(purposeOf(nextAt(givenUp, 30 * 24 * 60 * minute)), "charge 600")
})

it("gives back to each card by itself: what one bank sends back uses up none of the tries at another", () => {
  const other = intent({
    id: "pi_2",
    key: `${paymentId}/charge/1`,
    status: "Succeeded",
    authorizedMinor: 900n,
    capturedMinor: 900n
  })
  const both = fold(paid(), [owed(2_900n, 3), observed(other), owed(0n, 5)])
  assert.strictEqual(purposeOf(nextAt(both)), "refund 2000")
  for (const count of [1, tries]) assert.strictEqual(purposeOf(nextAt(fold(both, sentBack(count)))), "refund 900")
  const key = `${paymentId}/refund/9`
  const last = fold(both, [
    ...sentBack(tries),
    attempted({ key, purpose: "refund", generation: 9, intentId: "pi_2", amountMinor: 900n, status: "Done" }),
    observed({ ...other, refunds: [{ id: "re_9", key, amountMinor: 900n, status: "Succeeded", goodwill: false }] })
  ])
  assert.strictEqual(nextAt(last, 30 * 24 * 60 * minute)._tag, "Rest")
})
