import { Effect, Layer } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import * as cached from "#server/directory/cached.ts"
import * as Memory from "#server/memory/Memory.ts"
import * as Database from "#server/postgres/Database.ts"
import { type Address, startTemporary } from "#server/postgres/Launcher.ts"
import { migrate } from "#server/postgres/Migrations.ts"
import type { Stores } from "#server/Server.ts"
import * as Sql from "#server/sql/Sql.ts"
import type { BookedReadings } from "#simulator/oracles/Evidence.ts"
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

/**
 * A throw-away PostgreSQL, or a database of the caller's that is to be thrown away, on one connection, so that answers
 * come in the order asked. Its pool outlives the simulated server, as a database does.
 */
export const postgresStore = Effect.fnUntraced(function* (given: Address | undefined) {
  const address = given ?? (yield* startTemporary())
  const services = yield* Database.connect({ target: { _tag: "Embedded", ...address }, oneConnection: true })
  yield* Effect.provideContext(migrate(Sql.migrations), services)
  const sql = Layer.orDie(Sql.layerMigrated).pipe(Layer.provide(Layer.succeedContext(services)))
  const readings = Effect.gen(function* () {
    const client = yield* SqlClient.SqlClient
    const rows = yield* client.unsafe<{ readonly id: string } & BookedReadings>(selectReadings)
    return new Map(rows.map(({ id, ...rest }) => [id, rest]))
  })
  return {
    name: "postgres",
    layer: Layer.merge(sql, cached.layer().pipe(Layer.provide(sql))),
    readings: Effect.orDie(Effect.provideContext(readings, services))
  } satisfies Store
})
