/**
 * What the server can do, each figure against
 * its limit. Servers run as they ship, in processes of their own; this one plays the stations.
 */
import { execFileSync } from "node:child_process"
import { cpus } from "node:os"
import { commandLine, refuse, wholeNumber } from "../support/commandLine.ts"
import { day } from "./day.ts"
import { fleet } from "./fleet.ts"
import { type Benchmark, passes, type Result, table } from "./harness/Report.ts"
import { benchmark as heartbeats } from "./heartbeats.ts"
import { idle, storm } from "./idle.ts"
import { quote } from "./quote.ts"
import { rating } from "./rating.ts"
import { repricing } from "./repricing.ts"
import { sessions16, sessions201 } from "./sessions.ts"

const benchmarks: Readonly<Record<string, Benchmark>> = {
  heartbeats,
  "sessions-1.6": sessions16,
  "sessions-2.0.1": sessions201,
  idle,
  storm,
  fleet,
  day,
  rating,
  quote,
  repricing
}

const usage = `npm run bench [-- NAME ...] [--json] [--seconds N] [--profile DIRECTORY]

the benchmarks: ${Object.keys(benchmarks).join(", ")}`

const { values, positionals } = commandLine(
  usage,
  {
    json: { type: "boolean", default: false },
    seconds: { type: "string", default: "12" },
    profile: { type: "string" }
  },
  { most: Object.keys(benchmarks).length }
)

const names = positionals.length === 0 ? Object.keys(benchmarks) : positionals
const unknown = names.filter((name) => !(name in benchmarks))
if (unknown.length > 0) refuse(`there is no benchmark ${unknown.join(", ")}\n\n${usage}`)

const showsProgress = process.stderr.isTTY
const note = (text: string): void => {
  if (showsProgress) process.stderr.write(`\r\u001b[K${text}`)
}

const results: Array<Result> = []
for (const name of names) {
  const figures = await benchmarks[name]!({
    note,
    profileInto: values.profile,
    seconds: wholeNumber("--seconds", values.seconds)
  })
  note("")
  results.push({ benchmark: name, figures })
  if (!values.json) process.stdout.write(`${table(results.slice(-1))}\n`)
}

if (values.json) {
  const commit = execFileSync("git", ["rev-parse", "HEAD"], { cwd: import.meta.dirname })
    .toString()
    .trim()
  const machine = { cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length, node: process.version }
  const judged = results.map(({ benchmark, figures }) => ({
    benchmark,
    figures: figures.map((figure) => ({ ...figure, met: passes(figure) }))
  }))
  process.stdout.write(`${JSON.stringify({ commit, machine, results: judged }, undefined, 2)}\n`)
}
process.exit(results.some(({ figures }) => figures.some((figure) => passes(figure) === false)) ? 1 : 0)
