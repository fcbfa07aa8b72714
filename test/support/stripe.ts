import { Effect } from "effect"
import Stripe from "stripe"
import {
  type Exchange,
  ExchangeFailed,
  type ExchangeRequest,
  type ExchangeResponse
} from "#server/payments/stripe/exchange.ts"

/**
 * What goes wrong with the next request of that kind: `lost`: it is not carried out; `silent`: it is, and not answered;
 * `late`: it is, and its answer, which tells how things were then, comes so much later.
 */
export type Trouble =
  | { readonly on: RegExp; readonly what: "lost" | "silent" }
  | { readonly on: RegExp; readonly what: "late"; readonly byMs: number }
  | { readonly on: RegExp; readonly what: "declined"; readonly code: string }
  | { readonly on: RegExp; readonly what: "error"; readonly status: number }

interface Intent {
  readonly id: string
  readonly created: number
  readonly client_secret: string
  readonly currency: string
  readonly capture_method: string
  readonly metadata: Record<string, string>
  readonly customer: string | null
  amount: number
  amount_received: number
  status: string
  last_payment_error: { readonly code: string; readonly decline_code: string } | null
}

interface Refund {
  readonly id: string
  readonly payment_intent: string
  readonly amount: number
  readonly metadata: Record<string, string>
  readonly status: string
}

interface Dispute {
  readonly id: string
  readonly payment_intent: string
  readonly amount: number
  readonly reason: string
  status: string
  readonly evidence_details: { readonly due_by: number; submission_count: number }
  readonly balance_transactions: Array<object>
  /** What was submitted. */
  evidence: Readonly<Record<string, string>>
}

/** As much of Stripe as a test needs: intents, refunds, disputes and idempotency keys, with trouble on request. */
export class StripeStub {
  readonly intents = new Map<string, Intent>()
  readonly refunds = new Map<string, Refund>()
  readonly disputes = new Map<string, Dispute>()
  /** Every request, as `POST /v1/payment_intents`. */
  readonly seen: Array<string> = []
  readonly trouble: Array<Trouble> = []
  /** Sent to the bank, as the list tells them. */
  readonly payouts: Array<{ readonly id: string; readonly amount: number; readonly currency: string }> = []
  /** How a list of intents is ordered: newest first. */
  ordered: (intents: ReadonlyArray<Intent>) => ReadonlyArray<Intent> = (intents) => intents.toReversed()
  /** A list never says that it has ended. */
  goesRound = false
  readonly secret = "whsec_test"
  private readonly answers = new Map<string, { readonly body: string; readonly response: ExchangeResponse }>()
  private made = 0
  private readonly nowMs: () => number

  constructor(nowMs: () => number) {
    this.nowMs = nowMs
  }

  readonly exchange: Exchange = (request) =>
    Effect.gen({ self: this }, function* () {
      yield* Effect.sleep(20)
      const path = new URL(request.url).pathname
      const name = `${request.method} ${path}`
      this.seen.push(name)
      const index = this.trouble.findIndex(({ on }) => on.test(name))
      const [trouble] = index < 0 ? [] : this.trouble.splice(index, 1)
      if (trouble?.what === "lost") return yield* Effect.never
      const response =
        trouble?.what === "error"
          ? answer(trouble.status, { error: { type: "api_error", message: "trouble" } })
          : this.answerOnce(request, path, trouble?.what === "declined" ? trouble.code : undefined)
      if (trouble?.what === "silent") return yield* Effect.never
      if (trouble?.what === "late") yield* Effect.sleep(trouble.byMs)
      return response
    })

  /** The driver confirms on the provider's own page. */
  confirm(intentId: string): void {
    this.intents.get(intentId)!.status = "requires_capture"
  }

  /** A webhook about an intent, and its signature. */
  webhook(id: string, type: string, object: object): { readonly raw: string; readonly signature: string } {
    const raw = JSON.stringify({
      id,
      object: "event",
      type,
      created: Math.floor(this.nowMs() / 1000),
      data: { object }
    })
    const timestamp = Math.floor(this.nowMs() / 1000)
    return {
      raw,
      signature: Stripe.webhooks.generateTestHeaderString({ payload: raw, secret: this.secret, timestamp })
    }
  }

  /** The holder of the card has its bank take back what was paid; the provider keeps 15.00. */
  dispute(intentId: string, dueByMs: number): Dispute {
    const dispute: Dispute = {
      id: `du_${++this.made}`,
      payment_intent: intentId,
      amount: this.intents.get(intentId)!.amount_received,
      reason: "fraudulent",
      status: "needs_response",
      evidence_details: { due_by: Math.floor(dueByMs / 1000), submission_count: 0 },
      balance_transactions: [{ fee: 1_500 }],
      evidence: {}
    }
    this.disputes.set(dispute.id, dispute)
    return dispute
  }

  intentObject(intentId: string): object {
    return { ...this.intents.get(intentId)!, object: "payment_intent" }
  }

  /** What was taken and not given back. */
  netMinor(): number {
    const taken = [...this.intents.values()].reduce((sum, { amount_received }) => sum + amount_received, 0)
    return taken - [...this.refunds.values()].reduce((sum, { amount }) => sum + amount, 0)
  }

  private answerOnce(request: ExchangeRequest, path: string, decline: string | undefined): ExchangeResponse {
    const key = request.headers["idempotency-key"]
    const known = key === undefined ? undefined : this.answers.get(key)
    if (known !== undefined) {
      if (known.body === request.body) return known.response
      return answer(400, { error: { type: "idempotency_error", message: "other parameters" } })
    }
    const response = this.route(request, path, decline)
    if (key !== undefined) this.answers.set(key, { body: request.body, response })
    return response
  }

  private route(request: ExchangeRequest, path: string, decline: string | undefined): ExchangeResponse {
    const form = new URLSearchParams(request.method === "GET" ? new URL(request.url).search : request.body)
    const [, , resource, id, action] = path.split("/")
    if (resource === "customers" && action === "payment_methods") {
      const card = { brand: "visa", last4: "4242", exp_month: 1, exp_year: 2030 }
      return answer(200, list([{ id: "pm_1", object: "payment_method", card }]))
    }
    if (resource === "setup_intents") return answer(200, { id: "seti_1", object: "setup_intent", client_secret: "s" })
    if (resource === "customers") return answer(200, { id: "cus_1", object: "customer" })
    if (resource === "disputes") return this.disputeRoute(request, form, id, action)
    if (resource === "payouts") return answer(200, list(this.payouts))
    if (resource === "refunds") return this.refundRoute(request, form)
    if (request.method === "GET" && id === undefined) return answer(200, this.pageOf(form))
    if (id === undefined) return this.create(form, decline)
    const intent = this.intents.get(id)
    if (intent === undefined) return answer(404, { error: { type: "invalid_request_error", code: "resource_missing" } })
    if (decline !== undefined) return declined(intent, decline)
    if (action === "capture") {
      intent.status = "succeeded"
      intent.amount_received = Number(form.get("amount_to_capture") ?? intent.amount)
    } else if (action === "cancel") intent.status = "canceled"
    else if (action === "increment_authorization") intent.amount = Number(form.get("amount"))
    return answer(200, whole(intent))
  }

  /** A page of the intents of a time; of all times where the request names none. */
  private pageOf(form: URLSearchParams): object {
    const from = Number(form.get("created[gte]") ?? 0)
    const before = Number(form.get("created[lt]") ?? Number.POSITIVE_INFINITY)
    const within = [...this.intents.values()].filter(({ created }) => created >= from && created < before)
    const all = this.ordered(within)
    const start = all.findIndex(({ id }) => id === form.get("starting_after")) + 1
    const end = start + Number(form.get("limit") ?? 10)
    return { ...list(all.slice(start, end)), has_more: end < all.length || this.goesRound }
  }

  private refundRoute(request: ExchangeRequest, form: URLSearchParams): ExchangeResponse {
    if (request.method === "GET")
      return answer(
        200,
        list([...this.refunds.values()].filter((it) => it.payment_intent === form.get("payment_intent")))
      )
    const refund: Refund = {
      id: `re_${++this.made}`,
      payment_intent: form.get("payment_intent")!,
      amount: Number(form.get("amount")),
      metadata: metadataOf(form),
      status: "succeeded"
    }
    this.refunds.set(refund.id, refund)
    return answer(200, { ...refund, object: "refund" })
  }

  private disputeRoute(
    request: ExchangeRequest,
    form: URLSearchParams,
    id: string | undefined,
    action: string | undefined
  ): ExchangeResponse {
    if (request.method === "GET")
      return answer(
        200,
        list([...this.disputes.values()].filter((it) => it.payment_intent === form.get("payment_intent")))
      )
    const dispute = this.disputes.get(id ?? "")
    if (dispute === undefined)
      return answer(404, { error: { type: "invalid_request_error", code: "resource_missing" } })
    if (action === "close") dispute.status = "lost"
    else {
      dispute.status = "under_review"
      dispute.evidence_details.submission_count++
      dispute.evidence = Object.fromEntries(
        [...form].flatMap(([name, value]) => {
          const field = /^evidence\[(.+)\]$/.exec(name)?.[1]
          return field === undefined ? [] : [[field, value] as const]
        })
      )
    }
    return answer(200, { ...dispute, object: "dispute" })
  }

  private create(form: URLSearchParams, decline: string | undefined): ExchangeResponse {
    const id = `pi_${++this.made}`
    const intent: Intent = {
      id,
      created: Math.floor(this.nowMs() / 1000),
      client_secret: `${id}_secret`,
      currency: form.get("currency")!,
      capture_method: form.get("capture_method") ?? "automatic",
      metadata: metadataOf(form),
      customer: form.get("customer"),
      amount: Number(form.get("amount")),
      amount_received: 0,
      status: "requires_payment_method",
      last_payment_error: null
    }
    this.intents.set(id, intent)
    if (decline !== undefined) return declined(intent, decline)
    if (form.get("confirm") === "true") {
      intent.status = intent.capture_method === "manual" ? "requires_capture" : "succeeded"
      if (intent.status === "succeeded") intent.amount_received = intent.amount
    }
    return answer(200, whole(intent))
  }
}

const whole = (intent: Intent): object => ({
  ...intent,
  object: "payment_intent",
  latest_charge:
    intent.status === "requires_payment_method" ? null : { id: "ch", object: "charge", status: "succeeded" }
})

const declined = (intent: Intent, code: string): ExchangeResponse => {
  intent.last_payment_error = { code: "card_declined", decline_code: code }
  const error = { type: "card_error", code: "card_declined", decline_code: code, payment_intent: whole(intent) }
  return answer(402, { error })
}

const list = (data: ReadonlyArray<object>) => ({ object: "list", data, has_more: false, url: "/" })

const metadataOf = (form: URLSearchParams): Record<string, string> =>
  Object.fromEntries(
    [...form].flatMap(([name, value]) => {
      const key = /^metadata\[(.+)\]$/.exec(name)?.[1]
      return key === undefined ? [] : [[key, value] as const]
    })
  )

const answer = (status: number, body: object): ExchangeResponse => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body)
})

/** No network at all. */
export const unreachable: Exchange = () => Effect.fail(new ExchangeFailed({ message: "no route" }))
