import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { compare, exact, multiply, sum } from "#core/Money.ts"
import type { ChargingPeriod } from "#core/tariff/ChargingPeriod.ts"
import { type ChargingState, chargingPeriods } from "#core/tariff/Periods.ts"
import { isAmount, type Rating } from "#core/tariff/Rating.ts"
import { type RateOptions, rate } from "#core/tariff/rate.ts"
import { Tariff } from "#core/tariff/Tariff.ts"
import { extraTariffs, options, periodsOf, sessions, tariffs } from "#test/simulator/rater/generated.ts"
import fc from "#test/support/fastCheck.ts"
import { compiledOf } from "./fixtures.ts"

const read = (json: unknown): Tariff => Result.getOrThrow(Tariff.decode(json))
const law = <T>(property: fc.IProperty<T>) => fc.assert(property, { numRuns: 150, seed: 4 })
const all = fc.oneof(tariffs, extraTariffs)
const unlimited = tariffs.map(({ min_price: _, max_price: __, ...rest }) => rest)
const unbounded = extraTariffs.map(({ min_price: _, max_price: __, ...rest }) => rest)
const text = (rating: Rating) => JSON.stringify(rating, (_, value) => (typeof value === "bigint" ? `${value}n` : value))
const isSame = (a: Rating, b: Rating) => compare(a.net, b.net) === 0 && compare(a.gross, b.gross) === 0

const priced = (
  json: unknown,
  periods: ReadonlyArray<ChargingPeriod>,
  it: RateOptions & { readonly timeZone: string }
) => rate(compiledOf(read(json), it.timeZone), periods, it)

describe("whatever the tariff and the session", () => {
  it("the lines sum to the total and the taxes to what is between net and gross, exactly and in cents", () => {
    law(
      fc.property(all, sessions, options, (json, stretches, rest) => {
        const rating = priced(json, periodsOf(stretches), rest)
        const minor = (
          of: (it: { netMinor: bigint; taxMinor: bigint }) => bigint,
          all: Rating["lines"] | Rating["taxes"]
        ) => all.reduce((total, it) => total + of(it), 0n)
        assert.strictEqual(compare(sum(rating.lines.map((line) => line.net)), rating.net), 0)
        assert.strictEqual(compare(sum(rating.taxes.map((line) => line.tax)), rating.tax), 0)
        for (const lines of [rating.lines, rating.taxes]) {
          assert.strictEqual(
            minor((it) => it.netMinor, lines),
            rating.netMinor
          )
          assert.strictEqual(
            minor((it) => it.taxMinor, lines),
            rating.grossMinor - rating.netMinor
          )
        }
      })
    )
  })

  it("the same input gives the same bytes, also after the tariff was written and read again", () => {
    law(
      fc.property(all, sessions, options, (json, stretches, rest) => {
        const periods = periodsOf(stretches)
        const again = Tariff.encode(read(JSON.parse(JSON.stringify(json))))
        assert.strictEqual(text(priced(json, periods, rest)), text(priced(again, periods, rest)))
      })
    )
  })

  it("a further element behind an unrestricted one of its dimension changes nothing", () => {
    law(
      fc.property(all, tariffs, sessions, options, (json, other, stretches, rest) => {
        const free = ["ENERGY", "TIME", "PARKING_TIME", "FLAT"].map((type) => ({ type, price: 1, vat: 19 }))
        const closed = { ...json, elements: [...json.elements, { price_components: free }] }
        const behind = other.elements.filter((element) => element.restrictions?.reservation === undefined)
        const more = { ...closed, elements: [...closed.elements, ...behind] }
        const [a, b] = [closed, more].map((it) => priced(it, periodsOf(stretches), rest))
        // Included taxes of the further rates widen the denominator; the amounts stay.
        assert.isTrue(isSame(a!, b!))
        assert.strictEqual(a!.grossMinor, b!.grossMinor)
      })
    )
  })

  it("three times the prices is three times the total, where no limit holds it", () => {
    law(
      fc.property(unlimited, sessions, options, (json, stretches, rest) => {
        const elements = json.elements.map((element) => ({
          ...element,
          price_components: element.price_components.map((it) => ({
            ...it,
            price: (Number(it.price) * 30_000) / 10_000
          }))
        }))
        fc.pre(elements.every((element) => element.price_components.every(({ price }) => String(price).length < 9)))
        const [once, thrice] = [json, { ...json, elements }].map((it) => priced(it, periodsOf(stretches), rest))
        assert.strictEqual(compare(multiply(once!.net, exact(3n)), thrice!.net), 0)
        assert.strictEqual(compare(multiply(once!.gross, exact(3n)), thrice!.gross), 0)
      })
    )
  })

  it("whole weeks later it costs the same, where no date and no turned clock is between", () => {
    law(
      fc.property(all, sessions, fc.integer({ min: -60, max: 60 }), options, (json, stretches, weeks, rest) => {
        const elements = json.elements.map(({ restrictions, wattproof, ...element }) => {
          const { start_date: _, end_date: __, ...kept } = restrictions ?? {}
          const { grace } = wattproof ?? {}
          return { ...element, restrictions: kept, ...(grace !== undefined && { wattproof: { grace } }) }
        })
        const shiftMs = weeks * 7 * 86_400_000
        const periods = periodsOf(stretches)
        const later = periods.map((it) => ({ ...it, startAtMs: it.startAtMs + shiftMs, endAtMs: it.endAtMs + shiftMs }))
        const there = { ...rest, timeZone: "Asia/Kolkata" }
        assert.isTrue(
          isSame(priced({ ...json, elements }, periods, there), priced({ ...json, elements }, later, there))
        )
      })
    )
  })

  it("a period cut in two costs the same, where the same prices hold in both and nothing is stepped", () => {
    let cuts = 0
    law(
      fc.property(
        fc.oneof(unlimited, unbounded),
        sessions,
        fc.nat(),
        options,
        (json, stretches, where, { timeZone }) => {
          const periods = periodsOf(stretches)
          const index = where % periods.length
          const { startAtMs, endAtMs, ...it } = periods[index]!
          // Of a period that both charges and parks nobody knows the order of its halves.
          fc.pre(it.chargingMs === 0 || it.parkingMs === 0)
          const half = (value: number, first: boolean) =>
            first ? Math.floor(value / 2) : value - Math.floor(value / 2)
          const part = (first: boolean) => ({
            ...it,
            energyMilliWh: half(it.energyMilliWh, first),
            chargingMs: half(it.chargingMs, first),
            parkingMs: half(it.parkingMs, first),
            reservedMs: half(it.reservedMs, first)
          })
          const middle = startAtMs + half(endAtMs - startAtMs, true)
          const pieces = [
            { ...part(true), startAtMs, endAtMs: middle },
            { ...part(false), startAtMs: middle, endAtMs }
          ]
          const options = { timeZone, steps: "none" } as const
          const whole = priced(json, periods, options)
          const cut = priced(json, [...periods.slice(0, index), ...pieces, ...periods.slice(index + 1)], options)
          const pricesIn = (rating: Rating, period: number) =>
            rating.lines
              .filter((line) => line.period === period && line.dimension !== "FLAT" && !isAmount(line))
              .map((line) => `${line.dimension} ${line.element} ${line.unitPriceMicros}`)
              .join()
          const flats = (rating: Rating) => rating.lines.filter((it) => it.dimension === "FLAT" && !isAmount(it)).length
          fc.pre(pricesIn(cut, index) === pricesIn(cut, index + 1) && flats(cut) === flats(whole))
          cuts += pricesIn(cut, index) === "" ? 0 : 1
          assert.isTrue(isSame(whole, cut))
        }
      )
    )
    assert.isAbove(cuts, 30)
  })

  it("prices with their tax inside and prices without come to the same, where one is the other and its tax", () => {
    law(
      fc.property(unlimited, sessions, options, (json, stretches, rest) => {
        const made = (tax_included: "YES" | "NO") => ({
          ...json,
          tax_included,
          elements: json.elements.map((element) => ({
            ...element,
            price_components: element.price_components.map(({ type, price }, index) => {
              const vat = [20, 25, 8][index % 3]!
              const millis = Math.round(Number(price) * 1000)
              return { type, vat, price: tax_included === "YES" ? (millis * (100 + vat)) / 100_000 : millis / 1000 }
            })
          }))
        })
        assert.isTrue(
          isSame(priced(made("YES"), periodsOf(stretches), rest), priced(made("NO"), periodsOf(stretches), rest))
        )
      })
    )
  })

  it("more energy is never cheaper, where no price depends on it and no limit holds the total", () => {
    law(
      fc.property(
        fc.oneof(unlimited, unbounded),
        sessions,
        fc.nat(),
        fc.integer({ min: 1, max: 9_000_000 }),
        options,
        (json, stretches, where, more, rest) => {
          const elements = json.elements.map(({ restrictions, ...element }) => {
            const { min_kwh: _, max_kwh: __, ...kept } = restrictions ?? {}
            return { ...element, restrictions: kept }
          })
          const periods = periodsOf(stretches)
          const index = where % periods.length
          fc.pre(periods[index]!.reservedMs === 0)
          const fuller = periods.map((it, at) =>
            at === index ? { ...it, energyMilliWh: it.energyMilliWh + more } : it
          )
          // The step of the last component that priced energy is what may fall: let there be one step.
          const options = { ...rest, steps: "none" } as const
          const [less, greater] = [periods, fuller].map((it) => priced({ ...json, elements }, it, options))
          // A cap of prices without tax that is reached may leave more of it at a lower rate: what is stated never falls.
          const stated = json.tax_included === "NO" ? "net" : "gross"
          assert.isAtMost(compare(less![stated], greater![stated]), 0)
        }
      )
    )
  })
})

describe("while a session runs", () => {
  const telemetry = fc.array(
    fc.record({
      ms: fc.constantFrom(60_000, 900_000, 1_234_000),
      wh: fc.integer({ min: 0, max: 9_000 }),
      parks: fc.boolean()
    }),
    { minLength: 3, maxLength: 12 }
  )
  it("what it has cost at a reading is what it costs when it ends there, and its periods stay as they were cut", () => {
    law(
      fc.property(all, telemetry, fc.nat(), options, (json, parts, where, { timeZone }) => {
        const compiled = compiledOf(read(json), timeZone)
        const startedAtMs = Date.parse("2024-03-30T22:15:00Z")
        let [atMs, registerWh] = [startedAtMs, 1_000]
        const states: Array<{ atMs: number; state: ChargingState }> = []
        const samples = [{ atMs, registerWh }]
        for (const { ms, wh, parks } of parts) {
          states.push({ atMs, state: parks ? "SuspendedEV" : "Charging" })
          atMs += ms
          registerWh += parks ? 0 : wh
          samples.push({ atMs, registerWh })
        }
        const until = 1 + (where % parts.length)
        const nowMs = samples[until]!.atMs
        const final = { startedAtMs, endedAtMs: atMs, samples, states }
        const running = {
          startedAtMs,
          endedAtMs: nowMs,
          samples: samples.slice(0, until + 1),
          states: states.slice(0, until)
        }
        const ended = {
          ...final,
          endedAtMs: nowMs,
          samples: running.samples,
          states: states.filter((it) => it.atMs < nowMs)
        }
        const soFar = chargingPeriods(compiled, running)
        assert.strictEqual(text(rate(compiled, soFar)), text(rate(compiled, chargingPeriods(compiled, ended))))
        const whole = chargingPeriods(compiled, final)
        assert.deepStrictEqual(soFar.slice(0, -1), whole.slice(0, soFar.length - 1))
        assert.strictEqual(soFar[soFar.length - 1]!.startAtMs, whole[soFar.length - 1]!.startAtMs)
      })
    )
  })
})
