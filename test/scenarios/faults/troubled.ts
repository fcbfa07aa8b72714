import { Effect } from "effect"
import { countInto, type HardState } from "#core/Sometimes.ts"
import type { CrashPoint } from "#scenarios/crashPoints.ts"
import { type DatabaseFailureName, databaseFailures } from "#scenarios/databaseFailures.ts"
import type { Step, Story } from "#scenarios/explore/Story.ts"
import type { Postgres } from "#scenarios/lab/Store.ts"
import { runStory } from "#scenarios/lab/story.ts"
import type { Failure } from "#simulator/oracles/Oracle.ts"

/** Two charges with a fault in their midst, and a socket that dies unnoticed behind it. */
export const storyWith = (seed: string, ...faults: ReadonlyArray<Step>): Story => {
  const charge = (at: number, station: string, card: string): ReadonlyArray<Step> => [
    { at, do: "plug in", station, evse: 1, car: "compact", socPercent: 40 },
    { at: at + 1, do: "present card", station, evse: 1, card }
  ]
  return {
    about: "Two charges, and a CMS in trouble",
    seed,
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

/** A life of such a story: what its oracles found, its trace, and the hard states it reached. */
export interface Lived {
  readonly failures: ReadonlyArray<Failure>
  readonly traceHash: string | null
  readonly reached: ReadonlyMap<HardState, number>
}

/** Lives it, in memory when no PostgreSQL is given. */
export const live = Effect.fnUntraced(function* (story: Story, postgres?: Postgres): Effect.fn.Return<Lived, unknown> {
  const reached = new Map<HardState, number>()
  const stop = countInto(reached)
  const { oracles, traceHash } = yield* runStory(
    story,
    postgres === undefined ? { store: "memory" } : { store: "postgres", postgres }
  ).pipe(Effect.ensuring(Effect.sync(stop)))
  return { failures: oracles.flatMap(({ failures }) => failures), traceHash, reached }
})

/** The server dies the next time it passes there. */
export const killed = (when: CrashPoint, seed = "cms-faults", at = 90): Story =>
  storyWith(seed, { at, do: "kill CMS", when, for: 20 })

export type Asked = "commits" | "requests"

/** The next three commits fail so, or a dozen requests of any kind: the sweeper's looks, which nobody waits for, are among them. */
export const failing = (how: DatabaseFailureName, of: Asked, seed = "cms-faults", at = 155): Story =>
  storyWith(seed, { at, do: "database fails", how, times: of === "commits" ? 3 : 12, of })

/** What is wrong with a life in which the server was to die; `plain` is the same without. */
export const ofDeath = ({ failures, traceHash }: Lived, plain: Lived): ReadonlyArray<string> =>
  traceHash === plain.traceHash ? ["it never died"] : failures.map(({ sentence }) => sentence)

/**
 * The same where the database was to fail. Only commits say that they were asked again, and whether one of unknown outcome
 * was found in the books; of requests, all may have been looks that nobody waits for.
 */
export const ofFailure = ({ failures, reached }: Lived, how: DatabaseFailureName, of: Asked): ReadonlyArray<string> => {
  const found = failures.map(({ sentence }) => sentence)
  if (of === "requests") return found
  if (!reached.has("the store was away, and was asked again")) found.push("nothing was asked again")
  const isFound = reached.has("a commit of unknown outcome was repeated")
  const isWritten = databaseFailures[how].books === "written"
  if (isFound && !isWritten) found.push("what was never written was found in the books")
  if (!isFound && isWritten) found.push("what was written was not found in the books")
  return found
}
