import { writeFileSync } from "node:fs"
import { availableParallelism } from "node:os"
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { CannotRun } from "#server/cli/failures.ts"
import { wholeNumber } from "#server/cli/flags.ts"
import { type Pane, Screen } from "#server/cli/Screen.ts"
import { profiles } from "../load/Plan.ts"
import type { LoadResult } from "../load/Result.ts"
import { loadPage } from "../load/report.ts"
import { count, cut } from "./format.ts"
import type { LoadProgress, LoadRunner } from "./loading.ts"
import { loadRequestOf } from "./loadRequest.ts"
import { loadSummary, milliseconds } from "./loadSummary.ts"
import { quoted } from "./request.ts"
import { isTarget, OracleFailed } from "./run.ts"

const text = (name: string, metavar: string, description: string) =>
  Flag.String(name).pipe(Flag.withMetavar(metavar), Flag.withDescription(description))
const time = (name: string, description: string) => text(name, "time", description).pipe(Flag.optional)

const flags = {
  stations: wholeNumber("stations", 1, 100_000, "a number of stations from 1 to 100000").pipe(
    Flag.withDescription("How many stations (else 100)"),
    Flag.withDefault(100)
  ),
  profile: text("profile", "name", `What they do: ${Object.keys(profiles).join(", ")} (else charging)`).pipe(
    Flag.withDefault("charging")
  ),
  rate: text(
    "rate",
    "number",
    "Sessions or heartbeats that begin each second, whatever the CMS does (else half of what fits)"
  ).pipe(Flag.optional),
  duration: text("duration", "time", "How long arrivals go on: 30s, 5m, 1h (else 60s)").pipe(Flag.withDefault("60s")),
  ramp: time("ramp", "The rate rises from 0 over this time (else 0s)"),
  connect: time("connect", "Stations are switched on within this time; 0s is all at once (else 10s, storm 0s)"),
  charge: time("charge", "How long each driver charges (else 20s)"),
  sample: wholeNumber("sample", 0, 86_400, "seconds from 1 to 86400, or 0 for no readings").pipe(
    Flag.withDescription("Seconds between two readings of a charge (else 5)"),
    Flag.optional
  ),
  dialects: text(
    "dialects",
    "mix",
    "Dialects with weights, as in 1.6:70,2.0.1:30 (else a mix of today's stations)"
  ).pipe(Flag.optional),
  storm: time("storm", "Cut every connection at one instant, again and again after this time"),
  restartAfter: time(
    "restart-after",
    "Kill our server then (kill -9) and start it again; at --target, cut every connection"
  ),
  target: Flag.String("target").pipe(
    Flag.withMetavar("url"),
    Flag.filter(isTarget, () => "the ws:// or wss:// URL of a CMS, without query, as in ws://localhost:9220/ocpp"),
    Flag.withDescription("Somebody's CMS; each station appends /<identity> (else our own, started for this)"),
    Flag.optional
  ),
  card: text("card", "uid", "With --target: the one card that every driver shows").pipe(Flag.optional),
  prefix: Flag.String("prefix").pipe(
    Flag.withMetavar("text"),
    Flag.filter(
      (prefix) => /^[\w.-]{1,30}$/.test(prefix),
      () => "1 to 30 letters, digits, dots, dashes or underscores"
    ),
    Flag.withDescription("Stations are called <prefix>-0001 and so on (else LOAD)"),
    Flag.withDefault("LOAD")
  ),
  workers: wholeNumber("workers", 1, 64, "a number of threads from 1 to 64").pipe(
    Flag.withDescription("Threads that share the stations (else by their number and the machine's cores)"),
    Flag.optional
  ),
  seed: Flag.String("seed").pipe(
    Flag.withMetavar("text"),
    Flag.filter(
      (seed) => seed !== "" && seed.length <= 200,
      () => "any text of 1 to 200 characters"
    ),
    Flag.withDescription("Fixes the schedule and the fleet (else load)"),
    Flag.withDefault("load")
  ),
  report: text("report", "file", "Write the result as one HTML page into this file, too").pipe(Flag.optional),
  json: Flag.Boolean("json").pipe(
    Flag.withDescription("Print the result as one JSON object"),
    Flag.withoutNegation,
    Flag.withDefault(false)
  )
}

const flagOf: Readonly<Record<string, string>> = { restartAfter: "restart-after" }

/** The command that asks for the same load again. */
const repeatOf = (given: Readonly<Record<string, unknown>>): string => {
  const words = Object.entries(given).flatMap(([name, value]) =>
    value === undefined || name === "json" || name === "report"
      ? []
      : [`--${flagOf[name] ?? name} ${quoted(String(value))}`]
  )
  return ["npm run wattproof -- load", ...words].join(" ")
}

const everyMs = 200

/** One line of progress that fits the columns. */
export const loadLine = (progress: LoadProgress, columns: number): string => {
  const {
    phase,
    atSeconds,
    durationSeconds,
    connected,
    stations,
    sessions,
    messagesPerSecond,
    p99Ms,
    waiting,
    errors
  } = progress
  const when = phase === "load" ? `${Math.max(0, Math.floor(atSeconds))} of ${Math.round(durationSeconds)} s` : phase
  const parts = [
    `load  ${when}`,
    `${count(connected)} of ${count(stations)} stations`,
    `${count(sessions)} sessions`,
    `${count(messagesPerSecond)} messages/s`,
    p99Ms === null ? "" : `p99 ${milliseconds(p99Ms)} ms`,
    waiting === 0 ? "" : `${count(waiting)} wait`,
    errors === 0 ? "" : `${count(errors)} errors`
  ].filter((it) => it !== "")
  return cut(parts.join("  "), columns - 1)
}

/** The progress of a load on a terminal: one line, rewritten in place. */
class LoadLine {
  private readonly pane: Pane
  private readonly nowMs: () => number
  private writtenMs = Number.NEGATIVE_INFINITY

  constructor(pane: Pane, nowMs: () => number) {
    this.pane = pane
    this.nowMs = nowMs
  }

  report(progress: LoadProgress): void {
    const { pane } = this
    const nowMs = this.nowMs()
    if (!pane.isTerminal || nowMs - this.writtenMs < everyMs) return
    this.writtenMs = nowMs
    pane.write(`\r\u001b[K${pane.style.dim(loadLine(progress, pane.columns()))}`)
  }

  end(): void {
    if (this.writtenMs > 0) this.pane.write("\r\u001b[K")
  }
}

/** Tried with nothing before a load begins, so that its result is not lost to a mistyped directory. */
const writeReport = (file: string, content: string): Effect.Effect<void, CannotRun> =>
  Effect.try({
    try: () => writeFileSync(file, content),
    catch: (error) =>
      new CannotRun({
        message: `The report cannot be written to ${file}: ${(error as Error).message}.\nName a file in a directory that exists with --report.`
      })
  })

const verdict = (result: LoadResult): Effect.Effect<void, OracleFailed | CannotRun> => {
  const failed = result.oracles.filter((oracle) => oracle.verdict === "FAIL").map(({ name }) => name)
  if (result.verdict === "FAIL") return Effect.fail(new OracleFailed({ oracles: failed }))
  if (result.target !== null && result.profile === "charging" && result.arrived.served === 0) {
    return Effect.fail(
      new CannotRun({
        message:
          "Nobody charged: this CMS refused every card.\nName one that it knows with --card, or have it accept any."
      })
    )
  }
  return result.verdict === "PASS"
    ? Effect.void
    : Effect.fail(new CannotRun({ message: "No oracle could see enough of this CMS to judge it." }))
}

/** `wattproof load`: drivers who come on schedule whatever the CMS does, latencies from that schedule, every oracle on. */
export const loadCommand = (runner: LoadRunner, nowMs: () => number) =>
  Command.make(
    "load",
    flags,
    Effect.fnUntraced(function* (given) {
      const { out, err } = yield* Screen
      const plain = {
        ...given,
        rate: Option.getOrUndefined(given.rate),
        ramp: Option.getOrUndefined(given.ramp),
        connect: Option.getOrUndefined(given.connect),
        charge: Option.getOrUndefined(given.charge),
        sample: Option.getOrUndefined(given.sample),
        dialects: Option.getOrUndefined(given.dialects),
        storm: Option.getOrUndefined(given.storm),
        restartAfter: Option.getOrUndefined(given.restartAfter),
        target: Option.getOrUndefined(given.target),
        card: Option.getOrUndefined(given.card),
        workers: Option.getOrUndefined(given.workers),
        report: Option.getOrUndefined(given.report)
      }
      const file = plain.report
      if (file !== undefined) yield* writeReport(file, "")
      const request = yield* Effect.fromResult(loadRequestOf(plain, availableParallelism()))
      const line = new LoadLine(err, nowMs)
      const running = runner(request, (progress) => line.report(progress))
      const result = yield* Effect.ensuring(
        running,
        Effect.sync(() => line.end())
      )
      const repeat = repeatOf(plain)
      if (file !== undefined) yield* writeReport(file, loadPage(result, repeat))
      const lines = given.json
        ? [JSON.stringify(result)]
        : loadSummary(result, { repeat, style: out.style, columns: Math.max(60, out.columns()) })
      out.write(`${lines.join("\n")}\n`)
      return yield* verdict(result)
    })
  ).pipe(
    Command.withShortDescription("Load a CMS with a fleet over real sockets, judged by every oracle"),
    Command.withDescription(
      "Load a CMS over real sockets. Arrivals are open-loop: they come on a schedule of the seed's, whatever the CMS does, and latencies are taken from the instant at which each message was meant to be sent."
    ),
    Command.withExamples([
      { command: "wattproof load --stations 1000 --rate 20 --duration 2m" },
      { command: "wattproof load --stations 10000 --profile storm --duration 1m" },
      { command: "wattproof load --stations 500 --restart-after 30s --duration 90s --json" },
      { command: "wattproof load --target wss://cms.example.org/ocpp --stations 50 --card 04A2B9C1D2E380" }
    ])
  )
