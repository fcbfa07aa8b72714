import type { Books } from "./Books.ts"
import type { Quarrel } from "./Luck.ts"
import type { Charge, Dispute, PaymentIntent } from "./objects.ts"

const dayMs = 86_400_000

/** The provider's fee for a capture, rounded half up. */
export const feeFor = ({ terms }: Books, amount: number): number =>
  amount === 0 ? 0 : Math.floor((amount * terms.feePer10000 + 5_000) / 10_000) + terms.feeFixed

/** Takes money from the card: what was held becomes ours, the rest of it is let go. */
export const take = (books: Books, intent: PaymentIntent, charge: Charge, amount: number): void => {
  const fee = feeFor(books, amount)
  const transaction = books.transact({ amount, fee, currency: intent.currency, type: "charge", source: charge.id })
  const heldRest = intent.amount_capturable - amount
  const atMs = books.timers.nowAtMs()
  books.account.move(atMs, intent.id, "captured", amount)
  if (heldRest > 0) books.account.move(atMs, intent.id, "released", heldRest)
  books.account.move(atMs, intent.id, "fee", fee)
  charge.amount_captured = amount
  charge.captured = true
  charge.balance_transaction = transaction.id
  intent.amount_capturable = 0
  intent.amount_received = amount
  intent.status = "succeeded"
  const card = books.cardBehind(charge.payment_method)
  const luck = books.luck.ask("quarrel")
  const quarrel = luck ?? (card.disputes ? { afterMs: 60_000, decidedAfterMs: dayMs, won: false } : undefined)
  if (quarrel !== undefined) books.later(quarrel.afterMs, () => dispute(books, charge, quarrel))
}

/** Lets go of what is held. */
export const letGo = (books: Books, intent: PaymentIntent, reason: string): void => {
  const isExpiry = reason === "automatic"
  if (intent.amount_capturable > 0) {
    books.account.move(books.timers.nowAtMs(), intent.id, isExpiry ? "expired" : "released", intent.amount_capturable)
  }
  intent.amount_capturable = 0
  intent.status = "canceled"
  intent.next_action = null
  intent.canceled_at = books.now()
  intent.cancellation_reason = reason
  const charge = books.charges.get(intent.latest_charge ?? "")
  if (isExpiry && charge !== undefined) books.emit("charge.expired", charge)
  books.emit("payment_intent.canceled", intent)
}

/** For so long evidence is taken. */
const answerDays = 7

/** The holder of a card has its bank take the money back. Nothing happens where nothing is left to take. */
const dispute = (books: Books, charge: Charge, { decidedAfterMs, won }: Quarrel): void => {
  const amount = charge.amount_captured - charge.amount_refunded
  if (!books.charges.has(charge.id)) return
  if (amount <= 0 || charge.disputed) return
  const { currency } = charge
  const intentId = charge.payment_intent
  const id = books.id("du")
  const quarrel: Dispute = {
    id,
    object: "dispute",
    created: books.now(),
    livemode: false,
    amount,
    currency,
    charge: charge.id,
    payment_intent: intentId,
    reason: "fraudulent",
    is_charge_refundable: false,
    metadata: {},
    balance_transactions: [
      books.transact({ amount: -amount, fee: books.terms.disputeFee, currency, type: "adjustment", source: id })
    ],
    status: "needs_response",
    evidence: {},
    evidence_details: {
      due_by: books.now() + answerDays * 86_400,
      has_evidence: false,
      past_due: false,
      submission_count: 0
    }
  }
  books.disputes.set(id, quarrel)
  charge.disputed = true
  charge.dispute = id
  books.account.move(books.timers.nowAtMs(), intentId, "disputed", amount)
  books.account.move(books.timers.nowAtMs(), intentId, "fee", books.terms.disputeFee)
  books.emit("charge.dispute.created", quarrel)
  books.emit("charge.dispute.funds_withdrawn", quarrel)
  books.later(decidedAfterMs, () => {
    // Who gave it up has lost it already, and may have got it back since.
    if (quarrel.status === "lost" || quarrel.status === "won") return
    if (!won) {
      lose(books, quarrel)
      return
    }
    win(books, quarrel)
  })
}

/** The money comes back, and with it what an answer has cost. */
export const win = (books: Books, quarrel: Dispute): void => {
  const { id: source, amount, currency, payment_intent: intentId } = quarrel
  const atMs = books.timers.nowAtMs()
  const back = quarrel.evidence_details.submission_count > 0 ? books.terms.answerFee : 0
  quarrel.status = "won"
  books.account.move(atMs, intentId, "dispute won", amount)
  if (back > 0) books.account.move(atMs, intentId, "fee given back", back)
  quarrel.balance_transactions.push(books.transact({ amount, fee: -back, currency, type: "adjustment", source }))
  books.emit("charge.dispute.funds_reinstated", quarrel)
  books.emit("charge.dispute.closed", quarrel)
}

/** The bank keeps the money. */
export const lose = (books: Books, quarrel: Dispute): void => {
  quarrel.status = "lost"
  books.account.move(books.timers.nowAtMs(), quarrel.payment_intent, "dispute lost", quarrel.amount)
  books.emit("charge.dispute.closed", quarrel)
}

/** Sends what is available to our bank, as it does once a day. */
export const payOut = (books: Books): void => {
  const sums = new Map<string, number>()
  const taken: Array<string> = []
  for (const { id, type } of books.transactions.values()) {
    const { status, net, currency } = books.transaction(id)
    if (type === "payout" || status !== "available" || books.paidOut.has(id)) continue
    sums.set(currency, (sums.get(currency) ?? 0) + net)
    taken.push(id)
  }
  for (const [currency, amount] of sums) {
    if (amount <= 0) continue
    const id = books.id("po")
    const source = { amount: -amount, fee: 0, currency, type: "payout" as const, source: id }
    const payout = {
      id,
      object: "payout" as const,
      created: books.now(),
      livemode: false as const,
      arrival_date: books.now() + 86_400,
      amount,
      currency,
      automatic: true as const,
      balance_transaction: books.transact(source).id,
      metadata: {},
      status: "paid" as const
    }
    books.payouts.set(id, payout)
    for (const one of taken) if (books.transaction(one).currency === currency) books.paidOut.set(one, id)
    books.emit("payout.paid", payout)
  }
}
