import { Effect } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import { codeOf, isTransient } from "../postgres/Database.ts"
import { StoreUnavailable } from "../record/Journal.ts"

/** What passes by itself is `StoreUnavailable`; any other failure of a statement of ours is a defect. */
export const orUnavailable = <A, E, R>(
  work: Effect.Effect<A, E | SqlError, R>
): Effect.Effect<A, Exclude<E, SqlError> | StoreUnavailable, R> =>
  Effect.catchIf(
    work,
    isSqlError,
    (error): Effect.Effect<never, StoreUnavailable> =>
      isTransient(error) ? Effect.fail(new StoreUnavailable({ cause: error })) : Effect.die(error)
  ) as Effect.Effect<A, Exclude<E, SqlError> | StoreUnavailable, R>

/** Whether a statement failed. */
export const isSqlError = (error: unknown): error is SqlError =>
  typeof error === "object" && error !== null && "_tag" in error && error._tag === "SqlError"

/** Whether a row of that key was there already. */
export const isDuplicate = (error: SqlError): boolean => codeOf(error) === "23505"

/** Whether a row that it refers to is not there. */
export const isDangling = (error: SqlError): boolean => codeOf(error) === "23503"
