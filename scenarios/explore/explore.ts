import { Cause, Effect, Exit } from "effect"
import { countInto, type HardState } from "#core/Sometimes.ts"
import type { OracleResult } from "#simulator/oracles/Oracle.ts"
import type { TraceEvent } from "#simulator/Trace.ts"
import { storyOf } from "./generate.ts"
import type { Story } from "./Story.ts"
import { shrink } from "./shrink.ts"

/** Lives a story; a run that cannot come to its end fails or dies. */
export type Play = (
  story: Story,
  onEvent?: (event: TraceEvent) => void
) => Effect.Effect<{ readonly oracles: ReadonlyArray<OracleResult>; readonly traceHash: string | null }, unknown>

/** What a story showed to be wrong. */
export type Complaint = NonNullable<Story["failed"]>

export interface ExploreOptions {
  readonly seed: string
  readonly play: Play
  /** Only this oracle counts. */
  readonly property?: string
  /** Runs at most, and which share of them this worker does: every `stride`th, from `first` on. */
  readonly runs: number
  readonly first?: number
  readonly stride?: number
  /** True once the time given is over. */
  readonly isTimeUp: () => boolean
  /** One run in so many is done twice and compared; 10 when not given, 0 never. */
  readonly twiceEvery?: number
  /** How many failures end it; 1 when not given. Of one kind only the first few count. */
  readonly findings?: number
  readonly shrinkRuns?: number
  /** Called as a failure is made smaller; what it returns is true once that has taken long enough. */
  readonly startShrinking?: () => () => boolean
  readonly onProgress?: (progress: ExploreProgress) => void
  readonly onFinding?: (finding: Finding) => void
}

export interface ExploreProgress {
  readonly runs: number
  readonly steps: number
  readonly repeated: number
}

/** A failure, as small as it could be made. */
export interface Finding {
  /** The seed of the run, and its number. */
  readonly seed: string
  readonly run: number
  readonly complaint: Complaint
  readonly story: Story
  /** Steps before it was made smaller. */
  readonly stepsBefore: number
  /** How many more runs failed alike and were not made smaller. */
  readonly again: number
}

export interface Exploration extends ExploreProgress {
  /** By the number of their run. */
  readonly findings: ReadonlyArray<Finding>
  readonly reached: ReadonlyMap<HardState, number>
}

/** The complaint of a run that has no oracle of its own for it. */
const ofWorld = (sentence: string, expected: string, found: string): Complaint => ({
  oracle: "world",
  sentence,
  expected,
  found
})

/** Lives a story and returns the first thing that is wrong with it; null when every oracle holds. */
export const complaintOf = (play: Play, story: Story, property?: string): Effect.Effect<Complaint | null> =>
  Effect.map(Effect.exit(play(story)), (exit) => {
    if (Exit.isFailure(exit)) {
      if (property !== undefined && property !== "world") return null
      const [found = "nothing"] = Cause.pretty(exit.cause).split("\n    at ", 1)
      return ofWorld("The run did not come to its end.", "an end", found.slice(0, 500))
    }
    for (const { name, verdict, failures } of exit.value.oracles) {
      if (verdict !== "FAIL" || (property !== undefined && name !== property)) continue
      const { sentence, expected, found } = failures[0]!
      return { oracle: name, sentence, expected, found }
    }
    return null
  })

/** What makes two failures the same one: the oracle, and its sentence without numbers and names. */
const kindOf = ({ oracle, sentence }: Complaint): string =>
  `${oracle}: ${sentence.replaceAll(/\(.*\)|[0-9a-f-]{8,}|\b[A-Z]+-\d+\b|\d+/g, "").slice(0, 60)}`

/** How many failures of one kind are made smaller: what fails alike need not be one defect. */
const perKind = 3

/** Failures by their kind, the earliest runs of each. */
export class Findings {
  private readonly byKind = new Map<string, { readonly kept: Array<Finding>; more: number }>()

  get size(): number {
    return [...this.byKind.values()].reduce((sum, { kept }) => sum + kept.length, 0)
  }

  /** Counts one more failure of a kind of which there are enough; false when it is wanted. */
  hasEnough(complaint: Complaint): boolean {
    const alike = this.byKind.get(kindOf(complaint))
    if (alike === undefined || alike.kept.length < perKind) return false
    alike.more++
    return true
  }

  add(finding: Finding): void {
    const kind = kindOf(finding.complaint)
    const { kept, more } = this.byKind.get(kind) ?? { kept: [], more: 0 }
    const sorted = [...kept, { ...finding, again: 0 }].sort(byRun)
    const surplus = Math.max(0, sorted.length - perKind)
    this.byKind.set(kind, { kept: sorted.slice(0, perKind), more: more + finding.again + surplus })
  }

  /** All that are kept, by run; the first of a kind tells how many more failed alike. */
  all(): ReadonlyArray<Finding> {
    return [...this.byKind.values()]
      .flatMap(({ kept, more }) => kept.map((it, index) => (index === 0 ? { ...it, again: more } : it)))
      .sort(byRun)
  }
}

const byRun = (one: Finding, other: Finding): number => one.run - other.run

/** Runs until the bound, or until there are failures enough, each of which it makes smaller. */
export const explore = Effect.fnUntraced(function* (options: ExploreOptions): Effect.fn.Return<Exploration> {
  const { seed, play, property, runs, first = 0, stride = 1, twiceEvery = 10 } = options
  const reached = new Map<HardState, number>()
  const stop = countInto(reached)
  const done = { runs: 0, steps: 0, repeated: 0 }
  const findings = new Findings()
  const isOver = () => options.isTimeUp() || findings.size >= (options.findings ?? 1)
  for (let run = first; run < runs && !isOver(); run += stride) {
    const own = `${seed}/${run}`
    const story = storyOf(own)
    const isTwice = twiceEvery > 0 && run % twiceEvery === 0
    const complaint = (yield* complaintOf(play, story, property)) ?? (isTwice ? yield* difference(play, story) : null)
    done.runs++
    done.steps += story.steps.length
    if (isTwice) done.repeated++
    if (complaint !== null && !findings.hasEnough(complaint)) {
      const finding = yield* smaller(options, own, run, story, complaint)
      findings.add(finding)
      options.onFinding?.(finding)
    }
    options.onProgress?.({ ...done })
    yield* Effect.yieldNow
  }
  stop()
  return { ...done, findings: findings.all(), reached }
})

const smaller = Effect.fnUntraced(function* (
  options: ExploreOptions,
  seed: string,
  run: number,
  story: Story,
  complaint: Complaint
) {
  const { play, property } = options
  const isOfTrace = complaint.oracle === "determinism"
  const again = (candidate: Story) =>
    isOfTrace ? difference(play, candidate) : complaintOf(play, candidate, property ?? complaint.oracle)
  const stillFails = (candidate: Story) =>
    Effect.map(again(candidate), (it) => it !== null && kindOf(it) === kindOf(complaint))
  const least = yield* shrink(story, stillFails, {
    runs: options.shrinkRuns ?? 400,
    isTimeUp: options.startShrinking?.() ?? (() => false)
  })
  const failed = (yield* again(least)) ?? complaint
  const about = `${failed.oracle}: ${failed.sentence}`
  return { seed, run, complaint: failed, story: { ...least, about, failed }, stepsBefore: story.steps.length, again: 0 }
})

/** Lives a story twice; the first event at which the two differ, if they do. */
export const difference = Effect.fnUntraced(function* (play: Play, story: Story) {
  const hashes: Array<string | null> = []
  for (const _ of [1, 2]) {
    const exit = yield* Effect.exit(play(story))
    hashes.push(Exit.isSuccess(exit) ? exit.value.traceHash : null)
  }
  if (hashes[0] === hashes[1]) return null
  const events: [Array<TraceEvent>, Array<TraceEvent>] = [[], []]
  for (const record of events) yield* Effect.exit(play(story, (event) => record.push(event)))
  const [one, other] = events
  const index = one.findIndex((event, at) => JSON.stringify(event) !== JSON.stringify(other[at]))
  const words = (event: TraceEvent | undefined) => (event === undefined ? "nothing more" : JSON.stringify(event))
  const at = index < 0 ? one.length : index
  return {
    oracle: "determinism",
    sentence: "Two runs of one seed differ.",
    expected: words(one[at]).slice(0, 500),
    found: words(other[at]).slice(0, 500)
  } satisfies Complaint
})
