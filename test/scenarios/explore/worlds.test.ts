import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { storyOf } from "#scenarios/explore/generate.ts"
import type { Step, Story } from "#scenarios/explore/Story.ts"
import { fitted } from "#scenarios/explore/worlds.ts"
import { runStoryLive } from "#scenarios/lab/storyLive.ts"

const steps: ReadonlyArray<Step> = [
  { at: 600, do: "plug in", station: "CP-1", evse: 1, car: "compact", socPercent: 30 },
  { at: 610, do: "present card", station: "CP-1", evse: 1, card: "CARD-1" },
  { at: 4_000, do: "cut link", station: "CP-1", for: 900 },
  { at: 4_001, do: "database fails", how: "commit answer lost", times: 1, of: "commits" },
  { at: 4_002, do: "kill CMS", when: "now", for: 10 },
  { at: 4_003, do: "lose answer", station: "CP-1", action: "MeterValues" },
  { at: 9_000, do: "unplug", station: "CP-1", evse: 1 }
]

const story: Story = {
  about: "A charge with a gap in its line",
  seed: "worlds",
  stations: [{ id: "CP-1", hardware: "street22", dialect: "1.6" }],
  cards: [{ uid: "CARD-1" }],
  firmware: {},
  steps
}

describe("a story on a clock that nobody turns", () => {
  it("keeps its order, and waits nowhere longer than it may", () => {
    for (let run = 0; run < 50; run++) {
      const { story } = fitted(storyOf(`fit/${run}`), "live", 2)
      story.steps.forEach((step, index) => {
        const before = story.steps[index - 1]?.at ?? 1
        assert.isAtLeast(step.at, before)
        if ("for" in step) assert.isAtMost(step.for, 2)
      })
    }
  })

  it("keeps two steps of one instant together", () => {
    const twins = { ...story, steps: steps.map((step) => ({ ...step, at: 7 })) }
    assert.deepStrictEqual(new Set(fitted(twins, "live", 2).story.steps.map(({ at }) => at)), new Set([1]))
  })

  it("leaves out what a world cannot do, and says so", () => {
    assert.deepStrictEqual(fitted(story, "live", 1).leftOut, ["step 5 (kill CMS)"])
    assert.deepStrictEqual(fitted(story, "remote", 1).leftOut, ["step 4 (database fails)", "step 5 (kill CMS)"])
  })

  it.live("is lived over real sockets on our own CMS, and holds", () =>
    Effect.gen(function* () {
      const result = yield* runStoryLive(story, { store: "memory", atMostS: 1 })
      const unseen = new Set(["monotone", "operations", "resources"])
      assert.deepStrictEqual(
        result.oracles.filter(({ name, verdict }) => verdict !== (unseen.has(name) ? "NOT VERIFIABLE" : "PASS")),
        []
      )
      assert.strictEqual(result.transactions, 1)
      assert.isAbove(result.messages, 5)
    })
  )
})
