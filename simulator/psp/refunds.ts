import type { Books } from "./Books.ts"
import { type Form, textOf, textsOf, wholeOf } from "./form.ts"
import type { Charge, Refund } from "./objects.ts"
import { conflicting, invalid, noSuch, ok, type Reply } from "./Reply.ts"

/** How long until a refund that cannot be delivered comes back. */
const comesBackAfterMs = 3_600_000

const chargeFor = (books: Books, form: Form): Charge | Reply => {
  const intentId = textOf(form, "payment_intent")
  const chargeId = textOf(form, "charge")
  if (intentId === undefined && chargeId === undefined) {
    return invalid("One of charge or payment_intent must be given.", "payment_intent", "parameter_missing")
  }
  const intent = books.intents.get(intentId ?? "")
  if (intentId !== undefined && intent === undefined) return noSuch("payment_intent", intentId)
  const charge = books.charges.get(chargeId ?? intent?.latest_charge ?? "")
  if (charge !== undefined) return charge
  if (chargeId !== undefined) return noSuch("charge", chargeId)
  return conflicting("payment_intent_unexpected_state", "This PaymentIntent does not have a successful charge.")
}

/** `POST /v1/refunds`: all that is left of a capture, or a part of it. */
export const createRefund = (books: Books, form: Form): Reply => {
  const charge = chargeFor(books, form)
  if ("body" in charge) return charge
  if (!charge.captured) return conflicting("charge_not_captured", "The charge is not captured: cancel it.")
  const left = charge.amount_captured - charge.amount_refunded
  const amount = wholeOf(form, "amount") ?? left
  if (left <= 0) return conflicting("charge_already_refunded", `Charge ${charge.id} has already been refunded.`)
  if (amount < 1) return invalid("Invalid positive integer", "amount", "parameter_invalid_integer")
  if (amount > left) return conflicting("amount_too_large", `Refund amount is greater than the ${left} that are left.`)
  // What a dispute that was won has brought back can be given back.
  const isWon = books.disputes.get(charge.dispute ?? "")?.status === "won"
  if (charge.disputed && !isWon) return conflicting("charge_disputed", `Charge ${charge.id} has been charged back.`)
  const { id: chargeId, currency } = charge
  const id = books.id("re")
  const transaction = books.transact({ amount: -amount, fee: 0, currency, type: "refund", source: id })
  const refund: Refund = {
    id,
    object: "refund",
    created: books.now(),
    amount,
    currency,
    charge: chargeId,
    payment_intent: charge.payment_intent,
    reason: textOf(form, "reason") ?? null,
    metadata: textsOf(form, "metadata"),
    balance_transaction: transaction.id,
    status: "succeeded"
  }
  books.refunds.set(id, refund)
  charge.amount_refunded += amount
  charge.refunded = charge.amount_refunded === charge.amount_captured
  books.account.move(books.timers.nowAtMs(), charge.payment_intent, "refunded", amount)
  books.emit("refund.created", refund)
  books.emit("charge.refunded", charge)
  if (books.cardBehind(charge.payment_method).refundFails) {
    books.timers.after(comesBackAfterMs, () => comeBack(books, refund, charge))
  }
  return ok(refund)
}

const comeBack = (books: Books, refund: Refund, charge: Charge): void => {
  const { amount, currency } = refund
  if (!books.refunds.has(refund.id)) return
  books.transact({ amount, fee: 0, currency, type: "refund_failure", source: refund.id })
  refund.status = "failed"
  refund.failure_reason = "lost_or_stolen_card"
  charge.amount_refunded -= amount
  charge.refunded = false
  books.account.move(books.timers.nowAtMs(), refund.payment_intent, "refund failed", amount)
  books.emit("refund.failed", refund)
  books.emit("charge.refund.updated", refund)
}
