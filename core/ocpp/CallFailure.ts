import { Data } from "effect"
import type { Violation } from "./Action.ts"

/** The other side answered CALLERROR. `code` is what it sent, in whatever spelling; see `sameCode` in `peer/codes.ts`. */
export class CallRefused extends Data.TaggedError("CallRefused")<{
  readonly action: string
  readonly code: string
  readonly description: string
  readonly details: unknown
}> {}

/** No answer within `timeoutMs` of sending. The other side may have acted all the same. */
export class CallTimedOut extends Data.TaggedError("CallTimedOut")<{
  readonly action: string
  readonly timeoutMs: number
}> {}

/** The connection ended first. When `sent`, the other side may have acted all the same. */
export class Disconnected extends Data.TaggedError("Disconnected")<{
  readonly action: string
  readonly sent: boolean
}> {}

/** The other side answered with something that is no response to this action. It has probably acted. */
export class AnswerInvalid extends Data.TaggedError("AnswerInvalid")<{
  readonly action: string
  /** Absent when the frame itself was broken. */
  readonly violation: Violation | undefined
}> {}

/** Nothing was sent: `limit` calls wait already for the one slot of this connection. */
export class TooManyWaiting extends Data.TaggedError("TooManyWaiting")<{
  readonly action: string
  readonly limit: number
}> {}

/** Nothing was sent: our own request breaks its schema, or is no JSON when `violation` is absent. */
export class RequestInvalid extends Data.TaggedError("RequestInvalid")<{
  readonly action: string
  readonly violation: Violation | undefined
}> {}

/** Why a CALL brought no response. */
export type CallFailure = CallRefused | CallTimedOut | Disconnected | AnswerInvalid | TooManyWaiting | RequestInvalid
