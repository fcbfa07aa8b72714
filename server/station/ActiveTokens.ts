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
      const takenOf = (tokenUid: string): Taken => {
        const known = tokens.get(tokenUid) ?? { ids: new Set(), asking: new Set() }
        tokens.set(tokenUid, known)
        return known
      }
      const forget = (tokenUid: string, { ids, asking }: Taken): void => {
        if (ids.size === 0 && asking.size === 0) tokens.delete(tokenUid)
      }
      return ActiveTokens.of({
        count: (tokenUid, exceptTransactionId) =>
          Effect.suspend(() => {
            const taken = takenOf(tokenUid)
            const missed: Question = new Set()
            taken.asking.add(missed)
            return patiently(journal.openOn(tokenUid)).pipe(
              Effect.map((inBooks) => {
                const all = new Set([...inBooks, ...taken.ids, ...missed])
                if (exceptTransactionId !== null) all.delete(exceptTransactionId)
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
        take: (tokenUid, transactionId) => {
          takenOf(tokenUid).ids.add(transactionId)
        },
        settle: (tokenUid, transactionId) => {
          const taken = tokens.get(tokenUid)
          if (taken === undefined) return
          taken.ids.delete(transactionId)
          for (const missed of taken.asking) missed.add(transactionId)
          forget(tokenUid, taken)
        }
      })
    })
  )
}

/**
 * Settled while the books were asked, which may have answered before that commit. Of this question alone: one whose read
 * is held up for long must not keep what has ended since in the way of the next start.
 */
type Question = Set<string>

/** What this node has decided on one token, and who asks the books about it. */
interface Taken {
  readonly ids: Set<string>
  readonly asking: Set<Question>
}
