import * as Instant from "../../Instant.ts"
import { compare, type Exact, exact, format, powerOfTen, subtract } from "../../Money.ts"
import type { CdrSession } from "../../tariff/cdrCodec.ts"
import { isSession } from "../../tariff/moment.ts"
import type { Claims, Figure } from "./claims.ts"

/** One figure of a CDR that is not what it should be. Amounts as decimal text: claimed minus computed. */
export interface Divergence {
  /** For machines: `total_cost`, `energy_volume`, and so on. */
  readonly what: string
  readonly claimed: string
  readonly computed: string
  readonly difference: string
  /** `currency` unit, `kWh`, `h` or `s`. */
  readonly unit: string
  /** The CDR contradicts itself: no tariff is needed to see it. */
  readonly isSelf: boolean
}

const magnitude = (amount: Exact): Exact => (amount.n < 0n ? { n: -amount.n, d: amount.d } : amount)

/** JSON drops the zeros at the end, so a figure with fewer decimals than these may still be meant to two. */
const leastDecimals = 2
const mostDecimals = 6

/** Whether two figures are the same as far as the reported one tells, rounded or cut. */
const isSameAsReported = (claimed: Figure, computed: Exact): boolean => {
  const decimals = Math.min(Math.max(claimed.decimals, leastDecimals), mostDecimals)
  return compare(magnitude(subtract(claimed.value, computed)), exact(1n, powerOfTen(decimals))) < 0
}

const text = (amount: Exact): string => format(amount, mostDecimals, 0)

const volume = (what: string, claimed: Figure | null, computed: Exact, unit: string): ReadonlyArray<Divergence> =>
  claimed === null || isSameAsReported(claimed, computed)
    ? []
    : [
        {
          what,
          claimed: text(claimed.value),
          computed: text(computed),
          difference: text(subtract(claimed.value, computed)),
          unit,
          isSelf: true
        }
      ]

const hours = (durationMs: number): Exact => exact(BigInt(durationMs), 3_600_000n)

const seconds = (durationMs: number): string => text(exact(BigInt(durationMs), 1000n))

/**
 * The CDR against itself: its energy and parking against its own periods, its duration against start and end, its
 * periods against the session they are said to be of. Figures are held against each other as exactly as they are
 * reported (OCPI mod_cdrs).
 */
export const selfCheck = (claims: Claims, session: CdrSession): ReadonlyArray<Divergence> => {
  let energyMilliWh = 0
  let parkingMs = 0
  let countedMs = 0
  let reservedMs = 0
  for (const period of session.periods) {
    energyMilliWh += period.energyMilliWh
    parkingMs += period.parkingMs
    reservedMs += period.reservedMs
    countedMs += period.chargingMs + period.parkingMs + period.reservedMs
  }
  const wholeMs = session.endAtMs - session.startAtMs
  return [
    ...volume("energy_volume", claims.totalEnergy, exact(BigInt(energyMilliWh), 1_000_000n), "kWh"),
    ...volume("parking_time_volume", claims.totalParkingTime, hours(parkingMs), "h"),
    ...totalTime(claims.totalTime, session, reservedMs),
    ...outside(session),
    ...(countedMs <= wholeMs + toleratedMs
      ? []
      : [
          {
            what: "period_durations",
            claimed: text(hours(countedMs)),
            computed: text(hours(wholeMs)),
            difference: text(hours(countedMs - wholeMs)),
            unit: "h",
            isSelf: true
          }
        ])
  ]
}

/** Durations in hours of four decimals are up to 0.18 s off, each. */
const toleratedMs = 36_000

/** A reservation before the session may be inside the session's duration or not: the text does not say. */
const totalTime = (claimed: Figure | null, session: CdrSession, reservedMs: number): ReadonlyArray<Divergence> => {
  const whole = volume("total_time", claimed, hours(session.endAtMs - session.startAtMs), "h")
  if (whole.length === 0 || claimed === null || reservedMs === 0) return whole
  const startAtMs = Math.min(session.endAtMs, ...session.periods.filter(isSession).map((it) => it.startAtMs))
  return isSameAsReported(claimed, hours(session.endAtMs - startAtMs)) ? [] : whole
}

const outside = ({ startAtMs, endAtMs, periods }: CdrSession): ReadonlyArray<Divergence> => {
  const found: Array<Divergence> = []
  const starts = periods.map((period) => period.startAtMs)
  const [first, last] = [Math.min(...starts, endAtMs), Math.max(...starts, startAtMs)]
  const told = (what: string, claimedAtMs: number, computedAtMs: number) =>
    found.push({
      what,
      claimed: Instant.format(claimedAtMs),
      computed: Instant.format(computedAtMs),
      difference: seconds(claimedAtMs - computedAtMs),
      unit: "s",
      isSelf: true
    })
  if (first < startAtMs) told("session_start", startAtMs, first)
  if (last > endAtMs) told("session_end", endAtMs, last)
  return found
}
