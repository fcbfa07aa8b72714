import { isHard } from "./decline.ts"
import { type Attempt, isTopUp, type Payment, type PaymentFact, type Purpose } from "./Payment.ts"
import { type IntentView, isAtLeast, isOver } from "./ProviderView.ts"
import {
  amountsOf,
  attemptsFor,
  holdOf,
  isDisputeAnswered,
  openAttempts,
  openSinceMs,
  refundableOf,
  setOffDue
} from "./state.ts"

/** The house's rules for payments. */
export interface Policy {
  /** Less than this is not worth a payment (the provider refuses it): not captured, not charged, written off. */
  readonly floorMinor: bigint
  /** How long a driver may take to enter and confirm a card. */
  readonly confirmWithinMs: number
  /** How long after the station was asked a transaction may take to begin. */
  readonly beginWithinMs: number
  /** When a call that was begun and never ended is taken as one that nobody waits for any more. */
  readonly staleAfterMs: number
  /** Between looking for what became of a call; the last repeats. */
  readonly lookUpDelaysMs: ReadonlyArray<number>
  /** Between tries at a charge or a refund that failed for what may pass; when used up, people decide. */
  readonly retryDelaysMs: ReadonlyArray<number>
  /** The same where the provider failed and the card was not even asked; used up by errors in a row only. */
  readonly errorDelaysMs: ReadonlyArray<number>
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs

export const standardPolicy: Policy = {
  floorMinor: 50n,
  confirmWithinMs: 10 * minuteMs,
  beginWithinMs: 5 * minuteMs,
  staleAfterMs: 2 * minuteMs,
  lookUpDelaysMs: [5_000, 30_000, 2 * minuteMs, 10 * minuteMs, hourMs],
  retryDelaysMs: [hourMs, 24 * hourMs, 72 * hourMs],
  errorDelaysMs: [hourMs, hourMs, 2 * hourMs, 4 * hourMs, 8 * hourMs, 24 * hourMs, 24 * hourMs]
}

/** What is to be done about a payment now. */
export type Step =
  /** Write the attempt, then make the call. */
  | { readonly _tag: "Call"; readonly attempt: Attempt }
  /** Ask the provider what became of the attempt. */
  | { readonly _tag: "LookUp"; readonly attempt: Attempt }
  /** Write it, then ask the station to start. */
  | { readonly _tag: "Start" }
  /** Follows without asking anybody. */
  | { readonly _tag: "Note"; readonly fact: PaymentFact }
  /** Nothing before that instant, unless something happens. */
  | { readonly _tag: "Wait"; readonly untilMs: number }
  /** Nothing, unless something happens. */
  | { readonly _tag: "Rest" }

const rest: Step = { _tag: "Rest" }

/** The next step for a payment. One call at a time: nothing new is begun while the end of one is not known. */
export const next = (payment: Payment, nowMs: number, policy: Policy): Step => {
  const [open] = openAttempts(payment)
  if (open !== undefined) return settleAttempt(payment, open, nowMs, policy)
  // Opened for an intent that was found, and not told of it yet: there is nothing to hold.
  if (payment.kind === "stray" && payment.abandoned === null) return rest
  const answer = nextAnswer(payment, nowMs, policy)
  if (answer !== undefined) return answerDispute(payment, answer, nowMs)
  const stray = strayHold(payment)
  if (stray !== undefined) return letGo(payment, stray, nowMs, policy)
  const hold = holdOf(payment)
  if (payment.owed === null) return beforeTheBill(payment, hold, nowMs, policy)
  if (hold !== undefined && !isOver(hold)) return settleHold(payment, hold, payment.owed.amountMinor, nowMs, policy)
  return balance(payment, nowMs, policy)
}

/** The first attempt under a key, or the same once more. */
export const again = (attempt: Attempt, nowMs: number): Attempt => ({
  ...attempt,
  tries: attempt.tries + 1,
  status: "Sent",
  code: null,
  atMs: nowMs,
  sinceMs: openSinceMs(attempt),
  looks: 0
})

const call = (
  payment: Payment,
  purpose: Purpose,
  nowMs: number,
  about: {
    readonly intentId: string | null
    readonly amountMinor: bigint
    readonly goodwillId?: string
    readonly disputeId?: string
  }
): Extract<Step, { _tag: "Call" }> => {
  const generation = attemptsFor(payment, purpose).length + 1
  return {
    _tag: "Call",
    attempt: {
      key: keyOf(payment.id, purpose, generation),
      purpose,
      generation,
      intentId: about.intentId,
      amountMinor: about.amountMinor,
      goodwillId: about.goodwillId ?? null,
      ...(about.disputeId !== undefined && { disputeId: about.disputeId }),
      tries: 1,
      status: "Sent",
      code: null,
      atMs: nowMs
    }
  }
}

/** Names a call for ever: whose it is, what for, and which try at that. At most 255 characters (Stripe's limit). */
export const keyOf = (paymentId: string, purpose: Purpose, generation: number): string =>
  `${paymentId}/${purpose}/${generation}`

const settleAttempt = (payment: Payment, attempt: Attempt, nowMs: number, policy: Policy): Step => {
  if (attempt.status === "Absent") {
    const why = whyNotAgain(payment, attempt, nowMs, policy)
    if (why === undefined) return { _tag: "Call", attempt: again(attempt, nowMs) }
    const given: Attempt = { ...attempt, status: "Refused", code: why, atMs: nowMs }
    return { _tag: "Note", fact: { _tag: "Attempted", attempt: given } }
  }
  if (attempt.status === "Sent") {
    const staleAtMs = attempt.atMs + policy.staleAfterMs
    return nowMs >= staleAtMs ? { _tag: "LookUp", attempt } : { _tag: "Wait", untilMs: staleAtMs }
  }
  return at(attempt.atMs + delay(policy.lookUpDelaysMs, attempt.tries + (attempt.looks ?? 0)), nowMs, () => ({
    _tag: "LookUp",
    attempt
  }))
}

/**
 * Why a call that was not carried out is not sent again under its key. An error is repeated under the same key for as
 * long as the provider keeps it (3.2), so the next try needs another; and a driver who has left pays for nothing.
 */
const whyNotAgain = (payment: Payment, attempt: Attempt, nowMs: number, policy: Policy): string | undefined => {
  if (isError(attempt)) return attempt.code ?? undefined
  const isLate = attempt.purpose === "authorize" && nowMs >= confirmedByMs(payment, policy)
  return isLate ? "too-late" : undefined
}

/** When its driver last wanted the payment. */
const askedAtMs = (payment: Payment): number =>
  payment.retries.reduce((latest, { atMs }) => Math.max(latest, atMs), payment.createdAtMs)

const delay = (delaysMs: ReadonlyArray<number>, tries: number): number =>
  delaysMs[Math.min(tries, delaysMs.length) - 1] ?? 0

const at = (dueAtMs: number, nowMs: number, step: () => Step): Step =>
  nowMs >= dueAtMs ? step() : { _tag: "Wait", untilMs: dueAtMs }

/** A hold that a newer one has replaced and that still stands: two of them would hold the driver's money twice. */
const strayHold = (payment: Payment): IntentView | undefined => {
  const current = holdOf(payment)
  const keys = attemptsFor(payment, "authorize").map(({ key }) => key)
  return payment.intents.find((it) => it.id !== current?.id && keys.includes(it.key) && !isOver(it))
}

/** Releases what is held; again after a while when that failed, for nobody's money stays held for nothing. */
const letGo = (payment: Payment, { id }: IntentView, nowMs: number, policy: Policy): Step => {
  const make = () => call(payment, "void", nowMs, { intentId: id, amountMinor: 0n })
  const last = attemptsFor(payment, "void").at(-1)
  if (last?.intentId !== id) return make()
  return at(last.atMs + delay(policy.lookUpDelaysMs, last.generation), nowMs, make)
}

const beforeTheBill = (payment: Payment, hold: IntentView | undefined, nowMs: number, policy: Policy): Step => {
  const { abandoned, began, startAsked } = payment
  // A transaction is under way: what it comes to is told by its bill.
  if (began !== null) return rest
  if (abandoned !== null) {
    if (hold === undefined || isOver(hold)) return balance(payment, nowMs, policy)
    return letGo(payment, hold, nowMs, policy)
  }
  if (hold === undefined || isRetryAsked(payment)) return authorize(payment, hold, nowMs, policy)
  // A top-up has no bill: what is held is taken, and is the driver's once it is.
  if (hold.status === "Succeeded" && isTopUp(payment)) return balance(payment, nowMs, policy)
  if (hold.status === "Authorized") {
    if (isTopUp(payment)) return settleHold(payment, hold, payment.holdMinor, nowMs, policy)
    if (startAsked === null) return nowMs < confirmedByMs(payment, policy) ? { _tag: "Start" } : tooLate(nowMs)
    return at(startAsked.atMs + policy.beginWithinMs, nowMs, () =>
      abandon(nowMs, "The station did not begin to charge in time.")
    )
  }
  if (isOver(hold)) return abandon(nowMs, "The hold on the card is gone.")
  return unconfirmed(payment, nowMs, policy)
}

/** Nobody who asked for a charge stands at the station for longer: what begins then charges the next one's car. */
const confirmedByMs = (payment: Payment, policy: Policy): number => askedAtMs(payment) + policy.confirmWithinMs

const tooLate = (nowMs: number): Step => abandon(nowMs, "The payment was not confirmed in time.")

const unconfirmed = (payment: Payment, nowMs: number, policy: Policy): Step =>
  at(confirmedByMs(payment, policy), nowMs, () => tooLate(nowMs))

const abandon = (atMs: number, why: string): Step => ({ _tag: "Note", fact: { _tag: "Abandoned", atMs, why } })

/** Whether another try at the authorization was asked for that was not made yet. */
const isRetryAsked = (payment: Payment): boolean => attemptsFor(payment, "authorize").length <= payment.retries.length

const authorize = (payment: Payment, hold: IntentView | undefined, nowMs: number, policy: Policy): Step => {
  if (!isRetryAsked(payment)) return unconfirmed(payment, nowMs, policy)
  if (hold !== undefined && !isOver(hold)) return call(payment, "void", nowMs, { intentId: hold.id, amountMinor: 0n })
  return call(payment, "authorize", nowMs, { intentId: null, amountMinor: payment.holdMinor })
}

/** Of what is held: captures what is owed, once, as far as it goes; lets go of it when nothing worth taking is owed. */
const settleHold = (payment: Payment, hold: IntentView, owedMinor: bigint, nowMs: number, policy: Policy): Step => {
  const about = { intentId: hold.id }
  if (hold.status !== "Authorized" || owedMinor < policy.floorMinor) return letGo(payment, hold, nowMs, policy)
  const amountMinor = owedMinor < hold.authorizedMinor ? owedMinor : hold.authorizedMinor
  const last = attemptsFor(payment, "capture").at(-1)
  if (last === undefined) return call(payment, "capture", nowMs, { ...about, amountMinor })
  return retry(payment, attemptsFor(payment, "capture"), nowMs, policy, () =>
    call(payment, "capture", nowMs, { ...about, amountMinor })
  )
}

/** A dispute that a person has answered, where the provider does not have that answer and would still take one. */
const nextAnswer = (payment: Payment, nowMs: number, policy: Policy) => {
  for (const { id, evidence } of payment.disputeAnswers) {
    const purpose = evidence === null ? ("accept" as const) : ("contest" as const)
    const intent = payment.intents.find(({ disputes }) => disputes.some((it) => it.id === id))
    if (intent === undefined || isDisputeAnswered(intent, { purpose, disputeId: id })) continue
    const tries = attemptsFor(payment, purpose).filter(({ disputeId }) => disputeId === id)
    const last = tries.at(-1)
    const waitMs = policy.retryDelaysMs[tries.length - 1]
    // One that was refused is tried again after a while; what else is due of the payment does not wait for it.
    const isDue = last === undefined || (waitMs !== undefined && nowMs >= last.atMs + waitMs)
    if (isDue) return { purpose, disputeId: id, intentId: intent.id }
  }
  return undefined
}

const answerDispute = (
  payment: Payment,
  { purpose, disputeId, intentId }: NonNullable<ReturnType<typeof nextAnswer>>,
  nowMs: number
): Step => call(payment, purpose, nowMs, { intentId, amountMinor: 0n, disputeId })

/** Once nothing is held: gives back what is too much, asks for what is too little. */
const balance = (payment: Payment, nowMs: number, policy: Policy): Step => {
  const { residualMinor, refundDueMinor, writtenOffTooMuchMinor } = amountsOf(payment)
  if (writtenOffTooMuchMinor > 0n) return writeOff(payment, -writtenOffTooMuchMinor, "The bill came to less.", nowMs)
  const off = setOffDue(payment)
  if (off !== undefined) return setOff(payment, off, nowMs)
  const goodwill = nextGoodwill(payment)
  const giving = goodwill && refund(payment, goodwill.amountMinor, nowMs, policy, goodwill.id)
  // One that cannot be given waits for people: what is due is asked for all the same.
  if (giving !== undefined && giving._tag !== "Rest") return giving
  if (refundDueMinor > 0n) return refund(payment, refundDueMinor, nowMs, policy)
  if (residualMinor === 0n) return rest
  if (residualMinor < policy.floorMinor) return writeOff(payment, residualMinor, "Less than a payment may be.", nowMs)
  if (chargeMethodOf(payment) === null || payment.intents.some(isUndecidedCharge(payment))) return rest
  const charge = () => call(payment, "charge", nowMs, { intentId: null, amountMinor: residualMinor })
  return retry(payment, attemptsFor(payment, "charge"), nowMs, policy, charge)
}

/** Gives up what is due, or takes back as much of what was given up. */
const writeOff = (payment: Payment, amountMinor: bigint, reason: string, atMs: number): Step => {
  const id = `${payment.id}/write-off/${payment.writtenOff.length + 1}`
  return { _tag: "Note", fact: { _tag: "WrittenOff", atMs, id, amountMinor, reason } }
}

const setOff = (payment: Payment, off: NonNullable<ReturnType<typeof setOffDue>>, atMs: number): Step => {
  const id = `${payment.id}/set-off/${payment.setOff.length + 1}`
  return { _tag: "Note", fact: { _tag: "SetOff", atMs, id, ...off } }
}

/** The card that may be charged without its holder being there: the newest that was named. */
export const chargeMethodOf = (payment: Payment): string | null =>
  [...payment.retries].sort((a, b) => a.atMs - b.atMs).findLast(({ methodId }) => methodId !== null)?.methodId ??
  payment.methodId

const isUndecidedCharge = (payment: Payment) => (intent: IntentView) =>
  attemptsFor(payment, "charge").some(({ key }) => key === intent.key) && !isAtLeast(intent, "Declined")

/** Asked for, and not given yet; what one intent has too little for comes from the next. */
const nextGoodwill = (payment: Payment): { readonly id: string; readonly amountMinor: bigint } | undefined => {
  if (payment.intents.every((it) => refundableOf(it) <= 0n)) return undefined
  for (const { id, amountMinor } of payment.goodwill) {
    const standing = payment.attempts.filter((it) => it.goodwillId === id && !isWithout(payment, it))
    const leftMinor = amountMinor - standing.reduce((sum, it) => sum + it.amountMinor, 0n)
    if (leftMinor > 0n) return { id, amountMinor: leftMinor }
  }
  return undefined
}

/** Whether nothing was given back by that attempt. */
const isWithout = (payment: Payment, attempt: Attempt): boolean => {
  if (attempt.status === "Refused" || attempt.status === "Declined") return true
  const made = payment.intents.flatMap((it) => it.refunds).find(({ key }) => key === attempt.key)
  return made?.status === "Failed"
}

const refund = (payment: Payment, dueMinor: bigint, nowMs: number, policy: Policy, goodwillId?: string): Step => {
  const bySize = payment.intents.toSorted((a, b) => (refundableOf(a) > refundableOf(b) ? -1 : 1))
  let later: Step = rest
  // What one card's bank sends back uses up none of the tries at another.
  for (const intent of bySize) {
    const left = refundableOf(intent)
    if (left <= 0n) break
    const amountMinor = dueMinor < left ? dueMinor : left
    const about = { intentId: intent.id, amountMinor, ...(goodwillId !== undefined && { goodwillId }) }
    const tried = attemptsFor(payment, "refund").filter((it) => it.intentId === intent.id)
    const step = retry(payment, tried, nowMs, policy, () => call(payment, "refund", nowMs, about))
    if (step._tag === "Call") return step
    if (step._tag === "Wait" && (later._tag !== "Wait" || step.untilMs < later.untilMs)) later = step
  }
  return later
}

/**
 * Another attempt at what failed: after a while, so many times, and never after a hard decline. Each retry that people
 * ask for allows one more, at once.
 */
const retry = (
  payment: Payment,
  attempts: ReadonlyArray<Attempt>,
  nowMs: number,
  policy: Policy,
  make: () => Step
): Step => {
  const failed = attempts.filter((it) => hasFailed(payment, it))
  const last = failed.at(-1)
  if (last === undefined) return make()
  if (payment.retries.some(({ atMs }) => atMs >= last.atMs)) return make()
  const waitMs = delayAfter(failed, policy)
  if (waitMs === undefined || isHard(codeOf(payment, last))) return rest
  return at(last.atMs + waitMs, nowMs, make)
}

/** An error of the provider's is no answer of the card's, and uses none of its tries up. */
const delayAfter = (failed: ReadonlyArray<Attempt>, policy: Policy): number | undefined => {
  const ofCard = failed.findLastIndex((it) => !isError(it))
  if (ofCard === failed.length - 1) return policy.retryDelaysMs[failed.filter((it) => !isError(it)).length - 1]
  return policy.errorDelaysMs[failed.length - 2 - ofCard]
}

const isError = ({ code }: Attempt): boolean => code === "provider-error"

const hasFailed = (payment: Payment, attempt: Attempt): boolean => {
  if (attempt.status === "Refused" || attempt.status === "Declined") return true
  if (attempt.purpose === "refund") return isWithout(payment, attempt)
  return attempt.purpose === "charge" && codeOf(payment, attempt) !== null
}

/** Why the attempt failed, as the answer or else the provider's view of its intent says. */
const codeOf = (payment: Payment, attempt: Attempt): string | null => {
  if (attempt.code !== null) return attempt.code
  const intent = payment.intents.find(({ key }) => key === attempt.key)
  return intent?.status === "Declined" ? intent.declineCode : null
}
