import { Effect, Layer } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "#core/api/Api.ts"
import type { Invoice as InvoiceView } from "#core/api/Invoices.ts"
import { Conflict, Unprocessable } from "#core/api/Problems.ts"
import * as Instant from "#core/Instant.ts"
import { dayAfterMonth, startOfDay } from "#core/invoice/days.ts"
import type { CannotInvoice } from "#core/invoice/draft.ts"
import type { Invoice } from "#core/invoice/Invoice.ts"
import { zoneOf } from "#core/tariff/Zone.ts"
import type { NotFound } from "../directory/Directory.ts"
import { ciiOf, missingFor } from "../invoices/cii.ts"
import { type InvoiceFilter, InvoiceStore, type NotCreditable, type NotOpen } from "../invoices/InvoiceStore.ts"
import { Invoicing } from "../invoices/Invoicing.ts"
import { pdfOf } from "../invoices/pdf/render.ts"
import { found, unavailable, unknown } from "./failures.ts"
import { pageRequest, pageView } from "./paging.ts"

export const noSeller = new Conflict({
  detail: "It is not known who issues. See PUT /api/v1/seller.",
  kind: "seller",
  id: "seller"
})

const taken = ({ cdrIds }: NotOpen) =>
  new Conflict({ detail: "A bill was invoiced or credited meanwhile. Try again.", kind: "CDR", id: cdrIds[0] ?? "" })

const wrong = (pointer: string, message: string, place: "body" | "path" | "query" = "body") =>
  new Unprocessable({ detail: message, errors: [{ in: place, pointer, message }] })

const refused = ({ cdrId, reason }: CannotInvoice) => wrong("", `CDR ${cdrId} cannot be invoiced: ${reason}.`, "path")

const missing = ({ kind, id }: NotFound) => Effect.fail(unknown(kind, id))

/** A document as the contract shows it. */
export const invoiceView = (invoice: Invoice): typeof InvoiceView.Type => ({
  id: invoice.id,
  kind: invoice.kind,
  issuedAt: Instant.format(invoice.issuedAtMs),
  issueDate: invoice.issueDate,
  dueDate: invoice.dueDate,
  periodFrom: invoice.periodFrom,
  periodTo: invoice.periodTo,
  driverId: invoice.driverId,
  currency: invoice.currency,
  sessions: invoice.sessions.map(({ cdrId, transactionId, stationId, startAtMs, endAtMs, energyWh, grossMinor }) => ({
    cdrId,
    transactionId,
    stationId,
    startAt: Instant.format(startAtMs),
    endAt: Instant.format(endAtMs),
    energyWh,
    grossMinor: String(grossMinor)
  })),
  taxes: invoice.taxes.map(({ category, ratePercent, netMinor, taxMinor }) => ({
    category,
    ratePercent,
    netMinor: String(netMinor),
    taxMinor: String(taxMinor)
  })),
  netMinor: String(invoice.netMinor),
  taxMinor: String(invoice.taxMinor),
  grossMinor: String(invoice.grossMinor),
  roundingMinor: String(invoice.roundingMinor),
  payableMinor: String(invoice.payableMinor),
  credits: invoice.credits === null ? null : { id: invoice.credits.id, reason: invoice.credits.reason }
})

/** The receipt of a transaction, or why there is none. */
export const receiptOf = (invoicing: Invoicing["Service"], transactionId: string) =>
  invoicing.receipt(transactionId).pipe(
    Effect.catchTags({
      NoSeller: () => Effect.fail(noSeller),
      NotOpen: (error) => Effect.fail(taken(error)),
      CannotInvoice: (error) => Effect.fail(refused(error)),
      NotFound: missing
    }),
    unavailable,
    Effect.map(invoiceView)
  )

type Query = Omit<InvoiceFilter, "issuedFromMs" | "issuedBeforeMs"> & {
  readonly issuedFrom?: string
  readonly issuedBefore?: string
  readonly limit?: number
  readonly cursor?: string
}

const filterOf = ({ issuedFrom, issuedBefore, limit: _limit, cursor: _cursor, ...rest }: Query): InvoiceFilter => ({
  ...rest,
  ...(issuedFrom !== undefined && { issuedFromMs: Instant.parse(issuedFrom)! }),
  ...(issuedBefore !== undefined && { issuedBeforeMs: Instant.parse(issuedBefore)! })
})

const handlers = HttpApiBuilder.group(
  Api,
  "invoices",
  Effect.fn(function* (handlers) {
    const store = yield* InvoiceStore
    const invoicing = yield* Invoicing
    const invoice = (id: string) => store.get(id).pipe(found("invoice", id), unavailable)
    return handlers.handleAll({
      list: Effect.fnUntraced(function* ({ query }) {
        const page = yield* pageRequest(query)
        return pageView(invoiceView)(yield* store.list({ ...filterOf(query), ...page }).pipe(unavailable))
      }),
      get: ({ params }) => Effect.map(invoice(params.invoiceId), invoiceView),
      pdf: ({ params }) => Effect.flatMap(invoice(params.invoiceId), pdfOf),
      xml: Effect.fnUntraced(function* ({ params, query }) {
        const profile = query.profile ?? "en16931"
        const document = yield* invoice(params.invoiceId)
        const lacking = missingFor(document, profile)
        if (lacking.length > 0) return yield* wrong("", `The document lacks ${lacking.join(", ")}.`, "path")
        return ciiOf(document, profile)
      }),
      run: Effect.fnUntraced(function* ({ payload }) {
        const seller = yield* store.seller.pipe(unavailable)
        if (seller === undefined) return yield* noSeller
        const endedBeforeMs = startOfDay(dayAfterMonth(payload.month), seller.timeZone)
        return yield* invoicing.run({ endedBeforeMs }).pipe(
          Effect.catchTag("NoSeller", () => Effect.fail(noSeller)),
          unavailable
        )
      }),
      receipt: ({ params }) => receiptOf(invoicing, params.transactionId),
      credit: ({ params, payload }) =>
        invoicing.credit(params.invoiceId, payload.reason).pipe(
          Effect.catchTags({
            NotCreditable: ({ id }: NotCreditable) =>
              Effect.fail(
                new Conflict({ detail: `${id} was credited already, or is a credit note.`, kind: "invoice", id })
              ),
            NotFound: missing
          }),
          unavailable,
          Effect.map(invoiceView)
        ),
      seller: () => store.seller.pipe(found("seller", "seller"), unavailable),
      setSeller: Effect.fnUntraced(function* ({ payload }) {
        if (zoneOf(payload.timeZone) === undefined) return yield* wrong("/timeZone", "Expected an IANA time zone")
        if (payload.invoicePrefix === payload.creditPrefix) {
          return yield* wrong("/creditPrefix", "Expected another prefix than that of invoices")
        }
        yield* store.saveSeller(payload).pipe(unavailable)
        return payload
      }),
      profile: Effect.fnUntraced(function* ({ params }) {
        const { driverId } = params
        const kept = yield* store.profile(driverId).pipe(found("billing profile of driver", driverId), unavailable)
        const { driverId: _id, ...profile } = kept
        return profile
      }),
      setProfile: Effect.fnUntraced(function* ({ params, payload }) {
        const profile = { driverId: params.driverId, ...payload }
        yield* store.saveProfile(profile).pipe(Effect.catchTag("NotFound", missing), unavailable)
        return payload
      })
    })
  })
)

/** Documents over the API, with the office that issues them. */
export const invoiceHandlers = handlers.pipe(Layer.provide(Invoicing.layer))
