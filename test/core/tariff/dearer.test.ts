import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { dearerThanEver } from "#core/tariff/dearer.ts"
import { Tariff } from "#core/tariff/Tariff.ts"

/** Parking at 6 an hour: so long free, and no more than that a session. */
const parking = (graceSeconds: number | null, cap: number | null, currency = "EUR") =>
  Result.getOrThrow(
    Tariff.parse({
      id: "idle",
      currency,
      elements: [
        {
          price_components: [{ type: "PARKING_TIME", price: 6, step_size: 1 }],
          ...(graceSeconds !== null && { wattproof: { grace: { seconds: graceSeconds, per: "STRETCH" as const } } })
        }
      ],
      ...(cap !== null && { wattproof: { caps: [{ type: "PARKING_TIME", amount: cap }] } })
    })
  )

const paths = (tariff: Tariff, ...earlier: ReadonlyArray<Tariff>) =>
  dearerThanEver(tariff, earlier).map(({ path }) => path)

describe("dearerThanEver", () => {
  it("a cap that is raised or gone is dearer, one that is lowered or that an earlier version lacked is not", () => {
    assert.deepStrictEqual(paths(parking(null, 13), parking(null, 10), parking(null, 12)), ["/wattproof/caps/0/amount"])
    assert.deepStrictEqual(paths(parking(null, null), parking(null, 12)), ["/wattproof/caps"])
    assert.deepStrictEqual(paths(parking(null, 12), parking(null, 10), parking(null, 12)), [])
    assert.deepStrictEqual(paths(parking(null, 13), parking(null, 12), parking(null, null)), [])
  })

  it("a grace period is dearer when it is shorter than each before it", () => {
    const grace = "/elements/0/wattproof/grace"
    assert.deepStrictEqual(paths(parking(600, null), parking(900, null), parking(1_200, null)), [grace])
    assert.deepStrictEqual(paths(parking(null, null), parking(900, null)), [grace])
    assert.deepStrictEqual(paths(parking(900, null), parking(900, null), parking(1_200, null)), [])
    assert.deepStrictEqual(paths(parking(600, null), parking(900, null), parking(null, null)), [])
  })

  it("what was asked in another currency is no measure", () => {
    assert.deepStrictEqual(paths(parking(null, null), parking(900, 12, "CHF")), [])
  })
})
