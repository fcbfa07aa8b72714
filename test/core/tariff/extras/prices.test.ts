import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { add, format, formatMinor } from "#core/Money.ts"
import { explain } from "#core/tariff/explain.ts"
import { type ChargingState, chargingPeriods } from "#core/tariff/Periods.ts"
import { rate } from "#core/tariff/rate.ts"
import { Tariff } from "#core/tariff/Tariff.ts"
import { compiledOf } from "../fixtures.ts"

interface Case {
  readonly title: string
  readonly zone?: string
  readonly tariff: Record<string, unknown>
  /** From each instant on. */
  readonly states: ReadonlyArray<readonly [string, ChargingState]>
  readonly until: string
  /** Wh by instant; nothing is used where it is not told. */
  readonly samples?: ReadonlyArray<readonly [string, number]>
  readonly groups?: ReadonlyArray<string>
  readonly gross: string
  /** `DIMENSION volume net why` of every line, volumes in minutes or Wh. */
  readonly lines?: ReadonlyArray<string>
}

const parking = (rest: Record<string, unknown> = {}, component: Record<string, unknown> = {}) => ({
  price_components: [{ type: "PARKING_TIME", price: 6, step_size: 0, ...component }],
  ...rest
})
const energy = (price: number, rest: Record<string, unknown> = {}) => ({
  price_components: [{ type: "ENERGY", price, step_size: 0 }],
  ...rest
})
const grace = (seconds: number, per: "STRETCH" | "SESSION") => ({ wattproof: { grace: { seconds, per } } })
const night = { quiet_hours: [{ start_time: "22:00", end_time: "08:00" }] }

const oneStay = [
  ["2026-01-12T10:00:00Z", "Charging"],
  ["2026-01-12T11:00:00Z", "SuspendedEV"]
] as const
const twoStays = [...oneStay, ["2026-01-12T11:20:00Z", "Charging"], ["2026-01-12T12:00:00Z", "Idle"]] as const
const parkedFrom = (at: string) => [[at, "SuspendedEV"]] as const
const charging = (at: string) => [[at, "Charging"]] as const

const series = {
  surcharge: 0.05,
  prices: [
    { start_date_time: "2026-01-12T10:00:00Z", price: 0.1 },
    { start_date_time: "2026-01-12T11:00:00Z", price: 0.2 },
    { start_date_time: "2026-01-12T12:00:00Z", price: -0.3 }
  ],
  end_date_time: "2026-01-12T13:00:00Z"
}

const cases: ReadonlyArray<Case> = [
  {
    title: "a grace period frees the begin of parking",
    tariff: { elements: [parking(grace(900, "STRETCH"))] },
    states: oneStay,
    until: "2026-01-12T11:40:00Z",
    gross: "2.50",
    lines: ["PARKING_TIME 15 0.00 GRACE", "PARKING_TIME 25 2.50"]
  },
  {
    title: "a grace period of each stretch begins anew when the vehicle has charged again",
    tariff: { elements: [parking(grace(900, "STRETCH"))] },
    states: twoStays,
    until: "2026-01-12T12:10:00Z",
    gross: "0.50",
    lines: ["PARKING_TIME 15 0.00 GRACE", "PARKING_TIME 5 0.50", "PARKING_TIME 10 0.00 GRACE"]
  },
  {
    title: "a grace period of the session is used up once",
    tariff: { elements: [parking(grace(900, "SESSION"))] },
    states: twoStays,
    until: "2026-01-12T12:10:00Z",
    gross: "1.50",
    lines: ["PARKING_TIME 15 0.00 GRACE", "PARKING_TIME 5 0.50", "PARKING_TIME 10 1.00"]
  },
  {
    title: "a step rounds what is billed, not what is free",
    tariff: { elements: [parking(grace(900, "STRETCH"), { step_size: 900 })] },
    states: oneStay,
    until: "2026-01-12T11:20:00Z",
    gross: "1.50",
    lines: ["PARKING_TIME 15 0.00 GRACE", "PARKING_TIME 15 1.50"]
  },
  {
    title: "quiet hours free the night",
    zone: "Europe/Berlin",
    tariff: { elements: [parking()], wattproof: night },
    states: parkedFrom("2026-01-12T20:30:00Z"),
    until: "2026-01-13T08:00:00Z",
    gross: "9.00",
    lines: ["PARKING_TIME 30 3.00", "PARKING_TIME 600 0.00 QUIET_HOURS", "PARKING_TIME 60 6.00"]
  },
  {
    title: "quiet hours do not use up a grace period",
    zone: "Europe/Berlin",
    tariff: { elements: [parking(grace(900, "STRETCH"))], wattproof: night },
    states: parkedFrom("2026-01-12T20:50:00Z"),
    until: "2026-01-13T07:30:00Z",
    gross: "2.50",
    lines: [
      "PARKING_TIME 10 0.00 GRACE",
      "PARKING_TIME 600 0.00 QUIET_HOURS",
      "PARKING_TIME 5 0.00 GRACE",
      "PARKING_TIME 25 2.50"
    ]
  },
  {
    title: "quiet hours follow the clock on the wall into summer time",
    zone: "Europe/Berlin",
    tariff: { elements: [parking()], wattproof: night },
    states: parkedFrom("2026-03-28T20:30:00Z"),
    until: "2026-03-29T07:00:00Z",
    gross: "9.00",
    lines: ["PARKING_TIME 30 3.00", "PARKING_TIME 540 0.00 QUIET_HOURS", "PARKING_TIME 60 6.00"]
  },
  {
    title: "quiet hours in the repeated hour hold twice",
    zone: "Europe/Berlin",
    tariff: { elements: [parking()], wattproof: { quiet_hours: [{ start_time: "02:00", end_time: "03:00" }] } },
    states: parkedFrom("2026-10-24T23:00:00Z"),
    until: "2026-10-25T03:00:00Z",
    gross: "12.00"
  },
  {
    title: "quiet hours in the skipped hour never hold",
    zone: "Europe/Berlin",
    tariff: { elements: [parking()], wattproof: { quiet_hours: [{ start_time: "02:00", end_time: "03:00" }] } },
    states: parkedFrom("2026-03-29T00:00:00Z"),
    until: "2026-03-29T02:00:00Z",
    gross: "12.00"
  },
  {
    title: "a cap takes what is above it, on a line of its own",
    tariff: { elements: [parking()], wattproof: { caps: [{ type: "PARKING_TIME", amount: 12 }] } },
    states: parkedFrom("2026-01-12T10:00:00Z"),
    until: "2026-01-12T13:00:00Z",
    gross: "12.00",
    lines: ["PARKING_TIME 180 18.00", "PARKING_TIME 0 -6.00 CAP"]
  },
  {
    title: "a cap is of the price that is stated: with the tax inside",
    tariff: {
      tax_included: "YES",
      elements: [parking({}, { vat: 20 })],
      wattproof: { caps: [{ type: "PARKING_TIME", amount: 12 }] }
    },
    states: parkedFrom("2026-01-12T10:00:00Z"),
    until: "2026-01-12T13:00:00Z",
    gross: "12.00",
    lines: ["PARKING_TIME 180 15.00", "PARKING_TIME 0 -5.00 CAP"]
  },
  {
    title: "a cap over two rates takes from each in proportion",
    tariff: {
      elements: [parking({ restrictions: { max_duration: 7200 } }, { vat: 20 }), parking({}, { vat: 10 })],
      wattproof: { caps: [{ type: "PARKING_TIME", amount: 9 }] }
    },
    states: parkedFrom("2026-01-12T10:00:00Z"),
    until: "2026-01-12T13:00:00Z",
    gross: "10.50",
    lines: ["PARKING_TIME 120 12.00", "PARKING_TIME 60 6.00", "PARKING_TIME 0 -6.00 CAP", "PARKING_TIME 0 -3.00 CAP"]
  },
  {
    title: "a cap that is not reached says nothing",
    tariff: { elements: [parking()], wattproof: { caps: [{ type: "PARKING_TIME", amount: 18 }] } },
    states: parkedFrom("2026-01-12T10:00:00Z"),
    until: "2026-01-12T13:00:00Z",
    gross: "18.00",
    lines: ["PARKING_TIME 180 18.00"]
  },
  {
    title: "holidays are local days of the calendar",
    zone: "Europe/Berlin",
    tariff: {
      elements: [energy(0.2, { wattproof: { holidays: "ONLY" } }), energy(0.5)],
      wattproof: { holidays: { name: "DE", dates: ["2026-12-25", "2026-12-26"] } }
    },
    states: charging("2026-12-24T22:00:00Z"),
    samples: [["2026-12-25T00:00:00Z", 20_000]],
    until: "2026-12-25T00:00:00Z",
    gross: "7.00",
    lines: ["ENERGY 10000 5.00", "ENERGY 10000 2.00"]
  },
  {
    title: "an element for all other days does not hold on a holiday",
    tariff: {
      elements: [
        energy(0.5, { wattproof: { holidays: "EXCEPT" }, restrictions: { day_of_week: ["FRIDAY"] } }),
        energy(0.3)
      ],
      wattproof: { holidays: { name: "DE", dates: ["2026-12-25"] } }
    },
    states: charging("2026-12-25T10:00:00Z"),
    samples: [["2026-12-25T11:00:00Z", 10_000]],
    until: "2026-12-25T11:00:00Z",
    gross: "3.00"
  },
  {
    title: "a price series is followed hour by hour, at least 0, and the component's own price holds outside",
    tariff: { elements: [energy(0.49, { wattproof: { energy_prices: true } })], wattproof: { energy_prices: series } },
    states: charging("2026-01-12T10:00:00Z"),
    samples: [["2026-01-12T14:00:00Z", 4_000]],
    until: "2026-01-12T14:00:00Z",
    gross: "0.89",
    lines: ["ENERGY 1000 0.15", "ENERGY 1000 0.25", "ENERGY 1000 0.00", "ENERGY 1000 0.49"]
  },
  {
    title: "discounts follow each other, each from what is left, and one of a dimension takes from it alone",
    tariff: {
      elements: [{ price_components: [{ type: "FLAT", price: 1 }, ...energy(0.5).price_components] }],
      wattproof: {
        discounts: [
          { name: "all", percent: 10 },
          { name: "fleet", type: "ENERGY", amount: 0.5, groups: ["fleet"] }
        ]
      }
    },
    states: charging("2026-01-12T10:00:00Z"),
    samples: [["2026-01-12T11:00:00Z", 10_000]],
    until: "2026-01-12T11:00:00Z",
    groups: ["others", "fleet"],
    gross: "4.90",
    lines: [
      "ENERGY 10000 5.00",
      "FLAT 1 1.00",
      "ENERGY 0 -0.50 DISCOUNT",
      "FLAT 0 -0.10 DISCOUNT",
      "ENERGY 0 -0.50 DISCOUNT"
    ]
  },
  {
    title: "a discount of a group is for its drivers only",
    tariff: {
      elements: [energy(0.5)],
      wattproof: { discounts: [{ name: "fleet", percent: 50, groups: ["fleet"] }] }
    },
    states: charging("2026-01-12T10:00:00Z"),
    samples: [["2026-01-12T11:00:00Z", 10_000]],
    until: "2026-01-12T11:00:00Z",
    groups: ["others"],
    gross: "5.00"
  },
  {
    title: "no discount takes more than there is, and the minimum price holds after it",
    tariff: {
      elements: [energy(0.5)],
      min_price: { before_taxes: 1 },
      wattproof: { discounts: [{ name: "welcome", amount: 20 }] }
    },
    states: charging("2026-01-12T10:00:00Z"),
    samples: [["2026-01-12T11:00:00Z", 10_000]],
    until: "2026-01-12T11:00:00Z",
    gross: "1.00"
  },
  {
    title: "first the cap, then the discount, then the maximum price",
    tariff: {
      elements: [parking()],
      max_price: { before_taxes: 5 },
      wattproof: {
        caps: [{ type: "PARKING_TIME", amount: 12 }],
        discounts: [{ name: "half", percent: 50 }]
      }
    },
    states: parkedFrom("2026-01-12T10:00:00Z"),
    until: "2026-01-12T13:00:00Z",
    gross: "5.00",
    lines: [
      "PARKING_TIME 180 18.00",
      "PARKING_TIME 0 -6.00 CAP",
      "PARKING_TIME 0 -6.00 DISCOUNT",
      "ADJUSTMENT 0 -1.00 MAX_PRICE"
    ]
  }
]

const ratedOf = ({ tariff, zone = "UTC", states, until, samples = [], groups = [] }: Case) => {
  const json = { id: "T", currency: "EUR", tax_included: "NO", ...tariff }
  const compiled = compiledOf(Result.getOrThrow(Tariff.parse(json)), zone)
  const startedAtMs = Date.parse(states[0]![0])
  const periods = chargingPeriods(compiled, {
    startedAtMs,
    endedAtMs: Date.parse(until),
    meterStartWh: 0,
    samples: samples.map(([at, registerWh]) => ({ atMs: Date.parse(at), registerWh })),
    states: states.map(([at, state]) => ({ atMs: Date.parse(at), state }))
  })
  return { compiled, periods, rating: rate(compiled, periods, { groups }), groups }
}

describe("what people use and OCPI lacks", () => {
  for (const it_ of cases) {
    it(it_.title, () => {
      const { rating } = ratedOf(it_)
      assert.strictEqual(formatMinor(rating.grossMinor, "EUR"), it_.gross)
      if (it_.lines === undefined) return
      const shown = rating.lines.map(({ dimension, volume, net, adjustment }) => {
        const counted = dimension === "FLAT" ? volume : dimension === "ENERGY" ? volume / 1000 : volume / 60_000
        return [dimension, counted, format(net), ...(adjustment === null ? [] : [adjustment])].join(" ")
      })
      assert.deepStrictEqual(shown, it_.lines)
    })
  }

  it("is explained line by line", () => {
    const texts = cases.flatMap((it) => {
      const { compiled, periods, rating, groups } = ratedOf(it)
      return explain(compiled, periods, rating, { groups }).flat()
    })
    const has = (kind: string, text: string) =>
      assert.isTrue(
        texts.some((it) => it.kind === kind && it.text.startsWith(text)),
        `${kind}: ${text}`
      )
    has("free", "grace period: the first 900 s of each stretch of parking are free, instead of 6.00 EUR/h")
    has("free", "grace period: the first 900 s of a session's parking are free")
    has("free", "in quiet hours parking is neither charged nor counted, instead of 6.00 EUR/h")
    has("cap", "a session pays at most 12.00 EUR of PARKING_TIME: -6.00 EUR before taxes, 0.00 EUR of tax")
    has("discount", 'discount "fleet", 0.50 EUR of ENERGY for drivers of fleet: -0.50 EUR')
    has("passed_over", "element 0 (0.20 EUR/kWh) did not hold: another kind of day, by the calendar of holidays")
    has(
      "price",
      "element 0, component 0: 0.00 EUR/kWh, -0.30 EUR of the price series and 0.05 EUR surcharge, 2026-01-12T12:00:00.000Z to 2026-01-12T13:00:00.000Z, held at 0"
    )
    has("price", "element 0, component 0: 0.49 EUR/kWh, for the price series says nothing of that time")
  })

  it("never asks less than nothing of any dimension or rate", () => {
    for (const it of cases) {
      const { rating } = ratedOf(it)
      for (const { net, tax } of rating.taxes) assert.isTrue(net.n >= 0n && add(net, tax).n >= 0n, it.title)
    }
  })
})
