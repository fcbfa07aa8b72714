import { Clock, Data, Effect } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Instant from "#core/Instant.ts"

/** One step of the schema: statements (one a string), or an Effect where a step needs to compute. */
export type Migration = ReadonlyArray<string> | Effect.Effect<unknown, SqlError, SqlClient.SqlClient>

/** All steps by name (`0001_stations`), applied in the order of their names, each once. */
export type Migrations = Readonly<Record<string, Migration>>

/** The schema cannot be brought up to date. */
export class MigrationFailed extends Data.TaggedError("MigrationFailed")<{
  readonly migration: string
  readonly message: string
  readonly cause?: SqlError
}> {}

/** Any number that no other program takes a lock on. */
const lockKey = 8_271_940_113

/**
 * Applies the migrations that the database does not have yet, all or none, and returns their names. Several processes may start at
 * once: one migrates, the others wait for it. A database that has steps this program does not know was migrated by a
 * newer release: refused, before anything is touched.
 */
export const migrate = (
  migrations: Migrations
): Effect.Effect<ReadonlyArray<string>, MigrationFailed, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const names = Object.keys(migrations).sort()
    return yield* sql.withTransaction(
      Effect.gen(function* () {
        yield* sql`select pg_advisory_xact_lock(${lockKey})`
        yield* sql`create table if not exists migrations (
          name text primary key,
          applied_at timestamptz not null
        )`
        const rows = yield* sql<{ readonly name: string }>`select name from migrations order by name`
        const applied = new Set(rows.map(({ name }) => name))
        const unknown = [...applied].filter((name) => !(name in migrations))
        if (unknown.length > 0) return yield* newer(unknown)
        const missing = names.filter((name) => !applied.has(name))
        for (const name of missing) yield* apply(name, migrations[name]!)
        return missing
      })
    )
  }).pipe(Effect.catchTag("SqlError", (cause) => failed("(all)", cause)))

const newer = (unknown: ReadonlyArray<string>) =>
  new MigrationFailed({
    migration: unknown.join(", "),
    message: `The database was migrated by a newer release of this program (${unknown.join(", ")}). Nothing was changed. Start that release, or restore a backup from before it.`
  })

const apply = Effect.fnUntraced(function* (name: string, migration: Migration) {
  const sql = yield* SqlClient.SqlClient
  const steps = Effect.isEffect(migration)
    ? migration
    : Effect.forEach(migration, (statement) => sql.unsafe(statement).unprepared, { discard: true })
  yield* Effect.catchTag(steps, "SqlError", (cause) => failed(name, cause))
  const nowMs = yield* Clock.currentTimeMillis
  yield* sql`insert into migrations (name, applied_at) values (${name}, ${Instant.format(nowMs)}::timestamptz)`
})

const failed = (migration: string, cause: SqlError) => {
  const detail = cause.reason.cause instanceof Error ? cause.reason.cause.message : cause.message
  return new MigrationFailed({
    migration,
    cause,
    message: `Migration ${migration} failed and was undone: ${detail}`
  })
}
