import type { DisputeView, IntentView, RefundView } from "#core/payment/ProviderView.ts"
import fc from "#test/support/fastCheck.ts"
import { intent, paymentId, t0 } from "./makers.ts"

/** A course that an intent may take at the provider: every view is what the provider would have said at that moment. */
export const course: fc.Arbitrary<ReadonlyArray<IntentView>> = fc
  .record({
    declinedFirst: fc.boolean(),
    holds: fc.array(fc.bigInt({ min: 1n, max: 5_000n }), { minLength: 1, maxLength: 3 }),
    takenPercent: fc.option(fc.integer({ min: 0, max: 100 }), { nil: null }),
    refundParts: fc.array(fc.record({ percent: fc.integer({ min: 1, max: 60 }), goodwill: fc.boolean() }), {
      maxLength: 3
    }),
    isRefundFailing: fc.boolean(),
    dispute: fc.constantFrom("none", "inquiry", "open", "won", "lost"),
    fee: fc.option(fc.bigInt({ min: 1n, max: 99n }), { nil: null }),
    settled: fc.boolean()
  })
  .map((plan) => {
    const views: Array<IntentView> = []
    let view = intent()
    const say = (over: Partial<IntentView>) => {
      view = { ...view, ...over }
      views.push(view)
    }
    say({})
    if (plan.declinedFirst) say({ status: "Declined", declineCode: "insufficient_funds" })
    let held = 0n
    for (const more of plan.holds) {
      held += more
      say({ status: "Authorized", authorizedMinor: held, captureBeforeMs: t0 + 7 * 86_400_000 })
    }
    if (plan.takenPercent === null) {
      say({ status: "Canceled" })
      return views
    }
    const taken = (held * BigInt(plan.takenPercent)) / 100n
    say({ status: "Succeeded", capturedMinor: taken })
    if (plan.fee !== null) say({ feeMinor: plan.fee })
    if (plan.settled) say({ settled: true })
    const refunds: Array<RefundView> = []
    let left = taken
    plan.refundParts.forEach(({ percent, goodwill }, index) => {
      const amountMinor = (left * BigInt(percent)) / 100n
      left -= amountMinor
      const made = { id: `re_${index}`, key: `${paymentId}/refund/${index + 1}`, amountMinor, goodwill }
      refunds.push({ ...made, status: "Pending" })
      say({ refunds: [...refunds] })
      const isFailing = plan.isRefundFailing && index === 0
      refunds[index] = { ...made, status: isFailing ? "Failed" : "Succeeded" }
      say({ refunds: [...refunds] })
    })
    const dispute = (status: DisputeView["status"], submissions: number, laterFees: ReadonlyArray<bigint> = []) => {
      const told = { reason: "fraudulent", dueByMs: t0 + 7 * 86_400_000, submissions, laterFees }
      const feeMinor = status === "Inquiry" ? null : 2_000n
      say({ disputes: [{ id: "dp_1", amountMinor: taken, status, feeMinor, ...told }] })
    }
    if (plan.dispute !== "none") dispute("Inquiry", 0)
    if (plan.dispute === "open" || plan.dispute === "won" || plan.dispute === "lost") {
      dispute("Open", 0)
      dispute("Open", 1, [1_500n])
    }
    if (plan.dispute === "won") dispute("Won", 1, [1_500n, -1_500n])
    if (plan.dispute === "lost") dispute("Lost", 1, [1_500n])
    return views
  })
