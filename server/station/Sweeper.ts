import { Clock, Effect, Layer } from "effect"
import { Journal } from "../record/Journal.ts"
import { Owners } from "./Owners.ts"
import { patiently } from "./patiently.ts"

/** Transactions settled per round; the rest is due at the next. */
const roundLimit = 200

/**
 * Settles, once a minute, the transactions that waited long enough for their missing messages. A station without a
 * connection is claimed for it as a connection would, so that the two can never both settle; one that connects
 * meanwhile fences the sweeper.
 */
export const sweeper = Layer.effectDiscard(
  Effect.gen(function* () {
    const journal = yield* Journal
    const owners = yield* Owners

    const settle = Effect.fnUntraced(function* (
      transactionId: string,
      stationId: string,
      version: "1.6" | "2.0.1" | "2.1"
    ) {
      const owner = yield* owners.writer(stationId, version)
      if (owner !== undefined) yield* owner.settleDue(transactionId, yield* Clock.currentTimeMillis)
    })

    const round = Effect.gen(function* () {
      const nowMs = yield* Clock.currentTimeMillis
      for (const { id, stationId, dialect } of yield* patiently(journal.due(nowMs, roundLimit))) {
        yield* Effect.catch(settle(id, stationId, dialect), (failure) =>
          failure._tag === "Fenced" ? Effect.void : Effect.logError("could not settle", { id, stationId })
        )
      }
    })

    yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep("1 minute"), round)))
  })
)
