import type { Style } from "#server/cli/Screen.ts"
import type { LoadResult, Outage, Usage } from "../load/Result.ts"
import type { LatencyRow } from "../report/Latencies.ts"
import { count, duration, energy, memory, money, plural } from "./format.ts"
import { failuresOf, oracleTable, paintOf, wordOf } from "./summary.ts"
import { facts, table } from "./table.ts"

/** Milliseconds with three digits that say something: `0.42`, `13.1`, `1,204`. */
export const milliseconds = (ms: number): string => (ms >= 100 ? count(ms) : ms >= 10 ? ms.toFixed(1) : ms.toFixed(2))

const latencyRow = ({ name, count: times, p50Us, p90Us, p99Us, p999Us, maxUs }: LatencyRow) => [
  name,
  count(times),
  ...[p50Us, p90Us, p99Us, p999Us, maxUs].map((us) => milliseconds(us / 1000))
]

const latencyTable = (latencies: ReadonlyArray<LatencyRow>): ReadonlyArray<string> => {
  const right = (head: string) => ({ head, align: "right" }) as const
  const columns = [
    { head: "ms, as meant", align: "left" } as const,
    ...["count", "p50", "p90", "p99", "p99.9", "max"].map(right)
  ]
  return table(columns, latencies.map(latencyRow))
}

const perSecond = (rate: number): string => `${rate >= 100 ? count(rate) : String(Math.round(rate * 100) / 100)}/s`

const usage = ({ peakRssBytes, cpuSeconds }: Usage): string => {
  const cpu = cpuSeconds === null ? "" : `${duration(cpuSeconds)} of CPU`
  const size = peakRssBytes === null ? "" : `${memory(peakRssBytes)} at most`
  return [size, cpu].filter((it) => it !== "").join(", ") || "not known on this machine"
}

const outage = ({ kind, atSeconds, downSeconds, allBackSeconds }: Outage): string => {
  const down = downSeconds === null ? "" : `, serving again after ${duration(downSeconds)}`
  const back = allBackSeconds === null ? ", not all came back" : `, everybody back after ${duration(allBackSeconds)}`
  return `${kind === "restart" ? "server killed" : "all cut"} at ${duration(atSeconds)}${down}${back}`
}

const arrivals = ({ profile, arrived, rate }: LoadResult): ReadonlyArray<readonly [string, string]> => {
  if (profile === "idle" || profile === "storm") return []
  const things = profile === "heartbeats" ? "heartbeat" : "session"
  const lost = [
    arrived.shed > 0 ? `${count(arrived.shed)} turned away` : "",
    arrived.gaveUp > 0 ? `${count(arrived.gaveUp)} gave up` : ""
  ].filter((it) => it !== "")
  return [
    ["rate", `${perSecond(rate.asked)} asked, ${perSecond(rate.due)} due, ${perSecond(rate.reached)} reached`],
    [`${things}s`, [`${count(arrived.served)} of ${count(arrived.due)}`, ...lost].join(", ")]
  ]
}

/** More than this, and latencies are partly the fleet's own. */
const lateMs = 100

const warnings = (result: LoadResult, style: Style): ReadonlyArray<string> => {
  const lines: Array<string> = []
  if (result.fleetLateMs > lateMs) {
    lines.push(
      `The fleet itself was late by up to ${milliseconds(result.fleetLateMs)} ms: this machine was busy, and latencies hold it.`
    )
  }
  if (!result.keptReadings)
    lines.push("So many readings were expected that durability was judged by starts and ends only.")
  return lines.map((line) => style.yellow(line))
}

/** What a load came to, as lines for a person. */
export const loadSummary = (
  result: LoadResult,
  options: { readonly repeat: string; readonly style: Style; readonly columns: number }
): ReadonlyArray<string> => {
  const { style, columns, repeat } = options
  const { oracles, verdict, errors } = result
  const currencies = Object.keys(result.money).sort()
  const failed = oracles.filter((oracle) => oracle.verdict === "FAIL")
  const isPartly = verdict === "PASS" && oracles.some((oracle) => oracle.verdict !== "PASS")
  const word = isPartly ? "PASS: every oracle that can see holds" : wordOf[verdict]
  const kinds = Object.entries(errors)
  const late = warnings(result, style)
  return [
    `${style.bold(`load ${result.profile}`)} (${plural(result.stations, "station")}, ${plural(result.workers, "worker")}, ${result.target ?? "our server"})`,
    "",
    ...latencyTable(result.latencies),
    "",
    ...oracleTable(oracles, style),
    "",
    ...facts([
      ...arrivals(result),
      ["connected", connected(result)],
      ...result.outages.map((it) => ["outage", outage(it)] as const),
      ["messages", `${count(result.messages)} (${perSecond(result.messagesPerSecond)} while it lasted)`],
      ["errors", kinds.length === 0 ? "none" : kinds.map(([kind, times]) => `${count(times)} ${kind}`).join(", ")],
      ["transactions", count(result.transactions)],
      ["energy", energy(result.energyWh)],
      ["money", currencies.map((it) => money(BigInt(result.money[it]!), it)).join(", ") || "none"],
      ["fleet", usage({ ...result.fleet, peakRssBytes: result.fleet.peakRssBeforeBooksBytes })],
      ...(result.server === null ? [] : [["server", usage(result.server)] as const]),
      ...(result.database === null ? [] : [["database", usage(result.database)] as const]),
      ["time", `${duration(result.durationSeconds)} of load, ${duration(result.wallSeconds)} in all`],
      ["seed", result.seed],
      ["commit", result.commit ?? "unknown"]
    ]),
    ...(late.length === 0 ? [] : ["", ...late]),
    ...failed.flatMap((oracle) => failuresOf(oracle, style, columns)),
    "",
    style.bold(paintOf(style, verdict)(word)),
    "",
    verdict === "PASS" ? style.dim("Once more:") : "Repeat it:",
    `  ${repeat}`
  ]
}

const connected = ({ connected: number, stations, connectSeconds, connectCpuSeconds }: LoadResult): string =>
  connectSeconds === null
    ? `${count(number)} of ${count(stations)} when the load began`
    : `all ${count(stations)} in ${duration(connectSeconds)}, ${duration(connectCpuSeconds)} of CPU`
