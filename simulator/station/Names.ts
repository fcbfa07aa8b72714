import type { Stream } from "../Stream.ts"
import type { Manner } from "./Manner.ts"

/** The ids that a station gives: each once. */
export class Names {
  private readonly identity: string
  /** Unique over stations, runs and restarts: a CMS under test may remember the ids of an earlier run. */
  private readonly prefix: string
  private readonly manner: Manner
  private messages = 0
  private transactions = 0
  private sessions = 0

  constructor(identity: string, nowMs: number, stream: Stream, manner: Manner) {
    this.identity = identity
    this.prefix = `${nowMs.toString(36)}${stream.word().toString(36)}`
    this.manner = manner
  }

  message(): string {
    return this.idOf(`${this.prefix}-${(this.messages++).toString(36)}`)
  }

  /** 2.x. */
  transaction(): string {
    return this.idOf(`${this.prefix}-t${(this.transactions++).toString(36)}`)
  }

  /** The simulator's own name of a session. */
  session(): string {
    return `${this.identity}#${++this.sessions}`
  }

  /** An id, or the longest there may be (OCPP-J, message ids; 2.x TransactionType.transactionId). */
  private idOf(text: string): string {
    return this.manner.texts === "short" ? text : text.padEnd(36, "-")
  }
}
