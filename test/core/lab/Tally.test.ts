import { assert, describe, it } from "@effect/vitest"
import { partsOf } from "#core/lab/json.ts"
import { mergeTally } from "#core/lab/merge.ts"
import { minorOfPico, reactionFigures } from "#core/lab/Outcome.ts"
import type { Session } from "#core/lab/Session.ts"
import { Counter, emptyTally, type Setup, type Tally } from "#core/lab/Tally.ts"
import fc from "#test/support/fastCheck.ts"
import { component, idle, minute, plain, session, setup, t0, tariff } from "./traffic.ts"

const counted = (sessions: ReadonlyArray<Session>, given: Setup = setup()): Tally => {
  const counter = new Counter(given)
  for (const it of sessions) counter.add(it)
  return counter.tally
}

const anySession: fc.Arbitrary<Session> = fc
  .tuple(fc.nat(60_000), fc.integer({ min: 1, max: 600 }), fc.nat(900), fc.nat(4), fc.nat(3), fc.nat(2_880))
  .map(([energyWh, charge, still, driver, station, late]) =>
    session(`${energyWh}-${charge}-${late}`, energyWh, charge, still, {
      payer: `driver-${driver}`,
      stationId: `CP-${station}`,
      siteId: `site-${station % 2}`,
      atMs: t0 + late * minute
    })
  )
const someSessions = fc.array(anySession, { maxLength: 25 })

const limited = tariff("LIMITED", [{ price_components: [component("ENERGY", 0.31), component("FLAT", 0.7)] }], {
  max_price: { before_taxes: 9 },
  min_price: { before_taxes: 1.5 }
})

const sum = (amounts: Iterable<bigint>): bigint => [...amounts].reduce((total, it) => total + it, 0n)

describe("a tally", () => {
  it("tells what was free, capped and discounted, and what follows a price series, as parts of their own", () => {
    const wattproof = {
      caps: [{ type: "PARKING_TIME", amount: 5 }],
      discounts: [{ name: "fleet", percent: 50, groups: ["fleet"] }],
      energy_prices: {
        prices: [0, 30].map((late) => ({
          start_date_time: new Date(t0 + late * minute).toISOString(),
          price: late === 0 ? 0.2 : 0.4
        })),
        end_date_time: new Date(t0 + 60 * minute).toISOString()
      }
    }
    const extra = tariff(
      "EXTRA",
      [
        {
          price_components: [component("ENERGY", 0.5), component("PARKING_TIME", 6)],
          wattproof: { energy_prices: true, grace: { seconds: 900, per: "STRETCH" } }
        }
      ],
      { wattproof }
    )
    const sessions = [[], ["fleet"]].map((groups, index) => session(`s${index}`, 10_000, 60, 90, { groups }))
    const { b } = counted(sessions, setup({ b: [extra] }))
    // Energy 5 at 0.20 and 5 at 0.40 is 3.00, parking 75 minutes at 6.00 is 7.50 and held at 5.00; one pays half.
    assert.strictEqual(b.netMinor, 1_200n)
    const parts = partsOf(b).map((it) => [it.dimension, it.adjustment, it.unitPriceMicros, it.netMinor])
    assert.deepStrictEqual(parts, [
      ["ENERGY", null, null, 600n],
      ["PARKING_TIME", null, 6_000_000, 1_500n],
      ["PARKING_TIME", "GRACE", 0, 0n],
      ["ENERGY", "DISCOUNT", 0, -150n],
      ["PARKING_TIME", "CAP", 0, -500n],
      ["PARKING_TIME", "DISCOUNT", 0, -250n]
    ])
  })

  it("prices 10 kWh and 30 idle minutes by hand", () => {
    const tally = counted(
      [session("s", 10_000, 60, 30)],
      setup({ energyPrices: { _tag: "Flat", priceMicros: 110_000 } })
    )
    assert.strictEqual(tally.a.netMinor, 500n)
    assert.strictEqual(tally.b.netMinor, 700n)
    assert.strictEqual(tally.a.grossMinor, 595n)
    assert.strictEqual(tally.b.grossMinor, 833n)
    assert.strictEqual(minorOfPico(tally.costPico, "EUR"), 110n)
    assert.strictEqual(tally.idleMs, 30 * minute)
    assert.strictEqual(tally.energyMilliWh, 10_000_000)
    assert.deepStrictEqual([tally.dearer, tally.cheaper, tally.jumps], [1, 0, 1])
    assert.deepStrictEqual(
      [...tally.b.parts.values()].map(({ dimension, volume, netMinor }) => [dimension, volume, netMinor]),
      [
        ["ENERGY", 10_000_000, 400n],
        ["PARKING_TIME", 30 * minute, 300n]
      ]
    )
    assert.deepStrictEqual([...tally.a.perKwh.keys()], [60])
  })

  it("puts each hour of the site's own day to what happened in it", () => {
    const tally = counted([session("s", 9_000, 90, 45, { timeZone: "Europe/Berlin", atMs: t0 + 30 * minute })])
    const hours = (values: ReadonlyArray<number>) => values.flatMap((it, hour) => (it > 0 ? [[hour, it / minute]] : []))
    assert.deepStrictEqual(hours(tally.occupiedByHour), [
      [9, 30],
      [10, 60],
      [11, 45]
    ])
    assert.deepStrictEqual(hours(tally.idleByHour), [[11, 45]])
    assert.deepStrictEqual(tally.energyByHour.slice(9, 12), [3_000_000, 6_000_000, 0])
  })

  it("buys the energy of each hour at that hour's price, and tells what no price covers", () => {
    const series = { _tag: "Series" as const, startAtMs: [t0, t0 + 60 * minute], priceMicros: [100_000, 300_000] }
    const tally = counted([session("s", 30_000, 180, 0)], setup({ energyPrices: series }))
    assert.strictEqual(minorOfPico(tally.costPico, "EUR"), 400n)
    assert.strictEqual(tally.unpricedMilliWh, 10_000_000)
  })

  it("finds no difference between a tariff and itself", () => {
    fc.assert(
      fc.property(someSessions, (sessions) => {
        const tally = counted(sessions, setup({ a: [idle], b: [idle], elasticities: [0, -0.5] }))
        assert.deepStrictEqual([tally.dearer, tally.cheaper, tally.jumps], [0, 0, 0])
        assert.deepStrictEqual([tally.rises, tally.falls], [[], []])
        assert.strictEqual(tally.a.netMinor, tally.b.netMinor)
        for (const { aMinor, bMinor } of tally.drivers.values()) assert.strictEqual(aMinor, bMinor)
        for (const it of tally.reactions) {
          const { netMinor, sessions: count } = reactionFigures(it, setup())
          assert.strictEqual(netMinor, tally.a.netMinor)
          assert.strictEqual(count, tally.sessions)
        }
      }),
      { numRuns: 60 }
    )
  })

  it("loses no cent: elements, drivers, stations and sites each sum to the total", () => {
    fc.assert(
      fc.property(someSessions, (sessions) => {
        const tally = counted(sessions, setup({ a: [limited], b: [idle] }))
        for (const side of [tally.a, tally.b]) {
          assert.strictEqual(sum([...side.parts.values()].map((it) => it.netMinor)), side.netMinor)
          assert.strictEqual(sum([...side.parts.values()].map((it) => it.grossMinor)), side.grossMinor)
        }
        for (const accounts of [tally.drivers, tally.stations, tally.sites]) {
          assert.strictEqual(sum([...accounts.values()].map((it) => it.aMinor)), tally.a.grossMinor)
          assert.strictEqual(sum([...accounts.values()].map((it) => it.bMinor)), tally.b.grossMinor)
        }
        assert.strictEqual(
          tally.occupiedByHour.reduce((total, it) => total + it, 0),
          tally.occupiedMs
        )
        assert.strictEqual(
          tally.energyByHour.reduce((total, it) => total + it, 0),
          tally.energyMilliWh
        )
      }),
      { numRuns: 60 }
    )
  })

  it("comes to the same in parts as in one, whoever counted which", () => {
    const given = setup({ a: [limited], elasticities: [0, -0.3] })
    fc.assert(
      fc.property(someSessions, fc.nat(25), (sessions, at) => {
        const merged = emptyTally(given.elasticities)
        mergeTally(merged, counted(sessions.slice(at), given))
        mergeTally(merged, counted(sessions.slice(0, at), given))
        assert.deepStrictEqual(merged, counted(sessions, given))
      }),
      { numRuns: 60 }
    )
  })

  it("leaves out of both sides what one of them cannot price", () => {
    const later = tariff("LATER", [{ price_components: [component("ENERGY", 1)] }], {
      start_date_time: "2026-03-04T12:00:00Z"
    })
    const sessions = [session("early", 1_000, 10, 0), session("late", 2_000, 10, 0, { atMs: t0 + 300 * minute })]
    const tally = counted(sessions, setup({ b: [later] }))
    assert.deepStrictEqual([tally.sessions, tally.unpriced], [1, 1])
    assert.deepStrictEqual([tally.a.netMinor, tally.b.netMinor], [100n, 200n])
  })

  it("keeps the largest changes only, the largest first", () => {
    const sessions = Array.from({ length: 40 }, (_, index) => session(`s${index}`, 1_000, 10, (index * 7) % 40))
    const { rises, falls } = counted(sessions)
    assert.lengthOf(rises, 12)
    const sizes = rises.map(({ aMinor, bMinor }) => Number(bMinor - aMinor))
    assert.deepStrictEqual(
      sizes,
      [...sizes].sort((x, y) => y - x)
    )
    assert.strictEqual(rises[0]!.idleMs, 39 * minute)
    assert.deepStrictEqual(
      falls.map(({ id }) => id),
      ["s0"]
    )
  })
})

describe("people who react", () => {
  const react = (elasticity: number, sessions: ReadonlyArray<Session>) => {
    const given = setup({ elasticities: [elasticity] })
    const tally = counted(sessions, given)
    return { tally, figures: reactionFigures(tally.reactions[0]!, given) }
  }

  it("do nothing at elasticity 0", () => {
    fc.assert(
      fc.property(someSessions, (sessions) => {
        const { tally, figures } = react(0, sessions)
        assert.strictEqual(figures.netMinor, tally.b.netMinor)
        assert.strictEqual(figures.idleMs, tally.idleMs)
        assert.strictEqual(figures.sessions, tally.sessions)
      }),
      { numRuns: 40 }
    )
  })

  it("come as often as the price without idle fees says, and leave as the idle fee says", () => {
    const { figures } = react(-1, [session("s", 10_000, 60, 30)])
    // 4.76 instead of 5.95 without the fee: 1.25 times as often. 9.52 instead of 5.95 with it: 0.625 of the stay.
    assert.closeTo(figures.sessions, 1.25, 1e-6)
    assert.strictEqual(figures.idleMs, Math.round(1.25 * 1_125_000 * 1) - (figures.idleMs % 2 === 0 ? 0 : 0))
    assert.strictEqual(figures.netMinor, 735n)
  })

  it("never stay longer than they did", () => {
    const cheaper = setup({ a: [idle], b: [plain], elasticities: [-2] })
    const tally = counted([session("s", 10_000, 60, 30)], cheaper)
    assert.isAtMost(Number(tally.reactions[0]!.idlePpm) / Number(tally.reactions[0]!.sessionsPpm), 30 * minute)
  })
})
