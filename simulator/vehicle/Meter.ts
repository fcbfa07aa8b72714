import { wattMsPerWh } from "./Battery.ts"

const wattMsPerMilliWh = wattMsPerWh / 1000

/**
 * An energy register: the integral of the power that went through it, never reset. Kept in watt-milliseconds, read in
 * whole mWh or Wh cut off, as a display does: so the energy of an interval is the sum over any partition of it.
 */
export class Meter {
  private total: number

  /** A register that stands at `initialWh`. */
  constructor(initialWh: number) {
    this.total = initialWh * wattMsPerWh
  }

  /** Counts `powerW` (whole watts) flowing for `ms` (whole milliseconds). */
  count(powerW: number, ms: number): void {
    this.total += powerW * ms
  }

  readMilliWh(): number {
    return Math.floor(this.total / wattMsPerMilliWh)
  }

  readWh(): number {
    return Math.floor(this.total / wattMsPerWh)
  }
}
