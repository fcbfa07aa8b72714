import type { Transport } from "#core/ocpp/Transport.ts"
import { type Fate, type Pair, pair, type Side } from "#simulator/MemorySocket.ts"
import { tap } from "#simulator/oracles/tap.ts"
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

/** Where stations are let in to one node. */
export interface Gate {
  /** Null while it does not listen. */
  door: Door | null
  /** The node's process is gone: its connections break, and it does not listen. */
  readonly serverDied: () => void
}

/** How the line of one station behaves. */
export interface Line {
  /** One way, ms. */
  readonly latencyMs?: (from: Side, text: string) => number
  readonly fate?: (from: Side, text: string) => Fate | undefined
  /** When a message of the station is to come once more, under another id, ms from now; undefined: never. */
  readonly echoAfterMs?: (text: string) => number | undefined
  /** Told of both ids before it comes: what was broken is broken once more. */
  readonly onEcho?: (id: string, again: string) => void
}

export interface NetworkOptions {
  readonly timers: TimersApi
  readonly line: (identity: string) => Line
  /** Told of every frame at the station's end of every connection. */
  readonly watch: (identity: string) => FrameWatch
  /** The node that a station dials, from 0 up; the first when not given. Another one when that one does not listen. */
  readonly nodeOf?: (identity: string) => number
}

/** How long a station waits for a server that is not there, as one that gets no answer to its SYN does. */
const unreachableMs = 3_000
/** TCP and WebSocket handshake. */
const handshakeMs = 40

/** The network between a fleet and a CMS in one process: connections in memory that break when the server does. */
export class Network {
  private readonly options: NetworkOptions
  private readonly gates: Array<Gate> = []
  private readonly pairs = new Set<Pair>()
  private readonly gateOf = new WeakMap<Pair, Gate>()
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
      const gate = this.gateFor(dial.identity)
      const door = gate?.door
      giveUp = timers.after(unreachableMs, () => tell({ _tag: "Refused", why: "nobody answers" }))
      door?.(dial, (welcome) => {
        giveUp()
        if (!isWanted || gate?.door !== door) return
        if (welcome._tag === "TurnedAway") return tell({ _tag: "Refused", why: welcome.why })
        const line = this.options.line(dial.identity)
        const ends = this.open(line, gate!)
        welcome.take(ends.server)
        const watch = this.options.watch(dial.identity)
        const echo = (text: string): void => this.echo(line, ends, watch, text)
        const transport = tap(ends.station, watch, line.echoAfterMs === undefined ? undefined : echo)
        tell({ _tag: "Connected", transport, subprotocol: welcome.subprotocol })
      })
    })
    return () => {
      isWanted = false
      giveUp()
    }
  }

  /** A further node: the first call makes node 0. */
  addGate(): Gate {
    const gate: Gate = {
      door: null,
      serverDied: () => {
        gate.door = null
        for (const ends of this.pairs) {
          if (this.gateOf.get(ends) !== gate) continue
          ends.die("server")
          this.pairs.delete(ends)
        }
      }
    }
    this.gates.push(gate)
    return gate
  }

  get connections(): number {
    return this.pairs.size
  }

  /**
   * A message comes once more, after others that were sent later: a firmware that repeats what it believes unanswered
   * and goes on meanwhile, a modem that buffers. The answer finds nobody who asked.
   */
  private echo({ echoAfterMs, onEcho }: Line, ends: Pair, watch: FrameWatch, text: string): void {
    const afterMs = echoAfterMs?.(text)
    if (afterMs === undefined) return
    const id = `echo-${this.echoes++}`
    const again = `[2,"${id}",${text.slice(text.indexOf(",", 3) + 1)}`
    onEcho?.(/^\[2,"([^"]*)"/.exec(text)?.[1] ?? "", id)
    this.options.timers.after(afterMs, () => {
      if (!ends.isOpen()) return
      watch.frame("out", again)
      ends.station.send(again)
    })
  }

  /** As by a balancer: the node asked for, or one that listens when that one does not. */
  private gateFor(identity: string): Gate | undefined {
    const wanted = this.gates[this.options.nodeOf?.(identity) ?? 0]
    return wanted?.door == null ? (this.gates.find(({ door }) => door !== null) ?? wanted) : wanted
  }

  private open({ latencyMs, fate }: Line, gate: Gate): Pair {
    const { timers } = this.options
    const ends = pair({
      timers,
      onOver: () => this.pairs.delete(ends),
      ...(latencyMs === undefined ? {} : { latencyMs }),
      ...(fate === undefined ? {} : { fate })
    })
    this.pairs.add(ends)
    this.gateOf.set(ends, gate)
    return ends
  }
}
