import { Worker } from "node:worker_threads"
import { Effect, type Scope } from "effect"
import { CannotRun } from "#server/cli/failures.ts"
import type { LoadPlan } from "../load/Plan.ts"
import type { SliceProgress, SliceResult } from "../load/Slice.ts"
import type { LoadNews, LoadOrder, LoadTask } from "./loadWorker.ts"

const nobody: SliceProgress = {
  connected: 0,
  booted: 0,
  sessions: 0,
  messages: 0,
  waiting: 0,
  errors: 0,
  p99Ms: null
}

const together = (all: ReadonlyArray<SliceProgress>): SliceProgress =>
  all.reduce(
    (total, each) => ({
      connected: total.connected + each.connected,
      booted: total.booted + each.booted,
      sessions: total.sessions + each.sessions,
      messages: total.messages + each.messages,
      waiting: total.waiting + each.waiting,
      errors: total.errors + each.errors,
      p99Ms: each.p99Ms === null ? total.p99Ms : Math.max(total.p99Ms ?? 0, each.p99Ms)
    }),
    nobody
  )

/** A fleet over several threads. */
export interface LoadFleet {
  readonly tell: (order: LoadOrder) => void
  /** All workers together, as last told. */
  readonly progress: () => SliceProgress
  /** Asks for the results and waits for them. */
  readonly results: Effect.Effect<ReadonlyArray<SliceResult>>
  /** Fails when the fleet cannot go on. */
  readonly failed: Effect.Effect<never, CannotRun>
}

const exhausted = (code: string, stations: number): CannotRun => {
  if (code === "EADDRNOTAVAIL") {
    return new CannotRun({
      message: `This machine has no port left to dial from: each connection to one address needs one.\nTake fewer --stations, or widen the range: sysctl -w net.ipv4.ip_local_port_range="1024 65535".`
    })
  }
  return new CannotRun({
    message: `This process may open no more sockets (${code}): its limit of open files is reached.\nRaise it for ${stations} stations: ulimit -n ${stations + 1_000}`
  })
}

/** Starts the workers and waits until their stations are built. They end with the scope. */
export const loadFleet = (plan: LoadPlan, url: string, workers: number): Effect.Effect<LoadFleet, never, Scope.Scope> =>
  Effect.gen(function* () {
    const states = Array.from({ length: workers }, () => nobody)
    const done: Array<SliceResult | undefined> = Array.from({ length: workers }, () => undefined)
    let onReady: () => void = () => {}
    let onDone: () => void = () => {}
    let onFailed: (why: CannotRun | Error) => void = () => {}
    let failure: CannotRun | Error | undefined
    const fail = (why: CannotRun | Error): void => {
      failure ??= why
      onFailed(failure)
    }
    let [readyLeft, doneLeft] = [workers, workers]
    const threads = yield* Effect.acquireRelease(
      Effect.sync(() =>
        states.map((_, index) => {
          const workerData: LoadTask = { plan, url, share: { index, count: workers } }
          const thread = new Worker(new URL("./loadWorker.ts", import.meta.url), { workerData })
          thread.on("error", fail)
          thread.on("message", (news: LoadNews) => {
            if (news._tag === "Progress") states[index] = news.progress
            else if (news._tag === "Exhausted") fail(exhausted(news.code, plan.stations))
            else if (news._tag === "Ready" && --readyLeft === 0) onReady()
            else if (news._tag === "Done") {
              done[index] = news.result
              if (--doneLeft === 0) onDone()
            }
          })
          return thread
        })
      ),
      (all) => Effect.promise(() => Promise.all(all.map((thread) => thread.terminate())))
    )
    const tell = (order: LoadOrder): void => {
      for (const thread of threads) thread.postMessage(order)
    }
    const failed = Effect.callback<never, CannotRun>((resume) => {
      onFailed = (why) => resume(why instanceof CannotRun ? Effect.fail(why) : Effect.die(why))
      if (failure !== undefined) onFailed(failure)
    })
    const whenReady = Effect.callback<void>((resume) => {
      onReady = () => resume(Effect.void)
      if (readyLeft === 0) onReady()
    })
    yield* Effect.raceFirst(whenReady, Effect.orDie(failed))
    return {
      tell,
      failed,
      progress: () => together(states),
      results: Effect.callback((resume) => {
        onDone = () => resume(Effect.succeed(done.flatMap((each) => (each === undefined ? [] : [each]))))
        tell({ _tag: "Finish" })
      })
    }
  })
