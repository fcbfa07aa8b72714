import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as fc from "fast-check"
import { compare } from "#core/Money.ts"
import { emptyPeriod } from "#core/tariff/ChargingPeriod.ts"
import { type ChargingState, chargingPeriods, type SessionTelemetry } from "#core/tariff/Periods.ts"
import { rate } from "#core/tariff/rate.ts"
import { Tariff } from "#core/tariff/Tariff.ts"
import { extraTariffs, options } from "#test/simulator/rater/generated.ts"
import { compiledOf } from "../fixtures.ts"

const minute = 60_000
const states: ReadonlyArray<ChargingState> = ["Charging", "EVConnected", "SuspendedEV", "SuspendedEVSE", "Idle"]

/** Stays of up to two days that begin about the nights in which a clock is turned, each state for whole minutes. */
const stays = fc
  .record({
    start: fc.constantFrom("2024-03-30T12:00:00Z", "2024-10-26T10:00:00Z", "2024-04-05T20:00:00Z"),
    after: fc.nat(900),
    parts: fc.array(
      fc.record({ minutes: fc.integer({ min: 0, max: 500 }), state: fc.constantFrom(...states), wh: fc.nat(30_000) }),
      { minLength: 1, maxLength: 7 }
    )
  })
  .map(({ start, after, parts }): SessionTelemetry => {
    const startedAtMs = Date.parse(start) + after * minute
    let [atMs, registerWh] = [startedAtMs, 0]
    const samples = [{ atMs, registerWh }]
    const told = parts.map(({ minutes, state, wh }) => {
      const since = { atMs, state }
      atMs += minutes * minute
      registerWh += minutes === 0 ? 0 : wh
      samples.push({ atMs, registerWh })
      return since
    })
    return { startedAtMs, endedAtMs: atMs, samples, states: told }
  })

/** Only what the clock, the calendar and the parking so far decide: without energy, power or current. */
const byTime = extraTariffs.map((json) => ({
  ...json,
  elements: json.elements.map(({ restrictions, wattproof, price_components }) => {
    const { min_kwh: _, max_kwh: __, min_power: ___, max_power: ____, ...rest } = restrictions ?? {}
    const { min_current: _____, max_current: ______, ...kept } = rest
    return {
      restrictions: kept,
      price_components: price_components.map((it) => (it.type === "FLAT" ? { ...it, type: "PARKING_TIME" } : it)),
      ...(wattproof !== undefined && {
        wattproof: { ...wattproof, ...(wattproof.grace && { grace: { ...wattproof.grace, seconds: 1800 } }) }
      })
    }
  })
}))

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
