import type { Transport } from "#core/ocpp/Transport.ts"
import type { RawTransport } from "#simulator/faults/Uplink.ts"
import type { Connect } from "#simulator/station/Link.ts"

/**
 * Connections whose station gives them up without the CMS ever being told, as where a router forgot them: the CMS goes
 * on believing in a socket while the station opens the next. That makes two of one station.
 */
export class DeadLines {
  private latest: { isDead: boolean; readonly transport: Transport } | null = null

  /** The connection that stands dies without a word; the next one lives. */
  strike(): void {
    if (this.latest !== null) this.latest.isDead = true
  }

  /** The latest connection died so. */
  get isDead(): boolean {
    return this.latest?.isDead === true
  }

  /** Has something sent on the connection that stands, past the station; false when none does. */
  inject(text: string): boolean {
    const { latest } = this
    if (latest === null || latest.isDead) return false
    latest.transport.send(text)
    return true
  }

  through(connect: Connect): Connect {
    return (dial, answer) =>
      connect(dial, (answered) => {
        if (answered._tag === "Refused") return answer(answered)
        const line = { isDead: false, transport: answered.transport }
        this.latest = line
        answer({ ...answered, transport: silenced(answered.transport, line) })
      })
  }
}

/** The same connection, of which the other end hears nothing more once it is dead. */
const silenced = (inner: Transport, line: { readonly isDead: boolean }): Transport => ({
  send: (text) => {
    if (!line.isDead) inner.send(text)
  },
  close: (code, reason) => {
    if (!line.isDead) inner.close(code, reason)
  },
  terminate: () => {
    if (!line.isDead) inner.terminate()
  },
  pause: () => inner.pause(),
  resume: () => inner.resume(),
  bufferedBytes: () => inner.bufferedBytes(),
  ...("sendBytes" in inner
    ? {
        sendBytes: (bytes: Uint8Array, isLast: boolean) => {
          if (!line.isDead) (inner as RawTransport).sendBytes(bytes, isLast)
        }
      }
    : {}),
  listen: (listener) =>
    inner.listen({
      onText: (text) => {
        if (!line.isDead) listener.onText(text)
      },
      onBinary: () => {
        if (!line.isDead) listener.onBinary()
      },
      onAlive: () => {
        if (!line.isDead) listener.onAlive()
      },
      onClose: (code, reason) => {
        if (!line.isDead) listener.onClose(code, reason)
      }
    })
})
