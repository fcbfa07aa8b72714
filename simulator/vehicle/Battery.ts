/** Energy is counted in watt-milliseconds: whole watts times whole milliseconds, so that no sum is ever rounded. */
export const wattMsPerWh = 3_600_000

/** The power a battery takes at a state of charge: fraction of its best, linear between the points given. */
export type CurvePoint = readonly [socPercent: number, fraction: number]

/** What a battery is. */
export interface BatterySpec {
  readonly capacityWh: number
  /** The most it takes, W, at its best state of charge. */
  readonly maxPowerW: number
  /** Open-circuit voltage at half charge, V. */
  readonly nominalVolts: number
  /** From 0 to 100 %, in order. */
  readonly curve: ReadonlyArray<CurvePoint>
}

/** Cold start, plateau, taper: what lithium packs do at a fast charger. */
export const typicalCurve: ReadonlyArray<CurvePoint> = [
  [0, 0.7],
  [8, 1],
  [45, 1],
  [80, 0.45],
  [92, 0.2],
  [100, 0.03]
]

const steps = 100

const interpolate = (curve: ReadonlyArray<CurvePoint>, socPercent: number): number => {
  const after = curve.findIndex(([soc]) => soc >= socPercent)
  if (after === 0) return curve[0]![1]
  if (after < 0) return curve.at(-1)![1]
  const [fromSoc, from] = curve[after - 1]!
  const [toSoc, to] = curve[after]!
  return from + ((to - from) * (socPercent - fromSoc)) / (toSoc - fromSoc)
}

/** The power taken in each step; cars of one model share one table. */
const acceptance = (spec: BatterySpec): Int32Array => {
  const known = tables.get(spec)
  if (known !== undefined) return known
  const table = Int32Array.from({ length: steps }, (_, step) =>
    Math.max(1, Math.floor(spec.maxPowerW * interpolate(spec.curve, step + 0.5)))
  )
  tables.set(spec, table)
  return table
}
const tables = new WeakMap<BatterySpec, Int32Array>()

/**
 * A battery that fills in steps of one percent, each at a constant power: energy is then linear in time within a step
 * and exact in whole numbers. Losses are charged to what goes in: of every watt at the plug `efficiencyPermille` stay.
 */
export class Battery {
  readonly spec: BatterySpec
  /** In thousandths of a watt-millisecond, so that the permille of the efficiency stay whole. */
  private stored: number
  private readonly stepSize: number
  private readonly acceptedW: Int32Array

  /** A battery filled to `socPercent`, decimals allowed. */
  constructor(spec: BatterySpec, socPercent: number) {
    this.spec = spec
    this.stepSize = spec.capacityWh * (wattMsPerWh / steps) * 1000
    this.stored = Math.round(Math.min(Math.max(socPercent, 0), 100) * (steps / 100) * this.stepSize)
    this.acceptedW = acceptance(spec)
  }

  /** Another battery in the same state. */
  copy(): Battery {
    const copy = new Battery(this.spec, 0)
    copy.stored = this.stored
    return copy
  }

  /** State of charge in percent with its decimals, 100 at most. */
  socPercent(): number {
    return Math.min(100, (this.stored / (this.stepSize * steps)) * 100)
  }

  /** Energy stored, Wh with decimals. */
  storedWh(): number {
    return this.stored / (wattMsPerWh * 1000)
  }

  /** The step it is in: whole percents reached. */
  step(): number {
    return Math.min(steps, Math.floor(this.stored / this.stepSize))
  }

  /** The power it takes in a step, W at the battery; 0 when full. */
  acceptedInStepW(step: number): number {
    return this.acceptedW[step] ?? 0
  }

  /** Terminal voltage in a step, whole volts, rising as it fills. */
  voltsInStep(step: number): number {
    return Math.round(this.spec.nominalVolts * (0.9 + (0.2 * step) / steps))
  }

  /** Milliseconds at `powerW` until `step`, a later one, begins; rounded up. */
  msToStep(step: number, powerW: number, efficiencyPermille: number): number {
    return Math.ceil((step * this.stepSize - this.stored) / (powerW * efficiencyPermille))
  }

  /** Milliseconds of giving `powerW` at the plug until it is below the begin of `step`, the present one or an earlier. */
  msBelowStep(step: number, powerW: number, drainPermille: number): number {
    return Math.floor((this.stored - step * this.stepSize) / (powerW * drainPermille)) + 1
  }

  /** Gives `powerW` at the plug for `ms`: of the battery it takes `drainPermille` of that, more than what arrives. */
  discharge(powerW: number, ms: number, drainPermille: number): void {
    this.stored -= powerW * ms * drainPermille
  }

  /** Takes in `powerW` at the plug for `ms`. */
  charge(powerW: number, ms: number, efficiencyPermille: number): void {
    this.stored += powerW * ms * efficiencyPermille
  }
}
