import { Result } from "effect"
import type { WireFrame } from "./WireFrame.ts"

/** Beyond it a server may hang up without a word. */
const longest = 50_000

/**
 * What one end was asked that no station would ask, because a fault broke it. What can be read as a CALL has to be
 * answered, be it by a CALLERROR (OCPP-J 1.6 section 4.2.3, 2.x part 4 section 4.2.3); how often is not asked, because
 * one message may have been broken more than once.
 */
export class OddCalls {
  /** Those without an answer, by id: when they came. */
  readonly open = new Map<string, { readonly atMs: number }>()

  frame(direction: "in" | "out", { type, messageId, text }: WireFrame, atMs: number): void {
    if (direction === "out" && type !== "call") this.open.delete(messageId)
    else if (direction === "in" && type === "call" && isWhole(text)) this.open.set(messageId, { atMs })
  }
}

/** Whether a text is a CALL by OCPP-J, whatever its payload says. */
const isWhole = (text: string): boolean => {
  if (text.length > longest) return false
  const frame = Result.getOrElse(
    Result.try((): unknown => JSON.parse(text)),
    () => null
  )
  if (!Array.isArray(frame) || frame.length !== 4) return false
  const [type, messageId, action, payload]: ReadonlyArray<unknown> = frame
  return type === 2 && typeof messageId === "string" && typeof action === "string" && isObject(payload)
}

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null && !Array.isArray(value)
