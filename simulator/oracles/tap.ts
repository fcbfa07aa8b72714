import type { Transport, TransportListener } from "#core/ocpp/Transport.ts"
import type { RawTransport } from "../faults/Uplink.ts"
import type { FrameWatch } from "./Wire.ts"

/** A transport whose every frame is watched, the ones sent before they go and the ones received before they are heard. */
export const tap = (transport: Transport, watch: FrameWatch, sent?: (text: string) => void): Transport =>
  "sendBytes" in transport ? new RawTap(transport as RawTransport, watch, sent) : new Tap(transport, watch, sent)

/** One object for both directions: every frame of a run passes here, at a station that is far away in memory. */
class Tap<T extends Transport> implements Transport, TransportListener {
  protected readonly inner: T
  private readonly watch: FrameWatch
  private readonly sent: ((text: string) => void) | undefined
  private listener: TransportListener | undefined

  constructor(inner: T, watch: FrameWatch, sent: ((text: string) => void) | undefined) {
    this.inner = inner
    this.watch = watch
    this.sent = sent
  }

  send(text: string): void {
    this.watch.frame("out", text)
    this.inner.send(text)
    this.sent?.(text)
  }

  close(code: number, reason: string): void {
    this.inner.close(code, reason)
  }

  terminate(): void {
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

  listen(listener: TransportListener): void {
    this.listener = listener
    this.inner.listen(this)
  }

  onText(text: string): void {
    this.watch.frame("in", text)
    this.listener?.onText(text)
  }

  onBinary(): void {
    this.listener?.onBinary()
  }

  onAlive(): void {
    this.listener?.onAlive()
  }

  onClose(code: number, reason: string): void {
    this.watch.close()
    this.listener?.onClose(code, reason)
  }
}

/** The same where the world has bytes. */
class RawTap extends Tap<RawTransport> implements RawTransport {
  sendBytes(bytes: Uint8Array, isLast: boolean): void {
    this.inner.sendBytes(bytes, isLast)
  }
}
