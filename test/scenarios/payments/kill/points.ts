import { type PaymentCrashPoint, paymentCrashPointNames } from "#scenarios/paymentCrashPoints.ts"
import type { SubscriptionCrashPoint } from "#scenarios/subscriptionCrashPoints.ts"

/** Steps of what is owed for charges: what came of it, and the stages in which it is asked for. */
export const debtPoints = [
  "before what is known of a debt is written",
  "after what is known of a debt is written",
  "before the next stage of a debt is written",
  "after the next stage of a debt is written"
] as const satisfies ReadonlyArray<SubscriptionCrashPoint>

/** Where the server's process can be killed. */
export type KillPoint = PaymentCrashPoint | (typeof debtPoints)[number]

export const isOfDebts = (point: KillPoint): point is (typeof debtPoints)[number] =>
  debtPoints.some((name) => name === point)

/** All of them, one after the other. */
export const killPoints: ReadonlyArray<KillPoint> = [...paymentCrashPointNames, ...debtPoints]
