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
  readonly first: number
  readonly stride: number
}

/** What it tells. */
export type Told =
  | { readonly _tag: "Progress"; readonly progress: ExploreProgress }
  | {
      readonly _tag: "Done"
      readonly progress: ExploreProgress
      readonly finding: Finding | null
      readonly reached: ReadonlyArray<readonly [HardState, number]>
    }

/** Seconds that making a failure smaller may take. */
const shrinkSeconds = 60

/** Explores as a worker's task says; on PostgreSQL, with one of its own for all its runs. `isOver` ends it early. */
export const perform = (task: Task, tell: (progress: ExploreProgress) => void, isOver: () => boolean) =>
  Effect.gen(function* () {
    const { store } = task
    const postgres = store === "memory" ? undefined : yield* openPostgres(undefined)
    const beganMs = performance.now()
    const untilMs = task.minutes === undefined ? Number.POSITIVE_INFINITY : beganMs + task.minutes * 60_000
    let shrinksUntilMs: number | undefined
    return yield* explore({
      seed: task.seed,
      runs: task.runs,
      first: task.first,
      stride: task.stride,
      ...(task.property === undefined ? {} : { property: task.property }),
      play: (story, onEvent) =>
        runStory(story, {
          store,
          ...(postgres === undefined ? {} : { postgres }),
          ...(onEvent === undefined ? {} : { onEvent })
        }),
      isTimeUp: () => isOver() || performance.now() >= untilMs,
      isShrinkTimeUp: () => {
        shrinksUntilMs ??= performance.now() + shrinkSeconds * 1000
        return performance.now() >= shrinksUntilMs
      },
      onProgress: tell
    })
  }).pipe(Effect.scoped)
