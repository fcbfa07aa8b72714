import { Effect } from "effect"
import type { HardState } from "#core/Sometimes.ts"
import { type Exploration, type ExploreProgress, explore, type Finding } from "../explore/explore.ts"
import { runStory } from "../lab/story.ts"

/** What one worker is to do, as data that crosses threads. */
export interface Task {
  readonly seed: string
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

/** Explores as a worker's task says, on memory; `isOver` ends it early. */
export const perform = (
  task: Task,
  tell: (progress: ExploreProgress) => void,
  isOver: () => boolean
): Effect.Effect<Exploration> =>
  Effect.suspend(() => {
    const beganMs = performance.now()
    const untilMs = task.minutes === undefined ? Number.POSITIVE_INFINITY : beganMs + task.minutes * 60_000
    let shrinksUntilMs: number | undefined
    return explore({
      seed: task.seed,
      runs: task.runs,
      first: task.first,
      stride: task.stride,
      ...(task.property === undefined ? {} : { property: task.property }),
      play: (story, onEvent) => runStory(story, { store: "memory", ...(onEvent === undefined ? {} : { onEvent }) }),
      isTimeUp: () => isOver() || performance.now() >= untilMs,
      isShrinkTimeUp: () => {
        shrinksUntilMs ??= performance.now() + shrinkSeconds * 1000
        return performance.now() >= shrinksUntilMs
      },
      onProgress: tell
    })
  })
