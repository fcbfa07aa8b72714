import { Effect } from "effect"
import { Conflict, Unavailable, UnknownResource } from "#core/api/Problems.ts"
import type { AlreadyExists } from "../directory/Directory.ts"
import type { StoreUnavailable } from "../record/Journal.ts"

/** The store being away, as the client may know it. */
export const unavailable = <A, E, R>(effect: Effect.Effect<A, E | StoreUnavailable, R>) =>
  Effect.catchIf(effect, isStoreUnavailable, () =>
    Effect.fail(new Unavailable({ detail: "The store cannot be reached. Try again." }))
  )

const isStoreUnavailable = (error: unknown): error is StoreUnavailable =>
  typeof error === "object" && error !== null && "_tag" in error && error._tag === "StoreUnavailable"

/** Something of that name exists, as the client may know it. */
export const conflict = ({ kind, id }: AlreadyExists) =>
  Effect.fail(new Conflict({ detail: `There is a ${kind} ${id} already.`, kind, id }))

/** The value, or 404 for a path that names nothing. */
export const found =
  (kind: string, id: string) =>
  <A, E, R>(effect: Effect.Effect<A | undefined, E, R>): Effect.Effect<A, E | UnknownResource, R> =>
    Effect.flatMap(effect, (value) => (value === undefined ? Effect.fail(unknown(kind, id)) : Effect.succeed(value)))

export const unknown = (kind: string, id: string) =>
  new UnknownResource({ detail: `There is no ${kind} ${id}.`, kind, id })
