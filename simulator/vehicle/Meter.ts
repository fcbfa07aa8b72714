import { wattMsPerWh } from "./Battery.ts"

const wattMsPerMilliWh = wattMsPerWh / 1000

/**
 * An energy register: the integral of the power that went through it, never reset. Kept in watt-milliseconds, read in
 * whole mWh or Wh cut off, as a display does: so the energy of an interval is the sum over any partition of it.
 */
export class Meter {
  private total: number
  private exported: number

  /** A register that stands at `initialWh`, and beside it one for what flowed the other way. */
  constructor(initialWh: number, initialExportWh = 0) {
    this.total = initialWh * wattMsPerWh
    this.exported = initialExportWh * wattMsPerWh
  }

  /** Counts `powerW` (whole watts) flowing for `ms` (whole milliseconds). */
  count(powerW: number, ms: number): void {
    this.total += powerW * ms
  }

  /** Counts `powerW` flowing out of the car for `ms`, in the register of its own that exports have. */
  countExport(powerW: number, ms: number): void {
    this.exported += powerW * ms
  }

  readExportMilliWh(): number {
    return Math.floor(this.exported / wattMsPerMilliWh)
  }

  readMilliWh(): number {
    return Math.floor(this.total / wattMsPerMilliWh)
  }

  readWh(): number {
    return Math.floor(this.total / wattMsPerWh)
  }
}
