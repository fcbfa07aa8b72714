import { mkdirSync, writeFileSync } from "node:fs"
import { join, relative, resolve } from "node:path"
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { type HardState, hardStates } from "#core/Sometimes.ts"
import { CannotRun, explain } from "#server/cli/failures.ts"
import { wholeNumber } from "#server/cli/flags.ts"
import { type Pane, Screen } from "#server/cli/Screen.ts"
import { oracles } from "#simulator/oracles/Catalogue.ts"
import type { ExploreProgress, Finding } from "../explore/explore.ts"
import { clock, format } from "../explore/Story.ts"
import type { StoreName } from "../lab/Result.ts"
import { exploredReport } from "./exploreReport.ts"
import { count, duration, wrap } from "./format.ts"
import { prepareFiles, reportFlags, writeFiles } from "./reports.ts"
import { OracleFailed } from "./run.ts"
import { facts, table } from "./table.ts"
import { type Explored, exploreWith } from "./workers.ts"

/** Runs when neither runs nor minutes are given, and when only minutes are. */
const usualRuns = 200
const unbounded = 999_999_999

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

/** `wattproof explore`: lives generated stories until the bound, or until one fails; that one is made small and kept. */
export const exploreCommand = (commit: () => string, nowMs: () => number) =>
  Command.make(
    "explore",
    flags,
    Effect.fnUntraced(function* (given) {
      const { out, err } = yield* Screen
      const seed = Option.getOrElse(given.seed, () => Date.now().toString(36))
      yield* prepareFiles(given)
      const minutes = Option.getOrUndefined(given.minutes)
      const runs = Option.getOrElse(given.runs, () => (minutes === undefined ? usualRuns : unbounded))
      const property = Option.getOrUndefined(given.property)
      const line = new ExploreLine(err, { runs, minutes }, nowMs)
      const { store } = given
      const explored = yield* exploreWith({ seed, store, property, runs, minutes }, given.workers, (it) =>
        line.report(it)
      ).pipe(
        Effect.ensuring(Effect.sync(() => line.end())),
        Effect.mapError((failure) => explain(failure, undefined))
      )
      const { finding } = explored
      const kept = finding === null ? null : yield* keep(given.out, finding)
      const unreached = given.nightly ? promised.filter((state) => !explored.reached.has(state)) : []
      const verdict = finding !== null || unreached.length > 0 ? "FAIL" : "PASS"
      out.write(
        given.json
          ? `${JSON.stringify(resultOf(explored, { seed, store, verdict, unreached, file: kept, commit: commit() }))}\n`
          : `${told(explored, { seed, store, unreached, file: kept, pane: out }).join("\n")}\n`
      )
      if (Option.isSome(given.report) || Option.isSome(given.junit)) {
        const repeat = kept === null ? `npm run wattproof -- explore --seed ${seed}` : replayOf(kept, store)
        const words = { ...explored, seed, store, unreached, repeat, commit: commit() }
        yield* writeFiles(given, { ...(yield* exploredReport(given, words)), say: given.json ? err : out })
      }
      if (finding !== null) return yield* new OracleFailed({ oracles: [finding.complaint.oracle] })
      if (unreached.length > 0) return yield* new OracleFailed({ oracles: ["sometimes"] })
    })
  ).pipe(
    Command.withDescription("Live generated stories until one fails; make that one small, and keep it"),
    Command.withExamples([
      { command: "wattproof explore" },
      { command: "wattproof explore --minutes 10 --workers 2" },
      { command: "wattproof explore --runs 500 --store postgres" },
      { command: "wattproof explore --runs 1000 --seed 7 --property money --json" }
    ])
  )

const promised = (Object.keys(hardStates) as Array<HardState>).filter((state) => hardStates[state] === "nightly")

const keep = (directory: string, finding: Finding): Effect.Effect<string, CannotRun> => {
  const folder = resolve(directory)
  const file = join(folder, `${finding.complaint.oracle}-${finding.seed.replaceAll(/[^\w-]/g, "-")}.story.json`)
  return Effect.try({
    try: () => {
      mkdirSync(folder, { recursive: true })
      writeFileSync(file, format(finding.story))
      return relative(process.cwd(), file)
    },
    catch: (error) => new CannotRun({ message: `The story could not be written to ${file}: ${String(error)}` })
  })
}

const replayOf = (file: string, store: StoreName): string =>
  ["npm run wattproof -- replay", file, ...(store === "memory" ? [] : ["--store", store])].join(" ")

interface Told {
  readonly seed: string
  readonly store: StoreName
  readonly unreached: ReadonlyArray<HardState>
  readonly file: string | null
}

/** What `--json` prints. */
const resultOf = (
  { runs, steps, repeated, seconds, finding, reached }: Explored,
  { seed, store, verdict, unreached, file, commit }: Told & { readonly verdict: string; readonly commit: string }
) => ({
  verdict,
  seed,
  store,
  commit,
  runs,
  steps,
  repeated,
  seconds,
  runsPerMinute: Math.round((runs / seconds) * 60),
  reached: Object.fromEntries((Object.keys(hardStates) as Array<HardState>).map((it) => [it, reached.get(it) ?? 0])),
  unreached,
  finding:
    finding === null
      ? null
      : {
          ...finding.complaint,
          seed: finding.seed,
          run: finding.run,
          steps: finding.story.steps.length,
          stepsBefore: finding.stepsBefore,
          file,
          replay: replayOf(file!, store)
        }
})

const told = (
  { runs, steps, repeated, seconds, finding, reached }: Explored,
  { seed, store, unreached, file, pane }: Told & { readonly pane: Pane }
): ReadonlyArray<string> => {
  const { style } = pane
  const columns = Math.max(60, pane.columns())
  const states = (Object.keys(hardStates) as Array<HardState>).map((state) => {
    const times = reached.get(state) ?? 0
    return [state, times > 0 ? count(times) : { text: "never", paint: style.yellow }] as const
  })
  return [
    ...table(
      [
        { head: "sometimes", align: "left" },
        { head: "reached", align: "right" }
      ],
      states
    ),
    "",
    ...facts([
      ["runs", `${count(runs)} (${count((runs / seconds) * 60)} a minute), ${count(repeated)} of them twice`],
      ["steps", count(steps)],
      ["time", duration(seconds)],
      ["seed", seed]
    ]),
    "",
    ...(finding === null ? [] : [...storyLines(finding, columns), ""]),
    ...unreached.map((state) => style.red(`Never reached, and promised: ${state}`)),
    finding === null && unreached.length === 0
      ? style.bold(style.green("PASS: every story held"))
      : style.bold(style.red("FAIL")),
    ...(file === null ? [] : ["", "Repeat it:", `  ${replayOf(file, store)}`])
  ]
}

const storyLines = ({ complaint, story, stepsBefore, run }: Finding, columns: number): ReadonlyArray<string> => [
  ...wrap(`Run ${run}: ${complaint.oracle} failed. ${complaint.sentence}`, columns),
  ...wrap(`  expected  ${complaint.expected}`, columns),
  ...wrap(`  found     ${complaint.found}`, columns),
  "",
  `${story.steps.length} steps are left of ${stepsBefore}:`,
  ...story.steps.map(({ at, do: what, ...rest }) => {
    const words = Object.entries(rest).map(
      ([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : value}`
    )
    return `  ${clock(at).padStart(8)}  ${what}${words.length === 0 ? "" : ` (${words.join(", ")})`}`
  })
]

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
