import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { compare } from "#core/Money.ts"
import { emptyPeriod } from "#core/tariff/ChargingPeriod.ts"
import { chargingPeriods } from "#core/tariff/Periods.ts"
import { rate } from "#core/tariff/rate.ts"
import { Tariff } from "#core/tariff/Tariff.ts"
import { extraTariffs, options } from "#test/simulator/rater/generated.ts"
import fc from "#test/support/fastCheck.ts"
import { compiledOf } from "../fixtures.ts"
import { byTime, staysOf } from "./stays.ts"

const minute = 60_000
const stays = staysOf(minute)

describe("a session cut for a tariff with extras", () => {
  it("has no period that spans a change of price", () => {
    let free = 0
    fc.assert(
      fc.property(extraTariffs, stays, options, (json, stay, { timeZone }) => {
        const compiled = compiledOf(Result.getOrThrow(Tariff.decode(json)), timeZone)
        const { notes, lines } = rate(compiled, chargingPeriods(compiled, stay))
        assert.deepStrictEqual(
          notes.filter((note) => note.startsWith("period")),
          []
        )
        free += lines.some(({ adjustment }) => adjustment === "GRACE") ? 1 : 0
      }),
      { numRuns: 150, seed: 3 }
    )
    assert.isAbove(free, 10)
  })

  it("costs what it costs cut into single minutes, where nothing else cuts it", () => {
    let [free, quiet] = [0, 0]
    fc.assert(
      fc.property(byTime, stays, options, (json, stay, { timeZone }) => {
        const compiled = compiledOf(Result.getOrThrow(Tariff.decode(json)), timeZone)
        const cut = chargingPeriods(compiled, stay)
        const minutes = cut.flatMap(({ startAtMs, endAtMs, parkingMs }) => {
          const count = (endAtMs - startAtMs) / minute
          return Array.from({ length: count }, (_, index) => ({
            ...emptyPeriod,
            startAtMs: startAtMs + index * minute,
            endAtMs: startAtMs + (index + 1) * minute,
            chargingMs: parkingMs > 0 ? 0 : minute,
            parkingMs: parkingMs > 0 ? minute : 0
          }))
        })
        const once = rate(
          compiled,
          cut.map((it) => ({ ...it, energyMilliWh: 0 })),
          { steps: "none" }
        )
        const often = rate(compiled, minutes, { steps: "none" })
        assert.strictEqual(compare(once.net, often.net), 0)
        assert.strictEqual(compare(once.gross, often.gross), 0)
        free += once.lines.some(({ adjustment }) => adjustment === "GRACE") ? 1 : 0
        quiet += once.lines.some(({ adjustment }) => adjustment === "QUIET_HOURS") ? 1 : 0
      }),
      { numRuns: 60, seed: 3 }
    )
    assert.isAbove(free, 8)
    assert.isAbove(quiet, 8)
  })
})
