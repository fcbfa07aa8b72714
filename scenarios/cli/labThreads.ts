import { Worker } from "node:worker_threads"
import { Effect, type Scope } from "effect"
import { mergeTally } from "#core/lab/merge.ts"
import type { Session } from "#core/lab/Session.ts"
import { emptyTally, type Setup, type Tally } from "#core/lab/Tally.ts"
import type { LabAnswer, LabOrder } from "./labWorker.ts"

/** Batches that may lie at a thread, the one it works on included: memory stays bounded however fast they come. */
const mostUnderWay = 2

interface Thread {
  readonly worker: Worker
  underWay: number
}

/** Threads that price sessions. What they come to does not depend on which of them priced what. */
export interface LabThreads {
  /** Hands a batch to a thread; waits while all have enough to do. */
  readonly add: (sessions: ReadonlyArray<Session>) => Effect.Effect<void>
  /** Waits for the last batch, and returns what all of them came to. */
  readonly end: Effect.Effect<Tally>
}

/** Starts threads, which end with the scope. An error in one of them is a defect of whoever waits. */
export const labThreads = (setup: Setup, count: number): Effect.Effect<LabThreads, never, Scope.Scope> =>
  Effect.gen(function* () {
    const threads: ReadonlyArray<Thread> = Array.from({ length: count }, () => ({
      worker: new Worker(new URL("./labWorker.ts", import.meta.url), { workerData: setup }),
      underWay: 0
    }))
    yield* Effect.addFinalizer(() => Effect.promise(() => Promise.all(threads.map(({ worker }) => worker.terminate()))))
    const tallies: Array<Tally> = []
    let broken: { readonly error: unknown } | undefined
    let wake = (): void => {}
    for (const thread of threads) {
      thread.worker.on("error", (error) => {
        broken = { error }
        wake()
      })
      thread.worker.on("message", (answer: LabAnswer) => {
        if (answer._tag === "Done") thread.underWay -= 1
        else tallies.push(answer.tally)
        wake()
      })
    }
    /** Waits until there is something to be had. One waits at a time: whoever reads the sessions. */
    const until = <A>(find: () => A | undefined): Effect.Effect<A> =>
      Effect.callback<A>((resume) => {
        const look = (): void => {
          const found = find()
          if (broken !== undefined) resume(Effect.die(broken.error))
          else if (found !== undefined) resume(Effect.succeed(found))
        }
        wake = look
        look()
      })
    const idlest = () =>
      threads.reduce<Thread | undefined>(
        (best, it) => (it.underWay < (best?.underWay ?? mostUnderWay) ? it : best),
        undefined
      )
    const order = (thread: Thread, what: LabOrder): void => thread.worker.postMessage(what)
    return {
      add: (sessions) =>
        Effect.map(until(idlest), (thread) => {
          thread.underWay += 1
          order(thread, { _tag: "Sessions", sessions })
        }),
      end: Effect.suspend(() => {
        for (const thread of threads) order(thread, { _tag: "End" })
        return Effect.map(
          until(() => (tallies.length === threads.length ? tallies : undefined)),
          (all) => {
            const total = emptyTally(setup.elasticities)
            for (const tally of all) mergeTally(total, tally)
            return total
          }
        )
      })
    }
  })
