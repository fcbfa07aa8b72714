import { assert, describe, it } from "@effect/vitest"
import { beginning } from "#scenarios/load/Meter.ts"
import { merge } from "#scenarios/load/merge.ts"
import type { SliceResult } from "#scenarios/load/Slice.ts"
import { arrivals } from "#scenarios/load/schedule.ts"
import { live, never, planOf, startAtMs } from "./world.ts"

const whole = { index: 0, count: 1 }
const stall = { fromMs: 20_000, untilMs: 22_000 }

/** How many of an action took longer than so many ms. */
const slowerThan = (result: SliceResult, action: string, ms: number): number => {
  const [, values] = result.meter.latencies.find(([name]) => name === action) ?? [action, []]
  return values.reduce((sum, [us, count]) => (us / 1000 > ms ? sum + count : sum), 0)
}

describe("arrivals", () => {
  it("are the same for one seed, in order of time, and others for another", () => {
    const plan = planOf({ rate: 50 })
    const all = [...arrivals(plan)]
    assert.deepStrictEqual(all, [...arrivals(plan)])
    assert.notDeepEqual(all, [...arrivals({ ...plan, seed: "eight" })])
    assert.deepStrictEqual(
      all.map(({ afterMs }) => afterMs),
      all.map(({ afterMs }) => afterMs).sort((a, b) => a - b)
    )
  })

  it("come at the rate asked for, and half as many while it rises", () => {
    const plan = planOf({ rate: 200, rampMs: 20_000, stations: 500 })
    const all = [...arrivals(plan)]
    const inRamp = all.filter(({ afterMs }) => afterMs < 20_000).length
    assert.closeTo(inRamp, 2_000, 200)
    assert.closeTo(all.length - inRamp, 8_000, 400)
    assert.closeTo(all.filter(({ afterMs }) => afterMs < 10_000).length, 500, 100)
  })

  it("ask each station once before any is asked again", () => {
    const plan = planOf({ rate: 10, stations: 40 })
    const all = [...arrivals(plan)]
    for (let turn = 0; turn + 40 <= all.length; turn += 40) {
      const stations = new Set(all.slice(turn, turn + 40).map(({ station }) => station))
      assert.strictEqual(stations.size, 40)
    }
  })
})

describe("latencies", () => {
  it("count every heartbeat that was due while the CMS stalled, from the instant it was due", async () => {
    const plan = planOf({ profile: "heartbeats", rate: 10, durationMs: 40_000 })
    const result = await live(plan, whole, stall)
    const all = [...arrivals(plan)]
    const duringStall = all.filter(({ afterMs }) => afterMs >= 20_000 && afterMs < 21_500).length
    assert.isAbove(duringStall, 2 * plan.stations)
    assert.closeTo(slowerThan(result, "Heartbeat", 490), duringStall, 2)
    const early = all.filter(({ afterMs }) => afterMs >= 20_000 && afterMs < 20_500).length
    assert.isAbove(early, 0)
    assert.closeTo(slowerThan(result, "Heartbeat", 1_500), early, 2)
    // Each waits for those before it at its station, one CALL at a time.
    assert.strictEqual(slowerThan(result, "Heartbeat", 2_200), 0)
    assert.strictEqual(result.meter.arrived.served, all.length)
  })

  it("of a CMS that keeps up are what it takes", async () => {
    const result = await live(planOf({}), whole, never)
    for (const [action] of result.meter.latencies) assert.strictEqual(slowerThan(result, action, 250), 0, action)
  })

  it("of drivers start when they were due, and nobody who was due stays away", async () => {
    const plan = planOf({ rate: 3, stations: 20 })
    const result = await live(plan, whole, stall)
    const all = [...arrivals(plan)]
    const duringStall = all.filter(({ afterMs }) => afterMs >= 20_000 && afterMs < 21_000).length
    assert.isAbove(duringStall, 0)
    assert.isAtLeast(slowerThan(result, beginning, 990), duringStall)
    assert.isAtLeast(slowerThan(result, "Authorize", 990), duringStall)
    assert.strictEqual(result.meter.arrived.served, all.length)
    assert.strictEqual(result.sessions.length, all.length)
    assert.isTrue(result.sessions.every(({ endKnowledge }) => endKnowledge === "reported"))
  })

  it("of readings and stops start when the meter was read and the driver stopped", async () => {
    const result = await live(planOf({ rate: 3, stations: 20 }), whole, stall)
    const loadAtMs = startAtMs + 20_000
    // Whoever charged through the first second of the stall had the meter read once in it.
    const through = result.sessions.filter(
      ({ startedAtMs, endedAtMs }) => startedAtMs <= loadAtMs + 20_000 && endedAtMs! >= loadAtMs + 21_000
    )
    assert.isAbove(through.length, 2)
    assert.isAtLeast(slowerThan(result, "MeterValues", 900), through.length)
    // A stop waits behind a reading that is not answered yet, and its time runs from when the driver stopped.
    const stopped = result.sessions.filter(
      ({ endedAtMs }) => endedAtMs! >= loadAtMs + 20_000 && endedAtMs! < loadAtMs + 21_500
    )
    assert.isAbove(stopped.length, 2)
    assert.isAtLeast(slowerThan(result, "StopTransaction", 490), stopped.length)
  })
})

it("who cannot wait any more is turned away and counted", async () => {
  const plan = planOf({ stations: 1, rate: 2, durationMs: 20_000, maxQueue: 2 })
  const { meter } = await live(plan, whole, never)
  const { due, shed, served, gaveUp } = meter.arrived
  assert.strictEqual(due, [...arrivals(plan)].length)
  assert.isAbove(shed, 10)
  assert.strictEqual(shed + served + gaveUp, due)
})

it("a storm cuts every connection, and what was to be told is told after it", async () => {
  const result = await live(planOf({ stormMs: 25_000 }), whole, never)
  assert.strictEqual(result.counters.connects, 3 * 6)
  assert.isTrue(result.sessions.every(({ endKnowledge }) => endKnowledge === "reported"))
  assert.strictEqual(result.wire.faultCount, 0)
})

it("a load is the same on one worker as on three, and the order of the workers does not matter", async () => {
  const plan = planOf({})
  const share = (index: number) => live(plan, { index, count: 3 }, stall)
  const alone = merge([await live(plan, whole, stall)])
  const [first, second, third] = [await share(0), await share(1), await share(2)]
  for (const several of [merge([first, second, third]), merge([third, first, second])]) {
    assert.deepStrictEqual(several.truth.sessions, alone.truth.sessions)
    assert.deepStrictEqual(several.truth.counters, alone.truth.counters)
    assert.deepStrictEqual(several.meter.arrived, alone.meter.arrived)
    assert.deepStrictEqual(several.meter.latencies.rows(), alone.meter.latencies.rows())
    assert.strictEqual(several.truth.acknowledgements.length, alone.truth.acknowledgements.length)
    assert.strictEqual(several.wire.calls, alone.wire.calls)
    assert.strictEqual(several.connectors.length, alone.connectors.length)
  }
  assert.isAbove(alone.truth.sessions.length, 40)
})
