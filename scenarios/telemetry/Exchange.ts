/** Who sent a frame. */
export type Sender = "station" | "cms"

/** One text that went from one end to the other, or did not get there. */
export interface FrameEntry {
  readonly what: "frame"
  readonly from: Sender
  readonly kind: "call" | "result" | "error" | "other"
  /** Of an answer, the action of its question; "" where that is not known. */
  readonly action: string
  readonly text: string
  /** When it left; null when its sender did not send it: a copy that the network made. */
  readonly sentAtMs: number | null
  /** When it arrived; null when it never did. */
  arrivedAtMs: number | null
  /** 1 for the first time that this was said, 2 for its first repetition, and so on. */
  readonly attempt: number
}

/** Something else that happened to the station meanwhile. */
export interface NoteEntry {
  readonly what: "note"
  readonly atMs: number
  readonly text: string
}

/** Frames that were not kept, because nothing was odd about them and there were many. */
export interface GapEntry {
  readonly what: "gap"
  readonly fromMs: number
  toMs: number
  frames: number
}

export type Entry = FrameEntry | NoteEntry | GapEntry

/** When an entry stands in a log. */
export const instantOf = (entry: Entry): number =>
  entry.what === "frame"
    ? (entry.sentAtMs ?? entry.arrivedAtMs ?? 0)
    : entry.what === "note"
      ? entry.atMs
      : entry.fromMs

const routine = new Set(["MeterValues", "Heartbeat", "TransactionEvent", "StatusNotification"])

/** Nothing is odd about it: it came once, and got there. */
const isPlain = (entry: Entry): boolean =>
  entry.what === "gap" ||
  (entry.what === "frame" &&
    entry.arrivedAtMs !== null &&
    entry.sentAtMs !== null &&
    entry.attempt === 1 &&
    entry.kind !== "error" &&
    routine.has(entry.action))

/** Entries kept of one transaction: so many at its beginning, at its end, and in all. */
const keptFirst = 24
const keptLast = 40
const keptMost = 112

/** What was said about one transaction, and what happened to its station meanwhile; bounded, however long it lasts. */
export class Exchange {
  readonly stationId: string
  /** 0 until it is known. */
  readonly evseId: number
  /** The order in which the exchanges of a run began. */
  readonly number: number
  entries: Array<Entry> = []
  wireId: string | null = null
  /** The longest that a message of the transaction waited for its answer, repetitions included; ms. */
  worstMs = 0
  frames = 0
  isOver = false
  /** Its entries were given up to stay within the bound. */
  isForgotten = false
  /** Messages of the station's own that it still takes in, those that are not about a transaction. */
  contextLeft = Number.POSITIVE_INFINITY
  /** First sent when, and how often, of what waits for an answer. */
  private readonly waiting = new Map<string, { firstAtMs: number; times: number }>()

  constructor(stationId: string, evseId: number, number: number) {
    this.stationId = stationId
    this.evseId = evseId
    this.number = number
  }

  add(entry: Entry): void {
    if (this.isForgotten) return
    if (entry.what === "frame") this.frames++
    this.entries.push(entry)
    if (this.entries.length > keptMost) this.shorten()
  }

  /** A message is put on the wire: which time is it? */
  asked(content: string, atMs: number): number {
    const known = this.waiting.get(content)
    if (known !== undefined) return ++known.times
    if (this.waiting.size >= 32) this.waiting.delete(this.waiting.keys().next().value!)
    this.waiting.set(content, { firstAtMs: atMs, times: 1 })
    return 1
  }

  answered(content: string, atMs: number): void {
    const known = this.waiting.get(content)
    if (known === undefined) return
    this.waiting.delete(content)
    this.worstMs = Math.max(this.worstMs, atMs - known.firstAtMs)
  }

  /** How much happened that one may want to read about: what was lost, repeated, refused, or befell the station. */
  get oddities(): number {
    let count = 0
    for (const entry of this.entries) if (!isPlain(entry) && (entry.what === "note" || isOdd(entry))) count++
    return count
  }

  forget(): void {
    this.isForgotten = true
    this.entries = []
    this.waiting.clear()
  }

  /** Gives up the routine between beginning and end, and, where that is not enough, the oldest of the rest of it. */
  private shorten(): void {
    const { entries } = this
    const first = entries.slice(0, keptFirst)
    const last = entries.slice(-keptLast)
    const middle = entries.slice(keptFirst, -keptLast)
    const spare = keptMost - keptFirst - keptLast - 16
    const telling = middle.filter((it) => !isPlain(it)).slice(-spare)
    const kept = new Set<Entry>(telling)
    const out: Array<Entry> = []
    for (const entry of middle) {
      if (kept.has(entry)) {
        out.push(entry)
        continue
      }
      const before = out.at(-1)
      const frames = entry.what === "gap" ? entry.frames : 1
      const toMs = entry.what === "gap" ? entry.toMs : instantOf(entry)
      if (before?.what === "gap") {
        before.frames += frames
        before.toMs = toMs
      } else out.push({ what: "gap", fromMs: instantOf(entry), toMs, frames })
    }
    // Gaps between what is telling count too: where they would outgrow the bound, the oldest half becomes one.
    const half = out.length > spare ? Math.ceil(out.length / 2) : 0
    this.entries = [...first, ...merged(out.slice(0, half)), ...out.slice(half), ...last]
  }
}

const isOdd = (entry: Entry): boolean =>
  entry.what === "frame" &&
  (entry.arrivedAtMs === null || entry.sentAtMs === null || entry.attempt > 1 || entry.kind === "error")

const merged = (entries: ReadonlyArray<Entry>): ReadonlyArray<Entry> => {
  if (entries.length === 0) return []
  const frames = entries.reduce((sum, it) => sum + (it.what === "gap" ? it.frames : 1), 0)
  const last = entries.at(-1)!
  const toMs = last.what === "gap" ? last.toMs : instantOf(last)
  return [{ what: "gap", fromMs: instantOf(entries[0]!), toMs, frames }]
}
