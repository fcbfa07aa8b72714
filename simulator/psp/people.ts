import type { Books } from "./Books.ts"
import { cardOf } from "./cards.ts"
import { type Form, formOf, textOf, textsOf } from "./form.ts"
import type { Customer, PaymentMethod, SetupIntent, TryError } from "./objects.ts"
import { cardError, conflicting, invalid, isRefusal, noSuch, ok, type Reply } from "./Reply.ts"

/** The method that is meant: one we know, or the card behind a test token. Null when none is given. */
export const methodFor = (
  books: Books,
  named: string | undefined,
  customer: string | null
): PaymentMethod | Reply | null => {
  if (named === undefined || named === "") return null
  const known = books.methods.get(named)
  if (known !== undefined) {
    if (known.customer === null || known.customer === customer) return known
    const why = "The provided PaymentMethod belongs to another customer."
    return invalid(why, "payment_method", "payment_method_unexpected_state")
  }
  const card = cardOf(named)
  return card === undefined ? noSuch("PaymentMethod", named) : books.makeMethod(card, null)
}

/** `POST /v1/customers`. */
export const createCustomer = (books: Books, form: Form): Reply => {
  const customer: Customer = {
    id: books.id("cus"),
    object: "customer",
    created: books.now(),
    livemode: false,
    email: textOf(form, "email") ?? null,
    name: textOf(form, "name") ?? null,
    metadata: textsOf(form, "metadata"),
    invoice_settings: { default_payment_method: null }
  }
  books.customers.set(customer.id, customer)
  books.index(customer.id)
  books.emit("customer.created", customer)
  const method = methodFor(books, textOf(form, "payment_method"), customer.id)
  if (isRefusal(method)) return method
  if (method !== null) method.customer = customer.id
  return updateCustomer(books, customer, form)
}

/** `POST /v1/customers/:id`. */
export const updateCustomer = (_books: Books, customer: Customer, form: Form): Reply => {
  customer.email = textOf(form, "email") ?? customer.email
  customer.name = textOf(form, "name") ?? customer.name
  customer.metadata = { ...customer.metadata, ...textsOf(form, "metadata") }
  const standard = textOf(formOf(form, "invoice_settings"), "default_payment_method")
  if (standard !== undefined) customer.invoice_settings.default_payment_method = standard
  return ok(customer)
}

/** `DELETE /v1/customers/:id`. */
export const deleteCustomer = (books: Books, customer: Customer): Reply => {
  customer.deleted = true
  for (const method of books.methods.values()) if (method.customer === customer.id) method.customer = null
  books.customers.delete(customer.id)
  books.emit("customer.deleted", customer)
  return ok({ id: customer.id, object: "customer", deleted: true })
}

/** `POST /v1/payment_methods/:id/attach`; a test token makes a method of its own. */
export const attach = (books: Books, named: string, form: Form): Reply => {
  const customer = textOf(form, "customer") ?? ""
  if (!books.customers.has(customer)) return noSuch("customer", customer)
  const method = methodFor(books, named, customer)
  if (method === null) return noSuch("PaymentMethod", named)
  if (isRefusal(method)) return method
  method.customer = customer
  books.emit("payment_method.attached", method)
  return ok(method)
}

/** `POST /v1/payment_methods/:id/detach`. */
export const detach = (books: Books, method: PaymentMethod): Reply => {
  if (method.customer === null) return conflicting("payment_method_not_attached", "It is attached to no customer.")
  method.customer = null
  books.setUp.delete(method.id)
  books.emit("payment_method.detached", method)
  return ok(method)
}

/** `POST /v1/setup_intents`. */
export const createSetup = (books: Books, form: Form): Reply => {
  const customer = textOf(form, "customer") ?? null
  if (customer !== null && !books.customers.has(customer)) return noSuch("customer", customer)
  const method = methodFor(books, textOf(form, "payment_method"), customer)
  if (isRefusal(method)) return method
  const id = books.id("seti")
  const setup: SetupIntent = {
    id,
    object: "setup_intent",
    created: books.now(),
    livemode: false,
    client_secret: `${id}_secret_${books.id("s").slice(2)}`,
    usage: textOf(form, "usage") ?? "off_session",
    status: method === null ? "requires_payment_method" : "requires_confirmation",
    customer,
    payment_method: method?.id ?? null,
    next_action: null,
    last_setup_error: null,
    metadata: textsOf(form, "metadata")
  }
  books.setups.set(id, setup)
  books.emit("setup_intent.created", setup)
  return textOf(form, "confirm") === "true" ? confirmSetup(books, setup, form) : ok(setup)
}

/** `POST /v1/setup_intents/:id/confirm`, by us or by the holder's device. */
export const confirmSetup = (books: Books, setup: SetupIntent, form: Form): Reply => {
  if (setup.status === "succeeded" || setup.status === "canceled") {
    return conflicting("setup_intent_unexpected_state", `It has a status of ${setup.status}.`, { setup_intent: setup })
  }
  const given = methodFor(books, textOf(form, "payment_method"), setup.customer)
  if (isRefusal(given)) return given
  if (given !== null) setup.payment_method = given.id
  const methodId = setup.payment_method
  if (methodId === null) return conflicting("setup_intent_unexpected_state", "It has no payment method.")
  const card = books.cardBehind(methodId)
  const luck = books.luck.ask("challenge")
  if (card.challenge === "never" && luck === undefined) return finishSetup(books, setup)
  const { passed, afterMs } = luck ?? { passed: true, afterMs: books.terms.challengeMs }
  const asked = books.challengeUrl(setup.id, textOf(form, "return_url") ?? null)
  setup.status = "requires_action"
  setup.next_action = asked
  books.emit("setup_intent.requires_action", setup)
  if (afterMs !== undefined) {
    books.timers.after(afterMs, () => {
      if (setup.next_action !== asked) return
      setup.next_action = null
      if (passed) finishSetup(books, setup)
      else {
        const code = "setup_intent_authentication_failure"
        failSetup(books, setup, { type: "invalid_request_error", code, message: "The authentication failed." })
      }
    })
  }
  return ok(setup)
}

const failSetup = (books: Books, setup: SetupIntent, error: TryError): void => {
  setup.status = "requires_payment_method"
  setup.last_setup_error = error
  books.emit("setup_intent.setup_failed", setup)
}

const finishSetup = (books: Books, setup: SetupIntent): Reply => {
  const methodId = setup.payment_method!
  const word = books.luck.ask("word", { amount: 0, offSession: false })
  if (word?._tag === "Declined") {
    const { code, declineCode } = word
    failSetup(books, setup, { type: "card_error", code, message: "Your card was declined." })
    return cardError(code, declineCode, { setup_intent: structuredClone(setup) })
  }
  const method = books.methods.get(methodId)!
  if (setup.customer !== null) method.customer = setup.customer
  books.setUp.add(methodId)
  setup.status = "succeeded"
  books.emit("setup_intent.succeeded", setup)
  return ok(setup)
}

/** `POST /v1/setup_intents/:id/cancel`. */
export const cancelSetup = (books: Books, setup: SetupIntent): Reply => {
  if (setup.status === "succeeded" || setup.status === "canceled") {
    return conflicting("setup_intent_unexpected_state", `It has a status of ${setup.status}.`, { setup_intent: setup })
  }
  setup.status = "canceled"
  setup.next_action = null
  books.emit("setup_intent.canceled", setup)
  return ok(setup)
}
