import { execFile } from "node:child_process"
import { promisify } from "node:util"
import type { RunResult } from "#scenarios/lab/Result.ts"
import type { Benchmark, Figure } from "./harness/Report.ts"

const stations = 1_000

/** A scenario with these stations as a process of its own, judged by every oracle; a failed oracle is no figure. */
const lived = async (store: "memory" | "postgres"): Promise<RunResult> => {
  const words = ["run", "--silent", "wattproof", "--", "run", "morning-peak", "--stations", String(stations)]
  const flags = [...words, "--store", store, "--json"]
  const { stdout } = await promisify(execFile)("npm", flags, { maxBuffer: 64 * 1024 * 1024 })
  const result = JSON.parse(stdout) as RunResult
  if (result.verdict !== "PASS") throw new Error(`the simulated day on ${store} is not right: ${result.verdict}`)
  return result
}

/** A simulated day of 1,000 stations in virtual time, every oracle on, on memory and on PostgreSQL. */
export const day: Benchmark = async ({ note }) => {
  const figures: Array<Figure> = []
  for (const [store, atMost] of [
    ["memory", 30],
    ["postgres", 60]
  ] as const) {
    note(`a simulated day of ${stations} stations on ${store}`)
    const { wallSeconds, messages, transactions, peakRssBytes } = await lived(store)
    figures.push(
      { name: `on ${store}`, value: wallSeconds, unit: "s", bar: { atMost } },
      { name: `${store}: messages`, value: messages / wallSeconds, unit: "messages/s" },
      { name: `${store}: sessions`, value: transactions, unit: "sessions" },
      { name: `${store}: memory at most`, value: peakRssBytes / 1_048_576, unit: "MiB" }
    )
  }
  return figures
}
