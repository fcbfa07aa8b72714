import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Access, Checked, PatienceMs } from "./Access.ts"
import { AmountMinor, Currency, Id, Instant, pageOf, paging, TariffId } from "./Fields.ts"
import { patienceMs } from "./Payments.ts"
import { Conflict, UnknownResource, Unprocessable } from "./Problems.ts"

const Reason = Schema.String.check(Schema.isBetweenLength(1, 255)).annotate({
  description: "For the driver, too: it stands on the credit note.",
  examples: ["The cable would not come out."]
})

const Version = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000_000_000 }))

export const NewCorrection = Schema.Struct({
  id: Id.annotate({ description: "Made by the client: the same id corrects the same charge once." }),
  reason: Reason,
  price: Schema.NullOr(
    Schema.Struct({
      tariffId: TariffId,
      version: Schema.optionalKey(Version).annotate({ description: "The one that held when it began unless told." })
    })
  ).annotate({ description: "What the charge is priced by from its start; null: nothing is owed for it." })
}).annotate({
  identifier: "NewCorrection",
  examples: [
    { id: "case-4711", reason: "The cable would not come out.", price: { tariffId: "without-parking" } },
    { id: "case-4712", reason: "The charger delivered nothing.", price: null }
  ]
})

const Outcome = Schema.Struct({
  currency: Schema.NullOr(Currency),
  beforeMinor: AmountMinor.annotate({ description: "What the charge came to, gross." }),
  afterMinor: AmountMinor.annotate({ description: "What it comes to now." }),
  creditCdrId: Schema.NullOr(Id).annotate({ description: "Null: the bill was none, or is the same." }),
  cdrId: Schema.NullOr(Id).annotate({ description: "The bill that stands; null: none." }),
  creditNoteId: Schema.NullOr(Id).annotate({ description: "Null: the bill stood on no document." }),
  invoiceIds: Schema.Array(Id).annotate({ description: "What was issued instead, with the other sessions of it." }),
  settledBy: Schema.Literals(["payment", "wallet", "invoice", "nobody"]).annotate({
    description:
      "Whence the difference is given back or asked for: the card payment of the charge, its driver's wallet, the debt of " +
      "its invoice; or from nobody, as it was paid by nobody yet."
  }),
  paymentId: Schema.NullOr(Id).annotate({ description: "Whose refunds say what was given back." })
}).annotate({ identifier: "CorrectionOutcome" })

export const Correction = Schema.Struct({
  id: Id,
  transactionId: Id,
  requestId: Id.annotate({ description: "The client's." }),
  reason: Schema.String,
  tariff: Schema.NullOr(Schema.Struct({ id: TariffId, version: Schema.Int })),
  requestedBy: Schema.String.annotate({ description: "Name of the API key." }),
  requestedAt: Instant,
  status: Schema.Literals(["Waiting", "Done", "Refused"]).annotate({
    description: "Waiting: it is begun, and finished without being asked for again."
  }),
  doneAt: Schema.NullOr(Instant),
  why: Schema.NullOr(Schema.String).annotate({ description: "Of one that was refused." }),
  outcome: Schema.NullOr(Outcome).annotate({ description: "Of one that is done." })
}).annotate({ identifier: "Correction", description: "A bill that an operator had made anew, or took back." })

export interface Correction extends Schema.Schema.Type<typeof Correction> {}

export class CorrectionsGroup extends HttpApiGroup.make("corrections")
  .add(
    HttpApiEndpoint.post("correct", "/transactions/:transactionId/corrections", {
      params: { transactionId: Id },
      payload: NewCorrection,
      success: Correction.pipe(HttpApiSchema.status(201)),
      error: [UnknownResource, Conflict, Unprocessable]
    })
      .annotate(PatienceMs, patienceMs)
      .annotateMerge(
        OpenApi.annotations({
          summary: "Correct or cancel the bill of a charge",
          description:
            "Makes a credit CDR and, unless nothing is owed, a new one; a credit note and a new document where it stood on " +
            "one; and gives the difference back on the card, to the wallet or from the invoice's debt that paid. What its " +
            "station tells later is billed by the correction. Asked again with the same id it is the same correction; once " +
            "it was let in it is finished, whatever happens to the server."
        })
      ),
    HttpApiEndpoint.get("list", "/corrections", {
      query: { ...paging, transactionId: Schema.optionalKey(Id) },
      success: pageOf(Correction)
    }).annotateMerge(OpenApi.annotations({ summary: "Corrections of bills, newest first" })),
    HttpApiEndpoint.get("get", "/corrections/:correctionId", {
      params: { correctionId: Id },
      success: Correction,
      error: UnknownResource
    }).annotateMerge(OpenApi.annotations({ summary: "A correction and what came of it" }))
  )
  .middleware(Checked)
  .middleware(Access)
  .prefix("/api/v1")
  .annotateMerge(OpenApi.annotations({ title: "Corrections", description: "Bills that were wrong, made right." })) {}
