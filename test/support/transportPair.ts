import type { Transport, TransportListener } from "#core/ocpp/Transport.ts"

/** One end of a connection in memory, with what a test wants to know about it. */
export interface TransportEnd extends Transport {
  /** Every text this end has sent. */
  readonly sent: Array<string>
  readonly pauses: () => number
  readonly sendBinary: () => void
  readonly closed: () => { readonly code: number; readonly reason: string } | undefined
}

/** What one end writes arrives at the other at once, one frame after the other, unless that end is paused. */
class End implements TransportEnd {
  readonly sent: Array<string> = []
  other: End | undefined
  private listener: TransportListener | undefined
  private inbox: Array<string> = []
  private delivering = false
  private isPaused = false
  private pauseCount = 0
  private closing: { readonly code: number; readonly reason: string } | undefined

  send(text: string): void {
    if (this.closing !== undefined) return
    this.sent.push(text)
    this.other!.deliver(text)
  }
  close(code: number, reason: string): void {
    this.finish(code, reason)
    this.other!.finish(code, reason)
  }
  terminate(): void {
    this.close(1006, "")
  }
  pause(): void {
    this.isPaused = true
    this.pauseCount++
  }
  resume(): void {
    this.isPaused = false
    this.flush()
  }
  bufferedBytes(): number {
    return 0
  }
  listen(listener: TransportListener): void {
    this.listener = listener
    this.flush()
    if (this.closing !== undefined) listener.onClose(this.closing.code, this.closing.reason)
  }
  sendBinary(): void {
    this.other!.listener?.onBinary()
  }
  pauses(): number {
    return this.pauseCount
  }
  closed(): { readonly code: number; readonly reason: string } | undefined {
    return this.closing
  }
  deliver(text: string): void {
    this.inbox.push(text)
    this.flush()
  }
  private finish(code: number, reason: string): void {
    if (this.closing !== undefined) return
    this.closing = { code, reason }
    this.listener?.onClose(code, reason)
  }
  private flush(): void {
    if (this.delivering || this.listener === undefined) return
    this.delivering = true
    while (this.inbox.length > 0 && !this.isPaused && this.closing === undefined) {
      this.listener.onText(this.inbox.shift()!)
    }
    this.delivering = false
  }
}

/** Two ends of a connection that never leaves the process. */
export const transportPair = (): { readonly station: TransportEnd; readonly server: TransportEnd } => {
  const station = new End()
  const server = new End()
  station.other = server
  server.other = station
  return { station, server }
}

/** Collects what arrives at an end that no peer listens to. */
export const recording = (end: Transport): Array<string> => {
  const texts: Array<string> = []
  end.listen({ onText: (text) => texts.push(text), onBinary: () => {}, onAlive: () => {}, onClose: () => {} })
  return texts
}
