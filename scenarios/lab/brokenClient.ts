import { PgConnection, type PgPool } from "@effect/sql-pg"
import { Effect, Stream } from "effect"
import { ConnectionError, SqlError } from "effect/sql/SqlError"
import type { Bound, Pipeline } from "#server/postgres/Database.ts"
import type { DatabaseFailure } from "../databaseFailures.ts"

/** Says how the statement that is about to be sent is to fail; undefined: not at all. */
export type Fate = (sql: string) => DatabaseFailure | undefined

/**
 * A pool under the SQL client whose statements fail as `fate` says. Beginning and rolling back never do; a COMMIT is
 * lost on its way there or back, where a lone statement would be.
 */
export const brokenPool = (pool: PgPool.PgPool, fate: Fate): PgPool.PgPool => ({
  ...pool,
  get: Effect.map(pool.get, (connection) => brokenConnection(connection, fate)),
  reserve: Effect.map(pool.reserve, (connection) => brokenConnection(connection, fate)),
  use: (f) => pool.use((connection) => f(brokenConnection(connection, fate)))
})

const isControl = (sql: string): boolean => /^(begin|rollback|savepoint|release)/i.test(sql)
const isCommit = (sql: string): boolean => /^commit/i.test(sql)

const brokenConnection = (inner: PgConnection.PgConnection, fate: Fate): PgConnection.PgConnection => {
  const send = <A>(sql: string, sent: Effect.Effect<A, SqlError>): Effect.Effect<A, SqlError> =>
    Effect.suspend(() => {
      const failure = isControl(sql) ? undefined : fate(sql)
      return failure === undefined ? sent : failingOne(inner, sent, failure, isCommit(sql))
    })
  return {
    [PgConnection.TypeId]: inner[PgConnection.TypeId],
    config: inner.config,
    processId: inner.processId,
    pin: Effect.map(inner.pin, (pinned) => brokenConnection(pinned, fate)),
    query: (sql, params, prepare) => send(sql, inner.query(sql, params, prepare)),
    queryValues: (sql, params, prepare) => send(sql, inner.queryValues(sql, params, prepare)),
    stream: (sql, params) =>
      Stream.unwrap(
        send(
          sql,
          Effect.sync(() => inner.stream(sql, params))
        )
      ),
    listen: (channel) => inner.listen(channel),
    interrupt: inner.interrupt
  }
}

const failingOne = <A>(
  inner: PgConnection.PgConnection,
  sent: Effect.Effect<A, SqlError>,
  { where, sqlState }: DatabaseFailure,
  commits: boolean
): Effect.Effect<A, SqlError> => {
  if (where === "committed") return Effect.andThen(sent, Effect.fail(lost()))
  if (where === "unsent" && sqlState === null) return Effect.fail(lost())
  // Of what PostgreSQL refuses by a code, nothing is refused as late as at a COMMIT: there the connection is what breaks.
  const harm = sqlState === null || commits ? terminate : raise(sqlState)
  return Effect.andThen(inner.query(harm.sql, harm.params), sent)
}

/** The client of transactions that are sent in one write: `fate` is asked once for each, by its first statement. */
export const brokenPipeline = (inner: Pipeline["Service"], fate: Fate): Pipeline["Service"] => ({
  transact: (statements) =>
    Effect.suspend(() => {
      const failure = fate(statements[0]?.sql ?? "")
      return failure === undefined ? inner.transact(statements) : failing(inner, statements, failure)
    })
})

const lost = (): SqlError => {
  const cause = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" })
  return new SqlError({
    reason: new ConnectionError({ cause, message: "the connection was lost", operation: "query" })
  })
}

/** Ends its own backend: everything after it in the transaction fails as PostgreSQL and the driver make it fail. */
const terminate: Bound = { sql: "select pg_terminate_backend(pg_backend_pid())", params: [] }
const setReadOnly: Bound = { sql: "set transaction read only", params: [] }
const raise = (sqlState: string): Bound => ({
  sql: `do $$ begin raise exception 'injected' using errcode = '${sqlState}'; end $$`,
  params: []
})

const failing = (
  inner: Pipeline["Service"],
  statements: ReadonlyArray<Bound>,
  { where, sqlState }: DatabaseFailure
): ReturnType<Pipeline["Service"]["transact"]> => {
  const harm = sqlState === null ? terminate : sqlState === "25006" ? setReadOnly : raise(sqlState)
  const middle = Math.ceil(statements.length / 2)
  switch (where) {
    case "unsent":
      return sqlState === null ? Effect.fail(lost()) : inner.transact([harm])
    case "between":
      // Whatever refuses to write must be said before anything is written.
      if (harm === setReadOnly) return inner.transact([harm, ...statements])
      return inner.transact([...statements.slice(0, middle), harm, ...statements.slice(middle)])
    case "commit":
      return inner.transact([...statements, harm])
    case "committed":
      return Effect.andThen(inner.transact(statements), Effect.fail(lost()))
  }
}
