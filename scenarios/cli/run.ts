import { Data, Effect, Option, Result } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { CannotRun, WrongUse } from "#server/cli/failures.ts"
import { wholeNumber } from "#server/cli/flags.ts"
import { type Pane, Screen } from "#server/cli/Screen.ts"
import type { RunProgress, RunResult } from "../lab/Result.ts"
import { brokenSuite, suiteOf } from "../report/junit.ts"
import type { Scenario } from "../Scenario.ts"
import type { Telemetry } from "../telemetry/Telemetry.ts"
import { adapterFlags, booksOf } from "./adapterFlags.ts"
import { faultSyntax } from "./faults.ts"
import { Progress } from "./progress.ts"
import { counted, prepareFiles, type ReportFiles, recordOf, reportFlags, telemetryFor, writeFiles } from "./reports.ts"
import { type RunFlags, type RunRequest, requestOf } from "./request.ts"
import { objection, type SeedRun, SeedsProgress, seedsOf, seedsSummary } from "./seeds.ts"
import { summary } from "./summary.ts"

/** The run came to its end, and an oracle says that something is wrong. Everything has been told already. */
export class OracleFailed extends Data.TaggedError("OracleFailed")<{ readonly oracles: ReadonlyArray<string> }> {}

/** Lives a scenario. What keeps it from its end comes in words for an operator. */
export type Runner = (
  request: RunRequest,
  onProgress: (progress: RunProgress) => void,
  /** Watches it for a report. */
  telemetry?: Telemetry
) => Effect.Effect<RunResult, WrongUse | CannotRun>

/** Whether a text can be where a CMS listens. */
export const isTarget = (text: string): boolean => /^wss?:\/\/./i.test(text) && URL.canParse(text) && !/[?#]/.test(text)

/** In which world it is lived. */
export const worldFlag = Flag.Literals("world", ["virtual", "live", "remote"]).pipe(
  Flag.withDescription("One process in virtual time, real sockets, or another's CMS (else virtual)"),
  Flag.withDefault("virtual")
)

/** Whose CMS it is lived on. */
export const targetFlag = Flag.String("target").pipe(
  Flag.withMetavar("url"),
  Flag.filter(isTarget, () => "the ws:// or wss:// URL of a CMS, without query, as in ws://localhost:9220/ocpp"),
  Flag.withDescription("Where the CMS of --world remote listens; each station appends /<identity>"),
  Flag.optional
)

/** How much of a scenario is lived. */
export const sizeFlags = {
  stations: wholeNumber("stations", 1, 100_000, "a number of stations from 1 to 100000").pipe(
    Flag.withDescription("How many stations (else the scenario's own number)"),
    Flag.optional
  ),
  days: wholeNumber("days", 1, 366, "a number of days from 1 to 366").pipe(
    Flag.withDescription("How many days of virtual time (else the scenario's own number)"),
    Flag.optional
  )
}

const flags = {
  seed: Flag.String("seed").pipe(
    Flag.withMetavar("text"),
    Flag.filter(
      (text) => text !== "" && text.length <= 200,
      () => "any text of 1 to 200 characters"
    ),
    Flag.withDescription("Fixes all chance: the same seed is the same run (else the scenario's own)"),
    Flag.optional
  ),
  seeds: wholeNumber("seeds", 1, 100_000, "a number of seeds from 1 to 100000").pipe(
    Flag.withMetavar("number"),
    Flag.withDescription("Live each scenario under so many seeds, SEED-1 and on, and tell of those that do not pass"),
    Flag.optional
  ),
  ...sizeFlags,
  world: worldFlag,
  target: targetFlag,
  ...adapterFlags,
  store: Flag.Literals("store", ["postgres", "memory"]).pipe(
    Flag.withDescription("Where our CMS keeps its books: a throw-away PostgreSQL, or memory (else postgres)"),
    Flag.optional
  ),
  fault: Flag.String("fault").pipe(
    Flag.withMetavar("fault"),
    Flag.withDescription(
      `Bad luck besides the scenario's own, as often as wanted: ${faultSyntax}, minutes of virtual time (else @1/120+10; wattproof list --faults)`
    ),
    Flag.between(0, 50)
  ),
  presets: Flag.String("presets").pipe(
    Flag.withMetavar("names"),
    Flag.withDescription(
      "Kinds of stations, joined by commas, instead of the scenario's own (wattproof list --presets)"
    ),
    Flag.optional
  ),
  json: Flag.Boolean("json").pipe(
    Flag.withDescription("Print the result as one JSON object; of several scenarios, a line each"),
    Flag.withoutNegation,
    Flag.withDefault(false)
  ),
  ...reportFlags
}

/** `wattproof run SCENARIO...`: lives them one after the other, and says what the oracles say. */
export const runCommand = (catalogue: ReadonlyArray<Scenario>, runner: Runner, nowMs: () => number) =>
  Command.make(
    "run",
    {
      scenarios: Argument.String("scenario").pipe(
        Argument.withDescription("Those that wattproof list names, one or several"),
        Argument.variadic({ max: 100 })
      ),
      ...flags
    },
    Effect.fnUntraced(function* ({ scenarios, ...given }) {
      const { out, err } = yield* Screen
      const books = yield* Effect.fromResult(booksOf(given, given.world))
      const requests = yield* Effect.fromResult(requestsOf(scenarios, { ...flagsOf(given), books }, catalogue, given))
      yield* prepareFiles(given)
      const runs: Array<Run> = []
      const isMany = Option.isSome(given.seeds)
      const isMeasured = !given.json && !isMany
      const heldBytes = isMeasured ? () => process.memoryUsage.rss() : undefined
      const columns = Math.max(60, out.columns())
      const seeds = new SeedsProgress(err, nowMs, requests.length)
      for (const request of requests) {
        const name = isMany ? `${request.scenario.name} ${request.seed}` : request.scenario.name
        const run = yield* runOf(request, { runner, nowMs, files: given, err, heldBytes, name })
        runs.push(run)
        const { outcome } = run
        if (isMany) seeds.report(() => runs.map(seedRunOf))
        if (isMany && !given.json)
          for (const line of objection(seedRunOf(run), out.style, columns)) out.write(`${line}\n`)
        else if (Result.isFailure(outcome)) {
          if (requests.length > 1) err.write(`${name}: ${outcome.failure.message}\n`)
        } else if (given.json) out.write(`${JSON.stringify(outcome.success)}\n`)
        else {
          const lines = summary(outcome.success, { repeat: request.repeat, style: out.style, columns })
          out.write(`${runs.length > 1 ? "\n" : ""}${lines.join("\n")}\n`)
        }
      }
      if (isMany && !given.json) out.write(`${seedsSummary(runs.map(seedRunOf), out.style).join("\n")}\n`)
      yield* writeFiles(given, {
        records: runs.flatMap(({ request, telemetry }) => recordOf(telemetry, request.repeat)),
        suites: runs.map(({ request, outcome }) =>
          Result.isSuccess(outcome)
            ? suiteOf(outcome.success, request.repeat)
            : brokenSuite(request.scenario.name, outcome.failure.message, request.repeat)
        ),
        say: given.json ? err : out
      })
      return yield* verdictOfAll(runs)
    })
  ).pipe(
    Command.withDescription("Live scenarios and have every oracle judge them"),
    Command.withExamples([
      { command: "wattproof run first-charge" },
      { command: "wattproof run morning-peak --seed 7 --stations 1000 --json" },
      { command: "wattproof run morning-peak --fault lost-answers:ratio=0.5@0.3/120+10 --fault link-cut" },
      { command: "wattproof run first-charge lossy-uplink --report run.html --junit run.xml" },
      { command: "wattproof run arrears --store memory --seed spring --seeds 100" },
      { command: "wattproof run first-charge --world remote --target wss://cms.example.org/ocpp" }
    ])
  )

/** What is to be run, one after the other: each scenario under its seed, or under many. */
const requestsOf = (
  scenarios: ReadonlyArray<string>,
  flags: Omit<RunFlags, "scenario">,
  catalogue: ReadonlyArray<Scenario>,
  { seeds, report }: Pick<Given, "seeds" | "report">
): Result.Result<ReadonlyArray<RunRequest>, WrongUse> => {
  if (Option.isSome(seeds) && Option.isSome(report)) return Result.fail(new WrongUse({ message: reportOfMany }))
  const requests: Array<RunRequest> = []
  for (const scenario of scenarios.length === 0 ? [undefined] : scenarios) {
    const first = requestOf({ ...flags, scenario }, catalogue)
    if (Result.isFailure(first)) return Result.fail(first.failure)
    const { seed } = first.success
    const all = Option.match(seeds, { onNone: () => [seed], onSome: (many) => seedsOf(seed, many) })
    for (const each of all) {
      requests.push(Result.getOrThrow(requestOf({ ...flags, scenario, seed: each }, catalogue)))
    }
  }
  return Result.succeed(requests)
}

const reportOfMany =
  "--report shows runs from the inside, and --seeds makes too many of them.\nRun the seed that is of interest by itself: --seed SEED-17 --report FILE."

const seedRunOf = ({ request, outcome }: Run): SeedRun => ({
  scenario: request.scenario.name,
  seed: request.seed,
  repeat: request.repeat,
  outcome
})

type Given = { readonly [K in keyof typeof flags]: Command.Command.Config.Infer<typeof flags>[K] }

const flagsOf = (given: Given): Omit<RunFlags, "scenario"> => ({
  world: given.world,
  seed: Option.getOrUndefined(given.seed),
  stations: Option.getOrUndefined(given.stations),
  days: Option.getOrUndefined(given.days),
  target: Option.getOrUndefined(given.target),
  store: Option.getOrUndefined(given.store),
  faults: given.fault,
  presets: Option.getOrUndefined(given.presets)
})

interface Run {
  readonly request: RunRequest
  readonly telemetry: Telemetry | undefined
  readonly outcome: Result.Result<RunResult, WrongUse | CannotRun>
}

const runOf = Effect.fnUntraced(function* (
  request: RunRequest,
  with_: {
    readonly runner: Runner
    readonly nowMs: () => number
    readonly files: ReportFiles
    readonly err: Pane
    readonly heldBytes: (() => number) | undefined
    /** What its progress is called. */
    readonly name: string
  }
) {
  const { runner, nowMs, files, err, heldBytes, name } = with_
  const telemetry = telemetryFor(files)
  const progress = new Progress(err, name, nowMs, heldBytes)
  const running = counted(
    telemetry,
    runner(request, (it) => progress.report(it), telemetry)
  )
  const outcome = yield* Effect.result(
    Effect.ensuring(
      running,
      Effect.sync(() => progress.end())
    )
  )
  return { request, telemetry, outcome } satisfies Run
})

/** What fails, fails; else what could not be run; else what could not be judged. */
const verdictOfAll = (runs: ReadonlyArray<Run>): Effect.Effect<void, OracleFailed | WrongUse | CannotRun> => {
  const results = runs.flatMap(({ outcome }) => (Result.isSuccess(outcome) ? [outcome.success] : []))
  const failed = results.find((it) => it.verdict === "FAIL")
  if (failed !== undefined) return verdict(failed)
  const broken = runs.flatMap(({ outcome }) => (Result.isFailure(outcome) ? [outcome.failure] : []))[0]
  if (broken !== undefined) return Effect.fail(broken)
  return Effect.forEach(results, verdict, { discard: true })
}

const verdict = (result: RunResult): Effect.Effect<void, OracleFailed | CannotRun> => {
  if (result.world === "remote" && result.energyWh === 0 && result.verdict !== "FAIL") {
    return Effect.fail(new CannotRun({ message: nothingShown }))
  }
  if (result.verdict === "PASS") return Effect.void
  const failed = result.oracles.filter((oracle) => oracle.verdict === "FAIL").map(({ name }) => name)
  return result.verdict === "FAIL"
    ? Effect.fail(new OracleFailed({ oracles: failed }))
    : Effect.fail(new CannotRun({ message: "No oracle could see enough of this CMS to judge it." }))
}

const nothingShown =
  "Nothing was charged, so nothing was shown: this CMS let no station in, or no card.\nIt must know the stations and cards of the run, or take in whoever comes."
