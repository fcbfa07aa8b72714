import { Effect, Exit } from "effect"
import type { Finding } from "../explore/explore.ts"
import { runStory } from "../lab/story.ts"
import { suiteOf, type TestCase, type TestSuite } from "../report/junit.ts"
import type { RunRecord } from "../telemetry/RunRecord.ts"
import { type ExploredWords, replayOf } from "./exploreWords.ts"
import { counted, type ReportFiles, recordOf, telemetryFor } from "./reports.ts"

const className = "wattproof.explore"

const caseOf = ({ run, complaint, again }: Finding): TestCase => ({
  name: `story of run ${run} holds`,
  className,
  outcome: {
    _tag: "Failed",
    message: `${complaint.oracle}: ${complaint.sentence}`,
    details: `run ${run}, and ${again} more\nexpected ${complaint.expected}\nfound    ${complaint.found}`
  }
})

/** The exploration's own cases: each story that failed, and each promised state that was not reached. */
const suite = ({ seed, runs, seconds, findings, unreached, commit }: ExploredWords): TestSuite => ({
  name: "explore",
  seconds,
  properties: { seed, runs: String(runs), commit, repeat: `npm run wattproof -- explore --seed ${seed}` },
  cases: [
    ...(findings.length === 0
      ? [{ name: "every story holds", className, outcome: { _tag: "Passed" } } as const]
      : findings.map(caseOf)),
    ...unreached.map(
      (state): TestCase => ({
        name: `reaches: ${state}`,
        className,
        outcome: { _tag: "Failed", message: "promised, and never reached", details: state }
      })
    )
  ]
})

/** Lives each story that was found once more, watched, and makes what the files are written from. */
export const exploredReport = Effect.fnUntraced(function* (files: ReportFiles, words: ExploredWords) {
  const suites: Array<TestSuite> = [suite(words)]
  const records: Array<RunRecord> = []
  for (const finding of words.findings) {
    const telemetry = telemetryFor(files)
    const options = { store: words.store, commit: words.commit, ...(telemetry === undefined ? {} : { telemetry }) }
    const lived = yield* Effect.exit(counted(telemetry, runStory(finding.story, options)))
    // A story that does not come to its end has no verdicts to show; the exploration's own case says so.
    if (Exit.isFailure(lived)) continue
    const repeat = replayOf(words, finding)
    const name = `explore-${finding.complaint.oracle}-${finding.run}`
    records.push(...recordOf(telemetry, repeat, name))
    suites.push(suiteOf({ ...lived.value, scenario: name }, repeat))
  }
  return { records, suites }
})
