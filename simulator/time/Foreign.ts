import { Effect } from "effect"
import type { Owner } from "./TimerHeap.ts"

interface Turn {
  readonly owner: Owner
  /** Virtual time has stood still for it at least once: how it ended depends on the world outside. */
  waitedFor: boolean
  finished: boolean
  open: (() => void) | undefined
}

/**
 * Work outside the fiber runtime (a database round trip), seen from virtual time. Answers may arrive together or one
 * by one, but whoever waits for them goes on one at a time, in the order the work was begun, and only when nothing
 * else can run: so what happens next does not depend on how packets were cut.
 */
export class Foreign {
  private readonly turns: Array<Turn> = []
  private readonly onChange: () => void

  /** `onChange` is called when the oldest work ends while virtual time waits for it. */
  constructor(onChange: () => void) {
    this.onChange = onChange
  }

  get outstanding(): number {
    return this.turns.length
  }

  /** Lets the fiber behind the oldest work go on, when that work has ended. */
  openOldest(): boolean {
    const turn = this.turns[0]
    if (turn === undefined || !turn.finished) return false
    this.turns.shift()
    if (turn.owner.alive) turn.open?.()
    return true
  }

  /** Notes that virtual time stands still for all that is outstanding. */
  waitForAll(): void {
    for (const turn of this.turns) turn.waitedFor = true
  }

  /** Runs `work` as foreign work of `owner`; interruption reaches the work, its outcome still waits for its turn. */
  hold<A, E, R>(owner: Owner, work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    return Effect.uninterruptibleMask((restore) =>
      Effect.suspend(() => {
        const turn: Turn = { owner, waitedFor: false, finished: false, open: undefined }
        this.turns.push(turn)
        return Effect.flatMap(Effect.exit(restore(work)), (exit) => Effect.andThen(this.myTurn(turn), exit))
      })
    )
  }

  private myTurn(turn: Turn): Effect.Effect<void> {
    return Effect.callback<void>((resume) => {
      turn.finished = true
      if (!turn.waitedFor) {
        // It ended without the outside world (a memory adapter), so its place in time is certain already.
        this.turns.splice(this.turns.indexOf(turn), 1)
        return resume(Effect.void)
      }
      turn.open = () => resume(Effect.void)
      if (this.turns[0] === turn) this.onChange()
    })
  }
}
