import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { makeMonths } from "#server/sql/partitions.ts"
import { migrations } from "#server/sql/Sql.ts"
import { freshServices } from "#test/support/postgres.ts"

const december = Date.UTC(2026, 11, 31, 23, 59, 59)
const february = Date.UTC(2027, 1, 1)

const insert = (sql: SqlClient.SqlClient, at: string) =>
  sql.unsafe(`insert into meter_readings (transaction_id, seq, part, at, received_at, context)
    values ('00000000-0000-7000-8000-000000000001', 1, 0, '${at}', '${at}', 'Periodic')`)

const places = (sql: SqlClient.SqlClient) =>
  Effect.map(
    sql.unsafe<{ readonly place: string; readonly at: Date }>(
      "select tableoid::regclass::text as place, at from meter_readings order by at"
    ),
    (rows) => rows.map(({ place }) => place)
  )

const partitions = (sql: SqlClient.SqlClient) =>
  Effect.map(
    sql.unsafe<{ readonly name: string }>(
      "select inhrelid::regclass::text as name from pg_inherits where inhparent = 'meter_readings'::regclass order by name"
    ),
    (rows) => rows.map(({ name }) => name)
  )

describe("the months of the meter readings", () => {
  it.live("are made around now, over the turn of a year, each once", () =>
    Effect.gen(function* () {
      const services = yield* freshServices(migrations)
      const sql = yield* Effect.provideContext(SqlClient.SqlClient, services)
      yield* makeMonths(sql, december)
      const first = ["2026_11", "2026_12", "2027_01", "2027_02", "2027_03"].map((month) => `meter_readings_${month}`)
      assert.deepStrictEqual(yield* partitions(sql), [...first, "meter_readings_default"])
      yield* makeMonths(sql, december)
      yield* makeMonths(sql, february)
      assert.deepStrictEqual(yield* partitions(sql), [
        ...first,
        "meter_readings_2027_04",
        "meter_readings_2027_05",
        "meter_readings_default"
      ])
    })
  )

  it.live("take in the readings that were put by for want of them, to the millisecond", () =>
    Effect.gen(function* () {
      const services = yield* freshServices(migrations)
      const sql = yield* Effect.provideContext(SqlClient.SqlClient, services)
      const instants = [
        "1970-01-01T00:00:00Z",
        "2026-11-30T23:59:59.999Z",
        "2026-12-01T00:00:00Z",
        "2027-03-31T23:59:59.999Z",
        "2027-04-01T00:00:00Z"
      ]
      for (const at of instants) yield* insert(sql, at)
      assert.deepStrictEqual(
        yield* places(sql),
        instants.map(() => "meter_readings_default")
      )
      yield* makeMonths(sql, december)
      assert.deepStrictEqual(yield* places(sql), [
        "meter_readings_default",
        "meter_readings_2026_11",
        "meter_readings_2026_12",
        "meter_readings_2027_03",
        "meter_readings_default"
      ])
      const again = yield* Effect.exit(insert(sql, "2026-12-01T00:00:00Z"))
      assert.strictEqual(again._tag, "Failure")
    })
  )
})
