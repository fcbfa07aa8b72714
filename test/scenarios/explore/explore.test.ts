import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { explore, type Play } from "#scenarios/explore/explore.ts"
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
      const { finding, runs, repeated, reached } = yield* explore({ ...bounds, seed: "ci", play: playWith() })
      assert.isNull(finding)
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
            const { finding } = yield* explore({
              ...bounds,
              seed: "planted",
              property,
              twiceEvery: 0,
              play: playWith(patchStores)
            })
            assert.isNotNull(finding)
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
      const { finding } = yield* explore({ ...bounds, seed: "wavering", shrinkRuns: 5, play: wavering })
      assert.strictEqual(finding?.complaint.oracle, "determinism")
      assert.notStrictEqual(finding?.complaint.expected, finding?.complaint.found)
      assert.match(finding!.complaint.found, /"entity":"CP-/)
    })
  )
})
