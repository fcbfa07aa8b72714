import * as Instant from "#core/Instant.ts"

/** What the first characters of a frame say, read without parsing the rest of it. */
export interface Head {
  readonly kind: "call" | "result" | "error" | "other"
  readonly messageId: string
  /** Of a CALL; else "". */
  readonly action: string
  /** Where the payload, or of an error the code, begins. */
  readonly bodyAt: number
}

const unreadable: Head = { kind: "other", messageId: "", action: "", bodyAt: 0 }
const pattern = /^\s*\[\s*([234])\s*,\s*"((?:[^"\\]|\\.){0,100})"\s*,\s*(?:"((?:[^"\\]|\\.){0,100})"\s*,\s*)?/

/** Reads the head of a frame. */
export const headOf = (text: string): Head => {
  const found = pattern.exec(text)
  if (found === null) return unreadable
  const [all, type, messageId = "", action] = found
  if (type === "2") return action === undefined ? unreadable : { kind: "call", messageId, action, bodyAt: all.length }
  return { kind: type === "3" ? "result" : "error", messageId, action: "", bodyAt: all.length }
}

const numberId = /"transactionId"\s*:\s*(-?\d{1,15})/
const textId = /"transactionId"\s*:\s*"((?:[^"\\]|\\.){1,100})"/

/** The transaction that a payload names, a number in 1.6 and a text in 2.x. */
export const transactionIdOf = (text: string): string | null =>
  numberId.exec(text)?.[1] ?? textId.exec(text)?.[1] ?? null

/** `"seqNo"` of a TransactionEvent. */
export const seqNoOf = (text: string): string => /"seqNo"\s*:\s*(\d{1,15})/.exec(text)?.[1] ?? ""

/** Whether a TransactionEvent ends its transaction. */
export const endsTransaction = (text: string): boolean => /"eventType"\s*:\s*"Ended"/.test(text)

/** The EVSE of a 2.x payload or the connector of a 1.6 one; 0 when it names none. */
export const evseOf = (text: string): number =>
  Number(
    /"evse"\s*:\s*\{[^}]*?"id"\s*:\s*(\d{1,6})/.exec(text)?.[1] ?? /"connectorId"\s*:\s*(\d{1,6})/.exec(text)?.[1] ?? 0
  )

/** The instant a 1.6 StartTransaction is stamped with; null when it cannot be read. */
export const timestampOf = (text: string): number | null => {
  const found = /"timestamp"\s*:\s*"([^"]{1,64})"/.exec(text)?.[1]
  return found === undefined ? null : (Instant.parse(found) ?? null)
}
