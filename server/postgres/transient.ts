import { type Duration, Effect, Schedule } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import { inRealTime, keepingTime } from "./RealTime.ts"

/**
 * States that pass by themselves although the client calls them final: shut down by an administrator or a crash, starting
 * up or shutting down, too many connections, out of memory or disk for the moment, a standby that is being promoted.
 */
const passing = new Set(["57P01", "57P02", "57P03", "53000", "53100", "53200", "53300", "25006"])

const causeOf = (error: SqlError): { readonly code?: unknown; readonly constraint?: unknown } =>
  typeof error.reason.cause === "object" && error.reason.cause !== null ? error.reason.cause : {}

/** The SQLSTATE PostgreSQL gave, if it was PostgreSQL that failed. */
export const codeOf = (error: SqlError): string | undefined => {
  const { code } = causeOf(error)
  return typeof code === "string" ? code : undefined
}

/** The name of the violated constraint, of any kind. */
export const constraintOf = (error: SqlError): string | undefined => {
  const { constraint } = causeOf(error)
  return typeof constraint === "string" ? constraint : undefined
}

/** Whether the same statement may succeed later without anybody changing it. It may also have taken effect already. */
export const isTransient = (error: SqlError): boolean => {
  const code = codeOf(error)
  return error.isRetryable || (code !== undefined && passing.has(code))
}

/** 50 ms doubling to 2 s, scattered by a fifth so that many waiters do not come back at once, for as long as `patience`. */
export const backoff = (patience: Duration.Input) =>
  Schedule.min([Schedule.exponential("50 millis"), Schedule.spaced("2 seconds")]).pipe(
    Schedule.jittered,
    Schedule.upTo({ duration: patience })
  )

/**
 * Repeats work on the database while it fails for a passing reason. Only for work that may be done twice: a statement
 * whose connection broke may have been committed. `work` must wait for nothing but the database.
 */
export const retryTransient =
  (patience: Duration.Input = "30 seconds") =>
  <A, E, R>(work: Effect.Effect<A, E | SqlError, R>): Effect.Effect<A, E | SqlError, R> =>
    keepingTime(work, (kept) =>
      inRealTime(Effect.retry(kept, { schedule: backoff(patience), while: isTransientFailure }))
    )

const isTransientFailure = (failure: unknown): boolean =>
  typeof failure === "object" &&
  failure !== null &&
  "_tag" in failure &&
  failure._tag === "SqlError" &&
  isTransient(failure as SqlError)
