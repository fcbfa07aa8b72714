import type { Transport, TransportListener } from "#core/ocpp/Transport.ts"
import { Fifo } from "../time/Fifo.ts"
import type { TimersApi } from "../time/Timers.ts"

export type Side = "station" | "server"

/** What becomes of one frame. What is not named stays as it was. */
export interface Fate {
  /** How often it arrives: 0 loses it, 2 duplicates it. */
  readonly copies?: number
  /** Travel time added to the latency, ms. */
  readonly delayMs?: number
  /** It need not wait for frames sent before, nor do later ones wait for it. */
  readonly overtakes?: boolean
  /** What arrives instead of what was sent. */
  readonly text?: string
  /** It arrives as a binary frame. */
  readonly asBinary?: boolean
  /** The line breaks for both ends: instead of carrying the frame, or as it arrives so that no answer comes back. */
  readonly cut?: "before" | "after"
}

export interface EndOptions {
  /** Whose end it is: what it sends is told by it. */
  readonly side: Side
  readonly timers: TimersApi
  readonly latencyMs: ((from: Side, text: string) => number) | undefined
  readonly fate: ((from: Side, text: string) => Fate | undefined) | undefined
  readonly windowBytes: number
  readonly maxBufferedBytes: number
  /** It is over at this end. */
  readonly onOver: () => void
}

interface Packet {
  readonly kind: "text" | "binary" | "close" | "gone"
  /** The text of a frame, the reason of a close. */
  readonly text: string
  readonly code: number
  readonly delayMs: number
  readonly overtakes: boolean
  readonly cutAfter: boolean
}

const packet = (kind: Packet["kind"], text: string, code: number, fate?: Fate): Packet => ({
  kind,
  text,
  code,
  delayMs: fate?.delayMs ?? 0,
  overtakes: fate?.overtakes === true,
  cutAfter: fate?.cut === "after"
})

const sizeOf = (item: Packet): number => item.text.length + 8
/** How long a closing handshake may take before the socket is destroyed, as in the `ws` package. */
const closeTimeoutMs = 30_000
const brokenCode = 1006

/**
 * One end of a connection in memory: what it sends travels to its peer, what arrives waits here until it is read. A fleet
 * has thousands, far apart in memory, and every frame passes two: what a frame needs is in the end itself.
 */
export class MemoryEnd implements Transport {
  private readonly options: EndOptions
  private readonly timers: TimersApi
  private peer: MemoryEnd | undefined
  private listener: TransportListener | undefined
  private state: "open" | "closing" | "closed" = "open"
  private closed: { readonly code: number; readonly reason: string } | undefined
  private isDead = false
  private isPaused = false
  private isUp = true
  /** What the window has no room for; it has bytes in it unless it is empty. */
  private readonly outbox = new Fifo<Packet>()
  private outboxBytes = 0
  /** Nearly always one packet at most is on its way, which needs no queue. */
  private flying: Packet | undefined
  private readonly behind = new Fifo<Packet>()
  private flightCount = 0
  private readonly inbox = new Fifo<Packet>()
  private hasUnread = false
  private isDrainAsked = false
  /** Sent and not yet read at the other end. */
  private windowUsed = 0
  private lastArrivalAtMs = 0
  private cancelCloseTimeout: (() => void) | undefined

  constructor(options: EndOptions) {
    this.options = options
    this.timers = options.timers
  }

  pause(): void {
    this.isPaused = true
  }

  resume(): void {
    this.isPaused = false
    this.askDrain()
  }

  bufferedBytes(): number {
    return this.outboxBytes
  }

  listen(listener: TransportListener): void {
    this.listener = listener
    this.askDrain()
  }

  connect(peer: MemoryEnd): void {
    this.peer = peer
  }

  isOpen(): boolean {
    return this.state !== "closed"
  }

  isLineUp(): boolean {
    return this.isUp
  }

  /** Reports a sign of life that is not a frame. */
  alive(): void {
    if (this.state === "open") this.listener?.onAlive()
  }

  /** From now on nothing that this end sent or sends arrives. */
  lineDown(): void {
    this.isUp = false
    this.flying = undefined
    this.behind.clear()
    this.flightCount = 0
  }

  /** Lets this end notice, `afterMs` from now, that the connection is broken. */
  breakSoon(afterMs: number): void {
    this.timers.after(afterMs, () => this.finish(brokenCode, ""))
  }

  /** The process at this end is gone without a word to its own listener. */
  die(): void {
    this.isDead = true
    this.listener = undefined
    this.terminate()
  }

  send(text: string): void {
    if (this.state !== "open") return
    const { fate: fateOf, side } = this.options
    const fate = fateOf?.(side, text)
    if (fate === undefined) {
      this.put(packet("text", text, 0))
    } else if (fate.cut === "before") {
      this.cutBoth()
    } else {
      const copy = packet(fate.asBinary === true ? "binary" : "text", fate.text ?? text, 0, fate)
      for (let copies = fate.copies ?? 1; copies > 0; copies--) this.put(copy)
    }
  }

  close(code: number, reason: string): void {
    if (this.state !== "open") return
    this.state = "closing"
    this.put(packet("close", reason, code))
    this.cancelCloseTimeout = this.timers.after(closeTimeoutMs, () => this.terminate())
  }

  terminate(): void {
    if (this.state === "closed") return
    this.state = "closed"
    this.outbox.clear()
    this.outboxBytes = 0
    this.forgetUnread()
    this.options.onOver()
    if (this.isUp) this.launch(packet("gone", "", brokenCode))
    this.timers.soon(() => this.tellClosed(brokenCode, ""))
  }

  private cutBoth(): void {
    this.lineDown()
    this.peer?.lineDown()
    this.breakSoon(0)
    this.peer?.breakSoon(0)
  }

  private put(item: Packet): void {
    const size = sizeOf(item)
    const fits = this.windowUsed === 0 || this.windowUsed + size <= this.options.windowBytes
    if (this.isUp && fits && this.outboxBytes === 0) {
      this.launch(item)
      return
    }
    this.outbox.push(item)
    this.outboxBytes += size
    if (this.outboxBytes > this.options.maxBufferedBytes) this.terminate()
  }

  /** Puts a packet on the line. Packets that may not overtake land no earlier than the one before. */
  private launch(item: Packet): void {
    const { timers } = this
    const { latencyMs, side } = this.options
    this.windowUsed += sizeOf(item)
    const nowAtMs = timers.nowAtMs()
    const travelMs = Math.ceil((latencyMs === undefined ? 0 : latencyMs(side, item.text)) + item.delayMs)
    if (item.overtakes) {
      timers.after(travelMs, () => {
        if (this.isUp) this.peer?.arrive(item)
      })
      return
    }
    this.lastArrivalAtMs = Math.max(this.lastArrivalAtMs, nowAtMs + travelMs)
    if (this.flightCount++ === 0) this.flying = item
    else this.behind.push(item)
    if (this.lastArrivalAtMs > nowAtMs) timers.after(this.lastArrivalAtMs - nowAtMs, this.land)
    else timers.soon(this.land)
  }

  /** Whichever timer fires, it is the oldest packet that lands: order survives ties. */
  private readonly land = (): void => {
    const item = this.flying
    if (item === undefined) return
    this.flying = --this.flightCount === 0 ? undefined : this.behind.shift()
    this.peer?.arrive(item)
  }

  private arrive(item: Packet): void {
    if (this.state === "closed") this.peer?.acknowledge(item)
    else if (this.hasUnread || !this.isReading()) this.keepUnread(item)
    else this.deliver(item)
  }

  private keepUnread(item: Packet): void {
    this.inbox.push(item)
    this.hasUnread = true
  }

  private forgetUnread(): void {
    this.inbox.clear()
    this.hasUnread = false
  }

  private isReading(): boolean {
    return this.listener !== undefined && !this.isPaused
  }

  /** Delivers what waits, after the caller is done. */
  private askDrain(): void {
    const isNeeded = this.hasUnread || this.closed !== undefined
    if (this.isDrainAsked || !isNeeded) return
    this.isDrainAsked = true
    this.timers.soon(() => {
      this.isDrainAsked = false
      while (this.hasUnread && this.isReading()) this.deliver(this.takeUnread())
      if (this.closed !== undefined) this.tellClosed(this.closed.code, this.closed.reason)
    })
  }

  private takeUnread(): Packet {
    const item = this.inbox.shift()!
    this.hasUnread = this.inbox.length > 0
    return item
  }

  private deliver(item: Packet): void {
    this.peer?.acknowledge(item)
    if (item.cutAfter) this.cutBoth()
    if (item.kind === "text") this.listener?.onText(item.text)
    else if (item.kind === "binary") this.listener?.onBinary()
    else this.takeLeave(item)
  }

  /** The other end closes or is gone; a close is answered before the news is told. */
  private takeLeave(item: Packet): void {
    if (item.kind === "close" && this.state === "open") {
      this.state = "closing"
      this.put(packet("close", item.text, item.code))
    }
    this.finish(item.code, item.kind === "close" ? item.text : "")
  }

  private acknowledge(item: Packet): void {
    this.windowUsed -= sizeOf(item)
    while (this.isUp && this.outboxBytes > 0) {
      const size = sizeOf(this.outbox.peek()!)
      if (this.windowUsed > 0 && this.windowUsed + size > this.options.windowBytes) return
      this.outboxBytes -= size
      this.launch(this.outbox.shift()!)
    }
  }

  private finish(code: number, reason: string): void {
    if (this.state === "closed") return
    this.state = "closed"
    this.forgetUnread()
    this.options.onOver()
    this.tellClosed(code, reason)
  }

  /** Tells the listener once; without one, keeps the news for it. */
  private tellClosed(code: number, reason: string): void {
    this.cancelCloseTimeout?.()
    this.cancelCloseTimeout = undefined
    const { listener } = this
    if (listener === undefined) {
      if (!this.isDead) this.closed = { code, reason }
      return
    }
    this.closed = undefined
    this.listener = undefined
    listener.onClose(code, reason)
  }
}
