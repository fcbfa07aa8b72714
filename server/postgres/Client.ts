import { PgClient, type PgConnection, PgPool, PgTypes } from "@effect/sql-pg"
import { type Duration, Effect, type Scope, Stream } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import * as SqlClient from "effect/sql/SqlClient"
import type { Borrower, Connection } from "effect/sql/SqlConnection"
import { SqlError, UnknownError } from "effect/sql/SqlError"
import * as Statement from "effect/sql/Statement"
import { asForeignWork, inRealTime, outsideTime } from "./RealTime.ts"
import { backoff, isTransient } from "./transient.ts"

/** The rows as PostgreSQL names them, an error typed, and virtual time held: one connection of a pool. */
class HeldConnection implements Connection {
  readonly connection: PgConnection.PgConnection
  constructor(connection: PgConnection.PgConnection) {
    this.connection = connection
  }
  private rows(sql: string, params: ReadonlyArray<unknown>, prepare: boolean) {
    return Effect.map(inRealTime(this.connection.query(sql, params, prepare)), (result) => result.rows)
  }
  execute(sql: string, params: ReadonlyArray<unknown>, transform: Transform) {
    return transform === undefined ? this.rows(sql, params, true) : Effect.map(this.rows(sql, params, true), transform)
  }
  executeRaw(sql: string, params: ReadonlyArray<unknown>) {
    return inRealTime(this.connection.query(sql, params))
  }
  executeValues(sql: string, params: ReadonlyArray<unknown>) {
    return inRealTime(this.connection.queryValues(sql, params))
  }
  executeValuesUnprepared(sql: string, params: ReadonlyArray<unknown>) {
    return inRealTime(this.connection.queryValues(sql, params, false))
  }
  executeUnprepared(sql: string, params: ReadonlyArray<unknown>, transform: Transform) {
    return transform === undefined
      ? this.rows(sql, params, false)
      : Effect.map(this.rows(sql, params, false), transform)
  }
  executeStream(sql: string, params: ReadonlyArray<unknown>, transform: Transform) {
    const stream = Stream.transformPull(this.connection.stream(sql, params), (pull) => Effect.succeed(inRealTime(pull)))
    return transform === undefined
      ? stream
      : Stream.mapArray(stream, (rows) => transform(rows) as unknown as typeof rows)
  }
}

/**
 * The same for a transaction. Where its connection is gone PostgreSQL has rolled it back, and there is nobody to ask for
 * that: the driver takes a ROLLBACK or RELEASE that fails for a defect, which would hide why the transaction failed. A
 * COMMIT fails as it does.
 */
class TransactionConnection extends HeldConnection {
  override execute(sql: string, params: ReadonlyArray<unknown>, transform: Transform) {
    const sent = super.execute(sql, params, transform)
    return /^(ROLLBACK|RELEASE) /.test(`${sql} `) ? Effect.catchIf(sent, isGone, () => Effect.succeed([])) : sent
  }
}

const isGone = (error: unknown): boolean => error instanceof SqlError && error.reason._tag === "ConnectionError"

type Transform = (<A extends object>(row: ReadonlyArray<A>) => ReadonlyArray<A>) | undefined

/** How a client behaves beyond what the driver's own settings say. */
export interface Options extends PgPool.Config {
  /** How long a statement waits for a database that cannot be reached before it fails. */
  readonly connectPatience: Duration.Input
  /** Repeat single statements that failed for a passing reason. Only for a client that reads. */
  readonly repeatStatements: boolean
  readonly transformQueryNames?: ((name: string) => string) | undefined
  readonly transformResultNames?: ((name: string) => string) | undefined
}

/** A pool whose timers are real ones and whose upkeep is none of virtual time's business. */
export const makePool = (options: PgPool.Config): Effect.Effect<PgPool.PgPool, SqlError, Scope.Scope> =>
  outsideTime(PgPool.make(options))

/**
 * The driver's client over a pool of ours. Beyond the driver's: every round trip goes through ForeignWork, so no adapter
 * can forget virtual time; a database that is away is tried again with back-off before a statement fails; jsonb keeps its
 * keys. A transaction must not wait for anything but the database.
 */
export const makeClient = (
  pool: PgPool.PgPool,
  options: Options
): Effect.Effect<PgClient.PgClient, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { transformResultNames } = options
    const lease = (
      acquire: Effect.Effect<PgConnection.PgConnection, SqlError, Scope.Scope>,
      Held: typeof HeldConnection = HeldConnection
    ) => Effect.map(patiently(options, acquire), (connection): Connection => new Held(connection))
    const client = yield* SqlClient.make({
      driver: "pg",
      acquirer: lease(pool.get),
      transactionAcquirer: lease(pool.reserve, TransactionConnection),
      borrower: borrower(pool, options),
      compiler: PgClient.makeCompiler(options.transformQueryNames, false),
      prepareTransactionControls: true,
      commit,
      releaseSavepoint: (name) => `RELEASE SAVEPOINT ${name}`,
      spanAttributes: [["db.system.name", "postgresql"]],
      transformRows: transformResultNames && renaming(transformResultNames)
    }).pipe(Effect.provide(Reactivity.layer))
    const json = (value: unknown) => Statement.fragment([PgJson(value)])
    const notify = (channel: string, payload: string) => Effect.asVoid(client`select pg_notify(${channel}, ${payload})`)
    const listen = (channel: string) => Effect.flatMap(pool.reserve, (connection) => connection.listen(channel))
    const plainly = client.withTransaction
    const withTransaction: typeof plainly = (body) => asForeignWork(plainly(body))
    const more = { [PgClient.TypeId]: PgClient.TypeId, config: options, json, notify, listen, withTransaction } as const
    return Object.assign(client, more)
  })

/** Renames the columns of a result: the names once for all its rows, and never what is inside a value. */
const renaming = (rename: (name: string) => string) => {
  const known = new Map<string, string>()
  const renamed = (name: string): string => {
    const found = known.get(name) ?? rename(name)
    // Aliases made up at run time would fill it without end.
    if (known.size < 4096) known.set(name, found)
    return found
  }
  return <A extends object>(rows: ReadonlyArray<A>): ReadonlyArray<A> => {
    const columns = Object.keys(rows[0] ?? {})
    const names = columns.map(renamed)
    if (names.every((name, index) => name === columns[index])) return rows
    return rows.map((row) => renameColumns(row as Record<string, unknown>, columns, names) as A)
  }
}

const renameColumns = (row: Record<string, unknown>, columns: ReadonlyArray<string>, names: ReadonlyArray<string>) => {
  const renamed: Record<string, unknown> = {}
  for (let index = 0; index < columns.length; index++) renamed[names[index]!] = row[columns[index]!]
  return renamed
}

interface PgJson extends Statement.Custom<"PgJson", unknown> {}
const PgJson = Statement.custom<PgJson>("PgJson")

/** A parameter of type jsonb, for statements that are sent as text and values. */
export const jsonb = PgTypes.jsonb

const patiently = <A, R>(options: Options, acquire: Effect.Effect<A, SqlError, R>): Effect.Effect<A, SqlError, R> =>
  inRealTime(Effect.retry(acquire, { schedule: backoff(options.connectPatience), while: isTransient }))

/** Lends a connection for one statement; what failed before it was lent is always safe to repeat. */
const borrower =
  (pool: PgPool.PgPool, options: Options): Borrower =>
  (use) =>
    Effect.suspend(() => {
      let lent = false
      const once = pool.use((connection) => {
        lent = true
        return use(new HeldConnection(connection))
      })
      const again = Effect.suspend(() => {
        lent = false
        return once
      })
      const repeatable = (error: unknown) =>
        (options.repeatStatements || !lent) && error instanceof SqlError && isTransient(error)
      return inRealTime(
        Effect.catchIf(once, repeatable, () =>
          Effect.retry(Effect.delay(again, "20 millis"), {
            schedule: backoff(options.connectPatience),
            while: repeatable
          })
        )
      )
    })

/** PostgreSQL answers ROLLBACK to the COMMIT of a transaction in which a statement failed. */
const commit = (connection: Connection): Effect.Effect<void, SqlError> =>
  Effect.flatMap(connection.executeRaw("COMMIT", []) as Effect.Effect<PgConnection.Result, SqlError>, (result) =>
    result.command === "ROLLBACK" ? Effect.fail(rolledBack()) : Effect.void
  )

/** The error of a COMMIT that did not commit. */
export const rolledBack = (): SqlError => {
  const message = "The transaction was rolled back: a statement in it had failed"
  return new SqlError({ reason: new UnknownError({ cause: new Error(message), message, operation: "commit" }) })
}
