import { parentPort, workerData } from "node:worker_threads"
import { Cause, Effect, Exit } from "effect"
import { perform, type Task, type Told } from "./exploring.ts"

/** One thread of an exploration: does its share of the runs and tells of each. Any message from outside ends it. */
const port = parentPort
if (port === null) throw new Error("this file is a worker's")
let isOver = false
port.on("message", () => {
  isOver = true
})
const tell = (told: Told): void => port.postMessage(told)

Effect.runFork(
  Effect.map(
    perform(
      workerData as Task,
      {
        onProgress: (progress) => tell({ _tag: "Progress", progress }),
        onFinding: (finding) => tell({ _tag: "Found", finding })
      },
      () => isOver
    ),
    ({ findings, reached, ...progress }) => {
      tell({ _tag: "Done", progress, findings, reached: [...reached] })
      port.close()
    }
  )
).addObserver((exit) => {
  // An error of the thread, which ends the exploration.
  if (Exit.isFailure(exit)) {
    queueMicrotask(() => {
      throw Cause.squash(exit.cause)
    })
  }
})
