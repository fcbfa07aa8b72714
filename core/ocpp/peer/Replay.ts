import type { Any } from "../Action.ts"

/** A CALL that was given to its handler: `answer` is its CALLRESULT's text once there is one. */
export interface Remembered {
  readonly messageId: string
  readonly text: string
  answer: string | undefined
  /** Woken when the handler is done, with an answer or without. */
  waiters: Array<() => void> | undefined
}

/** Actions whose answer tells the present (the time, a registration, a right): asked again, they are answered anew. */
const answeredAnew: ReadonlySet<string> = new Set(["BootNotification", "Heartbeat", "Authorize"])

/** Ids differ at their end, if they are counted, or anywhere, if they are random; texts in their length. */
const markOf = (messageId: string, text: string): number => {
  const { length } = messageId
  const end = (messageId.charCodeAt(length - 1) << 8) ^ (length > 1 ? messageId.charCodeAt(length - 2) : 0)
  return (end << 12) ^ (messageId.charCodeAt(length >> 1) << 8) ^ text.length
}

/**
 * The last CALLs of one station and the results they got, so that a CALL repeated because its answer was lost is
 * answered from memory and not handled twice (OCPP-J 2.1 section 4.1.4, errata 4.6 of 2.0.1 and 3.1 of 1.6-J).
 * The whole frame's text is the key: a station that counts its message ids from 1 after every boot repeats ids, not
 * texts. Only results are kept: after an error the station repeats in order to be heard. May outlive a connection;
 * bounded by entries and by characters.
 *
 * **Gotchas** It is a convenience, not the guard of the books: after a crash of the server it is empty, so handlers
 * are idempotent by natural keys as well.
 */
export class ReplayWindow {
  /** A ring: the oldest is at `first`, and `count` are in it. */
  private readonly ring: Array<Remembered | undefined> = []
  /** Of each entry a number that tells most ids apart, and its text's length: the entries are far away in memory. */
  private readonly marks: Array<number> = []
  private readonly lengths: Array<number> = []
  private first = 0
  private count = 0
  private characters = 0
  private readonly maxEntries: number
  private readonly maxCharacters: number

  constructor(options?: { readonly maxEntries?: number; readonly maxCharacters?: number }) {
    this.maxEntries = options?.maxEntries ?? 4
    this.maxCharacters = options?.maxCharacters ?? 8_192
  }

  /** Whether answers to this action are remembered at all. */
  remembers(action: Any): boolean {
    return action.kind === "call" && this.maxEntries > 0 && !answeredAnew.has(action.name)
  }

  find(messageId: string, text: string): Remembered | undefined {
    const mark = markOf(messageId, text)
    for (let back = this.count - 1; back >= 0; back--) {
      const place = this.place(back)
      if (this.marks[place] !== mark) continue
      const entry = this.ring[place]!
      if (entry.messageId === messageId && entry.text === text) return entry
    }
    return undefined
  }

  /** Notes that this CALL is being handled now. */
  begin(messageId: string, text: string): Remembered {
    const entry: Remembered = { messageId, text, answer: undefined, waiters: undefined }
    while (this.count > 0 && (this.count >= this.maxEntries || this.characters + text.length > this.maxCharacters)) {
      this.dropOldest()
    }
    this.put(entry)
    return entry
  }

  /** The handler is done: with its CALLRESULT's text, or with undefined for an error, which is forgotten. */
  end(entry: Remembered, answer: string | undefined): void {
    entry.answer = answer
    if (answer === undefined) this.forget(entry)
    const { waiters } = entry
    if (waiters === undefined) return
    entry.waiters = undefined
    for (const wake of waiters) wake()
  }

  /** Where in the ring the entry is that came so many after the oldest. */
  private place(after: number): number {
    const place = this.first + after
    return place < this.maxEntries ? place : place - this.maxEntries
  }

  private put(entry: Remembered): void {
    const place = this.place(this.count++)
    const { length } = entry.text
    this.ring[place] = entry
    this.marks[place] = markOf(entry.messageId, entry.text)
    this.lengths[place] = length
    this.characters += length
  }

  private dropOldest(): void {
    this.ring[this.first] = undefined
    this.characters -= this.lengths[this.first]!
    this.first = this.place(1)
    this.count--
  }

  private forget(entry: Remembered): void {
    const kept: Array<Remembered> = []
    for (let after = 0; after < this.count; after++) {
      const other = this.ring[this.place(after)]!
      if (other !== entry) kept.push(other)
    }
    if (kept.length === this.count) return
    this.ring.fill(undefined)
    this.count = 0
    this.characters = 0
    for (const other of kept) this.put(other)
  }
}
