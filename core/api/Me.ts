import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Checked, DriverAccess, PatienceMs } from "./Access.ts"
import { Cdr } from "./Cdrs.ts"
import { Driver, DriverChanges, DriverKey, Email, IssuedDriverKey, NewDriverKey } from "./Drivers.ts"
import { EvseId, Id, Instant, Name, pageOf, paging, StationId, TokenUid } from "./Fields.ts"
import { Invoice, Pdf } from "./Invoices.ts"
import { ChargeLimit } from "./Limits.ts"
import { OperationRecord } from "./Operations.ts"
import { Card, CardSetup, Payment, patienceMs } from "./Payments.ts"
import { Conflict, Forbidden, Unavailable, UnknownResource, Unprocessable } from "./Problems.ts"
import { Token } from "./Tokens.ts"
import { limitErrors, Price, Status, Transaction, TransactionDetail } from "./Transactions.ts"

/**
 * What drivers may ask: of what is theirs, and of nothing else. What is somebody else's is not found, as if it did not
 * exist.
 */

const about = (summary: string, description?: string) =>
  OpenApi.annotations({ summary, ...(description !== undefined && { description }) })

const one = <P extends Record<string, Schema.Constraint>>(params: P) => ({ params, error: UnknownResource }) as const

const charge = { transactionId: Id }
const invoice = { invoiceId: Id }

const NewCard = Schema.Struct({
  uid: TokenUid,
  code: Schema.String.check(Schema.isBetweenLength(4, 64)).annotate({
    description: "The code that came with the card."
  })
}).annotate({ identifier: "OwnCard", description: "A card that the operator gave out, and the proof that one has it." })

const Place = { stationId: StationId, evseId: EvseId }

const who = [
  HttpApiEndpoint.get("profile", "/me", { success: Driver, error: UnknownResource }).annotateMerge(about("Who I am")),
  HttpApiEndpoint.patch("update", "/me", {
    payload: DriverChanges,
    success: Driver,
    error: UnknownResource
  }).annotateMerge(about("Change my name or email")),
  HttpApiEndpoint.get("keys", "/me/keys", { query: paging, success: pageOf(DriverKey) }).annotateMerge(
    about("My bearer tokens", "Oldest first, without their secrets.")
  ),
  HttpApiEndpoint.post("createKey", "/me/keys", {
    payload: NewDriverKey,
    success: IssuedDriverKey.pipe(HttpApiSchema.status(201)),
    error: UnknownResource
  }).annotateMerge(about("Make myself another bearer token", "Before the one in use expires, or for another device.")),
  HttpApiEndpoint.delete("revokeKey", "/me/keys/:keyId", {
    ...one({ keyId: Id }),
    success: HttpApiSchema.NoContent
  }).annotateMerge(about("Revoke one of my bearer tokens", "The one in use, too: that is how one signs out."))
] as const

const tokens = [
  HttpApiEndpoint.get("tokens", "/me/tokens", { query: paging, success: pageOf(Token) }).annotateMerge(
    about("My cards and apps")
  ),
  HttpApiEndpoint.post("addCard", "/me/tokens", {
    payload: NewCard,
    success: Token.pipe(HttpApiSchema.status(201)),
    error: UnknownResource
  }).annotateMerge(
    about("Make a card mine", "A card that is not known, is somebody's, or has another code is not found (404).")
  ),
  HttpApiEndpoint.post("addApp", "/me/app-tokens", {
    success: Token.pipe(HttpApiSchema.status(201)),
    error: Conflict
  }).annotateMerge(about("Make a token for starting by app", "Good for one charge at a time.")),
  HttpApiEndpoint.post("blockToken", "/me/tokens/:uid/block", {
    ...one({ uid: TokenUid }),
    success: Token
  }).annotateMerge(about("Block a lost card", "From now on. Only the operator lifts it: finders must not."))
] as const

const charges = [
  HttpApiEndpoint.get("charges", "/me/charges", {
    query: {
      ...paging,
      status: Schema.optionalKey(Status),
      startedFrom: Schema.optionalKey(Instant),
      startedBefore: Schema.optionalKey(Instant)
    },
    success: pageOf(Transaction)
  }).annotateMerge(about("My charges, open and past", "Newest first.")),
  HttpApiEndpoint.get("charge", "/me/charges/:transactionId", {
    ...one(charge),
    success: TransactionDetail
  }).annotateMerge(about("One of my charges, with how far it has come")),
  HttpApiEndpoint.get("price", "/me/charges/:transactionId/price", { ...one(charge), success: Price }).annotateMerge(
    about("What it costs and why", "Line by line.")
  ),
  HttpApiEndpoint.post("start", "/me/charges", {
    payload: Schema.Struct({ ...Place, tokenUid: TokenUid, limit: Schema.optionalKey(ChargeLimit) }).annotate({
      identifier: "OwnStart"
    }),
    success: OperationRecord,
    error: [UnknownResource, Unavailable]
  })
    .annotate(PatienceMs, patienceMs)
    .annotateMerge(
      about("Ask a station to start", "On one of my own tokens. Answers when the station has, or cannot.")
    ),
  HttpApiEndpoint.post("stop", "/me/charges/:transactionId/stop", {
    params: charge,
    success: OperationRecord,
    error: [UnknownResource, Unavailable]
  })
    .annotate(PatienceMs, patienceMs)
    .annotateMerge(about("Ask the station to stop one of my charges")),
  HttpApiEndpoint.put("setLimit", "/me/charges/:transactionId/limit", {
    params: charge,
    payload: ChargeLimit,
    success: TransactionDetail,
    error: limitErrors
  }).annotateMerge(about("Say what one of my charges is to stop at", "In place of what stood, as a whole.")),
  HttpApiEndpoint.delete("removeLimit", "/me/charges/:transactionId/limit", {
    params: charge,
    success: TransactionDetail,
    error: limitErrors
  }).annotateMerge(about("Let one of my charges go on as far as it will")),
  HttpApiEndpoint.post("receipt", "/me/charges/:transactionId/receipt", {
    params: charge,
    success: Invoice,
    error: [UnknownResource, Conflict, Unprocessable]
  }).annotateMerge(about("A receipt of one of my charges", "Issued once; then the same one again.")),
  HttpApiEndpoint.get("cdrs", "/me/cdrs", { query: paging, success: pageOf(Cdr) }).annotateMerge(
    about("My bills, line by line", "Newest first.")
  ),
  HttpApiEndpoint.get("cdr", "/me/cdrs/:cdrId", { ...one({ cdrId: Id }), success: Cdr }).annotateMerge(
    about("One of my bills")
  )
] as const

const money = [
  HttpApiEndpoint.get("invoices", "/me/invoices", { query: paging, success: pageOf(Invoice) }).annotateMerge(
    about("My invoices, receipts and credit notes")
  ),
  HttpApiEndpoint.get("invoice", "/me/invoices/:invoiceId", { ...one(invoice), success: Invoice }).annotateMerge(
    about("One of my documents")
  ),
  HttpApiEndpoint.get("invoicePdf", "/me/invoices/:invoiceId/pdf", { ...one(invoice), success: Pdf }).annotateMerge(
    about("One of my documents as PDF")
  ),
  HttpApiEndpoint.get("payments", "/me/payments", { query: paging, success: pageOf(Payment) }).annotateMerge(
    about("My payments by card", "Newest first.")
  ),
  HttpApiEndpoint.get("payment", "/me/payments/:paymentId", {
    ...one({ paymentId: Id }),
    success: Payment
  }).annotateMerge(about("One of my payments")),
  HttpApiEndpoint.post("pay", "/me/payments", {
    payload: Schema.Struct({ ...Place, methodId: Id, limit: Schema.optionalKey(ChargeLimit) }).annotate({
      identifier: "OwnCardCharge"
    }),
    success: Payment.pipe(HttpApiSchema.status(201)),
    error: [UnknownResource, Conflict, Unprocessable]
  })
    .annotate(PatienceMs, patienceMs)
    .annotateMerge(about("Charge, paid by one of my cards", "The station is asked to start once the money is held.")),
  HttpApiEndpoint.get("cards", "/me/cards", {
    success: Schema.Struct({ items: Schema.Array(Card) }),
    error: [UnknownResource, Conflict, Unprocessable]
  }).annotateMerge(about("My payment cards")),
  HttpApiEndpoint.post("setUpCard", "/me/card-setups", {
    success: CardSetup.pipe(HttpApiSchema.status(201)),
    error: [UnknownResource, Conflict, Unprocessable]
  }).annotateMerge(about("Begin to keep a payment card")),
  HttpApiEndpoint.delete("forgetCard", "/me/cards/:methodId", {
    params: { methodId: Id },
    success: HttpApiSchema.NoContent,
    error: [UnknownResource, Conflict, Unprocessable]
  }).annotateMerge(about("Forget one of my payment cards"))
] as const

export class MeGroup extends HttpApiGroup.make("me")
  .add(...who, ...tokens, ...charges, ...money)
  .middleware(Checked)
  .middleware(DriverAccess)
  .prefix("/api/v1")
  .annotateMerge(
    OpenApi.annotations({ title: "Me", description: "For drivers, with a driver's bearer token: what is one's own." })
  ) {}

export const NewRegistration = Schema.Struct({ name: Name, email: Email }).annotate({
  identifier: "NewRegistration",
  examples: [{ name: "Ada Lovelace", email: "ada@example.com" }]
})

/** Where drivers sign up by themselves, if the operator lets them. */
export class RegistrationGroup extends HttpApiGroup.make("registration")
  .add(
    HttpApiEndpoint.post("register", "/public/drivers", {
      payload: NewRegistration,
      success: IssuedDriverKey.pipe(HttpApiSchema.status(201)),
      error: [Forbidden, Unavailable]
    }).annotateMerge(
      about(
        "Sign up as a driver",
        "Open where the operator says so (`WATTPROOF_REGISTRATION=open`), else 403. Answers with the first bearer token. The address is for documents and is not verified: two drivers may give the same, and none gets into another's account by it."
      )
    )
  )
  .middleware(Checked)
  .prefix("/api/v1")
  .annotateMerge(OpenApi.annotations({ title: "Registration", description: "Open to everybody." })) {}
