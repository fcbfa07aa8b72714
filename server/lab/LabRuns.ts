import { Clock, Context, Effect, Layer, Queue, Result } from "effect"
import { maxUnfinished } from "#core/api/LabRuns.ts"
import { Ids } from "#core/Ids.ts"
import * as Instant from "#core/Instant.ts"
import { outcomeJson } from "#core/lab/json.ts"
import type { Outcome } from "#core/lab/Outcome.ts"
import { type LabRequest, type LabTraffic, prepare } from "#core/lab/Request.ts"
import { Counter } from "#core/lab/Tally.ts"
import { Books, type TransactionFilter } from "../books/Books.ts"
import { eachSession } from "../books/histories.ts"
import { Directory } from "../directory/Directory.ts"
import type { StoreUnavailable } from "../record/Journal.ts"
import { patiently } from "../station/patiently.ts"
import { LabBench } from "./LabBench.ts"
import { type LabRunEnd, type LabRunRecord, LabRunStore } from "./LabRunStore.ts"

/** Transactions priced before stations get their turn again: a few milliseconds. */
const pageSize = 40
/** For how long a run is nobody else's; each page extends it. */
const leaseMs = 5 * 60_000
/** Between two looks at whether a scenario is still wanted; each says how far it is. */
const progressEvery = "2 seconds"
/** Drivers and stations told one by one. */
export const mostAccounts = 500

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
      const bench = yield* LabBench
      const wake = yield* Queue.sliding<void>(1)

      const work = Effect.gen(function* () {
        for (;;) {
          const nowMs = yield* Clock.currentTimeMillis
          const run = yield* patiently(store.claim(nowMs, nowMs + leaseMs))
          if (run === undefined) return
          const { traffic } = run.request
          const end = yield* traffic === undefined
            ? Effect.provideContext(compare(store, run, bench), patient)
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
  bench: LabBench | undefined
) {
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
      isWanted = yield* patiently(store.progress(id, { sessions, percent: null }, leaseUntilMs))
      yield* Effect.yieldNow
      return isWanted
    })
  )
  if (!isWanted) return undefined
  const all: Outcome = {
    a,
    b,
    setup,
    traffic: trafficOf(request, sessions),
    energySource: setup.energyPrices === null ? null : "as stated in the request",
    runs: [],
    tally: counter.tally,
    repeat: repeatOf(id)
  }
  const report = bench === undefined ? null : bench.draw(all)
  return { status: "Done", outcome: outcomeJson(all, mostAccounts), sessions, report } satisfies LabRunEnd
})

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
  const whileWanted = Effect.gen(function* () {
    for (;;) {
      const leaseUntilMs = (yield* Clock.currentTimeMillis) + leaseMs
      if (!(yield* patiently(store.progress(id, { sessions: 0, percent }, leaseUntilMs)))) return undefined
      yield* Effect.sleep(progressEvery)
    }
  })
  const done = yield* Effect.raceFirst(Effect.result(lived), whileWanted)
  if (done === undefined) return undefined
  if (Result.isFailure(done)) return { status: "Failed", why: done.failure.why } satisfies LabRunEnd
  const { outcome, report } = done.success
  return { status: "Done", outcome, sessions: outcome.sessions, report } satisfies LabRunEnd
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
