import type { Stream } from "../Stream.ts"
import type { TimersApi } from "../time/Timers.ts"
import type { Luck } from "./Luck.ts"
import type { PspEvent } from "./objects.ts"

/** HMAC-SHA256 in lower-case hexadecimal; given by whoever may use the platform's. */
export type Sign = (secret: string, text: string) => string

/** A notification on its way to us. Header names in lower case. */
export interface Notice {
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

/** Takes a notice to the receiver; calls back with the status of the answer, null when there was none. */
export type Deliver = (notice: Notice, answered: (status: number | null) => void) => void

/** How a notification can be false. */
export const forgeries = ["bad signature", "stale timestamp", "foreign secret"] as const
export type Forgery = (typeof forgeries)[number]

/** What became of the notifications. */
export interface NoticeCount {
  sent: number
  accepted: number
  refused: number
  forged: number
  /** Forged ones that were taken for good: must stay 0. */
  forgedAccepted: number
  lost: number
  givenUp: number
}

interface NotifierOptions {
  readonly timers: TimersApi
  readonly stream: Stream
  readonly luck: Luck
  readonly sign: Sign
  /** What the receiver checks signatures with. */
  readonly secret: string
  readonly deliver: Deliver
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** Waits between the tries of a notification that is not accepted: three days in all. */
const retryAfterMs = [
  minuteMs,
  5 * minuteMs,
  30 * minuteMs,
  2 * hourMs,
  5 * hourMs,
  10 * hourMs,
  ...Array.from({ length: 4 }, () => 12 * hourMs)
]

/** Sends events to the webhook endpoint, at least once and in no order, until each is accepted. */
export class Notifier {
  readonly count: NoticeCount = {
    sent: 0,
    accepted: 0,
    refused: 0,
    forged: 0,
    forgedAccepted: 0,
    lost: 0,
    givenUp: 0
  }
  private readonly options: NotifierOptions
  private readonly pending = new Set<string>()
  private readonly done = new Set<string>()

  constructor(options: NotifierOptions) {
    this.options = options
  }

  /** Events that were sent and not accepted yet. */
  get outstanding(): number {
    return this.pending.size
  }

  send(event: PspEvent): void {
    const { luck, stream, timers } = this.options
    const usual = [200 + stream.int(0, 800)]
    const copies = luck.ask("send", event) ?? usual
    if (copies.length === 0) {
      this.count.lost++
      return
    }
    this.pending.add(event.id)
    for (const afterMs of copies) timers.after(afterMs, () => this.attempt(event, 0))
  }

  /** Sends what the provider never said, made to look as if it had. */
  forge(event: PspEvent, how: Forgery): void {
    const { deliver, sign, secret, timers } = this.options
    const nowS = Math.floor(timers.nowAtMs() / 1000)
    const body = JSON.stringify(event, null, 2)
    const t = how === "stale timestamp" ? nowS - 3_600 : nowS
    const key = how === "foreign secret" ? `whsec_of_somebody_else_${secret.length}` : secret
    const signed = how === "bad signature" ? `${body} ` : body
    const v1 = sign(key, `${t}.${signed}`)
    this.count.forged++
    deliver({ body, headers: headersOf(t, v1) }, (status) => {
      if (isAccepted(status)) this.count.forgedAccepted++
    })
  }

  private attempt(event: PspEvent, tries: number): void {
    const { deliver, sign, secret, timers } = this.options
    const body = JSON.stringify(event, null, 2)
    const t = Math.floor(timers.nowAtMs() / 1000)
    this.count.sent++
    deliver({ body, headers: headersOf(t, sign(secret, `${t}.${body}`)) }, (status) => {
      if (isAccepted(status)) {
        this.count.accepted++
        this.pending.delete(event.id)
        this.done.add(event.id)
        return
      }
      this.count.refused++
      // Another copy of it was accepted in the meantime.
      if (this.done.has(event.id)) return
      const afterMs = retryAfterMs[tries]
      if (afterMs === undefined) {
        this.count.givenUp++
        this.pending.delete(event.id)
      } else timers.after(afterMs, () => this.attempt(event, tries + 1))
    })
  }
}

const isAccepted = (status: number | null): boolean => status !== null && status >= 200 && status < 300

const headersOf = (t: number, v1: string): Readonly<Record<string, string>> => ({
  "content-type": "application/json; charset=utf-8",
  "stripe-signature": `t=${t},v1=${v1}`,
  "user-agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)"
})
