import type * as Frame from "../Frame.ts"

/** What a station may have sent that is taken in turn. */
export type Item = Frame.Call | Frame.Send | Frame.Malformed

/** One that waits for its turn. */
export interface Queued {
  readonly item: Item
  readonly text: string
  /** Another CALL of the same id and different content was before it, and not yet answered. */
  readonly conflicting: boolean
  /** The answer of the same CALL, sent twice before we could answer once: not run again (OCPP-J section 4.2.3). */
  answer: Answer | undefined
}

/** An answer on its way out: its frame, and "Result" or its error code. */
export interface Answer {
  readonly text: string
  readonly outcome: string
}
