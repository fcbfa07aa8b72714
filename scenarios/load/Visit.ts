import type { PresentedToken } from "#core/token/Token.ts"
import type { Presented, Station } from "#simulator/station/Station.ts"
import type { DueTimers } from "#simulator/time/DueTimers.ts"
import { models } from "#simulator/vehicle/Car.ts"
import { beginning, type Meter } from "./Meter.ts"

/** Refusals that are nobody's decision: worth another try. */
const passing = new Set(["NoPower", "Offline", "Error", "TooLate", "Busy", "Unavailable"])
const retryMs = 1_000
/** Tries of anything before a driver gives up. */
const tries = 60
const refusals = 3
const car = { car: models.compact, socPercent: 30, targetPercent: 90 }

export interface VisitOptions {
  readonly station: Station
  readonly evseId: number
  readonly card: PresentedToken
  /** When the driver was due, and when he means to leave; epoch ms. */
  readonly dueAtMs: number
  readonly leavesAtMs: number
  /** After this instant nobody is counted as served in time. */
  readonly untilMs: number
  readonly timers: DueTimers
  readonly meter: Meter
  readonly onGone: () => void
}

/**
 * A driver who comes at an instant that was fixed beforehand, plugs in, shows the card, and leaves at another fixed
 * instant, or as soon as the charge has begun when that is later: a late CMS shortens nobody's time and moves nobody's.
 */
export class Visit {
  private readonly options: VisitOptions
  private triesLeft = tries
  private refusalsLeft = refusals
  private isHome = false
  private isCharging = false
  private isGone = false

  constructor(options: VisitOptions) {
    this.options = options
  }

  /** Comes; called at `dueAtMs`, or later when another driver stood here. */
  begin(): void {
    this.options.meter.arrived.begun++
    this.plug()
  }

  /** Drives away, whatever he was waiting for. */
  sendHome(): void {
    this.isHome = true
    if (this.isCharging) this.leave()
  }

  private plug(): void {
    const { station, evseId, timers, dueAtMs } = this.options
    if (station.registration !== "Accepted" || !station.evse(evseId).isFree) {
      this.later(() => this.plug())
      return
    }
    timers.meantFor(dueAtMs, () => {
      if (station.plugIn(car, evseId) === "Refused") this.later(() => this.plug())
      else this.show()
    })
  }

  private show(): void {
    const { station, evseId, card } = this.options
    station.present(card, evseId, (presented) => this.answered(presented))
  }

  private answered(presented: Presented): void {
    const { meter, timers, dueAtMs, leavesAtMs, untilMs } = this.options
    if (presented._tag === "Charging") {
      const nowMs = timers.nowPreciseMs()
      this.isCharging = true
      meter.arrived.served++
      if (nowMs <= untilMs) meter.arrived.servedInTime++
      meter.latencies.record(beginning, (nowMs - dueAtMs) * 1000)
      if (this.isHome) this.leave()
      else timers.after(leavesAtMs - nowMs, () => this.leave())
      return
    }
    const why = presented._tag === "Refused" ? presented.why : presented._tag
    meter.error(`card: ${why}`)
    if (!passing.has(why) && --this.refusalsLeft === 0) this.giveUp()
    else this.later(() => this.show())
  }

  private later(again: () => void): void {
    if (this.isHome || --this.triesLeft === 0) this.giveUp()
    else this.options.timers.after(retryMs, again)
  }

  private leave(): void {
    if (this.isGone) return
    const { station, evseId, card } = this.options
    // Its owner's card stops at once, without asking.
    if (station.evse(evseId).sessionId !== null) station.present(card, evseId, () => this.unplug())
    else this.unplug()
  }

  private giveUp(): void {
    if (this.isGone) return
    this.options.meter.arrived.gaveUp++
    this.unplug()
  }

  private unplug(): void {
    const { station, evseId, onGone } = this.options
    if (this.isGone) return
    this.isGone = true
    station.unplug(evseId)
    onGone()
  }
}
