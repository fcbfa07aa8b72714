import { Effect, Exit } from "effect"

const beginning: unique symbol = Symbol("core/Direct")

/**
 * Begins work without a fiber. What it returns is still to be run (an Exit: it is done); undefined when nothing is, and
 * `done` will be told once, later and never within this call, what to go on with.
 */
export type Begin<A, E> = (done: (rest: Effect.Effect<A, E>) => void) => Effect.Effect<A, E> | undefined

/** An effect that can be begun without a fiber: for what every message waits for. Lazy like any other. */
export interface Direct<A, E> extends Effect.Effect<A, E> {
  readonly [beginning]: Begin<A, E>
}

/** Makes one. `inFiber` is the same for a fiber that runs it; when not given, one that waits for `done`. */
export const direct = <A, E>(begin: Begin<A, E>, inFiber?: () => Effect.Effect<A, E>): Direct<A, E> => {
  const effect = Effect.suspend(inFiber ?? (() => awaited(begin))) as {
    -readonly [K in keyof Direct<A, E>]: Direct<A, E>[K]
  }
  effect[beginning] = begin
  return effect
}

const awaited = <A, E>(begin: Begin<A, E>): Effect.Effect<A, E> =>
  Effect.callback((resume) => {
    const rest = begin(resume)
    if (rest !== undefined) resume(rest)
  })

/**
 * Begins any effect: one that cannot be begun without a fiber is itself what is still to be run. Returns as a
 * {@link Begin} does.
 */
export const begin = <A, E>(
  effect: Effect.Effect<A, E>,
  done: (rest: Effect.Effect<A, E>) => void
): Effect.Effect<A, E> | undefined => (Exit.isExit(effect) || !isDirect(effect) ? effect : effect[beginning](done))

export const isDirect = <A, E>(effect: Effect.Effect<A, E>): effect is Direct<A, E> =>
  (effect as Partial<Direct<A, E>>)[beginning] !== undefined
