import type { Cause } from "effect"
import type { Violation } from "../Action.ts"
import type { Repair } from "../lenient.ts"

export type Direction = "in" | "out"

export type IgnoredReason =
  /** A result or error that answers nothing we wait for. */
  | "Unsolicited"
  /** A text that is no frame and earns no answer in this version. */
  | "Malformed"
  | "Binary"
  /** OCPP 2.1: a SEND that is unknown, wrong-sided or breaks its schema. */
  | "SendRefused"
  /** OCPP 2.1: the other side could not use a result of ours. */
  | "ResultRefused"
  /** A CALL unanswered because the connection ended before its turn. */
  | "Dropped"

export interface Breach {
  readonly action: string
  readonly messageId: string
  readonly payload: "request" | "response"
  /** "in": they sent it; "out": it is ours and was held back. */
  readonly direction: Direction
  readonly violation: Violation
  /** The station's leniency made it acceptable. */
  readonly forgiven: boolean
  readonly repairs: ReadonlyArray<Repair>
}

/** Told of everything on one connection, in order and synchronously; must not throw. For traces, logs and metrics. */
export interface PeerObserver {
  /** The raw text of every frame; keep secrets (AuthorizationKey, BasicAuthPassword) out of what is stored. */
  readonly onFrame?: (direction: Direction, text: string) => void
  readonly onCall?: (direction: Direction, action: string, messageId: string) => void
  /** `outcome` is "Result" or the error code; for calls of ours also "Timeout", "Disconnected", "Invalid". */
  readonly onAnswer?: (direction: Direction, action: string, messageId: string, outcome: string) => void
  readonly onIgnored?: (reason: IgnoredReason, messageId: string | undefined) => void
  readonly onViolation?: (breach: Breach) => void
  readonly onDefect?: (action: string, messageId: string, cause: Cause.Cause<unknown>) => void
  readonly onClose?: (code: number, reason: string) => void
}
