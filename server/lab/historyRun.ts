import { parentPort, workerData } from "node:worker_threads"
import { Context, Effect, Layer, Result } from "effect"
import * as Instant from "#core/Instant.ts"
import { outcomeJson } from "#core/lab/json.ts"
import type { Outcome } from "#core/lab/Outcome.ts"
import { type LabRequest, type Prepared, prepare } from "#core/lab/Request.ts"
import type { Session } from "#core/lab/Session.ts"
import { Counter } from "#core/lab/Tally.ts"
import { Books, type TransactionFilter } from "../books/Books.ts"
import { eachSession } from "../books/histories.ts"
import { Directory } from "../directory/Directory.ts"
import * as Database from "../postgres/Database.ts"
import * as sqlBooks from "../sql/books.ts"
import * as sqlDirectory from "../sql/directory.ts"
import { patiently } from "../station/patiently.ts"
import { type PlainTarget, targetOf } from "./HistoryDatabase.ts"
import type { HistoryAnswer, HistoryOrder, HistoryTold } from "./HistoryThread.ts"
import { mostAccounts } from "./LabBench.ts"

/** Transactions read at once: with all their readings they are some MiB. */
const pageSize = 500

/** Which transactions a run over the past is about. */
export const filterOf = ({ fromMs, untilMs }: LabRequest): TransactionFilter => ({
  ...(fromMs !== null && { startedFromMs: fromMs }),
  ...(untilMs !== null && { startedBeforeMs: untilMs })
})

const trafficOf = ({ fromMs, untilMs }: LabRequest, sessions: number): string =>
  [
    `history: ${sessions} sessions`,
    ...(fromMs === null ? [] : [`from ${Instant.format(fromMs)}`]),
    ...(untilMs === null ? [] : [`until ${Instant.format(untilMs)}`])
  ].join(", ")

/** The stores that sessions are read from, each read repeated until it is answered. */
export const patientBooks = Effect.gen(function* () {
  const books = yield* Books
  const directory = yield* Directory
  return Context.make(Books, Books.of({ ...books, histories: (filter) => patiently(books.histories(filter)) })).pipe(
    Context.add(Directory, Directory.of({ ...directory, station: (id) => patiently(directory.station(id)) }))
  )
})

/** Reads by a connection of its own. */
const readFrom = (database: PlainTarget, request: LabRequest, take: (sessions: ReadonlyArray<Session>) => void) =>
  Effect.gen(function* () {
    const connected = yield* Database.connect({ target: targetOf(database), oneConnection: true })
    const stores = Layer.merge(sqlBooks.layer, sqlDirectory.layer).pipe(Layer.provide(Layer.succeedContext(connected)))
    const books = yield* Effect.provide(patientBooks, stores)
    const read = eachSession(filterOf(request), pageSize, (page) =>
      Effect.sync(() => {
        take(page)
        return true
      })
    )
    yield* patiently(Effect.provideContext(read, books))
  }).pipe(Effect.scoped)

/** The body of a thread that prices the past; `draw` makes the page of what it came to. */
export const runHistory = (draw: ((outcome: Outcome) => string) | null): void => {
  const port = parentPort
  if (port === null) throw new Error("this file is a worker's")
  const tell = (answer: HistoryAnswer): void => port.postMessage(answer)
  const fail = (error: unknown): void =>
    tell({ _tag: "Failed", why: error instanceof Error ? error.message : String(error) })
  const { request, repeat, database } = workerData as HistoryOrder
  const prepared = prepare(request)
  if (Result.isFailure(prepared)) {
    fail(prepared.failure.message)
    return
  }
  const { setup } = prepared.success
  const counter = new Counter(setup)
  let sessions = 0
  const take = (page: ReadonlyArray<Session>): void => {
    for (const session of page) counter.add(session)
    sessions += page.length
    tell({ _tag: "Priced", sessions })
  }
  const end = (): void => {
    const outcome = outcomeOf(prepared.success, counter, trafficOf(request, sessions), repeat)
    const report = draw === null ? null : draw(outcome)
    tell({ _tag: "Done", sessions, outcome: outcomeJson(outcome, mostAccounts), report })
    port.close()
  }
  if (database !== null) {
    Effect.runPromise(readFrom(database, request, take))
      .then(end)
      .catch(fail)
    return
  }
  port.on("message", (told: HistoryTold) => {
    if (told._tag === "End") end()
    else take(told.sessions)
  })
}

const outcomeOf = ({ a, b, setup }: Prepared, { tally }: Counter, traffic: string, repeat: string): Outcome => ({
  a,
  b,
  setup,
  traffic,
  energySource: setup.energyPrices === null ? null : "as stated in the request",
  runs: [],
  tally,
  repeat
})
