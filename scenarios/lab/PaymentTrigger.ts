import { Effect } from "effect"
import type { PaymentStore } from "#server/payments/PaymentStore.ts"
import type { Exchange } from "#server/payments/stripe/exchange.ts"
import { type PaymentCrashAt, type PaymentCrashPoint, paymentCrashPoints } from "../paymentCrashPoints.ts"

/** Waits for a server to pass one step of a payment, and ends it there, once. */
export class PaymentTrigger {
  private readonly die: Effect.Effect<never>
  private armed: PaymentCrashAt | undefined
  private count = 0

  /** `die` ends the process that runs it and never returns. */
  constructor(die: Effect.Effect<never>) {
    this.die = die
  }

  /** How often a server died of it. */
  get deaths(): number {
    return this.count
  }

  /** It dies the next time it passes there; an earlier point is forgotten. */
  arm(point: PaymentCrashPoint): void {
    this.armed = paymentCrashPoints[point]
  }

  disarm(): void {
    this.armed = undefined
  }

  private around<A, E, R>(
    place: PaymentCrashAt["place"],
    name: string,
    work: Effect.Effect<A, E, R>
  ): Effect.Effect<A, E, R> {
    return Effect.suspend(() => {
      if (this.isDue(place, "before", name)) return this.die
      return Effect.tap(work, () => Effect.suspend(() => (this.isDue(place, "after", name) ? this.die : Effect.void)))
    })
  }

  private isDue(place: PaymentCrashAt["place"], when: PaymentCrashAt["when"], name: string): boolean {
    const { armed } = this
    if (armed?.place !== place || armed.when !== when || armed.request?.test(name) === false) return false
    this.armed = undefined
    this.count++
    return true
  }

  /** The way to the provider with the crash points on it. */
  exchange(inner: Exchange): Exchange {
    return (request) => {
      const path = request.url.replace(/^https?:\/\/[^/]+/, "").replace(/\?.*$/, "")
      return this.around("request", `${request.method} ${path} ${request.body}`, inner(request))
    }
  }

  /** The store with the crash points in it. */
  store(inner: PaymentStore["Service"]): PaymentStore["Service"] {
    return {
      ...inner,
      commit: (change) => {
        const isOfWebhook = (change.eventIds ?? []).length > 0
        const written = this.around("decision", "", inner.commit(change))
        return isOfWebhook ? this.around("effects", "", written) : written
      },
      receive: (...event) => this.around("webhook", "", inner.receive(...event)),
      closeEvent: (...event) => this.around("effects", "", inner.closeEvent(...event))
    }
  }
}
