import { globSync, readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as Instant from "#core/Instant.ts"
import { add, format, formatMinor, scaled } from "#core/Money.ts"
import { type ChargingPeriod, emptyPeriod } from "#core/tariff/ChargingPeriod.ts"
import { type RatedSession, rateSession } from "#core/tariff/select.ts"
import { Tariff, type TariffType } from "#core/tariff/Tariff.ts"

interface Vector {
  readonly id: string
  readonly kind: string
  readonly exercises: string
  readonly location_time_zone?: string
  readonly charging_preference_tariff_type?: TariffType
  readonly tariffs: ReadonlyArray<unknown>
  readonly cdr: {
    readonly start_date_time: string
    readonly end_date_time: string
    readonly currency?: string
    readonly reservation_expired?: boolean
    readonly charging_periods: ReadonlyArray<{
      readonly start_date_time: string
      readonly tariff_id?: string
      readonly dimensions: ReadonlyArray<{
        readonly type: string
        readonly volume: number
        readonly volume_seconds?: number
      }>
    }>
  }
  readonly expected: {
    readonly error?: string
    readonly total: { readonly before_taxes: string; readonly after_taxes: string }
    readonly total_2dp: { readonly before_taxes: string; readonly after_taxes: string }
    readonly limit_applied: string | null
    readonly notes: ReadonlyArray<string>
    readonly lines: ReadonlyArray<Record<string, unknown>>
  }
}

const folder = `${import.meta.dirname}/vectors`
const vectors = globSync(`${folder}/*.json`)
  .sort()
  .map((file) => JSON.parse(readFileSync(file, "utf8")) as Vector)

const instant = (text: string): number => Instant.parse(text)!

const hoursAsMs = (volume: number): number => Number((scaled(volume, 12)! * 3600n) / 1_000_000_000n)

const periodsOf = (cdr: Vector["cdr"]): RatedSession["periods"] => {
  const starts = cdr.charging_periods.map((period) => instant(period.start_date_time)).sort((a, b) => a - b)
  return cdr.charging_periods.map((wire) => {
    const startAtMs = instant(wire.start_date_time)
    const next = starts[starts.lastIndexOf(startAtMs) + 1]
    const period: { -readonly [K in keyof ChargingPeriod]: ChargingPeriod[K] } = {
      ...emptyPeriod,
      startAtMs,
      endAtMs:
        starts.filter((start) => start === startAtMs).length > 1 ? startAtMs : (next ?? instant(cdr.end_date_time))
    }
    for (const { type, volume, volume_seconds } of wire.dimensions) {
      const ms = volume_seconds === undefined ? hoursAsMs(volume) : volume_seconds * 1000
      if (type === "ENERGY") period.energyMilliWh = Number(scaled(volume, 6))
      else if (type === "TIME") period.chargingMs = ms
      else if (type === "PARKING_TIME") period.parkingMs = ms
      else if (type === "RESERVATION_TIME") period.reservedMs = ms
      else if (type === "MIN_POWER") period.minPowerW = Number(scaled(volume, 3))
      else if (type === "MAX_POWER") period.maxPowerW = Number(scaled(volume, 3))
      else if (type === "MIN_CURRENT") period.minCurrentMa = Number(scaled(volume, 3))
      else if (type === "MAX_CURRENT") period.maxCurrentMa = Number(scaled(volume, 3))
      else assert.fail(`unknown dimension ${type}`)
    }
    return wire.tariff_id === undefined ? period : { ...period, tariffId: wire.tariff_id }
  })
}

const rateVector = (vector: Vector) =>
  rateSession(
    vector.tariffs.map((tariff) => Result.getOrThrow(Tariff.decode(tariff))),
    {
      startAtMs: instant(vector.cdr.start_date_time),
      timeZone: vector.location_time_zone ?? "UTC",
      currency: vector.cdr.currency ?? null,
      periods: periodsOf(vector.cdr),
      ...(vector.charging_preference_tariff_type && { type: vector.charging_preference_tariff_type })
    },
    { reservationExpired: vector.cdr.reservation_expired === true }
  )

/** The codes that the vectors are complete about; others may appear. */
const agreedNote =
  /^(total_clamped|unattributed_tax|negative_tax|tax_included_without_rate|tax_rate_ignored|no_price_component:.*|period_spans_price_change:.*|periods_out_of_order)$/

const unitDigits = { kWh: 1_000_000n, h: 3_600_000n, x: 1n } as const

describe("rating, by the published examples", () => {
  for (const vector of vectors.filter((it) => it.kind === "rating")) {
    it(`${vector.id}: ${vector.exercises}`, () => {
      const rating = Result.getOrThrow(rateVector(vector))
      const { expected } = vector
      assert.deepStrictEqual(
        { before_taxes: format(rating.net), after_taxes: format(rating.gross) },
        expected.total,
        "exact totals"
      )
      assert.deepStrictEqual(
        {
          before_taxes: formatMinor(rating.netMinor, rating.currency),
          after_taxes: formatMinor(rating.grossMinor, rating.currency)
        },
        expected.total_2dp,
        "rounded totals"
      )
      assert.strictEqual(rating.limitApplied, expected.limit_applied)
      assert.deepStrictEqual(rating.notes.filter((note) => agreedNote.test(note)).sort(), [...expected.notes].sort())
      const lines = rating.lines
        .filter((line) => line.dimension !== "ADJUSTMENT")
        .map((line) => {
          const unit = line.dimension === "ENERGY" ? "kWh" : line.dimension === "FLAT" ? "x" : "h"
          return {
            scope: line.scope,
            dimension: line.dimension,
            period_start: Instant.format(line.startAtMs).replace(".000Z", "Z"),
            element: line.element,
            component: line.component,
            billed: format({ n: BigInt(line.volume), d: unitDigits[unit] }),
            unit,
            unit_price: format({ n: BigInt(line.unitPriceMicros), d: 1_000_000n }),
            vat_percent: line.vatPpm === null ? null : line.vatPpm / 10_000,
            before_taxes: format(line.net),
            after_taxes: format(add(line.net, line.tax))
          }
        })
      const wanted = expected.lines.map((line) => ({
        ...line,
        unit_price: format({ n: scaled(line["unit_price"] as string, 6)!, d: 1_000_000n }),
        vat_percent: line["vat_percent"] === null ? null : Number(line["vat_percent"])
      }))
      const byPlace = (a: object, b: object) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)
      assert.deepStrictEqual([...lines].sort(byPlace) as ReadonlyArray<object>, [...wanted].sort(byPlace))
    })
  }

  it("all 61 rating examples were there", () => {
    assert.strictEqual(vectors.filter((it) => it.kind === "rating").length, 61)
  })
})

describe("what is refused instead of rated", () => {
  for (const vector of vectors.filter((it) => it.kind === "error")) {
    it(`${vector.id}: ${vector.exercises}`, () => {
      const rating = rateVector(vector)
      assert.isTrue(Result.isFailure(rating))
      if (Result.isFailure(rating)) assert.strictEqual(rating.failure._tag, vector.expected.error)
    })
  }
})
