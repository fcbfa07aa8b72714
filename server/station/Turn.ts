import { Effect, Exit } from "effect"
import * as Direct from "#core/Direct.ts"

/** Bodies of work one after the other, in the order asked. One that is done at once costs nobody a wait. */
export class Turn {
  private isTaken = false
  private readonly waiting: Array<() => void> = []

  /**
   * Begins `body` when all before it are done. What has begun is seen through: a step that is on its way into the books
   * cannot be taken back by who asked for it.
   */
  take<A, E>(body: () => Effect.Effect<A, E>): Effect.Effect<A, E> {
    const inFiber = (): Effect.Effect<A, E> =>
      Effect.uninterruptibleMask((restore) => {
        if (!this.isTaken) {
          this.isTaken = true
          return this.hold(body)
        }
        return Effect.flatMap(restore(this.wait), () => this.hold(body))
      })
    return Direct.direct((done) => (this.isTaken ? inFiber() : this.beginNow(body, done)), inFiber)
  }

  /** Nobody has to wait: nor does this need a fiber, where the work needs none. */
  private beginNow<A, E>(
    body: () => Effect.Effect<A, E>,
    done: (rest: Effect.Effect<A, E>) => void
  ): Effect.Effect<A, E> | undefined {
    this.isTaken = true
    const rest = Direct.begin(begun(body), (outcome) => done(this.endingWith(outcome)))
    return rest === undefined ? undefined : this.endingWith(rest)
  }

  /** The last of the work: with it the turn is over. */
  private endingWith<A, E>(work: Effect.Effect<A, E>): Effect.Effect<A, E> {
    if (!Exit.isExit(work)) return Effect.uninterruptible(Effect.onExit(work, this.passing))
    this.pass()
    return work
  }

  private readonly wait: Effect.Effect<void> = Effect.callback((resume) => {
    const wake = (): void => resume(Effect.void)
    this.waiting.push(wake)
    return Effect.sync(() => {
      const index = this.waiting.indexOf(wake)
      // Woken already: the turn that was handed over goes on to the next.
      if (index < 0) this.pass()
      else this.waiting.splice(index, 1)
    })
  })

  private hold<A, E>(body: () => Effect.Effect<A, E>): Effect.Effect<A, E> {
    const work = begun(body)
    if (!Exit.isExit(work)) return Effect.onExit(work, this.passing)
    this.pass()
    return work
  }

  private readonly passing = (): Effect.Effect<void> => {
    this.pass()
    return Effect.void
  }

  /** Hands the turn to the next in line; free when there is none. */
  private pass(): void {
    const next = this.waiting.shift()
    if (next === undefined) this.isTaken = false
    else next()
  }
}

const begun = <A, E>(body: () => Effect.Effect<A, E>): Effect.Effect<A, E> => {
  try {
    return body()
  } catch (defect) {
    return Effect.die(defect)
  }
}
