import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Step, Story } from "#scenarios/explore/Story.ts"
import { runStoryLive } from "#scenarios/lab/storyLive.ts"

/** Each strikes one station, so that what it leaves behind is its own. */
const faults = [
  "invalid-utf8",
  "cut-mid-frame",
  "malformed-json",
  "oversized-frame",
  "unknown-action",
  "two-sockets",
  "wrong-subprotocol"
] as const

const idOf = (index: number): string => `CP-${index + 1}`
const cardOf = (index: number): string => `CARD-${index + 1}`

const steps: ReadonlyArray<Step> = [
  ...faults.flatMap((_, index): ReadonlyArray<Step> => {
    const place = { at: 1, station: idOf(index), evse: 1 }
    return [
      { ...place, do: "plug in", car: "saloon", socPercent: 20 },
      { ...place, do: "present card", card: cardOf(index) }
    ]
  }),
  ...faults.map((fault, index): Step => ({ at: 2, do: "fault", station: idOf(index), fault, parameters: {}, for: 2 })),
  // A wrong subprotocol is offered when the station dials again.
  { at: 3, do: "cut link", station: idOf(faults.indexOf("wrong-subprotocol")), for: 1 }
]

const story: Story = {
  about: "Every fault of the wire, over real sockets",
  seed: "live-faults",
  stations: faults.map((_, index) => ({
    id: idOf(index),
    dialect: index % 2 === 0 ? "1.6" : "2.0.1",
    hardware: "wallbox11"
  })),
  cards: faults.map((_, index) => ({ uid: cardOf(index) })),
  firmware: {},
  steps
}

it.live(
  "faults of the wire strike over real sockets, and nothing is lost or billed wrongly",
  () =>
    Effect.gen(function* () {
      const result = yield* runStoryLive(story, { store: "memory", atMostS: 2 })
      assert.deepStrictEqual(result.leftOut, [])
      assert.deepStrictEqual(
        result.oracles.flatMap(({ failures }) => failures),
        []
      )
      assert.strictEqual(result.transactions, faults.length)
      assert.isAbove(result.energyWh, 0)
    }),
  30_000
)
