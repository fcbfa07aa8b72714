import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { crashPointNames } from "#scenarios/crashPoints.ts"
import { databaseFailureNames } from "#scenarios/databaseFailures.ts"
import { parse } from "#scenarios/explore/Story.ts"
import { openPostgres } from "#scenarios/lab/Store.ts"
import { migrations } from "#server/sql/migrations/index.ts"
import { freshDatabase } from "../support/postgres.ts"
import { failing, killed, live, ofDeath, ofFailure, storyWith } from "./faults/troubled.ts"

describe("a server that dies", () => {
  for (const when of crashPointNames) {
    it.live(`${when}: every oracle holds`, () =>
      Effect.gen(function* () {
        const plain = yield* live(storyWith("cms-faults"))
        assert.deepStrictEqual(ofDeath(yield* live(killed(when)), plain), [])
      })
    )
  }

  // All of them at many moments: npm run test:faults.
  const share = ["in the middle of the next commit", "after the next commit", "after the next bill is written"] as const
  it.live(
    "around a commit, on PostgreSQL as in memory",
    () =>
      Effect.gen(function* () {
        const postgres = yield* openPostgres(yield* freshDatabase(migrations))
        const plain = yield* live(storyWith("cms-faults"), postgres)
        for (const when of share) {
          assert.deepStrictEqual(ofDeath(yield* live(killed(when), postgres), plain), [], when)
        }
      }).pipe(Effect.scoped),
    60_000
  )
})

describe("a database that fails its commits", () => {
  it.live(
    "in any of the named ways, made by PostgreSQL at the client: every oracle holds, and the commit is repeated",
    () =>
      Effect.gen(function* () {
        const postgres = yield* openPostgres(yield* freshDatabase(migrations))
        for (const how of databaseFailureNames) {
          const lived = yield* live(failing(how, "commits"), postgres)
          assert.deepStrictEqual(ofFailure(lived, how, "commits"), [], how)
        }
      }).pipe(Effect.scoped),
    60_000
  )
})

describe("two nodes over one store", () => {
  it.live("pass a station from one to the other with every oracle held, on PostgreSQL as in memory", () =>
    Effect.gen(function* () {
      const story = yield* parse(readFileSync("scenarios/stories/two-nodes.story.json", "utf8"))
      const postgres = yield* openPostgres(yield* freshDatabase(migrations))
      for (const lived of [yield* live(story), yield* live(story, postgres)]) {
        assert.deepStrictEqual(lived.failures, [])
        assert.isAbove(lived.reached.get("a claim fenced an older owner's write") ?? 0, 0)
      }
    }).pipe(Effect.scoped)
  )

  it.live("are told apart on PostgreSQL too: who writes for a station that the other one has taken over is found", () =>
    Effect.gen(function* () {
      const story = yield* parse(readFileSync("scenarios/stories/two-nodes.story.json", "utf8"))
      const name = "0002_journal"
      const fence = "e.epoch is distinct from u.epoch"
      const steps = migrations[name] as ReadonlyArray<string>
      assert.lengthOf(
        steps.filter((step) => step.includes(fence)),
        1
      )
      const unfenced = steps.map((step) => step.replace(fence, "e.epoch < u.epoch"))
      const postgres = yield* openPostgres(yield* freshDatabase({ ...migrations, [name]: unfenced }))
      const { failures } = yield* live(story, postgres)
      assert.include(
        failures.map(({ sentence }) => sentence),
        "A node acted for a station that another one owned."
      )
    }).pipe(Effect.scoped)
  )
})
