import type { TimersApi } from "../time/Timers.ts"
import type { Outlet } from "./Outlet.ts"

const nothing = (): void => {}

/** Wakes an EVSE up when its car by itself stops to draw, or begins. */
export class CarWatch {
  private readonly outlet: Outlet
  private readonly timers: TimersApi
  private readonly follow: () => void
  private cancel: () => void = nothing

  constructor(outlet: Outlet, timers: TimersApi, follow: () => void) {
    this.outlet = outlet
    this.timers = timers
    this.follow = follow
  }

  /** What the car takes has changed, or may have. */
  arm(): void {
    this.cancel()
    const waitMs = this.outlet.msUntilTurn()
    this.cancel = waitMs === undefined ? nothing : this.timers.after(waitMs, this.follow)
  }

  stop(): void {
    this.cancel()
    this.cancel = nothing
  }
}
