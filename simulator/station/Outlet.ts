import type { Stream } from "../Stream.ts"
import type { TimersApi } from "../time/Timers.ts"
import type { CarSpec, Supply } from "../vehicle/Car.ts"
import { Charge, type ChargeState, type Limit } from "../vehicle/Charge.ts"
import { Display } from "../vehicle/Display.ts"
import { Meter } from "../vehicle/Meter.ts"
import type { ExportPlan, WillSpec } from "../vehicle/Will.ts"
import { type Reading, type ReadingContext, shownMilliWh } from "./Transaction.ts"

/** A car as it arrives. */
export interface ArrivingCar {
  readonly car: CarSpec
  readonly socPercent: number
  /** It stops drawing here. */
  readonly targetPercent: number
  /** What its cable is coded for, A a phase; as much as the outlet when not given. */
  readonly cableAmps?: number
  /** The cable it takes, where an EVSE has several; one of those by chance when not given. */
  readonly connectorId?: number
  /** When it draws of its own will; whenever it can when not given. */
  readonly will?: WillSpec
  /** The person who brought it; nobody in particular when not given. */
  readonly personId?: string
}

const everything: Limit = { watts: 10_000_000 }
const nothing: Limit = { watts: 0 }
const none: ReadonlyArray<number> = []
const minuteMs = 60_000

/** What the house behind a bidirectional outlet wants of a car that has just come: up to three spells, seeded. */
const drawExports = (stream: Stream): ExportPlan => {
  const spells: Array<readonly [number, number]> = []
  let fromMs = 0
  for (let left = stream.int(1, 3); left > 0; left--) {
    fromMs += stream.int(10, 90) * minuteMs
    const untilMs = fromMs + stream.int(10, 60) * minuteMs
    spells.push([fromMs, untilMs])
    fromMs = untilMs
  }
  return { spells, watts: stream.int(1_500, 11_000), reservePercent: stream.int(20, 50) }
}

/**
 * The copper of an EVSE: a plug, a contactor and a meter that outlives every power cut. It counts in true time; a
 * reading is stamped by the station's clock. Nothing is computed until somebody looks.
 */
export class Outlet {
  readonly supply: Supply
  /** What the meter shows of what it counts. */
  readonly display = new Display()
  private readonly meter: Meter
  private readonly timers: TimersApi
  private readonly clock: { nowAtMs(): number }
  private charge: Charge | null = null
  /** Of the register, what cars before this one drew through the second phase and the third. */
  private beyondFirstMilliWh: readonly [second: number, third: number] = [0, 0]
  private connectedAtMilliWh = 0
  private isClosed = false
  /** What a supply shared with others leaves it. */
  private limit: Limit = everything
  /** Whether load management leaves it nothing at all. */
  private isHeld = false
  private owner: string | null = null
  /** Which cable the car takes; null where there is no choice. */
  private readonly choice: Stream | null
  private cable = 1
  /** The will of the house behind it; null where nothing can be given back. */
  private readonly house: Stream | null

  constructor(options: {
    readonly supply: Supply
    readonly id: number
    /** The station's. What the meter has counted before is drawn from it, and from one of its own what a house wants. */
    readonly stream: Stream
    readonly timers: TimersApi
    readonly clock: { nowAtMs(): number }
  }) {
    this.supply = options.supply
    const initialWh = options.stream.int(0, 50_000_000)
    const isBidirectional = options.supply.isBidirectional === true
    this.meter = new Meter(initialWh, isBidirectional ? Math.floor(initialWh / 8) : 0)
    this.choice = this.connectors === 1 ? null : options.stream.split(`connector/${options.id}`)
    this.house = isBidirectional ? options.stream.split(`house/${options.id}`) : null
    this.timers = options.timers
    this.clock = options.clock
  }

  get connectors(): number {
    return this.supply.connectors ?? 1
  }

  /** The cable in use, or last in use. */
  get connectorId(): number {
    return this.cable
  }

  get hasCar(): boolean {
    return this.charge !== null
  }

  /** The car's battery, as its driver reads it on the dashboard; null without a car. */
  get socPercent(): number | null {
    return this.charge?.read(this.timers.nowAtMs()).socPercent ?? null
  }

  /** Who brought the car; null without a car, and for nobody in particular. */
  get personId(): string | null {
    return this.owner
  }

  connect(arriving: ArrivingCar): void {
    this.connectedAtMilliWh = this.meter.readMilliWh()
    this.owner = arriving.personId ?? null
    this.cable = arriving.connectorId ?? this.choice?.int(1, this.connectors) ?? 1
    const { house, supply, meter } = this
    const will = house === null ? arriving.will : { exports: drawExports(house), ...arriving.will }
    const own = will === undefined ? {} : { will }
    this.charge = new Charge({ ...arriving, ...own, supply, meter, atMs: this.timers.nowAtMs() })
    this.setContactor(false)
  }

  disconnect(): void {
    this.setContactor(false)
    const phases = this.charge?.read(this.timers.nowAtMs()).phases ?? 1
    this.beyondFirstMilliWh = this.beyondFirst(this.meter.readMilliWh(), phases)
    this.charge = null
    this.owner = null
  }

  setContactor(closed: boolean): void {
    this.isClosed = closed
    this.charge?.offer(this.timers.nowAtMs(), closed && !this.isHeld ? this.limit : nothing)
  }

  /** Whether a car may draw here and has not stopped by itself. */
  get wantsPower(): boolean {
    return this.isClosed && this.charge !== null && this.drawing() !== "SuspendedEV"
  }

  /** Never offers more than this from now on. */
  limitTo(limit: Limit): void {
    this.limit = limit
    if (this.isClosed) this.setContactor(true)
  }

  /** Offers nothing for now, the contactor closed or not; or what it did. */
  setHeld(held: boolean): void {
    this.isHeld = held
    this.setContactor(this.isClosed)
  }

  /** The car stops drawing by itself, or goes on. */
  setPausedByCar(paused: boolean): void {
    this.charge?.setPausedByCar(this.timers.nowAtMs(), paused)
  }

  drawing(): ChargeState {
    return this.charge?.state(this.timers.nowAtMs()) ?? "SuspendedEVSE"
  }

  /** Milliseconds until the car by itself stops to draw, or begins; undefined when it will not. */
  msUntilTurn(): number | undefined {
    const turnsAtMs = this.charge?.turnsAtMs()
    return turnsAtMs === undefined ? undefined : turnsAtMs - this.timers.nowAtMs()
  }

  registerMilliWh(): number {
    this.charge?.read(this.timers.nowAtMs())
    return this.meter.readMilliWh()
  }

  read(context: ReadingContext, measurands: ReadonlyArray<string>): Reading {
    const trueAtMs = this.timers.nowAtMs()
    const seen = this.charge?.read(trueAtMs)
    const registerMilliWh = this.meter.readMilliWh()
    const isDc = this.supply.kind === "DC"
    const registerWh = this.display.show(Math.floor(registerMilliWh / 1000), context)
    return {
      atMs: this.clock.nowAtMs(),
      context,
      measurands,
      trueAtMs,
      registerMilliWh,
      registerWh,
      exportMilliWh: this.supply.isBidirectional === true ? this.meter.readExportMilliWh() : null,
      phaseRegistersMilliWh: this.byPhases(registerMilliWh, registerWh, seen?.phases ?? 1),
      powerW: seen?.powerW ?? 0,
      currentA: seen?.amps ?? 0,
      voltageV: seen?.volts ?? 0,
      phases: isDc ? 0 : (seen?.phases ?? 1),
      socPercent: isDc && seen !== undefined ? seen.socPercent : null
    }
  }

  private beyondFirst(registerMilliWh: number, phases: number): readonly [second: number, third: number] {
    const [second, third] = this.beyondFirstMilliWh
    const milliWh = registerMilliWh - this.connectedAtMilliWh
    if (phases === 1) return [second, third]
    if (phases === 2) return [second + Math.floor(milliWh / 2), third]
    return [second + Math.floor((milliWh + 1) / 3), third + Math.floor(milliWh / 3)]
  }

  /** Shares that add up to what the meter shows, each of them rising only while the meter is right. */
  private byPhases(registerMilliWh: number, shownWh: number, phases: number): ReadonlyArray<number> {
    if (this.supply.kind !== "AC" || this.supply.phases !== 3) return none
    const [second, third] = this.beyondFirst(registerMilliWh, phases)
    return [shownMilliWh(registerMilliWh, shownWh) - second - third, second, third]
  }
}
