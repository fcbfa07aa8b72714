import type { Violation } from "../Action.ts"
import type { ErrorCode } from "../CallError.ts"
import type { Dialect } from "../Dialect.ts"
import type { Malformed } from "../Frame.ts"

/** A CALLERROR about to go out. */
export interface Refusal {
  readonly messageId: string
  readonly code: ErrorCode
  readonly description: string
}

/** What OCPP 2.x writes in place of an id that it could not read (part 4, section 4.2.3). */
export const unreadableId = "-1"

/** What the engine asks of a dialect; a `Dialect` is one. */
export type PeerDialect = Pick<Dialect, "version" | "actions" | "codeFor" | "codes">

/**
 * The answer a broken text earns, undefined for none. 1.6 has no code for it and no id "-1", so there only a CALL whose
 * id was readable is answered. An unknown message type is answered by 2.0.1 alone (section 4.4 against 4.1.3). Broken
 * results and errors are never answered: that could echo for ever.
 */
export const refusalOf = ({ codes }: PeerDialect, frame: Malformed): Refusal | undefined => {
  const { fault, messageId, messageType } = frame
  const description = descriptions[fault]
  if (fault === "UnknownMessageType") return refusal(messageId, codes.messageType, description)
  if (messageType !== undefined && messageType !== 2) return undefined
  if (fault === "PayloadNotAnObject" || fault === "TooDeep") return refusal(messageId, codes.formation, description)
  if (codes.unreadable !== undefined) return refusal(messageId, codes.unreadable, description)
  return messageType === 2 && messageId !== undefined ? refusal(messageId, codes.formation, description) : undefined
}

const refusal = (
  messageId: string | undefined,
  code: ErrorCode | undefined,
  description: string
): Refusal | undefined => (code === undefined ? undefined : { messageId: messageId ?? unreadableId, code, description })

const descriptions: Readonly<Record<Malformed["fault"], string>> = {
  TooLong: "the message is too long",
  TooDeep: "the payload nests too deep",
  NotJson: "the message is not JSON",
  NotAnArray: "the message is not an array",
  NoMessageType: "the message type is missing",
  UnknownMessageType: "unknown message type",
  NoMessageId: "the message id is not a string of 1 to 36 characters",
  WrongLength: "the message has the wrong number of elements",
  NoAction: "the action is missing",
  PayloadNotAnObject: "the payload is not an object",
  NoErrorCode: "the error code is missing"
}

/**
 * The code for an action we do not serve: one when this version does not know its name, another when it does and this
 * side does not offer it. A signed variant (2.x part 4, chapter 7) counts as known.
 */
export const unservedCode = ({ actions, codes }: PeerDialect, name: string): ErrorCode =>
  actions.has(name) || (name.endsWith("-Signed") && actions.has(name.slice(0, -7)))
    ? codes.notSupported
    : codes.unknownAction

/** Says which rule was broken and where, and repeats nothing of the payload but names that the schema gives. */
export const describe = (violation: Violation): string => {
  const { keyword, param } = violation
  const where = keyword === "additionalProperties" || violation.path === "" ? "the payload" : violation.path
  switch (keyword) {
    case "required":
      return `${where} lacks ${String(param)}`
    case "additionalProperties":
      return "the payload has a property that is not in the schema"
    case "type":
    case "format":
      return `${where} must be ${String(param)}`
    case "enum":
      return `${where} is not one of the allowed values`
    default:
      return `${where} breaks ${keyword} ${String(param)}`
  }
}

const spelling: Readonly<Record<string, string>> = {
  FormationViolation: "FormatViolation",
  OccurenceConstraintViolation: "OccurrenceConstraintViolation"
}

/** Whether two codes mean the same, whichever version's spelling was sent. */
export const sameCode = (one: string, other: string): boolean => (spelling[one] ?? one) === (spelling[other] ?? other)
