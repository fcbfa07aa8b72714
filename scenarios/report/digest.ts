import type { FrameEntry } from "../telemetry/Exchange.ts"

/** What of a payload tells most in a few words, in the order told; a dot goes one level down. */
const telling: ReadonlyArray<readonly [path: string, name: string]> = [
  ["eventType", ""],
  ["triggerReason", ""],
  ["offline", "offline"],
  ["connectorStatus", ""],
  ["status", ""],
  ["idTagInfo.status", ""],
  ["idTokenInfo.status", ""],
  ["seqNo", "seqNo"],
  ["evse.id", "EVSE"],
  ["evseId", "EVSE"],
  ["connectorId", "connector"],
  ["idTag", "card"],
  ["idToken.idToken", "card"],
  ["meterStart", "meter"],
  ["meterStop", "meter"],
  ["transactionId", "transaction"],
  ["transactionInfo.chargingState", ""],
  ["transactionInfo.stoppedReason", ""],
  ["reason", ""]
]

const most = 5

const at = (payload: unknown, path: string): unknown => {
  let value = payload
  for (const key of path.split(".")) {
    if (typeof value !== "object" || value === null) return undefined
    value = (value as Readonly<Record<string, unknown>>)[key]
  }
  return value
}

/** The whole frame, laid out for reading; as it is when it is no JSON. */
export const laidOut = ({ text }: FrameEntry): string => {
  const frame = parsed(text)
  return frame === undefined ? text : JSON.stringify(frame, null, 2)
}

/** What a frame says, in a few words. */
export const digest = ({ text, kind }: FrameEntry): string => {
  const frame = parsed(text)
  if (!Array.isArray(frame)) return text.slice(0, 80)
  if (kind === "error") return [frame[2], frame[3]].filter((it) => typeof it === "string" && it !== "").join(": ")
  const payload: unknown = kind === "call" ? frame[3] : frame[2]
  const words: Array<string> = []
  for (const [path, name] of telling) {
    if (words.length >= most) break
    const value = at(payload, path)
    if (typeof value !== "string" && typeof value !== "number" && value !== true) continue
    const word = String(value).slice(0, 60)
    words.push(value === true ? name : name === "" ? word : `${name} ${word}`)
  }
  return words.join(", ")
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    // Cut, or never JSON: it is shown as it was said.
    return undefined
  }
}
