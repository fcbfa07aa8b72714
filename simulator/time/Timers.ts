import { Clock, Context, Duration, Effect } from "effect"

/**
 * Time for code that is not an Effect: thousands of stations that would otherwise need a fiber for every timer.
 * Bound to the same instant as the Clock of the world that provides it.
 */
export interface TimersApi {
  /** The current instant, epoch milliseconds. */
  readonly nowAtMs: () => number
  /**
   * Calls back once, `ms` milliseconds from now (rounded up to a whole one; at once but never re-entrantly when not
   * positive; never when infinite). The returned function cancels and may be called at any time, also too late.
   */
  readonly after: (ms: number, callback: () => void) => () => void
  /** Calls back once, at this instant, after everything that is already waiting to run, in the order asked. */
  readonly soon: (callback: () => void) => void
  /**
   * The instant that what happens now was meant for, where the world can tell it from the present one: the instant of
   * the timer whose callback runs, else now, with fractions of a millisecond.
   */
  readonly dueAtMs?: () => number
}

const nothing = (): void => {}

/**
 * Timers on any Clock, at the cost of one fiber a timer. A callback that throws does so outside the fiber, where
 * nothing swallows it.
 */
export const fromClock = (clock: Clock.Clock): TimersApi => {
  const soon = (callback: () => void): void => {
    setImmediate(callback)
  }
  return {
    nowAtMs: () => clock.currentTimeMillisUnsafe(),
    soon,
    after: (ms, callback) => {
      if (ms === Number.POSITIVE_INFINITY) return nothing
      let pending = true
      const fire = () => {
        if (!pending) return
        pending = false
        callback()
      }
      if (!(ms > 0)) {
        soon(fire)
        return () => {
          pending = false
        }
      }
      const fiber = Effect.runFork(clock.sleep(Duration.millis(Math.ceil(ms))))
      fiber.addObserver(fire)
      return () => {
        pending = false
        fiber.interruptUnsafe()
      }
    }
  }
}

/** The timers of the world that the code runs in: the wall clock's by default, virtual ones in virtual time. */
export const Timers = Context.Reference<TimersApi>("simulator/Timers", {
  defaultValue: () => fromClock(Context.get(Context.empty(), Clock.Clock))
})
