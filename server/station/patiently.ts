import { Duration, Effect, Exit, Schedule } from "effect"
import type { StoreUnavailable } from "../record/Journal.ts"

/** 50 ms, doubling, never more than five seconds apart. */
const backOff = Schedule.modifyDelay(Schedule.exponential("50 millis"), ({ duration }) =>
  Effect.succeed(Duration.min(duration, Duration.seconds(5)))
)

const isAway = (error: unknown): error is StoreUnavailable =>
  typeof error === "object" && error !== null && "_tag" in error && error._tag === "StoreUnavailable"

/**
 * Asks a store that is away again until it answers. A station's message waits meanwhile and is not answered: the
 * station keeps it, and nothing is decided on a guess. What is answered already costs nothing.
 */
export const patiently = <A, E, R>(ask: Effect.Effect<A, E, R>): Effect.Effect<A, Exclude<E, StoreUnavailable>, R> =>
  (Exit.isExit(ask) && Exit.isSuccess(ask)
    ? ask
    : Effect.retry(ask, { while: isAway, schedule: backOff })) as Effect.Effect<A, Exclude<E, StoreUnavailable>, R>

/** The same for as long as that, for whoever can do nothing without the store: a server that starts. */
export const patientlyFor =
  (patience: Duration.Input) =>
  <A, E, R>(ask: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.retry(ask, { while: isAway, schedule: Schedule.upTo(backOff, { duration: patience }) })
