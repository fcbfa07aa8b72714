import { parentPort, workerData } from "node:worker_threads"
import type { HistoryAnswer, HistoryOrder } from "#server/lab/HistoryThread.ts"
import { runHistory } from "#server/lab/historyRun.ts"

/** Who asks for jumps of so many percent gets a thread that dies, or one that says that it works and never ends. */
const { jumpPercent } = (workerData as HistoryOrder).request
if (jumpPercent === 13) throw new Error("no more memory")
else if (jumpPercent === 14) {
  const answer: HistoryAnswer = { _tag: "Priced", sessions: 7 }
  parentPort!.postMessage(answer)
  parentPort!.on("message", () => {})
} else runHistory(() => "a page")
