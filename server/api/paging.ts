import { Effect, Result } from "effect"
import * as Base64Url from "effect/encoding/Base64Url"
import { defaultLimit } from "#core/api/Fields.ts"
import { InvalidRequest } from "#core/api/Problems.ts"
import type { Page, PageRequest } from "../books/Page.ts"

/** The store's cursor with a mark in front, so that a cursor that is not ours is refused instead of misread. */
const mark = "1."

const encodeCursor = (cursor: string): string => Base64Url.encode(mark + cursor)

/** The slice a client asked for, or 400 for a cursor no list has given. */
export const pageRequest = (query: {
  readonly limit?: number
  readonly cursor?: string
}): Effect.Effect<PageRequest, InvalidRequest> => {
  const limit = query.limit ?? defaultLimit
  if (query.cursor === undefined) return Effect.succeed({ limit })
  const decoded = Result.getOrUndefined(Base64Url.decodeString(query.cursor))
  if (decoded === undefined || !decoded.startsWith(mark)) {
    const fault = { in: "query", pointer: "/cursor", message: "Expected the `next` of an earlier page" } as const
    return Effect.fail(new InvalidRequest({ detail: "The request does not fit the contract.", errors: [fault] }))
  }
  return Effect.succeed({ limit, cursor: decoded.slice(mark.length) })
}

/** A page of the store as a page of the contract. */
export const pageView =
  <A, B>(view: (item: A) => B) =>
  (page: Page<A>): { readonly items: ReadonlyArray<B>; readonly next?: string } => ({
    items: page.items.map(view),
    ...(page.next !== undefined && { next: encodeCursor(page.next) })
  })

/** A slice of a list that is whole in memory, by a key that rises along it. */
export const slice = <A>(items: ReadonlyArray<A>, page: PageRequest, key: (item: A) => string): Page<A> => {
  const { cursor, limit } = page
  const from = cursor === undefined ? 0 : items.findIndex((item) => key(item) > cursor)
  if (from < 0) return { items: [] }
  const taken = items.slice(from, from + limit)
  const last = taken[taken.length - 1]
  return last !== undefined && from + limit < items.length ? { items: taken, next: key(last) } : { items: taken }
}
