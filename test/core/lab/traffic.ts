import { Result } from "effect"
import type { Session } from "#core/lab/Session.ts"
import type { Setup } from "#core/lab/Tally.ts"
import { Tariff } from "#core/tariff/Tariff.ts"

/** Wednesday, 4 March 2026, 08:00 UTC. */
export const t0 = Date.UTC(2026, 2, 4, 8)
export const minute = 60_000

/** A tariff from its elements, in euros, tax of 19 % on top. */
export const tariff = (id: string, elements: ReadonlyArray<unknown>, rest: Record<string, unknown> = {}): Tariff =>
  Result.getOrThrow(Tariff.parse({ id, currency: "EUR", tax_included: "NO", elements, ...rest }))

export const component = (type: string, price: number) => ({ type, price, vat: 19, step_size: 1 })

/** 0.50 a kWh. */
export const plain = tariff("PLAIN", [{ price_components: [component("ENERGY", 0.5)] }])

/** 0.40 a kWh, and 6 an hour of idleness. */
export const idle = tariff("IDLE", [{ price_components: [component("ENERGY", 0.4), component("PARKING_TIME", 6)] }])

/** `energyWh` in `chargeMinutes`, then idle for `idleMinutes`. */
export const session = (
  id: string,
  energyWh: number,
  chargeMinutes: number,
  idleMinutes: number,
  rest: Partial<Session> & { readonly atMs?: number } = {}
): Session => {
  const { atMs = t0, ...more } = rest
  const fullAtMs = atMs + chargeMinutes * minute
  return {
    id,
    stationId: "CP-1",
    siteId: null,
    payer: "ann",
    timeZone: "UTC",
    groups: [],
    telemetry: {
      startedAtMs: atMs,
      endedAtMs: fullAtMs + idleMinutes * minute,
      meterStartWh: 0,
      samples: [
        { atMs, registerWh: 0 },
        { atMs: fullAtMs, registerWh: energyWh }
      ],
      states: [
        { atMs, state: "Charging" },
        ...(idleMinutes === 0 ? [] : [{ atMs: fullAtMs, state: "SuspendedEV" as const }])
      ]
    },
    ...more
  }
}

export const setup = (over: Partial<Setup> = {}): Setup => ({
  a: [plain],
  b: [idle],
  currency: "EUR",
  energyPrices: null,
  elasticities: [0],
  jumpPercent: 25,
  ...over
})
