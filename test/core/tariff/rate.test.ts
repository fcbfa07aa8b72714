import { assert, describe, it } from "@effect/vitest"
import { add, compare, exact, format, sum, toMinor } from "#core/Money.ts"
import { type ChargingPeriod, emptyPeriod } from "#core/tariff/ChargingPeriod.ts"
import type { Rating } from "#core/tariff/Rating.ts"
import { rate } from "#core/tariff/rate.ts"
import type { PriceLimit, Tariff } from "#core/tariff/Tariff.ts"
import fc from "#test/support/fastCheck.ts"
import { compiledOf, energyPrice, tariffOf } from "./fixtures.ts"

const hour = 3_600_000
const period = (over: Partial<ChargingPeriod>): ChargingPeriod => ({
  ...emptyPeriod,
  startAtMs: 0,
  endAtMs: hour,
  ...over
})
const kwh = (energy: number): ChargingPeriod => period({ energyMilliWh: energy * 1_000_000 })

const rateOf = (tariff: Tariff, ...periods: ReadonlyArray<ChargingPeriod>): Rating => rate(compiledOf(tariff), periods)

const bytes = (rating: Rating): string =>
  JSON.stringify(rating, (_, value) => (typeof value === "bigint" ? `${value}n` : value))

describe("taxes", () => {
  const included = (vat?: number) =>
    tariffOf([energyPrice(1.19, vat === undefined ? {} : { vat })], { tax_included: "YES" })

  it("a price with tax is split, and three thirds of it are still the whole", () => {
    const rating = rateOf(included(19), kwh(1), kwh(1), kwh(1))
    assert.deepStrictEqual([rating.netMinor, rating.taxMinor, rating.grossMinor], [300n, 57n, 357n])
    assert.strictEqual(compare(rating.gross, exact(357n, 100n)), 0)
  })

  it("prices with and without tax agree when one is the other plus VAT", () => {
    const excluded = tariffOf([energyPrice(1, { vat: 19 })])
    for (const energy of [0.001, 1, 7.777777, 50]) {
      const [a, b] = [rateOf(included(19), kwh(energy)), rateOf(excluded, kwh(energy))]
      assert.strictEqual(compare(a.net, b.net), 0)
      assert.strictEqual(compare(a.gross, b.gross), 0)
    }
  })

  it("a price with tax of an unknown rate is told as such", () => {
    const rating = rateOf(included(), kwh(1))
    assert.deepStrictEqual(rating.notes, ["tax_included_without_rate"])
    assert.isNull(rating.taxes[0]!.vatPpm)
  })

  it("a rate is ignored where taxes do not apply", () => {
    const rating = rateOf(tariffOf([energyPrice(1, { vat: 19 })], { tax_included: "N/A" }), kwh(1))
    assert.deepStrictEqual(rating.notes, ["tax_rate_ignored"])
    assert.deepStrictEqual([rating.netMinor, rating.taxMinor], [100n, 0n])
  })

  it("each rate has its own line", () => {
    const flat = { price_components: [{ type: "FLAT", price: 1, vat: 7 }] }
    const rating = rateOf(tariffOf([energyPrice(0.5, { vat: 19 }), flat]), kwh(2))
    assert.deepStrictEqual(
      rating.taxes.map((it) => [it.vatPpm, it.netMinor, it.taxMinor]),
      [
        [190_000, 100n, 19n],
        [70_000, 100n, 7n]
      ]
    )
  })
})

describe("step_size", () => {
  const timed = tariffOf([
    {
      price_components: [
        { type: "TIME", price: 6, step_size: 600 },
        { type: "PARKING_TIME", price: 12, step_size: 600 }
      ]
    }
  ])
  const parkedThenCharged = [
    period({ endAtMs: 60_000, parkingMs: 60_000 }),
    period({ startAtMs: 60_000, endAtMs: 120_000, chargingMs: 60_000 })
  ]
  const volumes = (steps: "parking-absorbs" | "sequential" | "none") =>
    rate(compiledOf(timed), parkedThenCharged, { steps }).lines.map((line) => [line.dimension, line.volume])

  it("parking bears the step even when charging comes last, unless the other reading is asked for", () => {
    assert.deepStrictEqual(volumes("parking-absorbs"), [
      ["PARKING_TIME", 600_000],
      ["TIME", 60_000]
    ])
    assert.deepStrictEqual(volumes("sequential"), [
      ["PARKING_TIME", 60_000],
      ["TIME", 600_000]
    ])
    assert.deepStrictEqual(volumes("none"), [
      ["PARKING_TIME", 60_000],
      ["TIME", 60_000]
    ])
  })

  it("the surplus is told apart from what was used", () => {
    const rating = rateOf(tariffOf([energyPrice(1, { step_size: 500 })]), kwh(1.2), kwh(1.1))
    assert.deepStrictEqual(
      rating.lines.map((line) => [line.volume, line.stepSurplus]),
      [
        [1_200_000, 0],
        [1_300_000, 200_000]
      ]
    )
  })
})

describe("limits", () => {
  const limited = (limits: Record<string, unknown>, price = 1) => tariffOf([energyPrice(price, { vat: 20 })], limits)

  it("lines and adjustment sum to the clamped total, exactly and in cents", () => {
    const rating = rateOf(limited({ max_price: { before_taxes: 10 } }), kwh(7), kwh(7.77))
    assert.deepStrictEqual([rating.netMinor, rating.taxMinor], [1000n, 200n])
    const adjustment = rating.lines[rating.lines.length - 1]!
    assert.strictEqual(adjustment.adjustment, "MAX_PRICE")
    assert.strictEqual(format(adjustment.net), "-4.77")
    assert.strictEqual(
      rating.lines.reduce((minor, line) => minor + line.netMinor, 0n),
      1000n
    )
  })

  it("a bound that is met is not applied", () => {
    const { limitApplied, lines } = rateOf(limited({ max_price: { before_taxes: 10, after_taxes: 12 } }), kwh(10))
    assert.isNull(limitApplied)
    assert.strictEqual(lines.length, 1)
  })

  it("a maximum after taxes below the net takes net and tax down together", () => {
    const rating = rateOf(limited({ max_price: { before_taxes: 100, after_taxes: 6 } }), kwh(10))
    assert.deepStrictEqual([rating.netMinor, rating.taxMinor, rating.grossMinor], [500n, 100n, 600n])
  })

  it("a minimum is due also where nothing was priced, at the only rate there is", () => {
    const rating = rateOf(limited({ min_price: { before_taxes: 5 } }, 0), kwh(10))
    assert.deepStrictEqual([rating.netMinor, rating.taxMinor], [500n, 100n])
    const nothing = rateOf(limited({ min_price: { before_taxes: 5 } }), period({ chargingMs: hour }))
    assert.deepStrictEqual([nothing.netMinor, nothing.taxMinor, nothing.limitApplied], [500n, 0n, "min_price"])
  })
})

describe("which price", () => {
  it("the first of two components of one dimension in one element counts", () => {
    const tariff = tariffOf([
      {
        price_components: [
          { type: "ENERGY", price: 1 },
          { type: "ENERGY", price: 2 }
        ]
      }
    ])
    assert.strictEqual(rateOf(tariff, kwh(1)).netMinor, 100n)
  })

  it("without a power reading a power restriction does not hold, and that is told", () => {
    const tariff = tariffOf([{ ...energyPrice(1), restrictions: { min_power: 0 } }, energyPrice(2)])
    const rating = rateOf(tariff, kwh(1))
    assert.strictEqual(rating.netMinor, 200n)
    assert.deepStrictEqual(rating.notes, ["missing_signal:POWER"])
    assert.strictEqual(rateOf(tariff, { ...kwh(1), maxPowerW: 5 }).netMinor, 100n)
  })

  it("over a range of power the most is held against a minimum and the least against a maximum", () => {
    const ranged = { ...kwh(1), minPowerW: 5_000, maxPowerW: 20_000 }
    const amount = (restrictions: object) =>
      rateOf(tariffOf([{ ...energyPrice(1), restrictions }, energyPrice(2)]), ranged).netMinor
    assert.deepStrictEqual(
      [{ min_power: 20 }, { min_power: 20.001 }, { max_power: 5 }, { max_power: 5.001 }].map(amount),
      [100n, 200n, 200n, 100n]
    )
  })

  it("a session of no length and no energy still owes its session fee, a reservation does not", () => {
    const tariff = tariffOf([{ price_components: [{ type: "FLAT", price: 1 }] }])
    assert.strictEqual(rateOf(tariff, period({ endAtMs: 0 })).netMinor, 100n)
    assert.strictEqual(rateOf(tariff, period({ reservedMs: hour })).netMinor, 0n)
  })

  it("durations count from the charging, not from the reservation before it", () => {
    const tariff = tariffOf([{ ...energyPrice(1), restrictions: { max_duration: 1800 } }, energyPrice(2)])
    const reserved = period({ reservedMs: hour })
    const rating = rateOf(tariff, reserved, { ...kwh(1), startAtMs: hour, endAtMs: hour + 60_000 })
    assert.strictEqual(rating.netMinor, 100n)
  })

  it("overlapping periods are priced and told", () => {
    const rating = rateOf(tariffOf([energyPrice(1)]), kwh(1), { ...kwh(1), startAtMs: hour / 2, endAtMs: 2 * hour })
    assert.deepStrictEqual([rating.netMinor, rating.notes], [200n, ["periods_overlap"]])
  })
})

const price = fc.integer({ min: 0, max: 2_000_000 }).map((micros) => micros / 1_000_000)
const component = fc.record({
  type: fc.constantFrom("ENERGY", "TIME", "PARKING_TIME", "FLAT"),
  price,
  vat: fc.constantFrom(0, 7, 7.7, 19, 20, null),
  step_size: fc.constantFrom(0, 1, 60, 500, 900)
})
const restrictions = fc.constantFrom(
  null,
  { max_duration: 3600 },
  { min_kwh: 5 },
  { max_kwh: 8.5 },
  { start_time: "08:00", end_time: "20:00" },
  { day_of_week: ["SATURDAY", "SUNDAY"] }
)
const limit = fc.option(fc.record({ before_taxes: fc.nat(40), after_taxes: fc.option(fc.nat(40)) }))
const tariffs = fc
  .record({
    elements: fc.array(
      fc.record({ price_components: fc.array(component, { minLength: 1, maxLength: 4 }), restrictions }),
      { minLength: 1, maxLength: 4 }
    ),
    tax_included: fc.constantFrom("YES", "NO", "N/A"),
    currency: fc.constantFrom("EUR", "JPY", "KWD"),
    min_price: limit,
    max_price: limit
  })
  .map(({ elements, min_price, max_price, ...rest }) => {
    const isSane =
      min_price === null ||
      max_price === null ||
      (min_price.before_taxes <= max_price.before_taxes &&
        (min_price.after_taxes ?? 0) <= (max_price.after_taxes ?? 99))
    return tariffOf(elements, { ...rest, min_price, max_price: isSane ? max_price : null })
  })
const sessions = fc
  .array(
    fc.record({
      energyMilliWh: fc.nat(12_000_000),
      durationMs: fc.nat(3 * hour),
      isParking: fc.boolean()
    }),
    { minLength: 1, maxLength: 8 }
  )
  .map((stretches) => {
    let startAtMs = 1_705_320_000_000
    return stretches.map(({ energyMilliWh, durationMs, isParking }) => {
      const stretch = period({
        startAtMs,
        endAtMs: startAtMs + durationMs,
        energyMilliWh,
        ...(isParking ? { parkingMs: durationMs } : { chargingMs: durationMs })
      })
      startAtMs += durationMs
      return stretch
    })
  })

describe("laws of rating", () => {
  it("lines sum to the totals, exactly and in minor units, and taxes rate by rate", () => {
    fc.assert(
      fc.property(tariffs, sessions, (tariff, periods) => {
        const compiled = compiledOf(tariff)
        const rating = rate(compiled, periods)
        assert.strictEqual(compare(sum(rating.lines.map((line) => line.net)), rating.net), 0)
        assert.strictEqual(compare(sum(rating.lines.map((line) => line.tax)), rating.tax), 0)
        assert.strictEqual(compare(add(rating.net, rating.tax), rating.gross), 0)
        assert.strictEqual(rating.netMinor, toMinor(rating.net, compiled.exponent))
        assert.strictEqual(rating.grossMinor, toMinor(rating.gross, compiled.exponent))
        assert.strictEqual(rating.netMinor + rating.taxMinor, rating.grossMinor)
        const minor = (part: "netMinor" | "taxMinor", vatPpm?: number | null) =>
          rating.lines
            .filter((line) => vatPpm === undefined || line.vatPpm === vatPpm)
            .reduce((total, line) => total + line[part], 0n)
        if (rating.lines.length > 0) assert.strictEqual(minor("netMinor"), rating.netMinor)
        if (rating.lines.length > 0) assert.strictEqual(minor("taxMinor"), rating.taxMinor)
        for (const tax of rating.taxes) {
          assert.strictEqual(minor("netMinor", tax.vatPpm), tax.netMinor)
          assert.strictEqual(minor("taxMinor", tax.vatPpm), tax.taxMinor)
        }
      })
    )
  })

  it("the total keeps within the limits", () => {
    fc.assert(
      fc.property(tariffs, sessions, (tariff, periods) => {
        const { net, gross } = rateOf(tariff, ...periods)
        const micros = (value: number) => exact(BigInt(value), 1_000_000n)
        if (tariff.maxPrice !== null) {
          assert.isAtMost(compare(net, micros(tariff.maxPrice.beforeTaxesMicros)), 0)
          assert.isAtMost(compare(gross, micros(tariff.maxPrice.afterTaxesMicros ?? 1e12)), 0)
        }
        if (tariff.minPrice !== null) assert.isAtLeast(compare(gross, micros(tariff.minPrice.afterTaxesMicros ?? 0)), 0)
        assert.isAtMost(compare(net, gross), 0)
      })
    )
  })

  it("the same input gives the same bytes, however often and in whatever order of periods", () => {
    fc.assert(
      fc.property(tariffs, sessions, (tariff, periods) => {
        const first = bytes(rateOf(tariff, ...periods))
        assert.strictEqual(bytes(rateOf(tariff, ...periods)), first)
        const distinct = new Set(periods.map((it) => it.startAtMs)).size === periods.length
        if (!distinct || periods.length === 1) return
        const shuffled = rateOf(tariff, ...[...periods].reverse())
        assert.strictEqual(
          bytes({ ...shuffled, notes: shuffled.notes.filter((note) => note !== "periods_out_of_order") }),
          first
        )
      })
    )
  })

  it("splitting a period where no price changes keeps the total, as long as no steps are counted", () => {
    const part = fc.record({ index: fc.nat(), share: fc.integer({ min: 1, max: 999 }) })
    fc.assert(
      fc.property(tariffs, sessions, part, (tariff, periods, { index, share }) => {
        const unrestricted = { ...tariff, elements: tariff.elements.map((it) => ({ ...it, restrictions: null })) }
        const at = index % periods.length
        const whole = periods[at]!
        const cut = (value: number) => Math.floor((value * share) / 1000)
        const durationMs = whole.endAtMs - whole.startAtMs
        const first = {
          ...whole,
          endAtMs: whole.startAtMs + cut(durationMs),
          energyMilliWh: cut(whole.energyMilliWh),
          chargingMs: cut(whole.chargingMs),
          parkingMs: cut(whole.parkingMs)
        }
        const second = {
          ...whole,
          startAtMs: first.endAtMs,
          energyMilliWh: whole.energyMilliWh - first.energyMilliWh,
          chargingMs: whole.chargingMs - first.chargingMs,
          parkingMs: whole.parkingMs - first.parkingMs
        }
        const split = [...periods.slice(0, at), first, second, ...periods.slice(at + 1)]
        const compiled = compiledOf(unrestricted)
        const [a, b] = [rate(compiled, periods, { steps: "none" }), rate(compiled, split, { steps: "none" })]
        assert.strictEqual(compare(a.net, b.net), 0)
        assert.strictEqual(compare(a.gross, b.gross), 0)
      })
    )
  })

  it("more energy and more time never cost less, where no price falls", () => {
    const more = fc.record({ index: fc.nat(), energyMilliWh: fc.nat(9_000_000), ms: fc.nat(hour) })
    fc.assert(
      fc.property(tariffs, sessions, more, (tariff, periods, { index, energyMilliWh, ms }) => {
        const elements = tariff.elements.map((it) => ({ ...it, restrictions: null }))
        const beforeTaxes = (it: PriceLimit | null) => it && { ...it, afterTaxesMicros: null }
        const limits = { minPrice: beforeTaxes(tariff.minPrice), maxPrice: beforeTaxes(tariff.maxPrice) }
        const at = index % periods.length
        const grown = periods.map((it, i) =>
          i !== at
            ? it
            : {
                ...it,
                energyMilliWh: it.energyMilliWh + energyMilliWh,
                chargingMs: it.chargingMs + (it.parkingMs === 0 ? ms : 0),
                parkingMs: it.parkingMs + (it.parkingMs === 0 ? 0 : ms)
              }
        )
        const [less, greater] = [periods, grown].map((it) => rateOf({ ...tariff, elements, ...limits }, ...it))
        assert.isAtMost(compare(less!.net, greater!.net), 0)
        assert.isTrue(less!.netMinor <= greater!.netMinor)
        // A limit shares its tax among the rates: more of a low rate may lower the tax, so gross only counts unlimited.
        const free = { ...tariff, elements, minPrice: null, maxPrice: null }
        assert.isAtMost(compare(rateOf(free, ...periods).gross, rateOf(free, ...grown).gross), 0)
      })
    )
  })

  it("an element behind an unrestricted one of the same dimension changes nothing", () => {
    fc.assert(
      fc.property(tariffs, sessions, price, (tariff, periods, amount) => {
        const catchAll = tariffOf([energyPrice(0.4)]).elements[0]!
        const behind = tariffOf([energyPrice(amount)]).elements[0]!
        const elements = [...tariff.elements, catchAll]
        const a = rateOf({ ...tariff, elements }, ...periods)
        const b = rateOf({ ...tariff, elements: [...elements, behind] }, ...periods)
        assert.strictEqual(bytes(a), bytes(b))
      })
    )
  })
})
