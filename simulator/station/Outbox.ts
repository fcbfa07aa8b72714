import type { Any } from "#core/ocpp/Action.ts"
import type { CallFailure } from "#core/ocpp/CallFailure.ts"
import type { TimersApi } from "../time/Timers.ts"
import type { Habits } from "./Habits.ts"
import type { Settings } from "./Settings.ts"
import type { Transaction } from "./Transaction.ts"

/** What a queued message is about. "status" belongs to no transaction: only the newest of a connector matters. */
export type MessageKind = "start" | "reading" | "state" | "end" | "status"

/** A message that must not be lost and whose order matters. */
export interface Message {
  readonly kind: MessageKind
  readonly action: Any
  readonly payload: object
  readonly transaction: Transaction | null
  readonly evseId: number
  /** How many readings it tells, of one that tells nothing else. */
  readonly readings: number
  /** The id it was last sent under. */
  messageId: string | undefined
  /** How often it was put on the wire. */
  attempts: number
  /** How often that brought no result, connections that broke not counted. */
  failures: number
  /** When it was meant to be told; set as it is queued. */
  dueAtMs: number
}

export interface OutboxHost {
  readonly timers: TimersApi
  readonly habits: Habits
  readonly settings: Settings
  /** Connected and accepted, and no boot unanswered that may be answered otherwise. */
  mayDeliver(): boolean
  /** The payload as it can be sent now; undefined when there is nothing left to say. */
  payloadOf(message: Message): unknown
  nextMessageId(): string
  deliver(
    message: Message,
    payload: unknown,
    messageId: string,
    done: (response: unknown) => void,
    failed: (failure: CallFailure) => void
  ): void
  /** The CMS took it in. */
  onAcknowledged(message: Message, response: unknown): void
  onRepeated(message: Message): void
  /** It will never be delivered. */
  onDropped(message: Message): void
}

const nothing = (): void => {}

/** The connector of its EVSE that a StatusNotification is about: in 1.6 each has one. */
export const connectorIdOf = ({ payload }: Message): number => {
  const place = payload as { readonly evseId?: number; readonly connectorId?: number }
  return place.evseId === undefined ? 1 : (place.connectorId ?? 1)
}

/** A start, an end, and the statuses before, during and after. */
const messagesOfOne = 6

/**
 * What a station has to tell about transactions, in order, one at a time, kept until it is acknowledged (1.6 section
 * 3.7, 2.0.1 E04). It survives reconnects, and power cuts when the station has a memory.
 */
export class Outbox {
  private readonly host: OutboxHost
  private messages: Array<Message> = []
  private isSending = false
  private cancelWait: () => void = nothing
  private isWaiting = false
  /** Raised when everything before is forgotten: an answer to it comes too late. */
  private era = 0

  constructor(host: OutboxHost) {
    this.host = host
  }

  get length(): number {
    return this.messages.length
  }

  /** Whether the messages of one more transaction would fit, readings apart. */
  get hasRoom(): boolean {
    const kept = this.messages.filter(({ kind }) => kind !== "reading").length
    return kept + messagesOfOne <= this.host.habits.outboxLimit
  }

  /** Whether a message about the transaction of this id on the wire still waits. */
  holds(wireId: string): boolean {
    return this.messages.some((message) => message.transaction?.wireId === wireId)
  }

  /** Queues a message behind all that wait already. */
  post(message: Message): void {
    if (message.kind === "status") this.supersede(message)
    if (this.messages.length >= this.host.habits.outboxLimit && !this.makeRoom() && message.kind === "reading") {
      this.host.onDropped(message)
      return
    }
    this.messages.push(message)
    this.pump()
  }

  /** The connection is there, or there again: what waits for its retry goes now. */
  resume(): void {
    this.stopWaiting()
    this.pump()
  }

  /** Forgets everything, as a station without a memory does in a power cut. */
  clear(): void {
    this.era++
    this.isSending = false
    this.stopWaiting()
    for (const message of this.messages.splice(0)) this.host.onDropped(message)
  }

  /** Stops until `resume`; a call on the wire counts as not made. What is queued stays. */
  halt(): void {
    this.era++
    this.isSending = false
    this.stopWaiting()
  }

  /** An unsent status of a connector gives way to a newer one, if nothing about the connector stands between. */
  private supersede(message: Message): void {
    const last = this.messages.length - 1
    for (let i = last; i >= 0; i--) {
      const other = this.messages[i]!
      if (other.evseId !== message.evseId) continue
      if (other.kind === "status" && connectorIdOf(other) !== connectorIdOf(message)) continue
      if (other.kind === "status" && other.attempts === 0) this.messages.splice(i, 1)
      return
    }
  }

  /** Gives up readings that wait, as the firmware's habit is; false when none is given up. */
  private makeRoom(): boolean {
    const { habits } = this.host
    if (habits.whenFull === "newestReading") return false
    const waiting = this.messages.filter(({ kind, attempts }) => kind === "reading" && attempts === 0)
    const everySecond = habits.whenFull === "everySecondReading"
    const given = new Set(waiting.filter((_, index) => (everySecond ? index % 2 === 0 : index === 0)))
    if (given.size === 0) return false
    this.messages = this.messages.filter((message) => !given.has(message))
    for (const message of given) this.host.onDropped(message)
    return true
  }

  /** Sends what may be sent now; what waits for its retry waits on. */
  pump(): void {
    const { host } = this
    while (!this.isSending && !this.isWaiting && host.mayDeliver()) {
      const message = this.next()
      if (message === undefined) return
      const payload = host.payloadOf(message)
      if (payload === undefined) {
        this.remove(message)
        host.onDropped(message)
        continue
      }
      this.send(message, payload)
    }
  }

  /** The oldest, or the oldest about a transaction where those go first; one that was tried already is tried again. */
  private next(): Message | undefined {
    const oldest = this.messages[0]
    const { replays } = this.host.habits
    if (replays === "newestFirst") return this.newest()
    if (replays === "inOrder" || oldest === undefined || oldest.attempts > 0) return oldest
    return this.messages.find(({ action }) => action.name !== "StatusNotification") ?? oldest
  }

  /** The newest about a transaction whose id is known, which in 1.6 only the answer to its start tells. */
  private newest(): Message | undefined {
    const isSayable = ({ kind, transaction, action }: Message): boolean =>
      action.name !== "StatusNotification" && (kind === "start" || transaction === null || transaction.wireId !== null)
    const [oldest] = this.messages
    return this.messages.find(({ attempts }) => attempts > 0) ?? this.messages.findLast(isSayable) ?? oldest
  }

  private remove(message: Message): void {
    if (this.messages[0] === message) this.messages.shift()
    else this.messages.splice(this.messages.indexOf(message), 1)
  }

  private send(message: Message, payload: unknown): void {
    const { host, era } = this
    this.isSending = true
    if (message.attempts > 0) host.onRepeated(message)
    message.attempts++
    const repeats = message.messageId !== undefined && host.habits.retryMessageId === "same"
    const messageId = repeats ? message.messageId! : host.nextMessageId()
    message.messageId = messageId
    host.deliver(
      message,
      payload,
      messageId,
      (response) => {
        if (era !== this.era) return
        this.isSending = false
        this.remove(message)
        host.onAcknowledged(message, response)
        this.pump()
      },
      (failure) => {
        if (era !== this.era) return
        this.isSending = false
        this.onFailure(message, failure)
      }
    )
  }

  private onFailure(message: Message, failure: CallFailure): void {
    const { host } = this
    if (failure._tag === "Disconnected") {
      // Not the message's fault: it goes again when the connection is back.
      if (!failure.sent) message.attempts--
      // Not at once: the link may learn only after this call that its connection is gone.
      this.isWaiting = true
      host.timers.soon(() => this.resume())
      return
    }
    const { transactionAttempts, transactionRetryS } = host.settings
    const isSpent = ++message.failures >= transactionAttempts
    const isStatus = message.kind === "status" || (message.kind === "state" && failure._tag === "CallRefused")
    if (isSpent && (host.habits.dropsAfterAttempts || isStatus)) {
      this.remove(message)
      host.onDropped(message)
      this.pump()
      return
    }
    this.isWaiting = true
    const waitMs = transactionRetryS * Math.min(message.failures, Math.max(transactionAttempts, 1)) * 1000
    this.cancelWait = host.timers.after(Math.max(waitMs, 1_000), () => this.resume())
  }

  private stopWaiting(): void {
    this.isWaiting = false
    this.cancelWait()
    this.cancelWait = nothing
  }
}
