import { globSync, readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Instant from "#core/Instant.ts"
import { format, scaled } from "#core/Money.ts"
import { makeCurve } from "#core/tariff/curve.ts"
import { type ChargingState, chargingPeriods, type SessionTelemetry } from "#core/tariff/Periods.ts"
import { rate } from "#core/tariff/rate.ts"
import fc from "#test/support/fastCheck.ts"
import { compiledOf, energyPrice, tariffOf } from "./fixtures.ts"

const instant = (text: string): number => Instant.parse(text)!
const minute = 60_000
const hour = 60 * minute
const noon = instant("2024-01-15T12:00:00Z")

interface Segmentation {
  readonly id: string
  readonly kind: string
  readonly exercises: string
  readonly session: { readonly start: string; readonly end: string; readonly time_zone: string }
  readonly restrictions_in_order: ReadonlyArray<{
    readonly dimensions: ReadonlyArray<string>
    readonly start_time?: string
    readonly end_time?: string
    readonly max_power_kw?: number
  }>
  readonly energy_register: ReadonlyArray<readonly [string, number]>
  readonly power_samples?: ReadonlyArray<readonly [string, number]>
  readonly expected: { readonly periods: ReadonlyArray<Record<string, unknown>> }
}

const segmentations = globSync(`${import.meta.dirname}/vectors/segment-*.json`)
  .sort()
  .map((file) => JSON.parse(readFileSync(file, "utf8")) as Segmentation)

const cut = (vector: Segmentation) => {
  const tariff = tariffOf(
    vector.restrictions_in_order.map(({ dimensions, start_time, end_time, max_power_kw }, index) => ({
      price_components: dimensions.map((type) => ({ type, price: index + 1, step_size: 1 })),
      restrictions: {
        ...(start_time && { start_time }),
        ...(end_time && { end_time: end_time === "24:00" ? "00:00" : end_time }),
        ...(max_power_kw && { max_power: max_power_kw })
      }
    }))
  )
  const powers = new Map(vector.power_samples)
  const samples = vector.energy_register.map(([at, kwh]) => ({
    atMs: instant(at),
    registerWh: Number(scaled(kwh, 3)),
    powerW: powers.has(at) ? powers.get(at)! * 1000 : null
  }))
  // Their fixture takes a register that does not rise for parking; ours is told the state.
  const states = samples.slice(1).map((sample, index): { atMs: number; state: ChargingState } => ({
    atMs: samples[index]!.atMs,
    state: sample.registerWh > samples[index]!.registerWh ? "Charging" : "SuspendedEV"
  }))
  return chargingPeriods(compiledOf(tariff, vector.session.time_zone), {
    startedAtMs: instant(vector.session.start),
    endedAtMs: instant(vector.session.end),
    samples,
    states
  })
}

describe("cutting, by published fixtures", () => {
  for (const vector of segmentations) {
    it(`${vector.id}: ${vector.exercises}`, () => {
      const hours = (ms: number) => Number(format({ n: BigInt(ms), d: 3_600_000n }))
      const periods = cut(vector).map((period) => ({
        start: Instant.format(period.startAtMs).replace(".000Z", "Z"),
        ...(period.energyMilliWh > 0 && { ENERGY: period.energyMilliWh / 1_000_000 }),
        ...(period.chargingMs > 0 && { TIME: hours(period.chargingMs) }),
        ...(period.parkingMs > 0 && { PARKING_TIME: hours(period.parkingMs) })
      }))
      assert.deepStrictEqual(periods as ReadonlyArray<unknown>, vector.expected.periods)
    })
  }

  it("all four were there", () => {
    assert.strictEqual(segmentations.length, 4)
  })
})

const flatRate = compiledOf(tariffOf([energyPrice(0.3)]))

const session = (over: Partial<SessionTelemetry> = {}): SessionTelemetry => ({
  startedAtMs: noon,
  endedAtMs: noon + 2 * hour,
  samples: [
    { atMs: noon, registerWh: 5_000 },
    { atMs: noon + hour, registerWh: 16_000 },
    { atMs: noon + 2 * hour, registerWh: 16_000 }
  ],
  states: [{ atMs: noon, state: "Charging" }],
  ...over
})

describe("what is parking", () => {
  const parked = (states: SessionTelemetry["states"]) =>
    chargingPeriods(flatRate, session({ states })).map((it) => [it.startAtMs - noon, it.chargingMs, it.parkingMs])

  it("a suspended vehicle parks, a suspended station does not", () => {
    assert.deepStrictEqual(
      parked([
        { atMs: noon, state: "Charging" },
        { atMs: noon + 30 * minute, state: "SuspendedEVSE" },
        { atMs: noon + 60 * minute, state: "SuspendedEV" },
        { atMs: noon + 90 * minute, state: "Charging" }
      ]),
      [
        [0, 60 * minute, 0],
        [60 * minute, 0, 30 * minute],
        [90 * minute, 30 * minute, 0]
      ]
    )
  })

  it("a connected car waits before its first charging and parks after it", () => {
    assert.deepStrictEqual(
      parked([
        { atMs: noon - minute, state: "EVConnected" },
        { atMs: noon + 10 * minute, state: "Charging" },
        { atMs: noon + 70 * minute, state: "EVConnected" },
        { atMs: noon + 80 * minute, state: "Idle" }
      ]),
      [
        [0, 70 * minute, 0],
        [70 * minute, 0, 50 * minute]
      ]
    )
  })

  it("a session that tells no states is all charging time", () => {
    assert.deepStrictEqual(parked([]), [[0, 2 * hour, 0]])
  })

  it("a state change after the end changes nothing", () => {
    assert.deepStrictEqual(parked([{ atMs: noon + 3 * hour, state: "SuspendedEV" }]), [[0, 2 * hour, 0]])
  })
})

describe("where a session is cut", () => {
  const starts = (elements: Parameters<typeof tariffOf>[0], telemetry = session(), zone = "UTC") =>
    chargingPeriods(compiledOf(tariffOf(elements), zone), telemetry).map((it) => it.startAtMs - telemetry.startedAtMs)

  it("at a kWh threshold, to the mWh, although it falls inside a millisecond", () => {
    const tiers = [{ ...energyPrice(0.1), restrictions: { max_kwh: 7.000001 } }, energyPrice(0.3)]
    const periods = chargingPeriods(compiledOf(tariffOf(tiers)), session())
    assert.deepStrictEqual(
      periods.map((it) => it.energyMilliWh),
      [7_000_001, 3_999_999]
    )
  })

  it("at every kWh threshold that one instant's jump of the register passes", () => {
    const tiers = [
      { ...energyPrice(0.1), restrictions: { max_kwh: 2 } },
      { ...energyPrice(0.2), restrictions: { max_kwh: 4 } },
      energyPrice(0.3)
    ]
    const samples = [
      { atMs: noon, registerWh: 0 },
      { atMs: noon + hour, registerWh: 0 },
      { atMs: noon + hour, registerWh: 5_000 }
    ]
    const periods = chargingPeriods(compiledOf(tariffOf(tiers)), session({ samples }))
    assert.deepStrictEqual(
      periods.map((it) => [it.energyMilliWh, it.chargingMs]),
      [
        [2_000_000, hour],
        [2_000_000, 0],
        [1_000_000, hour]
      ]
    )
    assert.strictEqual(rate(compiledOf(tariffOf(tiers)), periods).netMinor, 90n)
  })

  it("at a duration, not where another element would give the same price component", () => {
    assert.deepStrictEqual(starts([{ ...energyPrice(0), restrictions: { max_duration: 1800 } }, energyPrice(0.3)]), [
      0,
      30 * minute
    ])
    assert.deepStrictEqual(
      starts([energyPrice(0.3), { ...energyPrice(0), restrictions: { max_duration: 1800 } }]),
      [0],
      "an element behind an unrestricted one never prices"
    )
  })

  it("not at a wall-clock time of parking while the car charges", () => {
    const parking = (price: number, restrictions: object) => ({
      price_components: [{ type: "PARKING_TIME", price, step_size: 1 }],
      restrictions
    })
    const elements = [energyPrice(0.3), parking(1, { start_time: "12:30", end_time: "13:30" })]
    assert.deepStrictEqual(starts(elements), [0])
    const states: SessionTelemetry["states"] = [
      { atMs: noon, state: "Charging" },
      { atMs: noon + hour, state: "SuspendedEV" }
    ]
    assert.deepStrictEqual(starts(elements, session({ states })), [0, 60 * minute, 90 * minute])
  })

  it("at local midnight for a weekday price, also when the clock changes that night", () => {
    const sunday = [{ ...energyPrice(0.1), restrictions: { day_of_week: ["SUNDAY"] } }, energyPrice(0.3)]
    const startedAtMs = instant("2024-03-30T22:00:00Z")
    const telemetry: SessionTelemetry = {
      startedAtMs,
      endedAtMs: startedAtMs + 30 * hour,
      samples: [
        { atMs: startedAtMs, registerWh: 0 },
        { atMs: startedAtMs + 30 * hour, registerWh: 30_000 }
      ],
      states: []
    }
    assert.deepStrictEqual(starts(sunday, telemetry, "Europe/Berlin"), [0, 1 * hour, 24 * hour])
  })

  it("twice at a wall-clock time that the clock shows twice", () => {
    const night = [{ ...energyPrice(0.1), restrictions: { start_time: "02:30", end_time: "02:45" } }, energyPrice(0.3)]
    const startedAtMs = instant("2024-10-26T23:00:00Z")
    const telemetry: SessionTelemetry = {
      startedAtMs,
      endedAtMs: startedAtMs + 5 * hour,
      samples: [
        { atMs: startedAtMs, registerWh: 0 },
        { atMs: startedAtMs + 5 * hour, registerWh: 5_000 }
      ],
      states: []
    }
    const expected = [0, 90, 105, 150, 165].map((it) => it * minute)
    assert.deepStrictEqual(starts(night, telemetry, "Europe/Berlin"), expected)
  })

  it("at the change of the clock that skips the begin of a time window", () => {
    const early = [{ ...energyPrice(0.1), restrictions: { start_time: "02:30", end_time: "04:00" } }, energyPrice(0.3)]
    const startedAtMs = instant("2024-03-31T00:00:00Z")
    const telemetry = session({ startedAtMs, endedAtMs: startedAtMs + 4 * hour, samples: [] })
    assert.deepStrictEqual(starts(early, telemetry, "Europe/Berlin"), [0, hour, 2 * hour])
  })

  it("where the power crosses a threshold, and so that a range never matches what no moment did", () => {
    const elements = [{ ...energyPrice(0.9), restrictions: { min_power: 20, max_power: 30 } }, energyPrice(0.3)]
    const samples = [10_000, 20_000, 29_999, 40_000, 10_000].map((powerW, index) => ({
      atMs: noon + index * 24 * minute,
      registerWh: index * 1_000,
      powerW
    }))
    const telemetry = session({ samples })
    assert.deepStrictEqual(
      starts(elements, telemetry).map((it) => it / minute),
      [0, 24, 72, 96]
    )
    const compiled = compiledOf(tariffOf(elements))
    const prices = rate(compiled, chargingPeriods(compiled, telemetry)).lines.map((line) => line.unitPriceMicros)
    assert.deepStrictEqual(prices, [300_000, 900_000, 300_000])
  })
})

describe("the register", () => {
  const energies = (over: Partial<SessionTelemetry>) => {
    const tiers = [{ ...energyPrice(0.1), restrictions: { max_duration: 3600 } }, energyPrice(0.3)]
    return chargingPeriods(compiledOf(tariffOf(tiers)), session(over)).map((it) => it.energyMilliWh)
  }

  it("counts from the first sample, or from the register given for the start", () => {
    const samples = [{ atMs: noon + 2 * hour, registerWh: 9_000 }]
    assert.deepStrictEqual(energies({ samples }), [0, 0])
    assert.deepStrictEqual(energies({ samples, meterStartWh: 1_000 }), [4_000_000, 4_000_000])
  })

  it("loses nothing when the last reading is stamped after the end", () => {
    const samples = [
      { atMs: noon, registerWh: 0 },
      { atMs: noon + 2 * hour + minute, registerWh: 8_000 }
    ]
    assert.deepStrictEqual(energies({ samples }), [4_000_000, 4_000_000])
  })

  it("does not take back what was used when it falls", () => {
    const samples = [101, 103, 100, 101].map((registerWh, index) => ({
      atMs: noon + index * 30 * minute,
      registerWh: registerWh * 1000
    }))
    assert.deepStrictEqual(energies({ samples }), [2_000_000, 1_000_000])
  })

  it("reaches an amount in the first millisecond in which that much was used", () => {
    const rises = fc.array(fc.record({ ms: fc.nat(10 ** 9), wh: fc.nat(10 ** 9) }), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(rises, fc.nat(999), (steps, share) => {
        const samples = [{ atMs: noon, registerWh: 0 }]
        for (const { ms, wh } of steps) {
          const last = samples[samples.length - 1]!
          samples.push({ atMs: last.atMs + ms, registerWh: last.registerWh + wh })
        }
        const curve = makeCurve(noon, samples[samples.length - 1]!.atMs, { samples })
        const energyMilliWh = Math.ceil((curve.totalMilliWh / 1000) * share)
        const atMs = curve.reachedAtMs(energyMilliWh)!
        assert.isAtLeast(curve.energyAt(atMs), energyMilliWh)
        if (atMs > noon) assert.isBelow(curve.energyAt(atMs - 1), energyMilliWh)
        assert.isUndefined(curve.reachedAtMs(curve.totalMilliWh + 1))
      })
    )
  })

  it("is exact where the product of energy and time leaves the safe integers", () => {
    const samples = [
      { atMs: noon, registerWh: 0 },
      { atMs: noon + 300 * 24 * hour, registerWh: 3_000_000_001 }
    ]
    const [first, second] = energies({ samples, endedAtMs: noon + 300 * 24 * hour })
    assert.strictEqual(first, Number((3_000_000_001_000n * 3_600_000n) / 25_920_000_000n))
    assert.strictEqual(first! + second!, 3_000_000_001_000)
  })
})

describe("laws of cutting", () => {
  const compiled = compiledOf(
    tariffOf([
      {
        price_components: [
          { type: "ENERGY", price: 0.2, step_size: 1 },
          { type: "TIME", price: 1, step_size: 1 }
        ],
        restrictions: { start_time: "22:00", end_time: "06:00", max_kwh: 15 }
      },
      { ...energyPrice(0.25), restrictions: { min_power: 11, day_of_week: ["SATURDAY", "SUNDAY"] } },
      { price_components: [{ type: "PARKING_TIME", price: 3, step_size: 1 }], restrictions: { min_duration: 7200 } },
      energyPrice(0.4)
    ]),
    "Europe/Berlin"
  )
  const state = fc.constantFrom<ChargingState>("Charging", "EVConnected", "SuspendedEV", "SuspendedEVSE", "Idle")
  const telemetry: fc.Arbitrary<SessionTelemetry> = fc
    .record({
      startedAtMs: fc.integer({ min: noon, max: noon + 365 * 24 * hour }),
      durationMs: fc.integer({ min: 0, max: 40 * hour }),
      steps: fc.array(fc.record({ at: fc.nat(1000), rise: fc.nat(20_000), powerW: fc.option(fc.nat(50_000)) }), {
        maxLength: 20
      }),
      states: fc.array(fc.record({ at: fc.nat(1000), state }), { maxLength: 8 })
    })
    .map(({ startedAtMs, durationMs, steps, states }) => {
      const at = (part: number) => startedAtMs + Math.floor((durationMs * part) / 1000)
      let registerWh = 1_000
      return {
        startedAtMs,
        endedAtMs: startedAtMs + durationMs,
        samples: [{ atMs: startedAtMs, registerWh: 1_000, powerW: null }].concat(
          [...steps]
            .sort((a, b) => a.at - b.at)
            .map((step) => {
              registerWh += step.rise
              return { atMs: at(step.at), registerWh, powerW: step.powerW as null }
            })
        ),
        states: [...states].sort((a, b) => a.at - b.at).map((it) => ({ atMs: at(it.at), state: it.state }))
      }
    })

  it("periods join without gap or overlap and add up to the session's time and energy", () => {
    fc.assert(
      fc.property(telemetry, (it) => {
        const periods = chargingPeriods(compiled, it)
        let atMs = it.startedAtMs
        let energyMilliWh = 0
        for (const period of periods) {
          assert.strictEqual(period.startAtMs, atMs)
          assert.strictEqual(period.chargingMs + period.parkingMs, period.endAtMs - period.startAtMs)
          assert.isAtLeast(period.energyMilliWh, 0)
          assert.isTrue(Number.isSafeInteger(period.energyMilliWh))
          atMs = period.endAtMs
          energyMilliWh += period.energyMilliWh
        }
        assert.strictEqual(atMs, it.endedAtMs)
        const last = it.samples[it.samples.length - 1]!
        assert.strictEqual(energyMilliWh, (last.registerWh - 1_000) * 1000)
      })
    )
  })

  it("no period spans a change of price", () => {
    fc.assert(
      fc.property(telemetry, (it) => {
        const notes = rate(compiled, chargingPeriods(compiled, it)).notes
        assert.deepStrictEqual(
          notes.filter((note) => note.startsWith("period")),
          []
        )
      })
    )
  })
})
