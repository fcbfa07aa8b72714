import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { checkCompiled } from "#core/tariff/check/checkTariff.ts"
import { shows } from "#core/tariff/check/witness.ts"
import { Tariff } from "#core/tariff/Tariff.ts"
import { extraTariffs } from "#test/simulator/rater/generated.ts"
import fc from "#test/support/fastCheck.ts"
import { compiledOf } from "../fixtures.ts"

type Wire = Record<string, unknown>

const price = (type: string, amount: number, rest: Wire = {}, step_size = 0) => ({
  price_components: [{ type, price: amount, step_size }],
  ...rest
})
const grace = (seconds: number) => ({ wattproof: { grace: { seconds, per: "STRETCH" } } })
const at = (hour: number) => `2026-01-12T${String(hour).padStart(2, "0")}:00:00Z`
const series = (hours: ReadonlyArray<readonly [number, number]>, end: number) => ({
  energy_prices: {
    prices: hours.map(([it, amount]) => ({ start_date_time: at(it), price: amount })),
    end_date_time: at(end)
  }
})
const dynamic = price("ENERGY", 0.5, { wattproof: { energy_prices: true } })
const feast = { name: "Feast", dates: ["2025-12-25", "2026-01-01"] }
const discount = (rest: Wire) => ({ discounts: [{ name: "less", ...rest }] })
const parking = price("PARKING_TIME", 6)

const checked = (elements: ReadonlyArray<unknown>, wattproof: Wire, rest: Wire = {}) => {
  const json = { id: "T", currency: "EUR", tax_included: "NO", elements, wattproof, ...rest }
  const compiled = compiledOf(Result.getOrThrow(Tariff.decode(json)), "Europe/Berlin")
  return { compiled, findings: checkCompiled(compiled) }
}

/** What is found there, and whether a session shows it. */
const cases: ReadonlyArray<readonly [string, ReadonlyArray<unknown>, Wire, Wire, string | null, boolean]> = [
  [
    "a grace period as long as its price may hold",
    [price("PARKING_TIME", 6, { ...grace(3600), restrictions: { max_duration: 3600 } })],
    {},
    {},
    "grace_never_ends@/elements/0/wattproof/grace",
    true
  ],
  [
    "a grace period that ends a second before its price does",
    [price("PARKING_TIME", 6, { ...grace(3599), restrictions: { max_duration: 3600 } })],
    {},
    {},
    null,
    false
  ],
  [
    "quiet hours that hold whenever the price does",
    [price("PARKING_TIME", 6, { restrictions: { start_time: "23:00", end_time: "05:00" } })],
    {
      quiet_hours: [
        { start_time: "22:00", end_time: "01:00" },
        { start_time: "01:00", end_time: "06:00" }
      ]
    },
    {},
    "always_quiet@/elements/0/price_components/0",
    true
  ],
  [
    "quiet hours that leave one weekday",
    [price("PARKING_TIME", 6, { restrictions: { start_time: "23:00" } })],
    { quiet_hours: [{ start_time: "22:00", end_time: "06:00", day_of_week: ["MONDAY", "TUESDAY", "WEDNESDAY"] }] },
    {},
    null,
    false
  ],
  [
    "a cap that one step exceeds",
    [price("PARKING_TIME", 6, {}, 3600)],
    { caps: [{ type: "PARKING_TIME", amount: 5.99 }] },
    {},
    "cap_below_step@/wattproof/caps/0/amount",
    true
  ],
  [
    "a cap of exactly one step",
    [price("PARKING_TIME", 6, {}, 3600)],
    { caps: [{ type: "PARKING_TIME", amount: 6 }] },
    {},
    null,
    false
  ],
  [
    "a cap of what nothing prices",
    [parking],
    { caps: [{ type: "TIME", amount: 6 }] },
    {},
    "cap_unpriced@/wattproof/caps/0/type",
    false
  ],
  [
    "a calendar of the past",
    [price("ENERGY", 0.3, { wattproof: { holidays: "ONLY" } }), price("ENERGY", 0.5)],
    { holidays: feast },
    { start_date_time: "2026-01-01T23:00:00Z" },
    "holidays_past@/wattproof/holidays/dates",
    true
  ],
  [
    "a calendar of which a day is left, by the clock on the wall",
    [price("ENERGY", 0.3, { wattproof: { holidays: "ONLY" } }), price("ENERGY", 0.5)],
    { holidays: feast },
    { start_date_time: "2026-01-01T22:59:59Z" },
    null,
    false
  ],
  ["a calendar that nobody reads", [parking], { holidays: feast }, {}, "holidays_unused@/wattproof/holidays", false],
  ["a series that nobody reads", [parking], series([[1, 0.1]], 2), {}, "series_unused@/wattproof/energy_prices", false],
  [
    "an hour that a series lacks",
    [dynamic],
    series(
      [
        [1, 0.1],
        [2, 0.2],
        [4, 0.3]
      ],
      5
    ),
    {},
    "series_gap@/wattproof/energy_prices/prices/1",
    true
  ],
  [
    "a series that ended before the tariff begins",
    [dynamic],
    series([[1, 0.1]], 2),
    { start_date_time: at(2) },
    "series_past@/wattproof/energy_prices/end_date_time",
    true
  ],
  [
    "a price below 0",
    [dynamic],
    series([[1, -0.1]], 2),
    {},
    "series_held_at_zero@/wattproof/energy_prices/prices/0/price",
    true
  ],
  [
    "a discount of everything for some",
    [price("ENERGY", 0.5)],
    discount({ percent: 100, groups: ["staff"] }),
    {},
    "discount_makes_free@/wattproof/discounts/0/percent",
    true
  ],
  ["a discount of nearly everything", [price("ENERGY", 0.5)], discount({ percent: 99.9999 }), {}, null, false],
  [
    "a discount of what nothing prices",
    [price("ENERGY", 0.5)],
    discount({ percent: 10, type: "FLAT" }),
    {},
    "discount_unpriced@/wattproof/discounts/0/type",
    false
  ]
]

describe("what is wrong with what OCPI lacks", () => {
  for (const [title, elements, wattproof, rest, expected, isSeen] of cases) {
    it(title, () => {
      const { compiled, findings } = checked(elements, wattproof, rest)
      const own = findings.filter(({ code }) => /grace|quiet|cap_|holidays|series|discount/.test(code))
      assert.deepStrictEqual(
        own.map(({ code, path }) => `${code}@${path}`),
        expected === null ? [] : [expected]
      )
      const evidence = own[0]?.evidence ?? null
      assert.strictEqual(evidence !== null, isSeen)
      if (evidence !== null) assert.isTrue(shows(compiled, evidence.witness, evidence.claim))
    })
  }

  it("days of a calendar are days of their own: what holds on neither is a gap, with a session on a holiday", () => {
    const { findings } = checked([price("ENERGY", 0.5, { wattproof: { holidays: "EXCEPT" } })], { holidays: feast })
    const gaps = findings.filter(({ code }) => code === "gap").map(({ where }) => `${where!.dimension} ${where!.when}`)
    assert.deepStrictEqual(gaps, [
      "ENERGY from 2025-12-25 until before 2025-12-26 and from 2026-01-01 until before 2026-01-02"
    ])
    const whole = checked(
      [
        price("ENERGY", 0.3, { wattproof: { holidays: "ONLY" } }),
        price("ENERGY", 0.5, { wattproof: { holidays: "EXCEPT" } })
      ],
      { holidays: feast }
    )
    assert.isFalse(whole.findings.some(({ code }) => code === "gap" || code === "unreachable"))
  })

  it("every session that is shown shows it, whatever the tariff", () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(extraTariffs, (json) => {
        const compiled = compiledOf(Result.getOrThrow(Tariff.decode(json)), "Europe/Berlin")
        for (const { evidence, code } of checkCompiled(compiled)) {
          if (evidence === null) continue
          assert.isTrue(shows(compiled, evidence.witness, evidence.claim), code)
          seen.add(code)
        }
      }),
      { numRuns: 100, seed: 8 }
    )
    assert.isAbove(seen.size, 5)
  })
})
