/** What became of a dial. */
export type Dialled = "open" | "failed"

export interface DialGateOptions {
  /** Any clock that never goes back, ms. */
  readonly nowMs: () => number
  /** Handshakes at once to begin with; 64 when not given. */
  readonly width?: number
  /** Never fewer; 32 when not given. */
  readonly least?: number
  /** Never more; 256 when not given. */
  readonly most?: number
  /** A handshake that takes longer tells of a CMS that is behind; 1 s when not given. */
  readonly slowAfterMs?: number
}

/** One place in the line of those who want to dial. */
export interface Place {
  /** The dial is over, or is not wanted any more. Only the first call counts. */
  readonly leave: (how: Dialled | "givenUp") => void
}

interface Waiting {
  begin: (() => void) | undefined
  beganMs: number
  isOver: boolean
}

/**
 * How many handshakes of a fleet are under way at once: one more for each that was quick, fewer by a third when one fails
 * or takes long, at most once in the time that counts as long. Whoever does not get in waits in the order asked, so that ten thousand stations that dial at one
 * instant neither overrun the CMS's accept queue nor time out while they wait for each other.
 */
export class DialGate {
  private readonly options: Required<DialGateOptions>
  private readonly queue: Array<Waiting> = []
  private head = 0
  private dialling = 0
  private capacity: number
  private narrowedMs = Number.NEGATIVE_INFINITY

  constructor(options: DialGateOptions) {
    this.options = { width: 64, least: 32, most: 256, slowAfterMs: 1_000, ...options }
    this.capacity = this.options.width
  }

  /** Handshakes that may be under way at once, now. */
  get width(): number {
    return Math.floor(this.capacity)
  }

  /** Handshakes under way. */
  get busy(): number {
    return this.dialling
  }

  /** Dials that wait for their turn. */
  get waiting(): number {
    let count = 0
    for (let index = this.head; index < this.queue.length; index++) if (this.queue[index]!.begin !== undefined) count++
    return count
  }

  /** Calls `begin` once, at once or when it is this one's turn, unless the place was left before. */
  enter(begin: () => void): Place {
    const waiting: Waiting = { begin, beganMs: 0, isOver: false }
    this.queue.push(waiting)
    this.admit()
    return { leave: (how) => this.leave(waiting, how) }
  }

  private leave(waiting: Waiting, how: Dialled | "givenUp"): void {
    if (waiting.isOver) return
    waiting.isOver = true
    if (waiting.begin !== undefined) {
      waiting.begin = undefined
      return
    }
    this.dialling--
    if (how !== "givenUp") this.learn(how, this.options.nowMs() - waiting.beganMs)
    this.admit()
  }

  private learn(how: Dialled, tookMs: number): void {
    const { least, most, nowMs, slowAfterMs } = this.options
    if (how === "open" && tookMs <= slowAfterMs) {
      this.capacity = Math.min(most, this.capacity + 1)
      return
    }
    if (nowMs() - this.narrowedMs < slowAfterMs) return
    this.narrowedMs = nowMs()
    this.capacity = Math.max(least, (this.capacity * 2) / 3)
  }

  private admit(): void {
    while (this.dialling < this.width && this.head < this.queue.length) {
      const next = this.queue[this.head++]!
      // What was taken from the front is dropped in blocks, so that a long line costs no more than a short one.
      if (this.head >= 1_024) {
        this.queue.splice(0, this.head)
        this.head = 0
      }
      const { begin } = next
      if (begin === undefined) continue
      next.begin = undefined
      next.beganMs = this.options.nowMs()
      this.dialling++
      begin()
    }
  }
}
