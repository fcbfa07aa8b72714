import { Clock, Context, Effect, Random } from "effect"
import { ForeignWork } from "#core/ForeignWork.ts"

const ordinaryWork = Context.get(Context.empty(), ForeignWork)
const wallClock = Context.get(Context.empty(), Clock.Clock)
const ordinaryRandom = Context.get(Context.empty(), Random.Random)

/**
 * Runs what talks to PostgreSQL. Its timeouts and pauses are real ones whatever the program's clock, its chance is not
 * taken from a seeded stream, and virtual time stands still until it ends. Costs nothing where time is real.
 */
export const inRealTime = <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.withFiber((fiber) => {
    const hold = fiber.getRef(ForeignWork)
    if (hold === ordinaryWork && fiber.getRef(Clock.Clock) === wallClock) return work
    return hold(withRealTime(work))
  })

/** The same for work in the background, which virtual time does not wait for. */
export const withRealTime = <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.provideContext(
    work,
    Context.make(Clock.Clock, wallClock).pipe(Context.add(Random.Random, ordinaryRandom)) as Context.Context<R>
  )
