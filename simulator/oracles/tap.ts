import type { Transport } from "#core/ocpp/Transport.ts"
import type { RawTransport } from "../faults/Uplink.ts"
import type { FrameWatch } from "./Wire.ts"

/** A transport whose every frame is watched, the ones sent before they go and the ones received before they are heard. */
export const tap = (transport: Transport, watch: FrameWatch, sent: (text: string) => void = () => {}): Transport => ({
  send: (text) => {
    watch.frame("out", text)
    transport.send(text)
    sent(text)
  },
  close: (code, reason) => transport.close(code, reason),
  terminate: () => transport.terminate(),
  pause: () => transport.pause(),
  resume: () => transport.resume(),
  bufferedBytes: () => transport.bufferedBytes(),
  ...("sendBytes" in transport
    ? { sendBytes: (bytes: Uint8Array, isLast: boolean) => (transport as RawTransport).sendBytes(bytes, isLast) }
    : {}),
  listen: (listener) =>
    transport.listen({
      onText: (text) => {
        watch.frame("in", text)
        listener.onText(text)
      },
      onBinary: () => listener.onBinary(),
      onAlive: () => listener.onAlive(),
      onClose: (code, reason) => {
        watch.close()
        listener.onClose(code, reason)
      }
    })
})
