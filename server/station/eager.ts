import { Effect, Exit } from "effect"

/**
 * `Effect.flatMapEager` and `Effect.mapEager` for the path of every message: what is done already is gone on from at once.
 * Written out because Effect's own take their arguments in two orders, and pay for the other one with a closure.
 */
export const flatMapEager = <A, E, B, E2>(
  self: Effect.Effect<A, E>,
  f: (value: A) => Effect.Effect<B, E2>
): Effect.Effect<B, E | E2> => {
  if (!Exit.isExit(self)) return Effect.flatMap(self, f)
  return Exit.isSuccess(self) ? f(self.value as A) : (self as Exit.Exit<never, E>)
}

export const mapEager = <A, E, B>(self: Effect.Effect<A, E>, f: (value: A) => B): Effect.Effect<B, E> => {
  if (!Exit.isExit(self)) return Effect.map(self, f)
  return Exit.isSuccess(self) ? Exit.succeed(f(self.value as A)) : (self as Exit.Exit<never, E>)
}
