import { Effect } from "effect"
import * as Instant from "#core/Instant.ts"
import { CannotRun, explain } from "#server/cli/failures.ts"
import type { Failure } from "#simulator/VirtualTime.ts"
import { runVirtual } from "../Lab.ts"
import type { RunRequest } from "./request.ts"
import type { Runner } from "./run.ts"

/** What stopped virtual time, and what that means. */
const halted = (failure: Failure, { scenario, repeat }: RunRequest): CannotRun => {
  const what = {
    TimeUp: "was not over at the last instant it was given",
    Deadlock: "came to a halt: nothing was left that could happen, and it was not over",
    Livelock: "came to a halt: things kept happening at one instant, and time did not move on",
    ForeignWorkStalled: "came to a halt: the database did not answer for half a minute"
  }[failure._tag]
  return new CannotRun({
    message: `${scenario.name} ${what} (virtual time ${Instant.format(failure.atMs)}).\n${
      failure._tag === "ForeignWorkStalled"
        ? "Try again on an idle machine, or with --store memory."
        : "This is a defect."
    } Repeat it:\n  ${repeat}`
  })
}

/** Runs a request in its world. `commit` names the code that runs, for the result. */
export const runnerOf =
  (commit: () => string): Runner =>
  (request, onProgress) => {
    const { scenario, seed, stations, days, store } = request
    return runVirtual(scenario, {
      store,
      commit: commit(),
      onProgress,
      seed,
      ...(stations === undefined ? {} : { stations }),
      ...(days === undefined ? {} : { days })
    }).pipe(
      Effect.catchTags({
        TimeUp: (failure) => Effect.fail(halted(failure, request)),
        Deadlock: (failure) => Effect.fail(halted(failure, request)),
        Livelock: (failure) => Effect.fail(halted(failure, request)),
        ForeignWorkStalled: (failure) => Effect.fail(halted(failure, request)),
        PostgresUnavailable: (failure) =>
          Effect.fail(
            new CannotRun({ message: `${explain(failure, undefined).message}\nOr run it with --store memory.` })
          ),
        DatabaseUnavailable: (failure) => Effect.fail(explain(failure, undefined)),
        MigrationFailed: (failure) => Effect.fail(explain(failure, undefined)),
        StoreUnavailable: (failure) => Effect.fail(explain(failure, undefined))
      })
    )
  }
