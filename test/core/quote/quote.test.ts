import { assert, describe, it } from "@effect/vitest"
import { priceOf } from "#core/billing/priceOf.ts"
import { type Plan, type QuoteCar, usualCurve } from "#core/quote/course.ts"
import { quote } from "#core/quote/quote.ts"
import type { CompiledTariff } from "#core/tariff/compile.ts"
import { assess } from "#core/transaction/assess.ts"
import type { Sample } from "#core/transaction/Sample.ts"
import { begin, evolve, type TransactionFact } from "#core/transaction/Transaction.ts"
import { efficiencyPermille, models, type Supply } from "#simulator/vehicle/Car.ts"
import { Charge } from "#simulator/vehicle/Charge.ts"
import { Meter } from "#simulator/vehicle/Meter.ts"
import fc from "#test/support/fastCheck.ts"
import { compiledOf, tariffOf } from "../tariff/fixtures.ts"

const minute = 60_000
const hour = 60 * minute
const noonMs = Date.UTC(2026, 2, 4, 12)

const plan = (over: Partial<Plan> = {}): Plan => ({
  fromMs: noonMs,
  untilMs: noonMs + 2 * hour,
  chargerPowerW: 11_000,
  car: null,
  energyLimitWh: null,
  ...over
})

const kinds = (compiled: CompiledTariff, of: Plan) =>
  quote(compiled, of).branches.map(({ kind, atMs }) => [kind, (atMs - noonMs) / minute])

/** The bill of a simulated car that does what the plan says, metered once a minute. */
const billOf = (
  compiled: CompiledTariff,
  of: Plan,
  car: Omit<ConstructorParameters<typeof Charge>[0], "meter" | "atMs">
) => {
  const meter = new Meter(123_456)
  const charge = new Charge({ ...car, meter, atMs: of.fromMs })
  charge.offer(of.fromMs, { watts: of.chargerPowerW })
  const sampleAt = (atMs: number, context: Sample["context"]): TransactionFact => {
    const { registerWh, powerW } = charge.read(atMs)
    const rest = { currentMa: null, voltageMv: null, socPercent: null, extra: null, seqNo: null }
    return { _tag: "Sampled", samples: [{ atMs, context, registerWh, powerW, ...rest }], seqNo: null }
  }
  const state = (atMs: number): TransactionFact => ({
    _tag: "StateChanged",
    atMs,
    state: charge.state(atMs),
    seqNo: null
  })
  const turnsAtMs = charge.turnsAtMs() ?? Number.POSITIVE_INFINITY
  const facts: Array<TransactionFact> = [
    {
      _tag: "Started",
      atMs: of.fromMs,
      receivedAtMs: of.fromMs,
      seqNo: null,
      offline: false,
      evseId: 1,
      connectorId: 1,
      priorRegisterWh: null,
      remoteStartId: null,
      reservationId: null
    },
    state(of.fromMs),
    sampleAt(of.fromMs, "Begin")
  ]
  for (let atMs = of.fromMs + minute; atMs < of.untilMs + minute; atMs += minute) {
    const turnsHere = turnsAtMs <= atMs && turnsAtMs > atMs - minute && turnsAtMs < of.untilMs
    if (turnsHere) facts.push(state(turnsAtMs), sampleAt(turnsAtMs, "Trigger"))
    if (turnsAtMs !== atMs && atMs < of.untilMs) facts.push(sampleAt(atMs, "Periodic"))
  }
  facts.push(sampleAt(of.untilMs, "End"), {
    _tag: "Ended",
    atMs: of.untilMs,
    receivedAtMs: of.untilMs,
    seqNo: null,
    reason: "Local",
    token: null,
    byStranger: false
  })
  const transaction = facts.reduce(
    evolve,
    begin({
      id: "t",
      stationId: "S",
      dialect: "2.0.1",
      ocppId: "x",
      startKey: null,
      evseId: 1,
      connectorId: 1,
      tariff: { id: "T", version: 1, groups: [] },
      timeZone: "UTC"
    })
  )
  return priceOf(compiled, assess(transaction), [])
}

const supplies = {
  wallbox: { kind: "AC", phases: 3, maxAmps: 16 },
  fast: { kind: "DC", maxWatts: 150_000, maxAmps: 500 }
} as const satisfies Record<string, Supply>

const cars = fc.record({
  model: fc.constantFrom("compact", "saloon", "van"),
  supply: fc.constantFrom("wallbox", "fast"),
  arrivalPercent: fc.integer({ min: 3, max: 90 }),
  targetPercent: fc.integer({ min: 60, max: 100 }),
  minutes: fc.integer({ min: 5, max: 400 })
} as const)

const flat = tariffOf([
  {
    price_components: [
      { type: "ENERGY", price: 0.593, vat: 19, step_size: 100 },
      { type: "TIME", price: 1.2, vat: 19, step_size: 60 },
      { type: "PARKING_TIME", price: 6, vat: 19, step_size: 300 },
      { type: "FLAT", price: 0.35, vat: 7 }
    ]
  }
])

/** Prices that change at an hour, at an amount of energy, after a while, and within limits. */
const turning = tariffOf(
  [
    {
      price_components: [{ type: "ENERGY", price: 0.39, vat: 19, step_size: 1 }],
      restrictions: { start_time: "13:00" }
    },
    { price_components: [{ type: "ENERGY", price: 0.45, vat: 19, step_size: 1 }], restrictions: { min_kwh: 10 } },
    {
      price_components: [{ type: "PARKING_TIME", price: 9, vat: 19, step_size: 1 }],
      restrictions: { min_duration: 7200 }
    },
    { price_components: [{ type: "ENERGY", price: 0.59, vat: 19, step_size: 1 }] }
  ],
  { min_price: { before_taxes: 2 }, max_price: { before_taxes: 25 } }
)

describe("a quote", () => {
  for (const [name, tariff, cents] of [
    ["the same price all along: to the cent", flat, 0n],
    // A station's readings are a minute apart, and between them its register is a straight line.
    ["prices that turn on the way: within a cent", turning, 1n]
  ] as const) {
    it(`is the bill of the simulated car that charges as planned, at ${name}`, () => {
      const compiled = compiledOf(tariff)
      fc.assert(
        fc.property(cars, ({ model, supply, arrivalPercent, targetPercent, minutes }) => {
          const spec = models[model]
          const power = supply === "fast" ? 150_000 : 11_040
          const { dc } = spec
          const car: QuoteCar = {
            batteryWh: spec.battery.capacityWh,
            arrivalPercent,
            targetPercent,
            maxPowerW: spec.battery.maxPowerW,
            curve: usualCurve,
            efficiencyPermille: efficiencyPermille[supplies[supply].kind]
          }
          const chargerPowerW = supply === "fast" ? Math.min(power, dc.maxWatts) : power
          const of = plan({ untilMs: noonMs + minutes * minute, chargerPowerW, car })
          const { price } = quote(compiled, of)
          const bill = billOf(compiled, of, {
            car: spec,
            socPercent: arrivalPercent,
            targetPercent,
            supply: supplies[supply]
          })
          const energy = (periods: typeof price.chargingPeriods) =>
            periods.reduce((sum, { energyMilliWh }) => sum + energyMilliWh, 0)
          assert.strictEqual(energy(price.chargingPeriods), energy(bill.chargingPeriods))
          const apart = price.rating.grossMinor - bill.rating.grossMinor
          assert.isTrue(apart <= cents && -apart <= cents, `${price.rating.grossMinor} and ${bill.rating.grossMinor}`)
        }),
        {
          numRuns: 60,
          // It has enough in the last minute, where no reading was due any more.
          examples: [[{ model: "compact", supply: "fast", arrivalPercent: 29, targetPercent: 60, minutes: 10 }]]
        }
      )
    })
  }

  it("tells each turn of the price once, at its instant", () => {
    const compiled = compiledOf(turning)
    // 11 kW: 10 kWh after 54:33, 13:00 an hour on, 22 kWh and enough after two hours; then two more hours of standing.
    const of = plan({ untilMs: noonMs + 4 * hour, energyLimitWh: 22_000 })
    const told = quote(compiled, of).branches
    assert.deepStrictEqual(
      told.map(({ kind, dimension, fromPriceMicros, toPriceMicros }) => [
        kind,
        dimension,
        fromPriceMicros,
        toPriceMicros
      ]),
      [
        ["min-price", null, null, null],
        ["price", "ENERGY", 590_000, 450_000],
        ["price", "ENERGY", 450_000, 390_000],
        ["idle", "PARKING_TIME", null, 9_000_000],
        ["max-price", null, null, null]
      ]
    )
    assert.deepStrictEqual(
      told.map(({ atMs }) => atMs - noonMs),
      // 2.00 net are 3,390 Wh at 0.59: 18:30 at 11 kW. 14.36 net are left of the most: 1:35:44 of standing at 9.
      [1_110_000, 3_272_728, hour, 2 * hour, 2 * hour + 5_745_000]
    )
    assert.strictEqual(told[1]!.energyMilliWh, 10_000_000)
    assert.include(told[3]!.text, "9.00 EUR/h")
  })

  it("tells the end of a grace period and the instant from which a cap holds, and takes the driver's discount", () => {
    const compiled = compiledOf(
      tariffOf(
        [
          {
            price_components: [{ type: "PARKING_TIME", price: 6, step_size: 0 }],
            wattproof: { grace: { seconds: 900, per: "STRETCH" } }
          }
        ],
        {
          wattproof: {
            caps: [{ type: "PARKING_TIME", amount: 5 }],
            discounts: [{ name: "fleet", percent: 20, groups: ["fleet"] }]
          }
        }
      )
    )
    const of = plan({ untilMs: noonMs + 4 * hour, energyLimitWh: 22_000 })
    const { branches, price } = quote(compiled, of, ["fleet"])
    assert.strictEqual(price.rating.grossMinor, 400n)
    assert.deepStrictEqual(
      branches.map((it) => [it.kind, it.atMs - noonMs, it.fromPriceMicros, it.toPriceMicros]),
      [
        ["idle", 2 * hour, null, 0],
        ["price", 2 * hour + 15 * minute, 0, 6_000_000],
        ["cap", 2 * hour + 65 * minute + 1_000, null, null]
      ]
    )
  })

  it("names the surplus of a step at the end, and a limit that is never left not at all", () => {
    const compiled = compiledOf(tariffOf([{ price_components: [{ type: "TIME", price: 6, step_size: 900 }] }]))
    assert.deepStrictEqual(kinds(compiled, plan({ untilMs: noonMs + 20 * minute })), [["step", 20]])
    const [step] = quote(compiled, plan({ untilMs: noonMs + 20 * minute })).branches
    assert.strictEqual(step?.surplus, 10 * minute)
    const least = compiledOf(
      tariffOf([{ price_components: [{ type: "ENERGY", price: 0.5 }] }], { min_price: { before_taxes: 50 } })
    )
    assert.deepStrictEqual(kinds(least, plan()), [])
    assert.strictEqual(quote(least, plan()).price.rating.grossMinor, 5_000n)
  })

  it("shows the price over time up to what the end costs, never falling where no price is negative", () => {
    const { points, price } = quote(compiledOf(turning), plan({ untilMs: noonMs + 5 * hour, energyLimitWh: 30_000 }))
    assert.strictEqual(points.at(-1)?.grossMinor, price.rating.grossMinor)
    assert.isTrue(points.length >= 25)
    for (let index = 1; index < points.length; index++)
      assert.isTrue(points[index]!.grossMinor >= points[index - 1]!.grossMinor)
  })

  it("a car that is full already, or a charger that gives nothing, takes nothing", () => {
    const compiled = compiledOf(flat)
    const car: QuoteCar = {
      batteryWh: 50_000,
      arrivalPercent: 80,
      targetPercent: 80,
      maxPowerW: 100_000,
      curve: usualCurve,
      efficiencyPermille: 910
    }
    const full = quote(compiled, plan({ car }))
    assert.strictEqual(full.fullAtMs, noonMs)
    assert.strictEqual(full.points.at(-1)?.energyMilliWh, 0)
    const dead = quote(compiled, plan({ car: { ...car, arrivalPercent: 10 }, chargerPowerW: 0 }))
    assert.strictEqual(dead.fullAtMs, null)
    assert.strictEqual(dead.points.at(-1)?.energyMilliWh, 0)
  })
})
