import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { optionsOf, presets } from "#simulator/station/presets/Catalogue.ts"
import { models } from "#simulator/vehicle/Car.ts"
import type { FakeCms } from "../FakeCms.ts"
import { compact, inWorld, minuteMs } from "../World.ts"

const strong = { car: models.strong, socPercent: 10, targetPercent: 100 }

type Sampled = {
  readonly value: string
  readonly measurand?: string
  readonly phase?: string
  readonly unit?: string
  readonly context?: string
  readonly format?: string
}

/** The last reading of each connector: measurand to value, totals under their own name and phases behind it. */
const latest = (cms: FakeCms, connectorId: number): ReadonlyMap<string, number> => {
  const readings = cms.of("MeterValues").filter(({ payload }) => payload.connectorId === connectorId)
  const values = readings.at(-1)!.payload.meterValue[0].sampledValue as ReadonlyArray<Sampled>
  return new Map(values.map(({ measurand, phase, value }) => [`${measurand}${phase ?? ""}`, Number(value)]))
}

const { settings, habits } = optionsOf(presets["twin-16"])

it.effect("two cars behind one fuse draw no more than it bears, and one that leaves gives its part to the other", () =>
  inWorld({ hardware: "twin22", settings: { ...settings, sampleIntervalS: 60 }, habits }, ({ cms, station, present }) =>
    Effect.gen(function* () {
      station.plugIn(strong, 1)
      yield* present("AA", 1)
      yield* Effect.sleep("10 minutes")
      assert.strictEqual(latest(cms, 1).get("Current.ImportL1"), 32, "a car alone has all of it")
      station.plugIn(strong, 2)
      yield* present("BB", 2)
      yield* Effect.sleep("10 minutes")
      for (const phase of ["L1", "L2", "L3"]) {
        const amps = [1, 2].map((connector) => latest(cms, connector).get(`Current.Import${phase}`)!)
        assert.deepStrictEqual(amps, [16, 16])
      }
      yield* present("AA", 1)
      yield* Effect.sleep("10 minutes")
      assert.strictEqual(latest(cms, 2).get("Current.ImportL1"), 32, "the other has it at once")
      assert.deepStrictEqual(cms.violations, [])
    })
  )
)

it.effect("a car that has enough leaves its part to the other although it stays", () =>
  inWorld({ hardware: "twin22", settings: { ...settings, sampleIntervalS: 60 }, habits }, ({ cms, station, present }) =>
    Effect.gen(function* () {
      station.plugIn({ ...strong, socPercent: 50, targetPercent: 55 }, 1)
      yield* present("AA", 1)
      station.plugIn(strong, 2)
      yield* present("BB", 2)
      yield* Effect.sleep("5 minutes")
      assert.strictEqual(latest(cms, 2).get("Current.ImportL1"), 16)
      yield* Effect.sleep("55 minutes")
      assert.strictEqual(station.evse(1).phase, "SuspendedEV")
      assert.strictEqual(latest(cms, 2).get("Current.ImportL1"), 32)
    })
  )
)

it.effect("what a twin tells agrees: registers by phase add up, and volts times amperes are the power", () =>
  inWorld({ hardware: "twin22", settings: { ...settings, sampleIntervalS: 60 }, habits }, ({ cms, station, present }) =>
    Effect.gen(function* () {
      station.plugIn(strong, 1)
      yield* present("AA", 1)
      yield* Effect.sleep("30 minutes")
      station.unplug(1)
      yield* Effect.sleep("1 minute")
      const readings = cms.of("MeterValues").map(({ payload }) => payload.meterValue[0])
      assert.isAbove(readings.length, 25)
      const names = ["L1", "L2", "L3"]
      for (const { timestamp, sampledValue } of readings) {
        assert.match(timestamp, /:\d\dZ$/, "no milliseconds")
        const numbers = (sampledValue as ReadonlyArray<Sampled>).filter(({ format }) => format === undefined)
        const values = new Map(
          numbers.map(({ measurand, phase, value }) => [`${measurand}${phase ?? ""}`, Number(value)])
        )
        const sum = (measurand: string) =>
          names.reduce((total, phase) => total + values.get(`${measurand}${phase}`)!, 0)
        assert.approximately(sum("Energy.Active.Import.Register"), values.get("Energy.Active.Import.Register")!, 1e-6)
        assert.approximately(sum("Power.Active.Import"), values.get("Power.Active.Import")!, 1e-6)
        if (values.get("Power.Active.Import") === 0) continue
        const kilowatts = names.map((phase) => values.get(`Voltage${phase}`)! * values.get(`Current.Import${phase}`)!)
        assert.approximately(
          kilowatts.reduce((total, watts) => total + watts / 1000, 0),
          values.get("Power.Active.Import")!,
          0.01
        )
      }
      const [stop] = cms.of("StopTransaction")
      const records = stop!.payload.transactionData.flatMap(
        ({ sampledValue }: { sampledValue: ReadonlyArray<Sampled> }) =>
          sampledValue.filter(({ format }) => format === "SignedData")
      ) as ReadonlyArray<Sampled>
      assert.deepStrictEqual(
        records.map(({ context }) => context),
        ["Transaction.Begin", "Transaction.End"]
      )
      for (const { value } of records) assert.match(value, /^OCMF\|\{.*\}\|\{.*\}$/)
    })
  )
)

it.effect("a charger with two cables and one power stage has one of them Unavailable while the other is in use", () => {
  const duo = optionsOf(presets["duo-50-16"])
  return inWorld({ hardware: "duo50", settings: duo.settings, habits: duo.habits }, ({ cms, station, present }) =>
    Effect.gen(function* () {
      yield* Effect.sleep("1 minute")
      const told = (connectorId: number) =>
        cms
          .of("StatusNotification")
          .filter(({ payload }) => payload.connectorId === connectorId)
          .map(({ payload }) => payload.status as string)
      assert.strictEqual(station.plugIn(strong, 1), "PresentToken")
      assert.isFalse(station.evse(2).isFree)
      assert.strictEqual(station.plugIn(strong, 2), "Refused")
      yield* present("AA", 1)
      assert.deepStrictEqual(yield* present("BB", 2), { _tag: "Refused", why: "Busy" })
      yield* Effect.sleep("20 minutes")
      assert.strictEqual(told(2).at(-1), "Unavailable")
      station.unplug(1)
      yield* Effect.sleep("1 minute")
      assert.strictEqual(told(2).at(-1), "Available")
      assert.isTrue(station.evse(2).isFree)
      const contexts = cms.of("MeterValues").map(({ payload }) => payload.meterValue[0].sampledValue[0].context)
      assert.include(contexts, "Sample.Clock")
    })
  )
})

it.effect("two cars at one 300 kW charger never draw more than its power modules give", () => {
  const hyper = optionsOf(presets["hyper-300-201"])
  const saloon = { car: models.saloon, socPercent: 15, targetPercent: 80 }
  return inWorld(
    { dialect: "2.0.1", hardware: "hyper300", settings: hyper.settings, habits: hyper.habits },
    ({ cms, station, present, timers }) =>
      Effect.gen(function* () {
        yield* Effect.sleep("2 minutes")
        station.plugIn(saloon, 1)
        yield* present("AA", 1)
        yield* Effect.sleep("3 minutes")
        const both = timers.nowAtMs()
        station.plugIn(saloon, 2)
        yield* present("BB", 2)
        yield* Effect.sleep("5 minutes")
        const powers = cms.of("TransactionEvent").flatMap(({ atMs, payload }) => {
          const values = payload.meterValue[0].sampledValue as ReadonlyArray<{ measurand: string; value: number }>
          const power = values.find(({ measurand }) => measurand === "Power.Active.Import")?.value ?? 0
          return [{ atMs, evse: payload.evse.id as number, power, trigger: payload.triggerReason as string }]
        })
        const alone = powers.filter(({ atMs }) => atMs <= both)
        assert.isAbove(Math.max(...alone.map(({ power }) => power)), 200_000)
        const shared = powers.filter(({ atMs, trigger }) => atMs > both + 1_000 && trigger === "MeterValuePeriodic")
        assert.deepStrictEqual([...new Set(shared.map(({ evse }) => evse))].toSorted(), [1, 2])
        for (const { power } of shared) assert.isAtMost(power, 150_000)
        assert.isAbove(Math.max(...shared.map(({ power }) => power)), 140_000)
      })
  )
})

it.effect("a 2.0.1 EVSE with two cables tells of each of them, and which one a car is on", () => {
  const { settings, habits } = optionsOf(presets["hyper-300-201"])
  return inWorld({ dialect: "2.0.1", hardware: "hyper300", settings, habits }, ({ cms, station, present, truth }) =>
    Effect.gen(function* () {
      yield* Effect.sleep("3 minutes")
      const told = () =>
        cms
          .of("StatusNotification")
          .map(({ payload }) => `${payload.evseId}.${payload.connectorId} ${payload.connectorStatus}`)
      assert.deepStrictEqual(told(), ["1.1 Available", "1.2 Available", "2.1 Available", "2.2 Available"])
      cms.heard.length = 0
      station.plugIn({ ...compact, connectorId: 2 }, 1)
      yield* present("CARD-A")
      yield* Effect.sleep("2 minutes")
      assert.deepStrictEqual(told(), ["1.1 Unavailable", "1.2 Occupied"])
      for (const { payload } of cms.of("TransactionEvent")) {
        assert.deepStrictEqual(payload.evse, { id: 1, connectorId: 2 })
      }
      assert.strictEqual(truth.sessions[0]!.connectorId, 2)
      assert.strictEqual(station.evse(1).connectorId, 2)
      assert.strictEqual(station.plugIn(compact, 1), "Refused", "one cable at a time")
      cms.heard.length = 0
      // Both change while nobody listens, and change back: neither's last word replaces the other's.
      station.goOffline(5 * minuteMs)
      yield* present("CARD-A")
      station.unplug(1)
      yield* Effect.sleep("10 minutes")
      assert.deepStrictEqual(told().toSorted(), ["1.1 Available", "1.2 Available"])
      assert.deepStrictEqual(cms.violations, [])
    })
  )
})
