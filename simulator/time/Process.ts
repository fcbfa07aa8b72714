import { Context, Data, Effect, type Exit, type Fiber } from "effect"
import { CurrentWorld } from "./CurrentWorld.ts"
import type { Owner } from "./TimerHeap.ts"

/** The process died before it could answer. */
export class Killed extends Data.TaggedError("Killed")<Record<never, never>> {}

/** An effect that runs like an operating system process of its own inside virtual time. */
export interface Process<A, E> {
  /** False once it was killed, or has ended by itself. */
  readonly isAlive: () => boolean
  /**
   * Dies at this instant, as by `kill -9`: its fibers never take another step, its timers never fire, no finalizer
   * runs. Foreign work under way still ends, as a database finishes what it was asked, but nobody hears of it. The
   * one fiber that calls this from inside may take a few steps more: there, use `crash`.
   */
  readonly kill: () => void
  /** Kills the process and never returns: a crash at an exact place in its own code. */
  readonly crash: Effect.Effect<never>
  /** Ends in good order: its fiber is interrupted and its finalizers run. */
  readonly stop: Effect.Effect<void>
  /** Calls back when it is killed, in the order asked; what the operating system would do (cut sockets) goes here. */
  readonly onKill: (callback: () => void) => () => void
  /** Runs an effect inside the process; Killed when the process dies first or is dead. */
  readonly within: <A2, E2, R2>(effect: Effect.Effect<A2, E2, R2>) => Effect.Effect<A2, E2 | Killed, R2>
  /** What the process ended with. */
  readonly await: Effect.Effect<A, E | Killed>
}

/**
 * Starts an effect as a process. It may be started again after it was killed, which makes another process. Its fibers
 * must be its own: whatever it forks, also by a captured context, belongs to it.
 */
export const start = <A, E, R>(body: Effect.Effect<A, E, R>): Effect.Effect<Process<A, E>, never, R> =>
  Effect.contextWith((outer: Context.Context<R>) =>
    Effect.suspend(() => {
      const world = Context.get(outer, CurrentWorld)
      if (world === undefined) return Effect.die("a process can be killed in virtual time only")
      const owner: Owner = { alive: true }
      const onKill = new Set<() => void>()
      const services = world.services(owner)
      const fork = <A2, E2, R2>(context: Context.Context<R2>, effect: Effect.Effect<A2, E2, R2>) =>
        Effect.runForkWith(Context.merge(context, services))(effect)
      const main = fork(outer, body)
      const listen = (callback: () => void) => {
        onKill.add(callback)
        return () => {
          onKill.delete(callback)
        }
      }
      const follow = <A2, E2>(fiber: Fiber.Fiber<A2, E2>, isOwn: boolean) =>
        Effect.callback<A2, E2 | Killed>((resume) => {
          const exit = fiber.pollUnsafe()
          if (exit !== undefined || !owner.alive) {
            resume(exit ?? Effect.fail(new Killed()))
            return
          }
          const forget = listen(() => resume(Effect.fail(new Killed())))
          const stopObserving = fiber.addObserver((exit: Exit.Exit<A2, E2>) => {
            forget()
            resume(exit)
          })
          return Effect.sync(() => {
            forget()
            stopObserving()
            if (isOwn) fiber.interruptUnsafe()
          })
        })
      const isAlive = () => owner.alive && main.pollUnsafe() === undefined
      const kill = () => {
        if (!owner.alive) return
        world.end(owner)
        const callbacks = [...onKill]
        onKill.clear()
        for (const callback of callbacks) callback()
      }
      return Effect.succeed<Process<A, E>>({
        isAlive,
        kill,
        crash: Effect.andThen(Effect.sync(kill), Effect.never),
        stop: Effect.suspend(() => {
          main.interruptUnsafe()
          return Effect.asVoid(Effect.exit(follow(main, false)))
        }),
        onKill: listen,
        within: <A2, E2, R2>(effect: Effect.Effect<A2, E2, R2>) =>
          Effect.contextWith((context: Context.Context<R2>) =>
            Effect.suspend(() => (isAlive() ? follow(fork(context, effect), true) : Effect.fail(new Killed())))
          ),
        await: follow(main, false)
      })
    })
  )
