import { Clock, Context, Effect, Layer, Queue, Result } from "effect"
import { maxUnfinished } from "#core/api/LabRuns.ts"
import { Ids } from "#core/Ids.ts"
import * as Instant from "#core/Instant.ts"
import { outcomeJson } from "#core/lab/json.ts"
import { type LabRequest, prepare } from "#core/lab/Request.ts"
import { Counter } from "#core/lab/Tally.ts"
import { Books, type TransactionFilter } from "../books/Books.ts"
import { eachSession } from "../books/histories.ts"
import { Directory } from "../directory/Directory.ts"
import type { StoreUnavailable } from "../record/Journal.ts"
import { patiently } from "../station/patiently.ts"
import { type LabRunEnd, type LabRunRecord, LabRunStore } from "./LabRunStore.ts"

/** Transactions priced before stations get their turn again: a few milliseconds. */
const pageSize = 40
/** For how long a run is nobody else's; each page extends it. */
const leaseMs = 5 * 60_000
/** Drivers and stations told one by one. */
const mostAccounts = 500

/** The tariff lab over the books: runs are asked for here and made one after the other. */
export class LabRuns extends Context.Service<
  LabRuns,
  {
    /** Undefined when too many wait already. */
    readonly start: (request: LabRequest) => Effect.Effect<LabRunRecord | undefined, StoreUnavailable>
    /** The run as it is then; undefined when it had ended already. */
    readonly cancel: (id: string) => Effect.Effect<LabRunRecord | undefined, StoreUnavailable>
  }
>()("server/lab/LabRuns") {
  static readonly layer = Layer.effect(
    LabRuns,
    Effect.gen(function* () {
      const store = yield* LabRunStore
      const books = yield* Books
      const directory = yield* Directory
      const patient = Context.make(
        Books,
        Books.of({ ...books, histories: (filter) => patiently(books.histories(filter)) })
      ).pipe(Context.add(Directory, Directory.of({ ...directory, station: (id) => patiently(directory.station(id)) })))
      const ids = yield* Ids
      const wake = yield* Queue.sliding<void>(1)

      const work = Effect.gen(function* () {
        for (;;) {
          const nowMs = yield* Clock.currentTimeMillis
          const run = yield* patiently(store.claim(nowMs, nowMs + leaseMs))
          if (run === undefined) return
          const end = yield* Effect.provideContext(compare(store, run), patient)
          if (end !== undefined) yield* patiently(store.end(run.id, end, yield* Clock.currentTimeMillis))
        }
      })
      // What a dead process left is taken up when its lease is over; what is asked for here, at once.
      const look = Effect.andThen(work, Effect.timeoutOption(Queue.take(wake), "10 minutes"))
      yield* Effect.forkScoped(Effect.forever(look))

      return LabRuns.of({
        start: Effect.fnUntraced(function* (request) {
          const requestedAtMs = yield* Clock.currentTimeMillis
          const id = ids.uuid(requestedAtMs)
          if (!(yield* store.add({ id, request, requestedAtMs }, maxUnfinished))) return undefined
          yield* Queue.offer(wake, undefined)
          return yield* store.get(id)
        }),
        cancel: Effect.fnUntraced(function* (id) {
          const isEnded = yield* store.end(id, { status: "Cancelled" }, yield* Clock.currentTimeMillis)
          return isEnded ? yield* store.get(id) : undefined
        })
      })
    })
  )
}

/**
 * Prices the past as a run asks; undefined when it was given up meanwhile. Should a lease run out under a process that
 * still counts, two count the same, and the first to end it is heard.
 */
const compare = Effect.fnUntraced(function* (store: LabRunStore["Service"], { id, request }: LabRunRecord) {
  const prepared = prepare(request)
  if (Result.isFailure(prepared)) return { status: "Failed", why: prepared.failure.message } satisfies LabRunEnd
  const { a, b, setup } = prepared.success
  const counter = new Counter(setup)
  let sessions = 0
  let isWanted = true
  yield* eachSession(filterOf(request), pageSize, (page) =>
    Effect.gen(function* () {
      for (const session of page) counter.add(session)
      sessions += page.length
      const leaseUntilMs = (yield* Clock.currentTimeMillis) + leaseMs
      isWanted = yield* patiently(store.progress(id, sessions, leaseUntilMs))
      yield* Effect.yieldNow
      return isWanted
    })
  )
  if (!isWanted) return undefined
  const outcome = outcomeJson(
    {
      a,
      b,
      setup,
      traffic: trafficOf(request, sessions),
      energySource: setup.energyPrices === null ? null : "as stated in the request",
      runs: [],
      tally: counter.tally,
      repeat: `GET /api/v1/lab-runs/${id}`
    },
    mostAccounts
  )
  return { status: "Done", outcome, sessions } satisfies LabRunEnd
})

const filterOf = ({ fromMs, untilMs }: LabRequest): TransactionFilter => ({
  ...(fromMs !== null && { startedFromMs: fromMs }),
  ...(untilMs !== null && { startedBeforeMs: untilMs })
})

const trafficOf = ({ fromMs, untilMs }: LabRequest, sessions: number): string =>
  [
    `history: ${sessions} sessions`,
    ...(fromMs === null ? [] : [`from ${Instant.format(fromMs)}`]),
    ...(untilMs === null ? [] : [`until ${Instant.format(untilMs)}`])
  ].join(", ")
