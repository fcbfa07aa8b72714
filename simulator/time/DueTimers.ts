import { TimerHeap } from "./TimerHeap.ts"
import type { TimersApi } from "./Timers.ts"

const nothing = (): void => {}

/**
 * Timers for a fleet on the wall clock: all of them on one heap and one timer of the world below, instead of a fiber
 * each. It also knows for which instant the running callback was set, so that what a late process does late is counted
 * from the instant it was meant for.
 */
export class DueTimers implements TimersApi {
  private readonly below: TimersApi
  private readonly preciseMs: () => number
  private readonly heap = new TimerHeap()
  private readonly owner = { alive: true }
  private armedAtMs = Number.POSITIVE_INFINITY
  private disarm: () => void = nothing
  private dueMs: number | undefined
  private latestMs = 0

  /** `preciseMs` is the same clock as `below.nowAtMs`, with fractions; it may run up to a millisecond ahead. */
  constructor(below: TimersApi, preciseMs: () => number = below.nowAtMs) {
    this.below = below
    this.preciseMs = preciseMs
  }

  /** How late the latest callback was since the last call of this, ms: the process's own lateness. */
  takeLateness(): number {
    const lateness = this.latestMs
    this.latestMs = 0
    return lateness
  }

  readonly nowAtMs = (): number => this.below.nowAtMs()

  /** This instant with fractions of a millisecond. */
  readonly nowPreciseMs = (): number => this.preciseMs()

  readonly soon = (callback: () => void): void => this.below.soon(callback)

  /** The instant that what happens now was meant for: that of the timer whose callback runs, else now. */
  readonly dueAtMs = (): number => this.dueMs ?? this.preciseMs()

  /** Does something that was meant for another instant than this. */
  meantFor(atMs: number, act: () => void): void {
    const outer = this.dueMs
    this.dueMs = atMs
    act()
    this.dueMs = outer
  }

  readonly after = (ms: number, callback: () => void): (() => void) => {
    if (ms === Number.POSITIVE_INFINITY) return nothing
    const timer = this.heap.set(this.nowAtMs() + Math.max(0, Math.ceil(ms)), this.owner, callback)
    this.arm()
    return () => this.heap.cancel(timer)
  }

  private arm(): void {
    const first = this.heap.peek()
    if (first === undefined || first.atMs >= this.armedAtMs) return
    this.disarm()
    this.armedAtMs = first.atMs
    this.disarm = this.below.after(first.atMs - this.nowAtMs(), () => this.fire())
  }

  private fire(): void {
    const nowMs = this.nowAtMs()
    this.armedAtMs = Number.POSITIVE_INFINITY
    this.disarm = nothing
    for (let first = this.heap.peek(); first !== undefined && first.atMs <= nowMs; first = this.heap.peek()) {
      this.heap.pop()
      const { callback, atMs } = first
      first.callback = undefined
      this.latestMs = Math.max(this.latestMs, nowMs - atMs)
      if (callback !== undefined) this.meantFor(atMs, callback)
    }
    this.arm()
  }
}
