import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { countInto, type HardState } from "#core/Sometimes.ts"
import { crashPointNames } from "#scenarios/crashPoints.ts"
import { databaseFailureNames, databaseFailures } from "#scenarios/databaseFailures.ts"
import { parse, type Step, type Story } from "#scenarios/explore/Story.ts"
import { openPostgres, type Postgres } from "#scenarios/lab/Store.ts"
import { runStory } from "#scenarios/lab/story.ts"
import { migrations } from "#server/sql/migrations/index.ts"
import { freshDatabase } from "../support/postgres.ts"

/** Two charges with a fault in their midst, and a socket that dies unnoticed behind it. */
const storyWith = (...faults: ReadonlyArray<Step>): Story => {
  const charge = (at: number, station: string, card: string): ReadonlyArray<Step> => [
    { at, do: "plug in", station, evse: 1, car: "compact", socPercent: 40 },
    { at: at + 1, do: "present card", station, evse: 1, card }
  ]
  return {
    about: "Two charges, and a CMS in trouble",
    seed: "cms-faults",
    stations: [
      { id: "CP-1", hardware: "street22", dialect: "2.0.1" },
      { id: "CP-2", hardware: "fast50", dialect: "1.6" }
    ],
    cards: [{ uid: "CARD-1" }, { uid: "CARD-2" }],
    firmware: { sampleIntervalS: 60 },
    steps: [
      ...faults,
      ...charge(100, "CP-1", "CARD-1"),
      ...charge(100, "CP-2", "CARD-2"),
      { at: 400, do: "half-open link", station: "CP-1" },
      { at: 400, do: "cut link", station: "CP-2", for: 30 },
      { at: 1_500, do: "present card", station: "CP-1", evse: 1, card: "CARD-1" },
      { at: 1_520, do: "unplug", station: "CP-2", evse: 1 }
    ]
  }
}

/** Lives it; what its oracles found, its trace, and the hard states it reached. */
const live = Effect.fnUntraced(function* (story: Story, postgres?: Postgres) {
  const reached = new Map<HardState, number>()
  const stop = countInto(reached)
  const { oracles, traceHash } = yield* runStory(
    story,
    postgres === undefined ? { store: "memory" } : { store: "postgres", postgres }
  ).pipe(Effect.ensuring(Effect.sync(stop)))
  return { failures: oracles.flatMap(({ failures }) => failures), traceHash, reached }
})

describe("a server that dies", () => {
  for (const when of crashPointNames) {
    it.live(`${when}: every oracle holds`, () =>
      Effect.gen(function* () {
        const plain = yield* live(storyWith())
        const died = yield* live(storyWith({ at: 90, do: "kill CMS", when, for: 20 }))
        assert.deepStrictEqual(died.failures, [])
        assert.notStrictEqual(died.traceHash, plain.traceHash, "it never died")
      })
    )
  }
})

describe("a database that fails its commits", () => {
  it.live(
    "in any of the named ways, made by PostgreSQL at the client: every oracle holds, and the commit is repeated",
    () =>
      Effect.gen(function* () {
        const postgres = yield* openPostgres(yield* freshDatabase(migrations))
        for (const how of databaseFailureNames) {
          const { failures, reached } = yield* live(
            storyWith({ at: 155, do: "database fails", how, times: 3, of: "commits" }),
            postgres
          )
          assert.deepStrictEqual(failures, [], how)
          assert.isAbove(reached.get("the store was away, and was asked again") ?? 0, 0, how)
          const isRepeated = (reached.get("a commit of unknown outcome was repeated") ?? 0) > 0
          assert.strictEqual(isRepeated, databaseFailures[how].books === "written", how)
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
})
