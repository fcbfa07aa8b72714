import { type HardState, hardStates } from "#core/Sometimes.ts"
import type { Pane } from "#server/cli/Screen.ts"
import type { Finding } from "../explore/explore.ts"
import { clock } from "../explore/Story.ts"
import type { StoreName } from "../lab/Result.ts"
import { count, duration, wrap } from "./format.ts"
import { facts, table } from "./table.ts"
import type { Explored } from "./workers.ts"

/** What is told of an exploration. */
export interface ExploredWords extends Explored {
  readonly seed: string
  readonly store: StoreName
  /** Hard states that were promised and never reached. */
  readonly unreached: ReadonlyArray<HardState>
  readonly commit: string
  /** Where the story of a failure was written. */
  readonly fileOf: (finding: Finding) => string
}

/** The command that repeats a failure. */
export const replayOf = ({ fileOf, store }: Pick<ExploredWords, "fileOf" | "store">, finding: Finding): string =>
  ["npm run wattproof -- replay", fileOf(finding), ...(store === "memory" ? [] : ["--store", store])].join(" ")

/** What `--json` prints. */
export const resultOf = (words: ExploredWords) => {
  const { runs, steps, repeated, seconds, findings, reached, seed, store, commit, unreached, fileOf } = words
  return {
    verdict: findings.length > 0 || unreached.length > 0 ? "FAIL" : "PASS",
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
    findings: findings.map((finding) => ({
      ...finding.complaint,
      seed: finding.seed,
      run: finding.run,
      again: finding.again,
      steps: finding.story.steps.length,
      stepsBefore: finding.stepsBefore,
      file: fileOf(finding),
      replay: replayOf(words, finding)
    }))
  }
}

/** What a terminal shows. */
export const told = (words: ExploredWords, pane: Pane): ReadonlyArray<string> => {
  const { runs, steps, repeated, seconds, findings, reached, seed, unreached } = words
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
    ...findings.flatMap((finding) => [...storyLines(finding, columns), ""]),
    ...unreached.map((state) => style.red(`Never reached, and promised: ${state}`)),
    findings.length === 0 && unreached.length === 0
      ? style.bold(style.green("PASS: every story held"))
      : style.bold(style.red("FAIL")),
    ...(findings.length === 0 ? [] : ["", findings.length === 1 ? "Repeat it:" : "Repeat them:"]),
    ...findings.map((finding) => `  ${replayOf(words, finding)}`)
  ]
}

const storyLines = ({ complaint, story, stepsBefore, run, again }: Finding, columns: number): ReadonlyArray<string> => [
  ...wrap(`Run ${run}: ${complaint.oracle} failed. ${complaint.sentence}`, columns),
  ...wrap(`  expected  ${complaint.expected}`, columns),
  ...wrap(`  found     ${complaint.found}`, columns),
  ...(again === 0 ? [] : [`  ${count(again)} more ${again === 1 ? "run" : "runs"} failed alike`]),
  "",
  `${story.steps.length} steps are left of ${stepsBefore}:`,
  ...story.steps.map(({ at, do: what, ...rest }) => {
    const words = Object.entries(rest).map(
      ([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : value}`
    )
    return `  ${clock(at).padStart(8)}  ${what}${words.length === 0 ? "" : ` (${words.join(", ")})`}`
  })
]
