import { assert, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import type { TrueDialect } from "#simulator/Truth.ts"
import { type ModelName, models } from "#simulator/vehicle/Car.ts"
import fc from "#test/support/fastCheck.ts"
import type { Heard } from "./FakeCms.ts"
import { compact, inWorld } from "./World.ts"

interface Sampled {
  readonly measurand: string
  readonly context: string
  readonly phase?: string
  readonly value: string | number
}

/** Every register reading the CMS was told, in the order of the meter's timestamps. */
const registers = (heard: ReadonlyArray<Heard>): ReadonlyArray<number> =>
  heard
    .flatMap(({ payload }) => (payload.meterValue ?? payload.transactionData ?? []) as ReadonlyArray<unknown>)
    .map((each) => each as { readonly timestamp: string; readonly sampledValue: ReadonlyArray<Sampled> })
    .toSorted((a, b) => (a.timestamp < b.timestamp ? -1 : a.timestamp > b.timestamp ? 1 : 0))
    .flatMap(({ sampledValue }) => sampledValue.filter((each) => each.measurand === "Energy.Active.Import.Register"))
    .map((each) => Number(each.value))

const situation = fc.record({
  dialect: fc.constantFrom<TrueDialect>("1.6", "2.0.1", "2.1"),
  hardware: fc.constantFrom("street22", "wallbox7", "fast50", "fast150"),
  model: fc.constantFrom(...(Object.keys(models) as Array<ModelName>)),
  socPercent: fc.integer({ min: 5, max: 90 }),
  minutes: fc.integer({ min: 0, max: 180 }),
  seconds: fc.nat(59),
  sampleIntervalS: fc.constantFrom(0, 7, 60, 900),
  clockAlignedS: fc.constantFrom(0, 300, 900),
  byCard: fc.boolean()
})

it.effect("the readings of a session add up to what its meter and the truth say was delivered", () =>
  Effect.promise(() =>
    fc.assert(
      fc.asyncProperty(situation, async (given) => {
        const { dialect, hardware, sampleIntervalS, clockAlignedS } = given
        const exit = await Effect.runPromiseExit(
          inWorld(
            { dialect, hardware, settings: { sampleIntervalS, clockAlignedS } },
            ({ cms, station, present, truth }) =>
              Effect.gen(function* () {
                const { socPercent, minutes, seconds, byCard } = given
                station.plugIn({ car: models[given.model], socPercent, targetPercent: 80 }, 1)
                yield* present("AA")
                yield* Effect.sleep(`${minutes * 60 + seconds} seconds`)
                if (byCard) yield* present("AA")
                station.unplug(1)
                yield* Effect.sleep("1 minute")
                const [session] = truth.sessions
                const told = registers(cms.heard)
                const steps = told.slice(1).map((register, index) => register - told[index]!)
                assert.isTrue(steps.every((step) => step >= 0))
                const sum = steps.reduce((total, step) => total + step, 0)
                assert.strictEqual(sum, session!.meterStopWh! - session!.meterStartWh)
                assert.closeTo(sum, session!.deliveredMilliWh / 1000, 1)
                assert.deepStrictEqual(cms.violations, [])
              })
          )
        )
        if (Exit.isFailure(exit)) throw new Error(String(exit.cause))
      }),
      { numRuns: 30 }
    )
  )
)

it.effect("clock-aligned readings come on the quarter hour whatever the session's own clock says", () =>
  inWorld({ settings: { sampleIntervalS: 0, clockAlignedS: 900 } }, ({ cms, station, present }) =>
    Effect.gen(function* () {
      yield* Effect.sleep("7 minutes")
      station.plugIn(compact, 1)
      yield* present("AA")
      yield* Effect.sleep("1 hour")
      const instants = cms
        .of("MeterValues")
        .filter((each) => each.payload.meterValue[0].sampledValue[0].context === "Sample.Clock")
        .map((each) => each.payload.meterValue[0].timestamp.slice(11))
      assert.deepStrictEqual(instants, ["08:15:00.000Z", "08:30:00.000Z", "08:45:00.000Z", "09:00:00.000Z"])
    })
  )
)

it.effect("a DC station tells the battery's state, an AC station three currents, and both what makes their power", () =>
  Effect.gen(function* () {
    const readings = (hardware: "fast150" | "street22") =>
      inWorld({ hardware }, ({ cms, station, present }) =>
        Effect.gen(function* () {
          station.plugIn(compact, 1)
          yield* present("AA")
          yield* Effect.sleep("90 seconds")
          return cms.of("MeterValues").at(-1)!.payload.meterValue[0].sampledValue as ReadonlyArray<Sampled>
        })
      )
    const of = (sampled: ReadonlyArray<Sampled>, measurand: string) =>
      sampled.filter((each) => each.measurand === measurand).map((each) => Number(each.value))
    const dc = yield* readings("fast150")
    assert.strictEqual(of(dc, "SoC").length, 1)
    assert.closeTo(of(dc, "Voltage")[0]! * of(dc, "Current.Import")[0]!, of(dc, "Power.Active.Import")[0]!, 5)
    const ac = yield* readings("street22")
    assert.deepStrictEqual(of(ac, "SoC"), [])
    assert.deepStrictEqual(of(ac, "Current.Import"), [16, 16, 16])
    assert.deepStrictEqual(of(ac, "Power.Active.Import"), [3 * 16 * 230])
  })
)

it.effect("a clock that is an hour ahead shows in every timestamp and in the truth alike", () =>
  inWorld({ habits: { clockSkewMs: 3_600_000 } }, ({ cms, station, present, truth, timers }) =>
    Effect.gen(function* () {
      const trueAtMs = timers.nowAtMs()
      station.plugIn(compact, 1)
      yield* present("AA")
      yield* Effect.sleep("90 seconds")
      const start = Date.parse(cms.of("StartTransaction")[0]!.payload.timestamp)
      assert.closeTo(start - trueAtMs, 3_600_000, 1_000)
      assert.strictEqual(truth.sessions[0]!.startedAtMs, start)
      assert.strictEqual(cms.of("MeterValues").length, 2)
    })
  )
)
