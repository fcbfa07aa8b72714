import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Caller } from "#core/api/Access.ts"
import { Api } from "#core/api/Api.ts"
import type { Correction, NewCorrection } from "#core/api/Corrections.ts"
import { Conflict, Unprocessable } from "#core/api/Problems.ts"
import * as Instant from "#core/Instant.ts"
import { versionAt } from "#core/tariff/life.ts"
import { Books } from "../books/Books.ts"
import { type CorrectionRecord, CorrectionStore } from "../corrections/CorrectionStore.ts"
import { Corrections } from "../corrections/Corrections.ts"
import { Directory } from "../directory/Directory.ts"
import type { TransactionRow } from "../record/Unit.ts"
import { found, unavailable } from "./failures.ts"
import { inBody } from "./faults.ts"
import { pageRequest, pageView } from "./paging.ts"

const view = ({ documentId: _, requestedAtMs, doneAtMs, ...record }: CorrectionRecord): Correction => ({
  ...record,
  requestedAt: Instant.format(requestedAtMs),
  doneAt: doneAtMs === null ? null : Instant.format(doneAtMs)
})

const nonsense = (pointer: string, message: string) =>
  Effect.fail(new Unprocessable({ detail: message, errors: inBody(pointer, message) }))

export const correctionHandlers = HttpApiBuilder.group(
  Api,
  "corrections",
  Effect.fn(function* (handlers) {
    const corrections = yield* Corrections
    const store = yield* CorrectionStore
    const books = yield* Books
    const directory = yield* Directory

    /** The version that is to price the charge, in the currency in which it was billed. */
    const tariffFor = Effect.fnUntraced(function* (
      { startedAtMs, cdrId }: TransactionRow,
      { price }: typeof NewCorrection.Type
    ) {
      if (price === null) return null
      const versions = yield* directory.tariff(price.tariffId).pipe(unavailable)
      if (versions.length === 0) return yield* nonsense("/price/tariffId", "Expected a tariff that was published")
      const { version } = price
      const wanted =
        version === undefined ? versionAt(versions, startedAtMs ?? 0) : versions.find((it) => it.version === version)
      if (wanted === undefined && version === undefined)
        return yield* nonsense("/price/tariffId", "No version of it held when the charge began: name one")
      if (wanted === undefined) return yield* nonsense("/price/version", "Expected a version that was published")
      const bill = cdrId === null ? undefined : yield* books.cdr(cdrId).pipe(unavailable)
      if (bill !== undefined && bill.currency !== wanted.currency)
        return yield* nonsense("/price/tariffId", `Expected prices in ${bill.currency}, in which it was billed`)
      return { id: wanted.id, version: wanted.version }
    })

    return handlers.handleAll({
      correct: Effect.fnUntraced(function* ({ params: { transactionId }, payload }) {
        const { id: requestId, reason } = payload
        const row = yield* books.transaction(transactionId).pipe(found("transaction", transactionId), unavailable)
        const tariff = yield* tariffFor(row, payload)
        const { name: requestedBy } = yield* Caller
        const conflict = (detail: string, kind: string, id: string) => Effect.fail(new Conflict({ detail, kind, id }))
        return yield* corrections.ask({ transactionId, requestId, tariff, reason, requestedBy }).pipe(
          Effect.catchTags({
            NotPossible: ({ why }) => conflict(why, "transaction", transactionId),
            AskedOtherwise: () =>
              conflict("Under that id another correction of this charge was asked for.", "correction", requestId)
          }),
          unavailable,
          Effect.map(view)
        )
      }),
      list: Effect.fnUntraced(function* ({ query: { transactionId, ...query } }) {
        const page = yield* pageRequest(query)
        const filter = transactionId === undefined ? {} : { transactionId }
        return pageView(view)(yield* store.list({ ...page, ...filter }).pipe(unavailable))
      }),
      get: ({ params: { correctionId } }) =>
        Effect.map(store.get(correctionId).pipe(found("correction", correctionId), unavailable), view)
    })
  })
)
