import { Clock, Context, Effect, Layer, Queue, Result } from "effect"
import { maxUnfinished } from "#core/api/LabRuns.ts"
import { Ids } from "#core/Ids.ts"
import type { LabRequest, LabTraffic } from "#core/lab/Request.ts"
import { eachSession } from "../books/histories.ts"
import type { StoreUnavailable } from "../record/Journal.ts"
import { patiently } from "../station/patiently.ts"
import { HistoryDatabase, type PlainTarget } from "./HistoryDatabase.ts"
import { priceHistory } from "./HistoryThread.ts"
import { filterOf, patientBooks } from "./historyRun.ts"
import { LabBench, type LabFailed } from "./LabBench.ts"
import { type LabRunEnd, type LabRunRecord, LabRunStore } from "./LabRunStore.ts"

/** Transactions read and handed over before stations get their turn again: a few milliseconds. */
const pageSize = 40
/** For how long a run is nobody else's; each page extends it. */
const leaseMs = 5 * 60_000
/** Between two looks at whether a run is still wanted; each says how far it is. */
const progressEvery = "2 seconds"
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
      const patient = yield* patientBooks
      const ids = yield* Ids
      const bench = yield* LabBench
      const database = yield* HistoryDatabase
      const wake = yield* Queue.sliding<void>(1)

      const work = Effect.gen(function* () {
        for (;;) {
          const nowMs = yield* Clock.currentTimeMillis
          const run = yield* patiently(store.claim(nowMs, nowMs + leaseMs))
          if (run === undefined) return
          const { traffic } = run.request
          const end = yield* traffic === undefined
            ? Effect.provideContext(compare(store, run, bench, database), patient)
            : live(store, run, traffic, bench)
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
const compare = Effect.fnUntraced(function* (
  store: LabRunStore["Service"],
  { id, request }: LabRunRecord,
  bench: LabBench | undefined,
  database: PlainTarget | undefined
) {
  let sessions = 0
  const priced = priceHistory(
    { request, repeat: repeatOf(id), database: database ?? null },
    {
      worker: bench?.historyWorker ?? new URL("./historyWorker.ts", import.meta.url),
      feed: (add) => patiently(eachSession(filterOf(request), pageSize, (page) => Effect.as(add(page), true))),
      onProgress: (now) => {
        sessions = now
      }
    }
  )
  const done = yield* whileWanted(store, id, priced, () => ({ sessions, percent: null }))
  if (done === undefined) return undefined
  if (Result.isFailure(done)) return { status: "Failed", why: done.failure.why } satisfies LabRunEnd
  const { outcome, report } = done.success
  return { status: "Done", outcome, sessions: done.success.sessions, report } satisfies LabRunEnd
})

/** What came of it, unless the run is given up meanwhile: then it is ended, and undefined. */
const whileWanted = <A, R>(
  store: LabRunStore["Service"],
  id: string,
  made: Effect.Effect<A, LabFailed, R>,
  so: () => { readonly sessions: number; readonly percent: number | null }
) => {
  const look = Effect.gen(function* () {
    for (;;) {
      const leaseUntilMs = (yield* Clock.currentTimeMillis) + leaseMs
      if (!(yield* patiently(store.progress(id, so(), leaseUntilMs)))) return undefined
      yield* Effect.sleep(progressEvery)
    }
  })
  return Effect.raceFirst(Effect.result(made), look)
}

const repeatOf = (id: string): string => `GET /api/v1/lab-runs/${id}`

/** Has a scenario lived and priced, unless it is given up meanwhile: then undefined. */
const live = Effect.fnUntraced(function* (
  store: LabRunStore["Service"],
  { id, request }: LabRunRecord,
  traffic: LabTraffic,
  bench: LabBench | undefined
) {
  if (bench === undefined) {
    const why = "This server was started without the scenarios. Start it as wattproof serve."
    return { status: "Failed", why } satisfies LabRunEnd
  }
  let percent = 0
  const lived = bench.live({ request, traffic, repeat: repeatOf(id) }, (now) => {
    percent = now
  })
  const done = yield* whileWanted(store, id, lived, () => ({ sessions: 0, percent }))
  if (done === undefined) return undefined
  if (Result.isFailure(done)) return { status: "Failed", why: done.failure.why } satisfies LabRunEnd
  const { outcome, report } = done.success
  return { status: "Done", outcome, sessions: outcome.sessions, report } satisfies LabRunEnd
})
