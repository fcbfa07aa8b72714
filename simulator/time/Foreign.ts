import { Context, Effect } from "effect"
import type { Owner } from "./TimerHeap.ts"

/**
 * How long foreign work takes in virtual time, ms. Else none: the world stands still for it. What takes a while lets the
 * world go on meanwhile, on another core than the database's, and ends at just that instant, however long it really took.
 */
export const ForeignTakesMs = Context.Reference<number>("simulator/ForeignTakesMs", { defaultValue: () => 0 })

interface Turn {
  readonly owner: Owner
  /** When it is over in virtual time. */
  readonly dueAtMs: number
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
  /** By when they are due, then in the order begun. */
  private readonly turns: Array<Turn> = []
  private readonly nowAtMs: () => number
  private readonly onChange: () => void
  private hasBegun = false

  /** `onChange` is called when the oldest work ends while virtual time waits for it. */
  constructor(nowAtMs: () => number, onChange: () => void) {
    this.nowAtMs = nowAtMs
    this.onChange = onChange
  }

  /** The instant beyond which virtual time cannot go; undefined when nothing is outstanding. */
  get dueAtMs(): number | undefined {
    return this.turns[0]?.dueAtMs
  }

  /** Whether work that takes a while was begun since the last call of this: it is still to be sent on its way. */
  takeBegun(): boolean {
    const { hasBegun } = this
    this.hasBegun = false
    return hasBegun
  }

  get outstanding(): number {
    return this.turns.length
  }

  /** Lets the fiber behind the oldest work go on, when that work has ended and its time has come. */
  openOldest(): boolean {
    const turn = this.turns[0]
    if (turn === undefined || !turn.finished || turn.dueAtMs > this.nowAtMs()) return false
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
      Effect.withFiber((fiber) => {
        const turn = this.begin(owner, fiber.getRef(ForeignTakesMs))
        return Effect.flatMap(Effect.exit(restore(work)), (exit) => Effect.andThen(this.myTurn(turn), exit))
      })
    )
  }

  private begin(owner: Owner, takesMs: number): Turn {
    const takesAWhile = takesMs > 0
    const dueAtMs = this.nowAtMs() + takesMs
    const turn: Turn = { owner, dueAtMs, waitedFor: takesAWhile, finished: false, open: undefined }
    if (takesAWhile) this.hasBegun = true
    let index = this.turns.length
    while (index > 0 && this.turns[index - 1]!.dueAtMs > dueAtMs) index--
    this.turns.splice(index, 0, turn)
    return turn
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
