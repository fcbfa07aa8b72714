import { Clock, Effect } from "effect"
import { afterStop } from "#core/transaction/afterStop.ts"
import type { Transaction } from "#core/transaction/Transaction.ts"
import { LiveView } from "../api/Live.ts"
import { Owners } from "./Owners.ts"
import { patiently } from "./patiently.ts"

/** How often a station is asked to stop one charge. */
export interface StopPace {
  /** After its first answer; twice as long after each further one in a row. */
  readonly againMs: number
  readonly mostMs: number
  /** After it could not be asked, or nobody knows what it said. */
  readonly unansweredMs: number
}

/** How long a station may take to answer a stop, and how long the question waits for a station that is offline. */
const stationPatienceMs = 60_000
/** Charges kept in mind; of more the oldest is asked as if for the first time. */
const keptLimit = 10_000

interface Asked {
  isUnderWay: boolean
  /** When it last agreed, or else first said no, by its own clock; null while it has not answered. */
  answeredAtMs: number | null
  againAtMs: number
  pauseMs: number
}

/**
 * Asks stations to stop charges that have come to their end, as often as it takes: one that answered is not asked again
 * while what it tells shows that nothing flows any more, though its transaction may stay open until the plug is out.
 */
export const makeStops = (pace: StopPace) =>
  Effect.gen(function* () {
    const live = yield* LiveView
    const owners = yield* Owners
    const kept = new Map<string, Asked>()

    const isDue = (transaction: Transaction, nowMs: number): boolean => {
      const asked = kept.get(transaction.id)
      if (asked === undefined) return true
      if (asked.isUnderWay) return false
      if (asked.answeredAtMs !== null && afterStop(transaction, asked.answeredAtMs) === "stands") {
        // Should it go on some day, it is asked at once.
        asked.pauseMs = pace.againMs
        asked.againAtMs = Math.min(asked.againAtMs, nowMs)
        return false
      }
      return nowMs >= asked.againAtMs
    }

    const keep = (transactionId: string): Asked => {
      const known = kept.get(transactionId)
      if (known !== undefined) return known
      if (kept.size >= keptLimit) kept.delete(kept.keys().next().value!)
      const asked = { isUnderWay: false, answeredAtMs: null, againAtMs: 0, pauseMs: pace.againMs }
      kept.set(transactionId, asked)
      return asked
    }

    const ask = Effect.fnUntraced(function* (transaction: Transaction, asked: Asked) {
      const { id: transactionId, stationId } = transaction
      const operation = { _tag: "Stop", transactionId } as const
      const { outcome } = yield* patiently(
        live.runOperation(stationId, operation, { waitMs: stationPatienceMs, queueForMs: stationPatienceMs })
      ).pipe(Effect.catchTag("NotFound", Effect.die))
      const nowMs = yield* Clock.currentTimeMillis
      if (outcome?._tag !== "Answered") {
        asked.againAtMs = nowMs + pace.unansweredMs
        return
      }
      // Who agreed and says no to the next question has stopped it, as far as he knows; so, perhaps, has who says no to a
      // server that was not there when he agreed.
      if (outcome.accepted || asked.answeredAtMs === null) asked.answeredAtMs = owners.shown(transaction, nowMs)
      asked.againAtMs = nowMs + asked.pauseMs
      asked.pauseMs = Math.min(2 * asked.pauseMs, pace.mostMs)
    })

    return {
      /** The question to the station of a charge that is to end; undefined while there is nothing to ask. */
      due: (transaction: Transaction, nowMs: number): Effect.Effect<void> | undefined => {
        if (!isDue(transaction, nowMs)) return undefined
        const asked = keep(transaction.id)
        asked.isUnderWay = true
        return Effect.ensuring(
          ask(transaction, asked),
          Effect.sync(() => {
            asked.isUnderWay = false
          })
        )
      },
      /** The charge is over. */
      forget: (transactionId: string): void => {
        kept.delete(transactionId)
      }
    }
  })
