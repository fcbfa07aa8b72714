import type { PgConnection, PgPool } from "@effect/sql-pg"
import { Context, Effect, type Exit } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import { rolledBack } from "./Client.ts"
import { inRealTime } from "./RealTime.ts"

/** One statement as it goes over the wire: `$1`, `$2` ... in the text, scalars or arrays of one type as values. */
export interface Bound {
  readonly sql: string
  readonly params: ReadonlyArray<unknown>
}

/** What a statement did. */
export type Result = PgConnection.Result

/** Transactions whose statements are known beforehand, each sent in one write: a commit costs one round trip. */
export class Pipeline extends Context.Service<
  Pipeline,
  {
    /**
     * Runs the statements as one transaction, all or nothing, and gives their results. It cannot be interrupted once
     * sent. Calls are executed in the order made; several may be under way. If the connection breaks, whether it was
     * committed is not known.
     */
    readonly transact: (statements: ReadonlyArray<Bound>) => Effect.Effect<ReadonlyArray<Result>, SqlError>
  }
>()("server/postgres/Pipeline") {}

/** Over a multiplexed pool of one connection: others may use it too, never between the statements of a transaction. */
export const make = (pool: PgPool.PgPool): Pipeline["Service"] => ({
  transact: (statements) =>
    Effect.uninterruptible(inRealTime(pool.use((connection) => transactOn(connection, statements))))
})

const begin: Bound = { sql: "BEGIN", params: [] }
const commit: Bound = { sql: "COMMIT", params: [] }
const rollback: Bound = { sql: "ROLLBACK", params: [] }

/**
 * Submits everything before the first answer arrives, without giving way, so that no other call can come in between. A
 * statement that fails aborts the transaction: those behind it fail too and the COMMIT rolls back. One that cannot even
 * be sent (a value that the driver cannot encode) would be missing from it: then the end is a ROLLBACK.
 */
const transactOn = (
  connection: PgConnection.PgConnection,
  statements: ReadonlyArray<Bound>
): Effect.Effect<ReadonlyArray<Result>, SqlError> =>
  Effect.callback<ReadonlyArray<Result>, SqlError>((resume) => {
    const exits: Array<Exit.Exit<Result, SqlError>> = new Array(statements.length + 2)
    let outstanding = exits.length
    let isUnsent = false
    const submit = (statement: Bound, index: number): void => {
      const fiber = Effect.runFork(connection.query(statement.sql, statement.params), { uninterruptible: true })
      fiber.addObserver((exit) => {
        exits[index] = exit
        if (exit._tag === "Failure") isUnsent = true
        outstanding -= 1
        if (outstanding === 0) resume(outcome(exits))
      })
    }
    submit(begin, 0)
    statements.forEach((statement, index) => {
      submit(statement, index + 1)
    })
    submit(isUnsent ? rollback : commit, exits.length - 1)
  })

const outcome = (exits: ReadonlyArray<Exit.Exit<Result, SqlError>>): Effect.Effect<ReadonlyArray<Result>, SqlError> => {
  const results: Array<Result> = []
  for (const exit of exits) {
    if (exit._tag === "Failure") return Effect.failCause(exit.cause)
    results.push(exit.value)
  }
  if (results.at(-1)?.command === "ROLLBACK") return Effect.fail(rolledBack())
  return Effect.succeed(results.slice(1, -1))
}
