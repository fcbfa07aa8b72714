import type { Books } from "./Books.ts"
import { type Form, textOf, textsOf } from "./form.ts"
import { lose } from "./money.ts"
import type { Dispute } from "./objects.ts"
import { invalid, ok, type Reply } from "./Reply.ts"

const closed = "This dispute is already closed"

/** `POST /v1/disputes/:id`: evidence, submitted unless told otherwise. It is taken once, and while there is time. */
export const submitEvidence = (books: Books, dispute: Dispute, form: Form): Reply => {
  const { evidence_details: details } = dispute
  if (dispute.status === "won" || dispute.status === "lost") return invalid(closed, "id", "charge_dispute_closed")
  if (details.submission_count > 0) return invalid("Evidence was submitted already.", "evidence", "evidence_submitted")
  if (books.now() >= details.due_by) {
    details.past_due = true
    return invalid("The time for evidence is over.", "evidence", "evidence_past_due")
  }
  dispute.evidence = { ...dispute.evidence, ...textsOf(form, "evidence") }
  details.has_evidence = Object.keys(dispute.evidence).length > 0
  if (textOf(form, "submit") !== "false") {
    details.submission_count++
    dispute.status = "under_review"
    const { answerFee } = books.terms
    const { currency, id: source, payment_intent: intentId } = dispute
    dispute.balance_transactions.push(
      books.transact({ amount: 0, fee: answerFee, currency, type: "adjustment", source })
    )
    books.account.move(books.timers.nowAtMs(), intentId, "fee", answerFee)
  }
  books.emit("charge.dispute.updated", dispute)
  return ok(dispute)
}

/** `POST /v1/disputes/:id/close`: the merchant gives it up. */
export const closeDispute = (books: Books, dispute: Dispute): Reply => {
  if (dispute.status === "won" || dispute.status === "lost") return invalid(closed, "id", "charge_dispute_closed")
  lose(books, dispute)
  return ok(dispute)
}
