import type { Books } from "./Books.ts"
import { type Decline, declined } from "./cards.ts"
import { type Form, formOf, textOf, textsOf, wholeOf } from "./form.ts"
import { letGo, take } from "./money.ts"
import type { Charge, PaymentIntent, TryError } from "./objects.ts"
import { methodFor } from "./people.ts"
import { cardError, conflicting, invalid, isRefusal, missing, noSuch, ok, type Reply } from "./Reply.ts"

/** `POST /v1/payment_intents`. */
export const createIntent = (books: Books, form: Form): Reply => {
  const amount = wholeOf(form, "amount")
  const currency = textOf(form, "currency")
  if (amount === undefined) return missing("amount")
  if (amount === null || amount < 1) return invalid("Invalid integer", "amount", "parameter_invalid_integer")
  if (currency === undefined) return missing("currency")
  const customer = textOf(form, "customer") ?? null
  if (customer !== null && !books.customers.has(customer)) return noSuch("customer", customer)
  const method = methodFor(books, textOf(form, "payment_method"), customer)
  if (isRefusal(method)) return method
  const card = textsOf(formOf(form, "payment_method_options"), "card")
  const id = books.id("pi")
  const intent: PaymentIntent = {
    id,
    object: "payment_intent",
    created: books.now(),
    livemode: false,
    client_secret: `${id}_secret_${books.id("s").slice(2)}`,
    currency: currency.toLowerCase(),
    capture_method: textOf(form, "capture_method") === "manual" ? "manual" : "automatic",
    confirmation_method: "automatic",
    payment_method_types: ["card"],
    payment_method_options: { card },
    setup_future_usage: textOf(form, "setup_future_usage") ?? null,
    amount,
    amount_capturable: 0,
    amount_received: 0,
    status: method === null ? "requires_payment_method" : "requires_confirmation",
    customer,
    description: textOf(form, "description") ?? null,
    payment_method: method?.id ?? null,
    next_action: null,
    last_payment_error: null,
    latest_charge: null,
    canceled_at: null,
    cancellation_reason: null,
    metadata: textsOf(form, "metadata")
  }
  books.intents.set(id, intent)
  books.index(id)
  const { currency: in_, metadata } = intent
  books.account.open({
    id,
    createdAtMs: books.timers.nowAtMs(),
    currency: in_.toUpperCase(),
    metadata,
    way: intent.capture_method === "manual" ? "hold" : "charge",
    hasCustomer: customer !== null
  })
  books.emit("payment_intent.created", intent)
  return textOf(form, "confirm") === "true" ? confirm(books, intent, form) : ok(intent)
}

const confirmable: ReadonlyArray<string> = ["requires_payment_method", "requires_confirmation", "requires_action"]

const unexpected = (intent: PaymentIntent, what: string): Reply =>
  conflicting(
    "payment_intent_unexpected_state",
    `You cannot ${what} this PaymentIntent because it has a status of ${intent.status}.`,
    { payment_intent: intent }
  )

/** `POST /v1/payment_intents/:id/confirm`, by us or, with a client secret, by the holder's own device. */
export const confirm = (books: Books, intent: PaymentIntent, form: Form): Reply => {
  if (!confirmable.includes(intent.status)) return unexpected(intent, "confirm")
  const given = methodFor(books, textOf(form, "payment_method"), intent.customer)
  if (isRefusal(given)) return given
  if (given !== null) intent.payment_method = given.id
  if (intent.payment_method === null) {
    const why = "You cannot confirm this PaymentIntent because it's missing a payment method."
    return conflicting("payment_intent_unexpected_state", why, { payment_intent: intent })
  }
  const offSession = textOf(form, "off_session") === "true"
  intent.last_payment_error = null
  return authorize(books, intent, { offSession, returnUrl: textOf(form, "return_url") ?? null, passed: false })
}

interface Presence {
  readonly offSession: boolean
  readonly returnUrl: string | null
  /** The holder has proved to be there. */
  readonly passed: boolean
}

/** Asks the bank. */
const authorize = (books: Books, intent: PaymentIntent, presence: Presence): Reply => {
  const methodId = intent.payment_method!
  const card = books.cardBehind(methodId)
  const isKnown = books.setUp.has(methodId)
  const luck = presence.passed ? undefined : books.luck.ask("challenge")
  const mustProve = card.challenge === "always" || (card.challenge === "setup" && !isKnown)
  if (!presence.passed && (mustProve || luck !== undefined)) {
    if (presence.offSession) return turnDown(books, intent, declined("authentication_required"))
    return challenge(books, intent, presence, luck ?? { passed: true, afterMs: books.terms.challengeMs })
  }
  const word = books.luck.ask("word", { amount: intent.amount, offSession: presence.offSession }) ?? card.word
  if (word._tag === "Declined") return turnDown(books, intent, word)
  hold(books, intent)
  return ok(intent)
}

/** The holder is asked, and answers in his own time or never. */
const challenge = (
  books: Books,
  intent: PaymentIntent,
  presence: Presence,
  { passed, afterMs }: { readonly passed: boolean; readonly afterMs: number | undefined }
): Reply => {
  intent.status = "requires_action"
  intent.next_action = books.challengeUrl(intent.id, presence.returnUrl)
  books.emit("payment_intent.requires_action", intent)
  const asked = intent.next_action
  if (afterMs !== undefined) {
    books.timers.after(afterMs, () => {
      // Cancelled, or asked again, in the meantime.
      if (intent.next_action !== asked) return
      intent.next_action = null
      if (passed) authorize(books, intent, { ...presence, passed: true })
      else {
        const code = "payment_intent_authentication_failure"
        setBack(books, intent, { type: "invalid_request_error", code, message: "The authentication failed." })
      }
    })
  }
  return ok(intent)
}

const setBack = (books: Books, intent: PaymentIntent, error: TryError): void => {
  intent.status = "requires_payment_method"
  intent.last_payment_error = error
  books.emit("payment_intent.payment_failed", intent)
}

const turnDown = (books: Books, intent: PaymentIntent, word: Decline): Reply => {
  const { code, declineCode } = word
  const charge = makeCharge(books, intent, 0)
  charge.status = "failed"
  charge.paid = false
  charge.failure_code = code
  charge.failure_message = "Your card was declined."
  charge.outcome = { type: "issuer_declined", network_status: "declined_by_network", reason: declineCode }
  intent.latest_charge = charge.id
  books.emit("charge.failed", charge)
  const own = declineCode === null ? {} : { decline_code: declineCode }
  setBack(books, intent, { type: "card_error", code, ...own, message: "Your card was declined." })
  return cardError(code, declineCode, {
    charge: charge.id,
    payment_intent: structuredClone(intent),
    payment_method: books.methods.get(intent.payment_method!)
  })
}

const makeCharge = (books: Books, intent: PaymentIntent, authorized: number): Charge => {
  const method = books.methods.get(intent.payment_method!)!
  const wants = intent.payment_method_options.card
  const isPart = authorized > 0 && authorized < intent.amount
  const charge: Charge = {
    id: books.id("ch"),
    object: "charge",
    created: books.now(),
    livemode: false,
    currency: intent.currency,
    payment_intent: intent.id,
    customer: intent.customer,
    payment_method: method.id,
    metadata: intent.metadata,
    amount: authorized > 0 ? authorized : intent.amount,
    amount_captured: 0,
    amount_refunded: 0,
    captured: false,
    refunded: false,
    disputed: false,
    paid: true,
    status: "succeeded",
    failure_code: null,
    failure_message: null,
    outcome: { type: "authorized", network_status: "approved_by_network", reason: null },
    balance_transaction: null,
    dispute: null,
    payment_method_details: {
      type: "card",
      card: {
        brand: method.card.brand,
        last4: method.card.last4,
        amount_authorized: authorized > 0 ? authorized : null,
        incremental_authorization: {
          status: wants.request_incremental_authorization === "if_available" ? "available" : "unavailable"
        },
        partial_authorization: {
          status: isPart ? "partially_authorized" : authorized > 0 ? "fully_authorized" : "not_requested"
        }
      }
    }
  }
  books.charges.set(charge.id, charge)
  return charge
}

/** The bank said yes: the amount, or a part of it where a part is welcome, is held or, not to be held, taken. */
const hold = (books: Books, intent: PaymentIntent): void => {
  const wantsPart = intent.payment_method_options.card.request_partial_authorization === "if_available"
  const part = wantsPart ? books.luck.ask("part", intent.amount) : undefined
  const amount = Math.min(intent.amount, part ?? intent.amount)
  const charge = makeCharge(books, intent, amount)
  intent.latest_charge = charge.id
  intent.amount_capturable = amount
  if (intent.setup_future_usage !== null) books.setUp.add(intent.payment_method!)
  books.account.move(books.timers.nowAtMs(), intent.id, "authorized", amount)
  if (intent.capture_method === "automatic") {
    take(books, intent, charge, amount)
    books.emit("charge.succeeded", charge)
    books.emit("payment_intent.succeeded", intent)
    return
  }
  const lifetimeMs = books.luck.ask("lifetimeMs") ?? books.terms.lifetimeMs
  const details = charge.payment_method_details
  details.card = { ...details.card, capture_before: books.now() + Math.floor(lifetimeMs / 1000) }
  intent.status = "requires_capture"
  books.emit("charge.succeeded", charge)
  books.emit("payment_intent.amount_capturable_updated", intent)
  books.timers.after(lifetimeMs, () => {
    if (intent.status === "requires_capture") letGo(books, intent, "automatic")
  })
}

/** `POST /v1/payment_intents/:id/capture`: what is asked for, or all that is held; once. */
export const capture = (books: Books, intent: PaymentIntent, form: Form): Reply => {
  if (intent.status !== "requires_capture") return unexpected(intent, "capture")
  const amount = wholeOf(form, "amount_to_capture") ?? intent.amount_capturable
  if (amount < 1) return invalid("Invalid positive integer", "amount_to_capture", "parameter_invalid_integer")
  if (amount > intent.amount_capturable) {
    const held = intent.amount_capturable
    return conflicting("amount_too_large", `The amount to capture is greater than ${held}, which is all there is.`)
  }
  const charge = books.charges.get(intent.latest_charge!)!
  take(books, intent, charge, amount)
  books.emit("charge.captured", charge)
  books.emit("payment_intent.succeeded", intent)
  return ok(intent)
}

/** `POST /v1/payment_intents/:id/increment_authorization`: a new total, above the present one. */
export const increment = (books: Books, intent: PaymentIntent, form: Form): Reply => {
  const amount = wholeOf(form, "amount")
  if (amount === undefined) return missing("amount")
  if (intent.status !== "requires_capture") return unexpected(intent, "increment")
  if (amount === null || amount <= intent.amount) {
    return conflicting("parameter_invalid_integer", "The amount must be greater than the currently authorized amount.")
  }
  const charge = books.charges.get(intent.latest_charge!)!
  if (charge.payment_method_details.card.incremental_authorization.status !== "available") {
    return conflicting("payment_intent_unexpected_state", "This PaymentIntent is not eligible for an increment.")
  }
  const word = books.luck.ask("increment")
  if (word?._tag === "Declined") {
    return cardError(word.code, word.declineCode, { charge: charge.id, payment_intent: structuredClone(intent) })
  }
  books.account.move(books.timers.nowAtMs(), intent.id, "authorized", amount - intent.amount_capturable)
  intent.amount = amount
  intent.amount_capturable = amount
  charge.amount = amount
  const details = charge.payment_method_details
  details.card = { ...details.card, amount_authorized: amount }
  books.emit("payment_intent.amount_capturable_updated", intent)
  return ok(intent)
}

/** `POST /v1/payment_intents/:id/cancel`. */
export const cancel = (books: Books, intent: PaymentIntent, form: Form): Reply => {
  if (intent.status === "succeeded" || intent.status === "canceled") return unexpected(intent, "cancel")
  letGo(books, intent, textOf(form, "cancellation_reason") ?? "requested_by_customer")
  return ok(intent)
}

/** `POST /v1/payment_intents/:id`: what may still be changed. */
export const updateIntent = (books: Books, intent: PaymentIntent, form: Form): Reply => {
  intent.metadata = { ...intent.metadata, ...textsOf(form, "metadata") }
  intent.description = textOf(form, "description") ?? intent.description
  books.account.describe(intent.id, intent.metadata)
  return ok(intent)
}
