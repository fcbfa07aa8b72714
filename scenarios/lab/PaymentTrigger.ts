import type { PaymentStore } from "#server/payments/PaymentStore.ts"
import type { Exchange } from "#server/payments/stripe/exchange.ts"
import { type PaymentCrashAt, type PaymentCrashPoint, paymentCrashPoints } from "../paymentCrashPoints.ts"
import { StepTrigger } from "./StepTrigger.ts"

/** Waits for a server to pass one step of a payment, and ends it there, once. */
export class PaymentTrigger extends StepTrigger<PaymentCrashAt> {
  arm(point: PaymentCrashPoint): void {
    this.armAt(paymentCrashPoints[point])
  }

  /** The way to the provider with the crash points on it. */
  exchange(inner: Exchange): Exchange {
    return (request) => {
      const path = request.url.replace(/^https?:\/\/[^/]+/, "").replace(/\?.*$/, "")
      const name = `${request.method} ${path} ${request.body}`
      return this.around("request", inner(request), (at) => at.request?.test(name) !== false)
    }
  }

  /** The store with the crash points in it. */
  store(inner: PaymentStore["Service"]): PaymentStore["Service"] {
    return {
      ...inner,
      commit: (change) => {
        const isOfWebhook = (change.eventIds ?? []).length > 0
        const written = this.around("decision", inner.commit(change))
        return isOfWebhook ? this.around("effects", written) : written
      },
      receive: (...event) => this.around("webhook", inner.receive(...event)),
      closeEvent: (...event) => this.around("effects", inner.closeEvent(...event))
    }
  }
}
