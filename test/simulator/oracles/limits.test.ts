import { assert, describe, it } from "@effect/vitest"
import { limits } from "#simulator/oracles/limits.ts"
import type { TrueLimit, TrueWish } from "#simulator/oracles/wishes.ts"
import type { OpenTrueSession } from "#simulator/Truth.ts"
import { another, noonMs, rightWorld, type World } from "./world.ts"

const hourMs = 3_600_000
const minuteMs = 60_000
const tenth = { maxWh: 1_000, maxMs: null, maxMinor: null }

/** The charge of the right world (10 kWh in 2 h, 11.66), ordered with a limit. */
const ordered = (
  limit: Partial<TrueLimit>,
  { orderedAtMs = noonMs - 5_000, ...more }: Partial<OpenTrueSession> & Partial<Pick<TrueWish, "orderedAtMs">> = {}
): World => {
  const world = rightWorld({ endKnowledge: "reported", ...more })
  const wish: TrueWish = {
    stationId: "CP1",
    evseId: 1,
    tokenUid: "GOOD",
    limit: { maxWh: null, maxMs: null, maxMinor: null, ...limit },
    orderedAtMs,
    accepted: true,
    changes: [],
    isStopAsked: false
  }
  const wishes = { wishes: [wish], withinMs: () => 2 * minuteMs, downMs: 0, assumedPowerW: 22_000 }
  return { ...world, context: { ...world.context, wishes } }
}

const beyond = "A charge went on beyond what its driver wanted."
const said = ({ truth, evidence, context }: World): ReadonlyArray<string> =>
  limits
    .checks(truth, evidence, context)
    .failures.map(({ sessionId, sentence }) => (sentence === beyond ? `${sessionId} beyond` : sentence))

describe("the limits oracle", () => {
  it("fails a charge that went on beyond what it was ordered with", () => {
    assert.deepStrictEqual(said(ordered(tenth)), ["CP1#1 beyond"])
    assert.deepStrictEqual(said(ordered({ maxMs: hourMs })), ["CP1#1 beyond"])
    assert.deepStrictEqual(said(ordered({ maxMinor: 500 })), ["CP1#1 beyond"])
    assert.deepStrictEqual(said(ordered({ maxWh: 9_500, maxMs: 2 * hourMs - minuteMs, maxMinor: 1_150 })), [])
  })

  it("fails a charge that its limit ended long before it was reached", () => {
    assert.lengthOf(said(ordered({ maxWh: 20_000 }, { stopReason: "Remote" })), 1)
    assert.deepStrictEqual(said(ordered({ maxWh: 10_500 }, { stopReason: "Remote" })), [])
  })
})

describe("an order for a car that is plugged in where charges begin with the plug", () => {
  /** Plugged in at noon, ordered and let in at twenty to two, and there until two. */
  const plugged: Partial<OpenTrueSession> = {
    dialect: "2.0.1",
    states: [
      { atMs: noonMs, state: "EVConnected" },
      { atMs: noonMs + 100 * minuteMs, state: "Charging" }
    ]
  }
  const orderedAtMs = noonMs + 100 * minuteMs - 1_000

  it("is for the charge that has begun, and for none of the same card after it", () => {
    assert.deepStrictEqual(said(ordered(tenth, { ...plugged, orderedAtMs })), ["CP1#1 beyond"])
    const two = ordered({ maxWh: 10_000 }, { ...plugged, orderedAtMs })
    another(two, {
      evseId: 1,
      startedAtMs: noonMs + 2 * hourMs + minuteMs,
      endedAtMs: noonMs + 3 * hourMs,
      trueEndedAtMs: noonMs + 3 * hourMs,
      deliveredMilliWh: 20_000_000,
      meterStopWh: 21_000,
      states: [{ atMs: noonMs + 2 * hourMs + minuteMs, state: "Charging" }]
    })
    assert.deepStrictEqual(said(two), [])
  })

  it("is none for a charge whose card was shown before it", () => {
    assert.deepStrictEqual(said(ordered(tenth, { ...plugged, orderedAtMs: noonMs + 101 * minuteMs })), [])
  })

  it("ends no charge before its card was shown, however long it had stood there", () => {
    const soon = { endedAtMs: noonMs + 101 * minuteMs, trueEndedAtMs: noonMs + 101 * minuteMs }
    assert.deepStrictEqual(said(ordered({ maxMs: hourMs }, { ...plugged, ...soon, orderedAtMs })), [])
    assert.deepStrictEqual(said(ordered({ maxMinor: 500 }, { ...plugged, ...soon, orderedAtMs })), [])
    assert.deepStrictEqual(said(ordered({ maxMs: hourMs }, { ...plugged, orderedAtMs })), ["CP1#1 beyond"])
  })
})
