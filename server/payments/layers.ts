import { Layer } from "effect"
import { PaymentDesk } from "./Desk.ts"
import { Payments, type PaymentsOptions } from "./Payments.ts"
import type { PaymentProvider } from "./Provider.ts"
import { type WorkerOptions, worker } from "./Worker.ts"

/** Payments, where a provider is set. */
export interface PaymentSettings extends PaymentsOptions, WorkerOptions {
  readonly provider: Layer.Layer<PaymentProvider>
}

/** The desk, with the machinery behind it where payments are on. */
export const layer = (settings: PaymentSettings | undefined) =>
  settings === undefined
    ? PaymentDesk.off
    : Layer.merge(PaymentDesk.on, worker(settings)).pipe(
        Layer.provide(Payments.layer(settings)),
        Layer.provide(settings.provider)
      )
