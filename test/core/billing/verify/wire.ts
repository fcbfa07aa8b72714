import type { Cdr } from "#core/billing/Cdr.ts"
import * as Instant from "#core/Instant.ts"
import { exact, format, formatMinor } from "#core/Money.ts"

const hours = (ms: number): number => Number(format(exact(BigInt(ms), 3_600_000n), 4, 0))

/** A CDR of ours as OCPI 2.3.0 JSON, as far as a partner verifies it. */
export const ocpiOf = (cdr: Cdr) => ({
  id: cdr.id,
  start_date_time: Instant.format(cdr.startAtMs),
  end_date_time: Instant.format(cdr.endAtMs),
  currency: cdr.currency,
  credit: cdr.credit,
  reservation_expired: cdr.reservationExpired,
  charging_periods: cdr.chargingPeriods.map((period) => ({
    start_date_time: Instant.format(period.startAtMs),
    dimensions: [
      ["ENERGY", period.energyMilliWh / 1_000_000, null] as const,
      ["TIME", hours(period.chargingMs), period.chargingMs / 1000] as const,
      ["PARKING_TIME", hours(period.parkingMs), period.parkingMs / 1000] as const,
      ["RESERVATION_TIME", hours(period.reservedMs), period.reservedMs / 1000] as const,
      ["MAX_POWER", period.maxPowerW, null] as const,
      ["MIN_POWER", period.minPowerW, null] as const
    ]
      .filter(([type, volume, seconds]) => (type.endsWith("POWER") ? volume !== null : (seconds ?? volume) !== 0))
      .map(([type, volume, volume_seconds]) => ({ type, volume, ...(volume_seconds !== null && { volume_seconds }) }))
  })),
  total_cost: {
    before_taxes: Number(formatMinor(cdr.netMinor, cdr.currency)),
    after_taxes: Number(formatMinor(cdr.grossMinor, cdr.currency))
  },
  total_energy: cdr.energyWh / 1000,
  total_time: hours(cdr.durationMs),
  total_parking_time: hours(cdr.parkingMs)
})
