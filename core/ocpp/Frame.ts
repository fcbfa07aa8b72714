/**
 * OCPP-J frames: text to tagged values and back (OCPP-J 1.6 section 4.2; 2.x part 4 section 4.2). Every function here
 * is synchronous and total: whatever a socket delivers becomes a frame or a `Malformed`, never an exception.
 */

export interface Limits {
  /** UTF-16 units of one frame's text. */
  readonly maxTextLength: number
  /** Levels of nested arrays and objects below the frame's own array, so that recursive checks cannot overflow. */
  readonly maxDepth: number
  /** Characters of a message id; the specifications say 36. */
  readonly maxIdLength: number
}

export const defaultLimits: Limits = { maxTextLength: 1_048_576, maxDepth: 32, maxIdLength: 36 }

/** [2, id, action, payload]: a question that must be answered once. */
export interface Call {
  readonly _tag: "Call"
  readonly messageId: string
  readonly action: string
  readonly payload: unknown
}

/** [3, id, payload]. */
export interface CallResult {
  readonly _tag: "CallResult"
  readonly messageId: string
  readonly payload: unknown
}

/** [4, id, code, description, details]. The code is kept as sent: stations use each other's spellings and their own. */
export interface CallError {
  readonly _tag: "CallError"
  readonly messageId: string
  readonly code: string
  readonly description: string
  readonly details: unknown
}

/** [5, id, code, description, details], OCPP 2.1: the other side could not use the result we sent. */
export interface CallResultError {
  readonly _tag: "CallResultError"
  readonly messageId: string
  readonly code: string
  readonly description: string
  readonly details: unknown
}

/** [6, id, action, payload], OCPP 2.1: told, never answered. */
export interface Send {
  readonly _tag: "Send"
  readonly messageId: string
  readonly action: string
  readonly payload: unknown
}

export type Fault =
  | "TooLong"
  | "TooDeep"
  | "NotJson"
  | "NotAnArray"
  | "NoMessageType"
  | "UnknownMessageType"
  | "NoMessageId"
  | "WrongLength"
  | "NoAction"
  | "PayloadNotAnObject"
  | "NoErrorCode"

/** A text that is no frame, with as much of it as could be read; never the text itself. */
export interface Malformed {
  readonly _tag: "Malformed"
  readonly fault: Fault
  readonly messageType: number | undefined
  readonly messageId: string | undefined
}

export type Frame = Call | CallResult | CallError | CallResultError | Send
export type Received = Frame | Malformed

/** The number of elements of each message type's array. */
const lengths: Readonly<Record<number, number>> = { 2: 4, 3: 3, 4: 5, 5: 5, 6: 4 }

const malformed = (fault: Fault, messageType?: number, messageId?: string): Malformed => ({
  _tag: "Malformed",
  fault,
  messageType,
  messageId
})

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Whether `value` nests deeper than `levels`; itself recursive no deeper than that. */
const nestsDeeper = (value: unknown, levels: number): boolean => {
  if (typeof value !== "object" || value === null) return false
  if (levels === 0) return true
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) if (nestsDeeper(value[i], levels - 1)) return true
    return false
  }
  const record = value as Record<string, unknown>
  for (const key in record) {
    const inner = record[key]
    if (typeof inner === "object" && nestsDeeper(inner, levels - 1)) return true
  }
  return false
}

const parseJson = (text: string): unknown => {
  try {
    return text.includes("\\u") ? JSON.parse(text, storable) : JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * Escapes can spell what no text column holds: NUL, with which C firmware pads its fields, and halves of surrogate
 * pairs. The one is dropped and the other replaced, so that a message with them is kept like any other.
 */
const storable = (_key: string, value: unknown): unknown =>
  typeof value === "string" ? value.replaceAll("\0", "").toWellFormed() : value

const [quote, backslash, space] = [34, 92, 32]

/** Of an answer that tells nothing but that a message was taken, as nearly all are, the id; undefined of other texts. */
const emptyAnswerId = (text: string, maxIdLength: number): string | undefined => {
  const end = text.length - 5
  if (end < 5 || end - 4 > maxIdLength || !text.startsWith('[3,"') || !text.endsWith('",{}]')) return undefined
  for (let at = 4; at < end; at++) {
    const unit = text.charCodeAt(at)
    if (unit === quote || unit === backslash || unit < space) return undefined
  }
  return text.slice(4, end)
}

/**
 * Reads one text frame. Array lengths are exact, ids are 1 to `maxIdLength` characters, and a payload is an object;
 * `null` in its place means an empty one (OCPP-J 1.6 section 4.2.1), also for error details.
 */
export const parse = (text: string, limits: Limits = defaultLimits): Received => {
  if (text.length > limits.maxTextLength) return malformed("TooLong")
  const answered = emptyAnswerId(text, limits.maxIdLength)
  if (answered !== undefined) return { _tag: "CallResult", messageId: answered, payload: {} }
  const value = parseJson(text)
  if (value === undefined) return malformed("NotJson")
  if (!Array.isArray(value)) return malformed("NotAnArray")
  const type: unknown = value[0]
  const id: unknown = value[1]
  const messageId = typeof id === "string" && id.length >= 1 && id.length <= limits.maxIdLength ? id : undefined
  if (typeof type !== "number") return malformed("NoMessageType", undefined, messageId)
  const length = lengths[type]
  if (length === undefined) return malformed("UnknownMessageType", type, messageId)
  if (messageId === undefined) return malformed("NoMessageId", type)
  if (value.length !== length) return malformed("WrongLength", type, messageId)
  if (type === 4 || type === 5) return parseError(type, messageId, value, limits)
  const payload: unknown = value[length - 1] ?? {}
  if (!isObject(payload)) return malformed("PayloadNotAnObject", type, messageId)
  if (nestsDeeper(payload, limits.maxDepth)) return malformed("TooDeep", type, messageId)
  if (type === 3) return { _tag: "CallResult", messageId, payload }
  const action: unknown = value[2]
  if (typeof action !== "string" || action.length === 0) return malformed("NoAction", type, messageId)
  return type === 2 ? { _tag: "Call", messageId, action, payload } : { _tag: "Send", messageId, action, payload }
}

const parseError = (type: 4 | 5, messageId: string, value: ReadonlyArray<unknown>, limits: Limits): Received => {
  const code = value[2]
  if (typeof code !== "string" || code.length === 0) return malformed("NoErrorCode", type, messageId)
  const description = typeof value[3] === "string" ? value[3] : ""
  const details = value[4] ?? {}
  if (nestsDeeper(details, limits.maxDepth)) return malformed("TooDeep", type, messageId)
  return { _tag: type === 4 ? "CallError" : "CallResultError", messageId, code, description, details }
}

const json = (payload: unknown): string => (payload === undefined || payload === null ? "{}" : JSON.stringify(payload))

/** The text of a CALL. Like every encoder here it throws, as JSON.stringify does, on what is no JSON (a bigint, a cycle). */
export const call = (messageId: string, action: string, payload: unknown): string =>
  `[2,${JSON.stringify(messageId)},"${action}",${json(payload)}]`

/** The text of a CALLRESULT. */
export const callResult = (messageId: string, payload: unknown): string =>
  `[3,${JSON.stringify(messageId)},${json(payload)}]`

/** The text of a CALLERROR; the description is cut to the 255 characters that the specifications allow. */
export const callError = (messageId: string, code: string, description: string, details?: unknown): string =>
  `[4,${JSON.stringify(messageId)},"${code}",${JSON.stringify(cut(description))},${json(details)}]`

/** The text of a CALLRESULTERROR (OCPP 2.1). */
export const callResultError = (messageId: string, code: string, description: string, details?: unknown): string =>
  `[5,${JSON.stringify(messageId)},"${code}",${JSON.stringify(cut(description))},${json(details)}]`

/** The text of a SEND (OCPP 2.1). */
export const send = (messageId: string, action: string, payload: unknown): string =>
  `[6,${JSON.stringify(messageId)},"${action}",${json(payload)}]`

/** At most 255 UTF-16 units, and never half of a surrogate pair. */
const cut = (text: string): string => {
  if (text.length <= 255) return text
  const last = text.charCodeAt(254)
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? 254 : 255)
}
