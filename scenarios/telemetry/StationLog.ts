import { type Entry, type Exchange, type FrameEntry, instantOf, type Sender } from "./Exchange.ts"
import { endsTransaction, evseOf, type Head, headOf, seqNoOf, timestampOf, transactionIdOf } from "./wireText.ts"

/** What a log of one station needs of the gatherer that it belongs to. */
export interface Keeper {
  readonly nowAtMs: () => number
  /** The CMS's end is watched too: what does not get there is known to be lost. */
  readonly seesCms: () => boolean
  /** A new exchange of that station, within the gatherer's bound. */
  readonly open: (stationId: string, evseId: number) => Exchange
  readonly sent: (from: Sender, action: string) => void
  readonly answered: (from: Sender, action: string, isError: boolean, ms: number) => void
}

interface Call {
  readonly action: string
  readonly sentAtMs: number
  readonly exchange: Exchange | null
  /** The same for every repetition of one message. */
  readonly content: string
  readonly isEnd: boolean
}

/** Texts longer than this are cut in a log. */
const keptText = 4_000
const openCalls = 64
const unarrivedFrames = 48
/** What a station said before a transaction begins in its log, and how long before. */
const preludeEntries = 8
const preludeMs = 5 * 60_000
const contextAfterEnd = 4

/** Follows one station's frames at both ends of its line and sorts them into exchanges, one a transaction. */
export class StationLog {
  private readonly stationId: string
  private readonly keeper: Keeper
  private readonly asked: Record<Sender, Map<string, Call>> = { station: new Map(), cms: new Map() }
  private readonly unarrived: Record<Sender, Array<FrameEntry>> = { station: [], cms: [] }
  private prelude: Array<Entry> = []
  private open: Array<Exchange> = []
  /** By `id:` and the id on the wire, and by `start:`, the EVSE and the instant of the start. */
  private readonly byKey = new Map<string, Exchange>()

  constructor(stationId: string, keeper: Keeper) {
    this.stationId = stationId
    this.keeper = keeper
  }

  /** A frame at one end: `out` leaves it, `in` has arrived there. */
  frame(end: Sender, direction: "in" | "out", text: string): void {
    const other: Sender = end === "station" ? "cms" : "station"
    if (direction === "out") this.leaves(end, text)
    else this.arrives(other, text)
  }

  /** Something happened to the station. */
  note(text: string): void {
    this.inContext({ what: "note", atMs: this.keeper.nowAtMs(), text })
  }

  /** The exchange of a transaction that began on that EVSE at that instant, or has that id on the wire. */
  find(evseId: number, startedAtMs: number | null, wireId: string | null): Exchange | undefined {
    const byStart = startedAtMs === null ? undefined : this.byKey.get(`start:${evseId}|${startedAtMs}`)
    return byStart ?? (wireId === null ? undefined : this.byKey.get(`id:${wireId}`))
  }

  /** Whether anything is being followed here right now. */
  get isBusy(): boolean {
    return this.open.length > 0
  }

  private leaves(from: Sender, text: string): void {
    const entry = this.entered(from, text, this.keeper.nowAtMs(), null)
    if (!this.keeper.seesCms()) {
      entry.arrivedAtMs = entry.sentAtMs
      return
    }
    const waiting = this.unarrived[from]
    waiting.push(entry)
    if (waiting.length > unarrivedFrames) waiting.shift()
  }

  private arrives(from: Sender, text: string): void {
    const atMs = this.keeper.nowAtMs()
    const waiting = this.unarrived[from]
    const index = waiting.findIndex(
      (it) => it.text === text || (it.text.length === keptText && text.startsWith(it.text))
    )
    if (index >= 0) waiting.splice(index, 1)[0]!.arrivedAtMs = atMs
    else this.entered(from, text, this.keeper.seesCms() ? null : atMs, atMs)
    this.conclude(from, headOf(text), atMs)
  }

  /** An answer has reached whoever asked. */
  private conclude(from: Sender, { kind, messageId }: Head, atMs: number): void {
    if (kind !== "result" && kind !== "error") return
    const asker: Sender = from === "cms" ? "station" : "cms"
    const call = this.asked[asker].get(messageId)
    if (call === undefined) return
    this.asked[asker].delete(messageId)
    this.keeper.answered(asker, call.action, kind === "error", atMs - call.sentAtMs)
    const { exchange } = call
    if (exchange === null || asker === "cms") return
    exchange.answered(call.content, atMs)
    if (!call.isEnd || exchange.isOver) return
    exchange.isOver = true
    exchange.contextLeft = contextAfterEnd
  }

  /** Writes a frame into the exchanges that it belongs to. */
  private entered(from: Sender, text: string, sentAtMs: number | null, arrivedAtMs: number | null): FrameEntry {
    const head = headOf(text)
    const asker: Sender = from === "cms" ? "station" : "cms"
    const call = head.kind === "call" ? undefined : this.asked[asker].get(head.messageId)
    const exchange = head.kind === "call" ? this.exchangeOf(from, head, text) : (call?.exchange ?? null)
    const content = exchange !== null && head.kind === "call" ? contentOf(head, text) : ""
    const isOwn = sentAtMs !== null
    const entry: FrameEntry = {
      what: "frame",
      from,
      kind: head.kind,
      action: head.kind === "call" ? head.action : (call?.action ?? ""),
      text: text.length > keptText ? text.slice(0, keptText) : text,
      sentAtMs,
      arrivedAtMs,
      attempt: content !== "" && isOwn ? exchange!.asked(content, sentAtMs) : 1
    }
    if (exchange === null) this.inContext(entry)
    else exchange.add(entry)
    if (head.kind === "call" && isOwn) {
      this.remember(from, head.messageId, {
        action: head.action,
        sentAtMs,
        exchange,
        content,
        isEnd: isEnd(head, text)
      })
    }
    if (head.kind === "result" && entry.action === "StartTransaction" && exchange !== null) {
      const id = transactionIdOf(text)
      if (id !== null) this.name(exchange, id)
    }
    return entry
  }

  private remember(from: Sender, messageId: string, call: Call): void {
    const calls = this.asked[from]
    if (calls.size >= openCalls) calls.delete(calls.keys().next().value!)
    calls.set(messageId, call)
    this.keeper.sent(from, call.action)
  }

  private exchangeOf(from: Sender, { action }: Head, text: string): Exchange | null {
    if (from === "station" && action === "StartTransaction") {
      const evseId = evseOf(text)
      const key = `start:${evseId}|${timestampOf(text)}`
      return this.byKey.get(key) ?? this.begin(evseId, key)
    }
    const id = transactionIdOf(text)
    if (id === null) return null
    const known = this.byKey.get(`id:${id}`)
    if (known !== undefined || from === "cms") return known ?? null
    if (action === "TransactionEvent") return this.name(this.begin(evseOf(text), `id:${id}`), id)
    if (action !== "StopTransaction" && action !== "MeterValues") return null
    // A number that the station invented, or one that nobody knows: it can only be about what runs there.
    const evseId = evseOf(text)
    return this.open.findLast((it) => it.wireId === null && (evseId === 0 || it.evseId === evseId)) ?? null
  }

  private begin(evseId: number, key: string): Exchange {
    const exchange = this.keeper.open(this.stationId, evseId)
    const sinceMs = this.keeper.nowAtMs() - preludeMs
    for (const entry of this.prelude) if (instantOf(entry) >= sinceMs) exchange.add(entry)
    this.prelude = []
    this.open = this.open.filter((it) => it.evseId !== evseId || evseId === 0)
    if (this.open.length >= 8) this.open.shift()
    this.open.push(exchange)
    this.byKey.set(key, exchange)
    return exchange
  }

  private name(exchange: Exchange, id: string): Exchange {
    exchange.wireId = id
    this.byKey.set(`id:${id}`, exchange)
    return exchange
  }

  /** What is not about a transaction stands in the logs of those that run, and before the next to begin. */
  private inContext(entry: Entry): void {
    this.prelude.push(entry)
    if (this.prelude.length > preludeEntries) this.prelude.shift()
    let isLeaving = false
    for (const exchange of this.open) {
      exchange.add(entry)
      if (--exchange.contextLeft <= 0) isLeaving = true
    }
    if (isLeaving) this.open = this.open.filter(({ contextLeft }) => contextLeft > 0)
  }
}

const contentOf = ({ action, bodyAt }: Head, text: string): string =>
  action === "TransactionEvent" ? `seqNo ${seqNoOf(text)}` : action + text.slice(bodyAt, bodyAt + keptText)

const isEnd = ({ action }: Head, text: string): boolean =>
  action === "StopTransaction" || (action === "TransactionEvent" && endsTransaction(text))
