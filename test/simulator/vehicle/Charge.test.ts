import { assert, it } from "@effect/vitest"
import { type ModelName, models, type Supply } from "#simulator/vehicle/Car.ts"
import { Charge, type Limit } from "#simulator/vehicle/Charge.ts"
import { Meter } from "#simulator/vehicle/Meter.ts"
import type { WillSpec } from "#simulator/vehicle/Will.ts"
import fc from "#test/support/fastCheck.ts"

const hourMs = 3_600_000
const ac22: Supply = { kind: "AC", phases: 3, maxAmps: 32 }
const dc150: Supply = { kind: "DC", maxWatts: 150_000, maxAmps: 300 }
const supplies: ReadonlyArray<Supply> = [ac22, { kind: "AC", phases: 1, maxAmps: 16 }, dc150]
const full: Limit = { amps: 1000 }

const plug = (model: ModelName, supply: Supply, socPercent: number, targetPercent = 100, initialWh = 0) => {
  const meter = new Meter(initialWh)
  const charge = new Charge({ car: models[model], socPercent, targetPercent, supply, meter, atMs: 0 })
  return { meter, charge }
}

const situation = fc.record({
  model: fc.constantFrom(...(Object.keys(models) as Array<ModelName>)),
  supply: fc.constantFrom(...supplies),
  socPercent: fc.double({ min: 0, max: 100, noNaN: true }),
  targetPercent: fc.integer({ min: 50, max: 100 })
})
/** What happens to a charge: limits, pauses of the car, at whole milliseconds after each other. */
const history = fc.array(
  fc.tuple(
    fc.nat(2 * hourMs),
    fc.oneof(
      fc.nat(40).map((amps): Limit => ({ amps })),
      fc.nat(160_000).map((watts): Limit => ({ watts })),
      fc.boolean()
    )
  ),
  { maxLength: 8 }
)

it("how often and when somebody looks changes no figure", () => {
  fc.assert(
    fc.property(situation, history, fc.array(fc.nat(20 * hourMs), { maxLength: 40 }), (given, events, looks) => {
      const live = (instants: ReadonlyArray<number>) => {
        const { charge } = plug(given.model, given.supply, given.socPercent, given.targetPercent, 910_000)
        charge.offer(0, full)
        let atMs = 0
        const left = instants.toSorted((a, b) => a - b)
        for (const [wait, change] of events) {
          atMs += wait
          while (left.length > 0 && left[0]! <= atMs) charge.read(left.shift()!)
          if (typeof change === "boolean") charge.setPausedByCar(atMs, change)
          else charge.offer(atMs, change)
        }
        for (const look of left) charge.read(look)
        return { ...charge.read(21 * hourMs), storedWh: charge.storedWh() }
      }
      assert.deepStrictEqual(live(looks), live([]))
    })
  )
})

it("the energy of an interval is the sum over any partition of it, to the milliwatt-hour", () => {
  fc.assert(
    fc.property(situation, fc.array(fc.nat(12 * hourMs), { minLength: 1, maxLength: 50 }), (given, cuts) => {
      const { charge } = plug(given.model, given.supply, given.socPercent, given.targetPercent, 5)
      charge.offer(0, full)
      const instants = [0, ...cuts.toSorted((a, b) => a - b)]
      const registers = instants.map((atMs) => charge.read(atMs).registerMilliWh)
      const parts = registers.slice(1).map((register, index) => register - registers[index]!)
      for (const part of parts) assert.isAtLeast(part, 0)
      const whole = plug(given.model, given.supply, given.socPercent, given.targetPercent, 5)
      whole.charge.offer(0, full)
      assert.strictEqual(
        parts.reduce((sum, part) => sum + part, 0),
        whole.charge.read(instants.at(-1)!).registerMilliWh - 5000
      )
    })
  )
})

it("voltage times current times phases is the power, power is within every limit, and what is stored is what was metered less the losses", () => {
  fc.assert(
    fc.property(situation, history, (given, events) => {
      const { charge } = plug(given.model, given.supply, given.socPercent, given.targetPercent)
      const car = models[given.model]
      const startWh = charge.storedWh()
      let atMs = 0
      for (const [wait, change] of events) {
        atMs += wait
        if (typeof change !== "boolean") charge.offer(atMs, change)
        const seen = charge.read(atMs + 1)
        assert.closeTo(seen.volts * seen.amps * seen.phases, seen.powerW, 0.0051 * seen.volts * seen.phases)
        assert.isAtMost(seen.powerW, seen.offeredW)
        if (given.supply.kind === "AC") {
          assert.isAtMost(seen.amps, Math.min(car.ac.maxAmps, given.supply.maxAmps))
          assert.isAtMost(seen.phases, car.ac.phases)
        } else {
          assert.isAtMost(seen.amps, given.supply.maxAmps)
        }
        const efficiency = given.supply.kind === "AC" ? 0.91 : 0.97
        assert.closeTo(charge.storedWh() - startWh, (seen.registerMilliWh / 1000) * efficiency, 0.002)
        assert.isAtMost(seen.socPercent, 100)
      }
    })
  )
})

it("a car charges until its target and not a moment longer, and says beforehand when that is", () => {
  fc.assert(
    fc.property(situation, (given) => {
      const { charge } = plug(given.model, given.supply, given.socPercent, given.targetPercent)
      assert.strictEqual(charge.state(0), "SuspendedEVSE")
      assert.isUndefined(charge.turnsAtMs())
      charge.offer(0, full)
      const endsAtMs = charge.turnsAtMs()
      if (endsAtMs === undefined) {
        assert.strictEqual(charge.state(hourMs), "SuspendedEV")
        assert.strictEqual(charge.read(hourMs).registerMilliWh, 0)
        return
      }
      assert.strictEqual(charge.state(endsAtMs - 1), "Charging")
      assert.strictEqual(charge.state(endsAtMs), "SuspendedEV")
      assert.isAtLeast(charge.read(endsAtMs).socPercent, given.targetPercent - 0.1)
      const register = charge.read(endsAtMs).registerMilliWh
      assert.strictEqual(charge.read(endsAtMs + 100 * hourMs).registerMilliWh, register)
    })
  )
})

it("an hour of 11 kW is 11,000 Wh, on three phases of 16 A", () => {
  const { charge } = plug("saloon", ac22, 10)
  charge.offer(0, { amps: 32 })
  assert.deepStrictEqual(charge.read(hourMs), {
    atMs: hourMs,
    registerWh: 11_040,
    registerMilliWh: 11_040_000,
    exportMilliWh: 0,
    powerW: 11_040,
    volts: 230,
    amps: 16,
    phases: 3,
    ampsByPhase: [16, 16, 16],
    offeredW: 22_080,
    socPercent: 23
  })
})

it("a one-phase car on a three-phase outlet draws from one phase only", () => {
  const { charge } = plug("plugIn", ac22, 10)
  charge.offer(0, { watts: 11_000 })
  const seen = charge.read(1000)
  assert.deepStrictEqual([seen.phases, seen.powerW, seen.amps, seen.offeredW], [1, 3680, 16, 7360])
})

it("less than six amperes is nothing to a car, and the EVSE is to blame for it", () => {
  const { charge } = plug("compact", ac22, 10)
  charge.offer(0, { amps: 5.9 })
  assert.strictEqual(charge.state(1000), "SuspendedEVSE")
  charge.offer(2000, { amps: 6 })
  assert.strictEqual(charge.state(3000), "Charging")
  assert.strictEqual(charge.read(3000).powerW, 4140)
})

it("a car that pauses is to blame itself, and goes on when it likes", () => {
  const { charge } = plug("compact", ac22, 10)
  charge.offer(0, full)
  charge.setPausedByCar(hourMs, true)
  const paused = charge.read(2 * hourMs)
  assert.strictEqual(charge.state(2 * hourMs), "SuspendedEV")
  assert.deepStrictEqual([paused.powerW, paused.registerWh], [0, 11_040])
  charge.setPausedByCar(3 * hourMs, false)
  assert.strictEqual(charge.read(4 * hourMs).registerWh, 22_080)
})

it("fast charging holds its plateau and then tapers, so that the last percents take the longest", () => {
  const { charge } = plug("saloon", dc150, 10)
  charge.offer(0, full)
  const powers: Array<number> = []
  for (let atMs = 0; charge.state(atMs) === "Charging"; atMs += 60_000) powers.push(charge.read(atMs).powerW)
  assert.strictEqual(powers[0], 150_000)
  assert.isBelow(powers.at(-1)!, 20_000)
  assert.deepStrictEqual(
    powers.toSorted((a, b) => b - a),
    powers
  )
})

it("a car without an inlet for direct current refuses it", () => {
  const { charge } = plug("plugIn", dc150, 10)
  charge.offer(0, full)
  assert.strictEqual(charge.state(hourMs), "SuspendedEV")
  assert.strictEqual(charge.read(hourMs).registerWh, 0)
})

it("looking back changes nothing", () => {
  const { charge } = plug("compact", ac22, 10)
  charge.offer(0, full)
  const seen = charge.read(hourMs)
  assert.deepStrictEqual(charge.read(5), seen)
})

const withWill = (will: WillSpec, options: { readonly model?: ModelName; readonly socPercent?: number } = {}) => {
  const meter = new Meter(0)
  const { model = "compact", socPercent = 50 } = options
  const charge = new Charge({ car: models[model], socPercent, targetPercent: 80, supply: ac22, meter, atMs: 0, will })
  charge.offer(0, full)
  return charge
}

it("a car with a timer begins when it means to, and says beforehand when that is", () => {
  const charge = withWill({ idle: [[0, 3 * hourMs]] })
  assert.strictEqual(charge.state(0), "SuspendedEV")
  assert.strictEqual(charge.turnsAtMs(), 3 * hourMs)
  assert.strictEqual(charge.read(3 * hourMs).registerWh, 0)
  assert.strictEqual(charge.state(3 * hourMs), "Charging")
  assert.strictEqual(charge.read(4 * hourMs).registerWh, 11_040)
})

it("a car that refuses draws nothing however long it is offered", () => {
  const charge = withWill({ idle: [[0, Number.POSITIVE_INFINITY]] })
  assert.isUndefined(charge.turnsAtMs())
  assert.strictEqual(charge.state(100 * hourMs), "SuspendedEV")
  assert.strictEqual(charge.read(100 * hourMs).registerMilliWh, 0)
})

it("a car that pauses stops and goes on at the instants it said", () => {
  const charge = withWill({ idle: [[hourMs / 2, hourMs]] })
  assert.strictEqual(charge.turnsAtMs(), hourMs / 2)
  charge.advance(hourMs / 2)
  assert.strictEqual(charge.turnsAtMs(), hourMs)
  charge.advance(hourMs)
  assert.strictEqual(charge.read(1.5 * hourMs).registerWh, 11_040)
})

it("a cabin warmed before the departure is metered after the battery is full, and does not fill it", () => {
  const charge = withWill({ climate: { fromMs: 8 * hourMs, untilMs: 8.5 * hourMs, watts: 2_000 } })
  const doneMs = charge.turnsAtMs()!
  const done = charge.read(doneMs)
  const storedWh = charge.storedWh()
  assert.isBelow(doneMs, 8 * hourMs)
  assert.strictEqual(charge.turnsAtMs(), 8 * hourMs)
  assert.strictEqual(charge.state(8 * hourMs), "Charging")
  const warming = charge.read(8.25 * hourMs)
  assert.strictEqual(warming.powerW, 2_000)
  assert.closeTo(warming.amps * 3 * 230, 2_000, 4)
  const after = charge.read(9 * hourMs)
  assert.strictEqual(after.registerMilliWh - done.registerMilliWh, 1_000_000)
  assert.strictEqual(charge.storedWh(), storedWh)
})

it("looking often changes nothing for a car with a will of its own", () => {
  fc.assert(
    fc.property(
      situation,
      fc.array(fc.nat(4 * hourMs), { minLength: 4, maxLength: 4 }),
      fc.nat(3_000),
      fc.array(fc.nat(15 * hourMs), { maxLength: 30 }),
      (given, waits, watts, looks) => {
        const live = (instants: ReadonlyArray<number>) => {
          const [a, b, c, d] = waits as [number, number, number, number]
          const will = {
            idle: [[0, a] as const, [a + b, a + b + c] as const],
            climate: { fromMs: c, untilMs: c + d, watts }
          }
          const { model, supply, socPercent, targetPercent } = given
          const charge = new Charge({
            car: models[model],
            socPercent,
            targetPercent,
            supply,
            meter: new Meter(7),
            atMs: 0,
            will
          })
          charge.offer(0, full)
          for (const instant of instants.toSorted((x, y) => x - y)) charge.read(instant)
          return { ...charge.read(16 * hourMs), storedWh: charge.storedWh() }
        }
        assert.deepStrictEqual(live(looks), live([]))
      }
    )
  )
})

it("the cable limits what is offered, and a two-phase car leaves the third phase empty", () => {
  const meter = new Meter(0)
  const charge = new Charge({ car: models.twoPhase, socPercent: 10, supply: ac22, cableAmps: 13, meter, atMs: 0 })
  charge.offer(0, full)
  const seen = charge.read(1_000)
  assert.deepStrictEqual(seen.ampsByPhase, [13, 13, 0])
  assert.deepStrictEqual([seen.phases, seen.powerW, seen.offeredW], [2, 5_980, 5_980])
})

it("a car that wants 13 A takes nothing of 12, and it is the car that is to blame", () => {
  const { charge } = plug("choosy", ac22, 10)
  charge.offer(0, { amps: 12 })
  assert.strictEqual(charge.state(1000), "SuspendedEV")
  charge.offer(2000, { amps: 13 })
  assert.strictEqual(charge.read(3000).powerW, 13 * 230 * 3)
})

it("near the end a car draws less than the six amperes it needed to begin", () => {
  const { charge } = plug("plugIn", ac22, 98)
  charge.offer(0, full)
  const seen = charge.read(1000)
  assert.isBelow(seen.amps, 6)
  assert.strictEqual(charge.state(1000), "Charging")
})

const v2x: Supply = { kind: "DC", maxWatts: 11_000, maxAmps: 32, isBidirectional: true }
const spells = fc.array(fc.tuple(fc.nat(3 * hourMs), fc.nat(2 * hourMs)), { minLength: 1, maxLength: 3 }).map((all) => {
  let atMs = 0
  return all.map(([wait, length]): readonly [number, number] => {
    const fromMs = atMs + wait
    atMs = fromMs + length
    return [fromMs, atMs]
  })
})

it("a car that gives energy back falls no lower than its reserve, keeps every limit, and both registers only rise", () => {
  const plans = fc.record({ spells, watts: fc.integer({ min: 500, max: 20_000 }), reservePercent: fc.nat(60) })
  fc.assert(
    fc.property(plans, fc.double({ min: 0, max: 100, noNaN: true }), fc.nat(12_000), (exports, socPercent, limit) => {
      const meter = new Meter(7, 3)
      const make = (counted: Meter) =>
        new Charge({ car: models.compact, socPercent, supply: v2x, will: { exports }, meter: counted, atMs: 0 })
      const charge = make(meter)
      const floor = Math.min(socPercent, exports.reservePercent)
      const startWh = charge.storedWh()
      charge.offer(0, { watts: limit })
      let before = charge.read(0)
      for (let atMs = 0; atMs < 16 * hourMs; atMs += 1_100_000) {
        const seen = charge.read(atMs)
        assert.isAtLeast(seen.registerMilliWh, before.registerMilliWh)
        assert.isAtLeast(seen.exportMilliWh, before.exportMilliWh)
        assert.isAtMost(Math.abs(seen.powerW), Math.min(limit, 11_000))
        assert.isAtLeast(seen.powerW, -Math.min(10_000, exports.watts))
        assert.isAtLeast(seen.socPercent, Math.floor(floor * 10) / 10 - 0.2)
        assert.strictEqual(charge.state(atMs) === "Charging", seen.powerW !== 0)
        before = seen
      }
      const [inWh, outWh] = [meter.readMilliWh() / 1000 - 7, meter.readExportMilliWh() / 1000 - 3]
      assert.approximately(charge.storedWh() - startWh, inWh * 0.97 - outWh * 1.031, 0.01)
      const alone = new Meter(7, 3)
      const unseen = make(alone)
      unseen.offer(0, { watts: limit })
      unseen.read(before.atMs)
      const registers = (one: Meter) => [one.readMilliWh(), one.readExportMilliWh()]
      assert.deepStrictEqual(registers(alone), registers(meter), "how often somebody looks changes no figure")
    }),
    { numRuns: 50 }
  )
})

it("energy flows out at the power agreed on and in again afterwards, and the instant at which it stops is known before", () => {
  const exports = { spells: [[0, 2 * hourMs] as const], watts: 8_000, reservePercent: 50 }
  const meter = new Meter(0)
  const charge = new Charge({ car: models.compact, socPercent: 60, supply: v2x, will: { exports }, meter, atMs: 0 })
  charge.offer(0, { watts: 11_000 })
  const giving = charge.read(60_000)
  assert.deepStrictEqual([giving.powerW, giving.exportMilliWh, giving.registerMilliWh], [-8_000, 133_333, 0])
  assert.approximately(giving.amps * giving.volts, -8_000, 4)
  const emptyAtMs = charge.turnsAtMs()!
  // A tenth of 58 kWh, at 8 kW that cost the battery 8.248 kW.
  assert.approximately(emptyAtMs / hourMs, 5.8 / 8.248, 0.001)
  assert.strictEqual(charge.state(emptyAtMs), "SuspendedEV")
  assert.strictEqual(charge.turnsAtMs(), 2 * hourMs)
  assert.strictEqual(charge.read(2 * hourMs).powerW, 11_000)
})

it("nothing flows out of a car where the outlet cannot take it", () => {
  const exports = { spells: [[0, hourMs] as const], watts: 8_000, reservePercent: 10 }
  const meter = new Meter(0)
  const charge = new Charge({ car: models.compact, socPercent: 60, supply: dc150, will: { exports }, meter, atMs: 0 })
  charge.offer(0, full)
  assert.strictEqual(charge.read(hourMs - 1).exportMilliWh, 0)
})
