import type { Stream } from "../Stream.ts"
import type { TimersApi } from "../time/Timers.ts"
import { Account } from "./Account.ts"
import type { TestCard } from "./cards.ts"
import type { Luck } from "./Luck.ts"
import {
  type BalanceTransaction,
  type Charge,
  type Customer,
  type Dispute,
  methodOf,
  type NextAction,
  type PaymentIntent,
  type PaymentMethod,
  type Payout,
  type PspEvent,
  type Refund,
  type SetupIntent
} from "./objects.ts"

/** What the provider charges for its service, and how long things take. */
export interface Terms {
  /** Of what is captured: parts of ten thousand, and a fixed amount in minor units. */
  readonly feePer10000: number
  readonly feeFixed: number
  /** Kept whatever comes of a dispute. */
  readonly disputeFee: number
  /** Kept for an answer to one, and given back where it is won. */
  readonly answerFee: number
  /** How long an authorization stands. */
  readonly lifetimeMs: number
  /** Until captured money is available. */
  readonly availableAfterMs: number
  /** Until the search knows what was made. */
  readonly indexedAfterMs: number
  /** How long a present holder takes to prove to be there. */
  readonly challengeMs: number
}

const dayMs = 86_400_000

export const usualTerms: Terms = {
  feePer10000: 150,
  feeFixed: 25,
  disputeFee: 2_000,
  answerFee: 1_500,
  lifetimeMs: 7 * dayMs,
  availableAfterMs: 2 * dayMs,
  indexedAfterMs: 5_000,
  challengeMs: 15_000
}

/** The API version whose shapes are spoken. */
export const apiVersion = "2026-10-28.endive"

const letters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

interface BooksOptions {
  readonly timers: TimersApi
  /** Its ids, and nothing else. */
  readonly ids: Stream
  readonly luck: Luck
  readonly terms: Terms
  readonly onEvent: (event: PspEvent) => void
}

/** Everything the provider keeps, in plain objects; the operations are in the files beside. */
export class Books {
  readonly customers = new Map<string, Customer>()
  readonly methods = new Map<string, PaymentMethod>()
  readonly setups = new Map<string, SetupIntent>()
  readonly intents = new Map<string, PaymentIntent>()
  readonly charges = new Map<string, Charge>()
  readonly refunds = new Map<string, Refund>()
  readonly disputes = new Map<string, Dispute>()
  readonly transactions = new Map<string, BalanceTransaction>()
  readonly payouts = new Map<string, Payout>()
  readonly events = new Map<string, PspEvent>()
  /** Which payout took a balance transaction. */
  readonly paidOut = new Map<string, string>()
  readonly account = new Account()
  /** Methods that were set up for later use. */
  readonly setUp = new Set<string>()
  readonly timers: TimersApi
  readonly luck: Luck
  readonly terms: Terms
  /** Of the request that is being carried out; null when the provider acts by itself. */
  request: { readonly id: string | null; readonly idempotency_key: string | null } = { id: null, idempotency_key: null }
  private readonly deeds = new Set<{ readonly dueAtMs: number }>()
  private readonly cards = new Map<string, TestCard>()
  private readonly indexedAtMs = new Map<string, number>()
  private readonly ids: Stream
  private readonly onEvent: (event: PspEvent) => void

  constructor({ timers, ids, luck, terms, onEvent }: BooksOptions) {
    this.timers = timers
    this.ids = ids
    this.luck = luck
    this.terms = terms
    this.onEvent = onEvent
  }

  /** Epoch seconds, as the API counts. */
  now(): number {
    return Math.floor(this.timers.nowAtMs() / 1000)
  }

  id(prefix: string): string {
    let text = `${prefix}_`
    for (let i = 0; i < 24; i++) text += letters[this.ids.int(0, letters.length - 1)]
    return text
  }

  /** What banks do by themselves, by when. */
  later(afterMs: number, act: () => void): void {
    const deed = { dueAtMs: this.timers.nowAtMs() + afterMs }
    this.deeds.add(deed)
    this.timers.after(afterMs, () => {
      this.deeds.delete(deed)
      act()
    })
  }

  /** Whether a bank will do something within that time that no API call asks for. */
  isExpecting(withinMs: number): boolean {
    const untilMs = this.timers.nowAtMs() + withinMs
    for (const { dueAtMs } of this.deeds) if (dueAtMs <= untilMs) return true
    return false
  }

  /** Tells the world what became of an object, as it stands now. */
  emit(type: string, object: object): void {
    const event: PspEvent = {
      id: this.id("evt"),
      object: "event",
      api_version: apiVersion,
      created: this.now(),
      livemode: false,
      pending_webhooks: 1,
      request: this.request,
      type,
      data: { object: structuredClone(object) }
    }
    this.events.set(event.id, event)
    this.onEvent(event)
  }

  /** From when on the search finds an object. */
  index(id: string): void {
    const afterMs = this.luck.ask("indexedAfterMs") ?? this.terms.indexedAfterMs
    this.indexedAtMs.set(id, this.timers.nowAtMs() + afterMs)
  }

  isIndexed(id: string): boolean {
    return (this.indexedAtMs.get(id) ?? 0) <= this.timers.nowAtMs()
  }

  /** A method of the card behind a token: a token makes a new one each time, as its real namesakes do. */
  makeMethod(card: TestCard, customer: string | null): PaymentMethod {
    const method = methodOf(card, { id: this.id("pm"), created: this.now(), customer })
    this.methods.set(method.id, method)
    this.cards.set(method.id, card)
    return method
  }

  cardBehind(methodId: string): TestCard {
    return this.cards.get(methodId)!
  }

  /** Books a change of our balance. */
  transact(move: Pick<BalanceTransaction, "amount" | "fee" | "currency" | "type" | "source">): BalanceTransaction {
    const waits = move.type === "payout" ? 0 : Math.ceil(this.terms.availableAfterMs / 1000)
    const transaction: BalanceTransaction = {
      id: this.id("txn"),
      object: "balance_transaction",
      created: this.now(),
      available_on: this.now() + waits,
      net: move.amount - move.fee,
      reporting_category: move.type === "adjustment" ? "dispute" : move.type,
      status: "pending",
      ...move
    }
    this.transactions.set(transaction.id, transaction)
    return transaction
  }

  transaction(id: string): BalanceTransaction {
    const transaction = this.transactions.get(id)!
    if (transaction.available_on <= this.now()) transaction.status = "available"
    return transaction
  }

  /** Where a present holder proves to be there. */
  challengeUrl(id: string, returnUrl: string | null): NextAction {
    const url = `https://hooks.provider.test/3d_secure/${id}`
    return { type: "redirect_to_url", redirect_to_url: { url, return_url: returnUrl } }
  }
}
