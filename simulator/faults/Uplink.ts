import type { Transport, TransportListener } from "#core/ocpp/Transport.ts"
import type { Connect, Dial } from "../station/Link.ts"
import type { TimersApi } from "../time/Timers.ts"

export type Direction = "toCms" | "toStation"

/** What becomes of one frame: it is lost, or arrives `copies` times, `delayMs` later than it would. */
export interface Fate {
  readonly copies: number
  readonly delayMs: number
  /** What arrives in its place. */
  readonly text?: string
  /** Those behind it need not wait for it. */
  readonly isOvertaken?: boolean
}

export const isCall = (text: string): boolean => text.startsWith("[2")
export const isAnswer = (text: string): boolean => text.startsWith("[3") || text.startsWith("[4")

/** The id of a frame; undefined of what is none. */
export const idOf = (text: string): string | undefined => /^\[\d,"([^"]*)"/.exec(text)?.[1]

/** Answers awaited at most; the oldest is forgotten. */
const foreignLimit = 1_000

/** A transport that real bytes go over. */
export interface RawTransport extends Transport {
  /** Sends bytes as a text frame; `isLast` false leaves the message open. */
  readonly sendBytes: (bytes: Uint8Array, isLast: boolean) => void
}

export const lost: Fate = Object.freeze({ copies: 0, delayMs: 0 })
export const twice: Fate = Object.freeze({ copies: 2, delayMs: 0 })

/** Decides about each frame while a fault is on; undefined lets it pass. Connections of a station count from 1. */
export type Disturbance = (direction: Direction, text: string, connection: number) => Fate | undefined

/** Nearly every line at nearly every instant. */
const undisturbed: ReadonlyArray<Disturbance> = []

/**
 * A station's line to the CMS, in any world: everything it sends and hears passes here, so that frames can be lost,
 * doubled or late. Order is kept, as TCP keeps it: a late frame holds up those behind it.
 */
export class Uplink {
  private readonly timers: TimersApi
  private disturbances: ReadonlyArray<Disturbance> = undisturbed
  private readonly detours = new Set<(dial: Dial) => Dial>()
  /** CALLs that the station knows nothing of, by id: what becomes of their answers. */
  private readonly foreign = new Map<string, (answer: string) => void>()
  private awaitsForeign = false
  private connections = 0
  private line: Line | undefined
  private stalls = 0
  private injected = 0
  private connect: Connect | undefined
  private lastDial: Dial | undefined

  constructor(timers: TimersApi) {
    this.timers = timers
  }

  /** The number of the latest connection, 0 before the first. */
  get connection(): number {
    return this.connections
  }

  /** Disturbs the line until the returned function is called. */
  disturb(disturbance: Disturbance): () => void {
    this.disturbances = [...this.disturbances, disturbance]
    return () => {
      const index = this.disturbances.indexOf(disturbance)
      if (index < 0) return
      const others = this.disturbances.toSpliced(index, 1)
      this.disturbances = others.length === 0 ? undisturbed : others
    }
  }

  /** The same way to the CMS, through this line. */
  through(connect: Connect): Connect {
    this.connect = connect
    return (dial, answer) => {
      this.lastDial = dial
      let called = dial
      for (const detour of this.detours) called = detour(called)
      return connect(called, (answered) => {
        if (answered._tag === "Refused") answer(answered)
        else {
          const line = new Line(answered.transport, this, ++this.connections, this.timers)
          this.line = line
          if (this.stalls > 0) line.stall()
          answer({ ...answered, transport: line })
        }
      })
    }
  }

  /** Dials otherwise than the station means to, until the returned function is called. */
  detour(detour: (dial: Dial) => Dial): () => void {
    this.detours.add(detour)
    return () => {
      this.detours.delete(detour)
    }
  }

  /** Opens a second connection under the same name, with nobody at this end; the returned function cuts it. */
  dialTwin(): () => void {
    const { connect, lastDial } = this
    if (connect === undefined || lastDial === undefined) return () => {}
    let twin: Transport | undefined
    const giveUp = connect(lastDial, (answered) => {
      if (answered._tag === "Refused") return
      twin = answered.transport
      twin.listen({ onText: () => {}, onBinary: () => {}, onAlive: () => {}, onClose: () => {} })
    })
    return () => {
      giveUp()
      twin?.terminate()
    }
  }

  /**
   * Puts a CALL on the wire that the station knows nothing of; false when there is no connection. `onSend` is told its
   * id just before.
   */
  inject(
    action: string,
    payload: unknown,
    onSend: (messageId: string) => void = () => {},
    onAnswer: (answer: string) => void = () => {}
  ): boolean {
    const { line } = this
    if (line === undefined || line.isOver) return false
    const messageId = `fault-${this.connections}-${this.timers.nowAtMs().toString(36)}-${this.injected++}`
    this.foreign.set(messageId, onAnswer)
    this.awaitsForeign = true
    if (this.foreign.size > foreignLimit) this.foreign.delete(this.foreign.keys().next().value!)
    onSend(messageId)
    line.put(JSON.stringify([2, messageId, action, payload]))
    return true
  }

  /** Puts a text on the wire as it is, whole or not; false when there is no connection. */
  put(text: string): boolean {
    const { line } = this
    if (line === undefined || line.isOver) return false
    line.put(text)
    return true
  }

  /**
   * Puts bytes on the wire as a text frame, the last of its message or not. False where the world has no bytes: a
   * connection in memory.
   */
  putBytes(bytes: Uint8Array, isLast: boolean): boolean {
    return this.line?.putBytes(bytes, isLast) ?? false
  }

  /** The connection ends as the WebSocket below would end it. */
  close(code: number): void {
    this.line?.close(code, "")
  }

  /** Stops reading what the CMS sends, until the returned function is called. */
  stall(): () => void {
    this.stalls++
    this.line?.stall()
    return () => {
      if (--this.stalls === 0) this.line?.unstall()
    }
  }

  /** Takes the answer to a CALL that the station knows nothing of; true when it was one. */
  takes(text: string): boolean {
    if (!this.awaitsForeign || !isAnswer(text)) return false
    const messageId = idOf(text)
    const onAnswer = messageId === undefined ? undefined : this.foreign.get(messageId)
    if (onAnswer === undefined) return false
    this.foreign.delete(messageId!)
    this.awaitsForeign = this.foreign.size > 0
    onAnswer(text)
    return true
  }

  /** What all faults together do to a frame; undefined when nothing does. */
  fate(direction: Direction, text: string, connection: number): Fate | undefined {
    if (this.disturbances === undisturbed) return undefined
    let copies = 1
    let delayMs = 0
    let isOvertaken = false
    let now = text
    for (const disturbance of this.disturbances) {
      const fate = disturbance(direction, now, connection)
      if (fate === undefined) continue
      copies *= fate.copies
      delayMs += fate.delayMs
      now = fate.text ?? now
      isOvertaken ||= fate.isOvertaken === true
    }
    return { copies, delayMs, text: now, isOvertaken }
  }
}

/** One connection through an uplink. */
class Line implements Transport, TransportListener {
  private readonly inner: Transport
  private readonly uplink: Uplink
  private readonly connection: number
  private readonly timers: TimersApi
  private listener: TransportListener | undefined
  isOver = false
  private isPaused = false
  private isStalled = false
  /** Until when frames are held up behind a late one; undefined before the first. */
  private clearAtMs: Record<Direction, number> | undefined

  constructor(inner: Transport, uplink: Uplink, connection: number, timers: TimersApi) {
    this.inner = inner
    this.uplink = uplink
    this.connection = connection
    this.timers = timers
  }

  send(text: string): void {
    this.carry("toCms", text)
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
    this.isPaused = true
    this.inner.pause()
  }

  resume(): void {
    this.isPaused = false
    if (!this.isStalled) this.inner.resume()
  }

  /** Reads nothing, whatever the station wants. */
  stall(): void {
    this.isStalled = true
    this.inner.pause()
  }

  unstall(): void {
    this.isStalled = false
    if (!this.isPaused && !this.isOver) this.inner.resume()
  }

  /** Past all disturbances. */
  put(text: string): void {
    this.inner.send(text)
  }

  putBytes(bytes: Uint8Array, isLast: boolean): boolean {
    const { inner } = this
    if (this.isOver || !("sendBytes" in inner)) return false
    const raw = inner as RawTransport
    raw.sendBytes(bytes, isLast)
    return true
  }

  bufferedBytes(): number {
    return this.inner.bufferedBytes()
  }

  onText(text: string): void {
    if (this.uplink.takes(text)) return
    this.carry("toStation", text)
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

  private carry(direction: Direction, text: string): void {
    const fate = this.uplink.fate(direction, text, this.connection)
    if (fate === undefined && this.clearAtMs === undefined) this.deliver(direction, text)
    else this.disturb(direction, text, fate)
  }

  private disturb(direction: Direction, text: string, fate: Fate | undefined): void {
    this.clearAtMs ??= { toCms: 0, toStation: 0 }
    const waitMs = this.clearAtMs[direction] - this.timers.nowAtMs()
    const copies = fate?.copies ?? 1
    const arriving = fate?.text ?? text
    const delayMs = Math.max(waitMs, fate?.delayMs ?? 0)
    if (delayMs > 0 && fate?.isOvertaken !== true) this.clearAtMs[direction] = this.timers.nowAtMs() + delayMs
    for (let copy = 0; copy < copies; copy++) {
      if (delayMs <= 0) this.deliver(direction, arriving)
      else {
        this.timers.after(delayMs, () => {
          if (!this.isOver) this.deliver(direction, arriving)
        })
      }
    }
  }

  private deliver(direction: Direction, text: string): void {
    if (direction === "toCms") this.inner.send(text)
    else this.listener?.onText(text)
  }
}
