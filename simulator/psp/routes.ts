import type { Books } from "./Books.ts"
import { closeDispute, submitEvidence } from "./disputes.ts"
import type { Form } from "./form.ts"
import { textOf } from "./form.ts"
import { cancel, capture, confirm, createIntent, increment, updateIntent } from "./intents.ts"
import {
  attach,
  cancelSetup,
  confirmSetup,
  createCustomer,
  createSetup,
  deleteCustomer,
  detach,
  updateCustomer
} from "./people.ts"
import { noSuch, ok, type Reply } from "./Reply.ts"
import { listed, search } from "./reading.ts"
import { createRefund } from "./refunds.ts"

type Handler = (books: Books, id: string, form: Form) => Reply
type ObjectOf<K extends Kept> = Books[K] extends Map<string, infer A extends object> ? A : never
type Kept = "customers" | "setups" | "intents" | "charges" | "refunds" | "disputes" | "payouts" | "events" | "methods"

/** A handler that needs the object the path names. */
const about =
  <K extends Kept>(kept: K, what: string, use: (books: Books, object: ObjectOf<K>, form: Form) => Reply): Handler =>
  (books, id, form) => {
    const object = books[kept].get(id)
    return object === undefined ? noSuch(what, id) : use(books, object as never, form)
  }

const get = <K extends Kept>(kept: K, what: string): Handler => about(kept, what, (_books, object) => ok(object))

const list =
  (kept: Kept, url: string): Handler =>
  (books, _id, form) =>
    listed<{ readonly id: string; readonly created: number }>(url, form, books[kept].values())

/** The resources there are, by method and path; `*` stands for an id. */
const routes: Readonly<Record<string, Handler>> = {
  "POST customers": (books, _id, form) => createCustomer(books, form),
  "GET customers": list("customers", "/v1/customers"),
  "GET customers/search": (books, _id, form) => search(books, "/v1/customers/search", form, books.customers.values()),
  "GET customers/*": get("customers", "customer"),
  "POST customers/*": about("customers", "customer", updateCustomer),
  "DELETE customers/*": about("customers", "customer", deleteCustomer),
  "GET customers/*/payment_methods": (books, id, form) =>
    listed(`/v1/customers/${id}/payment_methods`, form, books.methods.values(), ({ customer }) => customer === id),
  "GET payment_methods": list("methods", "/v1/payment_methods"),
  "GET payment_methods/*": get("methods", "PaymentMethod"),
  "POST payment_methods/*/attach": attach,
  "POST payment_methods/*/detach": about("methods", "PaymentMethod", detach),
  "POST setup_intents": (books, _id, form) => createSetup(books, form),
  "GET setup_intents": list("setups", "/v1/setup_intents"),
  "GET setup_intents/*": get("setups", "setupintent"),
  "POST setup_intents/*/confirm": about("setups", "setupintent", confirmSetup),
  "POST setup_intents/*/cancel": about("setups", "setupintent", cancelSetup),
  "POST payment_intents": (books, _id, form) => createIntent(books, form),
  "GET payment_intents": list("intents", "/v1/payment_intents"),
  "GET payment_intents/search": (books, _id, form) =>
    search(books, "/v1/payment_intents/search", form, books.intents.values()),
  "GET payment_intents/*": get("intents", "payment_intent"),
  "POST payment_intents/*": about("intents", "payment_intent", updateIntent),
  "POST payment_intents/*/confirm": about("intents", "payment_intent", confirm),
  "POST payment_intents/*/capture": about("intents", "payment_intent", capture),
  "POST payment_intents/*/increment_authorization": about("intents", "payment_intent", increment),
  "POST payment_intents/*/cancel": about("intents", "payment_intent", cancel),
  "POST refunds": (books, _id, form) => createRefund(books, form),
  "GET refunds": list("refunds", "/v1/refunds"),
  "GET refunds/*": get("refunds", "refund"),
  "GET charges": list("charges", "/v1/charges"),
  "GET charges/*": get("charges", "charge"),
  "GET disputes": list("disputes", "/v1/disputes"),
  "GET disputes/*": get("disputes", "dispute"),
  "POST disputes/*": about("disputes", "dispute", submitEvidence),
  "POST disputes/*/close": about("disputes", "dispute", closeDispute),
  "GET balance_transactions": (books, _id, form) => {
    const payout = textOf(form, "payout")
    const settled = [...books.transactions.keys()].map((id) => books.transaction(id))
    return listed("/v1/balance_transactions", form, settled, ({ id }) => {
      return payout === undefined || books.paidOut.get(id) === payout
    })
  },
  "GET balance_transactions/*": (books, id) =>
    books.transactions.has(id) ? ok(books.transaction(id)) : noSuch("balance_transaction", id),
  "GET payouts": list("payouts", "/v1/payouts"),
  "GET payouts/*": get("payouts", "payout"),
  "GET events": list("events", "/v1/events"),
  "GET events/*": get("events", "event")
}

/** Carries out one request; 404 where there is no such resource. */
export const route = (books: Books, method: string, path: string, form: Form): Reply => {
  const steps = path.replace(/^\/v1\//, "").split("/")
  const exact = routes[`${method} ${steps.join("/")}`]
  if (exact !== undefined) return exact(books, "", form)
  const [first, id = "", ...rest] = steps
  const handler = routes[`${method} ${[first, "*", ...rest].join("/")}`]
  return handler === undefined ? noSuch("resource", path) : handler(books, id, form)
}
