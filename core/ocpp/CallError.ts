import { Data } from "effect"

/** Every code a CALLERROR may carry in any version; `Dialect` knows which spelling its version uses. */
export type ErrorCode =
  | "FormationViolation"
  | "FormatViolation"
  | "GenericError"
  | "InternalError"
  | "MessageTypeNotSupported"
  | "NotImplemented"
  | "NotSupported"
  | "OccurenceConstraintViolation"
  | "OccurrenceConstraintViolation"
  | "PropertyConstraintViolation"
  | "ProtocolError"
  | "RpcFrameworkError"
  | "SecurityError"
  | "TypeConstraintViolation"

/** A refusal of one CALL: what a handler fails with, and what goes out as CALLERROR. */
export class CallError extends Data.TaggedError("CallError")<{
  readonly code: ErrorCode
  readonly description: string
  readonly details?: Record<string, unknown>
}> {}
