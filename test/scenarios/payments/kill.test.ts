import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { type PaymentCrashPoint, paymentCrashPointNames } from "#scenarios/paymentCrashPoints.ts"
import type { PaymentPlan, Scenario } from "#scenarios/Scenario.ts"
import { paymentFaults } from "#simulator/psp/faults.ts"
import { complaints, dearTariff, live, smallDay } from "./day.ts"

const hourMs = 3_600_000

/** What makes that step be taken often enough on a day. */
const causesOf = (point: PaymentCrashPoint): Partial<PaymentPlan> => {
  if (point.includes("release")) return { faults: [paymentFaults.challengeFailed.make({ ratio: 0.6 })] }
  if (point.includes("refund")) return { goodwill: 1 }
  // Of what was charged beyond a hold that the bank would not raise, the rest is taken from the card that is kept.
  if (point.includes("kept card"))
    return { accounts: 1, charging: { riskMinor: 2_000n }, faults: [paymentFaults.incrementRefused.make({ ratio: 1 })] }
  return {}
}

/** A day on which the server dies twice at that step. */
const dayOf = (point: PaymentCrashPoint): Scenario => {
  const day = smallDay(`kill/${point}`)
  return {
    ...day,
    stations: 3,
    tariff: dearTariff,
    settleMs: 8 * hourMs,
    payments: { ...day.payments!, pollMs: 10_000, ...causesOf(point) },
    crashes: [
      { afterMs: 5 * hourMs, point, downMs: 90_000 },
      { afterMs: 13 * hourMs, point, downMs: 5_000 }
    ]
  }
}

it.effect.each(paymentCrashPointNames)(
  "a server that dies %s neither loses nor doubles a charge",
  (point) =>
    Effect.gen(function* () {
      const { result, payments, evidence } = yield* live(dayOf(point))
      assert.deepStrictEqual(complaints(result), [])
      assert.strictEqual(payments.trigger.deaths, 2)
      const taken = payments.provider.truth.filter(({ capturedMinor }) => capturedMinor > 0n)
      assert.isAbove(taken.length, 0)
      const audited = evidence.audit!.filter(({ checked }) => checked > 0).map(({ id }) => id)
      assert.includeMembers(audited, ["I4", "I11", "I13", "I16"])
    }).pipe(Effect.scoped),
  60_000
)
