import type { Duplex } from "node:stream"
import type { WebSocket } from "ws"
import type { Transport, TransportListener } from "#core/ocpp/Transport.ts"
import { textFrame } from "./textFrame.ts"

export interface WebSocketTransportOptions {
  /** Bytes waiting to be written above which we stop reading from this station until they are gone. */
  readonly highWaterBytes: number
  /** Bytes waiting to be written at which a station that does not read is cut off. */
  readonly maxBufferedBytes: number
}

/** RFC 6455 section 5.5.1: a close frame has room for 123 bytes of reason. */
const cutReason = (reason: string): string => {
  const bytes = Buffer.from(reason, "utf8")
  return bytes.length <= 123
    ? reason
    : bytes
        .subarray(0, 120)
        .toString("utf8")
        .replace(/\uFFFD+$/, "")
}

/**
 * A `Transport` over a `ws` WebSocket. Frames that arrive before there is a listener wait in memory, at most what one
 * read of the socket brought, because reading is paused until then.
 */
export class WebSocketTransport implements Transport {
  /** Set by every frame, ping and pong that arrives; reset by whoever watches. */
  alive = true
  private readonly webSocket: WebSocket
  private readonly socket: Duplex
  /** No extension (permessage-deflate) was agreed: what is sent is what goes over the wire. */
  private readonly isPlain: boolean
  private readonly options: WebSocketTransportOptions
  private listener: TransportListener | undefined
  private early: Array<string | undefined> | undefined = []
  private closed: { readonly code: number; readonly reason: string } | undefined
  private pausedByOwner = true
  private pausedByOutput = false

  /** `socket` is the stream below: its write buffer is what backpressure is about. */
  constructor(webSocket: WebSocket, socket: Duplex, options: WebSocketTransportOptions) {
    this.webSocket = webSocket
    this.socket = socket
    this.isPlain = webSocket.extensions === ""
    this.options = options
    webSocket.pause()
    webSocket.on("message", (data: Buffer, isBinary) => {
      this.alive = true
      this.receive(isBinary ? undefined : data.toString("utf8"))
    })
    webSocket.on("ping", () => {
      this.noteAlive()
      this.checkOutput()
    })
    webSocket.on("pong", () => this.noteAlive())
    webSocket.on("close", (code, reason) => this.finish(code, reason.toString("utf8")))
    // The close event follows and says all there is to say: 1007, 1009 or 1006.
    webSocket.on("error", () => {})
  }

  send(text: string): void {
    if (this.webSocket.readyState !== this.webSocket.OPEN) return
    if (this.isPlain) this.socket.write(textFrame(text))
    else this.webSocket.send(text)
    this.checkOutput()
  }

  close(code: number, reason: string): void {
    // A socket that is not read never sees the other side's close frame.
    this.pausedByOwner = false
    this.pausedByOutput = false
    this.early = undefined
    this.webSocket.close(code, cutReason(reason))
    this.webSocket.resume()
  }

  terminate(): void {
    this.webSocket.terminate()
  }

  pause(): void {
    this.pausedByOwner = true
    this.webSocket.pause()
  }

  resume(): void {
    this.pausedByOwner = false
    if (!this.pausedByOutput) this.webSocket.resume()
  }

  /** Whether we are not reading just now: silence then says nothing about the other side. */
  isPaused(): boolean {
    return this.pausedByOwner || this.pausedByOutput
  }

  ping(): void {
    if (this.webSocket.readyState === this.webSocket.OPEN) this.webSocket.ping()
  }

  bufferedBytes(): number {
    return this.webSocket.bufferedAmount
  }

  listen(listener: TransportListener): void {
    this.listener = listener
    const early = this.early ?? []
    this.early = undefined
    this.pausedByOwner = false
    for (const text of early) {
      if (text === undefined) listener.onBinary()
      else listener.onText(text)
    }
    if (this.closed !== undefined) listener.onClose(this.closed.code, this.closed.reason)
    else if (!this.pausedByOwner && !this.pausedByOutput) this.webSocket.resume()
  }

  private noteAlive(): void {
    this.alive = true
    this.listener?.onAlive()
  }

  private receive(text: string | undefined): void {
    if (this.listener === undefined) this.early?.push(text)
    else if (text === undefined) this.listener.onBinary()
    else this.listener.onText(text)
  }

  private finish(code: number, reason: string): void {
    this.closed = { code, reason }
    this.listener?.onClose(code, reason)
  }

  private checkOutput(): void {
    const waiting = this.socket.writableLength
    if (waiting <= this.options.highWaterBytes || !this.socket.writableNeedDrain) return
    if (waiting > this.options.maxBufferedBytes) {
      this.webSocket.terminate()
      return
    }
    if (this.pausedByOutput) return
    this.pausedByOutput = true
    this.webSocket.pause()
    this.socket.once("drain", () => {
      this.pausedByOutput = false
      if (!this.pausedByOwner) this.webSocket.resume()
    })
  }
}
