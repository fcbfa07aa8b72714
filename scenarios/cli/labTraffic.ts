import { availableParallelism } from "node:os"
import { Effect } from "effect"
import { mergeTally } from "#core/lab/merge.ts"
import { type RunFigures, runFigures } from "#core/lab/Outcome.ts"
import { type Session, sessionOf } from "#core/lab/Session.ts"
import { Counter, emptyTally, type Setup, type Tally } from "#core/lab/Tally.ts"
import { Books, type TransactionFilter } from "#server/books/Books.ts"
import type { PageRequest } from "#server/books/Page.ts"
import type { CannotRun, WrongUse } from "#server/cli/failures.ts"
import { runVirtual } from "../Lab.ts"
import type { RunProgress } from "../lab/Result.ts"
import { overridden, type Scenario } from "../Scenario.ts"
import { labThreads } from "./labThreads.ts"
import { failureOf } from "./runner.ts"

/** Transactions read at once: with all their readings they are some MiB. */
const pageSize = 500

/** Everything of the books that somebody owes for, page by page, handed to `take` before the next page is read. */
const eachPage = <E, R>(
  filter: TransactionFilter,
  take: (sessions: ReadonlyArray<Session>) => Effect.Effect<void, E, R>
) =>
  Effect.gen(function* () {
    const books = yield* Books
    let request: PageRequest = { limit: pageSize }
    for (;;) {
      const { items, next } = yield* books.histories({ ...filter, ...request })
      const sessions = items.flatMap((it) => sessionOf(it) ?? [])
      if (sessions.length > 0) yield* take(sessions)
      if (next === undefined) return
      request = { limit: pageSize, cursor: next }
    }
  })

/** The seeds of so many runs: the first is the one given, so that more seeds are more of the same. */
export const seedsOf = (seed: string, count: number): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, index) => (index === 0 ? seed : `${seed}-${index + 1}`))

/** What traffic came to. */
export interface Counted {
  readonly tally: Tally
  readonly runs: ReadonlyArray<RunFigures>
}

/** Lives a scenario once per seed, in virtual time and memory, and prices its sessions. */
export const countScenario = (
  given: Scenario,
  options: {
    readonly setup: Setup
    readonly seeds: ReadonlyArray<string>
    readonly stations: number | undefined
    readonly days: number | undefined
    readonly onProgress: (seed: string, progress: RunProgress) => void
  }
): Effect.Effect<Counted, WrongUse | CannotRun> =>
  Effect.gen(function* () {
    const { setup, seeds, stations, days } = options
    const total = emptyTally(setup.elasticities)
    const runs: Array<RunFigures> = []
    for (const [index, seed] of seeds.entries()) {
      const counter = new Counter(setup)
      const scenario = overridden(given, {
        seed,
        ...(stations === undefined ? {} : { stations }),
        ...(days === undefined ? {} : { days })
      })
      const result = yield* Effect.mapError(
        runVirtual(scenario, {
          store: "memory",
          onProgress: (progress) => options.onProgress(seed, progress),
          onStore: ({ layer }) =>
            eachPage({}, (sessions) =>
              Effect.sync(() => {
                for (const session of sessions) counter.add(session)
              })
            ).pipe(Effect.provide(layer), Effect.orDie)
        }),
        (failure) =>
          failureOf(failure, { scenario, repeat: `npm run wattproof -- run ${scenario.name} --seed ${seed}` })
      )
      runs.push(runFigures(seed, result.verdict, counter.tally, setup))
      mergeTally(total, counter.tally, index === 0 ? "" : ` (${index + 1})`)
    }
    return { tally: total, runs }
  })

/** Prices what the books hold, on two threads where there are two cores. */
export const countHistory = Effect.fnUntraced(function* (
  setup: Setup,
  filter: TransactionFilter,
  onProgress: (sessions: number) => void
) {
  const threads = yield* labThreads(setup, Math.min(2, availableParallelism()))
  let sessions = 0
  yield* eachPage(filter, (page) => {
    sessions += page.length
    onProgress(sessions)
    return threads.add(page)
  })
  return { tally: yield* threads.end, runs: [] } satisfies Counted
}, Effect.scoped)
