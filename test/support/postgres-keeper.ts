/**
 * Keeps one PostgreSQL for all test processes: started by the first that needs one, gone with its data a little after the
 * last has disconnected. `node postgres-keeper.ts DIRECTORY` publishes where it is in DIRECTORY/current.
 */

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { PgConnection } from "@effect/sql-pg"
import { Effect, Scope } from "effect"
import { clusterOf } from "#server/postgres/Cluster.ts"
import { start } from "#server/postgres/Launcher.ts"
import { owner } from "#server/postgres/LockFile.ts"

const idleLimit = 10

const home = process.argv[2]!
const pointer = join(home, "current")

const clients = Effect.fnUntraced(function* (connection: PgConnection.PgConnection) {
  const sql = "select count(*)::int as n from pg_stat_activity where backend_type = 'client backend' and pid <> $1"
  const { rows } = yield* connection.query(sql, [connection.processId])
  return Number(rows[0]!["n"])
})

const removeLeftovers = Effect.gen(function* () {
  for (const name of readdirSync(home).filter((entry) => entry.startsWith("server-"))) {
    const directory = join(home, name)
    const found = yield* owner(clusterOf(directory))
    const old = statSync(home).mtimeMs - statSync(directory).mtimeMs > 60_000
    if (old && (found._tag === "None" || found._tag === "Gone")) rmSync(directory, { recursive: true, force: true })
  }
})

const keep = Effect.gen(function* () {
  mkdirSync(home, { recursive: true, mode: 0o711 })
  const directory = mkdtempSync(join(home, "server-"))
  const scope = yield* Scope.Scope
  yield* Scope.addFinalizer(
    scope,
    Effect.sync(() => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }))
  )
  yield* removeLeftovers
  const settings = { max_connections: "400", shared_buffers: "64MB", max_wal_size: "2GB" }
  const address = yield* start({ dataDirectory: directory, durable: false, settings })
  const connection = yield* PgConnection.make({ ...address, host: address.socketDirectory })
  const publish = Effect.sync(() => {
    writeFileSync(join(directory, "address"), JSON.stringify(address))
    renameSync(join(directory, "address"), pointer)
  })
  yield* publish
  for (let idle = 0; ; ) {
    yield* Effect.sleep("1 second")
    idle = (yield* clients(connection)) === 0 ? idle + 1 : 0
    if (idle < idleLimit) continue
    if (readFileSync(pointer, "utf8").includes(basename(directory))) rmSync(pointer, { force: true })
    yield* Effect.sleep("1 second")
    if ((yield* clients(connection)) === 0) return
    yield* publish
  }
})

await Effect.runPromise(Effect.scoped(keep))
