import Stripe from "stripe"
import { type CallFailure, Declined, Rejected, Unanswered } from "../Provider.ts"
import { viewOfPlain } from "./views.ts"

/** What the SDK threw, as the port says it. Whatever does not say for sure that nothing was done says nothing. */
export const failureOf = (error: unknown): CallFailure => {
  const message = error instanceof Error ? error.message : String(error)
  if (!(error instanceof Stripe.errors.StripeError)) return new Unanswered({ why: "connection", message })
  if (error instanceof Stripe.errors.StripeCardError) {
    const intent = error.payment_intent
    return new Declined({
      code: error.decline_code ?? error.code ?? "card_declined",
      intent: intent === undefined ? null : viewOfPlain(intent)
    })
  }
  if (error instanceof Stripe.errors.StripeRateLimitError) return new Unanswered({ why: "rate-limit", message })
  if (error instanceof Stripe.errors.StripeConnectionError) return new Unanswered({ why: "connection", message })
  if (error instanceof Stripe.errors.StripeAuthenticationError || error instanceof Stripe.errors.StripePermissionError)
    return new Unanswered({ why: "credentials", message })
  // 409: the first call of this key is still under way; what it comes to is not known yet.
  if (error.statusCode === 409) return new Unanswered({ why: "in-progress", message })
  if (error instanceof Stripe.errors.StripeInvalidRequestError || error instanceof Stripe.errors.StripeIdempotencyError)
    return new Rejected({ code: error.code ?? error.type, message })
  return new Unanswered({ why: "provider-error", message })
}

/** Whether the provider says that there is no such thing. */
export const isMissing = (failure: CallFailure): boolean =>
  failure._tag === "Rejected" && failure.code === "resource_missing"
