/**
 * A process to be killed: starts PostgreSQL on the directory named, inserts numbers one by one and says each after its
 * commit. `node postgres-child.ts DIRECTORY [temporary]`
 */
import { Effect } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { layerEmbedded } from "#server/postgres/Database.ts"

const fate = process.argv[3] === undefined ? { durable: true } : { durable: false, removeAtEnd: true }

const insertForEver = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`create table if not exists said (n int primary key)`
  const [row] = yield* sql<{ readonly last: number }>`select coalesce(max(n), 0) as last from said`
  for (let n = (row?.last ?? 0) + 1; ; n++) {
    yield* sql`insert into said (n) values (${n})`
    process.stdout.write(`${n}\n`)
  }
})

await Effect.runPromise(
  Effect.provide(insertForEver, layerEmbedded({ dataDirectory: process.argv[2]!, ...fate, maxConnections: 2 }))
)
