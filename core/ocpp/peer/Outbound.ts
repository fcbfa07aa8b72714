import { type Clock, Duration, Effect, Exit, type Fiber } from "effect"
import type { Any, Violation } from "../Action.ts"
import { AnswerInvalid, type CallFailure, CallRefused, CallTimedOut, Disconnected } from "../CallFailure.ts"
import type * as Frame from "../Frame.ts"
import type { Counters } from "./Counters.ts"
import type { PeerObserver } from "./Observer.ts"

type Resume = (exit: Exit.Exit<unknown, CallFailure>) => void

/** Time for the timeouts of CALLs. */
export interface PeerTimers {
  /** Milliseconds that are never set back; virtual in virtual time. */
  readonly nowAtMs: () => number
  /** Calls back once, so many ms from now, unless the returned function is called before. */
  readonly after: (ms: number, callback: () => void) => () => void
}

/** Time of the world that `run` evaluates effects in. */
export const timersOf = (run: <A, E>(effect: Effect.Effect<A, E>) => Fiber.Fiber<A, E>): PeerTimers => {
  let clock: Clock.Clock | undefined
  return {
    nowAtMs: () => {
      if (clock === undefined) {
        const exit = run(Effect.clockWith((it) => Effect.succeed(it))).pollUnsafe()
        if (exit?._tag !== "Success") throw new Error("a peer's run must evaluate effects at once, as runFork does")
        clock = exit.value
      }
      return Number(clock.monotonicTimeNanosUnsafe() / 1_000_000n)
    },
    after: (ms, callback) => {
      let isWanted = true
      const fiber = run(Effect.sleep(Duration.millis(ms)))
      fiber.addObserver(() => {
        if (isWanted) callback()
      })
      return () => {
        isWanted = false
        fiber.interruptUnsafe()
      }
    }
  }
}

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
  readonly line: { readonly write: (text: string) => void }
  readonly timers: PeerTimers
  readonly counters: Counters
  readonly observer: PeerObserver | undefined
}

/**
 * Our CALLs on one connection: at most one on the wire (OCPP-J 2.x section 4.1.1), the rest in a queue in the order
 * asked. One timer serves them all and sleeps on while answers come in time, so a call that is answered costs none.
 */
export class Outbound {
  private readonly line: OutboundOptions["line"]
  private readonly timers: PeerTimers
  private readonly counters: Counters
  private readonly observer: PeerObserver | undefined
  private readonly waiting: Array<Outgoing> = []
  private flying: Outgoing | undefined
  /** Ends the timer that is set. */
  private disarm: (() => void) | undefined
  private timerAtMs = 0
  private ended = false

  constructor(options: OutboundOptions) {
    this.line = options.line
    this.timers = options.timers
    this.counters = options.counters
    this.observer = options.observer
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
      this.settle(call, Exit.fail(new Disconnected({ action: call.action.name, sent: false })))
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
    this.counters.resultsReceived++
    this.land("Result", Exit.succeed(response))
  }

  refuse(frame: Frame.CallError): void {
    this.counters.errorsReceived++
    const { code, description, details } = frame
    this.land(code, Exit.fail(new CallRefused({ action: this.flying!.action.name, code, description, details })))
  }

  invalid(violation: Violation | undefined): void {
    this.land("Invalid", Exit.fail(new AnswerInvalid({ action: this.flying!.action.name, violation })))
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
      this.observer?.onAnswer?.("in", action, flying.messageId, "Disconnected")
      this.settle(flying, Exit.fail(new Disconnected({ action, sent: true })))
    }
    for (const call of waiting) {
      this.settle(call, Exit.fail(new Disconnected({ action: call.action.name, sent: false })))
    }
  }

  private launch(call: Outgoing): void {
    this.flying = call
    this.counters.callsSent++
    this.observer?.onCall?.("out", call.action.name, call.messageId)
    const nowMs = this.timers.nowAtMs()
    call.deadlineMs = nowMs + call.timeoutMs
    if (this.disarm === undefined || this.timerAtMs > call.deadlineMs) this.watch(nowMs, call.timeoutMs)
    this.line.write(call.text)
  }

  /** Frees the slot for the next in line before the caller hears, so that its own next call queues behind. */
  private land(outcome: string, exit: Exit.Exit<unknown, CallFailure>): void {
    const call = this.flying!
    this.flying = undefined
    this.observer?.onAnswer?.("in", call.action.name, call.messageId, outcome)
    if (this.waiting.length > 0) this.launch(this.waiting.shift()!)
    this.settle(call, exit)
  }

  private settle(call: Outgoing, exit: Exit.Exit<unknown, CallFailure>): void {
    const { resume } = call
    call.resume = undefined
    resume?.(exit)
  }

  private watch(nowMs: number, waitMs: number): void {
    this.stopTimer()
    this.timerAtMs = nowMs + waitMs
    this.disarm = this.timers.after(waitMs, this.expire)
  }

  private stopTimer(): void {
    const { disarm } = this
    this.disarm = undefined
    disarm?.()
  }

  private readonly expire = (): void => {
    this.disarm = undefined
    const { flying } = this
    if (flying === undefined) return
    const nowMs = this.timers.nowAtMs()
    if (flying.deadlineMs > nowMs) {
      this.watch(nowMs, flying.deadlineMs - nowMs)
      return
    }
    this.counters.timeouts++
    this.land("Timeout", Exit.fail(new CallTimedOut({ action: flying.action.name, timeoutMs: flying.timeoutMs })))
  }
}
