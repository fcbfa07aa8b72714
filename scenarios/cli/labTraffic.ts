import { availableParallelism } from "node:os"
import { Effect } from "effect"
import { mergeTally } from "#core/lab/merge.ts"
import { type RunFigures, runFigures } from "#core/lab/Outcome.ts"
import { Counter, emptyTally, type Setup, type Tally } from "#core/lab/Tally.ts"
import type { TransactionFilter } from "#server/books/Books.ts"
import { eachSession } from "#server/books/histories.ts"
import type { CannotRun, WrongUse } from "#server/cli/failures.ts"
import { runVirtual } from "../Lab.ts"
import type { RunProgress } from "../lab/Result.ts"
import { overridden, type Scenario } from "../Scenario.ts"
import { labThreads } from "./labThreads.ts"
import { failureOf } from "./runner.ts"

/** Transactions read at once: with all their readings they are some MiB. */
const pageSize = 500

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
            eachSession({}, pageSize, (sessions) =>
              Effect.sync(() => {
                for (const session of sessions) counter.add(session)
                return true
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
  yield* eachSession(filter, pageSize, (page) => {
    if (page.length === 0) return Effect.succeed(true)
    sessions += page.length
    onProgress(sessions)
    return Effect.as(threads.add(page), true)
  })
  return { tally: yield* threads.end, runs: [] } satisfies Counted
}, Effect.scoped)
