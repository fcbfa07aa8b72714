import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { TariffExtras } from "#core/tariff/extras/Extras.ts"
import type { Tariff } from "#core/tariff/Tariff.ts"
import { runVirtual } from "#scenarios/Lab.ts"
import { overStore } from "#scenarios/lab/CmsProcess.ts"
import { residentialWeekEnd } from "#scenarios/residential-week-end.ts"
import type { Scenario } from "#scenarios/Scenario.ts"
import { Directory } from "#server/directory/Directory.ts"
import { siteZone } from "#simulator/oracles/Oracle.ts"
import { trueWh } from "#simulator/oracles/owed.ts"
import type { OcpiTariff } from "#simulator/oracles/SlowRater.ts"
import { slowPrice } from "#simulator/rater/price.ts"
import { stretchesOf } from "#simulator/rater/timeline.ts"
import type { Truth } from "#simulator/Truth.ts"

/** Saturday of that week-end is a holiday, on which idle time is cheap; its nights are quiet. */
const tariff: OcpiTariff = {
  id: "EXTRAS",
  version: 1,
  currency: "EUR",
  tax_included: "NO",
  elements: [
    {
      price_components: [{ type: "PARKING_TIME", price: 2, vat: 7, step_size: 60 }],
      wattproof: { holidays: "ONLY", grace: { seconds: 1800, per: "STRETCH" } }
    },
    {
      price_components: [
        { type: "ENERGY", price: 0.49, vat: 19, step_size: 1 },
        { type: "TIME", price: 1.2, vat: 19, step_size: 60 },
        { type: "PARKING_TIME", price: 6, vat: 19, step_size: 60 }
      ]
    },
    { price_components: [{ type: "FLAT", price: 0.35, vat: 7 }], wattproof: { holidays: "EXCEPT" } }
  ],
  wattproof: {
    quiet_hours: [{ start_time: "22:00", end_time: "07:00" }],
    holidays: { name: "Feast", dates: ["2026-03-07"] },
    caps: [{ type: "PARKING_TIME", amount: 9 }],
    discounts: [{ name: "neighbours", type: "ENERGY", percent: 5 }]
  }
}
const scenario: Scenario = { ...residentialWeekEnd, days: 2, tariff: [tariff] }

/** What the sessions that truly were come across. */
const reached = (truth: Truth): ReadonlySet<string> => {
  const seen = new Set<string>()
  for (const session of truth.sessions) {
    const { startedAtMs, endedAtMs, states, tokenUid } = session
    if (endedAtMs === null || endedAtMs <= startedAtMs || tokenUid === null) continue
    const timeline = { startedAtMs, endedAtMs, states, timeZone: siteZone }
    const { lines, taken } = slowPrice(tariff, stretchesOf(tariff, timeline, trueWh(session)!), { timeZone: siteZone })
    for (const { element, free } of lines) seen.add(free ?? (element === 0 ? "holiday" : "price"))
    for (const { reason } of taken) seen.add(reason)
  }
  return seen
}

const run = Effect.fnUntraced(function* (change?: (tariff: Tariff) => Tariff) {
  const seen: Array<ReadonlySet<string>> = []
  const patchStores = overStore(Directory, (directory) => ({
    ...directory,
    tariff: (id) => Effect.map(directory.tariff(id), (versions) => versions.map((it) => ({ ...it, ...change?.(it) })))
  }))
  const result = yield* runVirtual(scenario, {
    store: "memory",
    stations: 4,
    patchStores,
    onEvidence: (_, truth) => seen.push(reached(truth))
  })
  const failed = result.oracles.filter(({ verdict }) => verdict === "FAIL").map(({ name }) => name)
  return { result, failed, seen: seen[0]! }
})

const inExtras = (change: Partial<TariffExtras>) => (it: Tariff) => ({ ...it, extras: { ...it.extras!, ...change } })

describe("a week-end under a tariff with grace, quiet hours, a cap, a holiday and a discount", () => {
  it.live("passes every oracle, and every extra matters", () =>
    Effect.gen(function* () {
      const { result, failed, seen } = yield* run()
      assert.deepStrictEqual(failed, [])
      assert.strictEqual(result.verdict, "PASS")
      for (const what of ["GRACE", "QUIET_HOURS", "CAP", "DISCOUNT", "holiday", "price"])
        assert.include([...seen], what)
    })
  )

  const defects: ReadonlyArray<readonly [string, (tariff: Tariff) => Tariff]> = [
    [
      "a grace period a minute too long",
      (it) => ({
        ...it,
        elements: it.elements.map((element) => {
          const { extras } = element
          const grace = extras?.grace ?? null
          return grace === null
            ? element
            : { ...element, extras: { ...extras!, grace: { ...grace, freeMs: grace.freeMs + 60_000 } } }
        })
      })
    ],
    ["quiet hours that are forgotten", inExtras({ quietHours: [] })],
    ["a cap a cent too high", inExtras({ caps: [{ dimension: "PARKING_TIME", amountMicros: 9_010_000 }] })],
    ["a holiday on another day", inExtras({ holidays: { name: "Feast", dates: ["2026-03-08"] } })],
    ["a discount that is not given", inExtras({ discounts: [] })]
  ]
  for (const [what, change] of defects) {
    it.live(`does not pass with ${what}`, () =>
      Effect.gen(function* () {
        const { failed } = yield* run(change)
        assert.deepStrictEqual(failed, ["money", "audit"])
      })
    )
  }
})
