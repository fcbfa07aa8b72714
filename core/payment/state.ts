import { type Attempt, type FactOf, isGivenUp, isTopUp, type Payment, type Purpose, setOffs } from "./Payment.ts"
import { type IntentView, isAtLeast, isOver } from "./ProviderView.ts"

/** Where a payment stands (3.1 of the billing rules). */
export type PaymentState =
  | "NEW"
  | "AUTHORIZING"
  | "REQUIRES_ACTION"
  | "AUTHORIZED"
  | "INCREMENTING"
  | "CAPTURING"
  | "CAPTURED"
  | "SETTLED"
  | "VOIDING"
  | "VOIDED"
  | "REFUNDING"
  | "PARTIALLY_REFUNDED"
  | "REFUNDED"
  | "DISPUTED"
  | "DISPUTE_WON"
  | "DISPUTE_LOST"
  | "DECLINED"
  | "FAILED"
  | "UNKNOWN"
  | "CHARGING_RESIDUAL"
  | "RESIDUAL_DUE"

export const paymentStates: ReadonlyArray<PaymentState> = [
  "NEW",
  "AUTHORIZING",
  "REQUIRES_ACTION",
  "AUTHORIZED",
  "INCREMENTING",
  "CAPTURING",
  "CAPTURED",
  "SETTLED",
  "VOIDING",
  "VOIDED",
  "REFUNDING",
  "PARTIALLY_REFUNDED",
  "REFUNDED",
  "DISPUTED",
  "DISPUTE_WON",
  "DISPUTE_LOST",
  "DECLINED",
  "FAILED",
  "UNKNOWN",
  "CHARGING_RESIDUAL",
  "RESIDUAL_DUE"
]

/** What came of a payment in minor units; nothing in it is negative, and authorised >= captured >= refunded (I4). */
export interface Amounts {
  readonly authorizedMinor: bigint
  readonly capturedMinor: bigint
  /** What was or is being given back. */
  readonly refundedMinor: bigint
  /** Of it, what was given back out of goodwill. */
  readonly goodwillMinor: bigint
  /** Of goodwill, and of what a bank took back for good, what is owed no longer: it is given back of the bill instead. */
  readonly setOffMinor: Readonly<Record<(typeof setOffs)[number], bigint>>
  /** What counts as paid of what is owed: taken and kept, and what was given back, or taken back, though it was owed. */
  readonly paidMinor: bigint
  /** Null until there is a bill. */
  readonly owedMinor: bigint | null
  readonly writtenOffMinor: bigint
  /** Of reminders, beside what the bills come to. */
  readonly feesMinor: bigint
  /** Owed, fees included, and neither paid nor written off nor settled elsewhere. */
  readonly residualMinor: bigint
  /** Written off of what a bill came to that has come to less since. */
  readonly writtenOffTooMuchMinor: bigint
  /** Paid beyond what is owed, and not given back yet, by us or the bank. */
  readonly refundDueMinor: bigint
}

const total = <A>(items: ReadonlyArray<A>, amount: (item: A) => bigint): bigint =>
  items.reduce((sum, item) => sum + amount(item), 0n)

/** Refunds that took, or are taking, money from us. */
export const standingRefunds = (intent: IntentView) => intent.refunds.filter(({ status }) => status !== "Failed")

const keptOf = (intent: IntentView): bigint =>
  intent.capturedMinor - total(standingRefunds(intent), ({ amountMinor }) => amountMinor)

/** What the bank has taken back for good. */
const lostOf = ({ disputes }: IntentView): bigint =>
  total(
    disputes.filter(({ status }) => status === "Lost"),
    ({ amountMinor }) => amountMinor
  )

/** What the bank has taken back, or holds until it has decided: nobody can give it back a second time. */
export const withdrawnOf = ({ disputes }: IntentView): bigint =>
  total(
    disputes.filter(({ status }) => status === "Open" || status === "Lost"),
    ({ amountMinor }) => amountMinor
  )

/** What of an intent can still be given back. */
export const refundableOf = (intent: IntentView): bigint => {
  const left = keptOf(intent) - withdrawnOf(intent)
  return left > 0n ? left : 0n
}

export const amountsOf = (payment: Payment): Amounts => {
  const refunds = payment.intents.flatMap(standingRefunds)
  const authorizedMinor = total(payment.intents, (it) => it.authorizedMinor)
  const capturedMinor = total(payment.intents, (it) => it.capturedMinor)
  const refundedMinor = total(refunds, (it) => it.amountMinor)
  const goodwillMinor = total(
    refunds.filter((it) => it.goodwill),
    (it) => it.amountMinor
  )
  const writtenOffMinor = total(payment.writtenOff, (it) => it.amountMinor)
  const owedMinor = payment.owed?.amountMinor ?? (payment.abandoned === null ? null : 0n)
  const feesMinor = total(payment.fees, (it) => it.amountMinor)
  const cameMinor = total(payment.elsewhere, (it) => (isGivenUp(it) ? 0n : it.amountMinor))
  const dueMinor = (owedMinor ?? 0n) + feesMinor - cameMinor
  const broughtMinor = capturedMinor - refundedMinor + goodwillMinor
  const setOffMinor =
    owedMinor === null || isTopUp(payment)
      ? { goodwill: 0n, chargeback: 0n }
      : setOffOf(payment, broughtMinor - dueMinor, goodwillMinor)
  const paidMinor = broughtMinor - setOffMinor.goodwill - setOffMinor.chargeback
  // What was given up where it is dunned is nobody's money either: it is taken back there, and never given to the driver.
  const givenUpMinor = total(payment.elsewhere, (it) => (isGivenUp(it) ? it.amountMinor : 0n))
  const balance = dueMinor - writtenOffMinor - givenUpMinor - paidMinor
  const beyondMinor = owedMinor !== null && balance < 0n ? -balance : 0n
  const writtenOffTooMuchMinor = minimum(beyondMinor, writtenOffMinor)
  return {
    authorizedMinor,
    capturedMinor,
    refundedMinor,
    goodwillMinor,
    setOffMinor,
    paidMinor,
    owedMinor,
    writtenOffMinor,
    feesMinor,
    residualMinor: owedMinor !== null && balance > 0n ? balance : 0n,
    writtenOffTooMuchMinor,
    refundDueMinor: minimum(
      largest(0n, beyondMinor - writtenOffMinor - givenUpMinor),
      total(payment.intents, refundableOf)
    )
  }
}

const minimum = (a: bigint, b: bigint): bigint => (a < b ? a : b)
const largest = (a: bigint, b: bigint): bigint => (a > b ? a : b)

const between = (least: bigint, it: bigint, most: bigint): bigint => (it < least ? least : minimum(it, most))

/**
 * Beyond what is owed, and not to be given back any more because it went back as our expense: as goodwill first, then
 * through the bank. What a bank has not decided yet may still come back, and be given back then.
 */
const setOffOf = ({ intents }: Payment, beyondMinor: bigint, goodwillMinor: bigint): Amounts["setOffMinor"] => {
  const lostMinor = total(intents, lostOf)
  const leftMinor = total(intents, (it) => keptOf(it) - lostOf(it))
  const missingMinor = beyondMinor - (leftMinor > 0n ? leftMinor : 0n)
  const goodwill = between(0n, missingMinor, goodwillMinor)
  return { goodwill, chargeback: between(0n, missingMinor - goodwill, lostMinor) }
}

/** What is set off, or taken for an expense again, and not in the books yet. */
export const setOffDue = (payment: Payment): Pick<FactOf<"SetOff">, "against" | "amountMinor"> | undefined => {
  const { setOffMinor } = amountsOf(payment)
  for (const against of setOffs) {
    const own = payment.setOff.filter((it) => it.against === against)
    const amountMinor = setOffMinor[against] - total(own, (it) => it.amountMinor)
    if (amountMinor !== 0n) return { against, amountMinor }
  }
  return undefined
}

/** Whether what the provider says answers the question how this call ended. */
const isAnsweredBy = (attempt: Attempt, intents: ReadonlyArray<IntentView>): boolean => {
  const about = intents.find(({ id }) => id === attempt.intentId)
  switch (attempt.purpose) {
    case "authorize":
    case "charge":
      return intents.some(({ key }) => key === attempt.key)
    case "increment":
      return about !== undefined && (about.authorizedMinor >= attempt.amountMinor || isOver(about))
    case "capture":
    case "void":
      return about !== undefined && isOver(about)
    case "contest":
    case "accept":
      return isDisputeAnswered(about, attempt)
    case "refund":
      return about?.refunds.some(({ key }) => key === attempt.key) ?? false
  }
}

/** Whether the provider has that answer to a dispute, or has none to wait for any more. */
export const isDisputeAnswered = (
  intent: Pick<IntentView, "disputes"> | undefined,
  { purpose, disputeId }: Pick<Attempt, "purpose" | "disputeId">
): boolean => {
  const dispute = intent?.disputes.find(({ id }) => id === disputeId)
  if (dispute === undefined) return false
  return (
    dispute.status === "Won" || dispute.status === "Lost" || (purpose === "contest" && (dispute.submissions ?? 0) > 0)
  )
}

/** The calls of which neither an answer nor what the provider says tells how they ended, oldest first. */
export const openAttempts = (payment: Payment): ReadonlyArray<Attempt> =>
  payment.attempts
    .filter(
      (it) =>
        (it.status === "Sent" || it.status === "Unknown" || it.status === "Absent") &&
        !isAnsweredBy(it, payment.intents)
    )
    .sort((a, b) => a.atMs - b.atMs || (a.key < b.key ? -1 : 1))

/** Since when the end of a call is not known. */
export const openSinceMs = ({ sinceMs, atMs }: Attempt): number => sinceMs ?? atMs

export const attemptsFor = (payment: Payment, purpose: Purpose): ReadonlyArray<Attempt> =>
  payment.attempts.filter((it) => it.purpose === purpose).sort((a, b) => a.generation - b.generation)

/** The intent that holds the money for the session: that of the newest authorization the provider knows of. */
export const holdOf = (payment: Payment): IntentView | undefined => {
  const keys = attemptsFor(payment, "authorize").map(({ key }) => key)
  for (const key of keys.reverse()) {
    const intent = payment.intents.find((it) => it.key === key)
    if (intent !== undefined) return intent
  }
  return undefined
}

const waiting: Readonly<Record<Purpose, PaymentState>> = {
  authorize: "AUTHORIZING",
  increment: "INCREMENTING",
  capture: "CAPTURING",
  void: "VOIDING",
  charge: "CHARGING_RESIDUAL",
  refund: "REFUNDING",
  contest: "DISPUTED",
  accept: "DISPUTED"
}

/**
 * Where the payment stands. What is under way comes first, then disputes, then what was taken and given back, then what
 * is held.
 */
export const stateOf = (payment: Payment): PaymentState => {
  const open = openAttempts(payment)
  if (open.some(({ status }) => status === "Unknown" || status === "Absent")) return "UNKNOWN"
  if (open.length > 0) return waiting[open[0]!.purpose]
  const disputes = payment.intents.flatMap((it) => it.disputes)
  if (disputes.some(({ status }) => status === "Open" || status === "Inquiry")) return "DISPUTED"
  if (disputes.some(({ status }) => status === "Lost")) return "DISPUTE_LOST"
  const amounts = amountsOf(payment)
  const hold = holdOf(payment)
  const isHolding = hold !== undefined && !isOver(hold)
  if (!isHolding && amounts.residualMinor > 0n) return "RESIDUAL_DUE"
  if (disputes.length > 0) return "DISPUTE_WON"
  if (amounts.capturedMinor > 0n) return takenState(payment, amounts)
  return hold === undefined ? withoutHold(payment) : heldState(hold)
}

/** Whether something of it is due that its card did not pay, whatever a bank took back of the rest: it is dunned. */
export const isShort = (payment: Payment): boolean => {
  const state = stateOf(payment)
  return (state === "RESIDUAL_DUE" || state === "DISPUTE_LOST") && amountsOf(payment).residualMinor > 0n
}

const takenState = (payment: Payment, { capturedMinor, refundedMinor }: Amounts): PaymentState => {
  if (payment.intents.some((it) => it.refunds.some(({ status }) => status === "Pending"))) return "REFUNDING"
  if (refundedMinor >= capturedMinor) return "REFUNDED"
  if (refundedMinor > 0n) return "PARTIALLY_REFUNDED"
  const taken = payment.intents.filter((it) => it.capturedMinor > 0n)
  return taken.every((it) => it.settled) ? "SETTLED" : "CAPTURED"
}

const heldState = (hold: IntentView): PaymentState => {
  if (hold.status === "Declined") return "DECLINED"
  if (hold.status === "Authorized") return "AUTHORIZED"
  if (isAtLeast(hold, "Canceled")) return "VOIDED"
  return hold.status === "Processing" ? "AUTHORIZING" : "REQUIRES_ACTION"
}

const withoutHold = (payment: Payment): PaymentState => {
  const last = attemptsFor(payment, "authorize").at(-1)
  if (last?.status === "Declined") return "DECLINED"
  if (last?.status === "Refused") return "FAILED"
  return payment.abandoned === null ? "NEW" : "VOIDED"
}
