import { assert, describe, it } from "@effect/vitest"
import { type Exposure, type GuardPolicy, guard } from "#core/payment/guard.ts"
import { quantile, type Sizing, sizeHold, standardSizing } from "#core/payment/sizing.ts"
import fc from "#test/support/fastCheck.ts"

const sizing = (over: Partial<Sizing> = {}): Sizing => ({
  currency: "EUR",
  costsMinor: [],
  estimateMinor: null,
  tariffMinor: null,
  ...over
})

describe("the size of a hold", () => {
  it("covers nineteen of twenty charges once there are enough, rounded up to what reads well", () => {
    const costsMinor = Array.from({ length: 100 }, (_, index) => BigInt(100 * (index + 1)))
    assert.strictEqual(quantile(costsMinor, 95), 9_500n)
    const hold = sizeHold(sizing({ costsMinor: costsMinor.slice(0, 30) }), standardSizing)
    assert.strictEqual(hold.amountMinor, 3_000n)
    assert.include(hold.reason, "30.00 EUR")
    assert.include(hold.reason, "95 of 100 charges here")
    const few = sizeHold(sizing({ costsMinor: costsMinor.slice(0, 19), estimateMinor: 2_101n }), standardSizing)
    assert.strictEqual(few.amountMinor, 2_500n)
    assert.include(few.reason, "by this tariff")
  })

  it("takes the tariff's own word before all, and stays within what the house allows", () => {
    assert.strictEqual(sizeHold(sizing({ tariffMinor: 4_000n }), standardSizing).amountMinor, 4_000n)
    assert.strictEqual(sizeHold(sizing(), standardSizing).amountMinor, standardSizing.minMinor)
    fc.assert(
      fc.property(
        fc.array(fc.bigInt({ min: 0n, max: 100_000n })),
        fc.option(fc.bigInt({ min: 0n, max: 100_000n }), { nil: null }),
        (costsMinor, estimateMinor) => {
          const { amountMinor, reason } = sizeHold(sizing({ costsMinor, estimateMinor }), standardSizing)
          assert.isTrue(amountMinor >= standardSizing.minMinor && amountMinor <= standardSizing.maxMinor)
          assert.isTrue(reason.endsWith("the rest is released."))
        }
      )
    )
  })
})

const policy: GuardPolicy = { riskMinor: 0n, stepMinor: 1_000n, maxMinor: 5_000n, captureLeadMs: 3_600_000 }

const exposure = (over: Partial<Exposure> = {}): Exposure => ({
  authorizedMinor: 3_000n,
  atStopMinor: 1_000n,
  afterIncrementMinor: 1_500n,
  increment: "possible",
  captureBeforeMs: null,
  ...over
})

describe("the guard of a charge", () => {
  it("raises the hold in time and stops before it is used up when that does not come", () => {
    assert.strictEqual(guard(exposure(), policy, 0)._tag, "Continue")
    const near = { atStopMinor: 2_900n, afterIncrementMinor: 3_000n }
    assert.deepStrictEqual(guard(exposure(near), policy, 0), { _tag: "Increment", toMinor: 4_000n })
    assert.strictEqual(guard(exposure({ ...near, increment: "pending" }), policy, 0)._tag, "Continue")
    for (const increment of ["possible", "pending", "refused"] as const)
      assert.strictEqual(guard(exposure({ atStopMinor: 3_000n, increment }), policy, 0)._tag, "Stop")
    const daring = guard(exposure({ atStopMinor: 3_000n, increment: "refused" }), { ...policy, riskMinor: 1n }, 0)
    assert.strictEqual(daring._tag, "Continue")
  })

  it("raises no hold beyond the house's limit", () => {
    const full = exposure({ authorizedMinor: 5_000n, atStopMinor: 4_990n, afterIncrementMinor: 5_100n })
    assert.strictEqual(guard(full, policy, 0)._tag, "Continue")
  })

  it("ends a charge while its hold can still be captured", () => {
    const until = exposure({ captureBeforeMs: 10_000_000 })
    assert.strictEqual(guard(until, policy, 10_000_000 - policy.captureLeadMs)._tag, "Stop")
    assert.strictEqual(guard(until, policy, 10_000_000 - policy.captureLeadMs - 1)._tag, "Continue")
  })

  it("never goes on when a stop asked for now would come too late", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 9_000n }), fc.bigInt({ min: 0n, max: 9_000n }), (atStopMinor, more) => {
        const decision = guard(exposure({ atStopMinor, afterIncrementMinor: atStopMinor + more }), policy, 0)
        assert.strictEqual(decision._tag === "Stop", atStopMinor >= 3_000n)
      })
    )
  })
})
