import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Caller } from "#core/api/Access.ts"
import { Api } from "#core/api/Api.ts"
import type { Dispute as DisputeView } from "#core/api/Disputes.ts"
import { Conflict } from "#core/api/Problems.ts"
import * as Instant from "#core/Instant.ts"
import type { Payment } from "#core/payment/Payment.ts"
import { keptFor } from "#core/payment/ProviderView.ts"
import type { Books } from "../books/Books.ts"
import type { Directory, NotFound } from "../directory/Directory.ts"
import type { InvoiceStore } from "../invoices/InvoiceStore.ts"
import { evidenceOf, heldFor } from "../payments/evidence.ts"
import type { PaymentRefused } from "../payments/Payments.ts"
import { cdrView } from "./billViews.ts"
import { found, unavailable, unknown } from "./failures.ts"
import { pageRequest, pageView } from "./paging.ts"
import { openDesk } from "./paymentHandlers.ts"
import { transactionView } from "./views.ts"

const answerView = (payment: Payment, disputeId: string): (typeof DisputeView.Type)["answer"] => {
  const answer = payment.disputeAnswers.find(({ id }) => id === disputeId)
  if (answer === undefined) return null
  const tries = payment.attempts.filter((it) => it.disputeId === disputeId)
  const last = tries.toSorted((a, b) => a.generation - b.generation).at(-1)
  const { by, reason, evidence, atMs } = answer
  return {
    kind: evidence === null ? "accept" : "contest",
    by,
    reason,
    at: Instant.format(atMs),
    status: last?.status ?? null,
    code: last?.code ?? null
  }
}

/** A dispute as the contract shows it; undefined where the payment has none of that id. */
const disputeView = (payment: Payment, disputeId: string): typeof DisputeView.Type | undefined => {
  const dispute = payment.intents.flatMap(({ disputes }) => disputes).find(({ id }) => id === disputeId)
  if (dispute === undefined) return undefined
  return {
    id: dispute.id,
    status: dispute.status,
    amountMinor: String(dispute.amountMinor),
    feeMinor: keptFor(dispute)?.toString() ?? null,
    currency: payment.currency,
    reason: dispute.reason ?? null,
    dueBy: dispute.dueByMs === undefined ? null : Instant.format(dispute.dueByMs),
    submissions: dispute.submissions ?? 0,
    paymentId: payment.id,
    transactionId: payment.began?.transactionId ?? null,
    stationId: payment.stationId === "" ? null : payment.stationId,
    driverId: payment.driverId,
    answer: answerView(payment, dispute.id)
  }
}

export const disputeHandlers = HttpApiBuilder.group(
  Api,
  "disputes",
  Effect.fn(function* (handlers) {
    const { open, store } = yield* openDesk
    const services = yield* Effect.context<Books | Directory | InvoiceStore>()
    const held = (payment: Payment) => Effect.provideContext(heldFor(payment), services)

    const paymentOf = Effect.fnUntraced(function* (disputeId: string) {
      const id = yield* store.ofDispute(disputeId).pipe(found("dispute", disputeId), unavailable)
      const { payment } = yield* store.get(id).pipe(found("payment", id), unavailable)
      return payment
    })

    const viewed = (payment: Payment, disputeId: string) =>
      Effect.suspend(() => {
        const view = disputeView(payment, disputeId)
        return view === undefined ? Effect.fail(unknown("dispute", disputeId)) : Effect.succeed(view)
      })

    return handlers.handleAll({
      list: Effect.fnUntraced(function* ({ query: { status, ...query } }) {
        const page = yield* pageRequest(query)
        const filter = status === undefined ? {} : { status }
        const disputes = yield* store.disputes({ ...page, ...filter }).pipe(unavailable)
        return pageView((it: (typeof disputes.items)[number]) => disputeView(it.payment, it.disputeId)!)(disputes)
      }),
      get: Effect.fnUntraced(function* ({ params: { disputeId } }) {
        const payment = yield* paymentOf(disputeId)
        const known = yield* held(payment).pipe(unavailable)
        const told = payment.disputeAnswers.find(({ id }) => id === disputeId)?.evidence
        return {
          ...(yield* viewed(payment, disputeId)),
          held: {
            transaction: known.transaction === null ? null : transactionView(known.transaction),
            cdr: known.cdr === null ? null : cdrView(known.cdr),
            documentId: known.documentId,
            readings: known.readings.length
          },
          evidence: told ?? evidenceOf(payment, known, "")
        }
      }),
      answer: Effect.fnUntraced(function* ({ params: { disputeId }, payload }) {
        const { command } = yield* open
        const { name: by } = yield* Caller
        const payment = yield* paymentOf(disputeId)
        const { kind, reason, statement = "" } = payload
        const evidence =
          kind === "accept" ? null : evidenceOf(payment, yield* held(payment).pipe(unavailable), statement)
        const after = yield* command(payment.id, { _tag: "AnswerDispute", id: disputeId, by, reason, evidence }).pipe(
          Effect.catchTags({
            NotFound: ({ kind: what, id }: NotFound) => Effect.fail(unknown(what, id)),
            PaymentRefused: ({ why }: PaymentRefused) =>
              Effect.fail(new Conflict({ detail: why, kind: "dispute", id: disputeId }))
          })
        )
        return yield* viewed(after.payment, disputeId)
      })
    })
  })
)
