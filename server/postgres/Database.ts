import type { ConnectionOptions } from "node:tls"
import { PgClient, type PgConnection, type PgPool } from "@effect/sql-pg"
import { Context, Data, type Duration, Effect, Layer, Redacted, type Scope, String } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Client from "./Client.ts"
import { type Address, type Options as LaunchOptions, type PostgresUnavailable, start } from "./Launcher.ts"
import * as Pipelines from "./Pipeline.ts"
import { inRealTime } from "./RealTime.ts"
import { backoff, codeOf, isTransient } from "./transient.ts"

export { jsonb } from "./Client.ts"
export { type Bound, Pipeline, type Result } from "./Pipeline.ts"
export { codeOf, constraintOf, isTransient, retryTransient } from "./transient.ts"

/** Reads that need not see this moment's uncommitted work: pipelined on few connections, repeated by themselves. */
export class ReadSql extends Context.Service<ReadSql, PgClient.PgClient>()("server/postgres/ReadSql") {}

/** Where the database is: a server that we started, or one of the operator's own. */
export type Target =
  | (Address & { readonly _tag: "Embedded" })
  | { readonly _tag: "Url"; readonly url: Redacted.Redacted; readonly ssl?: ConnectionOptions | undefined }

/** Where the database is that a program is connected to: for who makes a connection of its own. */
export class Where extends Context.Service<Where, Target>()("server/postgres/Where") {}

/** How the database is used. */
export interface Settings {
  readonly target: Target
  /** Connections for transactions and single statements; default 8. Reads and the recorder have three more of their own. */
  readonly maxConnections?: number | undefined
  /** How long a statement waits while the database cannot be reached; default 10 seconds. */
  readonly connectPatience?: Duration.Input | undefined
  /**
   * Everything on one connection, so that answers come in the order asked: for virtual time, where the same run must
   * come out the same.
   */
  readonly oneConnection?: boolean | undefined
  /** Stands between the SQL client and its pool: whoever wants to see its statements fail. */
  readonly overPool?: ((pool: PgPool.PgPool) => PgPool.PgPool) | undefined
}

/** The database cannot be used. `message` is written for an operator and, like the rest, names no password. */
export class DatabaseUnavailable extends Data.TaggedError("DatabaseUnavailable")<{
  readonly message: string
  readonly reason: SqlError["reason"]["_tag"] | "InvalidUrl" | "InvalidAuthority"
}> {}

/** What a program gets of the database. */
export type Services = PgClient.PgClient | SqlClient.SqlClient | ReadSql | Pipelines.Pipeline | Where

const driverOptions = (target: Target): PgConnection.Config =>
  target._tag === "Url"
    ? { url: target.url, ...(target.ssl === undefined ? {} : { ssl: target.ssl }) }
    : { host: target.socketDirectory, port: target.port, database: target.database, username: target.username }

/** The longest answer the client takes. A page of samples with their jsonb stays far below it. */
const maxMessageSize = 64 * 1024 * 1024

const base = (settings: Settings) => ({
  ...driverOptions(settings.target),
  applicationName: "wattproof",
  connectTimeout: "5 seconds" as const,
  keepAlive: "30 seconds" as const,
  maxMessageSize,
  startupParameters: { timezone: "UTC" },
  connectPatience: settings.connectPatience ?? ("10 seconds" as const),
  transformQueryNames: String.camelToSnake,
  transformResultNames: String.snakeToCamel
})

/** Connects: fails within `connectPatience` (default 10 seconds) when the database cannot be reached or refuses us. */
export const connect = (
  settings: Settings
): Effect.Effect<Context.Context<Services>, DatabaseUnavailable, Scope.Scope> =>
  Effect.gen(function* () {
    if (!isUrl(settings.target)) return yield* invalidUrl
    const shared = base(settings)
    const one = settings.oneConnection === true
    const maxConnections = one ? 1 : (settings.maxConnections ?? 8)
    // Alone, it is shared for pipelined statements; a transaction of a client still has it for itself.
    const alone = { minConnections: 1, multiplex: true, multiplexConcurrency: 1024 }
    const options = { ...shared, maxConnections, repeatStatements: false, ...(one ? alone : { minConnections: 0 }) }
    const pool = yield* Client.makePool(options)
    yield* greet(pool, shared.connectPatience)
    const over = settings.overPool ?? ((pool) => pool)
    const client = yield* Client.makeClient(over(pool), options)
    const main = Context.make(PgClient.PgClient, client).pipe(
      Context.add(SqlClient.SqlClient, client),
      Context.add(Where, settings.target)
    )
    if (one) {
      return main.pipe(Context.add(ReadSql, client), Context.add(Pipelines.Pipeline, Pipelines.make(pool)))
    }
    const readOptions = { ...shared, maxConnections: 2, multiplex: true, repeatStatements: true }
    const reads = yield* Client.makeClient(over(yield* Client.makePool(readOptions)), readOptions)
    const lane = yield* Client.makePool({ ...shared, maxConnections: 1, multiplex: true, multiplexConcurrency: 1024 })
    return main.pipe(Context.add(ReadSql, reads), Context.add(Pipelines.Pipeline, Pipelines.make(lane)))
  }).pipe(Effect.catchTag("SqlError", (error) => explain(settings.target, error)))

const isUrl = (target: Target): boolean =>
  target._tag !== "Url" ||
  (/^postgres(ql)?:/.test(Redacted.value(target.url)) && URL.canParse(Redacted.value(target.url)))

const invalidUrl = new DatabaseUnavailable({
  reason: "InvalidUrl",
  message:
    "DATABASE_URL is not a PostgreSQL URL such as postgres://user:password@host:5432/database; characters like @ : / in a password must be written as %40 %3A %2F."
})

const greet = (pool: PgPool.PgPool, patience: Duration.Input): Effect.Effect<void, SqlError> =>
  inRealTime(
    pool
      .use((connection) => connection.query("select 1"))
      .pipe(Effect.retry({ schedule: backoff(patience), while: mayPass }), Effect.asVoid)
  )

/** Node's codes for a certificate that is not trusted: DEPTH_ZERO_SELF_SIGNED_CERT, ERR_TLS_CERT_ALTNAME_INVALID ... */
const isDistrust = (error: SqlError): boolean => /CERT|LEAF_SIGNATURE/.test(codeOf(error) ?? "")

const mayPass = (error: SqlError): boolean => isTransient(error) && !isDistrust(error)

const explain = (target: Target, error: SqlError): Effect.Effect<never, DatabaseUnavailable> => {
  const { message, reason } = error
  const place = target._tag === "Url" ? "DATABASE_URL" : target.socketDirectory
  const detail = reason.cause instanceof Error ? reason.cause.message : message
  const hint =
    reason._tag === "AuthenticationError"
      ? "Check the user name and the password in it."
      : isDistrust(error)
        ? "Set DATABASE_CA to a file with the certificate of the authority that signed the server's, and name the server in DATABASE_URL as its certificate does."
        : "Check that the server runs, that the database exists and that it can be reached from here."
  return Effect.fail(
    new DatabaseUnavailable({
      reason: reason._tag,
      message: `Cannot use the PostgreSQL at ${place}: ${detail}. ${hint}`
    })
  )
}

/** The database of a server that runs already. */
export const layer = (settings: Settings): Layer.Layer<Services, DatabaseUnavailable> =>
  Layer.effectContext(connect(settings))

/** Starts (or joins) the embedded PostgreSQL and connects to it. */
export const layerEmbedded = (
  options: LaunchOptions & Omit<Settings, "target">
): Layer.Layer<Services, PostgresUnavailable | DatabaseUnavailable> =>
  Layer.effectContext(
    Effect.flatMap(start(options), (address) => connect({ ...options, target: { _tag: "Embedded", ...address } }))
  )
