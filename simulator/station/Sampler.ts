import type { TimersApi } from "../time/Timers.ts"
import type { Settings } from "./Settings.ts"

interface SamplerHost {
  readonly timers: TimersApi
  readonly settings: Settings
  readonly nowAtMs: () => number
}

/** Whose meter is read. */
interface Metered {
  sample(context: "Sample.Periodic" | "Sample.Clock"): unknown
}

const nothing = (): void => {}

/**
 * When a running transaction's meter is read: every sample interval from its start, and at the multiples of the
 * clock-aligned interval since midnight UTC (1.6 sections 3.16.1 and 3.16.2, 2.0.1 J01 and J02), by the station's clock.
 */
export class Sampler {
  private readonly host: SamplerHost
  private readonly metered: Metered
  private fromAtMs = 0
  private isRunning = false
  private cancelPeriodic: () => void = nothing
  private cancelAligned: () => void = nothing

  constructor(host: SamplerHost, metered: Metered) {
    this.host = host
    this.metered = metered
  }

  start(fromAtMs: number): void {
    this.fromAtMs = fromAtMs
    this.isRunning = true
    this.retune()
  }

  stop(): void {
    this.isRunning = false
    this.cancelPeriodic()
    this.cancelAligned()
    this.cancelPeriodic = nothing
    this.cancelAligned = nothing
  }

  /** The intervals may have changed. */
  retune(): void {
    if (!this.isRunning) return
    this.cancelPeriodic()
    this.cancelAligned()
    this.armPeriodic()
    this.armAligned()
  }

  private armPeriodic(): void {
    const { sampleIntervalS } = this.host.settings
    const waitMs = untilNext(this.host.nowAtMs() - this.fromAtMs, sampleIntervalS * 1000)
    this.cancelPeriodic = this.host.timers.after(waitMs, () => {
      this.armPeriodic()
      this.metered.sample("Sample.Periodic")
    })
  }

  private armAligned(): void {
    const { clockAlignedS } = this.host.settings
    const waitMs = untilNext(this.host.nowAtMs(), clockAlignedS * 1000)
    this.cancelAligned = this.host.timers.after(waitMs, () => {
      this.armAligned()
      this.metered.sample("Sample.Clock")
    })
  }
}

/** Milliseconds to the next multiple of `everyMs`, later than now; infinite when there is none. */
const untilNext = (sinceMs: number, everyMs: number): number =>
  everyMs <= 0 ? Number.POSITIVE_INFINITY : everyMs - (((sinceMs % everyMs) + everyMs) % everyMs)
