import { Context, Effect, Layer } from "effect"
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
    /** Transactions open on the token, `exceptTransactionId` not counted. */
    readonly count: (tokenUid: string, exceptTransactionId: string | null) => Effect.Effect<number>
    /** A start on it was decided, and its commit is to come. */
    readonly take: (tokenUid: string, transactionId: string) => void
    /** It is in the books now, or it came to nothing. */
    readonly settle: (tokenUid: string, transactionId: string) => void
  }
>()("server/station/ActiveTokens") {
  static readonly layer = Layer.effect(
    ActiveTokens,
    Effect.map(Journal, (journal) => {
      const tokens = new Map<string, Taken>()
      const forget = (tokenUid: string, { ids, asking }: Taken): void => {
        if (ids.size === 0 && asking === 0) tokens.delete(tokenUid)
      }
      const takenOf = (tokenUid: string): Taken => {
        const known = tokens.get(tokenUid) ?? { ids: new Set(), settled: new Set(), asking: 0 }
        tokens.set(tokenUid, known)
        return known
      }
      return ActiveTokens.of({
        count: (tokenUid, exceptTransactionId) =>
          Effect.suspend(() => {
            const taken = takenOf(tokenUid)
            taken.asking++
            return patiently(journal.openOn(tokenUid)).pipe(
              Effect.map((inBooks) => {
                const all = new Set([...inBooks, ...taken.ids])
                if (exceptTransactionId !== null) all.delete(exceptTransactionId)
                return all.size
              }),
              Effect.ensuring(
                Effect.sync(() => {
                  if (--taken.asking > 0) return
                  for (const id of taken.settled) taken.ids.delete(id)
                  taken.settled.clear()
                  forget(tokenUid, taken)
                })
              )
            )
          }),
        take: (tokenUid, transactionId) => {
          takenOf(tokenUid).ids.add(transactionId)
        },
        settle: (tokenUid, transactionId) => {
          const taken = tokens.get(tokenUid)
          if (taken === undefined) return
          // Who has asked the books meanwhile may have been answered before this commit.
          if (taken.asking > 0) taken.settled.add(transactionId)
          else taken.ids.delete(transactionId)
          forget(tokenUid, taken)
        }
      })
    })
  )
}

/** What this node has decided on one token. */
interface Taken {
  readonly ids: Set<string>
  /** Settled while somebody asked the books. */
  readonly settled: Set<string>
  asking: number
}
