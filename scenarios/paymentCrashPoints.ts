import type { StepAt } from "./crashPoints.ts"

/** Where the lab can stop a server while it deals with payments. */
export interface PaymentCrashAt extends StepAt<"request" | "decision" | "webhook" | "effects"> {
  /** Of a request: what it is for, as `POST /path body`; any when not given. */
  readonly request?: RegExp
}

const post = (request: RegExp) => ({
  before: { place: "request", when: "before", request } as const,
  after: { place: "request", when: "after", request } as const
})

const hold = post(/^POST \/v1\/payment_intents (?!.*off_session=true)/)
const charge = post(/^POST \/v1\/payment_intents .*off_session=true/)
const increment = post(/\/increment_authorization /)
const capture = post(/\/capture /)
const release = post(/\/cancel /)
const refund = post(/^POST \/v1\/refunds /)

/**
 * Every step of a payment at which a server can be made to die as by `kill -9`. Before a request: the attempt is
 * written and the provider has not heard of it. After: the provider has carried it out, and its answer was never read.
 */
export const paymentCrashPoints = {
  "before the next hold is asked for": hold.before,
  "after the next hold is answered": hold.after,
  "before the next increment is asked for": increment.before,
  "after the next increment is answered": increment.after,
  "before the next capture is asked for": capture.before,
  "after the next capture is answered": capture.after,
  "before the next release is asked for": release.before,
  "after the next release is answered": release.after,
  "before the next refund is asked for": refund.before,
  "after the next refund is answered": refund.after,
  "before the next charge of a kept card is asked for": charge.before,
  "after the next charge of a kept card is answered": charge.after,
  /** Decided and not written: the step is decided again. */
  "before the next decision on a payment is written": { place: "decision", when: "before" },
  /** Written and not acted upon: whoever takes the payment up goes on from there. */
  "after the next decision on a payment is written": { place: "decision", when: "after" },
  /** Received and not kept: the provider sends it again. */
  "before the next webhook is kept": { place: "webhook", when: "before" },
  /** Kept, and the provider was not told so: it comes twice. */
  "after the next webhook is kept": { place: "webhook", when: "after" },
  /** Taken up and not carried out: its lease ends, and it is taken up again. */
  "before the effects of the next webhook are written": { place: "effects", when: "before" },
  /** Carried out, and nothing else that follows from it. */
  "after the effects of the next webhook are written": { place: "effects", when: "after" }
} as const satisfies Readonly<Record<string, PaymentCrashAt>>

/** The name of a crash point of payments. */
export type PaymentCrashPoint = keyof typeof paymentCrashPoints

/** All of them, in the order listed. */
export const paymentCrashPointNames = Object.keys(paymentCrashPoints) as ReadonlyArray<PaymentCrashPoint>
