import { Battery } from "./Battery.ts"
import { type CarSpec, drainPermille, efficiencyPermille, mainsVolts, minAmps, type Supply } from "./Car.ts"
import type { Meter } from "./Meter.ts"
import { Will, type WillSpec } from "./Will.ts"

/**
 * Charging, which is energy flowing in either direction (2.1 ChargingStateEnumType), or who keeps it from charging, in the words of OCPP.
 */
export type ChargeState = "Charging" | "SuspendedEV" | "SuspendedEVSE"

/** What the EVSE allows: amperes a phase, or watts in all. */
export type Limit = { readonly amps: number } | { readonly watts: number }

/**
 * All that an EVSE can measure at an instant. Voltage times current times phases is the power; both are negative while
 * the car gives energy back.
 */
export interface Reading {
  readonly atMs: number
  /** The register, whole Wh and whole mWh. */
  readonly registerWh: number
  readonly registerMilliWh: number
  /** The register of what flowed out of cars. */
  readonly exportMilliWh: number
  readonly powerW: number
  /** Phase to neutral (AC) or at the battery (DC). */
  readonly volts: number
  /** In each phase in use (AC) or in the cable (DC), two decimals. */
  readonly amps: number
  /** Phases that carry current, L1 first; 1 for DC. */
  readonly phases: 1 | 2 | 3
  /** In L1, L2 and L3 of the outlet; null for DC. Their sum times the voltage is the power. */
  readonly ampsByPhase: readonly [number, number, number] | null
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
  /** What the cable is coded for, A a phase (IEC 61851-1, proximity pilot); as much as the outlet when not given. */
  readonly cableAmps?: number
  /** When the car draws of its own will; whenever it can when not given. */
  readonly will?: WillSpec
  readonly meter: Meter
  /** The instant the cable was plugged in. */
  readonly atMs: number
}

/**
 * A car on a cable. Nothing ticks: it knows how energy grows from one instant to the next and is brought forward when
 * somebody looks (`advance`); how often somebody looks changes no figure. The EVSE offers nothing at first.
 */
export class Charge {
  private readonly options: ChargeOptions
  private readonly battery: Battery
  private readonly phases: 1 | 2 | 3
  private readonly efficiency: number
  private readonly drain: number
  private readonly will: Will | undefined
  private nowAtMs: number
  private limit: Limit = { watts: 0 }
  private isPausedByCar = false

  constructor(options: ChargeOptions) {
    this.options = options
    this.battery = new Battery(options.car.battery, options.socPercent)
    const { car, supply } = options
    this.phases = supply.kind === "AC" && supply.phases === 3 ? car.ac.phases : 1
    this.will = options.will === undefined ? undefined : new Will(options.will, options.atMs)
    this.efficiency = efficiencyPermille[supply.kind]
    this.drain = drainPermille[supply.kind]
    this.nowAtMs = options.atMs
  }

  /** Brings battery and meter to an instant; an instant that has passed changes nothing. */
  advance(atMs: number): void {
    const { battery, efficiency, options, will } = this
    while (this.nowAtMs < atMs) {
      const step = battery.step()
      const besidesW = this.besidesBatteryW(step, this.nowAtMs)
      const intoBatteryW = this.intoBatteryW(step, this.nowAtMs, besidesW)
      const untilMs = will === undefined ? atMs : Math.min(atMs, will.changesAfter(this.nowAtMs))
      let ms = untilMs - this.nowAtMs
      const givenW = this.givenW(step, this.nowAtMs)
      if (givenW > 0) {
        ms = Math.min(ms, battery.msBelowStep(step, givenW, this.drain))
        battery.discharge(givenW, ms, this.drain)
        options.meter.countExport(givenW, ms)
      }
      if (intoBatteryW > 0) {
        ms = Math.min(ms, battery.msToStep(step + 1, intoBatteryW, efficiency))
        battery.charge(intoBatteryW, ms, efficiency)
      }
      options.meter.count(intoBatteryW + besidesW, ms)
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
    return this.powerW(step, this.nowAtMs) === 0 ? "SuspendedEV" : "Charging"
  }

  /**
   * The next instant at which energy stops to flow, or begins, by the car itself if nobody interferes: enough, a timer,
   * a pause, a cabin to be warmed, a reserve reached. Undefined when there is none.
   */
  turnsAtMs(): number | undefined {
    const { battery, efficiency, will } = this
    const flowsNow = this.powerW(battery.step(), this.nowAtMs) !== 0
    // The battery is a copy that runs ahead: its rounding of steps is that of `advance`.
    const ahead = battery.copy()
    let atMs = this.nowAtMs
    for (;;) {
      const step = ahead.step()
      const besidesW = this.besidesBatteryW(step, atMs)
      const intoBatteryW = this.intoBatteryW(step, atMs, besidesW)
      const givenW = this.givenW(step, atMs)
      if (intoBatteryW + besidesW + givenW > 0 !== flowsNow) return atMs
      const changesAtMs = will?.changesAfter(atMs) ?? Number.POSITIVE_INFINITY
      if (givenW > 0) {
        const ms = Math.min(changesAtMs - atMs, ahead.msBelowStep(step, givenW, this.drain))
        ahead.discharge(givenW, ms, this.drain)
        atMs += ms
        continue
      }
      if (intoBatteryW === 0) {
        if (changesAtMs === Number.POSITIVE_INFINITY) return undefined
        atMs = changesAtMs
        continue
      }
      const ms = Math.min(changesAtMs - atMs, ahead.msToStep(step + 1, intoBatteryW, efficiency))
      ahead.charge(intoBatteryW, ms, efficiency)
      atMs += ms
    }
  }

  /** Everything there is to measure at an instant. */
  read(atMs: number): Reading {
    this.advance(atMs)
    const { battery, phases, options } = this
    const step = battery.step()
    const powerW = this.powerW(step, this.nowAtMs)
    const isAc = options.supply.kind === "AC"
    const volts = isAc ? mainsVolts : battery.voltsInStep(step)
    const amps = Math.round((powerW / (volts * phases)) * 100) / 100
    return {
      atMs: this.nowAtMs,
      registerWh: options.meter.readWh(),
      registerMilliWh: options.meter.readMilliWh(),
      exportMilliWh: options.meter.readExportMilliWh(),
      powerW,
      volts,
      amps,
      phases,
      ampsByPhase: isAc ? [amps, phases > 1 ? amps : 0, phases > 2 ? amps : 0] : null,
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
    const copper = Math.min(supply.maxAmps, this.options.cableAmps ?? supply.maxAmps)
    const amps = Math.min(copper, "amps" in limit ? limit.amps : limit.watts / perAmp)
    return amps < minAmps ? 0 : Math.floor(amps * perAmp)
  }

  /** All that flows in a step of the battery at an instant, whole watts at the meter; negative out of the car. */
  private powerW(step: number, atMs: number): number {
    const givenW = this.givenW(step, atMs)
    if (givenW > 0) return -givenW
    const besidesW = this.besidesBatteryW(step, atMs)
    return besidesW + this.intoBatteryW(step, atMs, besidesW)
  }

  /** What the car draws for its cabin at an instant, W: it goes through the meter and past the battery. */
  private besidesBatteryW(step: number, atMs: number): number {
    if (this.will === undefined || this.isPausedByCar || this.will.exportAt(atMs) !== undefined) return 0
    const wantedW = this.will.climateW(atMs)
    return wantedW === 0 ? 0 : Math.min(wantedW, this.possibleW(step))
  }

  /** What the car gives back at an instant, W at the meter: within every limit there is for what it draws. */
  private givenW(step: number, atMs: number): number {
    const plan = this.will?.exportAt(atMs)
    const { car, supply } = this.options
    if (plan === undefined || this.isPausedByCar || supply.isBidirectional !== true) return 0
    if (step < plan.reservePercent) return 0
    return Math.min(plan.watts, car.exportWatts ?? 0, this.possibleW(step))
  }

  /** What goes on its way into the battery, W at the meter. */
  private intoBatteryW(step: number, atMs: number, besidesW: number): number {
    if (this.will?.exportAt(atMs) !== undefined) return 0
    if (this.isPausedByCar || step >= this.targetStep() || this.will?.isIdle(atMs) === true) return 0
    const possibleW = this.possibleW(step)
    if (possibleW === 0) return 0
    return Math.min(possibleW - besidesW, Math.floor((this.battery.acceptedInStepW(step) * 1000) / this.efficiency))
  }

  /** What EVSE, cable and the car's inlet could carry in a step, whole watts. */
  private possibleW(step: number): number {
    const offeredW = this.offeredInStepW(step)
    if (offeredW === 0) return 0
    const { car, supply } = this.options
    if (supply.kind === "AC") {
      const perAmp = mainsVolts * this.phases
      if (offeredW < Math.floor((car.ac.minAmps ?? minAmps) * perAmp)) return 0
      return Math.min(offeredW, car.ac.maxAmps * perAmp)
    }
    if (car.dc === undefined) return 0
    return Math.floor(Math.min(offeredW, car.dc.maxWatts, supply.maxAmps * this.battery.voltsInStep(step)))
  }
}
