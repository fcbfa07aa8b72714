/**
 * Keeps one PostgreSQL for all test processes: started by the first that needs one, gone with its data a little after the
 * last has disconnected. `node postgres-keeper.ts DIRECTORY` publishes where it is in DIRECTORY/current.
 */

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { PgConnection } from "@effect/sql-pg"
import { Effect } from "effect"
import { startTemporary } from "#server/postgres/Launcher.ts"

const idleLimit = 10

const home = process.argv[2]!
const pointer = join(home, "current")

const clients = Effect.fnUntraced(function* (connection: PgConnection.PgConnection) {
  const sql = "select count(*)::int as n from pg_stat_activity where backend_type = 'client backend' and pid <> $1"
  const { rows } = yield* connection.query(sql, [connection.processId])
  return Number(rows[0]!["n"])
})

const keep = Effect.gen(function* () {
  mkdirSync(home, { recursive: true, mode: 0o711 })
  const settings = { max_connections: "400", shared_buffers: "64MB", max_wal_size: "2GB" }
  const { dataDirectory, ...address } = yield* startTemporary({ settings, freeBytes: 2 * 1024 ** 3 })
  const connection = yield* PgConnection.make({ ...address, host: address.socketDirectory })
  const publish = Effect.sync(() => {
    const written = `${pointer}-${process.pid}`
    writeFileSync(written, JSON.stringify(address))
    renameSync(written, pointer)
  })
  yield* publish
  for (let idle = 0; ; ) {
    yield* Effect.sleep("1 second")
    idle = (yield* clients(connection)) === 0 ? idle + 1 : 0
    if (idle < idleLimit) continue
    if (existsSync(pointer) && readFileSync(pointer, "utf8").includes(dataDirectory)) rmSync(pointer, { force: true })
    yield* Effect.sleep("1 second")
    if ((yield* clients(connection)) === 0) return
    yield* publish
  }
})

await Effect.runPromise(Effect.scoped(keep))
