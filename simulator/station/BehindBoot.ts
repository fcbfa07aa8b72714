import { type CallFailure, Disconnected, TooManyWaiting } from "#core/ocpp/CallFailure.ts"
import type { Purpose } from "./Registration.ts"

/** As many as a line keeps waiting. */
export const mostHeld = 32

/** A CALL that waits for the answer to a boot. */
export interface HeldCall {
  readonly action: string
  readonly purpose: Purpose
  readonly send: () => void
  readonly failed: (failure: CallFailure) => void
}

/**
 * What a station wanted to say while a boot was unanswered. It goes when the answer lets it, and not at all when the
 * answer turns the station away (1.6 section 4.2, 2.0.1 B02 and B03): a queue on the line would have it sent already.
 */
export class BehindBoot {
  private calls: Array<HeldCall> = []

  /** Keeps a CALL; one too many fails at once. */
  hold(call: HeldCall): void {
    if (this.calls.length < mostHeld) this.calls.push(call)
    else call.failed(new TooManyWaiting({ action: call.action, limit: mostHeld }))
  }

  /** The boot is over: each is sent, in the order held, or fails as one that never left. */
  release(may: (purpose: Purpose) => boolean): void {
    for (const { action, purpose, send, failed } of this.calls.splice(0)) {
      if (may(purpose)) send()
      else failed(new Disconnected({ action, sent: false }))
    }
  }
}
