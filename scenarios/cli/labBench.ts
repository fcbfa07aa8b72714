import { Worker } from "node:worker_threads"
import { Effect } from "effect"
import { type LabBench, LabFailed } from "#server/lab/LabBench.ts"
import type { Scenario } from "../Scenario.ts"
import type { LabRunAnswer } from "./labRunWorker.ts"

/** A thread that wants more is ended, and says so: the server beside it needs the rest. */
const resourceLimits = { maxOldGenerationSizeMb: 2_048 }

/** The Lab as the server asks for it: each run lives in a thread of its own, which ends with whoever waits for it. */
export const labBench = (scenarios: ReadonlyArray<Scenario>): LabBench => ({
  scenarios: scenarios.map(({ name, title, stations, days }) => ({ name, title, stations, days })),
  historyWorker: new URL("./labHistoryWorker.ts", import.meta.url),
  live: (order, onProgress) =>
    Effect.callback((resume) => {
      const worker = new Worker(new URL("./labRunWorker.ts", import.meta.url), { workerData: order, resourceLimits })
      const failed = (why: string): void => resume(Effect.fail(new LabFailed({ why })))
      worker.on("message", (answer: LabRunAnswer) => {
        if (answer._tag === "Progress") onProgress(answer.percent)
        else if (answer._tag === "Failed") failed(answer.why)
        else resume(Effect.succeed({ outcome: answer.outcome, report: answer.report }))
      })
      worker.on("error", (error: Error) => failed(`The thread ended: ${error.message}`))
      worker.on("exit", () => failed("The thread ended before it was done."))
      return Effect.promise(() => worker.terminate())
    })
})
