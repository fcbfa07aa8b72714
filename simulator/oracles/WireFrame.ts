/** A frame as it is on the wire; what is no frame at all is none. */
export interface WireFrame {
  readonly type: "call" | "result" | "error"
  readonly messageId: string
  /** Of a CALL; "" of an answer. */
  readonly action: string
  readonly text: string
}

const types: Readonly<Record<number, WireFrame["type"]>> = { 50: "call", 51: "result", 52: "error" }

/** Reads type, id and action off the beginning of a text, without parsing its payload: every frame passes here. */
export const readFrame = (text: string): WireFrame | undefined => {
  const type = types[text.charCodeAt(1)]
  if (type === undefined) return undefined
  const from = text.charCodeAt(2) === 44 && text.charCodeAt(3) === 34 ? 4 : text.indexOf('"') + 1
  const until = text.indexOf('"', from)
  const messageId = text.slice(from, until)
  if (type !== "call") return { type, messageId, action: "", text }
  const begin = text.indexOf('"', until + 1) + 1
  return { type, messageId, action: text.slice(begin, text.indexOf('"', begin)), text }
}
