import type { Transport } from "#core/ocpp/Transport.ts"
import { type Fate, type Pair, pair, type Side } from "#simulator/MemorySocket.ts"
import type { FrameWatch } from "#simulator/oracles/Wire.ts"
import type { Connect, Dial } from "#simulator/station/Link.ts"
import type { TimersApi } from "#simulator/time/Timers.ts"

/** What the door of a CMS says to a station that dials. */
export type Welcome =
  | {
      readonly _tag: "Welcome"
      readonly subprotocol: string
      /** Hands the CMS its end of the connection. */
      readonly take: (transport: Transport) => void
    }
  | { readonly _tag: "TurnedAway"; readonly why: string }

/** Answers once, at once or later; never when the process behind it dies first. */
export type Door = (dial: Dial, answer: (welcome: Welcome) => void) => void

/** How the line of one station behaves. */
export interface Line {
  /** One way, ms. */
  readonly latencyMs?: (from: Side, text: string) => number
  readonly fate?: (from: Side, text: string) => Fate | undefined
  /** When a message of the station is to come once more, under another id, ms from now; undefined: never. */
  readonly echoAfterMs?: (text: string) => number | undefined
}

export interface NetworkOptions {
  readonly timers: TimersApi
  readonly line: (identity: string) => Line
  /** Told of every frame at the station's end of every connection. */
  readonly watch: (identity: string) => FrameWatch
}

/** How long a station waits for a server that is not there, as one that gets no answer to its SYN does. */
const unreachableMs = 3_000
/** TCP and WebSocket handshake. */
const handshakeMs = 40

/** The network between a fleet and a CMS in one process: connections in memory that break when the server does. */
export class Network {
  /** Null while no server listens. */
  door: Door | null = null
  private readonly options: NetworkOptions
  private readonly pairs = new Set<Pair>()
  private echoes = 0

  constructor(options: NetworkOptions) {
    this.options = options
  }

  readonly connect: Connect = (dial, answer) => {
    const { timers } = this.options
    let isWanted = true
    const tell: typeof answer = (it) => {
      if (isWanted) answer(it)
      isWanted = false
    }
    let giveUp = timers.after(handshakeMs, () => {
      const { door } = this
      giveUp = timers.after(unreachableMs, () => tell({ _tag: "Refused", why: "nobody answers" }))
      door?.(dial, (welcome) => {
        giveUp()
        if (!isWanted || this.door !== door) return
        if (welcome._tag === "TurnedAway") return tell({ _tag: "Refused", why: welcome.why })
        const line = this.options.line(dial.identity)
        const ends = this.open(line)
        welcome.take(ends.server)
        const watch = this.options.watch(dial.identity)
        const transport = tap(ends.station, watch, (text) => this.echo(line, ends, watch, text))
        tell({ _tag: "Connected", transport, subprotocol: welcome.subprotocol })
      })
    })
    return () => {
      isWanted = false
      giveUp()
    }
  }

  /** The server's process is gone: every connection breaks, and nobody listens. */
  serverDied(): void {
    this.door = null
    for (const ends of this.pairs) ends.die("server")
    this.pairs.clear()
  }

  get connections(): number {
    this.forgetClosed()
    return this.pairs.size
  }

  /**
   * A message comes once more, after others that were sent later: a firmware that repeats what it believes unanswered
   * and goes on meanwhile, a modem that buffers. The answer finds nobody who asked.
   */
  private echo({ echoAfterMs }: Line, ends: Pair, watch: FrameWatch, text: string): void {
    const afterMs = echoAfterMs?.(text)
    if (afterMs === undefined) return
    const again = `[2,"echo-${this.echoes++}",${text.slice(text.indexOf(",", 3) + 1)}`
    this.options.timers.after(afterMs, () => {
      if (!ends.isOpen()) return
      watch.frame("out", again)
      ends.station.send(again)
    })
  }

  private open({ latencyMs, fate }: Line): Pair {
    const { timers } = this.options
    const ends = pair({
      timers,
      ...(latencyMs === undefined ? {} : { latencyMs }),
      ...(fate === undefined ? {} : { fate })
    })
    if (this.pairs.size % 256 === 255) this.forgetClosed()
    this.pairs.add(ends)
    return ends
  }

  private forgetClosed(): void {
    for (const ends of this.pairs) if (!ends.isOpen()) this.pairs.delete(ends)
  }
}

/** A transport whose frames are heard as they pass; `sent` is told of those that went out. */
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
