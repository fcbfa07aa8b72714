import type { ChargingPeriod } from "#core/tariff/ChargingPeriod.ts"
import { makeCurve } from "#core/tariff/curve.ts"
import { dayMs, type Zone } from "#core/tariff/Zone.ts"
import { type EnergyPrices, energyPriceAt } from "./energyCost.ts"
import type { Session } from "./Session.ts"

const hourMs = 3_600_000
/** A session is followed by the hour for so long; what comes after counts for its last hour. */
const maxHours = 10_000

/** What a session did in one hour of the local day. */
export interface HourShare {
  readonly hour: number
  readonly occupiedMs: number
  readonly idleMs: number
  readonly energyMilliWh: number
}

/** A session by the hour, and what its energy cost the operator. */
export interface Course {
  readonly hours: ReadonlyArray<HourShare>
  readonly energyMilliWh: number
  readonly idleMs: number
  /** In 10^-12 of a currency unit: millionths times millionths of a kWh. */
  readonly costPico: bigint
  /** Energy for which the series has no price. */
  readonly unpricedMilliWh: number
}

const overlap = (periods: ReadonlyArray<ChargingPeriod>, fromMs: number, toMs: number): number => {
  let sum = 0
  for (const { parkingMs, startAtMs, endAtMs } of periods)
    if (parkingMs > 0) sum += Math.max(0, Math.min(endAtMs, toMs) - Math.max(startAtMs, fromMs))
  return sum
}

/** Follows a session from one full hour to the next; `periods` tell when it was idle. */
export const courseOf = (
  { telemetry }: Session,
  periods: ReadonlyArray<ChargingPeriod>,
  zone: Zone,
  prices: EnergyPrices | null
): Course => {
  const { startedAtMs, endedAtMs } = telemetry
  const curve = makeCurve(startedAtMs, endedAtMs, telemetry)
  const hours: Array<HourShare> = []
  let idleMs = 0
  let costPico = 0n
  let unpricedMilliWh = 0
  let used = 0
  for (let fromMs = startedAtMs, count = 1; count === 1 || fromMs < endedAtMs; count++) {
    const localMs = fromMs + zone.offsetMsAt(fromMs)
    const nextMs = fromMs + hourMs - (((localMs % hourMs) + hourMs) % hourMs)
    const toMs = count >= maxHours || nextMs >= endedAtMs ? endedAtMs : nextMs
    const until = toMs >= endedAtMs ? curve.totalMilliWh : curve.energyAt(toMs)
    const hour = Math.floor((((localMs % dayMs) + dayMs) % dayMs) / hourMs)
    const idle = overlap(periods, fromMs, toMs)
    const energyMilliWh = until - used
    hours.push({ hour, occupiedMs: toMs - fromMs, idleMs: idle, energyMilliWh })
    if (prices !== null && energyMilliWh > 0) {
      const price = energyPriceAt(prices, fromMs, hour)
      if (price === undefined) unpricedMilliWh += energyMilliWh
      else costPico += BigInt(price) * BigInt(energyMilliWh)
    }
    idleMs += idle
    used = until
    fromMs = toMs
  }
  return { hours, energyMilliWh: curve.totalMilliWh, idleMs, costPico, unpricedMilliWh }
}
