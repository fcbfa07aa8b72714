import { globSync, readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { storyOf } from "#scenarios/explore/generate.ts"
import { clock, format, parse } from "#scenarios/explore/Story.ts"
import { runStory } from "#scenarios/lab/story.ts"

const files = globSync("scenarios/stories/*.story.json").sort()

describe("every pinned story", () => {
  for (const file of files) {
    it.live(`${file} holds, now that what it found is mended`, () =>
      Effect.gen(function* () {
        const story = yield* parse(readFileSync(file, "utf8"))
        const { oracles } = yield* runStory(story, { store: "memory" })
        assert.deepStrictEqual(
          oracles.flatMap(({ failures }) => failures),
          []
        )
      })
    )
  }
})

describe("a story", () => {
  it.effect("is read back as it was written, whatever was drawn", () =>
    Effect.gen(function* () {
      for (let run = 0; run < 50; run++) {
        const story = storyOf(`round/${run}`)
        assert.deepStrictEqual(yield* parse(format(story)), story)
      }
    })
  )

  it("is drawn the same from the same seed, and another from another", () => {
    assert.deepStrictEqual(storyOf("one"), storyOf("one"))
    assert.notDeepEqual(storyOf("one").steps, storyOf("other").steps)
  })

  it("tells its instants as a clock does", () => {
    assert.deepStrictEqual([0, 59, 3_600, 90_061].map(clock), ["0:00:00", "0:00:59", "1:00:00", "25:01:01"])
  })

  it.effect("that names a station it has not is refused in words", () =>
    Effect.gen(function* () {
      const story = storyOf("one")
      const text = format({ ...story, steps: [{ at: 1, do: "reboot", station: "CP-9", withMemory: true }] })
      const { why } = yield* Effect.flip(parse(text))
      assert.match(why, /step 1 \(reboot\) names a station/)
      const misspelt = yield* Effect.flip(parse(text.replace('"reboot"', '"rebood"')))
      assert.match(misspelt.why, /rebood|do/)
    })
  )

  it.effect("that gives a fault what it has no parameter for, or a kind a dialect it does not speak, is refused", () =>
    Effect.gen(function* () {
      const story = storyOf("one")
      const stations = [{ id: "CP-1", preset: "rude-16", dialect: "1.6" }] as const
      const step = { at: 1, do: "fault", station: "CP-1", fault: "delay", parameters: { meanS: 4 }, for: 60 } as const
      const wrong = yield* Effect.flip(parse(format({ ...story, stations, steps: [step] })))
      assert.match(wrong.why, /step 1 \(fault\).*meanS/)
      const mute = yield* Effect.flip(
        parse(format({ ...story, stations: [{ ...stations[0], dialect: "2.1" }], steps: [] }))
      )
      assert.match(mute.why, /CP-1 .*2\.1/)
    })
  )

  it.effect("may be commented line by line", () =>
    Effect.gen(function* () {
      const story = storyOf("one")
      assert.deepStrictEqual(yield* parse(`// why\n${format(story).replace("{\n", "{\n  // here\n")}`), story)
    })
  )
})
