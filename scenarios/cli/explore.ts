import { accessSync, constants, mkdirSync, writeFileSync } from "node:fs"
import { join, relative, resolve } from "node:path"
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { type HardState, hardStates } from "#core/Sometimes.ts"
import { CannotRun, explain } from "#server/cli/failures.ts"
import { wholeNumber } from "#server/cli/flags.ts"
import { type Pane, Screen } from "#server/cli/Screen.ts"
import { oracles } from "#simulator/oracles/Catalogue.ts"
import type { ExploreProgress, Finding } from "../explore/explore.ts"
import { format } from "../explore/Story.ts"
import { exploredReport } from "./exploreReport.ts"
import { type ExploredWords, resultOf, told } from "./exploreWords.ts"
import { count } from "./format.ts"
import { prepareFiles, reportFlags, writeFiles } from "./reports.ts"
import { OracleFailed } from "./run.ts"
import { exploreWith } from "./workers.ts"

/** Runs when neither runs nor minutes are given, and when only minutes are. */
const usualRuns = 200
const unbounded = 999_999_999

/** Failures that end a night: what is found early must not cost the rest of it. */
const nightlyFindings = 20

const properties = [...oracles.map(({ name }) => name), "determinism", "world"] as const

const flags = {
  property: Flag.Literals("property", properties).pipe(
    Flag.withDescription("Only this oracle counts (else all of them)"),
    Flag.optional
  ),
  runs: wholeNumber("runs", 1, unbounded, "a number of runs from 1 up").pipe(
    Flag.withDescription("How many generated stories at most (else 200, or as many as the minutes allow)"),
    Flag.optional
  ),
  minutes: wholeNumber("minutes", 1, 10_000, "a number of minutes from 1 to 10000").pipe(
    Flag.withDescription("How long at most, by the wall clock"),
    Flag.optional
  ),
  findings: wholeNumber("findings", 1, 100, "a number of failures from 1 to 100").pipe(
    Flag.withDescription(`How many failures end it (else 1, or ${nightlyFindings} in a nightly run)`),
    Flag.optional
  ),
  store: Flag.Literals("store", ["memory", "postgres"]).pipe(
    Flag.withDescription("Where the CMS keeps its books: memory, or a throw-away PostgreSQL a worker (else memory)"),
    Flag.withDefault("memory")
  ),
  seed: Flag.String("seed").pipe(
    Flag.withMetavar("text"),
    Flag.filter(
      (text) => /^[\w.:-]{1,100}$/.test(text),
      () => "1 to 100 letters, digits and . : - _"
    ),
    Flag.withDescription("The same seed explores the same stories (else a new one)"),
    Flag.optional
  ),
  workers: wholeNumber("workers", 1, 64, "a number of threads from 1 to 64").pipe(
    Flag.withDescription("Threads that share the runs (else 1)"),
    Flag.withDefault(1)
  ),
  out: Flag.String("out").pipe(
    Flag.withMetavar("directory"),
    Flag.withDescription("Where the story of a failure is written (else .wattproof/stories)"),
    Flag.withDefault(".wattproof/stories")
  ),
  nightly: Flag.Boolean("nightly").pipe(
    Flag.withDescription("Fail too when a hard state that a long exploration promises was never reached"),
    Flag.withoutNegation,
    Flag.withDefault(false)
  ),
  json: Flag.Boolean("json").pipe(
    Flag.withDescription("Print the result as one JSON object"),
    Flag.withoutNegation,
    Flag.withDefault(false)
  ),
  ...reportFlags
}

/** `wattproof explore`: lives generated stories until the bound, or until enough failed; each is made small and kept. */
export const exploreCommand = (commit: () => string, nowMs: () => number) =>
  Command.make(
    "explore",
    flags,
    Effect.fnUntraced(function* (given) {
      const { out, err } = yield* Screen
      const seed = Option.getOrElse(given.seed, () => Date.now().toString(36))
      yield* prepareFiles(given)
      const folder = yield* prepareFolder(given.out)
      const minutes = Option.getOrUndefined(given.minutes)
      const runs = Option.getOrElse(given.runs, () => (minutes === undefined ? usualRuns : unbounded))
      const property = Option.getOrUndefined(given.property)
      const line = new ExploreLine(err, { runs, minutes }, nowMs)
      const { store } = given
      const findings = Option.getOrElse(given.findings, () => (given.nightly ? nightlyFindings : 1))
      const explored = yield* exploreWith({ seed, store, property, runs, minutes, findings }, given.workers, {
        onProgress: (it) => line.report(it),
        // A night that is cut off keeps what it had found.
        onFinding: (finding) => write(folder, finding)
      }).pipe(
        Effect.ensuring(Effect.sync(() => line.end())),
        Effect.mapError((failure) => explain(failure, undefined))
      )
      for (const finding of explored.findings) write(folder, finding)
      const unreached = given.nightly ? promised.filter((state) => !explored.reached.has(state)) : []
      const words: ExploredWords = { ...explored, seed, store, unreached, commit: commit(), fileOf: fileIn(folder) }
      out.write(given.json ? `${JSON.stringify(resultOf(words))}\n` : `${told(words, out).join("\n")}\n`)
      if (Option.isSome(given.report) || Option.isSome(given.junit)) {
        yield* writeFiles(given, { ...(yield* exploredReport(given, words)), say: given.json ? err : out })
      }
      const failed = new Set(explored.findings.map(({ complaint }) => complaint.oracle))
      if (failed.size > 0) return yield* new OracleFailed({ oracles: [...failed] })
      if (unreached.length > 0) return yield* new OracleFailed({ oracles: ["sometimes"] })
    })
  ).pipe(
    Command.withDescription("Live generated stories until one fails, or several; make each small, and keep it"),
    Command.withExamples([
      { command: "wattproof explore" },
      { command: "wattproof explore --minutes 10 --workers 2" },
      { command: "wattproof explore --minutes 60 --findings 20" },
      { command: "wattproof explore --runs 500 --store postgres" },
      { command: "wattproof explore --runs 1000 --seed 7 --property money --json" }
    ])
  )

const promised = (Object.keys(hardStates) as Array<HardState>).filter((state) => hardStates[state] === "nightly")

/** Finds out whether stories can be written before hours are spent on finding them. */
const prepareFolder = (directory: string): Effect.Effect<string, CannotRun> => {
  const folder = resolve(directory)
  return Effect.try({
    try: () => {
      mkdirSync(folder, { recursive: true })
      accessSync(folder, constants.W_OK)
      return folder
    },
    catch: (error) => new CannotRun({ message: `No story can be written to ${folder}: ${String(error)}` })
  })
}

const fileIn =
  (folder: string) =>
  ({ seed, complaint }: Finding): string =>
    relative(process.cwd(), join(folder, `${complaint.oracle}-${seed.replaceAll(/[^\w-]/g, "-")}.story.json`))

const write = (folder: string, finding: Finding): void => writeFileSync(fileIn(folder)(finding), format(finding.story))

const everyMs = 200

/** One line on a terminal that tells how far it is. */
class ExploreLine {
  private readonly pane: Pane
  private readonly bound: { readonly runs: number; readonly minutes: number | undefined }
  private readonly nowMs: () => number
  private readonly beganMs: number
  private writtenMs = Number.NEGATIVE_INFINITY

  constructor(pane: Pane, bound: ExploreLine["bound"], nowMs: () => number) {
    this.pane = pane
    this.bound = bound
    this.nowMs = nowMs
    this.beganMs = nowMs()
  }

  report({ runs, steps }: ExploreProgress): void {
    const { pane, bound } = this
    const nowMs = this.nowMs()
    if (!pane.isTerminal || nowMs - this.writtenMs < everyMs) return
    this.writtenMs = nowMs
    const seconds = Math.max(0.001, (nowMs - this.beganMs) / 1000)
    const byTime = bound.minutes === undefined ? 0 : seconds / (bound.minutes * 60)
    const percent = Math.floor(Math.min(1, Math.max(byTime, runs / bound.runs)) * 100)
    const text = `explore ${percent} %  ${count(runs)} runs  ${count((runs / seconds) * 60)} a minute  ${count(steps)} steps`
    pane.write(`\r\u001b[K${pane.style.dim(text.slice(0, pane.columns() - 1))}`)
  }

  end(): void {
    if (this.writtenMs > 0) this.pane.write("\r\u001b[K")
  }
}
