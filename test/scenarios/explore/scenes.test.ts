import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { storyOf } from "#scenarios/explore/generate.ts"
import { format, parse, type Step, type Story, type StoryStation } from "#scenarios/explore/Story.ts"
import { Street } from "#scenarios/explore/Street.ts"
import { sceneOf } from "#scenarios/explore/scenes.ts"
import { shrink } from "#scenarios/explore/shrink.ts"
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

it("one run in four has a wallet and one in four has prices, and every step of both is drawn", () => {
  const stories = Array.from({ length: 400 }, (_, run) => storyOf(`money/${run}`))
  const kinds = new Set(stories.flatMap(({ steps }) => steps.map((step) => step.do)))
  for (const kind of ["top up", "take out", "set credit line", "assign tariff", "retire tariff"] as const)
    assert.isTrue(kinds.has(kind), kind)
  assert.isTrue(kinds.has("join group") && kinds.has("leave group"))
  for (const has of [(it: Story) => it.wallets !== undefined, (it: Story) => it.tariffs !== undefined]) {
    const share = stories.filter(has).length / stories.length
    assert.isAbove(share, 0.18)
    assert.isBelow(share, 0.32)
  }
})

it.effect("a story with money stays one while it is made smaller: a wallet goes with its driver's last card", () =>
  Effect.gen(function* () {
    const story = Array.from({ length: 100 }, (_, run) => storyOf(`money/${run}`)).find(
      (it) => it.wallets && it.tariffs
    )
    const seen: Array<Story> = []
    const note = (candidate: Story) => Effect.sync(() => seen.push(candidate) % 3 === 0)
    yield* shrink(story!, note, { runs: 500, isTimeUp: () => false })
    for (const candidate of seen) assert.deepStrictEqual(yield* parse(format(candidate)), candidate)
    const least = yield* shrink(story!, () => Effect.succeed(true), { runs: 500, isTimeUp: () => false })
    assert.deepStrictEqual([least.steps, least.cards, least.wallets, least.tariffs], [[], [], undefined, undefined])
  })
)
