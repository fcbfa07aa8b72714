import { Cause, Duration, type Effect, Exit, type Fiber } from "effect"
import type { Any, Request, Response } from "#core/ocpp/Action.ts"
import type { CallFailure } from "#core/ocpp/CallFailure.ts"
import * as Peer from "#core/ocpp/Peer.ts"
import type { Transport } from "#core/ocpp/Transport.ts"
import type { Stream } from "../Stream.ts"
import type { TimersApi } from "../time/Timers.ts"
import { backOffMs } from "./Registration.ts"

/** Whom a station says it is when it dials. */
export interface Dial {
  readonly identity: string
  /** In the station's order of preference. */
  readonly subprotocols: ReadonlyArray<string>
  /** HTTP Basic password (security profile 1); null under profile 0. */
  readonly password: string | null
}

export type DialAnswer =
  | { readonly _tag: "Connected"; readonly transport: Transport; readonly subprotocol: string }
  /** No connection: nobody there, or an HTTP status, or no subprotocol agreed. */
  | { readonly _tag: "Refused"; readonly why: string }

/**
 * Opens a connection to the CMS and answers once. The returned function gives up: no answer comes afterwards, and a
 * connection made meanwhile is cut. The one thing that differs between the worlds.
 */
export type Connect = (dial: Dial, answer: (answer: DialAnswer) => void) => () => void

/** Runs effects with the services of the world (see `PeerOptions.run`). */
export type Run = <A, E>(effect: Effect.Effect<A, E>) => Fiber.Fiber<A, E>

export interface BackOff {
  readonly waitMinimumS: number
  readonly randomRangeS: number
  readonly repeatTimes: number
}

export interface LinkOptions {
  readonly timers: TimersApi
  readonly run: Run
  readonly connect: Connect
  readonly stream: Stream
  readonly dial: Dial
  readonly callTimeoutMs: number
  readonly timeoutsBeforeReconnect: number
  readonly backOff: () => BackOff
  /** The dialect of a subprotocol the CMS chose; undefined hangs up. */
  readonly dialectOf: (subprotocol: string) => Peer.PeerDialect | undefined
  readonly handle: Peer.Handle
  readonly observer: Peer.PeerObserver
  readonly nextMessageId: () => string
  readonly onUp: () => void
  readonly onDown: () => void
}

const nothing = (): void => {}

/**
 * A station's connection to the CMS, kept up for as long as the station has power and network: dialled again with
 * exponential back-off and jitter of the station's own stream (2.x part 4 section 5.3). No state but the connection's.
 */
export class Link {
  private readonly options: LinkOptions
  private peer: Peer.Peer | undefined
  /** Counts connections, and their ends: what an older one says is not of this one. */
  private era = 0
  private cancel: () => void = nothing
  private isWanted = false
  private isBarred = false
  private attempt = 0
  private timeouts = 0

  constructor(options: LinkOptions) {
    this.options = options
  }

  get isUp(): boolean {
    return this.peer !== undefined
  }

  /** Wants a connection from now on. */
  open(): void {
    if (this.isWanted) return
    this.isWanted = true
    this.attempt = 0
    this.dialNow()
  }

  /** Wants none any more: the connection is closed properly, or cut when the power is. */
  shut(how: "close" | "cut"): void {
    this.isWanted = false
    this.end(how)
  }

  /** The network is gone: the connection is cut and none can be made until `unbar`. */
  bar(): void {
    this.isBarred = true
    this.end("cut")
  }

  unbar(): void {
    if (!this.isBarred) return
    this.isBarred = false
    if (this.isWanted && this.peer === undefined) this.waitAndDial()
  }

  /** Cuts the connection and dials again after the back-off. */
  drop(): void {
    if (this.peer === undefined) return
    this.end("cut")
    if (this.isWanted && !this.isBarred) this.waitAndDial()
  }

  /**
   * Sends a CALL. Exactly one of `done` and `failed` is called, later. `messageId` repeats an earlier CALL's id; a
   * request that breaks its own schema is a bug of the simulator and ends the world.
   */
  call<A extends Any>(
    action: A,
    request: Request<A>,
    done: (response: Response<A>) => void,
    failed: (failure: CallFailure) => void,
    messageId?: string
  ): void {
    const { peer } = this
    if (peer === undefined) throw new Error(`${this.options.dial.identity} called ${action.name} without a connection`)
    let isCalling = true
    const answered = (exit: Exit.Exit<Response<A>, CallFailure>): void => {
      if (Exit.isSuccess(exit)) {
        done(exit.value)
        return
      }
      const failure = exit.cause.reasons.find(Cause.isFailReason)?.error
      if (failure === undefined || failure._tag === "RequestInvalid") this.die(failure ?? Cause.squash(exit.cause))
      // A connection that has just ended fails a call at once: whoever tries again at once would never come back here.
      else if (isCalling) this.options.timers.soon(() => failed(failure))
      else failed(failure)
    }
    peer.ask(action, request, answered, messageId === undefined ? undefined : { messageId })
    isCalling = false
  }

  private die(defect: unknown): void {
    this.options.timers.soon(() => {
      throw new Error(`station ${this.options.dial.identity}: ${JSON.stringify(defect)}`, { cause: defect })
    })
  }

  private dialNow(): void {
    if (this.isBarred || !this.isWanted) return
    this.cancel = this.options.connect(this.options.dial, (answer) => {
      this.cancel = nothing
      const dialect = answer._tag === "Connected" ? this.options.dialectOf(answer.subprotocol) : undefined
      if (answer._tag === "Connected" && dialect !== undefined) return this.up(answer.transport, dialect)
      if (answer._tag === "Connected") answer.transport.close(1002, "no common subprotocol")
      this.waitAndDial()
    })
  }

  private waitAndDial(): void {
    const waitMs = backOffMs(this.attempt++, this.options.backOff(), this.options.stream.next())
    this.cancel()
    this.cancel = this.options.timers.after(waitMs, () => this.dialNow())
  }

  private up(transport: Transport, dialect: Peer.PeerDialect): void {
    const { options } = this
    this.timeouts = 0
    const peer: Peer.Peer = Peer.make({
      dialect,
      side: "station",
      transport,
      nextMessageId: options.nextMessageId,
      handle: options.handle,
      run: options.run,
      callTimeout: Duration.millis(options.callTimeoutMs),
      timers: options.timers,
      observer: this.observe(++this.era)
    })
    this.peer = peer
    peer.start()
    // Reading what had arrived already may have shown that the connection is gone again.
    if (this.peer === peer) options.onUp()
  }

  /** A connection that we gave up may end much later than its successor began. */
  private observe(era: number): Peer.PeerObserver {
    const { observer } = this.options
    return {
      ...observer,
      onAnswer: (direction, action, messageId, outcome) => {
        if (direction === "in" && era === this.era) this.noteAnswer(outcome)
        observer.onAnswer?.(direction, action, messageId, outcome)
      },
      onClose: (code, reason) => {
        observer.onClose?.(code, reason)
        if (era === this.era) this.lost()
      }
    }
  }

  private noteAnswer(outcome: string): void {
    if (outcome === "Disconnected") return
    if (outcome !== "Timeout") {
      this.timeouts = 0
      this.attempt = 0
      return
    }
    if (++this.timeouts >= this.options.timeoutsBeforeReconnect) this.options.timers.soon(() => this.drop())
  }

  /** The connection ended by itself or by the CMS. */
  private lost(): void {
    if (this.peer === undefined) return
    this.peer = undefined
    this.era++
    this.options.onDown()
    if (this.isWanted && !this.isBarred) this.waitAndDial()
  }

  private end(how: "close" | "cut"): void {
    this.cancel()
    this.cancel = nothing
    const { peer } = this
    if (peer === undefined) return
    this.peer = undefined
    this.era++
    if (how === "close") peer.close(1000, "")
    else peer.terminate()
    this.options.onDown()
  }
}
