import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { type PaymentCrashPoint, paymentCrashPointNames } from "#scenarios/paymentCrashPoints.ts"
import type { Scenario } from "#scenarios/Scenario.ts"
import { paymentFaults } from "#simulator/psp/faults.ts"
import { complaints, live, smallDay } from "./day.ts"

const hourMs = 3_600_000

/** A day on which that step is taken often enough, and the server dies at it twice. */
const dayOf = (point: PaymentCrashPoint): Scenario => {
  const day = smallDay(`kill/${point}`)
  const faults = point.includes("release") ? [paymentFaults.challengeFailed.make({ ratio: 0.6 })] : []
  return {
    ...day,
    settleMs: 8 * hourMs,
    payments: { ...day.payments!, faults },
    crashes: [
      { afterMs: 5 * hourMs, point, downMs: 90_000 },
      { afterMs: 13 * hourMs, point, downMs: 5_000 }
    ]
  }
}

/** Steps that a day of theirs does not come to by itself: raising a hold, and giving back what a lower bill asks for. */
const isRare = (point: PaymentCrashPoint): boolean => /increment|refund/.test(point)

it.effect.each(paymentCrashPointNames.filter((point) => !isRare(point)))(
  "a server that dies %s neither loses nor doubles a charge",
  (point) =>
    Effect.gen(function* () {
      const { result, payments } = yield* live(dayOf(point))
      assert.deepStrictEqual(complaints(result), [])
      assert.strictEqual(payments.trigger.deaths, 2)
      const taken = payments.provider.truth.filter(({ capturedMinor }) => capturedMinor > 0n)
      assert.isAbove(taken.length, 0)
    }).pipe(Effect.scoped),
  30_000
)
