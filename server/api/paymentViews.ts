import type { AdHocCharge, Payment as PaymentView, Reconciliation } from "#core/api/Payments.ts"
import type { TopUp } from "#core/api/Wallets.ts"
import * as Instant from "#core/Instant.ts"
import { declineText } from "#core/payment/decline.ts"
import { kindOf, type Payment } from "#core/payment/Payment.ts"
import type { IntentView } from "#core/payment/ProviderView.ts"
import { amountsOf, attemptsFor, holdOf, stateOf } from "#core/payment/state.ts"
import type { Unmatched } from "#core/payment/Unmatched.ts"

const textOrNull = (amountMinor: bigint | null): string | null => (amountMinor === null ? null : String(amountMinor))

const declinedOf = (payment: Payment): string | null => {
  if (stateOf(payment) !== "DECLINED") return null
  return declineText(holdOf(payment)?.declineCode ?? attemptsFor(payment, "authorize").at(-1)?.code ?? null)
}

const intentView = ({ id, status, declineCode, ...intent }: IntentView): PaymentView["intents"][number] => ({
  id,
  status,
  authorizedMinor: String(intent.authorizedMinor),
  capturedMinor: String(intent.capturedMinor),
  captureBefore: intent.captureBeforeMs === null ? null : Instant.format(intent.captureBeforeMs),
  declineCode,
  feeMinor: textOrNull(intent.feeMinor),
  refunds: intent.refunds.map((it) => ({
    id: it.id,
    amountMinor: String(it.amountMinor),
    status: it.status,
    goodwill: it.goodwill
  })),
  disputes: intent.disputes.map((it) => ({ id: it.id, amountMinor: String(it.amountMinor), status: it.status }))
})

/** A payment as the contract shows it. */
export const paymentView = (payment: Payment): PaymentView => {
  const amounts = amountsOf(payment)
  return {
    id: payment.id,
    kind: kindOf(payment),
    state: stateOf(payment),
    provider: payment.provider,
    driverId: payment.driverId,
    stationId: payment.stationId === "" ? null : payment.stationId,
    evseId: payment.evseId,
    transactionId: payment.began?.transactionId ?? null,
    currency: payment.currency,
    holdMinor: String(payment.holdMinor),
    holdReason: payment.holdReason,
    authorizedMinor: String(amounts.authorizedMinor),
    capturedMinor: String(amounts.capturedMinor),
    refundedMinor: String(amounts.refundedMinor),
    owedMinor: textOrNull(amounts.owedMinor),
    writtenOffMinor: String(amounts.writtenOffMinor),
    residualMinor: String(amounts.residualMinor),
    declined: declinedOf(payment),
    abandoned: payment.abandoned?.why ?? null,
    createdAt: Instant.format(payment.createdAtMs),
    intents: payment.intents.map(intentView),
    attempts: payment.attempts.map(({ key, purpose, amountMinor, tries, status, code, atMs }) => ({
      key,
      purpose,
      amountMinor: String(amountMinor),
      tries,
      status,
      code,
      at: Instant.format(atMs)
    }))
  }
}

/** A top-up as its driver sees it. */
export const topUpView = (payment: Payment, clientSecret: string | null): typeof TopUp.Type => {
  const { state, currency, holdMinor, capturedMinor, refundedMinor, declined, abandoned, createdAt } =
    paymentView(payment)
  return {
    id: payment.id,
    state,
    currency,
    amountMinor: holdMinor,
    creditedMinor: capturedMinor,
    refundedMinor,
    clientSecret,
    declined,
    abandoned,
    createdAt
  }
}

/** What somebody without an account may see of his payment. */
export const adHocView = (payment: Payment, clientSecret: string | null): typeof AdHocCharge.Type => {
  const { state, currency, holdMinor, declined, abandoned, transactionId, capturedMinor, owedMinor } =
    paymentView(payment)
  return {
    paymentId: payment.id,
    state,
    currency,
    holdMinor,
    reason: payment.holdReason,
    clientSecret,
    declined,
    abandoned,
    transactionId,
    capturedMinor,
    owedMinor
  }
}

const dayMs = 24 * 3_600_000
const instantOrNull = (atMs: number | null): string | null => (atMs === null ? null : Instant.format(atMs))

/** An unmatched item as the contract shows it. */
export const unmatchedView = (item: Unmatched, nowMs: number): (typeof Reconciliation.Type)["items"][number] => ({
  id: item.id,
  kind: item.kind,
  detail: item.detail,
  paymentId: item.paymentId,
  firstSeenAt: Instant.format(item.firstSeenAtMs),
  resolvedAt: instantOrNull(item.resolvedAtMs),
  ageDays: Math.floor(((item.resolvedAtMs ?? nowMs) - item.firstSeenAtMs) / dayMs),
  resolutions: item.resolutions.map(({ action, reason, by, askedAtMs, doneAtMs, why, paymentId, writtenOff }) => ({
    action,
    reason,
    by,
    at: Instant.format(askedAtMs),
    doneAt: instantOrNull(doneAtMs),
    why,
    paymentId,
    writtenOffMinor: writtenOff === null ? null : String(writtenOff.toMinor - writtenOff.fromMinor)
  }))
})
