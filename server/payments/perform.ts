import { Effect } from "effect"
import type { Answer } from "#core/payment/decide.ts"
import { chargeMethodOf } from "#core/payment/next.ts"
import type { Attempt, Payment } from "#core/payment/Payment.ts"
import { isDisputeAnswered } from "#core/payment/state.ts"
import type { CallFailure, Held, PaymentProvider } from "./Provider.ts"

type Provider = PaymentProvider["Service"]

/** How long after a payment was opened its own hold can have been made at the provider. */
const holdWindowMs = 24 * 3_600_000
/** A provider's clock and ours need not agree. */
const clockSlackMs = 5 * 60_000

/** Makes the call an attempt stands for. The same attempt makes the same call, whenever it is made. */
export const perform = (provider: Provider, payment: Payment, attempt: Attempt): Effect.Effect<Answer> =>
  Effect.match(callOf(provider, payment, attempt), {
    onSuccess: ({ intent }): Answer => ({ _tag: "Done", intent }),
    onFailure: answerOf
  })

/** Asks the provider what became of an attempt. */
export const lookUp = (
  provider: Provider,
  payment: Payment,
  attempt: Attempt,
  nowMs: number
): Effect.Effect<Answer> => {
  const found =
    attempt.intentId === null
      ? provider.find({
          key: attempt.key,
          customerId: payment.customerId,
          createdFromMs: payment.createdAtMs - clockSlackMs,
          // A hold is made soon after the payment was opened; a charge may come weeks later.
          createdBeforeMs:
            attempt.purpose === "authorize"
              ? Math.min(nowMs, payment.createdAtMs + holdWindowMs) + clockSlackMs
              : nowMs + clockSlackMs
        })
      : provider.lookUp(attempt.intentId)
  return Effect.match(found, {
    onSuccess: (held): Answer => (held === undefined ? { _tag: "Absent" } : seenIn(held, attempt)),
    onFailure: answerOf
  })
}

/** Whether the intent shows that the call was carried out; one that was not is sent again. */
const seenIn = ({ intent }: Held, attempt: Attempt): Answer => {
  const done: Answer = { _tag: "Done", intent }
  const isOver = intent.status === "Canceled" || intent.status === "Succeeded"
  switch (attempt.purpose) {
    case "authorize":
    case "charge":
      return done
    case "increment":
      return intent.authorizedMinor >= attempt.amountMinor || isOver ? done : { _tag: "Absent" }
    case "capture":
    case "void":
      return isOver ? done : { _tag: "Absent" }
    case "contest":
    case "accept":
      return isDisputeAnswered(intent, attempt) ? done : { _tag: "Absent" }
    case "refund":
      return intent.refunds.some(({ key }) => key === attempt.key) ? done : { _tag: "Absent" }
  }
}

const answerOf = (failure: CallFailure): Answer => {
  switch (failure._tag) {
    case "Declined":
      return { _tag: "Declined", code: failure.code, intent: failure.intent }
    case "Rejected":
      return { _tag: "Refused", code: failure.code }
    case "Unanswered":
      return { _tag: "Unknown", code: failure.why }
  }
}

const callOf = (
  provider: Provider,
  payment: Payment,
  { key, purpose, amountMinor, intentId, goodwillId, disputeId = "" }: Attempt
): Effect.Effect<Held, CallFailure> => {
  const request = {
    key,
    amountMinor,
    paymentId: payment.id,
    currency: payment.currency,
    customerId: payment.customerId,
    description: payment.stationId === "" ? payment.holdReason : `Charging at ${payment.stationId}`
  }
  if (purpose === "authorize") return provider.authorize({ ...request, methodId: chargeMethodOf(payment) })
  if (purpose === "charge") {
    const methodId = chargeMethodOf(payment)
    if (methodId === null || payment.customerId === null)
      return Effect.die(new Error(`${payment.id} has no card to charge`))
    return provider.charge({ ...request, customerId: payment.customerId, methodId })
  }
  if (intentId === null) return Effect.die(new Error(`${key} is about no intent`))
  switch (purpose) {
    case "increment":
      return provider.increment({ key, amountMinor, intentId })
    case "capture":
      return provider.capture({ key, amountMinor, intentId })
    case "void":
      return provider.void({ key, intentId })
    case "contest": {
      const evidence = payment.disputeAnswers.find(({ id }) => id === disputeId)?.evidence
      if (evidence == null) return Effect.die(new Error(`${key} has no evidence`))
      return provider.contest({ key, intentId, disputeId, evidence })
    }
    case "accept":
      return provider.accept({ key, intentId, disputeId })
    case "refund":
      return provider.refund({ key, amountMinor, intentId, goodwill: goodwillId !== null })
  }
}
