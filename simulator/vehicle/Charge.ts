import { Battery } from "./Battery.ts"
import { type CarSpec, efficiencyPermille, mainsVolts, minAmps, type Supply } from "./Car.ts"
import type { Meter } from "./Meter.ts"

/** Charging, or who keeps it from charging, in the words of OCPP. */
export type ChargeState = "Charging" | "SuspendedEV" | "SuspendedEVSE"

/** What the EVSE allows: amperes a phase, or watts in all. */
export type Limit = { readonly amps: number } | { readonly watts: number }

/** All that an EVSE can measure at an instant. Voltage times current times phases is the power. */
export interface Reading {
  readonly atMs: number
  /** The register, whole Wh and whole mWh. */
  readonly registerWh: number
  readonly registerMilliWh: number
  readonly powerW: number
  /** Phase to neutral (AC) or at the battery (DC). */
  readonly volts: number
  /** In each phase in use (AC) or in the cable (DC), two decimals. */
  readonly amps: number
  /** Phases that carry current; 1 for DC. */
  readonly phases: 1 | 3
  /** What the EVSE offers, W, in the phases the car uses. */
  readonly offeredW: number
  /** The car's state of charge in percent, one decimal. */
  readonly socPercent: number
}

export interface ChargeOptions {
  readonly car: CarSpec
  readonly socPercent: number
  /** Where the car stops, whole percent; 100 when not given. */
  readonly targetPercent?: number
  readonly supply: Supply
  readonly meter: Meter
  readonly atMs: number
}

/**
 * A car on a cable. Nothing ticks: it knows how energy grows from one instant to the next and is brought forward when
 * somebody looks (`advance`); how often somebody looks changes no figure. The EVSE offers nothing at first.
 */
export class Charge {
  private readonly options: ChargeOptions
  private readonly battery: Battery
  private readonly phases: 1 | 3
  private readonly efficiency: number
  private nowAtMs: number
  private limit: Limit = { watts: 0 }
  private isPausedByCar = false

  constructor(options: ChargeOptions) {
    this.options = options
    this.battery = new Battery(options.car.battery, options.socPercent)
    const { car, supply } = options
    this.phases = supply.kind === "AC" && supply.phases === 3 && car.ac.phases === 3 ? 3 : 1
    this.efficiency = efficiencyPermille[supply.kind]
    this.nowAtMs = options.atMs
  }

  /** Brings battery and meter to an instant; an instant that has passed changes nothing. */
  advance(atMs: number): void {
    const { battery, efficiency, options } = this
    while (this.nowAtMs < atMs) {
      const step = battery.step()
      const powerW = this.powerInStepW(step)
      if (powerW === 0) {
        this.nowAtMs = atMs
        return
      }
      const ms = Math.min(atMs - this.nowAtMs, battery.msToStep(step + 1, powerW, efficiency))
      battery.charge(powerW, ms, efficiency)
      options.meter.count(powerW, ms)
      this.nowAtMs += ms
    }
  }

  /** Changes what the EVSE allows from an instant on; nothing at all is `{ watts: 0 }`. */
  offer(atMs: number, limit: Limit): void {
    this.advance(atMs)
    this.limit = limit
  }

  /** Lets the car refuse to charge, or go on, from an instant on. */
  setPausedByCar(atMs: number, isPaused: boolean): void {
    this.advance(atMs)
    this.isPausedByCar = isPaused
  }

  state(atMs: number): ChargeState {
    this.advance(atMs)
    const step = this.battery.step()
    if (this.offeredInStepW(step) === 0) return "SuspendedEVSE"
    return this.powerInStepW(step) === 0 ? "SuspendedEV" : "Charging"
  }

  /**
   * The instant at which power becomes zero if nobody interferes: target reached. Undefined while no power flows.
   */
  endsAtMs(): number | undefined {
    const { battery, efficiency } = this
    const first = battery.step()
    const target = this.targetStep()
    if (this.powerInStepW(first) === 0) return undefined
    // The battery is a copy that runs ahead: its rounding of steps is that of `advance`.
    const ahead = battery.copy()
    let atMs = this.nowAtMs
    for (let step = first; step < target; step = ahead.step()) {
      const powerW = this.powerInStepW(step)
      if (powerW === 0) return atMs
      const ms = ahead.msToStep(step + 1, powerW, efficiency)
      ahead.charge(powerW, ms, efficiency)
      atMs += ms
    }
    return atMs
  }

  /** Everything there is to measure at an instant. */
  read(atMs: number): Reading {
    this.advance(atMs)
    const { battery, phases, options } = this
    const step = battery.step()
    const powerW = this.powerInStepW(step)
    const volts = options.supply.kind === "AC" ? mainsVolts : battery.voltsInStep(step)
    return {
      atMs: this.nowAtMs,
      registerWh: options.meter.readWh(),
      registerMilliWh: options.meter.readMilliWh(),
      powerW,
      volts,
      amps: Math.round((powerW / (volts * phases)) * 100) / 100,
      phases,
      offeredW: this.offeredInStepW(step),
      socPercent: Math.floor(battery.socPercent() * 10) / 10
    }
  }

  /** Energy in the battery, Wh with decimals. */
  storedWh(): number {
    return this.battery.storedWh()
  }

  private targetStep(): number {
    return Math.min(100, this.options.targetPercent ?? 100)
  }

  /** What the EVSE offers in the phases in use, W; less than a car may charge on counts as nothing. */
  private offeredInStepW(step: number): number {
    const { supply } = this.options
    const { limit } = this
    if (supply.kind === "DC") {
      const watts = "watts" in limit ? limit.watts : limit.amps * this.battery.voltsInStep(step)
      return Math.max(0, Math.floor(Math.min(supply.maxWatts, watts)))
    }
    const perAmp = mainsVolts * this.phases
    const amps = Math.min(supply.maxAmps, "amps" in limit ? limit.amps : limit.watts / perAmp)
    return amps < minAmps ? 0 : Math.floor(amps * perAmp)
  }

  /** The power that flows in a step of the battery, whole watts at the meter. */
  private powerInStepW(step: number): number {
    if (this.isPausedByCar || step >= this.targetStep()) return 0
    const offeredW = this.offeredInStepW(step)
    if (offeredW === 0) return 0
    const { car, supply } = this.options
    const accepted = (this.battery.acceptedInStepW(step) * 1000) / this.efficiency
    if (supply.kind === "AC") {
      return Math.floor(Math.min(offeredW, accepted, car.ac.maxAmps * mainsVolts * this.phases))
    }
    if (car.dc === undefined) return 0
    return Math.floor(Math.min(offeredW, accepted, car.dc.maxWatts, supply.maxAmps * this.battery.voltsInStep(step)))
  }
}
