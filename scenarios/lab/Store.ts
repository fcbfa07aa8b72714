import { Context, Effect, Layer } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import * as cached from "#server/directory/cached.ts"
import * as Memory from "#server/memory/Memory.ts"
import * as Database from "#server/postgres/Database.ts"
import { type Address, startTemporary } from "#server/postgres/Launcher.ts"
import { migrate } from "#server/postgres/Migrations.ts"
import type { Stores } from "#server/Server.ts"
import * as Sql from "#server/sql/Sql.ts"
import type { BookedReadings } from "#simulator/oracles/Evidence.ts"
import { brokenPipeline, brokenPool, type Fate } from "./brokenClient.ts"
import type { StoreName } from "./Result.ts"

/** What plays the disk of one run: it outlives the simulated server, which builds `layer` anew at each start. */
export interface Store {
  readonly name: StoreName
  readonly layer: Layer.Layer<Stores>
  /** The readings kept, per transaction: counted where they lie, as paging through them would take longer than the run. */
  readonly readings: Effect.Effect<ReadonlyMap<string, BookedReadings>>
}

/** A store in memory. */
export const memoryStore = (): Store => {
  const state = new Memory.MemoryState()
  const readings = Effect.sync(() => {
    const found = new Map<string, BookedReadings>()
    for (const [id, { samples }] of state.transactions) {
      let lowestWh: number | null = null
      let highestWh: number | null = null
      for (let index = 0; index < samples.size; index++) {
        const { registerWh } = samples.sampleAt(index)
        if (registerWh === null) continue
        if (lowestWh === null || registerWh < lowestWh) lowestWh = registerWh
        if (highestWh === null || registerWh > highestWh) highestWh = registerWh
      }
      found.set(id, { count: samples.size, lowestWh, highestWh })
    }
    return found
  })
  return { name: "memory", layer: Memory.layer(state), readings }
}

const selectReadings = `select transaction_id::text as id, count(*)::integer as count,
  min(register_wh)::float8 as lowest_wh, max(register_wh)::float8 as highest_wh
  from meter_readings group by transaction_id`

/** A PostgreSQL that serves one run after another. */
export interface Postgres {
  /**
   * The store of the next run: empty, but for the schema. What a run before it kept is gone. Its statements fail as
   * `fate` says, until the next run's begin.
   */
  readonly fresh: (fate?: Fate) => Effect.Effect<Store>
}

/**
 * Everything but the schema, table by table. A run leaves some hundred rows in two dozen tables: deleting them takes a
 * few ms, where TRUNCATE makes new files for each table and index, and a copy of a template database takes longer still.
 */
const selectTables = `select format('%I', c.relname) as name from pg_class c
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    and c.relname <> 'migrations' order by c.relname`

/** The ledger guards itself against deleting by triggers, which are off within that one transaction. */
const unguarded: Database.Bound = { sql: "set local session_replication_role = replica", params: [] }

/**
 * A throw-away PostgreSQL, or a database of the caller's that is to be thrown away, on one connection, so that answers
 * come in the order asked. Its pool outlives the simulated server, as a database does.
 */
export const openPostgres = Effect.fnUntraced(function* (given: Address | undefined) {
  const address = given ?? (yield* startTemporary())
  let fate: Fate | undefined
  const services = yield* Database.connect({
    target: { _tag: "Embedded", ...address },
    oneConnection: true,
    overPool: (pool) => brokenPool(pool, (sql) => fate?.(sql))
  })
  yield* Effect.provideContext(migrate(Sql.migrations), services)
  const client = Context.get(services, SqlClient.SqlClient)
  const tables = yield* Effect.orDie(client.unsafe<{ readonly name: string }>(selectTables))
  const deletes = tables.map(({ name }): Database.Bound => ({ sql: `delete from ${name}`, params: [] }))
  const empty = [unguarded, ...deletes]
  const pipeline = Context.get(services, Database.Pipeline)
  const readings = Effect.gen(function* () {
    const rows = yield* client.unsafe<{ readonly id: string } & BookedReadings>(selectReadings)
    return new Map(rows.map(({ id, ...rest }) => [id, rest]))
  })
  let runs = 0
  return {
    fresh: (ofRun) =>
      Effect.gen(function* () {
        fate = undefined
        if (runs++ > 0) yield* Effect.orDie(pipeline.transact(empty))
        fate = ofRun
        const own =
          ofRun === undefined ? services : Context.add(services, Database.Pipeline, brokenPipeline(pipeline, ofRun))
        const sql = Layer.orDie(Sql.layerMigrated).pipe(Layer.provide(Layer.succeedContext(own)))
        return {
          name: "postgres",
          layer: Layer.merge(sql, cached.layer().pipe(Layer.provide(sql))),
          readings: Effect.orDie(readings)
        } satisfies Store
      })
  } satisfies Postgres
})

/** A store on a PostgreSQL of its own, or on a database of the caller's. */
export const postgresStore = Effect.fnUntraced(function* (given: Address | undefined, fate?: Fate) {
  return yield* (yield* openPostgres(given)).fresh(fate)
})
