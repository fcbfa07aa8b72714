import { parentPort, workerData } from "node:worker_threads"
import type { Session } from "#core/lab/Session.ts"
import { Counter, type Setup, type Tally } from "#core/lab/Tally.ts"

/** What a thread that prices is told: sessions, or that there are no more. */
export type LabOrder =
  | { readonly _tag: "Sessions"; readonly sessions: ReadonlyArray<Session> }
  | { readonly _tag: "End" }

/** What it tells: a batch is done, or what everything came to. */
export type LabAnswer = { readonly _tag: "Done" } | { readonly _tag: "Tally"; readonly tally: Tally }

const port = parentPort
if (port === null) throw new Error("this file is a worker's")
const tell = (answer: LabAnswer): void => port.postMessage(answer)
const counter = new Counter(workerData as Setup)

port.on("message", (order: LabOrder) => {
  if (order._tag === "End") {
    tell({ _tag: "Tally", tally: counter.tally })
    port.close()
    return
  }
  for (const session of order.sessions) counter.add(session)
  tell({ _tag: "Done" })
})
