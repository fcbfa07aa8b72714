import type { Page } from "../books/Page.ts"

/** The first `limit` of the ids that are wanted, as a page whose cursor is the last id on it. */
export const pageOf = <A>(
  ids: Iterable<string>,
  limit: number,
  get: (id: string) => A | undefined,
  isWanted?: (item: A) => boolean
): Page<A> => {
  const items: Array<A> = []
  let last = ""
  for (const id of ids) {
    const item = get(id)
    if (item === undefined || (isWanted !== undefined && !isWanted(item))) continue
    if (items.length === limit) return { items, next: last }
    items.push(item)
    last = id
  }
  return { items }
}
