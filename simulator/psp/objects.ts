import type { TestCard } from "./cards.ts"

/**
 * The provider's objects as it keeps them and as it sends them: names, statuses and units are those of its API. Amounts
 * are whole minor units as JSON numbers, instants epoch seconds.
 */

export type Metadata = Readonly<Record<string, string>>

export interface Customer {
  readonly id: string
  readonly object: "customer"
  readonly created: number
  readonly livemode: false
  email: string | null
  name: string | null
  metadata: Metadata
  invoice_settings: { default_payment_method: string | null }
  deleted?: true
}

export interface PaymentMethod {
  readonly id: string
  readonly object: "payment_method"
  readonly type: "card"
  readonly created: number
  readonly livemode: false
  readonly card: { readonly brand: string; readonly last4: string; readonly exp_month: 12; readonly exp_year: 2034 }
  readonly billing_details: Readonly<Record<string, null>>
  readonly metadata: Metadata
  customer: string | null
}

/** What a try ended with, as `last_payment_error` and `last_setup_error` carry it. */
export interface TryError {
  readonly type: "card_error" | "invalid_request_error"
  readonly code: string
  readonly decline_code?: string
  readonly message: string
}

export interface SetupIntent {
  readonly id: string
  readonly object: "setup_intent"
  readonly created: number
  readonly livemode: false
  readonly client_secret: string
  readonly usage: string
  status: "requires_payment_method" | "requires_confirmation" | "requires_action" | "succeeded" | "canceled"
  customer: string | null
  payment_method: string | null
  next_action: NextAction | null
  last_setup_error: TryError | null
  metadata: Metadata
}

export interface NextAction {
  readonly type: "redirect_to_url"
  readonly redirect_to_url: { readonly url: string; readonly return_url: string | null }
}

export type IntentStatus =
  | "requires_payment_method"
  | "requires_confirmation"
  | "requires_action"
  | "processing"
  | "requires_capture"
  | "canceled"
  | "succeeded"

export interface PaymentIntent {
  readonly id: string
  readonly object: "payment_intent"
  readonly created: number
  readonly livemode: false
  readonly client_secret: string
  readonly currency: string
  readonly capture_method: "automatic" | "manual"
  readonly confirmation_method: "automatic"
  readonly payment_method_types: ReadonlyArray<"card">
  readonly payment_method_options: { readonly card: Readonly<Record<string, string>> }
  readonly setup_future_usage: string | null
  amount: number
  amount_capturable: number
  amount_received: number
  status: IntentStatus
  customer: string | null
  description: string | null
  payment_method: string | null
  next_action: NextAction | null
  last_payment_error: TryError | null
  latest_charge: string | null
  canceled_at: number | null
  cancellation_reason: string | null
  metadata: Metadata
}

export interface CardDetails {
  readonly brand: string
  readonly last4: string
  readonly capture_before?: number
  readonly amount_authorized: number | null
  readonly incremental_authorization: { readonly status: "available" | "unavailable" }
  readonly partial_authorization: { readonly status: string }
}

export interface Charge {
  readonly id: string
  readonly object: "charge"
  readonly created: number
  readonly livemode: false
  readonly currency: string
  readonly payment_intent: string
  readonly customer: string | null
  readonly payment_method: string
  readonly metadata: Metadata
  amount: number
  amount_captured: number
  amount_refunded: number
  captured: boolean
  refunded: boolean
  disputed: boolean
  paid: boolean
  status: "succeeded" | "failed"
  failure_code: string | null
  failure_message: string | null
  outcome: { readonly type: string; readonly network_status: string; readonly reason: string | null } | null
  balance_transaction: string | null
  dispute: string | null
  payment_method_details: { readonly type: "card"; card: CardDetails }
}

export interface Refund {
  readonly id: string
  readonly object: "refund"
  readonly created: number
  readonly amount: number
  readonly currency: string
  readonly charge: string
  readonly payment_intent: string
  readonly reason: string | null
  readonly metadata: Metadata
  balance_transaction: string | null
  status: "pending" | "succeeded" | "failed" | "canceled"
  failure_reason?: string
}

export interface Dispute {
  readonly id: string
  readonly object: "dispute"
  readonly created: number
  readonly livemode: false
  readonly amount: number
  readonly currency: string
  readonly charge: string
  readonly payment_intent: string
  readonly reason: string
  readonly is_charge_refundable: boolean
  readonly metadata: Metadata
  balance_transactions: Array<BalanceTransaction>
  status: "needs_response" | "under_review" | "won" | "lost"
  evidence: Readonly<Record<string, string>>
  evidence_details: {
    readonly due_by: number
    has_evidence: boolean
    past_due: boolean
    submission_count: number
  }
}

export interface BalanceTransaction {
  readonly id: string
  readonly object: "balance_transaction"
  readonly created: number
  readonly available_on: number
  readonly amount: number
  readonly fee: number
  readonly net: number
  readonly currency: string
  readonly type: "charge" | "refund" | "adjustment" | "refund_failure" | "payout"
  readonly reporting_category: string
  readonly source: string
  status: "pending" | "available"
}

export interface Payout {
  readonly id: string
  readonly object: "payout"
  readonly created: number
  readonly livemode: false
  readonly arrival_date: number
  readonly amount: number
  readonly currency: string
  readonly automatic: true
  readonly balance_transaction: string
  readonly metadata: Metadata
  readonly status: "paid"
}

export interface PspEvent {
  readonly id: string
  readonly object: "event"
  readonly api_version: string
  readonly created: number
  readonly livemode: false
  readonly pending_webhooks: number
  readonly request: { readonly id: string | null; readonly idempotency_key: string | null }
  readonly type: string
  readonly data: { readonly object: object }
}

/** A list as the API gives one. */
export const page = (url: string, data: ReadonlyArray<object>, hasMore: boolean): object => ({
  object: "list",
  url,
  has_more: hasMore,
  data
})

export const methodOf = (
  card: TestCard,
  named: { readonly id: string; readonly created: number; readonly customer: string | null }
): PaymentMethod => ({
  ...named,
  object: "payment_method",
  type: "card",
  livemode: false,
  card: { brand: card.brand, last4: "0000", exp_month: 12, exp_year: 2034 },
  billing_details: { address: null, email: null, name: null, phone: null },
  metadata: {}
})
