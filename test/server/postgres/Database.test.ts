import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Exit, Fiber, Redacted } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { clusterOf } from "#server/postgres/Cluster.ts"
import {
  codeOf,
  connect,
  constraintOf,
  isTransient,
  jsonb,
  Pipeline,
  ReadSql,
  retryTransient,
  type Services
} from "#server/postgres/Database.ts"
import { start } from "#server/postgres/Launcher.ts"
import { lockFilePath } from "#server/postgres/LockFile.ts"
import { run as runVirtually } from "#simulator/VirtualTime.ts"
import { freshDatabase, freshServices } from "#test/support/postgres.ts"

const migrations = {
  "0001_notes": [
    "create table notes (note_id int primary key, body jsonb, constraint not_thirteen check (note_id <> 13))",
    "create table lines (line_id int primary key, note_id int references notes)"
  ]
}

const onFresh = <A, E>(work: Effect.Effect<A, E, Services>) =>
  Effect.scoped(Effect.flatMap(freshServices(migrations), (context) => Effect.provideContext(work, context)))

const insert = (n: number) => ({ sql: "insert into notes (note_id) values ($1)", params: [n] })
const noteIds = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  return (yield* sql<{ readonly noteId: number }>`select note_id from notes order by note_id`).map(
    ({ noteId }) => noteId
  )
})

describe("a pipelined transaction", () => {
  it.live("of which one statement cannot even be sent commits nothing, and the next one works", () =>
    onFresh(
      Effect.gen(function* () {
        const { transact } = yield* Pipeline
        const unsendable = { sql: "insert into notes (note_id) values ($1::text[])", params: [[1, null, {}]] }
        assert.isTrue(Exit.isFailure(yield* Effect.exit(transact([insert(1), unsendable, insert(2)]))))
        assert.deepStrictEqual(yield* noteIds, [])
        yield* transact([insert(3)])
        assert.deepStrictEqual(yield* noteIds, [3])
      })
    )
  )

  it.live("commits all its statements and gives their results in order", () =>
    onFresh(
      Effect.gen(function* () {
        const { transact } = yield* Pipeline
        const results = yield* transact([
          insert(1),
          insert(2),
          { sql: "select count(*)::int as n from notes", params: [] }
        ])
        assert.deepStrictEqual(
          results.map(({ rowCount }) => rowCount),
          [1, 1, 1]
        )
        assert.deepStrictEqual(results[2]!.rows, [{ n: 2 }])
      })
    )
  )

  it.live("writes nothing when one statement fails, wherever it stands, and says which constraint it was", () =>
    onFresh(
      Effect.gen(function* () {
        const { transact } = yield* Pipeline
        const bad = [
          [insert(13), insert(1)],
          [insert(1), insert(13)],
          [insert(1), { sql: "insert into lines values (1, 99)", params: [] }, insert(2)]
        ]
        for (const statements of bad) {
          const error = yield* Effect.flip(transact(statements))
          assert.include(["not_thirteen", "lines_note_id_fkey"], constraintOf(error))
          assert.isFalse(isTransient(error))
        }
        assert.deepStrictEqual(yield* noteIds, [])
      })
    )
  )

  it.live("keeps to itself when many are sent at once and some of them fail", () =>
    onFresh(
      Effect.gen(function* () {
        const { transact } = yield* Pipeline
        const groups = Array.from({ length: 60 }, (_, g) =>
          [1, 2, 3].map((n) => (g % 3 === 0 && n === 3 ? 13 : 1000 + g * 10 + n))
        )
        const exits = yield* Effect.all(
          groups.map((group) => Effect.exit(transact(group.map(insert)))),
          { concurrency: "unbounded" }
        )
        assert.deepStrictEqual(
          exits.map(Exit.isSuccess),
          groups.map((_, g) => g % 3 !== 0)
        )
        assert.deepStrictEqual(yield* noteIds, groups.filter((_, g) => g % 3 !== 0).flat())
      })
    )
  )

  it.live("is executed in the order it was handed in", () =>
    onFresh(
      Effect.gen(function* () {
        const { transact } = yield* Pipeline
        yield* transact([insert(0)])
        const set = (n: number) => ({ sql: "update notes set body = $1 where note_id = 0", params: [jsonb(n)] })
        yield* Effect.all(
          Array.from({ length: 50 }, (_, n) => transact([set(n)])),
          { concurrency: "unbounded" }
        )
        const sql = yield* SqlClient.SqlClient
        assert.deepStrictEqual(yield* sql`select body from notes`, [{ body: 49 }])
      })
    )
  )

  it.live("is carried to its end when its caller is interrupted", () =>
    onFresh(
      Effect.gen(function* () {
        const { transact } = yield* Pipeline
        const pause = { sql: "select pg_sleep(0.2)", params: [] }
        const fiber = yield* Effect.forkChild(transact([insert(1), pause, insert(2)]), { startImmediately: true })
        yield* Fiber.interrupt(fiber)
        assert.deepStrictEqual(yield* noteIds, [1, 2])
      })
    )
  )
})

it.live("columns are camel case in code, and the keys inside jsonb stay what they are", () =>
  onFresh(
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const body = { snake_key: 1, camelKey: [{ inner_key: null }] }
      yield* sql`insert into notes ${sql.insert({ noteId: 1, body: jsonb(body) })}`
      assert.deepStrictEqual(yield* sql`select note_id, body from notes`, [{ noteId: 1, body }])
    })
  )
)

describe("what passes by itself", () => {
  const failing = (statement: string) =>
    onFresh(Effect.flatMap(SqlClient.SqlClient, (sql) => Effect.flip(sql.unsafe(statement))))

  const cases = [
    ["select pg_terminate_backend(pg_backend_pid())", undefined, true],
    ["do $$ begin raise sqlstate '57P01'; end $$", "57P01", true],
    ["do $$ begin raise sqlstate '57P03'; end $$", "57P03", true],
    ["do $$ begin raise sqlstate '53300'; end $$", "53300", true],
    ["do $$ begin raise sqlstate '40001'; end $$", "40001", true],
    ["do $$ begin raise sqlstate '40P01'; end $$", "40P01", true],
    ["insert into notes (note_id) values (13)", "23514", false],
    ["select nothing from nowhere", "42P01", false],
    ["do $$ begin raise sqlstate '22003'; end $$", "22003", false]
  ] as const
  for (const [statement, code, transient] of cases) {
    it.live(`${code ?? "a broken connection"} ${transient ? "is worth another try" : "is final"}`, () =>
      Effect.map(failing(statement), (error) => {
        assert.strictEqual(codeOf(error), code)
        assert.strictEqual(isTransient(error), transient)
      })
    )
  }

  it.live("is repeated until it succeeds, and what is final is not", () =>
    onFresh(
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        let tries = 0
        const work = (statement: string) => Effect.suspend(() => sql.unsafe(++tries < 3 ? statement : "select 1"))
        yield* retryTransient()(work("do $$ begin raise sqlstate '40001'; end $$"))
        assert.strictEqual(tries, 3)
        tries = 0
        yield* Effect.flip(retryTransient()(work("select nothing from nowhere")))
        assert.strictEqual(tries, 1)
      })
    )
  )

  it.live(
    "is why a transaction failed whose connection is killed in its midst, in a savepoint too, and nothing stays",
    () =>
      onFresh(
        Effect.gen(function* () {
          const sql = yield* SqlClient.SqlClient
          const broken = sql`insert into notes (note_id) values (1)`.pipe(
            Effect.andThen(sql`select pg_terminate_backend(pg_backend_pid())`)
          )
          for (const work of [broken, sql.withTransaction(broken), Effect.ignore(sql.withTransaction(broken))]) {
            const error = yield* Effect.flip(sql.withTransaction(work))
            assert.strictEqual(error.reason._tag, "ConnectionError")
            assert.isTrue(isTransient(error))
          }
          assert.deepStrictEqual(yield* sql`select note_id from notes where note_id = 1`, [])
        })
      )
  )

  it.live("does not show in reads: a read whose connection is killed is made again", () =>
    onFresh(
      Effect.gen(function* () {
        const [read, sql] = [yield* ReadSql, yield* SqlClient.SqlClient]
        const slow = yield* Effect.forkChild(read<{ readonly n: number }>`select 7 as n, pg_sleep(0.3)`)
        yield* Effect.sleep("100 millis")
        yield* sql`select pg_terminate_backend(pid) from pg_stat_activity where query like 'select 7 %' and datname = current_database()`
        assert.strictEqual((yield* Fiber.join(slow))[0]!.n, 7)
      })
    )
  )
})

it.live("a database that cannot be reached is said so in time, without the password", () =>
  Effect.gen(function* () {
    const url = Redacted.make("postgres://somebody:topsecret@127.0.0.1:1/nothing")
    const attempt = Effect.scoped(connect({ target: { _tag: "Url", url }, connectPatience: "300 millis" }))
    const [waited, error] = yield* Effect.timed(Effect.flip(attempt))
    assert.isBelow(Duration.toMillis(waited), 5000)
    assert.include(error.message, "DATABASE_URL")
    assert.include(error.message, "127.0.0.1:1")
    assert.notInclude(error.message, "topsecret")
  })
)

it.live("a DATABASE_URL that is none is refused at once, and not shown", () =>
  Effect.gen(function* () {
    for (const text of ["postgres://somebody:top/secret@:host/x", "mysql://somebody:topsecret@host/x"]) {
      const attempt = connect({ target: { _tag: "Url", url: Redacted.make(text) } })
      const error = yield* Effect.flip(Effect.timeout(Effect.scoped(attempt), "2 seconds"))
      assert.strictEqual(error._tag === "DatabaseUnavailable" ? error.reason : error._tag, "InvalidUrl")
      assert.notInclude(JSON.stringify(error) + error.message, "somebody")
    }
  })
)

it.live("DATABASE_URL connects to a server by its URL", () =>
  Effect.scoped(
    Effect.gen(function* () {
      const { database, port, socketDirectory, username } = yield* freshDatabase(migrations)
      const url = Redacted.make(
        `postgres://${username}@localhost/${database}?host=${encodeURIComponent(socketDirectory)}&port=${port}`
      )
      const context = yield* connect({ target: { _tag: "Url", url } })
      assert.deepStrictEqual(yield* Effect.provideContext(noteIds, context), [])
    })
  )
)

it.live(
  "when PostgreSQL is killed it comes back at its address, writers only wait, and nothing acknowledged is lost",
  () =>
    Effect.scoped(
      Effect.gen(function* () {
        const dataDirectory = mkdtempSync(join(tmpdir(), "wattproof-restart-"))
        yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(dataDirectory, { recursive: true, force: true })))
        const address = yield* start({ dataDirectory, durable: true })
        const context = yield* connect({ target: { _tag: "Embedded", ...address } })
        const acknowledged: Array<number> = []
        const writer = (first: number) =>
          Effect.gen(function* () {
            const [{ transact }, sql] = [yield* Pipeline, yield* SqlClient.SqlClient]
            for (let n = first; n < first + 400; n++) {
              const statement = "insert into kept values ($1) on conflict do nothing"
              const write =
                n % 2 === 0
                  ? Effect.asVoid(sql.unsafe(statement, [n]))
                  : Effect.asVoid(transact([{ sql: statement, params: [n] }]))
              yield* retryTransient("20 seconds")(write)
              acknowledged.push(n)
            }
          })
        const work = Effect.gen(function* () {
          const sql = yield* SqlClient.SqlClient
          yield* sql`create table kept (n int primary key)`
          const writers = yield* Effect.forkChild(
            Effect.all([writer(0), writer(1000), writer(2000)], { concurrency: "unbounded" })
          )
          while (acknowledged.length < 150) yield* Effect.sleep("5 millis")
          process.kill(Number(readFileSync(lockFilePath(clusterOf(dataDirectory)), "utf8").split("\n")[0]), "SIGKILL")
          yield* Fiber.join(writers)
          return (yield* sql<{ readonly n: number }>`select n from kept order by n`).map(({ n }) => n)
        })
        const kept = yield* Effect.provideContext(work, context)
        assert.deepStrictEqual(
          kept,
          acknowledged.sort((a, b) => a - b)
        )
        assert.strictEqual(kept.length, 1200)
      })
    )
)

describe("in virtual time", () => {
  const days = Effect.gen(function* () {
    const [sql, read, { transact }] = [yield* SqlClient.SqlClient, yield* ReadSql, yield* Pipeline]
    const told: Array<string> = []
    const life = (name: number) =>
      Effect.gen(function* () {
        for (let day = 0; day < 3; day++) {
          yield* Effect.sleep(Duration.hours(24))
          const n = name * 10 + day
          yield* sql.withTransaction(Effect.andThen(sql`select 1`, sql`insert into notes (note_id) values (${n})`))
          yield* transact([{ sql: "insert into lines values ($1, $1)", params: [n] }])
          const rows = yield* read`select count(*)::int as n from notes`
          const atMs = yield* Effect.clockWith((clock) => clock.currentTimeMillis)
          told.push(`${atMs} ${n} ${JSON.stringify(rows)}`)
        }
      })
    yield* Effect.all([2, 3, 4, 5].map(life), { concurrency: "unbounded", discard: true })
    return told
  })

  const inVirtualTime = (inside: boolean) =>
    Effect.scoped(
      Effect.gen(function* () {
        const address = yield* freshDatabase(migrations)
        const services = connect({ target: { _tag: "Embedded", ...address }, oneConnection: true })
        const world = { startAtMs: 0, untilMs: 10 * 86_400_000, stallAfterMs: 10_000 }
        if (inside) {
          const all = Effect.scoped(Effect.flatMap(services, (context) => Effect.provideContext(days, context)))
          return yield* runVirtually(all, world)
        }
        return yield* runVirtually(Effect.provideContext(days, yield* services), world)
      })
    )

  it.live("time stands still for every round trip, and two runs tell the same, wherever the client was made", () =>
    Effect.gen(function* () {
      const told = yield* inVirtualTime(true)
      assert.deepStrictEqual(yield* inVirtualTime(false), told)
      assert.strictEqual(told.length, 12)
      assert.strictEqual(told[0], `86400000 20 [{"n":1}]`)
      assert.strictEqual(told.at(-1)!.split(" ")[0], String(3 * 86_400_000))
    })
  )
})
