import { next, type Policy, type Step, standardPolicy } from "#core/payment/next.ts"
import type { Attempt, Payment, PaymentFact, Terms } from "#core/payment/Payment.ts"
import { begin, evolve } from "#core/payment/Payment.ts"
import type { IntentView } from "#core/payment/ProviderView.ts"

export const t0 = Date.UTC(2026, 5, 1, 12)

export const terms: Terms = {
  provider: "stripe",
  driverId: null,
  tokenUid: "PAY0001",
  stationId: "CS-1",
  evseId: 1,
  currency: "EUR",
  holdMinor: 3_000n,
  holdReason: "because",
  customerId: null,
  methodId: null
}

export const paymentId = "01900000-0000-7000-8000-000000000001"

export const payment = (over: Partial<Terms> = {}): Payment => begin(paymentId, t0, { ...terms, ...over })

export const fold = (start: Payment, facts: Iterable<PaymentFact>): Payment => {
  let folded = start
  for (const fact of facts) folded = evolve(folded, fact)
  return folded
}

export const intent = (over: Partial<IntentView> = {}): IntentView => ({
  id: "pi_1",
  key: `${paymentId}/authorize/1`,
  status: "RequiresAction",
  authorizedMinor: 0n,
  capturedMinor: 0n,
  captureBeforeMs: null,
  declineCode: null,
  refunds: [],
  disputes: [],
  feeMinor: null,
  settled: false,
  ...over
})

export const observed = (view: IntentView, atMs = t0): PaymentFact => ({ _tag: "Observed", atMs, intent: view })

export const attempt = (over: Partial<Attempt> = {}): Attempt => ({
  key: `${paymentId}/authorize/1`,
  purpose: "authorize",
  generation: 1,
  intentId: null,
  amountMinor: 3_000n,
  goodwillId: null,
  tries: 1,
  status: "Sent",
  code: null,
  atMs: t0,
  ...over
})

export const attempted = (over: Partial<Attempt> = {}): PaymentFact => ({ _tag: "Attempted", attempt: attempt(over) })

/** A payment whose hold of 30.00 stands. */
export const authorized = (over: Partial<Terms> = {}): Payment =>
  fold(payment(over), [
    attempted({ status: "Done" }),
    observed(intent({ status: "Authorized", authorizedMinor: 3_000n }))
  ])

export const nextAt = (of: Payment, afterMs = 0, policy: Policy = standardPolicy) => next(of, t0 + afterMs, policy)

export const owed = (amountMinor: bigint, revision = 1): PaymentFact => ({
  _tag: "Owed",
  atMs: t0,
  revision,
  amountMinor
})
export const began: PaymentFact = { _tag: "Began", atMs: t0, transactionId: "tx" }

export const captured = (minor: bigint, over: Partial<IntentView> = {}): IntentView =>
  intent({ status: "Succeeded", authorizedMinor: 3_000n, capturedMinor: minor, ...over })

/** Billed 20.00, captured in full. */
export const paid = (over: Parameters<typeof authorized>[0] = {}): Payment =>
  fold(authorized(over), [began, owed(2_000n), observed(captured(2_000n))])

export const purposeOf = (step: Step): string =>
  step._tag === "Call" ? `${step.attempt.purpose} ${step.attempt.amountMinor}` : step._tag
