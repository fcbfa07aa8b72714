import { Result } from "effect"

/** A CALL taken apart; payloads of stations are plain objects. */
export interface Call {
  readonly messageId: string
  readonly action: string
  // biome-ignore lint/suspicious/noExplicitAny: what a fault does to a message no schema knows
  readonly payload: any
}

/** The CALL of a text that a station wrote; undefined when it is another frame, or another fault made it unreadable. */
export const callOf = (text: string): Call | undefined => {
  if (!text.startsWith("[2")) return undefined
  const frame = Result.getOrUndefined(Result.try(() => JSON.parse(text) as unknown))
  if (!Array.isArray(frame)) return undefined
  const [, messageId, action, payload] = frame
  return { messageId, action, payload }
}

export const textOf = ({ messageId, action, payload }: Call): string => JSON.stringify([2, messageId, action, payload])

/** The result of a text; undefined when it is no CALLRESULT. */
// biome-ignore lint/suspicious/noExplicitAny: see above
export const resultOf = (text: string): { readonly messageId: string; readonly payload: any } | undefined => {
  if (!text.startsWith("[3")) return undefined
  const [, messageId, payload] = JSON.parse(text)
  return { messageId, payload }
}

const aboutTransactions = /^\[2,"[^"]*","(StartTransaction|StopTransaction|MeterValues|TransactionEvent)"/

/** Whether a text is a CALL about a transaction. */
export const isTransactionCall = (text: string): boolean => aboutTransactions.test(text)

/** Whether a CALL ends a transaction. */
export const isEnd = ({ action, payload }: Call): boolean =>
  action === "StopTransaction" || (action === "TransactionEvent" && payload.eventType === "Ended")

/** The transaction a CALL is about, by its id on the wire. */
export const wireIdOf = ({ payload }: Call): string | undefined => {
  const id = payload.transactionId ?? payload.transactionInfo?.transactionId
  return id === undefined ? undefined : String(id)
}
