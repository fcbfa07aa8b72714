import { Clock, Context, Effect, Layer, Result } from "effect"
import { sometimes } from "#core/Sometimes.ts"
import { type Closure, closeByHand } from "#core/transaction/closeByHand.ts"
import type { Transaction } from "#core/transaction/Transaction.ts"
import { Journal, type StoreUnavailable } from "../record/Journal.ts"
import { NotPossible } from "./byHand.ts"
import { Owners } from "./Owners.ts"

/**
 * Charges that operators close, because their station will not: it burnt down, was sold, or forgot them. The station is
 * claimed for it where this node holds no connection of it: a node that does claims it again, or has it dial again.
 */
export class Closures extends Context.Service<
  Closures,
  {
    /** Closes it; as it is where an operator did so before. Another connection may take the station meanwhile: ask again. */
    readonly close: (
      transactionId: string,
      closure: Closure
    ) => Effect.Effect<Transaction, NotPossible | StoreUnavailable>
  }
>()("server/station/Closures") {
  static readonly layer = Layer.effect(
    Closures,
    Effect.gen(function* () {
      const journal = yield* Journal
      const owners = yield* Owners
      const unknown = (id: string) => new NotPossible({ why: `There is no transaction ${id}.` })

      return Closures.of({
        close: Effect.fnUntraced(function* (transactionId, closure) {
          const transaction = yield* journal.transaction({ id: transactionId })
          if (transaction === undefined) return yield* unknown(transactionId)
          const { stationId, dialect } = transaction
          const decided = (it: Transaction, nowMs: number) =>
            closeByHand(it, closure, { nowMs, shownAtMs: owners.shown(it, nowMs) })
          // Nobody's connection is ended for what is refused, or was done before.
          const judged = decided(transaction, yield* Clock.currentTimeMillis)
          if (Result.isFailure(judged)) return yield* new NotPossible({ why: judged.failure })
          if (judged.success.length === 0) return transaction
          const owner = yield* owners.writer(stationId, dialect)
          if (owner === undefined) return yield* unknown(transactionId)
          const nowMs = yield* Clock.currentTimeMillis
          sometimes("a charge was closed by hand")
          return yield* owner
            .byHand(transactionId, (it) => decided(it, nowMs), nowMs)
            .pipe(
              Effect.catchTags({
                UnitRefused: Effect.die,
                Fenced: () => new NotPossible({ why: "Its station has just connected elsewhere: ask again." })
              })
            )
        })
      })
    })
  )
}
