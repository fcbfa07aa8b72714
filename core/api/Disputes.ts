import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { attemptStatuses, DisputeEvidence } from "../payment/Payment.ts"
import { disputeStatuses } from "../payment/ProviderView.ts"
import { Access, Checked, PatienceMs } from "./Access.ts"
import { Cdr } from "./Cdrs.ts"
import { AmountMinor, Currency, DriverId, Id, Instant, pageOf, paging, StationId } from "./Fields.ts"
import { patienceMs } from "./Payments.ts"
import { Conflict, UnknownResource } from "./Problems.ts"
import { Transaction } from "./Transactions.ts"

const Status = Schema.Literals(disputeStatuses).annotate({
  description: "Inquiry: no money was taken back. Open: it was, until the bank decides."
})

const kind = Schema.Literals(["contest", "accept"])

const Answer = Schema.Struct({
  kind,
  by: Schema.String.annotate({ description: "Name of the API key." }),
  reason: Schema.String,
  at: Instant,
  status: Schema.NullOr(Schema.Literals(attemptStatuses)).annotate({
    description: "How the last try to tell the provider ended; null: there was none yet."
  }),
  code: Schema.NullOr(Schema.String).annotate({ description: "Why the provider refused it." })
}).annotate({ identifier: "DisputeAnswer" })

const head = {
  id: Id.annotate({ description: "The provider's id." }),
  status: Status,
  amountMinor: AmountMinor,
  feeMinor: Schema.NullOr(AmountMinor).annotate({
    description: "What the provider has kept for it so far, less what it gave back."
  }),
  currency: Currency,
  reason: Schema.NullOr(Schema.String).annotate({ description: "The provider's word.", examples: ["fraudulent"] }),
  dueBy: Schema.NullOr(Instant).annotate({ description: "Until when evidence is taken." }),
  submissions: Schema.Int.annotate({ description: "How often evidence was submitted." }),
  paymentId: Id,
  transactionId: Schema.NullOr(Id),
  stationId: Schema.NullOr(StationId),
  driverId: Schema.NullOr(DriverId),
  answer: Schema.NullOr(Answer)
}

export const Dispute = Schema.Struct(head).annotate({
  identifier: "Dispute",
  description: "Money that the holder of a card wants back from its bank. What comes of it is in the ledger at once."
})

const Evidence = DisputeEvidence.annotate({ identifier: "DisputeEvidence" })

export const DisputeDetail = Schema.Struct({
  ...head,
  held: Schema.Struct({
    transaction: Schema.NullOr(Transaction),
    cdr: Schema.NullOr(Cdr),
    documentId: Schema.NullOr(Id).annotate({ description: "The receipt or invoice that has the bill." }),
    readings: Schema.Int.annotate({ description: "Meter readings, at most 500 of which are told." })
  }).annotate({ description: "What the books have of it." }),
  evidence: Evidence.annotate({ description: "As it was submitted, or would be." })
}).annotate({ identifier: "DisputeDetail" })

export class DisputesGroup extends HttpApiGroup.make("disputes")
  .add(
    HttpApiEndpoint.get("list", "/disputes", {
      query: { ...paging, status: Schema.optionalKey(Status) },
      success: pageOf(Dispute)
    }).annotateMerge(OpenApi.annotations({ summary: "Disputes", description: "Those of the newest payments first." })),
    HttpApiEndpoint.get("get", "/disputes/:disputeId", {
      params: { disputeId: Id },
      success: DisputeDetail,
      error: UnknownResource
    }).annotateMerge(OpenApi.annotations({ summary: "A dispute, and what we hold against it" })),
    HttpApiEndpoint.post("answer", "/disputes/:disputeId/answer", {
      params: { disputeId: Id },
      payload: Schema.Struct({
        kind,
        reason: Schema.String.check(Schema.isBetweenLength(1, 255)),
        statement: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(10_000))).annotate({
          description: "What you add to the evidence, for who decides at the bank."
        })
      }).annotate({
        identifier: "NewDisputeAnswer",
        examples: [{ kind: "contest", reason: "The card was present.", statement: "The driver paid twice before." }]
      }),
      success: Dispute,
      error: [UnknownResource, Conflict]
    })
      .annotate(PatienceMs, patienceMs)
      .annotateMerge(
        OpenApi.annotations({
          summary: "Contest a dispute, or accept it",
          description:
            "Once, for good. contest submits what we hold: authorization, meter readings, bill and receipt. accept gives the " +
            "money up. Asked again it is the same answer; while the provider is away it is kept and told later."
        })
      )
  )
  .middleware(Checked)
  .middleware(Access)
  .prefix("/api/v1")
  .annotateMerge(OpenApi.annotations({ title: "Disputes", description: "What banks take back, and our answers." })) {}
