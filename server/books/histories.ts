import { Effect } from "effect"
import { type Session, sessionOf } from "#core/lab/Session.ts"
import { Directory } from "../directory/Directory.ts"
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
): Effect.Effect<void, E | StoreUnavailable, R | Books | Directory> =>
  Effect.gen(function* () {
    const books = yield* Books
    const directory = yield* Directory
    const sites = new Map<string, string | null>()
    let request: PageRequest = { limit: pageSize }
    for (;;) {
      const { items, next } = yield* books.histories({ ...filter, ...request })
      for (const { stationId } of items) {
        if (!sites.has(stationId)) sites.set(stationId, (yield* directory.station(stationId))?.siteId ?? null)
      }
      const sessions = items.flatMap((it) => sessionOf(it, (id) => sites.get(id) ?? null) ?? [])
      if (!(yield* take(sessions)) || next === undefined) return
      request = { limit: pageSize, cursor: next }
    }
  })
