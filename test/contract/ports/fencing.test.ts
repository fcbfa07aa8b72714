import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { connect } from "#server/postgres/Database.ts"
import { Journal } from "#server/record/Journal.ts"
import type { Unit } from "#server/record/Unit.ts"
import { layerMigrated, migrations } from "#server/sql/Sql.ts"
import { freshDatabase } from "#test/support/postgres.ts"
import { fact, row, started, stateChanged, t0, uuid } from "./makers.ts"
import { memory, postgres } from "./worlds.ts"

const id = uuid(1)
const begun = (epoch: number): Unit => ({
  stationId: "CS-1",
  epoch,
  transactions: [row({ id })],
  facts: [fact(id, 0, started())]
})
const changed = (epoch: number, seq: number): Unit => ({
  stationId: "CS-1",
  epoch,
  facts: [fact(id, seq, stateChanged(t0 + seq))]
})

for (const world of [memory, postgres]) {
  describe(`two server nodes on ${world.name}`, () => {
    it.live("the one that claimed a station last writes, the other is fenced, and back again", () =>
      Effect.gen(function* () {
        const { startNode } = yield* world.open
        const a = yield* Effect.provideContext(Journal, yield* startNode)
        const b = yield* Effect.provideContext(Journal, yield* startNode)
        const [first] = yield* a.claim(["CS-1"])
        assert.deepStrictEqual(yield* a.commit([begun(first!)]), ["Committed"])
        const [second] = yield* b.claim(["CS-1"])
        assert.strictEqual((yield* b.load(["CS-1"]))[0]!.transactions[0]!.factCount, 1)
        const [late] = yield* a.commit([changed(first!, 1)])
        assert.isTrue(typeof late === "object" && late._tag === "Fenced")
        assert.deepStrictEqual(yield* b.commit([changed(second!, 1)]), ["Committed"])
        const [third] = yield* a.claim(["CS-1"])
        assert.deepStrictEqual(yield* a.commit([changed(third!, 2)]), ["Committed"])
        assert.isTrue(first! < second! && second! < third!)
      })
    )

    it.live("the one that lost stations learns of which, by whose claim, and who stands in the books", () =>
      Effect.gen(function* () {
        const { startNode } = yield* world.open
        const a = yield* Effect.provideContext(Journal, yield* startNode)
        const b = yield* Effect.provideContext(Journal, yield* startNode)
        const ids = ["CS-3", "CS-1", "CS-2", "cs-4", "CS-5"]
        const epochs = yield* a.claim(ids)
        const claims = ids.map((stationId, index) => ({ stationId, epoch: epochs[index]! }))
        assert.deepStrictEqual(yield* a.lost(claims), [])
        assert.deepStrictEqual(yield* a.lost([]), [])
        const presence = { dialect: "1.6", connectedAtMs: t0 + 1, remoteAddress: "10.0.0.1" } as const
        yield* a.commit(claims.map((claim) => ({ ...claim, presence })))
        const [third, first, fourth] = yield* b.claim(["CS-3", "CS-1", "cs-4"])
        const newer = { ...presence, dialect: "2.1", connectedAtMs: t0 + 2 } as const
        yield* b.commit([
          { stationId: "CS-3", epoch: third!, presence: newer },
          { stationId: "CS-1", epoch: first!, presence: { disconnectedAtMs: t0 + 3 } }
        ])
        assert.deepStrictEqual(yield* a.lost(claims), [
          { stationId: "CS-1", epoch: first!, presence: null },
          { stationId: "CS-3", epoch: third!, presence: newer },
          { stationId: "cs-4", epoch: fourth!, presence }
        ])
        const [own] = yield* b.claim(["CS-9"])
        assert.deepStrictEqual(yield* b.lost([{ stationId: "CS-9", epoch: own! - 1 }]), [
          { stationId: "CS-9", epoch: own!, presence: null }
        ])
      })
    )
  })
}

describe("an older node on PostgreSQL with a commit under way", () => {
  const open = Effect.gen(function* () {
    const address = yield* freshDatabase(migrations)
    const settings = { target: { _tag: "Embedded", ...address }, maxConnections: 2 } as const
    const older = yield* connect(settings)
    const newer = yield* connect(settings)
    const a = yield* Effect.provideContext(Journal, yield* Effect.provideContext(Layer.build(layerMigrated), older))
    const b = yield* Effect.provideContext(Journal, yield* Effect.provideContext(Layer.build(layerMigrated), newer))
    const sql = yield* Effect.provideContext(SqlClient.SqlClient, yield* connect(settings))
    return { a, b, sql }
  })

  it.live("is waited for by the claim, which then loads what it wrote", () =>
    Effect.gen(function* () {
      const { a, b, sql } = yield* open
      const [first] = yield* a.claim(["CS-1"])
      yield* a.commit([begun(first!)])
      // Holds the older node's commit up after it has passed the check of its claim.
      const { underWay, claim } = yield* sql.withTransaction(
        Effect.gen(function* () {
          yield* sql`lock table transaction_facts in share row exclusive mode`
          const underWay = yield* Effect.forkChild(a.commit([changed(first!, 1)]))
          yield* waitingFor(sql, "relation")
          const claim = yield* Effect.forkChild(b.claim(["CS-1"]))
          yield* waitingFor(sql, "advisory")
          assert.isUndefined(claim.pollUnsafe())
          return { underWay, claim }
        })
      )
      assert.deepStrictEqual(yield* Fiber.join(underWay), ["Committed"])
      const [second] = yield* Fiber.join(claim)
      const [snapshot] = yield* b.load(["CS-1"])
      assert.strictEqual(snapshot!.transactions[0]!.factCount, 2)
      assert.deepStrictEqual(yield* b.commit([changed(second!, 2)]), ["Committed"])
    })
  )

  it.live("finds itself fenced when it reaches the database during the claim", () =>
    Effect.gen(function* () {
      const { a, b, sql } = yield* open
      const [first] = yield* a.claim(["CS-1"])
      yield* a.commit([begun(first!)])
      const { claim, late } = yield* sql.withTransaction(
        Effect.gen(function* () {
          yield* sql`select pg_advisory_xact_lock_shared(827194, 1)`
          const claim = yield* Effect.forkChild(b.claim(["CS-1"]))
          yield* waitingFor(sql, "advisory")
          const late = yield* Effect.forkChild(a.commit([changed(first!, 1)]))
          yield* waitingFor(sql, "advisory", 2)
          return { claim, late }
        })
      )
      yield* Fiber.join(claim)
      const [outcome] = yield* Fiber.join(late)
      assert.isTrue(typeof outcome === "object" && outcome._tag === "Fenced")
      assert.strictEqual((yield* b.load(["CS-1"]))[0]!.transactions[0]!.factCount, 1)
    })
  )
})

/** Until that many sessions of this database wait for such a lock. */
const waitingFor = Effect.fnUntraced(function* (sql: SqlClient.SqlClient, kind: string, sessions = 1) {
  for (;;) {
    const rows = yield* sql<{ readonly n: number }>`select count(*)::int as n from pg_locks l
      join pg_database d on d.oid = l.database
      where not l.granted and l.locktype = ${kind} and d.datname = current_database()`
    if (rows[0]!.n >= sessions) return
    yield* Effect.sleep("5 millis")
  }
})
