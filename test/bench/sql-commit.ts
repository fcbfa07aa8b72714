/**
 * What is the cheapest way to commit a group of multi-row inserts? Six tables, a few hundred rows each, one transaction:
 * statement by statement, pipelined in one write, or as one statement. `node test/bench/sql-commit.ts`
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { PgClient, PgPool } from "@effect/sql-pg"
import { Effect } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { type Bound, connect, Pipeline } from "#server/postgres/Database.ts"
import { start } from "#server/postgres/Launcher.ts"

const tables = [0, 1, 2, 3, 4, 5]
const rounds = 15
const secondsPerTurn = 0.4

let serial = 0
const columnsOf = (rows: number): ReadonlyArray<ReadonlyArray<unknown>> => {
  const ids: Array<string> = []
  const seqs: Array<number> = []
  const instants: Array<string> = []
  const bodies: Array<string> = []
  for (let row = 0; row < rows; row++) {
    ids.push(`transaction-${serial++}`)
    seqs.push(row)
    instants.push("2026-01-31T12:00:00.000Z")
    bodies.push('{"measurand":"Energy.Active.Import.Register","value":123456}')
  }
  return [ids, seqs, instants, bodies]
}

const values = (first: number) =>
  `select * from unnest($${first}::text[], $${first + 1}::int[], $${first + 2}::text[]::timestamptz[], $${first + 3}::text[]::jsonb[])`
const insert = (table: number, first = 1) =>
  `insert into t${table} (id, seq, at, body) ${values(first)} on conflict (id, seq) do nothing`

const batch = (rows: number): ReadonlyArray<Bound> =>
  tables.map((table) => ({ sql: insert(table), params: columnsOf(rows) }))

const asOne = (statements: ReadonlyArray<Bound>): Bound => {
  const parts = tables.map((table) => `w${table} as (${insert(table, table * 4 + 1)})`)
  return { sql: `with ${parts.join(", ")} select 1`, params: statements.flatMap(({ params }) => params) }
}

const median = (numbers: ReadonlyArray<number>) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1]!

const measure = Effect.fnUntraced(function* (rows: number, inFlight: number) {
  const sql = yield* SqlClient.SqlClient
  const lane = yield* Pipeline
  const client = yield* PgClient.PgClient
  const pool = yield* PgPool.make({ ...client.config, maxConnections: 8 })
  const ways: Record<string, () => Effect.Effect<unknown, unknown>> = {
    "withTransaction, sql tag": () => {
      const statements = batch(rows)
      return sql.withTransaction(
        Effect.forEach(statements, (statement) => sql.unsafe(statement.sql, statement.params), { discard: true })
      )
    },
    "reserved, one by one": () => {
      const statements = [{ sql: "BEGIN", params: [] }, ...batch(rows), { sql: "COMMIT", params: [] }]
      const all = (connection: {
        query: (sql: string, params: ReadonlyArray<unknown>) => Effect.Effect<unknown, unknown>
      }) =>
        Effect.forEach(statements, (statement) => connection.query(statement.sql, statement.params), { discard: true })
      return Effect.scoped(Effect.flatMap(pool.reserve, all))
    },
    "pipelined, one write": () => lane.transact(batch(rows)),
    "one statement (CTEs)": () => {
      const one = asOne(batch(rows))
      return pool.use((connection) => connection.query(one.sql, one.params))
    }
  }
  const taken: Record<string, Array<readonly [number, number]>> = {}
  for (const name of Object.keys(ways)) taken[name] = []
  for (let round = -2; round < rounds; round++) {
    for (const [name, once] of Object.entries(ways)) {
      const cpu = process.cpuUsage()
      const began = performance.now()
      let count = 0
      const worker = Effect.gen(function* () {
        while (performance.now() - began < secondsPerTurn * 1000) {
          yield* once()
          count++
        }
      })
      yield* Effect.all(
        Array.from({ length: inFlight }, () => worker),
        { concurrency: "unbounded", discard: true }
      )
      const wall = (performance.now() - began) / count
      const used = process.cpuUsage(cpu)
      if (round >= 0) taken[name]!.push([wall, (used.user + used.system) / 1000 / count])
      yield* Effect.forEach(tables, (table) => sql.unsafe(`truncate t${table}`), { discard: true })
    }
  }
  for (const [name, all] of Object.entries(taken)) {
    const wall = median(all.map(([ms]) => ms))
    const cpu = median(all.map(([, ms]) => ms))
    const rate = Math.round((rows * tables.length * 1000) / wall)
    process.stdout.write(
      `${String(rows).padStart(5)} rows x 6  ${inFlight} in flight  ${name.padEnd(26)} ${wall.toFixed(2).padStart(7)} ms/commit  ${cpu.toFixed(2).padStart(6)} ms cpu  ${String(rate).padStart(7)} rows/s\n`
    )
  }
})

const bench = Effect.gen(function* () {
  const directory = mkdtempSync(join(tmpdir(), "wattproof-bench-"))
  yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(directory, { recursive: true, force: true })))
  const address = yield* start({ dataDirectory: directory, durable: true })
  const services = yield* connect({ target: { _tag: "Embedded", ...address } })
  yield* Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    for (const table of tables) {
      yield* sql.unsafe(
        `create table t${table} (id text not null, seq int not null, at timestamptz not null, body jsonb not null, primary key (id, seq))`
      )
    }
    for (const inFlight of [1, 2]) {
      for (const rows of [1, 20, 100, 500]) yield* measure(rows, inFlight)
    }
  }).pipe(Effect.provideContext(services))
})

await Effect.runPromise(Effect.scoped(bench))
