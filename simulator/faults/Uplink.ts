import type { Transport, TransportListener } from "#core/ocpp/Transport.ts"
import type { Connect } from "../station/Link.ts"
import type { TimersApi } from "../time/Timers.ts"

export type Direction = "toCms" | "toStation"

/** What becomes of one frame: it is lost, or arrives `copies` times, `delayMs` later than it would. */
export interface Fate {
  readonly copies: number
  readonly delayMs: number
}

export const isCall = (text: string): boolean => text.startsWith("[2")
export const isAnswer = (text: string): boolean => text.startsWith("[3") || text.startsWith("[4")

export const lost: Fate = Object.freeze({ copies: 0, delayMs: 0 })
export const twice: Fate = Object.freeze({ copies: 2, delayMs: 0 })

/** Decides about each frame while a fault is on; undefined lets it pass. Connections of a station count from 1. */
export type Disturbance = (direction: Direction, text: string, connection: number) => Fate | undefined

/**
 * A station's line to the CMS, in any world: everything it sends and hears passes here, so that frames can be lost,
 * doubled or late. Order is kept, as TCP keeps it: a late frame holds up those behind it.
 */
export class Uplink {
  private readonly timers: TimersApi
  private readonly disturbances: Array<Disturbance> = []
  private connections = 0

  constructor(timers: TimersApi) {
    this.timers = timers
  }

  /** The number of the latest connection, 0 before the first. */
  get connection(): number {
    return this.connections
  }

  /** Disturbs the line until the returned function is called. */
  disturb(disturbance: Disturbance): () => void {
    this.disturbances.push(disturbance)
    return () => {
      const index = this.disturbances.indexOf(disturbance)
      if (index >= 0) this.disturbances.splice(index, 1)
    }
  }

  /** The same way to the CMS, through this line. */
  through(connect: Connect): Connect {
    return (dial, answer) =>
      connect(dial, (answered) => {
        if (answered._tag === "Refused") answer(answered)
        else {
          const line = new Line(answered.transport, this, ++this.connections, this.timers)
          answer({ ...answered, transport: line })
        }
      })
  }

  /** What all faults together do to a frame; undefined when nothing does. */
  fate(direction: Direction, text: string, connection: number): Fate | undefined {
    if (this.disturbances.length === 0) return undefined
    let copies = 1
    let delayMs = 0
    for (const disturbance of this.disturbances) {
      const fate = disturbance(direction, text, connection)
      if (fate === undefined) continue
      copies *= fate.copies
      delayMs += fate.delayMs
    }
    return { copies, delayMs }
  }
}

/** One connection through an uplink. */
class Line implements Transport, TransportListener {
  private readonly inner: Transport
  private readonly uplink: Uplink
  private readonly connection: number
  private readonly timers: TimersApi
  private listener: TransportListener | undefined
  private isOver = false
  private readonly clearAtMs: Record<Direction, number> = { toCms: 0, toStation: 0 }

  constructor(inner: Transport, uplink: Uplink, connection: number, timers: TimersApi) {
    this.inner = inner
    this.uplink = uplink
    this.connection = connection
    this.timers = timers
  }

  send(text: string): void {
    this.carry("toCms", text, (frame) => this.inner.send(frame))
  }

  listen(listener: TransportListener): void {
    this.listener = listener
    this.inner.listen(this)
  }

  close(code: number, reason: string): void {
    this.inner.close(code, reason)
  }

  terminate(): void {
    this.isOver = true
    this.inner.terminate()
  }

  pause(): void {
    this.inner.pause()
  }

  resume(): void {
    this.inner.resume()
  }

  bufferedBytes(): number {
    return this.inner.bufferedBytes()
  }

  onText(text: string): void {
    this.carry("toStation", text, (frame) => this.listener?.onText(frame))
  }

  onBinary(): void {
    this.listener?.onBinary()
  }

  onAlive(): void {
    this.listener?.onAlive()
  }

  onClose(code: number, reason: string): void {
    this.isOver = true
    this.listener?.onClose(code, reason)
  }

  private carry(direction: Direction, text: string, deliver: (text: string) => void): void {
    const fate = this.uplink.fate(direction, text, this.connection)
    const waitMs = this.clearAtMs[direction] - this.timers.nowAtMs()
    if (fate === undefined && waitMs <= 0) {
      deliver(text)
      return
    }
    const copies = fate?.copies ?? 1
    const delayMs = Math.max(waitMs, fate?.delayMs ?? 0)
    if (delayMs > 0) this.clearAtMs[direction] = this.timers.nowAtMs() + delayMs
    for (let copy = 0; copy < copies; copy++) {
      if (delayMs <= 0) deliver(text)
      else {
        this.timers.after(delayMs, () => {
          if (!this.isOver) deliver(text)
        })
      }
    }
  }
}
