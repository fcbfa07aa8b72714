import { Effect, Exit } from "effect"
import * as Direct from "#core/Direct.ts"
import * as Instant from "#core/Instant.ts"
import { CallError } from "#core/ocpp/CallError.ts"
import { sometimes } from "#core/Sometimes.ts"
import type { Fenced, UnitRefused } from "../record/Journal.ts"
import type { StationOwner } from "../station/StationOwner.ts"

/** What a handler knows of the connection its message came over. */
export interface Session {
  readonly owner: StationOwner
  /** Sent in BootNotification.conf: seconds between heartbeats, or until a station that is not accepted asks again. */
  readonly heartbeatSeconds: number
  /** The clock of the world we live in. A handler reads it once: one message, one instant. */
  readonly nowMs: () => number
  /** Messages that it was asked for on this connection. */
  readonly triggered: ReadonlySet<string>
  /** Called when another connection has taken the station over: this one must fall silent. */
  readonly fenced: () => void
}

/**
 * Runs what must be in the books before the answer. Fenced means that a newer connection owns the station: the answer
 * is not given, and the connection is cut, so that the station repeats the message there.
 */
export const committed = <A, Response>(
  session: Session,
  effect: Effect.Effect<A, Fenced | UnitRefused>,
  answer: (value: A) => Response
): Effect.Effect<Response, CallError> => {
  const answered = (work: Effect.Effect<A, Fenced | UnitRefused>): Effect.Effect<Response, CallError> =>
    Exit.isExit(work) && Exit.isSuccess(work)
      ? answerOf(work.value as A, answer)
      : Effect.matchEffect(work, {
          onSuccess: (value) => answerOf(value, answer),
          onFailure: (failure) => notCommitted(session, failure)
        })
  return Direct.direct(
    (done) => {
      const rest = Direct.begin(effect, (outcome) => done(answered(outcome)))
      return rest === undefined ? undefined : answered(rest)
    },
    () => answered(effect)
  )
}

/** Whoever is told of a commit tells others too: what one's answer dies of is that one's alone. */
const answerOf = <A, Response>(value: A, answer: (value: A) => Response): Exit.Exit<Response> => {
  try {
    return Exit.succeed(answer(value))
  } catch (defect) {
    return Exit.die(defect)
  }
}

const notCommitted = (session: Session, failure: Fenced | UnitRefused): Effect.Effect<never, CallError> => {
  if (failure._tag === "Fenced") {
    sometimes("a station spoke to a node that no longer owned it")
    session.fenced()
    return Effect.fail(new CallError({ code: "InternalError", description: "another connection took over" }))
  }
  return Effect.andThen(
    Effect.logError("the books refused a message", { stationId: failure.stationId, why: innermost(failure.cause) }),
    Effect.fail(new CallError({ code: "InternalError", description: "the message contradicts the books" }))
  )
}

/** The answer of messages that need no more than to be kept. */
export const nothing = (): Record<string, never> => ({})

/** What is at the bottom of an error: what PostgreSQL said, beneath what its client and ours made of it. */
export const innermost = (cause: unknown): string => {
  let bottom = cause
  for (let depth = 0; depth < 8 && bottom instanceof Error && bottom.cause !== undefined; depth++) bottom = bottom.cause
  return String(bottom)
}

/** 2015-01-01: no OCPP station reports anything older but from a clock that was never set. */
const earliestBelievedMs = 1_420_070_400_000
const aheadBelievedMs = 24 * 60 * 60_000

/**
 * A message's own timestamp, by which it is priced and ordered. A station whose clock was never set (1970), or runs a
 * day ahead, is given the instant of receipt instead.
 */
export const believed = (timestamp: string, receivedAtMs: number): number => {
  const atMs = Instant.parse(timestamp)
  if (atMs === undefined || atMs < earliestBelievedMs || atMs > receivedAtMs + aheadBelievedMs) return receivedAtMs
  return atMs
}

/** No station has so many; a greater number is a mistake, and would fill the books with connectors nobody has. */
const maxPlace = 99_999

/** Whether a station may have an EVSE or a connector of that number; 0 is the station, or the EVSE, as a whole. */
export const isPlace = (number: number): boolean => number >= 0 && number <= maxPlace

/** What a message about an impossible EVSE or connector is answered. */
export const misplaced: Effect.Effect<never, CallError> = Effect.fail(
  new CallError({
    code: "PropertyConstraintViolation",
    description: `no EVSE or connector has a number above ${maxPlace}`
  })
)
