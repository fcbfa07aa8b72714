import { connect, type Socket } from "node:net"

/**
 * OCPP-J stations of as little code as can be, so that a benchmark measures the server: sockets of node:net that share
 * one buffer for reading, and frames written whole. One CALL in flight each, as the specification has it.
 */

/** Any key but zero: the server must unmask, as it must for a real station. */
const mask = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d)

/** A text frame as a client sends it; ASCII only. */
export const textFrame = (text: string): Buffer => {
  const { length } = text
  const start = length < 126 ? 6 : 8
  const frame = Buffer.allocUnsafe(start + length)
  frame[0] = 0x81
  if (length < 126) frame[1] = 0x80 | length
  else {
    if (length > 0xffff) throw new RangeError("a frame of a benchmark is short")
    frame[1] = 0x80 | 126
    frame[2] = length >> 8
    frame[3] = length & 0xff
  }
  frame.set(mask, start - 4)
  frame.write(text, start, "latin1")
  for (let index = 0; index < length; index++) frame[start + index]! ^= mask[index & 3]!
  return frame
}

const shared = Buffer.allocUnsafe(65_536)

/** One station's socket. */
export class Line {
  private readonly socket: Socket
  private isUpgraded = false
  private rest: Buffer | undefined
  private readonly onUpgrade: () => void
  /** Called with each text that comes. */
  onText: (text: string) => void = () => {}
  /** Called when the server refuses or hangs up. */
  onFailure: (why: string) => void

  constructor(
    to: { readonly port: number; readonly identity: string; readonly subprotocol: string },
    onUpgrade: () => void,
    onFailure: (why: string) => void
  ) {
    this.onUpgrade = onUpgrade
    this.onFailure = onFailure
    const onread = {
      buffer: shared,
      callback: (count: number, buffer: Uint8Array): boolean => {
        this.read(buffer as Buffer, count)
        return true
      }
    }
    this.socket = connect({ port: to.port, host: "127.0.0.1", noDelay: true, onread })
    this.socket.on("error", (error) => onFailure(error.message))
    this.socket.on("close", () => onFailure("closed"))
    this.socket.write(
      `GET /ocpp/${to.identity} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n` +
        `Sec-WebSocket-Protocol: ${to.subprotocol}\r\n\r\n`
    )
  }

  send(text: string): void {
    this.socket.write(textFrame(text))
  }

  sendFrame(frame: Buffer): void {
    this.socket.write(frame)
  }

  end(): void {
    this.socket.removeAllListeners("close")
    this.socket.destroy()
  }

  private read(buffer: Buffer, count: number): void {
    let chunk = buffer
    let end = count
    if (this.rest !== undefined) {
      chunk = Buffer.concat([this.rest, buffer.subarray(0, count)])
      end = chunk.length
      this.rest = undefined
    }
    let at = 0
    if (!this.isUpgraded) {
      at = this.upgrade(chunk, end)
      if (at < 0) return
    }
    while (at < end) {
      const next = this.frame(chunk, at, end)
      if (next < 0) break
      at = next
    }
    if (at < end) this.rest = Buffer.from(chunk.subarray(at, end))
  }

  /** Where the frames begin; negative while the answer is not complete, or when it is no. */
  private upgrade(chunk: Buffer, end: number): number {
    const head = chunk.toString("latin1", 0, end)
    const close = head.indexOf("\r\n\r\n")
    if (close < 0) {
      this.rest = Buffer.from(chunk.subarray(0, end))
      return -1
    }
    if (!head.startsWith("HTTP/1.1 101")) {
      this.end()
      this.onFailure(head.slice(0, head.indexOf("\r\n")))
      return -1
    }
    this.isUpgraded = true
    this.onUpgrade()
    return close + 4
  }

  /** Where the next frame begins; negative while this one is not complete. */
  private frame(chunk: Buffer, at: number, end: number): number {
    if (at + 2 > end) return -1
    const opcode = chunk[at]! & 0x0f
    let length = chunk[at + 1]!
    let body = at + 2
    if (length === 126) {
      if (at + 4 > end) return -1
      length = chunk.readUInt16BE(at + 2)
      body = at + 4
    }
    if (body + length > end) return -1
    if (opcode === 1) this.onText(chunk.toString("latin1", body, body + length))
    else if (opcode === 9) this.pong(chunk.subarray(body, body + length))
    else if (opcode === 8) this.onFailure(`closed with ${length >= 2 ? chunk.readUInt16BE(body) : "no code"}`)
    return body + length
  }

  private pong(payload: Buffer): void {
    const frame = Buffer.alloc(6 + payload.length)
    frame[0] = 0x8a
    frame[1] = 0x80 | payload.length
    frame.set(payload, 6)
    this.socket.write(frame)
  }
}

/** Connects one station. */
export const dial = (port: number, identity: string, subprotocol: string): Promise<Line> =>
  new Promise((resolve, reject) => {
    const line = new Line(
      { port, identity, subprotocol },
      () => resolve(line),
      (why) => reject(new Error(`${identity}: ${why}`))
    )
  })

/** Runs `each` for 0 to `count` - 1, at most `width` at a time. */
export const inWaves = async <A>(
  count: number,
  width: number,
  each: (index: number) => Promise<A>
): Promise<ReadonlyArray<A>> => {
  const results: Array<A> = new Array(count)
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < count) {
      const index = next++
      results[index] = await each(index)
    }
  }
  await Promise.all(Array.from({ length: Math.min(width, count) }, worker))
  return results
}

/** Asks once and waits for the CALLRESULT. */
export const ask = (line: Line, messageId: string, action: string, payload: string): Promise<string> =>
  new Promise((resolve, reject) => {
    line.onText = (text) => {
      if (text.startsWith(`[3,"${messageId}",`)) resolve(text)
      else reject(new Error(`${action} was answered ${text}`))
    }
    line.send(`[2,"${messageId}","${action}",${payload}]`)
  })
