import { connect } from "node:net"
import { Effect } from "effect"
import * as Instant from "#core/Instant.ts"
import { CannotRun, explain, type ServeFailure, type WrongUse } from "#server/cli/failures.ts"
import type { Failure } from "#simulator/VirtualTime.ts"
import type { AdapterFailed } from "../adapters/Adapter.ts"
import { runLive, runRemote, runVirtual } from "../Lab.ts"
import type { RunResult } from "../lab/Result.ts"
import type { RunRequest } from "./request.ts"
import type { Runner } from "./run.ts"

type RunFailure = ServeFailure | Failure | CannotRun | AdapterFailed

/** What was run, and the command that does it again. */
type Repeatable = Pick<RunRequest, "scenario" | "repeat">

/** What stopped virtual time, and what that means. */
const halted = (failure: Failure, { scenario, repeat }: Repeatable): CannotRun => {
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

/** More than a connection takes anywhere. */
const reachWithinMs = 10_000

/** Whether anybody listens where the foreign CMS is said to be: a fleet would dial for as long as the run lasts. */
export const reach = (target: string): Effect.Effect<void, CannotRun> =>
  Effect.callback((resume) => {
    const { protocol, hostname, port } = new URL(target)
    const standardPort = protocol === "wss:" ? 443 : 80
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || standardPort) })
    const end = (outcome: Effect.Effect<void, CannotRun>): void => {
      socket.destroy()
      resume(outcome)
    }
    const fail = (why: string): void => {
      const advice = "Check --target, and that the CMS runs and can be reached from here."
      end(Effect.fail(new CannotRun({ message: `Nobody answers at ${target}: ${why}.\n${advice}` })))
    }
    socket.setTimeout(reachWithinMs, () => fail(`no connection within ${reachWithinMs / 1000} s`))
    socket.once("error", (error: NodeJS.ErrnoException) => fail(error.code ?? error.message))
    socket.once("connect", () => end(Effect.void))
    return Effect.sync(() => socket.destroy())
  })

const live = ({ world, scenario, store, target, books }: RunRequest, options: Parameters<typeof runLive>[1]) =>
  world === "remote" && target !== undefined
    ? Effect.andThen(reach(target), runRemote(scenario, { ...options, target, books }))
    : runLive(scenario, { ...options, store })

/** Runs a request in its world. `commit` names the code that runs, for the result. */
export const runnerOf =
  (commit: () => string): Runner =>
  (request, onProgress, telemetry) => {
    const { scenario, seed, stations, days, store, world } = request
    const options = {
      store,
      commit: commit(),
      onProgress,
      seed,
      ...(stations === undefined ? {} : { stations }),
      ...(telemetry === undefined ? {} : { telemetry })
    }
    const run: Effect.Effect<RunResult, RunFailure> =
      world === "virtual"
        ? runVirtual(scenario, days === undefined ? options : { ...options, days })
        : live(request, options)
    return Effect.mapError(run, (failure) => failureOf(failure, request))
  }

/** What kept a run from its end, in words for an operator. */
export const failureOf = (failure: RunFailure, request: Repeatable): WrongUse | CannotRun => {
  switch (failure._tag) {
    case "CannotRun":
      return failure
    case "AdapterFailed":
      return new CannotRun({ message: `The adapter cannot go on: ${failure.message}` })
    case "PostgresUnavailable":
      return new CannotRun({ message: `${explain(failure, undefined).message}\nOr run it with --store memory.` })
    case "TimeUp":
    case "Deadlock":
    case "Livelock":
    case "ForeignWorkStalled":
      return halted(failure, request)
    default:
      return explain(failure, undefined)
  }
}
