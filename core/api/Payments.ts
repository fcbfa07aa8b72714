import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { paymentKinds, purposes } from "../payment/Payment.ts"
import { disputeStatuses, intentStatuses, refundStatuses } from "../payment/ProviderView.ts"
import { paymentStates } from "../payment/state.ts"
import { resolutionActions, unmatchedKinds } from "../payment/Unmatched.ts"
import { Access, Checked, PatienceMs } from "./Access.ts"
import { AmountMinor, DriverId, EvseId, Id, Instant, pageOf, paging, StationId } from "./Fields.ts"
import { ChargeLimit, limitQuery } from "./Limits.ts"
import { Conflict, Unavailable, UnknownResource, Unprocessable } from "./Problems.ts"

const Currency = Schema.String.annotate({ description: "ISO 4217 code.", examples: ["EUR"] })

export const State = Schema.Literals(paymentStates).annotate({
  identifier: "PaymentState",
  description:
    "UNKNOWN: a call to the provider was not answered, and what became of it is being looked up; it may have happened."
})

/** An amount that a person asks for: more than nothing. */
const Wanted = Schema.String.annotate({
  description: "Whole minor units of the currency (cents for EUR) as decimal text, more than 0.",
  examples: ["500"]
}).check(Schema.isPattern(/^[1-9]\d{0,17}$/u, { expected: "whole minor units as decimal text, more than 0" }))

const Refund = Schema.Struct({
  id: Id,
  amountMinor: AmountMinor,
  status: Schema.Literals(refundStatuses),
  goodwill: Schema.Boolean.annotate({ description: "Given back though it was owed." })
}).annotate({ identifier: "PaymentRefund" })

const Dispute = Schema.Struct({
  id: Id,
  amountMinor: AmountMinor,
  status: Schema.Literals(disputeStatuses)
}).annotate({ identifier: "PaymentDispute" })

const Intent = Schema.Struct({
  id: Id.annotate({ description: "The provider's id." }),
  status: Schema.Literals(intentStatuses),
  authorizedMinor: AmountMinor,
  capturedMinor: AmountMinor,
  captureBefore: Schema.NullOr(Instant),
  declineCode: Schema.NullOr(Schema.String),
  feeMinor: Schema.NullOr(AmountMinor),
  refunds: Schema.Array(Refund),
  disputes: Schema.Array(Dispute)
}).annotate({ identifier: "PaymentIntent" })

const Attempt = Schema.Struct({
  key: Schema.String.annotate({ description: "The idempotency key it was sent under, however often." }),
  purpose: Schema.Literals(purposes),
  amountMinor: AmountMinor,
  tries: Schema.Int,
  status: Schema.String,
  code: Schema.NullOr(Schema.String),
  at: Instant
}).annotate({ identifier: "PaymentAttempt" })

export const Payment = Schema.Struct({
  id: Id,
  kind: Schema.Literals(paymentKinds).annotate({
    description: "What it pays: a charge, an invoice, into a wallet; stray: nothing we know, to be given back."
  }),
  state: State,
  provider: Schema.String,
  driverId: Schema.NullOr(DriverId).annotate({ description: "Null: ad hoc, without an account." }),
  stationId: Schema.NullOr(StationId).annotate({ description: "Null: for no charge." }),
  evseId: EvseId,
  transactionId: Schema.NullOr(Id),
  currency: Currency,
  holdMinor: AmountMinor.annotate({ description: "What was to be held before the start." }),
  holdReason: Schema.String.annotate({ description: "Why that much, for the driver." }),
  authorizedMinor: AmountMinor,
  capturedMinor: AmountMinor,
  refundedMinor: AmountMinor,
  owedMinor: Schema.NullOr(AmountMinor).annotate({ description: "What the bills come to; null until there is one." }),
  writtenOffMinor: AmountMinor,
  residualMinor: AmountMinor.annotate({ description: "Owed and neither paid nor written off." }),
  declined: Schema.NullOr(Schema.String).annotate({
    description: "Why the card was declined, in words for the driver."
  }),
  abandoned: Schema.NullOr(Schema.String).annotate({ description: "Why no charge came of it." }),
  createdAt: Instant,
  intents: Schema.Array(Intent),
  attempts: Schema.Array(Attempt)
}).annotate({ identifier: "Payment", description: "One payment by one payer." })

export interface Payment extends Schema.Schema.Type<typeof Payment> {}

export const Card = Schema.Struct({
  methodId: Id,
  brand: Schema.String,
  last4: Schema.String,
  expMonth: Schema.Int,
  expYear: Schema.Int
}).annotate({ identifier: "Card", description: "A card kept with the provider. Its number is never known here." })

export const CardSetup = Schema.Struct({
  setupId: Id,
  clientSecret: Schema.String.annotate({ description: "For the provider's own form on the driver's device." })
}).annotate({ identifier: "CardSetup" })

const Reason = Schema.String.check(Schema.isBetweenLength(1, 255))

const Resolution = Schema.Struct({
  action: Schema.Literals(resolutionActions),
  reason: Schema.String,
  by: Schema.String.annotate({ description: "Name of the API key." }),
  at: Instant,
  doneAt: Schema.NullOr(Instant).annotate({ description: "Null while it is under way." }),
  why: Schema.NullOr(Schema.String).annotate({ description: "Why it could not be done." }),
  paymentId: Schema.NullOr(Id).annotate({ description: "Which payment has the money now, or gives it back." }),
  writtenOffMinor: Schema.NullOr(AmountMinor).annotate({
    description: "What the provider has more than was booked, now kept; negative: less, now lost."
  })
}).annotate({ identifier: "Resolution" })

const Unmatched = Schema.Struct({
  id: Id,
  kind: Schema.Literals(unmatchedKinds),
  detail: Schema.String,
  paymentId: Schema.NullOr(Id).annotate({ description: "Null: of no payment." }),
  firstSeenAt: Instant,
  resolvedAt: Schema.NullOr(Instant),
  ageDays: Schema.Int,
  resolutions: Schema.Array(Resolution).annotate({ description: "What people decided about it, oldest first." })
}).annotate({ identifier: "Unmatched", description: "Something that provider, payments and ledger tell differently." })

const NewResolution = Schema.Union([
  Schema.Struct({ action: Schema.Literal("assign"), paymentId: Id, reason: Reason }).annotate({
    description: "Of unknown-intent: the money pays what that payment is still owed."
  }),
  Schema.Struct({ action: Schema.Literals(["refund", "write-off", "book"]), reason: Reason }).annotate({
    description:
      "refund, of unknown-intent: it goes back on the card, a hold is let go. write-off, of unknown-intent, missing-intent " +
      "and amounts: what the provider has is taken as it is, and the difference is kept or lost. book, of unbooked: the " +
      "missing entry is written."
  })
]).annotate({ identifier: "NewResolution" })

export const Reconciliation = Schema.Struct({ items: Schema.Array(Unmatched) }).annotate({
  identifier: "Reconciliation",
  description: "What is unmatched, oldest first."
})

const paymentParams = { paymentId: Id }
const wishErrors = [UnknownResource, Conflict, Unprocessable] as const
const RequestId = Id.annotate({ description: "Made by the client: the same id asks for the same thing once." })

/** The provider may take its time; more than its patience and a few steps is a fault. */
export const patienceMs = 90_000

export class PaymentsGroup extends HttpApiGroup.make("payments")
  .add(
    HttpApiEndpoint.get("list", "/payments", {
      query: {
        ...paging,
        state: Schema.optionalKey(State),
        driverId: Schema.optionalKey(DriverId),
        stationId: Schema.optionalKey(StationId)
      },
      success: pageOf(Payment)
    }).annotateMerge(OpenApi.annotations({ summary: "List payments", description: "Newest first." })),
    HttpApiEndpoint.get("get", "/payments/:paymentId", {
      params: paymentParams,
      success: Payment,
      error: UnknownResource
    }).annotateMerge(OpenApi.annotations({ summary: "A payment" })),
    HttpApiEndpoint.post("refund", "/payments/:paymentId/refunds", {
      params: paymentParams,
      payload: Schema.Struct({ id: RequestId, amountMinor: Wanted, reason: Reason }),
      success: Payment,
      error: wishErrors
    })
      .annotate(PatienceMs, patienceMs)
      .annotateMerge(
        OpenApi.annotations({
          summary: "Give money back out of goodwill",
          description:
            "For what is owed all the same. What a lower bill leaves over is given back by itself; where the bill itself is " +
            "wrong, correct it: POST /api/v1/transactions/{transactionId}/corrections."
        })
      ),
    HttpApiEndpoint.post("retry", "/payments/:paymentId/retries", {
      params: paymentParams,
      payload: Schema.Struct({ id: RequestId, methodId: Schema.optionalKey(Schema.NullOr(Id)) }),
      success: Payment,
      error: wishErrors
    })
      .annotate(PatienceMs, patienceMs)
      .annotateMerge(OpenApi.annotations({ summary: "Try again what was declined, with another card where named" })),
    HttpApiEndpoint.post("writeOff", "/payments/:paymentId/write-offs", {
      params: paymentParams,
      payload: Schema.Struct({ id: RequestId, amountMinor: Wanted, reason: Reason }),
      success: Payment,
      error: wishErrors
    }).annotateMerge(OpenApi.annotations({ summary: "Give up on what is still owed" })),
    HttpApiEndpoint.get("unmatched", "/payment-reconciliation", { success: Reconciliation }).annotateMerge(
      OpenApi.annotations({ summary: "What provider, payments and ledger tell differently" })
    ),
    HttpApiEndpoint.get("decided", "/payment-reconciliation/decided", {
      query: paging,
      success: pageOf(Unmatched)
    }).annotateMerge(
      OpenApi.annotations({ summary: "Unmatched items that people decided about", description: "By id." })
    ),
    HttpApiEndpoint.post("resolve", "/payment-reconciliation/:itemId/resolution", {
      params: { itemId: Id },
      payload: NewResolution,
      success: Unmatched,
      error: [...wishErrors, Unavailable]
    })
      .annotate(PatienceMs, patienceMs)
      .annotateMerge(
        OpenApi.annotations({
          summary: "Resolve an unmatched item by hand",
          description:
            "Once: asked again it is the same resolution, and anything else is refused. It is booked, and the same " +
            "difference is not reported again; another one of the same item is."
        })
      ),
    HttpApiEndpoint.post("reconcile", "/payment-reconciliation", {
      success: Reconciliation,
      error: [Conflict]
    })
      .annotate(PatienceMs, 300_000)
      .annotateMerge(OpenApi.annotations({ summary: "Compare provider, payments and ledger now" })),
    HttpApiEndpoint.post("setUpCard", "/drivers/:driverId/card-setups", {
      params: { driverId: DriverId },
      success: CardSetup.pipe(HttpApiSchema.status(201)),
      error: wishErrors
    }).annotateMerge(OpenApi.annotations({ summary: "Begin to keep a driver's card" })),
    HttpApiEndpoint.get("cards", "/drivers/:driverId/cards", {
      params: { driverId: DriverId },
      success: Schema.Struct({ items: Schema.Array(Card) }),
      error: wishErrors
    }).annotateMerge(OpenApi.annotations({ summary: "A driver's cards" })),
    HttpApiEndpoint.delete("forgetCard", "/drivers/:driverId/cards/:methodId", {
      params: { driverId: DriverId, methodId: Id },
      success: HttpApiSchema.NoContent,
      error: wishErrors
    }).annotateMerge(OpenApi.annotations({ summary: "Forget a driver's card" })),
    HttpApiEndpoint.post("charge", "/drivers/:driverId/charges", {
      params: { driverId: DriverId },
      payload: Schema.Struct({
        stationId: StationId,
        evseId: EvseId,
        methodId: Id,
        limit: Schema.optionalKey(ChargeLimit)
      }),
      success: Payment.pipe(HttpApiSchema.status(201)),
      error: wishErrors
    })
      .annotate(PatienceMs, patienceMs)
      .annotateMerge(
        OpenApi.annotations({
          summary: "Charge, paid by one of the driver's own cards",
          description: "The station is asked to start once the money is held."
        })
      )
  )
  .middleware(Checked)
  .middleware(Access)
  .prefix("/api/v1")
  .annotateMerge(
    OpenApi.annotations({ title: "Payments", description: "What is held, taken and given back on cards." })
  ) {}

const HoldQuote = Schema.Struct({
  stationId: StationId,
  evseId: EvseId,
  currency: Currency,
  holdMinor: AmountMinor,
  reason: Schema.String.annotate({ description: "Why that much, for the driver." }),
  tariffId: Id,
  tariffVersion: Schema.Int
}).annotate({ identifier: "HoldQuote" })

export const AdHocCharge = Schema.Struct({
  paymentId: Id,
  state: State,
  currency: Currency,
  holdMinor: AmountMinor,
  reason: Schema.String,
  clientSecret: Schema.NullOr(Schema.String).annotate({
    description: "Confirms the payment on the provider's own form, and asks for its status here."
  }),
  declined: Schema.NullOr(Schema.String),
  abandoned: Schema.NullOr(Schema.String),
  transactionId: Schema.NullOr(Id),
  capturedMinor: AmountMinor,
  owedMinor: Schema.NullOr(AmountMinor)
}).annotate({ identifier: "AdHocCharge" })

const place = {
  stationId: StationId,
  evseId: Schema.FiniteFromString.check(Schema.isInt(), Schema.isBetween({ minimum: 1, maximum: 65_535 }))
}

export class AdHocGroup extends HttpApiGroup.make("adHoc")
  .add(
    HttpApiEndpoint.get("quote", "/public/stations/:stationId/evses/:evseId/hold", {
      params: place,
      success: HoldQuote,
      error: [UnknownResource, Conflict, Unavailable]
    }).annotateMerge(OpenApi.annotations({ summary: "What is held on a card for a charge here, and why" })),
    HttpApiEndpoint.post("start", "/public/stations/:stationId/evses/:evseId/charges", {
      params: place,
      query: limitQuery,
      success: AdHocCharge.pipe(HttpApiSchema.status(201)),
      error: [UnknownResource, Conflict, Unprocessable, Unavailable]
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Begin to pay for a charge, without an account",
        description:
          "What the code on the station leads to. The station is asked to start once the money is held; the charge stops " +
          "at the first of the limits that are given."
      })
    ),
    HttpApiEndpoint.get("status", "/public/charges/:paymentId", {
      params: paymentParams,
      query: { clientSecret: Schema.String.check(Schema.isBetweenLength(1, 512)) },
      success: AdHocCharge,
      error: [UnknownResource, Conflict, Unprocessable, Unavailable]
    }).annotateMerge(OpenApi.annotations({ summary: "How a charge without an account stands" }))
  )
  .middleware(Checked)
  .prefix("/api/v1")
  .annotateMerge(
    OpenApi.annotations({ title: "Ad hoc", description: "Charging by the code on the station; open to everybody." })
  ) {}
