import { createHmac } from "node:crypto"
import Stripe from "stripe"
import { makeFetch } from "#simulator/psp/fetch.ts"
import type { Notice } from "#simulator/psp/Notifier.ts"
import { Provider, type ProviderOptions } from "#simulator/psp/Provider.ts"
import * as Stream from "#simulator/Stream.ts"
import type { TimersApi } from "#simulator/time/Timers.ts"

interface Alarm {
  readonly atMs: number
  readonly order: number
  readonly callback: () => void
}

/** Timers that only go on when somebody waits, and then as far as needed. */
export class Clockwork implements TimersApi {
  private now: number
  private alarms: Array<Alarm> = []
  private order = 0

  constructor(startAtMs: number) {
    this.now = startAtMs
  }

  nowAtMs = (): number => this.now

  soon = (callback: () => void): void => {
    this.after(0, callback)
  }

  after = (ms: number, callback: () => void): (() => void) => {
    const alarm = { atMs: this.now + Math.max(0, Math.ceil(ms)), order: this.order++, callback }
    this.alarms.push(alarm)
    this.alarms.sort((a, b) => a.atMs - b.atMs || a.order - b.order)
    return () => {
      this.alarms = this.alarms.filter((one) => one !== alarm)
    }
  }

  private step(untilMs: number): boolean {
    const next = this.alarms[0]
    if (next === undefined || next.atMs > untilMs) return false
    this.alarms.shift()
    this.now = next.atMs
    next.callback()
    return true
  }

  /** Lets time pass. */
  pass(ms: number): void {
    const untilMs = this.now + ms
    while (this.step(untilMs));
    this.now = untilMs
  }

  /** Lets time pass until the promise settles. */
  async until<A>(promise: Promise<A>): Promise<A> {
    let isOver = false
    const over = promise.finally(() => {
      isOver = true
    })
    over.catch(() => {})
    while (!isOver) {
      await new Promise((resolve) => setImmediate(resolve))
      if (!isOver && !this.step(Number.POSITIVE_INFINITY)) throw new Error("nothing will ever answer")
    }
    return over
  }
}

export const startAtMs = Date.UTC(2026, 5, 1, 8)
export const webhookSecret = "whsec_test"

export const sign = (secret: string, text: string): string => createHmac("sha256", secret).update(text).digest("hex")

/** A provider with the real SDK before it, and everything that it notified. */
export const openDesk = (options: Partial<ProviderOptions> & { readonly seed?: string } = {}) => {
  const clock = new Clockwork(startAtMs)
  const stream = Stream.make(options.seed ?? "desk", "provider")
  const notices: Array<Notice> = []
  const provider = new Provider({
    timers: clock,
    stream,
    apiKey: "sk_test_key",
    webhookSecret,
    sign,
    deliver: (notice, answered) => {
      notices.push(notice)
      answered(200)
    },
    ...options
  })
  const fetch = makeFetch({ provider, timers: clock, stream: stream.split("network"), timeoutMs: 20_000 })
  const stripe = new Stripe("sk_test_key", {
    maxNetworkRetries: 0,
    telemetry: false,
    httpClient: Stripe.createFetchHttpClient(fetch as unknown as typeof globalThis.fetch)
  })
  const call = <A>(promise: Promise<A>): Promise<A> => clock.until(promise)
  /** What a call is refused with. */
  const refusal = async (promise: Promise<unknown>): Promise<InstanceType<typeof Stripe.errors.StripeError>> => {
    const failed = await call(
      promise.then(
        () => undefined,
        (error: unknown) => error
      )
    )
    if (failed instanceof Stripe.errors.StripeError) return failed
    throw new Error(`it was not refused: ${String(failed)}`)
  }
  const types = () => notices.map(({ body }) => JSON.parse(body).type as string)
  return { clock, provider, stripe, call, refusal, notices, types }
}

export type Desk = ReturnType<typeof openDesk>

/** Holds an amount on a test card. */
export const hold = (desk: Desk, amount: number, more: Partial<Stripe.PaymentIntentCreateParams> = {}) =>
  desk.call(
    desk.stripe.paymentIntents.create({
      amount,
      currency: "eur",
      capture_method: "manual",
      payment_method: "pm_card_visa",
      confirm: true,
      metadata: { session: "S-1" },
      payment_method_options: { card: { request_incremental_authorization: "if_available" } },
      ...more
    })
  )
