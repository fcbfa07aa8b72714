import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as Instant from "#core/Instant.ts"
import { compile } from "#core/tariff/compile.ts"
import { chargingPeriods } from "#core/tariff/Periods.ts"
import { rate } from "#core/tariff/rate.ts"
import { Tariff } from "#core/tariff/Tariff.ts"
import {
  type OcpiPriceComponent,
  type OcpiTariff,
  parkedMsOf,
  slowRange,
  slowRate,
  versionAt
} from "#simulator/oracles/SlowRater.ts"
import { byTime, staysOf } from "#test/core/tariff/extras/stays.ts"
import fc from "#test/support/fastCheck.ts"
import { options } from "../rater/generated.ts"

const tariffOf = (components: ReadonlyArray<OcpiPriceComponent>, more: Partial<OcpiTariff> = {}): OcpiTariff => ({
  id: "T",
  currency: "EUR",
  elements: [{ price_components: components }],
  ...more
})

describe("slowRate", () => {
  const cases: ReadonlyArray<
    readonly [string, OcpiTariff, Parameters<typeof slowRate>[1], readonly [net: bigint, tax: bigint, gross: bigint]]
  > = [
    [
      "prices kWh",
      tariffOf([{ type: "ENERGY", price: 0.25, vat: 10 }]),
      { energyWh: 20_000, durationMs: 0, parkedMs: 0 },
      [500n, 50n, 550n]
    ],
    [
      "prices charging and parked time apart",
      tariffOf([
        { type: "TIME", price: 2 },
        { type: "PARKING_TIME", price: 5 }
      ]),
      { energyWh: 0, durationMs: 9_000_000, parkedMs: 3_600_000 },
      [800n, 0n, 800n]
    ],
    [
      "takes the tax out of a price that includes it",
      tariffOf([{ type: "FLAT", price: "1.19", vat: 19 }], { tax_included: "YES" }),
      { energyWh: 0, durationMs: 1, parkedMs: 0 },
      [100n, 19n, 119n]
    ],
    [
      "rounds a half cent up, once, at the end",
      tariffOf([
        { type: "ENERGY", price: 0.0025 },
        { type: "FLAT", price: 0.0025 }
      ]),
      { energyWh: 1000, durationMs: 1, parkedMs: 0 },
      [1n, 0n, 1n]
    ],
    [
      "bills whole steps, of the parking when there was any",
      tariffOf([
        { type: "TIME", price: 3.6, step_size: 600 },
        { type: "PARKING_TIME", price: 3.6, step_size: 600 }
      ]),
      { energyWh: 0, durationMs: 61_000, parkedMs: 1_000 },
      [66n, 0n, 66n]
    ],
    [
      "uses the first element that prices a dimension",
      tariffOf([], {
        elements: [
          { price_components: [{ type: "FLAT", price: 1 }] },
          { price_components: [{ type: "FLAT", price: 2 }] }
        ]
      }),
      { energyWh: 0, durationMs: 1, parkedMs: 0 },
      [100n, 0n, 100n]
    ]
  ]
  for (const [what, tariff, charge, [netMinor, taxMinor, grossMinor]] of cases) {
    it(what, () => {
      assert.deepStrictEqual(slowRate(tariff, charge), { currency: "EUR", netMinor, taxMinor, grossMinor })
    })
  }

  it("refuses a tariff that it cannot judge rather than guess", () => {
    const restricted = { price_components: [{ type: "FLAT" as const, price: 1 }], restrictions: { min_kwh: 1 } }
    const charge = { energyWh: 1, durationMs: 1, parkedMs: 0 }
    assert.throws(() => slowRate(tariffOf([], { elements: [restricted] }), charge), /restrictions/)
  })
})

it("follows the clock, the calendar and the parking of a timeline to the last cent, as the CMS does", () => {
  let priced = 0
  fc.assert(
    fc.property(byTime, staysOf(7_919), options, (json, stay, { timeZone }) => {
      fc.pre(stay.endedAtMs > stay.startedAtMs)
      const { startedAtMs, endedAtMs, states } = stay
      const compiled = Result.getOrThrow(compile(Result.getOrThrow(Tariff.decode(json)), timeZone))
      const theirs = rate(compiled, chargingPeriods(compiled, stay))
      const range = slowRange(json, {
        energyWh: 0,
        durationMs: endedAtMs - startedAtMs,
        parkedMs: parkedMsOf(states, endedAtMs),
        timeline: { startedAtMs, endedAtMs, states, timeZone }
      })
      assert.strictEqual(range.most.grossMinor, theirs.grossMinor)
      assert.strictEqual(range.most.netMinor, theirs.netMinor)
      assert.isTrue(range.least.grossMinor <= range.most.grossMinor)
      priced += theirs.grossMinor > 0n ? 1 : 0
    }),
    { numRuns: 80, seed: 5 }
  )
  assert.isAbove(priced, 30)
})

const hundredths = (max: number) => fc.integer({ min: 0, max }).map((cents) => cents / 100)
const component = (type: OcpiPriceComponent["type"]) =>
  fc.option(
    fc.record({
      type: fc.constant(type),
      price: hundredths(1000),
      vat: fc.constantFrom(0, 7, 19, 20, 8.1),
      step_size: fc.constantFrom(0, 1, 60, 900)
    }),
    { nil: undefined }
  )

it("agrees with the CMS's own engine on every tariff that both can price", () => {
  const tariffs = fc
    .record({
      components: fc.tuple(component("ENERGY"), component("TIME"), component("PARKING_TIME"), component("FLAT")),
      tax_included: fc.constantFrom("YES" as const, "NO" as const, "N/A" as const),
      currency: fc.constantFrom("EUR", "JPY", "KWD")
    })
    .map(({ components, ...more }) =>
      tariffOf(
        components.flatMap((it) => it ?? []),
        more
      )
    )
    .filter(({ elements }) => elements[0]!.price_components.length > 0)
  const charges = fc.record({
    energyWh: fc.integer({ min: 0, max: 200_000 }),
    chargingMs: fc.integer({ min: 0, max: 40_000_000 }),
    parkedMs: fc.integer({ min: 0, max: 40_000_000 })
  })
  fc.assert(
    fc.property(tariffs, charges, (tariff, { energyWh, chargingMs, parkedMs }) => {
      const compiled = Result.getOrThrow(compile(Result.getOrThrow(Tariff.parse(tariff)), "UTC"))
      const none = { reservedMs: 0, minPowerW: null, maxPowerW: null, minCurrentMa: null, maxCurrentMa: null }
      const rating = rate(compiled, [
        { ...none, startAtMs: 0, endAtMs: chargingMs, energyMilliWh: energyWh * 1000, chargingMs, parkingMs: 0 },
        {
          ...none,
          startAtMs: chargingMs,
          endAtMs: chargingMs + parkedMs,
          energyMilliWh: 0,
          chargingMs: 0,
          parkingMs: parkedMs
        }
      ])
      const { currency, netMinor, taxMinor, grossMinor } = rating
      const slow = slowRate(tariff, { energyWh, durationMs: chargingMs + parkedMs, parkedMs })
      assert.deepStrictEqual(slow, { currency, netMinor, taxMinor, grossMinor })
    }),
    { numRuns: 300, seed: 1 }
  )
})

it("a car parks once it has charged, or when it pauses itself; waiting and the station's pauses are not parking", () => {
  const states = [
    { atMs: 0, state: "EVConnected" },
    { atMs: 10, state: "Charging" },
    { atMs: 30, state: "SuspendedEVSE" },
    { atMs: 70, state: "SuspendedEV" },
    { atMs: 150, state: "Charging" },
    { atMs: 160, state: "EVConnected" }
  ]
  assert.strictEqual(parkedMsOf(states, 1000), 80 + 840)
  assert.strictEqual(parkedMsOf([{ atMs: 0, state: "SuspendedEV" }], 5), 5)
})

it("the version that is valid at the start prices a session", () => {
  const first = tariffOf([], { version: 1, end_date_time: Instant.format(1000) })
  const second = tariffOf([], { version: 2, start_date_time: Instant.format(1000) })
  assert.strictEqual(versionAt([first, second], 999), first)
  assert.strictEqual(versionAt([first, second], 1000), second)
  assert.isUndefined(versionAt([{ ...second, start_date_time: Instant.format(5000) }], 1000))
})
