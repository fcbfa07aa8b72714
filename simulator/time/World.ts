import { Clock, Context, Duration, Effect, Result, Scheduler } from "effect"
import { ForeignWork } from "#core/ForeignWork.ts"
import { Fifo } from "./Fifo.ts"
import { Foreign } from "./Foreign.ts"
import { type Owner, type Timer, TimerHeap } from "./TimerHeap.ts"
import { Timers, type TimersApi } from "./Timers.ts"

/** Why a world stopped turning. */
export type Halt =
  | { readonly _tag: "Finished" }
  | { readonly _tag: "Idle" }
  | { readonly _tag: "Reached"; readonly atMs: number }
  | { readonly _tag: "Livelock"; readonly tasks: number }
  | { readonly _tag: "Stalled" }
  | { readonly _tag: "Thrown"; readonly defect: unknown }

/** Bounds and hooks of a world; see VirtualTime.Options. */
export interface WorldOptions {
  readonly startAtMs: number
  readonly maxTasksPerInstant: number
  readonly stallAfterMs: number
  readonly onProgress: (progress: Progress) => void
}

/** How far a world has come. */
export interface Progress {
  readonly atMs: number
  readonly timersFired: number
  readonly tasksRun: number
}

/** Jumps between two looks at the event loop, so that a signal, a socket or a progress line gets its chance. */
const jumpsPerTurn = 4096
/** A fiber that does this many steps without waiting is looping; it yields so that the livelock bound can see it. */
const stepsBeforeYield = 1 << 20
const nanosPerMilli = 1_000_000n
const cancelNothing = (): void => {}

/**
 * One virtual world: an instant, a heap of timers, one queue of what can run now, and the foreign work it waits for.
 * It knows nothing of what runs in it.
 */
export class World {
  /** The owner of everything that no crash can end. */
  readonly root: Owner = { alive: true }
  readonly foreign = new Foreign(
    () => this.nowAtMs,
    () => this.wake()
  )
  private readonly heap = new TimerHeap()
  private readonly runnable = new Fifo<() => void>()
  private readonly options: WorldOptions
  private nowAtMs: number
  private timersFired = 0
  private tasksRun = 0
  private tasksAtInstant = 0
  private jumpsSinceTurn = 0
  private graceGiven = false
  private isFinished = false
  private isAbandoned = false
  private isWaiting = false
  private waits = 0
  private isPumpQueued = false
  private untilMs = 0
  private onHalt: ((halt: Halt) => void) | undefined
  private stopWatching = cancelNothing

  constructor(options: WorldOptions) {
    this.options = options
    this.nowAtMs = options.startAtMs
  }

  /** The services that put a fiber into this world, on behalf of `owner`. */
  services(owner: Owner): Context.Context<never> {
    const foreign = this.foreign
    const inside = Context.empty().pipe(
      Context.add(Clock.Clock, this.clock(owner)),
      Context.add(Scheduler.Scheduler, this.scheduler(owner)),
      Context.add(Timers, this.timers(owner))
    )
    if (owner === this.root) {
      // Work inside foreign work is part of it: it has no turn of its own.
      const held = Context.add(inside, ForeignWork, (work) => work)
      return Context.add(inside, ForeignWork, (work) => foreign.hold(owner, Effect.provideContext(work, held)))
    }
    // A process may die while the database works for it; the database does not notice and finishes.
    const outlives = Context.add(this.services(this.root), ForeignWork, (work) => work)
    return Context.add(inside, ForeignWork, (work) => Effect.provideContext(foreign.hold(owner, work), outlives))
  }

  /** The plain timers of this world, on behalf of `owner`. */
  timers(owner: Owner): TimersApi {
    return {
      nowAtMs: () => this.nowAtMs,
      soon: (callback) => this.enqueue(owner, callback),
      after: (ms, callback) => {
        if (ms === Number.POSITIVE_INFINITY) return cancelNothing
        if (ms > 0) {
          const timer = this.heap.set(this.nowAtMs + Math.ceil(ms), owner, callback)
          return () => this.heap.cancel(timer)
        }
        let pending = true
        this.enqueue(owner, () => {
          if (pending) callback()
        })
        return () => {
          pending = false
        }
      }
    }
  }

  /** Ends an owner at this instant: what it queued, set or waits for never comes. */
  end(owner: Owner): void {
    owner.alive = false
    this.heap.sweep()
  }

  /** Turns the world until it is finished or halted otherwise, or until an instant later than `untilMs` would come. */
  turn(untilMs: number, onHalt: (halt: Halt) => void): void {
    this.untilMs = untilMs
    this.onHalt = onHalt
    this.graceGiven = false
    this.queuePump()
  }

  /** Says that what the world was made for is done. */
  finish(): void {
    this.isFinished = true
    this.wake()
  }

  /** Stops the world for good. */
  abandon(): void {
    this.isAbandoned = true
    this.stopWatching()
  }

  progress(): Progress {
    return { atMs: this.nowAtMs, timersFired: this.timersFired, tasksRun: this.tasksRun }
  }

  private clock(owner: Owner): Clock.Clock {
    const millis = () => this.nowAtMs
    const nanos = () => BigInt(this.nowAtMs) * nanosPerMilli
    return {
      currentTimeMillisUnsafe: millis,
      currentTimeMillis: Effect.sync(millis),
      currentTimeNanosUnsafe: nanos,
      currentTimeNanos: Effect.sync(nanos),
      monotonicTimeNanosUnsafe: nanos,
      monotonicTimeNanos: Effect.sync(nanos),
      sleep: (duration) => {
        const ms = Duration.toMillis(duration)
        if (ms <= 0) return Effect.yieldNow
        if (ms === Number.POSITIVE_INFINITY) return Effect.never
        return Effect.callback<void>((resume) => {
          const timer: Timer = this.heap.set(this.nowAtMs + Math.ceil(ms), owner, () => resume(Effect.void))
          return Effect.sync(() => this.heap.cancel(timer))
        })
      }
    }
  }

  private scheduler(owner: Owner): Scheduler.Scheduler {
    const dispatcher: Scheduler.SchedulerDispatcher = {
      scheduleTask: (task) => this.enqueue(owner, task),
      flush: cancelNothing
    }
    return {
      executionMode: "async",
      // A fiber whose owner died yields at its next step and, as nothing it schedules is kept, never goes on.
      shouldYield: (fiber) => !owner.alive || fiber.currentOpCount >= stepsBeforeYield,
      makeDispatcher: () => dispatcher
    }
  }

  private enqueue(owner: Owner, task: () => void): void {
    if (!owner.alive) return
    this.runnable.push(task)
    if (this.isWaiting) this.wake()
  }

  /** Goes on after a wait, in a microtask: whoever wakes the world is in the middle of something. */
  private wake(): void {
    if (!this.isWaiting) return
    this.isWaiting = false
    this.queuePump()
  }

  private queuePump(): void {
    if (this.isPumpQueued) return
    this.isPumpQueued = true
    queueMicrotask(() => this.pump())
  }

  private pump(): void {
    this.isPumpQueued = false
    this.isWaiting = false
    if (this.isAbandoned || this.onHalt === undefined) return
    const halt = Result.match(Result.try({ try: () => this.advance(), catch: (defect) => defect }), {
      onSuccess: (halt) => halt,
      onFailure: (defect): Halt => ({ _tag: "Thrown", defect })
    })
    if (halt !== undefined) this.halt(halt)
  }

  private halt(halt: Halt): void {
    const { onHalt } = this
    this.onHalt = undefined
    this.stopWatching()
    this.stopWatching = cancelNothing
    onHalt?.(halt)
  }

  /** Runs and jumps until the world halts, or returns undefined when it has to wait for the event loop. */
  private advance(): Halt | undefined {
    for (;;) {
      if (!this.runAll()) return { _tag: "Livelock", tasks: this.tasksAtInstant }
      if (this.isFinished) return { _tag: "Finished" }
      if (this.foreign.openOldest()) {
        this.tasksAtInstant = 0
        continue
      }
      if (this.foreign.takeBegun()) return this.giveWay()
      const dueAtMs = this.foreign.dueAtMs ?? Number.POSITIVE_INFINITY
      if (dueAtMs <= this.nowAtMs) return this.waitForForeign()
      const next = this.heap.peek()
      if (dueAtMs < (next?.atMs ?? Number.POSITIVE_INFINITY) && dueAtMs <= this.untilMs) {
        this.nowAtMs = dueAtMs
        this.tasksAtInstant = 0
        continue
      }
      if (next === undefined) {
        if (this.graceGiven) return { _tag: "Idle" }
        // A promise that nobody declared as foreign work may be about to settle.
        this.graceGiven = true
        return this.lookAtEventLoop()
      }
      if (next.atMs > this.untilMs) {
        this.nowAtMs = Math.max(this.nowAtMs, this.untilMs)
        return { _tag: "Reached", atMs: this.nowAtMs }
      }
      this.jumpTo(next)
      if (++this.jumpsSinceTurn >= jumpsPerTurn) return this.lookAtEventLoop()
    }
  }

  private jumpTo(next: Timer): void {
    this.heap.pop()
    if (next.atMs > this.nowAtMs) {
      this.nowAtMs = next.atMs
      this.tasksAtInstant = 0
    }
    this.graceGiven = false
    this.timersFired++
    const { callback } = next
    next.callback = undefined
    callback?.()
  }

  /** Runs what can run now; false when that never ends. */
  private runAll(): boolean {
    const { runnable } = this
    for (let task = runnable.shift(); task !== undefined; task = runnable.shift()) {
      this.tasksRun++
      if (++this.tasksAtInstant > this.options.maxTasksPerInstant) return false
      task()
    }
    return true
  }

  private lookAtEventLoop(): undefined {
    this.jumpsSinceTurn = 0
    this.options.onProgress(this.progress())
    return this.giveWay()
  }

  /** Goes on after a turn of the event loop, in which sockets send what was given to them. */
  private giveWay(): undefined {
    this.isPumpQueued = true
    setImmediate(() => this.pump())
  }

  private waitForForeign(): undefined {
    this.foreign.waitForAll()
    this.isWaiting = true
    this.waits++
    if (this.stopWatching === cancelNothing) this.watch()
  }

  /** Wakes up in real time: the one thing that virtual time cannot notice by itself is that nobody answers. */
  private watch(): void {
    const seen = this.waits
    this.stopWatching = wallClock().after(this.options.stallAfterMs, () => {
      this.stopWatching = cancelNothing
      if (this.isAbandoned || this.onHalt === undefined || !this.isWaiting) return
      if (this.waits === seen) this.halt({ _tag: "Stalled" })
      else this.watch()
    })
  }
}

const wallClock = (): TimersApi => Context.get(Context.empty(), Timers)
