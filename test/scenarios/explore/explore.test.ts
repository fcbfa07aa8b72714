import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { explore, type Finding, Findings, type Play } from "#scenarios/explore/explore.ts"
import { storyOf } from "#scenarios/explore/generate.ts"
import { format, parse } from "#scenarios/explore/Story.ts"
import type { PatchStores } from "#scenarios/lab/CmsProcess.ts"
import { runStory } from "#scenarios/lab/story.ts"
import { defects } from "../plant.ts"

const playWith =
  (patchStores?: PatchStores): Play =>
  (story, onEvent) =>
    runStory(story, {
      store: "memory",
      ...(onEvent === undefined ? {} : { onEvent }),
      ...(patchStores === undefined ? {} : { patchStores })
    })

const bounds = { isTimeUp: () => false, runs: 100, shrinkRuns: 300 }

describe("an exploration", () => {
  it.live("of a fixed seed finds nothing, and every tenth run is the same twice", () =>
    Effect.gen(function* () {
      const { findings, runs, repeated, reached } = yield* explore({ ...bounds, seed: "ci", play: playWith() })
      assert.isEmpty(findings)
      assert.deepStrictEqual([runs, repeated], [100, 10])
      assert.isAbove(reached.get("an answer to a start was lost, and the start came again") ?? 0, 0)
      assert.isAbove(reached.get("two sockets of one station at once") ?? 0, 0)
    })
  )

  for (const [what, defect, property] of [
    ["a repeated stop that is billed again", "doubleBilling", "money"],
    ["an answer that goes out before the commit", "answeringFirst", "durability"],
    ["a blocked card that is accepted", "blockedAccepted", "authorization"]
  ] as const) {
    it.live(`finds ${what} within 100 runs, and makes it a story of at most 8 steps`, () =>
      Effect.acquireUseRelease(
        Effect.sync(() => defects[defect]()),
        ({ patchStores }) =>
          Effect.gen(function* () {
            const { findings } = yield* explore({
              ...bounds,
              seed: "planted",
              property,
              twiceEvery: 0,
              play: playWith(patchStores)
            })
            const [finding] = findings
            assert.isDefined(finding)
            assert.isAtMost(finding!.story.steps.length, 8)
            // The file is the story: read back, it fails in the same way.
            const again = yield* parse(format(finding!.story))
            assert.deepStrictEqual(again, finding!.story)
          }),
        ({ remove }) => Effect.sync(remove)
      )
    )
  }

  it.live("finds a run that is not the same twice, and shows the first event that differs", () =>
    Effect.gen(function* () {
      let lives = 0
      const wavering: Play = (story, onEvent) => {
        const own = { ...story, seed: `${story.seed}/${lives++ % 2}` }
        return playWith()(own, onEvent)
      }
      const { findings } = yield* explore({ ...bounds, seed: "wavering", shrinkRuns: 5, play: wavering })
      const [finding] = findings
      assert.strictEqual(finding?.complaint.oracle, "determinism")
      assert.notStrictEqual(finding?.complaint.expected, finding?.complaint.found)
      assert.match(finding!.complaint.found, /"entity":"CP-/)
    })
  )

  it.effect(
    "goes on after a failure when more are wanted; of those that fail alike it makes three smaller, and counts",
    () =>
      Effect.gen(function* () {
        const complain = (name: string, sentence: string) => {
          const failures = [{ sentence, expected: "1", found: "2" }]
          return Effect.succeed({ oracles: [{ name, verdict: "FAIL", failures }] as never, traceHash: "0" })
        }
        const play: Play = ({ seed }) => {
          const run = Number(/\d+/.exec(seed)![0])
          if (run % 2 === 1) return complain("money", `Transaction ${run} is billed twice.`)
          return run === 8 ? complain("energy", "A reading is lost.") : Effect.succeed({ oracles: [], traceHash: "0" })
        }
        const found: Array<number> = []
        const options = { ...bounds, runs: 20, seed: "many", twiceEvery: 0, shrinkRuns: 0, play }
        const { findings, runs } = yield* explore({ ...options, findings: 5, onFinding: ({ run }) => found.push(run) })
        assert.deepStrictEqual(
          findings.map(({ run, again, complaint }) => [run, again, complaint.oracle]),
          [
            [1, 7, "money"],
            [3, 0, "money"],
            [5, 0, "money"],
            [8, 0, "energy"]
          ]
        )
        assert.deepStrictEqual([runs, found], [20, [1, 3, 5, 8]])
        assert.strictEqual((yield* explore({ ...options, findings: 2 })).runs, 4)
      })
  )

  it("that was shared among workers keeps the earliest runs of each kind, and all counts", () => {
    const finding = (run: number, again: number): Finding => ({
      seed: `s/${run}`,
      run,
      complaint: { oracle: "money", sentence: `Bill ${run} is wrong.`, expected: "1", found: "2" },
      story: storyOf(`s/${run}`),
      stepsBefore: 9,
      again
    })
    const findings = new Findings()
    for (const it of [finding(6, 4), finding(8, 0), finding(1, 2), finding(3, 0)]) findings.add(it)
    assert.deepStrictEqual(
      findings.all().map(({ run, again }) => [run, again]),
      [
        [1, 7],
        [3, 0],
        [6, 0]
      ]
    )
  })
})
