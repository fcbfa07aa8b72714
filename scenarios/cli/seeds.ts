import { Result } from "effect"
import type { CannotRun, WrongUse } from "#server/cli/failures.ts"
import type { Pane, Style } from "#server/cli/Screen.ts"
import type { RunResult } from "../lab/Result.ts"
import { count, duration, plural, wrap } from "./format.ts"
import { failuresOf } from "./summary.ts"
import { type Cell, table } from "./table.ts"

/** How often a log that nobody can rewrite hears how far it is; real time. */
const lineEveryMs = 30_000
/** So many seeds that did not pass are named at the end; each has been told when it happened. */
const namedAtMost = 20

/** The seeds that `--seed BASE --seeds N` lives: `BASE-1` to `BASE-N`. */
export const seedsOf = (base: string, seeds: number): ReadonlyArray<string> =>
  Array.from({ length: seeds }, (_, index) => `${base}-${index + 1}`)

/** One seed of a scenario, and what it came to. */
export interface SeedRun {
  readonly scenario: string
  readonly seed: string
  /** The command that lives this seed again. */
  readonly repeat: string
  readonly outcome: Result.Result<RunResult, WrongUse | CannotRun>
}

const verdictOf = ({ outcome }: SeedRun) => (Result.isSuccess(outcome) ? outcome.success.verdict : "CANNOT RUN")

/** What a seed that did not pass has to say: its failures, or what kept it from its end, and the command that repeats it. */
export const objection = (run: SeedRun, style: Style, columns: number): ReadonlyArray<string> => {
  if (verdictOf(run) === "PASS") return []
  const words = Result.isFailure(run.outcome)
    ? wrap(run.outcome.failure.message, columns - 2).map((line) => `  ${line}`)
    : run.outcome.success.oracles
        .filter(({ verdict }) => verdict === "FAIL")
        .flatMap((oracle) => failuresOf(oracle, style, columns))
  const head = `${style.bold(run.scenario)}, seed ${run.seed}: ${style.red(verdictOf(run))}`
  return [head, ...words, "", "Repeat it:", `  ${run.repeat}`, ""]
}

interface Row {
  readonly scenario: string
  readonly runs: number
  readonly passed: number
  readonly transactions: number
  readonly messages: number
  readonly wallSeconds: number
}

const rowOf = (scenario: string, runs: ReadonlyArray<SeedRun>): Row => {
  const own = runs.filter((run) => run.scenario === scenario)
  const results = own.flatMap(({ outcome }) => (Result.isSuccess(outcome) ? [outcome.success] : []))
  const total = (of: (result: RunResult) => number) => results.reduce((sum, result) => sum + of(result), 0)
  return {
    scenario,
    runs: own.length,
    passed: results.filter(({ verdict }) => verdict === "PASS").length,
    transactions: total(({ transactions }) => transactions),
    messages: total(({ messages }) => messages),
    wallSeconds: total(({ wallSeconds }) => wallSeconds)
  }
}

/** What many seeds came to: a line for each scenario, those that did not pass by name, and a verdict on all. */
export const seedsSummary = (runs: ReadonlyArray<SeedRun>, style: Style): ReadonlyArray<string> => {
  const bad = runs.filter((run) => verdictOf(run) !== "PASS")
  const names = bad.slice(0, namedAtMost).map(({ scenario, seed }) => `${scenario} ${seed}`)
  const more = bad.length > names.length ? ` and ${plural(bad.length - names.length, "more", "more")}` : ""
  const right = ["seeds", "passed", "not", "transactions", "messages", "time"]
  const cells = (row: Row): ReadonlyArray<Cell> => [
    row.scenario,
    count(row.runs),
    count(row.passed),
    row.passed === row.runs ? "0" : { text: count(row.runs - row.passed), paint: style.red },
    count(row.transactions),
    count(row.messages),
    duration(row.wallSeconds)
  ]
  return [
    ...table(
      [{ head: "scenario", align: "left" }, ...right.map((head) => ({ head, align: "right" as const }))],
      [...new Set(runs.map(({ scenario }) => scenario))].map((scenario) => cells(rowOf(scenario, runs)))
    ),
    "",
    bad.length === 0
      ? style.bold(style.green("PASS: every oracle holds under every seed"))
      : `${style.bold(style.red("FAIL"))}: ${names.join(", ")}${more}`
  ]
}

/** How far many seeds are: nothing on a terminal, where each run has a line of its own, and else a line every half minute. */
export class SeedsProgress {
  private toldMs: number
  private readonly err: Pane
  private readonly nowMs: () => number
  private readonly startedMs: number
  private readonly total: number

  constructor(err: Pane, nowMs: () => number, total: number) {
    this.err = err
    this.nowMs = nowMs
    this.total = total
    this.startedMs = nowMs()
    this.toldMs = this.startedMs
  }

  /** After each run, with all that there were. */
  report(lived: () => ReadonlyArray<SeedRun>): void {
    const nowMs = this.nowMs()
    if (this.err.isTerminal || nowMs - this.toldMs < lineEveryMs) return
    this.toldMs = nowMs
    const runs = lived()
    const bad = runs.filter((run) => verdictOf(run) !== "PASS").length
    const leftSeconds = ((nowMs - this.startedMs) / 1000 / runs.length) * (this.total - runs.length)
    this.err.write(
      `${runs.length} of ${plural(this.total, "seed")}, ${bad} not passed, ${duration(leftSeconds)} left\n`
    )
  }
}
