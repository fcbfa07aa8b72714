import { Duration, Effect, Exit, type Fiber } from "effect"
import type { Any, Request, Response, Side } from "./Action.ts"
import { type CallFailure, Disconnected, RequestInvalid, TooManyWaiting } from "./CallFailure.ts"
import * as Frame from "./Frame.ts"
import type { Strictness } from "./lenient.ts"
import { type Counters, makeCounters } from "./peer/Counters.ts"
import { describe, type PeerDialect } from "./peer/codes.ts"
import { type Handle, Inbound } from "./peer/Inbound.ts"
import { judge } from "./peer/judge.ts"
import type { PeerObserver } from "./peer/Observer.ts"
import { Outbound, type Outgoing, type PeerTimers, timersOf } from "./peer/Outbound.ts"
import { ReplayWindow } from "./peer/Replay.ts"
import type { Transport, TransportListener } from "./Transport.ts"

export type { Counters } from "./peer/Counters.ts"
export { type PeerDialect, sameCode } from "./peer/codes.ts"
export type { Handle } from "./peer/Inbound.ts"
export type { Breach, Direction, IgnoredReason, PeerObserver } from "./peer/Observer.ts"
export type { PeerTimers } from "./peer/Outbound.ts"
export { ReplayWindow } from "./peer/Replay.ts"

export interface PeerOptions {
  readonly dialect: PeerDialect
  /** The side we speak for: it handles what the other side may send. */
  readonly side: Side
  readonly transport: Transport
  /** A fresh id for each CALL of ours, never used before by this sender for this station, across connections too. */
  readonly nextMessageId: () => string
  /** Called for each valid CALL, one at a time; must not wait for a `call` on the same peer. */
  readonly handle: Handle
  /**
   * Runs effects with the services of the world we live in: `Effect.runForkWith(yield* Effect.context())`, so that in
   * virtual time Clock and Scheduler are the virtual ones.
   */
  readonly run: <A, E>(effect: Effect.Effect<A, E>) => Fiber.Fiber<A, E>
  /** How time is told and waited for, where there is something cheaper than a fiber; by `run` when not given. */
  readonly timers?: PeerTimers
  /** Whether the other side's payloads are forgiven what real stations get wrong. Default "strict". */
  readonly strictness?: Strictness
  /** How long a CALL of ours may stay unanswered, from when it was sent. Default 30 s. */
  readonly callTimeout?: Duration.Duration
  /** CALLs of ours that may wait for the slot. Default 32. */
  readonly maxWaiting?: number
  /** CALLs of theirs that may wait before we stop reading. Default 64. */
  readonly maxBacklog?: number
  /** Broken texts in a row after which we hang up. Default 20. */
  readonly maxMalformed?: number
  readonly limits?: Frame.Limits
  /** Answers to repeat; one per station lets them outlive the connection. Default: one of this connection. */
  readonly replay?: ReplayWindow
  readonly observer?: PeerObserver
}

export interface CallOptions {
  readonly timeout?: Duration.Duration
  /** The id of an earlier CALL that this one repeats, or one that the caller made; a fresh one when not given. */
  readonly messageId?: string
}

/** One end of an OCPP-J connection, the server's or a station's. */
export interface Peer {
  /** Begins to read. Apart from `make`, so that a handler may name the peer it belongs to. */
  readonly start: () => void
  /**
   * Sends a CALL when its turn comes and waits for its response, checked. Interrupting the caller of a CALL already on
   * the wire leaves the one slot taken until the answer or the timeout.
   */
  readonly call: <A extends Any>(
    action: A,
    request: Request<A>,
    options?: CallOptions
  ) => Effect.Effect<Response<A>, CallFailure>
  /**
   * The same without an effect, for whoever asks so much that a fiber a CALL is too dear: `answered` is called once, before
   * this returns when the CALL cannot be made at all. Returns how to give it up, as an interruption would.
   */
  readonly ask: <A extends Any>(
    action: A,
    request: Request<A>,
    answered: (exit: Exit.Exit<Response<A>, CallFailure>) => void,
    options?: CallOptions
  ) => (() => void) | undefined
  /** OCPP 2.1 SEND: told at once, whatever call is open, and never answered. */
  readonly send: <A extends Any>(action: A, request: Request<A>) => Effect.Effect<void, RequestInvalid | Disconnected>
  /** Starts the closing handshake; calls fail as `Disconnected` now, not when the other side agrees. */
  readonly close: (code: number, reason: string) => void
  /** Cuts the connection. */
  readonly terminate: () => void
  readonly isOpen: () => boolean
  readonly counters: Counters
  /** CALLs of theirs that wait for their turn, and of ours that wait for the slot. */
  readonly backlog: () => number
  readonly waiting: () => number
}

/**
 * Makes the RPC engine for one connection. Everything but the handlers is synchronous. Answers follow the order of
 * the calls and never wait for a call of our own.
 */
export const make = (options: PeerOptions): Peer => new PeerImpl(options)

const defaultTimeoutMs = 30_000

class PeerImpl implements Peer, TransportListener {
  readonly counters: Counters = makeCounters()
  private readonly options: PeerOptions
  private readonly transport: Transport
  private readonly observer: PeerObserver | undefined
  private readonly limits: Frame.Limits
  private readonly inbound: Inbound
  private readonly outbound: Outbound
  private readonly timeoutMs: number
  private readonly maxWaiting: number
  private malformedInRow = 0
  private open = true
  private closeSeen = false

  constructor(options: PeerOptions) {
    this.options = options
    const { observer, run, transport, timers, callTimeout } = options
    this.timeoutMs = callTimeout === undefined ? defaultTimeoutMs : Duration.toMillis(callTimeout)
    this.maxWaiting = options.maxWaiting ?? 32
    this.transport = transport
    this.observer = observer
    this.limits = options.limits ?? Frame.defaultLimits
    const { counters } = this
    this.outbound = new Outbound({ line: this, timers: timers ?? timersOf(run), counters, observer })
    this.inbound = new Inbound({
      dialect: options.dialect,
      side: options.side,
      transport,
      line: this,
      run,
      handle: options.handle,
      strictness: options.strictness ?? "strict",
      replay: options.replay ?? new ReplayWindow(),
      maxBacklog: options.maxBacklog ?? 64,
      counters,
      observer
    })
  }

  start(): void {
    this.transport.listen(this)
  }

  isOpen(): boolean {
    return this.open
  }

  backlog(): number {
    return this.inbound.backlog
  }

  waiting(): number {
    return this.outbound.waitingCount
  }

  call<A extends Any>(
    action: A,
    request: Request<A>,
    callOptions?: CallOptions
  ): Effect.Effect<Response<A>, CallFailure> {
    return Effect.callback<Response<A>, CallFailure>((resume) => {
      const giveUp = this.ask(action, request, resume, callOptions)
      return giveUp === undefined ? undefined : Effect.sync(giveUp)
    })
  }

  ask<A extends Any>(
    action: A,
    request: Request<A>,
    answered: (exit: Exit.Exit<Response<A>, CallFailure>) => void,
    callOptions?: CallOptions
  ): (() => void) | undefined {
    if (this.outbound.waitingCount >= this.maxWaiting) {
      answered(Exit.fail(new TooManyWaiting({ action: action.name, limit: this.maxWaiting })))
      return undefined
    }
    const messageId = callOptions?.messageId ?? this.options.nextMessageId()
    const text = this.encode(messageId, action, request, Frame.call)
    if (typeof text !== "string") {
      answered(Exit.fail(text))
      return undefined
    }
    const timeout = callOptions?.timeout
    const call: Outgoing = {
      action,
      messageId,
      text,
      timeoutMs: timeout === undefined ? this.timeoutMs : Duration.toMillis(timeout),
      deadlineMs: 0,
      resume: answered as NonNullable<Outgoing["resume"]>
    }
    this.outbound.submit(call)
    return () => this.outbound.abandon(call)
  }

  send<A extends Any>(action: A, request: Request<A>): Effect.Effect<void, RequestInvalid | Disconnected> {
    return Effect.suspend((): Effect.Effect<void, RequestInvalid | Disconnected> => {
      if (!this.open) return Effect.fail(new Disconnected({ action: action.name, sent: false }))
      const messageId = this.options.nextMessageId()
      const text = this.encode(messageId, action, request, Frame.send)
      if (typeof text !== "string") return Effect.fail(text)
      this.counters.sendsSent++
      this.observer?.onCall?.("out", action.name, messageId)
      this.write(text)
      return Effect.void
    })
  }

  close(code: number, reason: string): void {
    if (!this.open) return
    this.end()
    this.transport.close(code, reason)
  }

  terminate(): void {
    this.end()
    this.transport.terminate()
  }

  onText(text: string): void {
    if (!this.open) return
    this.observer?.onFrame?.("in", text)
    const frame = Frame.parse(text, this.limits)
    if (frame._tag === "Call") {
      this.malformedInRow = 0
      this.inbound.receive(frame, text)
      return
    }
    if (frame._tag === "Malformed") {
      this.onMalformed(frame, text)
      return
    }
    const isNew = frame._tag === "Send" || frame._tag === "CallResultError"
    if (isNew && this.options.dialect.version !== "2.1") {
      const messageType = frame._tag === "Send" ? 6 : 5
      const { messageId } = frame
      this.onMalformed({ _tag: "Malformed", fault: "UnknownMessageType", messageType, messageId }, text)
      return
    }
    this.malformedInRow = 0
    switch (frame._tag) {
      case "Send":
        this.inbound.receive(frame, text)
        break
      case "CallResult":
        this.onResult(frame)
        break
      case "CallError":
        if (this.outbound.pending(frame.messageId) === undefined) this.onUnsolicited(frame.messageId)
        else this.outbound.refuse(frame)
        break
      case "CallResultError":
        this.counters.errorsReceived++
        this.observer?.onIgnored?.("ResultRefused", frame.messageId)
    }
  }

  onBinary(): void {
    if (!this.open) return
    this.counters.malformed++
    this.observer?.onIgnored?.("Binary", undefined)
    if (this.options.strictness === "lenient") this.countMalformed()
    else this.close(1003, "text frames only")
  }

  onAlive(): void {}

  onClose(code: number, reason: string): void {
    if (this.closeSeen) return
    this.closeSeen = true
    this.end()
    this.observer?.onClose?.(code, reason)
  }

  /** The frame's text, or why there is none. */
  private encode(
    messageId: string,
    action: Any,
    request: unknown,
    frame: (messageId: string, action: string, payload: unknown) => string
  ): string | RequestInvalid {
    const violation = action.checkRequest(request)
    if (violation !== undefined) {
      this.counters.violationsHeldBack++
      const what = { action: action.name, messageId, violation, forgiven: false, repairs: [] } as const
      this.observer?.onViolation?.({ ...what, payload: "request", direction: "out" })
      return new RequestInvalid({ action: action.name, violation })
    }
    try {
      return frame(messageId, action.name, request)
    } catch {
      return new RequestInvalid({ action: action.name, violation: undefined })
    }
  }

  /** Puts a frame on the wire. */
  write(text: string): void {
    this.observer?.onFrame?.("out", text)
    this.transport.send(text)
  }

  private onResult(frame: Frame.CallResult): void {
    const action = this.outbound.pending(frame.messageId)
    if (action === undefined) {
      this.onUnsolicited(frame.messageId)
      return
    }
    const violation = action.checkResponse(frame.payload)
    if (violation === undefined) {
      this.outbound.succeed(frame.payload)
      return
    }
    const { dialect, observer, strictness } = this.options
    this.counters.violationsReceived++
    const verdict = judge(strictness ?? "strict", action, frame.payload, "response", violation)
    const what = { action: action.name, messageId: frame.messageId, payload: "response", direction: "in" } as const
    observer?.onViolation?.({ ...verdict, ...what })
    if (verdict.forgiven) {
      this.outbound.succeed(verdict.value)
      return
    }
    this.refuseResult(frame.messageId, dialect.codeFor(verdict.violation), describe(verdict.violation))
    this.outbound.invalid(verdict.violation)
  }

  /** OCPP 2.1 lets the other side know that its result was of no use; earlier versions have no words for it. */
  private refuseResult(messageId: string, code: string, description: string): void {
    if (this.options.dialect.version === "2.1") this.write(Frame.callResultError(messageId, code, description))
  }

  private onUnsolicited(messageId: string): void {
    this.counters.unsolicited++
    this.observer?.onIgnored?.("Unsolicited", messageId)
  }

  private onMalformed(frame: Frame.Malformed, text: string): void {
    this.counters.malformed++
    const { messageId, messageType } = frame
    if (messageId !== undefined && this.outbound.pending(messageId) !== undefined) {
      if (messageType === 3)
        this.refuseResult(messageId, this.options.dialect.codes.formation, "the result could not be read")
      if (messageType === 3 || messageType === 4) this.outbound.invalid(undefined)
    }
    this.inbound.receive(frame, text)
    this.countMalformed()
  }

  private countMalformed(): void {
    if (++this.malformedInRow < (this.options.maxMalformed ?? 20)) return
    this.close(1008, "too many malformed messages")
  }

  private end(): void {
    if (!this.open) return
    this.open = false
    this.outbound.end()
    this.inbound.end()
  }
}
