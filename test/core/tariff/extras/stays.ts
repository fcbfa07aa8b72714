import type { ChargingState, SessionTelemetry } from "#core/tariff/Periods.ts"
import { extraTariffs } from "#test/simulator/rater/generated.ts"
import fc from "#test/support/fastCheck.ts"

const states: ReadonlyArray<ChargingState> = ["Charging", "EVConnected", "SuspendedEV", "SuspendedEVSE", "Idle"]

/** Stays of up to two days that begin about the nights in which a clock is turned, each state for whole so many ms. */
export const staysOf = (unitMs: number): fc.Arbitrary<SessionTelemetry> =>
  fc
    .record({
      start: fc.constantFrom("2024-03-30T12:00:00Z", "2024-10-26T10:00:00Z", "2024-04-05T20:00:00Z"),
      afterMinutes: fc.nat(900),
      parts: fc.array(
        fc.record({ minutes: fc.integer({ min: 0, max: 500 }), state: fc.constantFrom(...states), wh: fc.nat(30_000) }),
        { minLength: 1, maxLength: 7 }
      )
    })
    .map(({ start, afterMinutes, parts }): SessionTelemetry => {
      const startedAtMs = Date.parse(start) + afterMinutes * unitMs
      let [atMs, registerWh] = [startedAtMs, 0]
      const samples = [{ atMs, registerWh }]
      const told = parts.map(({ minutes, state, wh }) => {
        const since = { atMs, state }
        atMs += minutes * unitMs
        registerWh += minutes === 0 ? 0 : wh
        samples.push({ atMs, registerWh })
        return since
      })
      return { startedAtMs, endedAtMs: atMs, samples, states: told }
    })

/** Tariffs with extras whose prices the clock, the calendar and the parking so far decide, and no energy or power. */
export const byTime = extraTariffs.map((json) => ({
  ...json,
  elements: json.elements.map(({ restrictions, wattproof, price_components }) => {
    const { min_kwh: _, max_kwh: __, min_power: ___, max_power: ____, ...rest } = restrictions ?? {}
    const { min_current: _____, max_current: ______, ...kept } = rest
    return {
      restrictions: kept,
      price_components: price_components.map((it) =>
        it.type === "FLAT" || it.type === "ENERGY" ? { ...it, type: "PARKING_TIME" as const } : it
      ),
      ...(wattproof !== undefined && {
        wattproof: { ...wattproof, ...(wattproof.grace && { grace: { ...wattproof.grace, seconds: 1800 } }) }
      })
    }
  })
}))
