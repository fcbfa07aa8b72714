import type Stripe from "stripe"
import type { DisputeEvidence } from "#core/payment/Payment.ts"
import type { DisputeView, IntentStatus, IntentView, RefundView } from "#core/payment/ProviderView.ts"

/** What we write on an intent and on a refund, and find it by. */
export const metadataKeys = { payment: "wattproof_payment", key: "wattproof_key", goodwill: "wattproof_goodwill" }

const statusOf = (intent: Stripe.PaymentIntent): IntentStatus => {
  switch (intent.status) {
    case "requires_payment_method":
      return intent.last_payment_error === null || intent.last_payment_error === undefined ? "Created" : "Declined"
    case "requires_confirmation":
      return "Created"
    case "requires_action":
      return "RequiresAction"
    case "processing":
      return "Processing"
    case "requires_capture":
      return "Authorized"
    case "canceled":
      return "Canceled"
    case "succeeded":
      return "Succeeded"
    default:
      return "Processing"
  }
}

const chargeOf = (intent: Stripe.PaymentIntent): Stripe.Charge | null => {
  const { latest_charge: charge } = intent
  return typeof charge === "string" || charge === undefined ? null : charge
}

/**
 * What was held at the most. A bank may hold less than was asked for; the charge tells, and keeps telling after a
 * capture or a cancellation. Without it the intent's own amounts must do.
 */
const authorizedOf = (intent: Stripe.PaymentIntent, charge: Stripe.Charge | null): bigint => {
  const told = charge?.status === "failed" ? null : charge?.payment_method_details?.card?.amount_authorized
  if (typeof told === "number") return BigInt(told)
  if (intent.status === "requires_capture" && intent.amount_capturable > 0) return BigInt(intent.amount_capturable)
  if (intent.status === "requires_capture" || intent.status === "succeeded") return BigInt(intent.amount)
  return intent.status === "canceled" && charge?.status === "succeeded" ? BigInt(intent.amount) : 0n
}

/** The intent alone, as an error carries it: nothing of refunds, disputes and fees. */
export const viewOfPlain = (intent: Stripe.PaymentIntent): IntentView => viewOf(intent, [], [])

/** An intent with its refunds and disputes, as one view. */
export const viewOf = (
  intent: Stripe.PaymentIntent,
  refunds: ReadonlyArray<Stripe.Refund>,
  disputes: ReadonlyArray<Stripe.Dispute>
): IntentView => {
  const charge = chargeOf(intent)
  const transaction =
    charge === null || typeof charge.balance_transaction === "string" ? null : charge.balance_transaction
  const captureBefore = charge?.payment_method_details?.card?.capture_before
  const error = intent.last_payment_error
  return {
    id: intent.id,
    key: intent.metadata?.[metadataKeys.key] ?? intent.id,
    status: statusOf(intent),
    authorizedMinor: authorizedOf(intent, charge),
    capturedMinor: BigInt(intent.amount_received ?? 0),
    captureBeforeMs: captureBefore === undefined || captureBefore === null ? null : captureBefore * 1000,
    declineCode: error === null || error === undefined ? null : (error.decline_code ?? error.code ?? error.type),
    refunds: refunds.filter(movesMoney).map(refundOf).sort(byId),
    disputes: disputes.map(disputeOf).sort(byId),
    feeMinor: transaction === null || transaction === undefined ? null : BigInt(transaction.fee),
    settled: transaction?.status === "available"
  }
}

const byId = (a: { readonly id: string }, b: { readonly id: string }): number => (a.id < b.id ? -1 : 1)

/**
 * Releasing a part of a hold may be listed as a refund too; it has no balance transaction, and gives nothing back that
 * was taken.
 */
const movesMoney = (refund: Stripe.Refund): boolean =>
  refund.balance_transaction !== null ||
  refund.metadata?.[metadataKeys.key] !== undefined ||
  refund.status === "pending"

const refundOf = (refund: Stripe.Refund): RefundView => ({
  id: refund.id,
  key: refund.metadata?.[metadataKeys.key] ?? null,
  amountMinor: BigInt(refund.amount),
  status: refund.status === "succeeded" ? "Succeeded" : isFailed(refund.status) ? "Failed" : "Pending",
  goodwill: refund.metadata?.[metadataKeys.goodwill] !== "no"
})

const isFailed = (status: string | null): boolean => status === "failed" || status === "canceled"

const disputeOf = ({
  id,
  amount,
  status,
  reason,
  evidence_details: evidence,
  balance_transactions: moves
}: Stripe.Dispute): DisputeView => ({
  id,
  amountMinor: BigInt(amount),
  status: status === "won" ? "Won" : status === "lost" ? "Lost" : status.startsWith("warning_") ? "Inquiry" : "Open",
  reason,
  ...(typeof evidence?.due_by === "number" && { dueByMs: evidence.due_by * 1000 }),
  ...(evidence !== undefined && { submissions: evidence.submission_count }),
  ...feesOf(moves.map(({ fee }) => BigInt(fee)))
})

/** An answer costs a fee of its own, which comes back where the dispute is won: each is booked for itself. */
const feesOf = ([first, ...later]: ReadonlyArray<bigint>): Pick<DisputeView, "feeMinor" | "laterFees"> => {
  const last = later.findLastIndex((minor) => minor !== 0n)
  return { feeMinor: first ?? null, ...(last >= 0 && { laterFees: later.slice(0, last + 1) }) }
}

/** A field of evidence takes so much; all together 150,000 characters. */
const maxFieldLength = 20_000

const cut = (text: string): string => text.slice(0, maxFieldLength)

/** Evidence in the provider's fields. */
export const evidenceOf = (evidence: DisputeEvidence): Stripe.DisputeUpdateParams.Evidence => ({
  product_description: cut(evidence.productDescription),
  service_date: evidence.serviceDate,
  access_activity_log: cut(evidence.accessLog),
  uncategorized_text: cut(evidence.statement),
  ...(evidence.customerName !== null && { customer_name: cut(evidence.customerName) }),
  ...(evidence.customerEmail !== null && { customer_email_address: cut(evidence.customerEmail) })
})
