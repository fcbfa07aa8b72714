import { Cause, Context, Data, Effect, Exit, type Fiber } from "effect"
import { CurrentWorld } from "./time/CurrentWorld.ts"
import { type Halt, type Progress, World } from "./time/World.ts"

export type { Progress } from "./time/World.ts"

/** The effect was still running at the last instant allowed and was interrupted there. */
export class TimeUp extends Data.TaggedError("TimeUp")<{ readonly atMs: number }> {}

/** Nothing can run, no timer is set, no foreign work is outstanding, and the effect has not finished. */
export class Deadlock extends Data.TaggedError("Deadlock")<{ readonly atMs: number }> {}

/** Tasks keep scheduling tasks and time never moves on. */
export class Livelock extends Data.TaggedError("Livelock")<{ readonly atMs: number; readonly tasks: number }> {}

/**
 * Foreign work did not end in the wall-clock time allowed. Either the database hangs, or the work begun first waits
 * for what a later one holds: wrap a whole transaction in ForeignWork, not each of its statements.
 */
export class ForeignWorkStalled extends Data.TaggedError("ForeignWorkStalled")<{ readonly atMs: number }> {}

export type Failure = TimeUp | Deadlock | Livelock | ForeignWorkStalled

export interface Options {
  /** The first instant, epoch milliseconds. */
  readonly startAtMs: number
  /** The last instant: the effect is interrupted there and the run fails with TimeUp. */
  readonly untilMs: number
  /** Told now and then, in real time, how far the world is. */
  readonly onProgress?: (progress: Progress) => void
  /** Virtual time that finalizers get after an interruption; 60,000 ms when not given. */
  readonly graceMs?: number
  /** Tasks at one instant that count as a livelock; 20 million when not given. */
  readonly maxTasksPerInstant?: number
  /** Wall-clock time that foreign work may take; 30,000 ms when not given. */
  readonly stallAfterMs?: number
}

const failureOf = (halt: Halt, atMs: number): Failure | undefined => {
  switch (halt._tag) {
    case "Reached":
      return new TimeUp({ atMs })
    case "Idle":
      return new Deadlock({ atMs })
    case "Livelock":
      return new Livelock({ atMs, tasks: halt.tasks })
    case "Stalled":
      return new ForeignWorkStalled({ atMs })
    default:
      return undefined
  }
}

/** What the run ends with: the failure that halted it first, and whatever defects the finalizers died of. */
const outcome = <A, E>(exit: Exit.Exit<A, E> | undefined, failure: Failure | undefined): Exit.Exit<A, E | Failure> => {
  if (failure === undefined) return exit ?? Exit.die("virtual time halted without a result")
  if (exit === undefined || Exit.isSuccess(exit)) return Exit.fail(failure)
  const defects = exit.cause.reasons.filter(Cause.isDieReason)
  return Exit.failCause(Cause.fromReasons<E | Failure>([Cause.makeFailReason(failure), ...defects]))
}

/**
 * Runs an effect in a world of its own whose time is virtual: everything that can run at an instant runs, in one fixed
 * order; then the world waits for foreign work (see core/ForeignWork); then it jumps to the next timer. Clock, sleeps,
 * timeouts, schedules and `Timers` inside all obey, and two runs of the same effect do the same things in the same
 * order. Promises that were not declared as foreign work do not hold time still, and break that promise.
 */
export const run = <A, E, R>(effect: Effect.Effect<A, E, R>, options: Options): Effect.Effect<A, E | Failure, R> =>
  Effect.contextWith((outer: Context.Context<R>) =>
    Effect.callback<A, E | Failure>((resume) => {
      const world = new World({
        startAtMs: options.startAtMs,
        maxTasksPerInstant: options.maxTasksPerInstant ?? 20_000_000,
        stallAfterMs: options.stallAfterMs ?? 30_000,
        onProgress: options.onProgress ?? (() => {})
      })
      const graceMs = options.graceMs ?? 60_000
      const inside = Context.add(Context.merge(outer, world.services(world.root)), CurrentWorld, world)
      let fiber: Fiber.Fiber<A, E> | undefined
      let failure: Failure | undefined
      let isLeaving = false
      const end = () => {
        world.abandon()
        resume(outcome(fiber?.pollUnsafe(), failure))
      }
      const onHalt = (halt: Halt): void => {
        const { atMs } = world.progress()
        failure ??= failureOf(halt, atMs)
        if (halt._tag === "Reached" || halt._tag === "Idle") {
          if (!isLeaving) leave(atMs + graceMs)
          else end()
        } else if (halt._tag === "Thrown") {
          world.abandon()
          resume(Effect.die(halt.defect))
        } else {
          end()
        }
      }
      const leave = (untilMs: number): void => {
        isLeaving = true
        world.timers(world.root).soon(() => fiber?.interruptUnsafe())
        world.turn(untilMs, onHalt)
      }
      world.timers(world.root).soon(() => {
        fiber = Effect.runForkWith(inside)(effect)
        fiber.addObserver(() => world.finish())
      })
      world.turn(options.untilMs, onHalt)
      return Effect.callback<void>((left) => {
        if (isLeaving) return
        resume = () => left(Effect.void)
        leave(world.progress().atMs + graceMs)
      })
    })
  )
