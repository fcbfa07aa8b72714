import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { storyOf } from "#scenarios/explore/generate.ts"
import { format, parse, type Step, type StoryStation } from "#scenarios/explore/Story.ts"
import { Street } from "#scenarios/explore/Street.ts"
import { sceneOf } from "#scenarios/explore/scenes.ts"
import * as Stream from "#simulator/Stream.ts"

const stations: ReadonlyArray<StoryStation> = [{ id: "CP-1", hardware: "street22", dialect: "1.6" }]
const cards = [{ uid: "A" }, { uid: "B" }]
const scenes = (street: () => Street): ReadonlyArray<ReadonlyArray<Step>> =>
  Array.from({ length: 200 }, (_, n) => sceneOf(1_000, street(), Stream.make(`scene/${n}`, "scene")))

it("every kind of scene is drawn, about one run in three has one, and its steps are in order of time", () => {
  const drawn = scenes(() => new Street(stations, cards)).filter((steps) => steps.length > 0)
  assert.isAbove(drawn.length, 40)
  assert.isBelow(drawn.length, 100)
  for (const steps of drawn) {
    assert.deepStrictEqual(
      steps.map(({ at }) => at),
      steps.map(({ at }) => at).toSorted((a, b) => a - b)
    )
    assert.isAbove(steps[0]!.at, 1_000)
  }
  const kinds = new Set(drawn.flatMap((steps) => steps.map((step) => step.do)))
  for (const kind of ["cut link", "lose answer", "block card", "publish tariff", "car pauses"] as const) {
    assert.include([...kinds], kind)
  }
  const atOnce = drawn.some(
    (steps) => steps.filter((step) => step.do === "present card" && step.at === 1_215).length === 2
  )
  assert.isTrue(atOnce, "two charges that begin at one instant")
})

it("there is no scene where every place is taken", () => {
  const full = (): Street => {
    const street = new Street(stations, cards)
    for (const { station, evse } of street.freePlaces()) {
      street.take({ at: 1, do: "plug in", station, evse, car: "plugIn", socPercent: 50 })
    }
    return street
  }
  assert.isTrue(scenes(full).every((steps) => steps.length === 0))
})

it.effect("a story with a scene is a story: it is read back as it was written", () =>
  Effect.gen(function* () {
    for (let run = 0; run < 60; run++) {
      const story = storyOf(`scenes/${run}`)
      assert.deepStrictEqual(yield* parse(format(story)), story)
    }
  })
)
