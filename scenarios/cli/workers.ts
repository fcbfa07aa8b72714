import { Worker } from "node:worker_threads"
import { Effect } from "effect"
import type { HardState } from "#core/Sometimes.ts"
import type { Exploration, ExploreProgress } from "../explore/explore.ts"
import { perform, type Task, type Told } from "./exploring.ts"

/** What an exploration came to, all workers together. */
export interface Explored extends Exploration {
  /** Wall-clock time. */
  readonly seconds: number
}

const nothing: ExploreProgress = { runs: 0, steps: 0, repeated: 0 }
const sum = (all: ReadonlyArray<ExploreProgress>): ExploreProgress =>
  all.reduce(
    (total, { runs, steps, repeated }) => ({
      runs: total.runs + runs,
      steps: total.steps + steps,
      repeated: total.repeated + repeated
    }),
    nothing
  )

/** Explores in this thread, or in several; the first failure ends all of them. */
export const exploreWith = (
  task: Omit<Task, "first" | "stride">,
  workers: number,
  onProgress: (progress: ExploreProgress) => void
) =>
  Effect.suspend(() => {
    const beganMs = performance.now()
    const timed = (exploration: Exploration): Explored => ({
      ...exploration,
      seconds: (performance.now() - beganMs) / 1000
    })
    const alone = perform({ ...task, first: 0, stride: 1 }, onProgress, () => false)
    return Effect.map(workers === 1 ? alone : together(task, workers, onProgress), timed)
  })

const together = (
  task: Omit<Task, "first" | "stride">,
  workers: number,
  onProgress: (progress: ExploreProgress) => void
): Effect.Effect<Exploration> =>
  Effect.callback<Exploration>((resume) => {
    const states = Array.from({ length: workers }, () => nothing)
    const reached = new Map<HardState, number>()
    let finding: Exploration["finding"] = null
    let left = workers
    const threads = states.map((_, first) => {
      const workerData: Task = { ...task, first, stride: workers }
      const thread = new Worker(new URL("./exploreWorker.ts", import.meta.url), { workerData })
      thread.on("error", (error) => resume(Effect.die(error)))
      thread.on("message", (told: Told) => {
        states[first] = told.progress
        onProgress(sum(states))
        if (told._tag === "Progress") return
        for (const [state, count] of told.reached) reached.set(state, (reached.get(state) ?? 0) + count)
        if (told.finding !== null && (finding === null || told.finding.run < finding.run)) finding = told.finding
        if (finding !== null) for (const other of threads) other.postMessage("over")
        if (--left === 0) resume(Effect.succeed({ ...sum(states), finding, reached }))
      })
      return thread
    })
    return Effect.promise(() => Promise.all(threads.map((thread) => thread.terminate())))
  })
