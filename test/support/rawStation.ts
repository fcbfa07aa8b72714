import { connect, type Socket } from "node:net"

/** A client of nothing but TCP, for what no WebSocket library would send. */
export interface RawStation {
  readonly socket: Socket
  /** Everything received so far, one character a byte. */
  readonly received: () => string
  /** Waits until that matches. */
  readonly until: (pattern: RegExp) => Promise<string>
  readonly closed: Promise<void>
}

/** The text of an upgrade request; a header given as undefined is left out. */
export const handshake = (target: string, headers: Record<string, string | undefined> = {}): string => {
  const all: Record<string, string | undefined> = {
    Host: "localhost",
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    "Sec-WebSocket-Protocol": "ocpp1.6",
    ...headers
  }
  const lines = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]))
  return [`GET ${target} HTTP/1.1`, ...lines, "", ""].join("\r\n")
}

/** One WebSocket frame as a client sends it, under a mask of zeros. `length` lies about the payload's length. */
export const frame = (
  opcode: number,
  payload: Uint8Array,
  options: { readonly fin?: boolean; readonly length?: number } = {}
): Buffer => {
  const length = options.length ?? payload.length
  const header = Buffer.alloc(length < 126 ? 2 : 4)
  header[0] = (options.fin === false ? 0 : 0x80) | opcode
  header[1] = 0x80 | Math.min(length, 126)
  if (length >= 126) header.writeUInt16BE(length, 2)
  return Buffer.concat([header, Buffer.alloc(4), payload])
}

/** Connects, writes, and collects what comes back. */
export const rawStation = (port: number, ...writes: ReadonlyArray<string | Buffer>): RawStation => {
  const socket = connect({ port, host: "127.0.0.1" })
  let received = ""
  const waiting = new Set<() => void>()
  const wake = (): void => {
    for (const each of waiting) each()
  }
  socket.on("data", (chunk) => {
    received += chunk.toString("latin1")
    wake()
  })
  socket.on("error", () => {})
  const closed = new Promise<void>((resolve) => {
    socket.on("close", () => {
      wake()
      resolve()
    })
  })
  for (const each of writes) socket.write(each)
  const until = (pattern: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (pattern.test(received)) resolve(received)
        else if (socket.closed) reject(new Error(`closed before ${pattern}, after ${JSON.stringify(received)}`))
        else return
        waiting.delete(look)
      }
      waiting.add(look)
      look()
    })
  return { socket, received: () => received, until, closed }
}
