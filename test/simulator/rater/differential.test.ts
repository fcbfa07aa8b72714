import { globSync, readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { add } from "#core/Money.ts"
import { decodeCdr } from "#core/tariff/cdrCodec.ts"
import { compile } from "#core/tariff/compile.ts"
import { isAmount } from "#core/tariff/Rating.ts"
import { rate, rateTotals } from "#core/tariff/rate.ts"
import { Tariff } from "#core/tariff/Tariff.ts"
import { slowBounds } from "#simulator/rater/bounds.ts"
import { fraction, isEqual, sumOf, written } from "#simulator/rater/Fraction.ts"
import type { OcpiTariff } from "#simulator/rater/Model.ts"
import { slowPrice } from "#simulator/rater/price.ts"
import fc from "#test/support/fastCheck.ts"
import { extraTariffs, options, periodsOf, sessions, tariffs } from "./generated.ts"

const same = (
  theirs: { readonly n: bigint; readonly d: bigint },
  ours: { readonly above: bigint; readonly below: bigint }
) => isEqual(fraction(theirs.n, theirs.d), ours)

describe("the CMS's rating and the oracle's own", () => {
  it("agree to the last digit, line by line, on any tariff and session", () => {
    const seen = { lines: 0, limits: 0, steps: 0, grace: 0, quiet: 0, series: 0, caps: 0, discounts: 0 }
    fc.assert(
      fc.property(fc.oneof(tariffs, extraTariffs), sessions, options, (json, stretches, rest) => {
        const { timeZone } = rest
        const tariff = Result.getOrThrow(Tariff.decode(json))
        const compiled = Result.getOrThrow(compile(tariff, timeZone))
        const rating = rate(compiled, periodsOf(stretches), rest)
        const slow = slowPrice(json, stretches, rest)
        const priced = rating.lines.filter((line) => !isAmount(line))
        assert.deepStrictEqual(
          priced.map((it) => [it.scope, it.dimension, it.period, it.element, it.volume, it.adjustment ?? undefined]),
          slow.lines.map((it) => [it.scope, it.dimension, it.stretch, it.element, Number(it.volume), it.free])
        )
        for (const [index, line] of priced.entries()) {
          assert.isTrue(
            same(line.net, slow.lines[index]!.net) && same(add(line.net, line.tax), slow.lines[index]!.gross)
          )
        }
        for (const taken of rating.lines.filter((it) => it.adjustment === "CAP" || it.adjustment === "DISCOUNT")) {
          const parts = slow.taken.filter(
            ({ reason, index, line }) =>
              reason === taken.adjustment &&
              index === taken.component &&
              line.scope === taken.scope &&
              line.dimension === taken.dimension &&
              (json.tax_included === "N/A" || line.component.vat === undefined
                ? taken.vatPpm === null
                : Math.round(line.component.vat * 10_000) === taken.vatPpm)
          )
          assert.isTrue(same(taken.net, sumOf(parts.map((it) => it.net))), "taken before taxes")
          assert.isTrue(same(add(taken.net, taken.tax), sumOf(parts.map((it) => it.gross))), "taken after taxes")
          if (taken.adjustment === "CAP") seen.caps += 1
          else seen.discounts += 1
        }
        assert.isTrue(same(rating.net, slow.net) && same(rating.gross, slow.gross), "totals")
        assert.deepStrictEqual(
          [rating.netMinor, rating.taxMinor, rating.grossMinor],
          [slow.netMinor, slow.taxMinor, slow.grossMinor]
        )
        const totals = rateTotals(compiled, periodsOf(stretches), rest)
        assert.isTrue(same(totals.net, slow.net) && same(add(totals.net, totals.tax), slow.gross), "totals alone")
        assert.deepStrictEqual([totals.netMinor, totals.grossMinor], [slow.netMinor, slow.grossMinor])
        seen.lines += priced.length
        seen.grace += priced.some(({ adjustment }) => adjustment === "GRACE") ? 1 : 0
        seen.quiet += priced.some(({ adjustment }) => adjustment === "QUIET_HOURS") ? 1 : 0
        seen.series += priced.some(
          ({ dimension, element, component, unitPriceMicros }) =>
            dimension === "ENERGY" &&
            unitPriceMicros !== tariff.elements[element]!.priceComponents[component]!.priceMicros
        )
          ? 1
          : 0
        seen.limits += rating.limitApplied === null ? 0 : 1
        seen.steps += priced.some(({ stepSurplus }) => stepSurplus > 0) ? 1 : 0
      }),
      { numRuns: 800, seed: 20240331 }
    )
    // What is compared is worth comparing.
    assert.isAbove(seen.lines, 400)
    assert.isAbove(seen.limits, 20)
    assert.isAbove(seen.steps, 20)
    for (const what of ["grace", "quiet", "series", "caps", "discounts"] as const) assert.isAbove(seen[what], 15, what)
  })
})

interface Vector {
  readonly id: string
  readonly kind: string
  readonly location_time_zone: string
  readonly tariffs: ReadonlyArray<OcpiTariff & { readonly id: string; readonly type?: string }>
  readonly cdr: { readonly reservation_expired?: boolean }
  readonly expected: {
    readonly total: { readonly before_taxes: string; readonly after_taxes: string }
    readonly lines: ReadonlyArray<{
      readonly dimension: string
      readonly element: number
      readonly before_taxes: string
    }>
  }
}

describe("the oracle's own rating, by the published examples", () => {
  const vectors = globSync(`${import.meta.dirname}/../../core/tariff/vectors/*.json`)
    .sort()
    .map((file) => JSON.parse(readFileSync(file, "utf8")) as Vector)
    .filter(({ kind }) => kind === "rating")
  for (const { id, tariffs, cdr, location_time_zone, expected } of vectors) {
    it(id, () => {
      const session = Result.getOrThrow(decodeCdr(cdr))
      const named = session.periods.find(({ tariffId }) => tariffId !== undefined)?.tariffId
      const tariff = tariffs.find((it) => it.id === named) ?? tariffs[0]!
      const slow = slowPrice(tariff, session.periods, {
        timeZone: location_time_zone,
        reservationExpired: cdr.reservation_expired === true
      })
      const millionths = (text: string) => Math.round(Number(text) * 1e6)
      assert.strictEqual(millionths(written(slow.net, 6)), millionths(expected.total.before_taxes))
      assert.strictEqual(millionths(written(slow.gross, 6)), millionths(expected.total.after_taxes))
      assert.deepStrictEqual(
        slow.lines.map((line) => [line.dimension, line.element, millionths(written(line.net, 6))]),
        expected.lines.map((line) => [line.dimension, line.element, millionths(line.before_taxes)])
      )
    })
  }
})

describe("the bounds of a price", () => {
  it("hold whatever a session costs, knowing only its quantities", () => {
    let priced = 0
    fc.assert(
      fc.property(fc.oneof(tariffs, extraTariffs), sessions, options, (tariff, stretches, { timeZone, groups }) => {
        const used = stretches.filter(({ reservedMs }) => reservedMs === 0)
        fc.pre(
          Result.isSuccess(Tariff.parse(tariff)) &&
            used.length > 0 &&
            used.every(({ energyMilliWh }) => energyMilliWh % 1000 === 0)
        )
        const sum = (of: (it: (typeof used)[number]) => number) => used.reduce((total, it) => total + of(it), 0)
        const bounds = slowBounds(tariff, {
          energyWh: sum((it) => it.energyMilliWh) / 1000,
          chargingMs: sum((it) => it.chargingMs),
          parkingMs: sum((it) => it.parkingMs)
        })
        const { netMinor, grossMinor } = slowPrice(tariff, used, { timeZone, groups })
        assert.isTrue(netMinor >= bounds.leastNetMinor && netMinor <= bounds.mostNetMinor, "net")
        assert.isTrue(grossMinor >= bounds.leastGrossMinor && grossMinor <= bounds.mostGrossMinor, "gross")
        priced += grossMinor > 0n ? 1 : 0
      }),
      { numRuns: 400, seed: 9 }
    )
    assert.isAbove(priced, 150)
  })
})
