import { Effect } from "effect"
import type { HardState } from "#core/Sometimes.ts"
import { type ExploreProgress, explore, type Finding } from "../explore/explore.ts"
import type { StoreName } from "../lab/Result.ts"
import { openPostgres } from "../lab/Store.ts"
import { runStory } from "../lab/story.ts"

/** What one worker is to do, as data that crosses threads. */
export interface Task {
  readonly seed: string
  readonly store: StoreName
  readonly property: string | undefined
  readonly runs: number
  readonly minutes: number | undefined
  /** How many failures end it. */
  readonly findings: number
  readonly first: number
  readonly stride: number
}

/** What it tells. */
export type Told =
  | { readonly _tag: "Progress"; readonly progress: ExploreProgress }
  | { readonly _tag: "Found"; readonly finding: Finding }
  | {
      readonly _tag: "Done"
      readonly progress: ExploreProgress
      readonly findings: ReadonlyArray<Finding>
      readonly reached: ReadonlyArray<readonly [HardState, number]>
    }

/** Seconds that making a failure smaller may take. */
const shrinkSeconds = 60

/** What an exploration tells while it goes on. */
export interface Listening {
  readonly onProgress: (progress: ExploreProgress) => void
  readonly onFinding: (finding: Finding) => void
}

/** Explores as a worker's task says; on PostgreSQL, with one of its own for all its runs. `isOver` ends it early. */
export const perform = (task: Task, { onProgress, onFinding }: Listening, isOver: () => boolean) =>
  Effect.gen(function* () {
    const { store } = task
    const postgres = store === "memory" ? undefined : yield* openPostgres(undefined)
    const beganMs = performance.now()
    const untilMs = task.minutes === undefined ? Number.POSITIVE_INFINITY : beganMs + task.minutes * 60_000
    return yield* explore({
      seed: task.seed,
      runs: task.runs,
      first: task.first,
      stride: task.stride,
      findings: task.findings,
      ...(task.property === undefined ? {} : { property: task.property }),
      play: (story, onEvent) =>
        runStory(story, {
          store,
          ...(postgres === undefined ? {} : { postgres }),
          ...(onEvent === undefined ? {} : { onEvent })
        }),
      isTimeUp: () => isOver() || performance.now() >= untilMs,
      startShrinking: () => {
        const untilMs = performance.now() + shrinkSeconds * 1000
        return () => performance.now() >= untilMs
      },
      onProgress,
      onFinding
    })
  }).pipe(Effect.scoped)
