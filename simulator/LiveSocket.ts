import { WebSocket } from "ws"
import type { TransportListener } from "#core/ocpp/Transport.ts"
import type { RawTransport } from "./faults/Uplink.ts"
import { DialGate } from "./socket/DialGate.ts"
import type { Connect, Dial } from "./station/Link.ts"

/** Where a CMS listens, and how patient a station is when it dials. */
export interface LiveOptions {
  /** `ws://host:port/ocpp`, without the identity. */
  readonly url: string
  /** The wait for a handshake; 10 s when not given. */
  readonly handshakeTimeoutMs?: number
  /** The largest frame taken in; 1 MiB when not given. */
  readonly maxPayloadBytes?: number
  /** Lets handshakes begin; one of its own for every `connect` when not given. */
  readonly gate?: DialGate
  /** Told when this process may open no further socket (EMFILE, ENFILE) or has no port left to dial from. */
  readonly onExhausted?: (code: string) => void
}

interface Event {
  readonly tell: (listener: TransportListener) => void
}

/** A real WebSocket as a transport. What arrives before somebody listens waits. */
class LiveTransport implements RawTransport {
  private readonly socket: WebSocket
  private listener: TransportListener | undefined
  private early: Array<Event> = []
  private isOver = false

  constructor(socket: WebSocket) {
    this.socket = socket
    socket.on("message", (data, isBinary) => {
      const text = isBinary ? undefined : String(data)
      this.tell((listener) => (text === undefined ? listener.onBinary() : listener.onText(text)))
    })
    socket.on("ping", () => this.tell((listener) => listener.onAlive()))
    socket.on("pong", () => this.tell((listener) => listener.onAlive()))
    socket.on("close", (code, reason) => {
      if (this.isOver) return
      this.isOver = true
      const why = String(reason)
      this.tell((listener) => listener.onClose(code, why))
    })
  }

  send(text: string): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(text)
  }

  sendBytes(bytes: Uint8Array, isLast: boolean): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(bytes, { binary: false, fin: isLast })
  }

  close(code: number, reason: string): void {
    this.socket.close(code, reason)
  }

  terminate(): void {
    this.socket.terminate()
  }

  pause(): void {
    this.socket.pause()
  }

  resume(): void {
    this.socket.resume()
  }

  bufferedBytes(): number {
    return this.socket.bufferedAmount
  }

  listen(listener: TransportListener): void {
    this.listener = listener
    for (const event of this.early.splice(0)) event.tell(listener)
  }

  private tell(tell: (listener: TransportListener) => void): void {
    if (this.listener === undefined) this.early.push({ tell })
    else tell(this.listener)
  }
}

/** HTTP Basic: 1.6 passwords are bytes, written here as characters up to 255; 2.x passwords are UTF-8 (ocpp A00). */
const authorization = ({ identity, password, subprotocols }: Dial): Record<string, string> => {
  if (password === null) return {}
  const encoding = subprotocols[0] === "ocpp1.6" ? "latin1" : "utf8"
  const bytes = Buffer.concat([Buffer.from(`${identity}:`, "utf8"), Buffer.from(password, encoding)])
  return { authorization: `Basic ${bytes.toString("base64")}` }
}

/** Errors of a dial that say that this machine, and not the CMS, is at its limit. */
const exhaustion: ReadonlySet<string> = new Set(["EMFILE", "ENFILE", "EADDRNOTAVAIL"])

/**
 * Stations that dial a CMS over real WebSockets, with subprotocol and HTTP Basic as a charger does (OCPP-J). However many
 * dial at once, a gate bounds the handshakes under way; the wait at the gate is no part of the handshake's timeout.
 */
export const connect = (options: LiveOptions): Connect => {
  const gate = options.gate ?? new DialGate({ nowMs: () => performance.now() })
  const base = options.url.replace(/\/+$/, "")
  return (dial, answer) => {
    let socket: WebSocket | undefined
    let isAnswered = false
    const refuse = (why: string): void => {
      if (isAnswered) return
      isAnswered = true
      place.leave("failed")
      answer({ _tag: "Refused", why })
    }
    const place = gate.enter(() => {
      socket = open(`${base}/${encodeURIComponent(dial.identity)}`, dial, options)
      const transport = new LiveTransport(socket)
      socket.on("error", (error: NodeJS.ErrnoException) => {
        if (error.code !== undefined && exhaustion.has(error.code)) options.onExhausted?.(error.code)
        refuse(error.message)
      })
      socket.once("close", (code) => refuse(`closed with ${code}`))
      const made = socket
      socket.once("open", () => {
        if (isAnswered) return
        isAnswered = true
        place.leave("open")
        answer({ _tag: "Connected", transport, subprotocol: made.protocol })
      })
    })
    return () => {
      if (!isAnswered) place.leave("givenUp")
      isAnswered = true
      socket?.terminate()
    }
  }
}

const open = (url: string, dial: Dial, options: LiveOptions): WebSocket =>
  new WebSocket(url, [...dial.subprotocols], {
    headers: authorization(dial),
    handshakeTimeout: options.handshakeTimeoutMs ?? 10_000,
    maxPayload: options.maxPayloadBytes ?? 1_048_576,
    perMessageDeflate: false
  })
