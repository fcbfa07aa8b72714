import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Caller } from "#core/api/Access.ts"
import { Api } from "#core/api/Api.ts"
import type { ChargeLimit } from "#core/api/Limits.ts"
import { Conflict } from "#core/api/Problems.ts"
import type { Cdr } from "#core/billing/Cdr.ts"
import * as Instant from "#core/Instant.ts"
import { canonicalUid } from "#core/token/Token.ts"
import { Books, type CdrFilter, type TransactionFilter } from "../books/Books.ts"
import { Directory } from "../directory/Directory.ts"
import type { TransactionRow } from "../record/Unit.ts"
import { Closures } from "../station/Closures.ts"
import { cdrView, entryView, reasonsOf, runningCostView, trialBalanceView } from "./billViews.ts"
import { found, unavailable } from "./failures.ts"
import { LiveView } from "./Live.ts"
import { setLimit, standingLimitView } from "./limitViews.ts"
import { pageRequest, pageView } from "./paging.ts"
import { factView, readingView, runningView, transactionView } from "./views.ts"

/** What transactions, CDRs and the ledger say: everything the books are asked. */

type TransactionQuery = Omit<TransactionFilter, "startedFromMs" | "startedBeforeMs"> & {
  readonly startedFrom?: string
  readonly startedBefore?: string
  readonly limit?: number
  readonly cursor?: string
}

const transactionFilter = (query: TransactionQuery): TransactionFilter => {
  const { startedFrom, startedBefore, tokenUid, limit: _limit, cursor: _cursor, ...rest } = query
  return {
    ...rest,
    ...(tokenUid !== undefined && { tokenUid: canonicalUid(tokenUid) }),
    ...(startedFrom !== undefined && { startedFromMs: Instant.parse(startedFrom)! }),
    ...(startedBefore !== undefined && { startedBeforeMs: Instant.parse(startedBefore)! })
  }
}

type CdrQuery = Omit<CdrFilter, "issuedFromMs" | "issuedBeforeMs"> & {
  readonly issuedFrom?: string
  readonly issuedBefore?: string
  readonly limit?: number
  readonly cursor?: string
}

const cdrFilter = (query: CdrQuery): CdrFilter => {
  const { issuedFrom, issuedBefore, limit: _limit, cursor: _cursor, ...rest } = query
  return {
    ...rest,
    ...(issuedFrom !== undefined && { issuedFromMs: Instant.parse(issuedFrom)! }),
    ...(issuedBefore !== undefined && { issuedBeforeMs: Instant.parse(issuedBefore)! })
  }
}

/** How a transaction stands and what it costs, as operators and drivers are told. */
export const transactionViews = Effect.gen(function* () {
  const books = yield* Books
  const live = yield* LiveView
  const directory = yield* Directory
  const reasonsFor = Effect.fnUntraced(function* (cdr: Cdr) {
    const versions = yield* directory.tariff(cdr.tariff.id).pipe(unavailable)
    const tariff = versions.find(({ version }) => version === cdr.tariff.version)
    return tariff === undefined ? [] : reasonsOf(cdr, tariff)
  })
  const detail = (row: TransactionRow) => {
    const isOpen = row.status === "Open"
    const running = isOpen ? live.running(row.id) : undefined
    const limit = isOpen ? live.limitOf(row.id) : undefined
    return { ...transactionView(row), running: runningView(running), limit: standingLimitView(limit) }
  }
  return {
    list: Effect.fnUntraced(function* (query: TransactionQuery) {
      const page = yield* pageRequest(query)
      const rows = yield* books.transactions({ ...transactionFilter(query), ...page }).pipe(unavailable)
      return pageView(transactionView)(rows)
    }),
    detail,
    /** Sets what it is to stop at; without a limit it goes on as far as it will. */
    limited: (wanted?: typeof ChargeLimit.Type) => (row: TransactionRow) =>
      Effect.map(setLimit(live, row.id, wanted), () => detail(row)),
    price: Effect.fnUntraced(function* ({ id, cdrId, status, settleAtMs }: TransactionRow) {
      if (cdrId !== null) {
        const cdr = yield* books.cdr(cdrId).pipe(found("CDR", cdrId), unavailable)
        return { state: "final" as const, cdr: cdrView(cdr), reasons: yield* reasonsFor(cdr) }
      }
      if (status === "Open") {
        const cost = yield* live.cost(id).pipe(unavailable)
        const running = runningView(live.running(id))
        return { state: "running" as const, running, cost: cost === undefined ? null : runningCostView(cost) }
      }
      if (settleAtMs !== null) return { state: "settling" as const, settleAt: Instant.format(settleAtMs) }
      return { state: "nothing-owed" as const }
    })
  }
})

export const transactionHandlers = HttpApiBuilder.group(
  Api,
  "transactions",
  Effect.fn(function* (handlers) {
    const books = yield* Books
    const closures = yield* Closures
    const views = yield* transactionViews
    const transaction = (id: string) => books.transaction(id).pipe(found("transaction", id), unavailable)

    return handlers.handleAll({
      list: ({ query }) => views.list(query),
      get: ({ params }) => Effect.map(transaction(params.transactionId), views.detail),
      facts: Effect.fnUntraced(function* ({ params }) {
        const { id } = yield* transaction(params.transactionId)
        return { items: (yield* books.facts(id).pipe(unavailable)).map(factView) }
      }),
      readings: Effect.fnUntraced(function* ({ params, query }) {
        const page = yield* pageRequest(query)
        const { id } = yield* transaction(params.transactionId)
        return pageView(readingView)(yield* books.samples(id, page).pipe(unavailable))
      }),
      price: ({ params }) => Effect.flatMap(transaction(params.transactionId), views.price),
      setLimit: ({ params, payload }) => Effect.flatMap(transaction(params.transactionId), views.limited(payload)),
      removeLimit: ({ params }) => Effect.flatMap(transaction(params.transactionId), views.limited()),
      close: Effect.fnUntraced(function* ({ params: { transactionId }, payload: { reason } }) {
        const { id } = yield* transaction(transactionId)
        const { name: by } = yield* Caller
        yield* closures.close(id, { reason, by }).pipe(
          Effect.catchTag("NotPossible", ({ why: detail }) =>
            Effect.fail(new Conflict({ detail, kind: "transaction", id }))
          ),
          unavailable
        )
        return views.detail(yield* transaction(id))
      })
    })
  })
)

export const cdrHandlers = HttpApiBuilder.group(
  Api,
  "cdrs",
  Effect.fn(function* (handlers) {
    const books = yield* Books
    return handlers.handleAll({
      list: Effect.fnUntraced(function* ({ query }) {
        const page = yield* pageRequest(query)
        return pageView(cdrView)(yield* books.cdrs({ ...cdrFilter(query), ...page }).pipe(unavailable))
      }),
      get: ({ params: { cdrId } }) => books.cdr(cdrId).pipe(found("CDR", cdrId), unavailable, Effect.map(cdrView))
    })
  })
)

export const ledgerHandlers = HttpApiBuilder.group(
  Api,
  "ledger",
  Effect.fn(function* (handlers) {
    const books = yield* Books
    return handlers.handleAll({
      entries: Effect.fnUntraced(function* ({ query: { limit: _limit, cursor: _cursor, ...filter }, query }) {
        const page = yield* pageRequest(query)
        return pageView(entryView)(yield* books.entries({ ...filter, ...page }).pipe(unavailable))
      }),
      balances: () => books.balances.pipe(unavailable, Effect.map(trialBalanceView))
    })
  })
)
