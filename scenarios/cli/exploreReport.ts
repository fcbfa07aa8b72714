import { Effect, Exit } from "effect"
import type { Finding } from "../explore/explore.ts"
import type { StoreName } from "../lab/Result.ts"
import { runStory } from "../lab/story.ts"
import { suiteOf, type TestCase, type TestSuite } from "../report/junit.ts"
import { counted, type ReportFiles, recordOf, telemetryFor } from "./reports.ts"

/** What an exploration came to, for a report of it. */
export interface ExploredWords {
  readonly seed: string
  readonly store: StoreName
  readonly runs: number
  readonly seconds: number
  readonly finding: Finding | null
  readonly unreached: ReadonlyArray<string>
  /** The command that repeats it, or what it found. */
  readonly repeat: string
  readonly commit: string
}

const className = "wattproof.explore"

/** The exploration's own cases: whether any story failed, and each promised state that was not reached. */
const suite = ({ seed, runs, seconds, finding, unreached, repeat, commit }: ExploredWords): TestSuite => {
  const outcome: TestCase["outcome"] =
    finding === null
      ? { _tag: "Passed" }
      : {
          _tag: "Failed",
          message: `${finding.complaint.oracle}: ${finding.complaint.sentence}`,
          details: `run ${finding.run}\nexpected ${finding.complaint.expected}\nfound    ${finding.complaint.found}`
        }
  return {
    name: "explore",
    seconds,
    properties: { seed, runs: String(runs), commit, repeat },
    cases: [
      { name: "every story holds", className, outcome },
      ...unreached.map(
        (state): TestCase => ({
          name: `reaches: ${state}`,
          className,
          outcome: { _tag: "Failed", message: "promised, and never reached", details: state }
        })
      )
    ]
  }
}

/** Lives the story that was found once more, watched, and makes what the files are written from. */
export const exploredReport = Effect.fnUntraced(function* (files: ReportFiles, explored: ExploredWords) {
  const { finding, store, repeat, commit } = explored
  const own = suite(explored)
  if (finding === null) return { records: [], suites: [own] }
  const telemetry = telemetryFor(files)
  const options = { store, commit, ...(telemetry === undefined ? {} : { telemetry }) }
  const lived = yield* Effect.exit(counted(telemetry, runStory(finding.story, options)))
  // A story that does not come to its end has no verdicts to show; the exploration's own case says so.
  if (Exit.isFailure(lived)) return { records: [], suites: [own] }
  const name = `explore-${finding.complaint.oracle}`
  return {
    records: recordOf(telemetry, repeat, name),
    suites: [own, suiteOf({ ...lived.value, scenario: name }, repeat)]
  }
})
