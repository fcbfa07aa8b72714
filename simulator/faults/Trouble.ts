import type { Stream } from "../Stream.ts"
import type { TimersApi } from "../time/Timers.ts"
import { type Fault, strike, type Target } from "./Fault.ts"

/** Whom a fault strikes and when: again and again by chance, at chosen moments, or both. */
export interface Plan {
  readonly fault: Fault
  /** Mean time from one strike to the next at one station, ms; strikes are a Poisson process. None when not given. */
  readonly everyMs?: number
  /** Chosen moments, ms from when the plan is started. */
  readonly atMs?: ReadonlyArray<number>
  /** How long a strike lasts, ms: exactly, at a chosen moment; else the mean of an exponential time, one second at least. */
  readonly lastsMs: number
  /** The stations it may strike, by identity; all when not given. */
  readonly stations?: ReadonlyArray<string> | ((identity: string) => boolean)
  /** The share of those that it can strike at all; 1 when not given. */
  readonly share?: number
  /** Strikes all stations of the share at the same instants, as an outage of the CMS's network does. */
  readonly together?: boolean
}

const concerns = ({ stations }: Plan, identity: string): boolean =>
  stations === undefined || (typeof stations === "function" ? stations(identity) : stations.includes(identity))

/** A station that faults may strike; the stream is the station's own. */
export interface Victim extends Omit<Target, "timers"> {
  readonly stream: Stream
}

/** Hears that a fault strikes a station; the returned function hears that it is over. */
export type StrikeWatch = (fault: string, stationId: string) => () => void

/**
 * Bad luck on schedule. Each fault at each station draws from a stream of its own, so that one plan more, or one
 * station more, changes nothing of the others. Nothing strikes after `heal`, and all that struck is mended.
 */
export class Trouble {
  private readonly timers: TimersApi
  private readonly active = new Set<() => void>()
  private readonly struck = new Map<string, number>()
  private readonly plans = new Map<string, number>()
  private isOver = false

  private readonly watch: StrikeWatch | undefined

  /** `watch` is told of every strike; it only looks. */
  constructor(timers: TimersApi, watch?: StrikeWatch) {
    this.timers = timers
    this.watch = watch
  }

  /** How often each fault struck, by name. */
  get strikes(): ReadonlyMap<string, number> {
    return this.struck
  }

  /** Faults that are on now. */
  get ongoing(): number {
    return this.active.size
  }

  /** Lets a plan loose on victims; `stream` decides the common instants of a plan that strikes together. */
  start(plan: Plan, victims: ReadonlyArray<Victim>, stream: Stream): void {
    const name = this.nameOf(plan.fault)
    const concerned = victims
      .filter(({ station }) => concerns(plan, station.identity))
      .map((victim) => ({ victim, own: victim.stream.split(name) }))
      .filter(({ own }) => own.chance(plan.share ?? 1))
    for (const afterMs of plan.atMs ?? []) {
      this.timers.after(afterMs, () => {
        for (const { victim, own } of concerned) this.strike(plan.fault, victim, own, plan.lastsMs)
      })
    }
    const { everyMs } = plan
    if (everyMs === undefined) return
    if (plan.together === true) {
      const common = stream.split(name)
      this.wait(everyMs, common, () => {
        const lastsMs = 1_000 + common.exponential(plan.lastsMs)
        for (const { victim, own } of concerned) this.strike(plan.fault, victim, own, lastsMs)
      })
      return
    }
    for (const { victim, own } of concerned) {
      this.wait(everyMs, own, () => this.strike(plan.fault, victim, own, 1_000 + own.exponential(plan.lastsMs)))
    }
  }

  /** Strikes once, now, for `lastsMs`; until `heal` when infinite. */
  strike(fault: Fault, victim: Victim, stream: Stream, lastsMs: number): void {
    if (this.isOver) return
    this.struck.set(fault.name, (this.struck.get(fault.name) ?? 0) + 1)
    const over = this.watch?.(fault.name, victim.station.identity)
    const mend = strike(fault, { station: victim.station, uplink: victim.uplink, timers: this.timers }, stream)
    const end = (): void => {
      mend()
      over?.()
    }
    this.active.add(end)
    this.timers.after(lastsMs, () => {
      if (this.active.delete(end)) end()
    })
  }

  /** Faults end now, and for good. */
  heal(): void {
    this.isOver = true
    for (const end of this.active) end()
    this.active.clear()
  }

  /** A second plan of a fault has a chance of its own. */
  private nameOf({ name }: Fault): string {
    const number = (this.plans.get(name) ?? 0) + 1
    this.plans.set(name, number)
    return number === 1 ? `fault/${name}` : `fault/${name}/${number}`
  }

  private wait(everyMs: number, stream: Stream, strikeNow: () => void): void {
    this.timers.after(stream.exponential(everyMs), () => {
      if (this.isOver) return
      strikeNow()
      this.wait(everyMs, stream, strikeNow)
    })
  }
}
