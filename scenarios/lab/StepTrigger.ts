import { Effect } from "effect"
import type { StepAt } from "../crashPoints.ts"

/** Waits for a server to pass a step of its work, and ends it there, once. */
export class StepTrigger<At extends StepAt<string>> {
  private readonly die: Effect.Effect<never>
  private armed: At | undefined
  private count = 0

  /** `die` ends the process that runs it and never returns. */
  constructor(die: Effect.Effect<never>) {
    this.die = die
  }

  /** How often a server died of it. */
  get deaths(): number {
    return this.count
  }

  disarm(): void {
    this.armed = undefined
  }

  /** It dies the next time it passes there; an earlier point is forgotten. */
  protected armAt(at: At): void {
    this.armed = at
  }

  /** The work, with the crash points of its place around it. `isMeant`: whether a point there means this piece of work. */
  protected around<A, E, R>(
    place: At["place"],
    work: Effect.Effect<A, E, R>,
    isMeant: (at: At) => boolean = () => true
  ): Effect.Effect<A, E, R> {
    return Effect.suspend(() => {
      if (this.isDue(place, "before", isMeant)) return this.die
      return Effect.tap(work, () =>
        Effect.suspend(() => (this.isDue(place, "after", isMeant) ? this.die : Effect.void))
      )
    })
  }

  private isDue(place: At["place"], when: StepAt<string>["when"], isMeant: (at: At) => boolean): boolean {
    const { armed } = this
    if (armed?.place !== place || armed.when !== when || !isMeant(armed)) return false
    this.armed = undefined
    this.count++
    return true
  }
}
