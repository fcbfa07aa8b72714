import { Context, Effect, Layer } from "effect"
import { Journal } from "../record/Journal.ts"
import { patiently } from "./patiently.ts"

/**
 * Which transactions run on which token, across all stations: what a concurrency limit counts. A place is taken when a
 * start is decided, before its commit, so that two stations asking at once cannot both get the last one.
 */
export class ActiveTokens extends Context.Service<
  ActiveTokens,
  {
    /** Transactions open on the token, `exceptTransactionId` not counted. */
    readonly count: (tokenUid: string, exceptTransactionId: string | null) => number
    readonly take: (tokenUid: string, transactionId: string) => void
    readonly release: (tokenUid: string, transactionId: string) => void
  }
>()("server/station/ActiveTokens") {
  /** Filled from the books at start, so that a restart forgets no running charge. */
  static readonly layer = Layer.effect(
    ActiveTokens,
    Effect.gen(function* () {
      const journal = yield* Journal
      const open = new Map<string, Set<string>>()
      const take = (tokenUid: string, transactionId: string): void => {
        const running = open.get(tokenUid)
        if (running === undefined) open.set(tokenUid, new Set([transactionId]))
        else running.add(transactionId)
      }
      for (const { tokenUid, transactionId } of yield* patiently(journal.openTokens)) take(tokenUid, transactionId)
      return ActiveTokens.of({
        count: (tokenUid, exceptTransactionId) => {
          const running = open.get(tokenUid)
          if (running === undefined) return 0
          return exceptTransactionId !== null && running.has(exceptTransactionId) ? running.size - 1 : running.size
        },
        take,
        release: (tokenUid, transactionId) => {
          const running = open.get(tokenUid)
          if (running === undefined) return
          running.delete(transactionId)
          if (running.size === 0) open.delete(tokenUid)
        }
      })
    })
  )
}
