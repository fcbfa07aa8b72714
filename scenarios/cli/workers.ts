import { Worker } from "node:worker_threads"
import { Effect } from "effect"
import type { HardState } from "#core/Sometimes.ts"
import { type Exploration, type ExploreProgress, Findings } from "../explore/explore.ts"
import { type Listening, perform, type Task, type Told } from "./exploring.ts"

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

/** Explores in this thread, or in several, until the bound; as many failures as the task says end all of them. */
export const exploreWith = (task: Omit<Task, "first" | "stride">, workers: number, listening: Listening) =>
  Effect.suspend(() => {
    const beganMs = performance.now()
    const timed = (exploration: Exploration): Explored => ({
      ...exploration,
      seconds: (performance.now() - beganMs) / 1000
    })
    const alone = perform({ ...task, first: 0, stride: 1 }, listening, () => false)
    return Effect.map(workers === 1 ? alone : together(task, workers, listening), timed)
  })

const together = (
  task: Omit<Task, "first" | "stride">,
  workers: number,
  { onProgress, onFinding }: Listening
): Effect.Effect<Exploration> =>
  Effect.callback<Exploration>((resume) => {
    const states = Array.from({ length: workers }, () => nothing)
    const reached = new Map<HardState, number>()
    // What is known so far, to end all in time; what is told in the end has the counts.
    const soFar = new Findings()
    const findings = new Findings()
    let left = workers
    const threads = states.map((_, first) => {
      const workerData: Task = { ...task, first, stride: workers }
      const thread = new Worker(new URL("./exploreWorker.ts", import.meta.url), { workerData })
      thread.on("error", (error) => resume(Effect.die(error)))
      thread.on("message", (told: Told) => {
        if (told._tag === "Found") {
          if (soFar.hasEnough(told.finding.complaint)) return
          soFar.add(told.finding)
          onFinding(told.finding)
          if (soFar.size >= task.findings) for (const thread of threads) thread.postMessage("over")
          return
        }
        states[first] = told.progress
        onProgress(sum(states))
        if (told._tag === "Progress") return
        for (const [state, count] of told.reached) reached.set(state, (reached.get(state) ?? 0) + count)
        for (const finding of told.findings) findings.add(finding)
        if (--left === 0) resume(Effect.succeed({ ...sum(states), findings: findings.all(), reached }))
      })
      return thread
    })
    return Effect.promise(() => Promise.all(threads.map((thread) => thread.terminate())))
  })
