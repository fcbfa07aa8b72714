import { parentPort, workerData } from "node:worker_threads"
import { Effect } from "effect"
import * as LiveSocket from "#simulator/LiveSocket.ts"
import { DueTimers } from "#simulator/time/DueTimers.ts"
import { Timers } from "#simulator/time/Timers.ts"
import type { LoadPlan, Share } from "../load/Plan.ts"
import * as Slice from "../load/Slice.ts"

/** What a worker of a load is given. */
export interface LoadTask {
  readonly plan: LoadPlan
  readonly share: Share
  readonly url: string
}

/** What it is told while it lives. */
export type LoadOrder =
  | { readonly _tag: "Connect" }
  | { readonly _tag: "Load"; readonly startAtMs: number }
  | { readonly _tag: "Drop" }
  | { readonly _tag: "Finish" }
  | { readonly _tag: "Stop" }

/** What it tells. */
export type LoadNews =
  | { readonly _tag: "Ready" }
  | { readonly _tag: "Progress"; readonly progress: Slice.SliceProgress }
  /** This process may open no more sockets. */
  | { readonly _tag: "Exhausted"; readonly code: string }
  | { readonly _tag: "Done"; readonly result: Slice.SliceResult }
  | { readonly _tag: "Stopped" }

const progressMs = 250

const port = parentPort
if (port === null) throw new Error("this file is a worker's")
const tell = (news: LoadNews): void => port.postMessage(news)
const { plan, share, url } = workerData as LoadTask
const preciseMs = (): number => performance.timeOrigin + performance.now()

const main = Effect.gen(function* () {
  const below = yield* Timers
  const timers = new DueTimers({ ...below, nowAtMs: () => Math.floor(preciseMs()) }, preciseMs)
  const connect = LiveSocket.connect({ url, onExhausted: (code) => tell({ _tag: "Exhausted", code }) })
  const slice = yield* Slice.make({ plan, share, connect, timers })
  let progress: NodeJS.Timeout | undefined
  const obey = (order: LoadOrder): void => {
    switch (order._tag) {
      case "Connect":
        progress = setInterval(() => tell({ _tag: "Progress", progress: slice.progress() }), progressMs)
        slice.connect()
        return
      case "Load":
        slice.load(order.startAtMs)
        return
      case "Drop":
        slice.drop()
        return
      case "Finish":
        Effect.runFork(Effect.map(slice.finish(), (result) => tell({ _tag: "Done", result })))
        return
      case "Stop":
        clearInterval(progress)
        slice.stop()
        tell({ _tag: "Stopped" })
        port.close()
    }
  }
  port.on("message", obey)
  tell({ _tag: "Ready" })
})

Effect.runFork(main).addObserver((exit) => {
  if (exit._tag === "Failure") throw new Error("a worker of the load could not begin", { cause: exit.cause })
})
