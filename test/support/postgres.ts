import { spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdirSync, openSync, readFileSync } from "node:fs"
import { connect as connectSocket, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { PgConnection } from "@effect/sql-pg"
import { type Context, Effect, Layer, Result, Scope } from "effect"
import { connect, type Services, type Settings } from "#server/postgres/Database.ts"
import type { Address } from "#server/postgres/Launcher.ts"
import { socketPath } from "#server/postgres/LockFile.ts"
import { type Migrations, migrate } from "#server/postgres/Migrations.ts"
import { outsideTime } from "#server/postgres/RealTime.ts"

/** Shared by all test processes of this user; see postgres-keeper.ts. */
const home = join(tmpdir(), `wattproof-test-${process.getuid?.() ?? "user"}`)

const readPointer = (): Address | undefined =>
  Result.getOrUndefined(Result.try(() => JSON.parse(readFileSync(join(home, "current"), "utf8"))))

const startKeeper = Effect.sync(() => {
  mkdirSync(home, { recursive: true, mode: 0o711 })
  const log = openSync(join(home, "keeper.log"), "a")
  const script = join(import.meta.dirname, "postgres-keeper.ts")
  const child = spawn(process.execPath, [script, home], { detached: true, stdio: ["ignore", log, log] })
  child.unref()
})

interface Server {
  readonly address: Address
  /** Never closed: the keeper lives as long as somebody is connected. */
  readonly admin: PgConnection.PgConnection
  /** Of that connection; a process whose test databases are all closed may end. */
  readonly socket: Socket
}

const joinServer = Effect.fnUntraced(function* (address: Address) {
  const socket = connectSocket({ path: socketPath(address.socketDirectory, address.port) })
  const scope = yield* Scope.make()
  const admin = yield* Scope.provide(PgConnection.make({ ...address, stream: () => socket }), scope)
  return { address, admin, socket } satisfies Server
})

const joinOrStart = Effect.gen(function* () {
  for (let attempt = 0; attempt < 600; attempt++) {
    const address = readPointer()
    const joined = address === undefined ? undefined : yield* Effect.orElseSucceed(joinServer(address), () => undefined)
    if (joined !== undefined) return joined
    if (attempt === 0) yield* startKeeper
    yield* Effect.sleep("50 millis")
  }
  return yield* Effect.die(`No PostgreSQL for the tests after 30 s; see ${join(home, "keeper.log")}`)
})

const server: Effect.Effect<Server> = outsideTime(Effect.runSync(Effect.cached(joinOrStart)))

let made = 0
let open = 0
const databaseOf = (address: Address, database: string): Address => ({ ...address, database })
const settingsOf = (address: Address) =>
  ({ target: { _tag: "Embedded", ...address }, maxConnections: 4 }) satisfies Settings

/** One migrated database per set of migrations, made by whichever process comes first; the others copy it. */
const template = Effect.fnUntraced(function* ({ address, admin }: Server, migrations: Migrations) {
  const steps = Object.entries(migrations).map(([name, step]) => [name, Effect.isEffect(step) ? process.pid : step])
  const name = `template_${createHash("sha256").update(JSON.stringify(steps)).digest("hex").slice(0, 24)}`
  const lock = Number.parseInt(name.slice(-7), 16)
  const make = Effect.gen(function* () {
    const { rows } = yield* admin.query("select 1 from pg_database where datname = $1", [name])
    if (rows.length > 0) return
    yield* admin.query(`drop database if exists ${name}_new with (force)`)
    yield* admin.query(`create database ${name}_new`)
    const services = connect(settingsOf(databaseOf(address, `${name}_new`)))
    yield* Effect.scoped(Effect.flatMap(services, (context) => Effect.provideContext(migrate(migrations), context)))
    yield* admin.query(`alter database ${name}_new rename to ${name}`)
  })
  yield* admin.query("select pg_advisory_lock($1)", [lock])
  yield* Effect.ensuring(make, Effect.orDie(admin.query("select pg_advisory_unlock($1)", [lock])))
  return name
})

const templates = new Map<Migrations, Effect.Effect<string, unknown>>()
const templateOnce = (found: Server, migrations: Migrations) => {
  const known = templates.get(migrations)
  if (known !== undefined) return known
  const fresh = Effect.runSync(Effect.cached(template(found, migrations)))
  templates.set(migrations, fresh)
  return fresh
}

/** The address of a new database with these migrations; dropped when the scope closes. */
export const freshDatabase = (migrations: Migrations): Effect.Effect<Address, never, Scope.Scope> =>
  Effect.gen(function* () {
    const found = yield* server
    open += 1
    found.socket.ref()
    const source = yield* outsideTime(templateOnce(found, migrations))
    const name = `test_${process.pid}_${made++}`
    yield* found.admin.query(`drop database if exists ${name} with (force)`)
    yield* found.admin.query(`create database ${name} template ${source} strategy file_copy`)
    yield* Effect.addFinalizer(() =>
      Effect.map(Effect.orDie(found.admin.query(`drop database if exists ${name} with (force)`)), () => {
        open -= 1
        if (open === 0) found.socket.unref()
      })
    )
    return databaseOf(found.address, name)
  }).pipe(Effect.orDie)

/** A new migrated database each time the layer is built: per `it.layer` group, or per test with `Effect.provide`. */
export const freshDatabaseLayer = (
  migrations: Migrations,
  settings: Omit<Settings, "target"> = {}
): Layer.Layer<Services> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const address = yield* freshDatabase(migrations)
      return yield* Effect.orDie(connect({ ...settingsOf(address), ...settings }))
    })
  )

/** Builds the services of a new migrated database within the caller's scope. */
export const freshServices = (
  migrations: Migrations,
  settings: Omit<Settings, "target"> = {}
): Effect.Effect<Context.Context<Services>, never, Scope.Scope> => Layer.build(freshDatabaseLayer(migrations, settings))
