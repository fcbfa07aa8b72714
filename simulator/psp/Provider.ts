import type { PspRecord } from "../oracles/payments.ts"
import type { Stream } from "../Stream.ts"
import type { TimersApi } from "../time/Timers.ts"
import type { TrueIntent } from "./Account.ts"
import { apiVersion, Books, type Terms, usualTerms } from "./Books.ts"
import { canonical, type Form, parseForm } from "./form.ts"
import { IdempotencyKeys } from "./IdempotencyKeys.ts"
import { confirm } from "./intents.ts"
import { type Fate, Luck } from "./Luck.ts"
import { forget, overturn } from "./mishaps.ts"
import { payOut } from "./money.ts"
import { type Deliver, type Forgery, type NoticeCount, Notifier, type Sign } from "./Notifier.ts"
import type { PaymentIntent, SetupIntent } from "./objects.ts"
import { confirmSetup } from "./people.ts"
import { broken, type PspRequest, type PspResponse, type Reply, rateLimited, unauthorized } from "./Reply.ts"
import { expanded } from "./reading.ts"
import { route } from "./routes.ts"

export interface ProviderOptions {
  readonly timers: TimersApi
  readonly stream: Stream
  /** The key that requests must carry. */
  readonly apiKey: string
  readonly webhookSecret: string
  readonly sign: Sign
  /** Where notifications go. */
  readonly deliver: Deliver
  readonly terms?: Partial<Terms>
  /** How long a request takes to be carried out, ms; 30 to 150 by chance when not given. */
  readonly workMs?: (stream: Stream) => number
}

const dayMs = 86_400_000

/**
 * A payment service provider that speaks Stripe's HTTP API: a state machine in plain objects, on any timers, with
 * chance from one stream. It keeps its own account of the money, and misbehaves as its {@link Luck} has it.
 */
export class Provider {
  readonly luck = new Luck()
  private readonly books: Books
  private readonly keys = new IdempotencyKeys()
  private readonly notifier: Notifier
  private readonly options: ProviderOptions
  private readonly work: Stream
  private served = 0
  private stopPayouts: () => void = () => {}

  constructor(options: ProviderOptions) {
    const { timers, stream, sign, webhookSecret, deliver } = options
    this.options = options
    this.work = stream.split("work")
    const terms = { ...usualTerms, ...options.terms }
    this.notifier = new Notifier({
      timers,
      stream: stream.split("notices"),
      luck: this.luck,
      sign,
      secret: webhookSecret,
      deliver
    })
    this.books = new Books({
      timers,
      ids: stream.split("ids"),
      luck: this.luck,
      terms,
      onEvent: (event) => this.notifier.send(event)
    })
  }

  /** Pays out once a day from now on, until stopped. */
  startPayouts(): void {
    this.stopPayouts = this.options.timers.after(dayMs, () => {
      payOut(this.books)
      this.startPayouts()
    })
  }

  stop(): void {
    this.stopPayouts()
  }

  /** What truly happened, by intent. */
  get truth(): ReadonlyArray<TrueIntent> {
    return this.books.account.intents
  }

  /** Everything it knows that a CMS's books can be held to. */
  get record(): PspRecord {
    const paidOut = new Map<string, bigint>()
    for (const { currency, amount } of this.books.payouts.values()) {
      const code = currency.toUpperCase()
      paidOut.set(code, (paidOut.get(code) ?? 0n) + BigInt(amount))
    }
    return { intents: this.truth, paidOut, forgedAccepted: this.notifier.count.forgedAccepted }
  }

  get notices(): Readonly<NoticeCount> {
    return this.notifier.count
  }

  /** Notifications that still wait to be accepted. */
  get outstandingNotices(): number {
    return this.notifier.outstanding
  }

  /** Whether a bank will do something within that time that no API call asks for. */
  isExpecting(withinMs: number): boolean {
    return this.books.isExpecting(withinMs)
  }

  /** How many requests were heard. */
  get requests(): number {
    return this.served
  }

  /** The objects as they stand, for tests and comparison. */
  get objects(): Pick<Books, "intents" | "charges" | "refunds" | "disputes" | "transactions" | "events" | "payouts"> {
    return this.books
  }

  /**
   * Hears a request and answers it later, at most once. A request that is left without an answer was carried out or
   * not, as luck had it.
   */
  handle(request: PspRequest, answer: (response: PspResponse) => void): void {
    this.served++
    const fate = this.luck.ask("receive", request) ?? answered
    const { timers } = this.options
    const workMs = this.options.workMs?.(this.work) ?? this.work.int(30, 150)
    if (fate._tag === "Busy") {
      timers.after(5, () => answer(write(rateLimited, this.books.id("req"))))
      return
    }
    if (fate._tag === "Silent" && !fate.made) return
    this.begin(request, fate, workMs + (fate._tag === "Slow" ? fate.forMs : 0), answer)
  }

  private begin(request: PspRequest, fate: Fate, workMs: number, answer: (response: PspResponse) => void): void {
    const { timers, apiKey } = this.options
    const requestId = this.books.id("req")
    const say = (reply: Reply, isReplay = false) => {
      if (fate._tag !== "Silent") answer(write(reply, requestId, isReplay))
    }
    if (request.headers.authorization !== `Bearer ${apiKey}`) {
      say(unauthorized)
      return
    }
    const cut = request.path.indexOf("?")
    const path = cut < 0 ? request.path : request.path.slice(0, cut)
    const form = parseForm(request.method === "POST" ? request.body : cut < 0 ? "" : request.path.slice(cut + 1))
    const key = request.method === "POST" ? request.headers["idempotency-key"] : undefined
    if (key !== undefined) {
      const known = this.keys.begin(key, `${path} ${canonical(form)}`, timers.nowAtMs())
      if (known !== undefined) {
        timers.after(workMs, () => say(known.again, known.isReplay))
        return
      }
    }
    timers.after(workMs, () => {
      const reply =
        fate._tag === "Broken" && !fate.made ? broken : this.carryOut(request.method, path, form, requestId, key)
      const said = fate._tag === "Broken" && reply.kept ? broken : reply
      if (key !== undefined) this.keys.finish(key, said)
      say(said)
    })
  }

  private carryOut(method: string, path: string, form: Form, requestId: string, key: string | undefined): Reply {
    this.books.request = { id: requestId, idempotency_key: key ?? null }
    const reply = expanded(this.books, route(this.books, method, path, form), form)
    this.books.request = { id: null, idempotency_key: null }
    // Written down now: the object may change before the answer leaves.
    return { ...reply, body: structuredClone(reply.body) }
  }

  /**
   * A holder enters a card on the payment page that a client secret opens; false when the page shows an error. Works
   * for payment intents and setup intents.
   */
  enterCard(clientSecret: string, token: string): boolean {
    const id = clientSecret.slice(0, clientSecret.indexOf("_secret_"))
    const form = parseForm(`payment_method=${encodeURIComponent(token)}`)
    const intent = this.books.intents.get(id)
    if (intent !== undefined)
      return intent.client_secret === clientSecret && confirm(this.books, intent, form).status === 200
    const setup = this.books.setups.get(id)
    return setup?.client_secret === clientSecret && confirmSetup(this.books, setup, form).status === 200
  }

  /** Whoever knows the endpoint's address says that an intent has been paid. `pick` chooses among those that exist; false when there are none. */
  forge(how: Forgery, pick: (count: number) => number): boolean {
    const all = [...this.books.intents.values()]
    const lived = all[pick(all.length)]
    if (lived === undefined) return false
    const paid: PaymentIntent = {
      ...structuredClone(lived),
      status: "succeeded",
      amount_capturable: 0,
      amount_received: lived.amount
    }
    const event = {
      id: this.books.id("evt"),
      object: "event" as const,
      api_version: apiVersion,
      created: this.books.now(),
      livemode: false as const,
      pending_webhooks: 1,
      request: { id: null, idempotency_key: null },
      type: "payment_intent.succeeded",
      data: { object: paid }
    }
    this.notifier.forge(event, how)
    return true
  }

  /** Loses an intent that was taken, as if it had never been; see {@link forget}. */
  forget(intentId: string): (() => void) | undefined {
    return forget(this.books, intentId)
  }

  /** A bank gives back what it had decided to keep; see {@link overturn}. */
  overturn(disputeId: string): boolean {
    return overturn(this.books, disputeId)
  }

  /** What a payment page shows of an intent, by its client secret. */
  look(clientSecret: string): PaymentIntent | SetupIntent | undefined {
    const id = clientSecret.slice(0, clientSecret.indexOf("_secret_"))
    return this.books.intents.get(id) ?? this.books.setups.get(id)
  }

  /** Reads one object without a request, by its path. */
  peek(path: string): unknown {
    const cut = path.indexOf("?")
    const form = cut < 0 ? {} : parseForm(path.slice(cut + 1))
    return route(this.books, "GET", cut < 0 ? path : path.slice(0, cut), form).body
  }

  /** The amount that a holder is asked to agree to; undefined when nothing is asked. */
  amountOf(clientSecret: string): number | undefined {
    const there = this.look(clientSecret)
    return there?.object === "payment_intent" ? there.amount : undefined
  }
}

const answered: Fate = { _tag: "Answered" }

const write = (reply: Reply, requestId: string, isReplay = false): PspResponse => ({
  status: reply.status,
  headers: {
    "content-type": "application/json",
    "request-id": requestId,
    "stripe-version": apiVersion,
    ...(isReplay ? { "idempotent-replayed": "true" } : {})
  },
  body: JSON.stringify(reply.body)
})
