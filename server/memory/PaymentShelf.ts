import type { Payment, PaymentFact } from "#core/payment/Payment.ts"
import type { Unmatched } from "#core/payment/Unmatched.ts"
import type { ProviderEvent } from "../payments/Provider.ts"
import { SortedKeys } from "./SortedKeys.ts"

/** A payment as the memory store keeps it. */
export interface KeptPayment {
  payment: Payment
  version: number
  dueAtMs: number | null
  readonly facts: Array<PaymentFact>
}

/** A webhook in the inbox. */
export interface KeptEvent {
  readonly event: ProviderEvent
  readonly receivedAtMs: number
  /** Null once it was dealt with. */
  dueAtMs: number | null
}

/** What the memory store keeps of payments. */
export class PaymentShelf {
  readonly payments = new Map<string, KeptPayment>()
  readonly paymentIds = new SortedKeys()
  readonly byToken = new Map<string, string>()
  readonly byIntent = new Map<string, string>()
  readonly byDispute = new Map<string, string>()
  /** Payments somebody must look at again. */
  readonly due = new Set<string>()
  readonly events = new Map<string, KeptEvent>()
  readonly dueEvents = new Set<string>()
  readonly customers = new Map<string, string>()
  readonly unmatched = new Map<string, Unmatched>()
}
