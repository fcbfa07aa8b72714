import { type Clock, Duration, Effect, type Fiber } from "effect"
import type { Any, Violation } from "../Action.ts"
import { AnswerInvalid, type CallFailure, CallRefused, CallTimedOut, Disconnected } from "../CallFailure.ts"
import type * as Frame from "../Frame.ts"
import type { Counters } from "./Counters.ts"
import type { PeerObserver } from "./Observer.ts"

type Resume = (effect: Effect.Effect<unknown, CallFailure>) => void

/** One CALL of ours, waiting for the slot or for its answer. */
export interface Outgoing {
  readonly action: Any
  readonly messageId: string
  readonly text: string
  readonly timeoutMs: number
  deadlineMs: number
  /** Undefined once the caller was told or went away; the slot stays taken until the answer or the timeout. */
  resume: Resume | undefined
}

export interface OutboundOptions {
  readonly write: (text: string) => void
  readonly run: <A, E>(effect: Effect.Effect<A, E>) => Fiber.Fiber<A, E>
  readonly counters: Counters
  readonly observer: PeerObserver | undefined
}

/**
 * Our CALLs on one connection: at most one on the wire (OCPP-J 2.x section 4.1.1), the rest in a queue in the order
 * asked. One timer serves them all and sleeps on while answers come in time, so a call that is answered costs none.
 */
export class Outbound {
  private readonly options: OutboundOptions
  private clock: Clock.Clock | undefined
  private readonly waiting: Array<Outgoing> = []
  private flying: Outgoing | undefined
  private timer: Fiber.Fiber<void> | undefined
  private timerAtMs = 0
  private ended = false

  constructor(options: OutboundOptions) {
    this.options = options
  }

  get waitingCount(): number {
    return this.waiting.length
  }

  /** The action whose answer this id would be, undefined when nothing is waited for under it. */
  pending(messageId: string): Any | undefined {
    return this.flying?.messageId === messageId ? this.flying.action : undefined
  }

  submit(call: Outgoing): void {
    if (this.ended) {
      this.settle(call, Effect.fail(new Disconnected({ action: call.action.name, sent: false })))
      return
    }
    if (this.flying === undefined) this.launch(call)
    else this.waiting.push(call)
  }

  /** The caller went away. A CALL not yet sent is not sent; one on the wire keeps the slot until it ends. */
  abandon(call: Outgoing): void {
    call.resume = undefined
    const index = this.waiting.indexOf(call)
    if (index >= 0) this.waiting.splice(index, 1)
  }

  succeed(response: unknown): void {
    this.options.counters.resultsReceived++
    this.land("Result", Effect.succeed(response))
  }

  refuse(frame: Frame.CallError): void {
    this.options.counters.errorsReceived++
    const { code, description, details } = frame
    this.land(code, Effect.fail(new CallRefused({ action: this.flying!.action.name, code, description, details })))
  }

  invalid(violation: Violation | undefined): void {
    this.land("Invalid", Effect.fail(new AnswerInvalid({ action: this.flying!.action.name, violation })))
  }

  /** The connection is gone: everyone is told, nothing is sent any more. */
  end(): void {
    if (this.ended) return
    this.ended = true
    this.stopTimer()
    const { flying } = this
    this.flying = undefined
    const waiting = this.waiting.splice(0)
    if (flying !== undefined) {
      const action = flying.action.name
      this.options.observer?.onAnswer?.("in", action, flying.messageId, "Disconnected")
      this.settle(flying, Effect.fail(new Disconnected({ action, sent: true })))
    }
    for (const call of waiting) {
      this.settle(call, Effect.fail(new Disconnected({ action: call.action.name, sent: false })))
    }
  }

  private launch(call: Outgoing): void {
    this.flying = call
    this.options.counters.callsSent++
    this.options.observer?.onCall?.("out", call.action.name, call.messageId)
    const nowMs = this.nowMs()
    call.deadlineMs = nowMs + call.timeoutMs
    if (this.timer === undefined || this.timerAtMs > call.deadlineMs) this.watch(nowMs, call.timeoutMs)
    this.options.write(call.text)
  }

  /** Frees the slot for the next in line before the caller hears, so that its own next call queues behind. */
  private land(outcome: string, effect: Effect.Effect<unknown, CallFailure>): void {
    const call = this.flying!
    this.flying = undefined
    this.options.observer?.onAnswer?.("in", call.action.name, call.messageId, outcome)
    const next = this.waiting.shift()
    if (next !== undefined) this.launch(next)
    this.settle(call, effect)
  }

  private settle(call: Outgoing, effect: Effect.Effect<unknown, CallFailure>): void {
    const { resume } = call
    call.resume = undefined
    resume?.(effect)
  }

  private watch(nowMs: number, sleepMs: number): void {
    this.stopTimer()
    this.timerAtMs = nowMs + sleepMs
    const timer = this.options.run(Effect.sleep(Duration.millis(sleepMs)))
    this.timer = timer
    timer.addObserver(() => {
      if (this.timer !== timer) return
      this.timer = undefined
      this.expire()
    })
  }

  private stopTimer(): void {
    const { timer } = this
    this.timer = undefined
    timer?.interruptUnsafe()
  }

  private expire(): void {
    const { flying } = this
    if (flying === undefined) return
    const nowMs = this.nowMs()
    if (flying.deadlineMs > nowMs) {
      this.watch(nowMs, flying.deadlineMs - nowMs)
      return
    }
    this.options.counters.timeouts++
    this.land("Timeout", Effect.fail(new CallTimedOut({ action: flying.action.name, timeoutMs: flying.timeoutMs })))
  }

  /** Milliseconds of the running world's monotonic clock: never set back, virtual in virtual time. */
  private nowMs(): number {
    if (this.clock === undefined) {
      const exit = this.options.run(Effect.clockWith((clock) => Effect.succeed(clock))).pollUnsafe()
      if (exit?._tag !== "Success") throw new Error("a peer's run must evaluate effects at once, as runFork does")
      this.clock = exit.value
    }
    return Number(this.clock.monotonicTimeNanosUnsafe() / 1_000_000n)
  }
}
