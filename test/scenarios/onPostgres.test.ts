import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { badDatabase } from "#scenarios/bad-database.ts"
import { cmsRestart } from "#scenarios/cms-restart.ts"
import { databaseFailureNames } from "#scenarios/databaseFailures.ts"
import { parse } from "#scenarios/explore/Story.ts"
import { firstCharge } from "#scenarios/first-charge.ts"
import { openPostgres } from "#scenarios/lab/Store.ts"
import { runStory } from "#scenarios/lab/story.ts"
import { twoNodes } from "#scenarios/two-nodes.ts"
import { migrations } from "#server/sql/migrations/index.ts"
import type { Evidence } from "#simulator/oracles/Evidence.ts"
import { freshDatabase } from "../support/postgres.ts"
import { failuresOf, run } from "./lived.ts"

/** The books without the ids that a store's timing decides. */
const booksOf = ({ transactions, cdrs, connectors }: Evidence) => {
  const keyOf = new Map(transactions!.map((it) => [it.id, `${it.stationId}|${it.evseId}|${it.startedAtMs}`]))
  const byKey = <A extends { readonly key: string }>(items: ReadonlyArray<A>) =>
    [...items].sort((a, b) => (a.key < b.key ? -1 : 1))
  return {
    connectors: connectors!.map((it) => JSON.stringify(it)).sort(),
    transactions: byKey(
      transactions!.map(({ id, ocppId: _, ...it }) => ({
        key: keyOf.get(id)!,
        ...it,
        findings: [...(it.findings ?? [])].sort()
      }))
    ),
    cdrs: byKey(cdrs!.map(({ id: _, transactionId, ...it }) => ({ key: keyOf.get(transactionId)!, ...it })))
  }
}

describe("on PostgreSQL", () => {
  for (const scenario of [firstCharge, cmsRestart, twoNodes]) {
    it.live(
      `${scenario.name}: repeats to the byte and ends with the same books as in memory`,
      () =>
        Effect.gen(function* () {
          const common = { stations: 5, lingerMs: 2_000 }
          const inMemory = yield* run(scenario, { store: "memory", ...common })
          const hashes: Array<string | null> = []
          for (const _ of [1, 2]) {
            const database = yield* freshDatabase(migrations)
            const { result, evidence, logged } = yield* run(scenario, { store: "postgres", database, ...common })
            assert.deepStrictEqual(failuresOf(result), [])
            assert.strictEqual(result.verdict, "PASS")
            assert.deepStrictEqual(logged, [])
            assert.deepStrictEqual(booksOf(evidence), booksOf(inMemory.evidence))
            hashes.push(result.traceHash)
          }
          assert.strictEqual(hashes[0], hashes[1])
        }).pipe(Effect.scoped),
      180_000
    )
  }
})

describe("a database that fails whatever is asked of it", () => {
  for (const store of ["memory", "postgres"] as const) {
    it.live(
      `${store}: every way to fail strikes statements of a day with payments and wallets, and every oracle holds`,
      () =>
        Effect.gen(function* () {
          const struck: Array<string> = []
          const where = store === "memory" ? {} : { database: yield* freshDatabase(migrations) }
          const { result } = yield* run(badDatabase, {
            store,
            stations: 3,
            ...where,
            onDatabase: (strikes) => struck.push(...strikes.keys())
          })
          assert.deepStrictEqual(failuresOf(result), [])
          assert.sameMembers(struck, [...databaseFailureNames])
        }).pipe(Effect.scoped),
      180_000
    )
  }
})

describe("a story of a database that is lost while the server starts", () => {
  it.live(
    "ends no server on PostgreSQL, where starting asks the database for something",
    () =>
      Effect.gen(function* () {
        const file = "scenarios/stories/database-lost-while-the-server-starts.story.json"
        const story = yield* parse(readFileSync(file, "utf8"))
        const postgres = yield* openPostgres(undefined)
        const { oracles } = yield* runStory(story, { store: "postgres", postgres })
        assert.deepStrictEqual(
          oracles.flatMap(({ failures }) => failures),
          []
        )
      }).pipe(Effect.scoped),
    180_000
  )
})
