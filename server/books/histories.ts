import { Effect } from "effect"
import { type Session, sessionOf } from "#core/lab/Session.ts"
import type { StoreUnavailable } from "../record/Journal.ts"
import { Books, type TransactionFilter } from "./Books.ts"
import type { PageRequest } from "./Page.ts"

/**
 * Everything of the books that somebody owes for, newest first, `pageSize` transactions with all their readings at a
 * time: each page is handed to `take` before the next is read, and `take` ends the reading with false.
 */
export const eachSession = <E, R>(
  filter: TransactionFilter,
  pageSize: number,
  take: (sessions: ReadonlyArray<Session>) => Effect.Effect<boolean, E, R>
): Effect.Effect<void, E | StoreUnavailable, R | Books> =>
  Effect.gen(function* () {
    const books = yield* Books
    let request: PageRequest = { limit: pageSize }
    for (;;) {
      const { items, next } = yield* books.histories({ ...filter, ...request })
      const sessions = items.flatMap((it) => sessionOf(it) ?? [])
      if (!(yield* take(sessions)) || next === undefined) return
      request = { limit: pageSize, cursor: next }
    }
  })
