import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { connect, type Services } from "#server/postgres/Database.ts"
import { type Migrations, migrate } from "#server/postgres/Migrations.ts"
import { freshDatabase } from "#test/support/postgres.ts"

/** Two processes' worth of clients on one empty database. */
const onEmpty = <A, E>(
  work: (other: <B, F>(effect: Effect.Effect<B, F, Services>) => Effect.Effect<B, F>) => Effect.Effect<A, E, Services>
) =>
  Effect.scoped(
    Effect.gen(function* () {
      const target = { _tag: "Embedded", ...(yield* freshDatabase({})) } as const
      const [first, second] = yield* Effect.all([connect({ target }), connect({ target })])
      return yield* Effect.provideContext(
        work((effect) => Effect.provideContext(effect, second)),
        first
      )
    })
  )

const tables = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.map(
    sql<{
      readonly name: string
    }>`select tablename as name from pg_tables where schemaname = 'public' and tablename <> 'migrations' order by 1`,
    (rows) => rows.map(({ name }) => name)
  )
)

const one: Migrations = { "0001_a": ["create table a (id int)", "insert into a values (1)"] }
const two: Migrations = {
  ...one,
  "0002_b": Effect.flatMap(SqlClient.SqlClient, (sql) => sql`create table b as select id + 1 as id from a`)
}

it.live("each step is applied once, in order, and a later release adds only what is missing", () =>
  onEmpty(() =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* migrate(one), ["0001_a"])
      assert.deepStrictEqual(yield* migrate(two), ["0002_b"])
      assert.deepStrictEqual(yield* migrate(two), [])
      const sql = yield* SqlClient.SqlClient
      assert.deepStrictEqual(yield* sql`select id from b`, [{ id: 2 }])
    })
  )
)

it.live("two processes that start at once migrate once between them", () =>
  onEmpty((other) =>
    Effect.gen(function* () {
      const slow: Migrations = { "0001_a": ["select pg_sleep(0.1)", ...(one["0001_a"] as ReadonlyArray<string>)] }
      const applied = yield* Effect.all([migrate(slow), other(migrate(slow))], { concurrency: "unbounded" })
      assert.deepStrictEqual(applied.flat(), ["0001_a"])
    })
  )
)

it.live("a step that fails is named, and nothing of the whole run stays", () =>
  onEmpty(() =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(
        migrate({ ...two, "0003_c": ["create table c (id int)", "create table a (id int)"] })
      )
      assert.strictEqual(error.migration, "0003_c")
      assert.include(error.message, `relation "a" already exists`)
      assert.deepStrictEqual(yield* tables, [])
    })
  )
)

it.live("a database that a newer release has migrated is refused and left alone", () =>
  onEmpty(() =>
    Effect.gen(function* () {
      yield* migrate(two)
      const error = yield* Effect.flip(migrate(one))
      assert.include(error.message, "0002_b")
      assert.deepStrictEqual(yield* tables, ["a", "b"])
    })
  )
)
