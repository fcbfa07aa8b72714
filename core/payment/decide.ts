import { keyOf } from "./next.ts"
import type { Attempt, FactOf, Payment, PaymentFact } from "./Payment.ts"
import { type IntentView, isOver, joinIntent } from "./ProviderView.ts"
import { amountsOf, attemptsFor, holdOf, openAttempts, openSinceMs, refundableOf } from "./state.ts"

/** How a call ended, as the provider's answer or its absence tells. */
export type Answer =
  | { readonly _tag: "Done"; readonly intent: IntentView }
  /** The bank said no; the intent as it stands, where there is one. */
  | { readonly _tag: "Declined"; readonly code: string; readonly intent: IntentView | null }
  /** The provider would not have it. */
  | { readonly _tag: "Refused"; readonly code: string }
  /** No answer, or one that says nothing: it may have happened. */
  | { readonly _tag: "Unknown"; readonly code: string }
  /** Looked for and not there. */
  | { readonly _tag: "Absent" }

/** What happens to a payment: people's wishes, the session's course, the provider's answers. */
export type Command =
  | { readonly _tag: "Send"; readonly attempt: Attempt }
  | { readonly _tag: "Answer"; readonly attempt: Attempt; readonly answer: Answer }
  | { readonly _tag: "Observe"; readonly intent: IntentView }
  | { readonly _tag: "AskStart" }
  | { readonly _tag: "Begin"; readonly transactionId: string }
  | { readonly _tag: "Owe"; readonly revision: number; readonly amountMinor: bigint }
  | { readonly _tag: "Abandon"; readonly why: string }
  /** Hold `toMinor` in all. */
  | { readonly _tag: "Increment"; readonly toMinor: bigint }
  | { readonly _tag: "Refund"; readonly id: string; readonly amountMinor: bigint; readonly reason: string }
  | { readonly _tag: "Retry"; readonly id: string; readonly methodId: string | null }
  /** An intent that was made for nothing we know pays what is still owed. */
  | { readonly _tag: "Adopt"; readonly intent: IntentView }
  /** An intent that was made for nothing we know: nothing is owed for it, so that it is let go or given back. */
  | { readonly _tag: "Disown"; readonly intent: IntentView; readonly why: string }
  /** Contests a dispute with that evidence, or accepts it (null). */
  | ({ readonly _tag: "AnswerDispute" } & Omit<FactOf<"DisputeAnswered">, "_tag" | "atMs">)
  | { readonly _tag: "WriteOff"; readonly id: string; readonly amountMinor: bigint; readonly reason: string }
  /** What dunning adds to what is owed, and what it knows to be settled: the same id says it once. */
  | { readonly _tag: "AskFee" | "SettleElsewhere"; readonly id: string; readonly amountMinor: bigint }

/** Why a command adds nothing: null when what it says is known already. */
export type Decision =
  | { readonly _tag: "Decided"; readonly facts: ReadonlyArray<PaymentFact> }
  | { readonly _tag: "Refused"; readonly why: string }

const decided = (...facts: ReadonlyArray<PaymentFact>): Decision => ({ _tag: "Decided", facts })
const nothing: Decision = { _tag: "Decided", facts: [] }
const refused = (why: string): Decision => ({ _tag: "Refused", why })

/** What a command adds to what is true of a payment. What is known adds nothing; what is late is told all the same. */
export const decide = (payment: Payment, command: Command, atMs: number): Decision => {
  switch (command._tag) {
    case "Send":
      return decided({ _tag: "Attempted", attempt: command.attempt })
    case "Answer":
      return answered(command.attempt, command.answer, atMs)
    case "Observe":
      return isNews(payment, command.intent) ? decided({ _tag: "Observed", atMs, intent: command.intent }) : nothing
    case "AskStart":
      return payment.startAsked === null ? decided({ _tag: "StartAsked", atMs }) : nothing
    case "Begin":
      return payment.began === null ? decided({ _tag: "Began", atMs, transactionId: command.transactionId }) : nothing
    case "Owe":
      return payment.owed !== null && payment.owed.revision >= command.revision
        ? nothing
        : decided({ _tag: "Owed", atMs, revision: command.revision, amountMinor: command.amountMinor })
    case "Abandon":
      return payment.abandoned === null && payment.began === null && payment.owed === null
        ? decided({ _tag: "Abandoned", atMs, why: command.why })
        : nothing
    case "Increment":
      return increment(payment, command.toMinor, atMs)
    case "Refund":
      return refund(payment, command, atMs)
    case "Retry":
      return payment.retries.some(({ id }) => id === command.id)
        ? nothing
        : decided({ _tag: "RetryAsked", atMs, id: command.id, methodId: command.methodId })
    case "Adopt":
      return adopt(payment, command.intent, atMs)
    case "Disown":
      return payment.abandoned === null ? disown(payment, command, atMs) : nothing
    case "AnswerDispute":
      return answerDispute(payment, command, atMs)
    case "WriteOff":
      return writeOff(payment, command, atMs)
    case "AskFee":
    case "SettleElsewhere": {
      const [known, _tag] =
        command._tag === "AskFee"
          ? ([payment.fees, "FeeAsked"] as const)
          : ([payment.elsewhere, "SettledElsewhere"] as const)
      const { id, amountMinor } = command
      return known.some((it) => it.id === id) ? nothing : decided({ _tag, atMs, id, amountMinor })
    }
  }
}

/** Whether the provider says more of an intent than is known. */
const isNews = (payment: Payment, told: IntentView): boolean => {
  const known = payment.intents.find(({ id }) => id === told.id)
  return known === undefined || textOf(joinIntent(known, told)) !== textOf(joinIntent(known, known))
}

const textOf = (intent: IntentView): string =>
  JSON.stringify(intent, (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value))

const answered = (attempt: Attempt, answer: Answer, atMs: number): Decision => {
  const ended = (over: Pick<Attempt, "status" | "code" | "sinceMs" | "looks">): PaymentFact => ({
    _tag: "Attempted",
    attempt: { ...attempt, ...over, atMs }
  })
  switch (answer._tag) {
    case "Done":
      return decided(ended({ status: "Done", code: null }), { _tag: "Observed", atMs, intent: answer.intent })
    case "Declined": {
      const fact = ended({ status: "Declined", code: answer.code })
      return answer.intent === null ? decided(fact) : decided(fact, { _tag: "Observed", atMs, intent: answer.intent })
    }
    case "Refused":
      return decided(ended({ status: "Refused", code: answer.code }))
    case "Unknown": {
      const looks = attempt.status === "Unknown" ? (attempt.looks ?? 0) + 1 : 0
      return decided(ended({ status: "Unknown", code: answer.code, sinceMs: openSinceMs(attempt), looks }))
    }
    case "Absent":
      return decided(ended({ status: "Absent", code: attempt.code, sinceMs: openSinceMs(attempt) }))
  }
}

const increment = (payment: Payment, toMinor: bigint, atMs: number): Decision => {
  const hold = holdOf(payment)
  if (hold?.status !== "Authorized") return refused("Nothing is held that could be raised.")
  if (openAttempts(payment).length > 0) return refused("Another call is under way.")
  if (toMinor <= hold.authorizedMinor) return nothing
  const generation = attemptsFor(payment, "increment").length + 1
  return decided({
    _tag: "Attempted",
    attempt: {
      key: keyOf(payment.id, "increment", generation),
      purpose: "increment",
      generation,
      intentId: hold.id,
      amountMinor: toMinor,
      goodwillId: null,
      tries: 1,
      status: "Sent",
      code: null,
      atMs
    }
  })
}

const refund = (
  payment: Payment,
  { id, amountMinor, reason }: Extract<Command, { _tag: "Refund" }>,
  atMs: number
): Decision => {
  const known = payment.goodwill.find((it) => it.id === id)
  if (known !== undefined) {
    return known.amountMinor === amountMinor ? nothing : refused("That refund was asked for with another amount.")
  }
  if (amountMinor <= 0n) return refused("A refund is more than nothing.")
  const asked = payment.goodwill.reduce((sum, it) => sum + it.amountMinor, 0n)
  const { goodwillMinor, refundDueMinor } = amountsOf(payment)
  const refundable = payment.intents.reduce((sum, it) => sum + refundableOf(it), 0n)
  const left = refundable - refundDueMinor - (asked > goodwillMinor ? asked - goodwillMinor : 0n)
  if (amountMinor > left) return refused(`At most ${left} minor units can be given back.`)
  return decided({ _tag: "GoodwillAsked", atMs, id, amountMinor, reason })
}

const adopt = (payment: Payment, intent: IntentView, atMs: number): Decision => {
  if (payment.intents.some(({ id }) => id === intent.id)) return nothing
  if (openAttempts(payment).length > 0) return refused("Another call of that payment is under way.")
  const hold = holdOf(payment)
  if (hold !== undefined && !isOver(hold)) return refused("Money is still held for that payment.")
  const bringsMinor = refundableOf(intent)
  const { residualMinor } = amountsOf(payment)
  if (bringsMinor <= 0n) return refused("No money was taken that could pay for anything.")
  if (bringsMinor > residualMinor)
    return refused(`Of that payment ${residualMinor} minor units are due, less than the ${bringsMinor} that came.`)
  return decided({ _tag: "Observed", atMs, intent })
}

/** As if we had held it: so it is let go, given back, looked for and booked as everything that we hold. */
const disown = (payment: Payment, { intent, why }: Extract<Command, { _tag: "Disown" }>, atMs: number): Decision => {
  const attempt: Attempt = {
    key: intent.key,
    purpose: "authorize",
    generation: 1,
    intentId: null,
    amountMinor: intent.authorizedMinor,
    goodwillId: null,
    tries: 1,
    status: "Done",
    code: null,
    atMs: payment.createdAtMs
  }
  return decided({ _tag: "Attempted", attempt }, { _tag: "Observed", atMs, intent }, { _tag: "Abandoned", atMs, why })
}

const answerDispute = (
  payment: Payment,
  { _tag, ...answer }: Extract<Command, { _tag: "AnswerDispute" }>,
  atMs: number
): Decision => {
  const known = payment.disputeAnswers.find(({ id }) => id === answer.id)
  if (known !== undefined) {
    if ((known.evidence === null) === (answer.evidence === null)) return nothing
    return refused(`${known.by} has ${known.evidence === null ? "accepted" : "contested"} it already.`)
  }
  const dispute = payment.intents.flatMap((it) => it.disputes).find(({ id }) => id === answer.id)
  if (dispute === undefined) return refused("There is no such dispute.")
  if (dispute.status === "Won" || dispute.status === "Lost") return refused("It is decided already.")
  if ((dispute.submissions ?? 0) > 0) return refused("It was answered with the provider already.")
  if (dispute.dueByMs !== undefined && atMs >= dispute.dueByMs) return refused("The time for an answer is over.")
  return decided({ _tag: "DisputeAnswered", atMs, ...answer })
}

const writeOff = (
  payment: Payment,
  { id, amountMinor, reason }: Extract<Command, { _tag: "WriteOff" }>,
  atMs: number
): Decision => {
  if (payment.writtenOff.some((it) => it.id === id)) return nothing
  const hold = holdOf(payment)
  if (hold !== undefined && !isOver(hold)) return refused("Money is still held for it.")
  if (openAttempts(payment).length > 0) return refused("Another call is under way.")
  const { residualMinor } = amountsOf(payment)
  if (amountMinor <= 0n || amountMinor > residualMinor) return refused(`${residualMinor} minor units are due.`)
  return decided({ _tag: "WrittenOff", atMs, id, amountMinor, reason })
}
