import type { SessionTelemetry } from "../tariff/Periods.ts"

/** A car as far as a price depends on it. Percent are of the battery. */
export interface QuoteCar {
  readonly batteryWh: number
  /** State of charge when it arrives, decimals allowed. */
  readonly arrivalPercent: number
  /** Where it stops by itself. */
  readonly targetPercent: number
  /** The most its battery takes, W. */
  readonly maxPowerW: number
  /** What it takes at a state of charge as a fraction of the most, linear between the points, from 0 to 100 in order. */
  readonly curve: ReadonlyArray<readonly [socPercent: number, fraction: number]>
  /** Of a thousand Wh that the meter counts so many reach the battery. */
  readonly efficiencyPermille: number
}

/** What a price is asked for: so much power here from then until then, into a car or into whatever takes it. */
export interface Plan {
  readonly fromMs: number
  readonly untilMs: number
  /** What the charger gives at most, W. */
  readonly chargerPowerW: number
  /** Null: the charger's power flows until the end. */
  readonly car: QuoteCar | null
  /** The driver stops the flow at so much; null: nobody does. */
  readonly energyLimitWh: number | null
}

/** Power that flows from an instant on, and what had flowed by then. */
interface Stretch {
  readonly atMs: number
  readonly powerW: number
  /** Watts times milliseconds: whole, so that no sum is rounded. */
  readonly wattMs: number
}

const wattMsPerMilliWh = 3_600
const percents = 100

/** Cold start, plateau, taper: what a car takes that nobody described. */
export const usualCurve: QuoteCar["curve"] = [
  [0, 0.7],
  [8, 1],
  [45, 1],
  [80, 0.45],
  [92, 0.2],
  [100, 0.03]
]

/** How power flows over a plan. */
export interface Course {
  readonly fromMs: number
  readonly untilMs: number
  /** The instant at which the car has enough; null when it goes on until the end. */
  readonly fullAtMs: number | null
  readonly powerWAt: (atMs: number) => number
  readonly energyMilliWhAt: (atMs: number) => number
  /** Null without a car. */
  readonly socPercentAt: (atMs: number) => number | null
  /** The session as a station would have told it, were it stopped then. Its meter shows whole Wh at the end. */
  readonly telemetryUntil: (atMs: number) => SessionTelemetry
}

/** Follows a plan. The battery fills in steps of one percent, each at a constant power. */
export const courseOf = (plan: Plan): Course => {
  const { fromMs, untilMs, car } = plan
  const { stretches, fullAtMs } = car === null ? steady(plan) : filling(plan, car)
  const indexAt = (atMs: number): number => {
    let index = stretches.length - 1
    while (index > 0 && stretches[index]!.atMs > atMs) index -= 1
    return index
  }
  const wattMsAt = (atMs: number): number => {
    const { atMs: sinceMs, powerW, wattMs } = stretches[indexAt(atMs)]!
    return wattMs + powerW * Math.max(0, atMs - sinceMs)
  }
  const energyMilliWhAt = (atMs: number): number => Math.floor(wattMsAt(atMs) / wattMsPerMilliWh)
  const samples = stretches.map(({ atMs, wattMs, powerW }) => ({
    atMs,
    registerWh: Math.floor(wattMs / wattMsPerMilliWh) / 1000,
    powerW
  }))
  return {
    fromMs,
    untilMs,
    fullAtMs,
    powerWAt: (atMs) => stretches[indexAt(atMs)]!.powerW,
    energyMilliWhAt,
    socPercentAt: (atMs) => {
      if (car === null) return null
      const intoWattMs = (wattMsAt(atMs) * car.efficiencyPermille) / 1000
      return Math.min(100, car.arrivalPercent + (intoWattMs / (car.batteryWh * 3_600_000)) * 100)
    },
    telemetryUntil: (atMs) => {
      const registerWh = Math.floor(energyMilliWhAt(atMs) / 1000)
      const last = indexAt(atMs)
      return {
        startedAtMs: fromMs,
        endedAtMs: atMs,
        meterStartWh: 0,
        samples: [
          // What a meter has counted beyond whole Wh when it is stopped, it does not show.
          ...samples.slice(0, last + 1).map((it) => ({ ...it, registerWh: Math.min(it.registerWh, registerWh) })),
          { atMs, registerWh, powerW: stretches[last]!.powerW }
        ],
        states: [
          { atMs: fromMs, state: "Charging" },
          ...(fullAtMs !== null && fullAtMs < atMs ? [{ atMs: fullAtMs, state: "SuspendedEV" as const }] : [])
        ]
      }
    }
  }
}

interface Flow {
  readonly stretches: ReadonlyArray<Stretch>
  readonly fullAtMs: number | null
}

const steady = ({ fromMs, untilMs, chargerPowerW, energyLimitWh }: Plan): Flow => {
  const first: Stretch = { atMs: fromMs, powerW: chargerPowerW, wattMs: 0 }
  const wantedWattMs = energyLimitWh === null ? Number.POSITIVE_INFINITY : energyLimitWh * 3_600_000
  const enoughMs = chargerPowerW === 0 ? Number.POSITIVE_INFINITY : Math.ceil(wantedWattMs / chargerPowerW)
  if (fromMs + enoughMs >= untilMs) return { stretches: [first], fullAtMs: null }
  return stopped([first], fromMs + enoughMs, enoughMs * chargerPowerW)
}

const stopped = (stretches: ReadonlyArray<Stretch>, atMs: number, wattMs: number): Flow => ({
  stretches: [...stretches.filter((stretch) => stretch.atMs < atMs), { atMs, powerW: 0, wattMs }],
  fullAtMs: atMs
})

const filling = (plan: Plan, car: QuoteCar): Flow => {
  const { fromMs, untilMs, chargerPowerW } = plan
  const wantedWattMs = plan.energyLimitWh === null ? Number.POSITIVE_INFINITY : plan.energyLimitWh * 3_600_000
  const { efficiencyPermille } = car
  /** In thousandths of a watt-millisecond, as the efficiency is in thousandths. */
  const stepSize = car.batteryWh * (3_600_000 / percents) * 1000
  let stored = Math.round(car.arrivalPercent * stepSize)
  let [atMs, wattMs] = [fromMs, 0]
  const stretches: Array<Stretch> = []
  for (;;) {
    const step = Math.min(percents, Math.floor(stored / stepSize))
    if (step >= car.targetPercent) return stopped(stretches, atMs, wattMs)
    const taken = Math.max(1, Math.floor(car.maxPowerW * fractionAt(car.curve, step + 0.5)))
    const powerW = Math.min(chargerPowerW, Math.floor((taken * 1000) / efficiencyPermille))
    if (stretches[stretches.length - 1]?.powerW !== powerW) stretches.push({ atMs, powerW, wattMs })
    if (powerW === 0) return { stretches, fullAtMs: null }
    const ms = Math.ceil(((step + 1) * stepSize - stored) / (powerW * efficiencyPermille))
    const enoughMs = Math.ceil((wantedWattMs - wattMs) / powerW)
    if (enoughMs <= ms && atMs + enoughMs < untilMs)
      return stopped(stretches, atMs + enoughMs, wattMs + powerW * enoughMs)
    if (atMs + ms >= untilMs) return { stretches, fullAtMs: null }
    stored += powerW * ms * efficiencyPermille
    wattMs += powerW * ms
    atMs += ms
  }
}

const fractionAt = (curve: QuoteCar["curve"], socPercent: number): number => {
  const after = curve.findIndex(([soc]) => soc >= socPercent)
  if (after === 0) return curve[0]![1]
  if (after < 0) return curve[curve.length - 1]![1]
  const [fromSoc, from] = curve[after - 1]!
  const [toSoc, to] = curve[after]!
  return from + ((to - from) * (socPercent - fromSoc)) / (toSoc - fromSoc)
}
