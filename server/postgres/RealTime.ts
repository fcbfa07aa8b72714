import { Clock, Context, Effect, Random, Scheduler } from "effect"
import { ForeignWork } from "#core/ForeignWork.ts"

const ordinary = Context.empty()
const ordinaryWork = Context.get(ordinary, ForeignWork)
const wallClock = Context.get(ordinary, Clock.Clock)
const real = Context.make(Clock.Clock, wallClock).pipe(Context.add(Random.Random, Context.get(ordinary, Random.Random)))
const outside = Context.add(real, Scheduler.Scheduler, Context.get(ordinary, Scheduler.Scheduler))

/**
 * Runs what talks to PostgreSQL. Its timeouts and pauses are real ones whatever the program's clock, its chance is not
 * taken from a seeded stream, and virtual time stands still until it ends. Costs nothing where time is real.
 */
export const inRealTime = <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.withFiber((fiber) => {
    const hold = fiber.getRef(ForeignWork)
    if (hold === ordinaryWork && fiber.getRef(Clock.Clock) === wallClock) return work
    return hold(Effect.provideContext(work, real as Context.Context<R>))
  })

/**
 * Holds virtual time for several round trips that belong together, a transaction say. What is done between them keeps
 * the program's own clock and chance, and must not wait for anything but the database.
 */
export const asForeignWork = <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.withFiber((fiber) => {
    const hold = fiber.getRef(ForeignWork)
    return hold === ordinaryWork ? work : hold(work)
  })

/** Gives work inside `inRealTime` the program's own clock and chance back. */
export const keepingTime = <A, E, R, A2, E2, R2>(
  work: Effect.Effect<A, E, R>,
  within: (work: Effect.Effect<A, E, R>) => Effect.Effect<A2, E2, R2>
): Effect.Effect<A2, E2, R2> =>
  Effect.withFiber((fiber) => {
    const own = Context.make(Clock.Clock, fiber.getRef(Clock.Clock)).pipe(
      Context.add(Random.Random, fiber.getRef(Random.Random))
    )
    return within(Effect.provideContext(work, own as Context.Context<R>))
  })

/** Runs what lives in the background (a pool's timers) in real time and outside virtual time, which does not wait for it. */
export const outsideTime = <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.provideContext(work, outside as Context.Context<R>)
