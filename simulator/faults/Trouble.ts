import type { Stream } from "../Stream.ts"
import type { TimersApi } from "../time/Timers.ts"
import type { Fault, Target } from "./Fault.ts"

/** When a fault strikes, and whom. */
export interface Plan {
  readonly fault: Fault
  /** Mean time from one strike to the next at one station, ms; strikes are a Poisson process. */
  readonly everyMs: number
  /** Mean time a strike lasts, ms, exponential, one second at least. */
  readonly lastsMs: number
  /** The share of stations it can strike at all; 1 when not given. */
  readonly share?: number
  /** Strikes all stations of the share at the same instants, as an outage of the CMS's network does. */
  readonly together?: boolean
}

/** A station that faults may strike; the stream is the station's own. */
export interface Victim extends Omit<Target, "timers"> {
  readonly stream: Stream
}

/**
 * Bad luck on schedule. Each fault at each station draws from a stream of its own, so that one plan more, or one
 * station more, changes nothing of the others. Nothing strikes after `heal`, and all that struck is mended.
 */
export class Trouble {
  private readonly timers: TimersApi
  private readonly active = new Set<() => void>()
  private readonly struck = new Map<string, number>()
  private isOver = false

  constructor(timers: TimersApi) {
    this.timers = timers
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
    const name = `fault/${plan.fault.name}`
    const concerned = victims
      .map((victim) => ({ victim, own: victim.stream.split(name) }))
      .filter(({ own }) => own.chance(plan.share ?? 1))
    if (plan.together === true) {
      const common = stream.split(name)
      this.wait(plan, common, () => {
        const lastsMs = 1_000 + common.exponential(plan.lastsMs)
        for (const { victim, own } of concerned) this.strike(plan.fault, victim, own, lastsMs)
      })
      return
    }
    for (const { victim, own } of concerned) {
      this.wait(plan, own, () => this.strike(plan.fault, victim, own, 1_000 + own.exponential(plan.lastsMs)))
    }
  }

  /** Strikes once, now, for `lastsMs`; until `heal` when infinite. */
  strike(fault: Fault, victim: Victim, stream: Stream, lastsMs: number): void {
    if (this.isOver) return
    this.struck.set(fault.name, (this.struck.get(fault.name) ?? 0) + 1)
    const end = fault.strike({ station: victim.station, uplink: victim.uplink, timers: this.timers }, stream)
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

  private wait(plan: Plan, stream: Stream, strike: () => void): void {
    this.timers.after(stream.exponential(plan.everyMs), () => {
      if (this.isOver) return
      strike()
      this.wait(plan, stream, strike)
    })
  }
}
