import { Effect, Layer } from "effect"
import { MemoryState, layer as memoryLayer } from "#server/memory/Memory.ts"
import { Journal, StoreUnavailable } from "#server/record/Journal.ts"
import type { Unit } from "#server/record/Unit.ts"

/** What the next call of the store does: work, fail before it took effect, or fail after; then the call after that. */
export type Mood = "works" | "away" | "lost-answer"

/** A journal in memory that a test can send away, hold up and look into. */
export class FaultyJournal {
  readonly state = new MemoryState()
  /** Units of each commit that took effect, in order. */
  readonly commits: Array<ReadonlyArray<Unit>> = []
  /** Commits asked for, with or without success. */
  asked = 0
  /** Moods of the calls to come; when none is left it works. */
  moods: Array<Mood> = []
  /** Runs before each commit. */
  before: Effect.Effect<void> = Effect.void

  readonly layer: Layer.Layer<Journal> = Layer.effect(
    Journal,
    Effect.map(Journal, (journal): Journal["Service"] => ({
      ...journal,
      commit: (units) =>
        Effect.suspend(() => {
          this.asked++
          return Effect.andThen(
            this.before,
            this.inMood(
              Effect.tap(journal.commit(units), () => Effect.sync(() => this.commits.push(units))),
              this.moods.shift()
            )
          )
        }),
      claim: (ids) => Effect.suspend(() => this.inMood(journal.claim(ids), this.moods.shift())),
      load: (ids) => Effect.suspend(() => this.inMood(journal.load(ids), this.moods.shift()))
    }))
  ).pipe(Layer.provide(memoryLayer(this.state)))

  private inMood<A>(
    work: Effect.Effect<A, StoreUnavailable>,
    mood: Mood | undefined
  ): Effect.Effect<A, StoreUnavailable> {
    const failure = new StoreUnavailable({ cause: mood })
    if (mood === "away") return Effect.fail(failure)
    return mood === "lost-answer" ? Effect.andThen(work, Effect.fail(failure)) : work
  }
}
