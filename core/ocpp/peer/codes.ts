import type { Violation } from "../Action.ts"
import type { ErrorCode } from "../CallError.ts"
import type { Malformed } from "../Frame.ts"

export type Version = "1.6" | "2.0.1" | "2.1"

/** A CALLERROR about to go out. */
export interface Refusal {
  readonly messageId: string
  readonly code: ErrorCode
  readonly description: string
}

/** What OCPP 2.x writes in place of an id that it could not read (part 4, section 4.2.3). */
export const unreadableId = "-1"

const formatCode = (version: Version): ErrorCode => (version === "1.6" ? "FormationViolation" : "FormatViolation")

/**
 * The answer a broken text earns, undefined for none. 1.6 knows neither RpcFrameworkError nor the id "-1", so there
 * only a CALL whose id was readable is answered. An unknown message type is ignored by 1.6 and 2.1 (section 4.1.3);
 * 2.0.1 section 4.4 wants it answered. Broken results and errors are never answered: that could echo for ever.
 */
export const refusalOf = (version: Version, frame: Malformed): Refusal | undefined => {
  const { fault, messageId } = frame
  if (fault === "UnknownMessageType") {
    if (version !== "2.0.1") return undefined
    return refusal(messageId, "MessageTypeNotSupported", "this message type does not exist in OCPP 2.0.1")
  }
  if (frame.messageType !== undefined && frame.messageType !== 2) return undefined
  if (fault === "PayloadNotAnObject") return refusal(messageId, formatCode(version), "the payload is not an object")
  if (fault === "TooDeep") return refusal(messageId, formatCode(version), "the payload nests too deep")
  if (version !== "1.6") return refusal(messageId, "RpcFrameworkError", framework[fault])
  if (frame.messageType !== 2 || messageId === undefined) return undefined
  return refusal(messageId, formatCode(version), framework[fault])
}

const refusal = (messageId: string | undefined, code: ErrorCode, description: string): Refusal => ({
  messageId: messageId ?? unreadableId,
  code,
  description
})

const framework: Readonly<Record<Malformed["fault"], string>> = {
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

/** The code for a CALL whose id another, different CALL still holds (OCPP-J section 4.2.3). */
export const conflictCode = (version: Version): ErrorCode => (version === "1.6" ? "GenericError" : "RpcFrameworkError")

/**
 * The code for an action we do not serve: NotImplemented when this version does not know its name, NotSupported when
 * it does and this side does not offer it. A signed variant (2.x part 4, chapter 7) counts as known.
 */
export const unservedCode = (name: string, isKnown: (name: string) => boolean): ErrorCode =>
  isKnown(name) || (name.endsWith("-Signed") && isKnown(name.slice(0, -7))) ? "NotSupported" : "NotImplemented"

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
