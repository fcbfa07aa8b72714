import { Effect } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"

/**
 * Reads that all see the database as it was at their first statement, whatever others commit meanwhile. Nobody waits for
 * them; what was deleted since is kept as long as they last. Only what goes over the client of the context takes part.
 */
export const atOneInstant = <A, E, R>(reads: Effect.Effect<A, E, R>): Effect.Effect<A, E | SqlError, R | SqlClient> =>
  Effect.flatMap(SqlClient, (sql) =>
    sql.withTransaction(Effect.andThen(sql.unsafe("set transaction isolation level repeatable read, read only"), reads))
  )
