import { spawn } from "node:child_process"
import { join } from "node:path"
import type { LoadResult } from "#scenarios/load/Result.ts"
import type { Benchmark } from "./harness/Report.ts"

const stations = 10_000
const program = join(import.meta.dirname, "../../scenarios/main.ts")

/** A load as a process of its own, judged by every oracle that can see; a failed oracle is no figure. */
const loaded = (flags: ReadonlyArray<string>): Promise<LoadResult> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, "load", ...flags, "--json"], {
      stdio: ["ignore", "pipe", "inherit"]
    })
    let said = ""
    child.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString()
    })
    child.once("exit", (code) => {
      if (code === 0) resolve(JSON.parse(said) as LoadResult)
      else reject(new Error(`the load ended with ${code}: ${said.slice(0, 2_000)}`))
    })
  })

/** 10,000 stations with sessions from one process over real sockets, at our server in a process of its own. */
export const fleet: Benchmark = async ({ note, seconds }) => {
  note(`a live fleet of ${stations} stations`)
  const flags = ["--stations", String(stations), "--connect", "5s", "--duration", `${seconds}s`]
  const result = await loaded([...flags, "--rate", "200", "--charge", "20s", "--sample", "5"])
  const charging = Math.max(...result.timeline.map(({ sessions }) => sessions))
  const start = result.latencies.find(({ name }) => name === "(session start)")
  return [
    { name: "connected and booted", value: result.connectSeconds ?? Number.NaN, unit: "s", bar: { atMost: 20 } },
    { name: "CPU of all for it", value: result.connectCpuSeconds, unit: "s" },
    {
      name: "fleet process, resident at most",
      value: result.fleet.peakRssBeforeBooksBytes / 1_048_576,
      unit: "MiB",
      bar: { atMost: 1_144 }
    },
    {
      name: "server process, resident at most",
      value: (result.server?.peakRssBytes ?? Number.NaN) / 1_048_576,
      unit: "MiB"
    },
    { name: "sessions at once", value: charging, unit: "sessions" },
    { name: "sessions, each judged", value: result.transactions, unit: "sessions" },
    { name: "sessions begun on schedule", value: result.rate.reached, unit: "sessions/s" },
    { name: "messages", value: result.messagesPerSecond, unit: "messages/s" },
    { name: "session start, p99", value: (start?.p99Us ?? Number.NaN) / 1_000, unit: "ms" },
    { name: "fleet's own lateness, at most", value: result.fleetLateMs, unit: "ms" }
  ]
}
