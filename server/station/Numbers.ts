import { Context, Effect, Layer, Semaphore } from "effect"
import { Journal } from "../record/Journal.ts"
import { patiently } from "./patiently.ts"

/** Numbers taken from the store at once; a restart wastes what is left of a block. */
const blockSize = 1_000

/** 1.6 transaction ids: unique on this system for ever, positive, never 0 or -1 (they must fit a signed 32-bit integer). */
export class Numbers extends Context.Service<Numbers, { readonly next: Effect.Effect<number> }>()(
  "server/station/Numbers"
) {
  static readonly layer = Layer.effect(
    Numbers,
    Effect.gen(function* () {
      const journal = yield* Journal
      const turn = yield* Semaphore.make(1)
      let nextNumber = 1
      let blockEnd = 1
      const refill = turn.withPermits(1)(
        Effect.suspend(() => {
          if (nextNumber < blockEnd) return Effect.succeed(nextNumber++)
          return Effect.map(patiently(journal.allocateNumbers(blockSize)), (first) => {
            nextNumber = first + 1
            blockEnd = first + blockSize
            return first
          })
        })
      )
      return Numbers.of({
        next: Effect.suspend(() => (nextNumber < blockEnd ? Effect.succeed(nextNumber++) : refill))
      })
    })
  )
}
