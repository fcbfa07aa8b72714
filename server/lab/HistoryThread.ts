import { Worker } from "node:worker_threads"
import { Deferred, Effect, Queue } from "effect"
import type { LabOutcome } from "#core/api/LabOutcome.ts"
import type { LabRequest } from "#core/lab/Request.ts"
import type { Session } from "#core/lab/Session.ts"
import type { PlainTarget } from "./HistoryDatabase.ts"
import { LabFailed } from "./LabBench.ts"

/** What a thread is to price. */
export interface HistoryOrder {
  readonly request: LabRequest
  readonly repeat: string
  /** Where it reads sessions by itself; null: it is told of them. */
  readonly database: PlainTarget | null
}

/** What it is told, where it does not read by itself. */
export type HistoryTold =
  | { readonly _tag: "Page"; readonly sessions: ReadonlyArray<Session> }
  | { readonly _tag: "End" }

/** What it tells. */
export type HistoryAnswer =
  /** A page is done; so many sessions in all. */
  | { readonly _tag: "Priced"; readonly sessions: number }
  | { readonly _tag: "Done"; readonly sessions: number; readonly outcome: LabOutcome; readonly report: string | null }
  | { readonly _tag: "Failed"; readonly why: string }

export type PricedHistory = Extract<HistoryAnswer, { readonly _tag: "Done" }>

/** Pages that may lie at the thread, the one it works on included. */
const mostUnderWay = 2

/** A thread that wants more is ended, and says so: the server beside it needs the rest. */
const resourceLimits = { maxOldGenerationSizeMb: 2_048 }

/**
 * Prices a history in a thread of its own, `worker`, which ends with whoever waits for it. `feed` hands it the sessions where
 * the order names no database; it waits while there is enough to do.
 */
export const priceHistory = <R>(
  order: HistoryOrder,
  {
    worker,
    feed,
    onProgress
  }: {
    readonly worker: URL
    readonly feed: (add: (sessions: ReadonlyArray<Session>) => Effect.Effect<void>) => Effect.Effect<void, never, R>
    readonly onProgress: (sessions: number) => void
  }
): Effect.Effect<PricedHistory, LabFailed, R> =>
  Effect.gen(function* () {
    const ended = yield* Deferred.make<PricedHistory, LabFailed>()
    const room = yield* Queue.unbounded<void>()
    for (let page = 0; page < mostUnderWay; page++) Queue.offerUnsafe(room, undefined)
    const failed = (why: string): void => {
      Deferred.doneUnsafe(ended, Effect.fail(new LabFailed({ why })))
    }
    const thread = yield* Effect.acquireRelease(
      Effect.sync(() => new Worker(worker, { workerData: order, resourceLimits })),
      (it) => Effect.promise(() => it.terminate())
    )
    thread.on("message", (answer: HistoryAnswer) => {
      if (answer._tag === "Failed") failed(answer.why)
      else if (answer._tag === "Done") Deferred.doneUnsafe(ended, Effect.succeed(answer))
      else {
        onProgress(answer.sessions)
        Queue.offerUnsafe(room, undefined)
      }
    })
    thread.on("error", (error: Error) => failed(`The thread ended: ${error.message}`))
    thread.on("exit", () => failed("The thread ended before it was done."))
    const tell = (told: HistoryTold): void => thread.postMessage(told)
    const feeding = Effect.gen(function* () {
      if (order.database !== null) return
      yield* feed((sessions) => Effect.map(Queue.take(room), () => tell({ _tag: "Page", sessions })))
      tell({ _tag: "End" })
    })
    return yield* Effect.raceFirst(Deferred.await(ended), Effect.andThen(feeding, Effect.never))
  }).pipe(Effect.scoped)
