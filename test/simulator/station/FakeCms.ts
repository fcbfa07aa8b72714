import { Effect } from "effect"
import { CallError } from "#core/ocpp/CallError.ts"
import { negotiate } from "#core/ocpp/Dialect.ts"
import * as Peer from "#core/ocpp/Peer.ts"
import * as MemorySocket from "#simulator/MemorySocket.ts"
import type { Connect, Run } from "#simulator/station/Link.ts"
import type { TimersApi } from "#simulator/time/Timers.ts"

/** One CALL of a station as the CMS handled it. */
export interface Heard {
  readonly atMs: number
  readonly identity: string
  readonly action: string
  readonly messageId: string
  // biome-ignore lint/suspicious/noExplicitAny: what a station says is what a test looks at
  readonly payload: any
}

type Script = (heard: Heard) => object | undefined

const fresh = "1970-01-01T00:00:00.000Z"

/** A CMS that accepts everything, except where a test's script says otherwise. */
export class FakeCms {
  readonly heard: Array<Heard> = []
  /** Answers to give instead, by action; "error" is a CALLERROR, "silence" none at all. */
  readonly script = new Map<string, Script | "error" | "silence">()
  readonly violations: Array<Peer.Breach> = []
  readonly peers = new Map<string, Peer.Peer>()
  pairs: Array<MemorySocket.Pair> = []
  isDown = false
  /** Whether what was heard is kept. */
  keeps = true
  /** Frames from the CMS that a test wants lost. */
  losesAnswers = false
  readonly dials: Array<{ readonly identity: string; readonly atMs: number }> = []
  private transactions = 0
  private readonly started = new Map<string, number>()
  private readonly timers: TimersApi
  private readonly run: Run
  private messages = 0

  constructor(timers: TimersApi, run: Run) {
    this.timers = timers
    this.run = run
  }

  readonly connect: Connect = (dial, answer) => {
    this.dials.push({ identity: dial.identity, atMs: this.timers.nowAtMs() })
    return this.timers.after(20, () => {
      const dialect = negotiate(dial.subprotocols)
      if (this.isDown || dialect === undefined) {
        answer({ _tag: "Refused", why: "down" })
        return
      }
      const pair = MemorySocket.pair({
        timers: this.timers,
        latencyMs: () => 5,
        fate: (from) => (from === "server" && this.losesAnswers ? { copies: 0 } : undefined)
      })
      this.pairs.push(pair)
      const peer = Peer.make({
        dialect,
        side: "csms",
        transport: pair.server,
        nextMessageId: () => `cms-${this.messages++}`,
        run: this.run,
        handle: (action, payload, messageId) => this.handle(dial.identity, action.name, payload, messageId),
        replay: new Peer.ReplayWindow({ maxEntries: 0 }),
        observer: {
          onViolation: (breach) => this.violations.push(breach)
        }
      })
      this.peers.set(dial.identity, peer)
      peer.start()
      answer({ _tag: "Connected", transport: pair.station, subprotocol: dialect.subprotocol })
    })
  }

  /** Sends a CALL to a station. */
  command(identity: string, name: string, payload: object) {
    const peer = this.peers.get(identity)!
    const action = negotiate([this.subprotocol])!.actions.get(name)!
    return peer.call(action, payload)
  }

  subprotocol = "ocpp1.6"

  of(action: string): ReadonlyArray<Heard> {
    return this.heard.filter((each) => each.action === action)
  }

  private handle(identity: string, action: string, payload: unknown, messageId: string) {
    const heard = { atMs: this.timers.nowAtMs(), identity, action, messageId, payload }
    if (this.keeps) this.heard.push(heard)
    const script = this.script.get(action)
    if (script === "silence") return Effect.never
    if (script === "error") return Effect.fail(new CallError({ code: "InternalError", description: "no" }))
    return Effect.succeed(script?.(heard) ?? this.answer(heard))
  }

  private answer({ action, payload, identity }: Heard): object {
    switch (action) {
      case "BootNotification":
        return { status: "Accepted", currentTime: fresh, interval: 600 }
      case "Heartbeat":
        return { currentTime: fresh }
      case "Authorize":
        return payload.idTag === undefined
          ? { idTokenInfo: { status: "Accepted" } }
          : { idTagInfo: { status: "Accepted" } }
      case "StartTransaction": {
        const key = `${identity} ${payload.connectorId} ${payload.timestamp}`
        const transactionId = this.started.get(key) ?? ++this.transactions
        this.started.set(key, transactionId)
        return { transactionId, idTagInfo: { status: "Accepted" } }
      }
      case "TransactionEvent":
        return payload.idToken === undefined ? {} : { idTokenInfo: { status: "Accepted" } }
      default:
        return {}
    }
  }
}
