import { Context, Effect, Layer } from "effect"
import type { Transaction } from "#core/transaction/Transaction.ts"
import { Journal } from "../record/Journal.ts"
import { patiently } from "./patiently.ts"

/**
 * Which transactions run on which token, across all stations and nodes: what a concurrency limit counts. The books say,
 * and this node adds what it has decided and not committed yet, so that two of its stations asking at once cannot both
 * get the last place. Two nodes that decide within one commit of each other still can.
 */
export class ActiveTokens extends Context.Service<
  ActiveTokens,
  {
    /** Transactions open on the token, `except` not counted, whatever id it was decided under before. */
    readonly count: (tokenUid: string, except: Begun | null) => Effect.Effect<number>
    /** A start on it was decided, and its commit is to come. */
    readonly take: (tokenUid: string, begun: Begun) => void
    /** It is in the books now, or it came to nothing. */
    readonly settle: (tokenUid: string, begun: Begun, isCommitted: boolean) => void
  }
>()("server/station/ActiveTokens") {
  static readonly layer = Layer.effect(
    ActiveTokens,
    Effect.map(Journal, (journal) => {
      const tokens = new Map<string, Taken>()
      const takenOf = (tokenUid: string): Taken => {
        const known = tokens.get(tokenUid) ?? { begun: new Map(), asking: new Set() }
        tokens.set(tokenUid, known)
        return known
      }
      const forget = (tokenUid: string, { begun, asking }: Taken): void => {
        if (begun.size === 0 && asking.size === 0) tokens.delete(tokenUid)
      }
      return ActiveTokens.of({
        count: (tokenUid, except) =>
          Effect.suspend(() => {
            const taken = takenOf(tokenUid)
            const missed: Question = new Map()
            taken.asking.add(missed)
            return patiently(journal.openOn(tokenUid)).pipe(
              Effect.map((inBooks) => {
                const all = new Set(inBooks)
                const name = except === null ? null : nameOf(except)
                for (const [id, own] of [...taken.begun, ...missed]) if (own !== name) all.add(id)
                if (except !== null) all.delete(except.id)
                return all.size
              }),
              Effect.ensuring(
                Effect.sync(() => {
                  taken.asking.delete(missed)
                  forget(tokenUid, taken)
                })
              )
            )
          }),
        take: (tokenUid, begun) => {
          takenOf(tokenUid).begun.set(begun.id, nameOf(begun))
        },
        settle: (tokenUid, begun, isCommitted) => {
          const taken = tokens.get(tokenUid)
          if (taken === undefined) return
          taken.begun.delete(begun.id)
          if (isCommitted) for (const missed of taken.asking) missed.set(begun.id, nameOf(begun))
          forget(tokenUid, taken)
        }
      })
    })
  )
}

/** A transaction, and what its station calls it. */
export type Begun = Pick<Transaction, "id" | "stationId" | "startKey" | "ocppId">

/**
 * A start that is told again on a new connection is decided under another id, while the decision of the old one may still be
 * on its way to be fenced off: the two are one, and have one place.
 */
const nameOf = ({ stationId, startKey, ocppId }: Begun): string => `${stationId}|${startKey ?? ocppId}`

/**
 * Settled while the books were asked, which may have answered before that commit. Of this question alone: one whose read
 * is held up for long must not keep what has ended since in the way of the next start.
 */
type Question = Map<string, string>

/** What this node has decided on one token, and who asks the books about it. */
interface Taken {
  /** Their names, by id. */
  readonly begun: Map<string, string>
  readonly asking: Set<Question>
}
