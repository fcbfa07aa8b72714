import { Effect } from "effect"
import { AlreadyExists, NotFound } from "../directory/Directory.ts"
import type { SortedKeys } from "./SortedKeys.ts"

/** Enters something under an id that is free. */
export const create = <A>(
  items: Map<string, A>,
  ids: SortedKeys,
  kind: string,
  id: string,
  item: A
): Effect.Effect<void, AlreadyExists> => {
  if (items.has(id)) return Effect.fail(new AlreadyExists({ kind, id }))
  items.set(id, item)
  ids.add(id)
  return Effect.void
}

/** Puts something in the place of what is there. */
export const update = <A>(items: Map<string, A>, kind: string, id: string, item: A): Effect.Effect<void, NotFound> => {
  if (!items.has(id)) return Effect.fail(new NotFound({ kind, id }))
  items.set(id, item)
  return Effect.void
}
