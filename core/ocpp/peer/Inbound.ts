import { Cause, Effect, Exit, type Fiber } from "effect"
import * as Direct from "../../Direct.ts"
import type { Any, Side } from "../Action.ts"
import { CallError, type ErrorCode } from "../CallError.ts"
import * as Frame from "../Frame.ts"
import type { Strictness } from "../lenient.ts"
import type { Transport } from "../Transport.ts"
import type { Counters } from "./Counters.ts"
import { describe, type PeerDialect, refusalOf, unservedCode } from "./codes.ts"
import { judge } from "./judge.ts"
import type { PeerObserver } from "./Observer.ts"
import type { Answer, Item, Queued } from "./Queued.ts"
import type { Remembered, ReplayWindow } from "./Replay.ts"

/** What one side does about a CALL or SEND; undefined when it has no handler for this action. */
export type Handle = (action: Any, payload: unknown, messageId: string) => Effect.Effect<unknown, CallError> | undefined

export interface InboundOptions {
  readonly dialect: PeerDialect
  readonly side: Side
  readonly transport: Transport
  readonly line: { readonly write: (text: string) => void; readonly close: (code: number, reason: string) => void }
  readonly run: <A, E>(effect: Effect.Effect<A, E>) => Fiber.Fiber<A, E>
  readonly handle: Handle
  readonly strictness: Strictness
  readonly replay: ReplayWindow
  readonly maxBacklog: number
  readonly counters: Counters
  readonly observer: PeerObserver | undefined
}

/**
 * Their CALLs on one connection, handled strictly one after the other: the next handler starts when the previous
 * answer is written. What arrives meanwhile waits in an inbox; a full inbox stops reading from the socket, so a
 * station that replays a long offline queue is slowed down and never refused.
 */
export class Inbound {
  private readonly options: InboundOptions
  private readonly dialect: PeerDialect
  private readonly line: InboundOptions["line"]
  private readonly replay: ReplayWindow
  private readonly counters: Counters
  private readonly observer: PeerObserver | undefined
  private inbox: Array<Queued> = []
  private head = 0
  /** The text that is being handled, and its id where it has one; undefined while none is. */
  private current: string | undefined
  private currentId: string | undefined
  private paused = false
  private draining = false
  private ended = false

  constructor(options: InboundOptions) {
    this.options = options
    this.dialect = options.dialect
    this.line = options.line
    this.replay = options.replay
    this.counters = options.counters
    this.observer = options.observer
  }

  /** CALLs that wait for their turn. */
  get backlog(): number {
    return this.inbox.length - this.head
  }

  receive(item: Item, text: string): void {
    if (this.ended) return
    // While draining, resuming the socket may deliver at once: such a frame is behind those that wait.
    if (this.current !== undefined || this.draining) {
      const conflicting = item._tag === "Call" && this.conflicts(item, text)
      this.inbox.push({ item, text, conflicting, answer: undefined })
      if (!this.paused && this.backlog >= this.options.maxBacklog) {
        this.paused = true
        this.counters.pauses++
        this.options.transport.pause()
      }
      return
    }
    this.start(item, text, false)
    if (this.current === undefined && this.head < this.inbox.length) this.drain()
  }

  /** The connection is gone: what waits is dropped, and the running handler finishes without an audience. */
  end(): void {
    if (this.ended) return
    this.ended = true
    const { counters, observer } = this
    for (const { item } of this.inbox.slice(this.head)) {
      counters.dropped++
      observer?.onIgnored?.("Dropped", item.messageId)
    }
    this.inbox = []
    this.head = 0
    // A socket that is not read cannot finish its closing handshake.
    if (this.paused) this.options.transport.resume()
    this.paused = false
  }

  private conflicts(call: Frame.Call, text: string): boolean {
    if (this.current !== undefined && this.currentId === call.messageId && this.current !== text) return true
    for (let i = this.head; i < this.inbox.length; i++) {
      const queued = this.inbox[i]!
      if (queued.item.messageId === call.messageId && queued.text !== text) return true
    }
    return false
  }

  private drain(): void {
    if (this.draining) return
    this.draining = true
    while (this.current === undefined && this.head < this.inbox.length) {
      const next = this.inbox[this.head++]!
      if (this.head === this.inbox.length) {
        this.inbox = []
        this.head = 0
      }
      if (next.answer === undefined) this.start(next.item, next.text, next.conflicting)
      else this.repeat(next, next.answer)
      if (this.paused && this.backlog <= this.options.maxBacklog >> 1) {
        this.paused = false
        this.options.transport.resume()
      }
    }
    this.draining = false
  }

  private repeat(queued: Queued, answer: Answer): void {
    this.current = queued.text
    this.currentId = queued.item.messageId
    this.counters.replayed++
    if (queued.item._tag === "Call") {
      this.noteCall(queued.item.action, queued.item.messageId)
      this.finish(queued.item.action, queued.item.messageId, answer.text, answer.outcome)
    }
  }

  /** Writes the answer of the current CALL and ends its turn. */
  private finish(action: string, messageId: string, answer: string, outcome: string): void {
    const text = this.current
    for (let i = this.head; i < this.inbox.length; i++) {
      const queued = this.inbox[i]!
      if (queued.item.messageId === messageId && queued.text === text) queued.answer = { text: answer, outcome }
    }
    if (!this.ended) {
      if (outcome === "Result") this.counters.resultsSent++
      else this.counters.errorsSent++
      this.observer?.onAnswer?.("out", action, messageId, outcome)
      this.line.write(answer)
    }
    this.current = undefined
  }

  private noteCall(action: string, messageId: string): void {
    this.counters.callsReceived++
    this.observer?.onCall?.("in", action, messageId)
  }

  private start(item: Item, text: string, conflicting: boolean): void {
    this.current = text
    this.currentId = item.messageId
    switch (item._tag) {
      case "Malformed":
        this.refuseMalformed(item)
        break
      case "Send":
        this.takeSend(item)
        break
      case "Call":
        if (conflicting) this.refuseConflict(item)
        else this.takeCall(item, text)
    }
  }

  private refuseConflict(call: Frame.Call): void {
    const code = this.dialect.codes.duplicateId
    this.noteCall(call.action, call.messageId)
    this.refuse(call.action, call.messageId, code, "another call with this id is being handled")
  }

  private refuseMalformed(item: Frame.Malformed): void {
    const { dialect, observer, counters } = this
    const refusal = refusalOf(dialect, item)
    if (refusal === undefined) observer?.onIgnored?.("Malformed", item.messageId)
    else {
      counters.errorsSent++
      this.line.write(Frame.callError(refusal.messageId, refusal.code, refusal.description))
    }
    this.current = undefined
  }

  private takeSend(frame: Frame.Send): void {
    const { dialect, observer, counters } = this
    counters.sendsReceived++
    const action = dialect.actions.get(frame.action)
    const payload = action?.kind === "send" && this.mayBeAsked(action) ? this.accept(action, frame) : undefined
    const effect = payload === undefined ? undefined : this.invoke(action!, payload.value, frame.messageId)
    if (effect === undefined) {
      observer?.onIgnored?.("SendRefused", frame.messageId)
      this.current = undefined
      return
    }
    const { action: name, messageId } = frame
    const exit = this.exitOf(effect, (exit) => this.sendTaken(name, messageId, exit))
    if (exit !== undefined) this.sendTaken(name, messageId, exit)
  }

  private sendTaken(action: string, messageId: string, exit: Exit.Exit<unknown, CallError>): void {
    if (exit._tag === "Failure" && Cause.hasDies(exit.cause)) this.noteDefect(action, messageId, exit.cause)
    this.current = undefined
  }

  private takeCall(frame: Frame.Call, text: string): void {
    const { dialect, replay, counters } = this
    const action = dialect.actions.get(frame.action)
    if (action === undefined || !this.mayBeAsked(action) || action.kind !== "call") {
      this.noteCall(frame.action, frame.messageId)
      const code = unservedCode(dialect, frame.action)
      this.refuse(frame.action, frame.messageId, code, "this action is not served here")
      return
    }
    const remembers = replay.remembers(action)
    const known = remembers ? replay.find(frame.messageId, text) : undefined
    if (known !== undefined && known.answer === undefined) {
      this.waitFor(known, frame, text)
      return
    }
    this.noteCall(action.name, frame.messageId)
    if (known?.answer !== undefined) {
      counters.replayed++
      this.sendResult(action.name, frame.messageId, known.answer)
      return
    }
    const payload = this.accept(action, frame)
    if (payload === undefined) return
    const remembered = remembers ? replay.begin(frame.messageId, text) : undefined
    const effect = this.invoke(action, payload.value, frame.messageId)
    if (effect === undefined) {
      if (remembered !== undefined) replay.end(remembered, undefined)
      this.refuse(action.name, frame.messageId, dialect.codes.notSupported, "this action is not served here")
      return
    }
    this.handle(action, frame.messageId, effect, remembered)
  }

  /** The same CALL is still being handled for an earlier connection of this station. */
  private waitFor(known: Remembered, frame: Frame.Call, text: string): void {
    known.waiters ??= []
    known.waiters.push(() => {
      if (!this.ended) this.takeCall(frame, text)
      if (this.current === undefined) this.drain()
    })
  }

  /** Apart from `takeCall`, so that a payload is not held for as long as its answer takes. */
  private handle(
    action: Any,
    messageId: string,
    effect: Effect.Effect<unknown, CallError>,
    remembered: Remembered | undefined
  ): void {
    const exit = this.exitOf(effect, (exit) => this.answer(action, messageId, exit, remembered))
    if (exit !== undefined) this.answer(action, messageId, exit, remembered)
  }

  private mayBeAsked(action: Any): boolean {
    return action.initiator === "either" || action.initiator !== this.options.side
  }

  /** The payload, repaired where this station is forgiven; undefined when it was refused. */
  private accept(action: Any, frame: Frame.Call | Frame.Send): { readonly value: unknown } | undefined {
    const { payload, messageId } = frame
    const violation = action.checkRequest(payload)
    if (violation === undefined) return { value: payload }
    const { dialect, observer, counters } = this
    const { strictness } = this.options
    counters.violationsReceived++
    const verdict = judge(strictness, action, payload, "request", violation)
    observer?.onViolation?.({ ...verdict, action: action.name, messageId, payload: "request", direction: "in" })
    if (verdict.forgiven) return { value: verdict.value }
    if (frame._tag === "Call") {
      this.refuse(action.name, messageId, dialect.codeFor(verdict.violation), describe(verdict.violation))
    }
    return undefined
  }

  /** The handler's effect; one that throws before it has made one is a defect like any other. */
  private invoke(action: Any, payload: unknown, messageId: string): Effect.Effect<unknown, CallError> | undefined {
    try {
      return this.options.handle(action, payload, messageId)
    } catch (defect) {
      return Effect.die(defect)
    }
  }

  /** Runs a handler. How it ended, without a tick in between, when it completes synchronously; else `done` is told later. */
  private exitOf<A, E>(
    effect: Effect.Effect<A, E>,
    done: (exit: Exit.Exit<A, E>) => void
  ): Exit.Exit<A, E> | undefined {
    const rest = Direct.begin(effect, (next) => this.goOn(next, done))
    if (rest === undefined || Exit.isExit(rest)) return rest as Exit.Exit<A, E> | undefined
    const fiber = this.options.run(rest)
    const exit = fiber.pollUnsafe()
    if (exit === undefined) fiber.addObserver((exit) => this.goOn(exit, done))
    return exit
  }

  private goOn<A, E>(rest: Effect.Effect<A, E>, done: (exit: Exit.Exit<A, E>) => void): void {
    const exit = this.exitOf(rest, done)
    if (exit === undefined) return
    done(exit)
    this.drain()
  }

  private answer(
    action: Any,
    messageId: string,
    exit: Exit.Exit<unknown, CallError>,
    remembered: Remembered | undefined
  ): void {
    const { replay } = this
    if (exit._tag === "Success") {
      const text = this.encode(action, messageId, exit.value)
      if (remembered !== undefined) replay.end(remembered, text)
      if (text !== undefined) this.sendResult(action.name, messageId, text)
      else this.refuse(action.name, messageId, this.dialect.codes.internal, "the answer could not be given")
      return
    }
    if (remembered !== undefined) replay.end(remembered, undefined)
    const failure = exit.cause.reasons.find(Cause.isFailReason)?.error
    if (failure instanceof CallError) {
      this.refuse(action.name, messageId, failure.code, failure.description, failure.details)
      return
    }
    if (Cause.hasInterruptsOnly(exit.cause)) {
      // We are stopping. A station that hears nothing and sees the socket close keeps the message and repeats it.
      this.line.close(1001, "going away")
      return
    }
    this.noteDefect(action.name, messageId, exit.cause)
    this.refuse(action.name, messageId, this.dialect.codes.internal, "an internal error occurred")
  }

  /** The CALLRESULT's text; undefined when the handler's answer breaks the action's schema or is no JSON. */
  private encode(action: Any, messageId: string, answer: unknown): string | undefined {
    const { counters, observer } = this
    const response = answer ?? {}
    const violation = action.checkResponse(response)
    if (violation !== undefined) {
      counters.violationsHeldBack++
      const what = { action: action.name, messageId, violation, forgiven: false, repairs: [] } as const
      observer?.onViolation?.({ ...what, payload: "response", direction: "out" })
      this.noteDefect(action.name, messageId, Cause.die(new Error(`invalid answer: ${describe(violation)}`)))
      return undefined
    }
    try {
      return Frame.callResult(messageId, response)
    } catch (defect) {
      this.noteDefect(action.name, messageId, Cause.die(defect))
      return undefined
    }
  }

  private sendResult(action: string, messageId: string, text: string): void {
    this.finish(action, messageId, text, "Result")
  }

  private refuse(
    action: string,
    messageId: string,
    code: ErrorCode,
    description: string,
    details?: Record<string, unknown>
  ): void {
    const text = this.errorText(action, messageId, code, description, details)
    this.finish(action, messageId, text, code)
  }

  private errorText(
    action: string,
    messageId: string,
    code: ErrorCode,
    description: string,
    details: Record<string, unknown> | undefined
  ): string {
    try {
      return Frame.callError(messageId, code, description, details)
    } catch (defect) {
      this.noteDefect(action, messageId, Cause.die(defect))
      return Frame.callError(messageId, code, description)
    }
  }

  private noteDefect(action: string, messageId: string, cause: Cause.Cause<unknown>): void {
    this.counters.defects++
    this.observer?.onDefect?.(action, messageId, cause)
  }
}
