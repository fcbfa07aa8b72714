import { Schema } from "effect"
import { IntentView, joinIntents } from "./ProviderView.ts"

/**
 * One payment per session and payer: what is wanted (terms, what is owed), the calls made for it (attempts) and what
 * the provider says is so (intents), each written as facts that are never edited. The fold over them is indifferent to
 * order and repetition.
 */

/**
 * What a call to the provider is for. `authorize` holds; `charge` takes at once, off session, what is still owed; `contest`
 * and `accept` answer a dispute.
 */
export const purposes = ["authorize", "increment", "capture", "void", "charge", "refund", "contest", "accept"] as const

/**
 * How a call ended, as far as we know. `Unknown`: no answer, so it may have happened; only a look-up or a webhook says.
 * `Absent`: looked for and not found, to be sent again under the same key. `Declined`: the bank said no. `Refused`: the
 * provider would not have it, whatever the card.
 */
export const attemptStatuses = ["Sent", "Unknown", "Absent", "Refused", "Declined", "Done"] as const

/** One call, under an idempotency key of its own that is kept for ever. The same key always means the same body. */
export const Attempt = Schema.Struct({
  key: Schema.String,
  purpose: Schema.Literals(purposes),
  /** Counts the attempts of one purpose, from 1. */
  generation: Schema.Int,
  /** The intent it is about; null where it makes one. */
  intentId: Schema.NullOr(Schema.String),
  /** What is to be held in all, captured, charged or given back; 0 of a void. */
  amountMinor: Schema.BigIntFromString,
  /** Of a refund that no smaller bill asks for: the request's id. */
  goodwillId: Schema.NullOr(Schema.String),
  /** Of an answer to a dispute: which one. */
  disputeId: Schema.optionalKey(Schema.String),
  /** How often it was sent, under the same key. */
  tries: Schema.Int,
  status: Schema.Literals(attemptStatuses),
  /** The provider's code of what went wrong; null when nothing did. */
  code: Schema.NullOr(Schema.String),
  atMs: Schema.Int,
  /** Since when its end is not known, however often it was sent or looked for; absent while that is `atMs`. */
  sinceMs: Schema.optionalKey(Schema.Int),
  /** How often in a row it was looked for and the provider did not say. */
  looks: Schema.optionalKey(Schema.Int)
})

/** What a payment is for and by whom. */
export const Terms = Schema.Struct({
  provider: Schema.String,
  /**
   * `top-up`: `holdMinor` goes into the driver's wallet. `stray`: an intent that was found at the provider and is for nothing
   * we know. Absent: for a charge, or for an invoice.
   */
  kind: Schema.optionalKey(Schema.Literals(["top-up", "stray"])),
  /** Null: ad hoc, without an account. */
  driverId: Schema.NullOr(Schema.String),
  /** The token that charges on this payment and on no other. */
  tokenUid: Schema.String,
  /** Empty, with EVSE 0: for no charge. Then `holdReason` says for what. */
  stationId: Schema.String,
  evseId: Schema.Int,
  currency: Schema.String,
  /** What to hold before the start, and why that much, for the driver to read. */
  holdMinor: Schema.BigIntFromString,
  holdReason: Schema.String,
  /** The provider's names of the payer and of the card kept there; null when the driver enters a card at the start. */
  customerId: Schema.NullOr(Schema.String),
  methodId: Schema.NullOr(Schema.String),
  /** What the charge is to stop at, by its driver's own wish. */
  limit: Schema.optionalKey(
    Schema.Struct({
      maxWh: Schema.NullOr(Schema.Int),
      maxMs: Schema.NullOr(Schema.Int),
      maxMinor: Schema.NullOr(Schema.Int)
    })
  )
})

const Noted = { atMs: Schema.Int }

/** What is told against a dispute: text that a person at the bank reads. */
export const DisputeEvidence = Schema.Struct({
  productDescription: Schema.String,
  /** `YYYY-MM-DD`. */
  serviceDate: Schema.String,
  /** What station and meter told, and when. */
  accessLog: Schema.String,
  customerName: Schema.NullOr(Schema.String),
  customerEmail: Schema.NullOr(Schema.String),
  statement: Schema.String
})

export type DisputeEvidence = typeof DisputeEvidence.Type

/** What went back to a driver as our expense, and counts as given back of a bill that came to less since. */
export const setOffs = ["goodwill", "chargeback"] as const

export const PaymentFact = Schema.TaggedUnion({
  Attempted: { attempt: Attempt },
  /** What the provider says of one of the payment's intents. */
  Observed: { ...Noted, intent: IntentView },
  /** The station was asked to start. Written before it is, so that no start goes out twice. */
  StartAsked: { ...Noted },
  /** A transaction with the payment's token began. */
  Began: { ...Noted, transactionId: Schema.String },
  /** What the bills of the session come to. `revision` counts them, credits included: the highest stands. */
  Owed: { ...Noted, revision: Schema.Int, amountMinor: Schema.BigIntFromString },
  /** No session will come of it: what is held is let go. */
  Abandoned: { ...Noted, why: Schema.String },
  /** Money is to be given back though it is owed. */
  GoodwillAsked: { ...Noted, id: Schema.String, amountMinor: Schema.BigIntFromString, reason: Schema.String },
  /** A dispute is contested with that evidence, or accepted (null): once, by a person. */
  DisputeAnswered: {
    ...Noted,
    id: Schema.String,
    by: Schema.String,
    reason: Schema.String,
    evidence: Schema.NullOr(DisputeEvidence)
  },
  /** What is still owed will not be asked for any more. */
  WrittenOff: { ...Noted, id: Schema.String, amountMinor: Schema.BigIntFromString, reason: Schema.String },
  /** A reminder of what is still owed costs so much, and is owed with it; negative: it is owed no longer. */
  FeeAsked: { ...Noted, id: Schema.String, amountMinor: Schema.BigIntFromString },
  /** Of what is owed so much came, or was given up (negative: taken back), where it is dunned, and is booked there. */
  SettledElsewhere: { ...Noted, id: Schema.String, amountMinor: Schema.BigIntFromString },
  /**
   * So much of what was given as goodwill, or what a bank took back for good, is of what is no longer owed, and no expense of
   * ours. Negative: it is one again.
   */
  SetOff: { ...Noted, id: Schema.String, against: Schema.Literals(setOffs), amountMinor: Schema.BigIntFromString },
  /** Somebody wants another try at what the rules would leave: the operator, or a driver with another card. */
  RetryAsked: { ...Noted, id: Schema.String, methodId: Schema.NullOr(Schema.String) }
})

/** What a payment calls money that came, or was given up, where it is dunned. */
export const elsewhereId = (it: { readonly _tag: "Transferred" | "WrittenOff"; readonly id: string }): string =>
  `${it._tag}/${it.id}`

/** Whether what was settled elsewhere was given up there: no money came. */
export const isGivenUp = ({ id }: { readonly id: string }): boolean => id.startsWith("WrittenOff/")

export type Attempt = typeof Attempt.Type
export type Purpose = Attempt["purpose"]
export type AttemptStatus = Attempt["status"]
export type Terms = typeof Terms.Type
export type PaymentFact = typeof PaymentFact.Type
export type FactOf<T extends PaymentFact["_tag"]> = Extract<PaymentFact, { readonly _tag: T }>

/** A fact as plain JSON data, and back: a defect when the JSON is none. */
export const encodeFact = Schema.encodeSync(PaymentFact)
export const decodeFact = Schema.decodeUnknownSync(PaymentFact)
export const encodeTerms = Schema.encodeSync(Terms)
export const decodeTerms = Schema.decodeUnknownSync(Terms)

/** Whether it pays into a wallet. */
export const isTopUp = ({ kind }: Pick<Terms, "kind">): boolean => kind === "top-up"

/** What a payment pays. */
export const paymentKinds = ["charge", "invoice", "top-up", "stray"] as const

export const kindOf = ({ kind, stationId }: Pick<Terms, "kind" | "stationId">): (typeof paymentKinds)[number] =>
  kind ?? (stationId === "" ? "invoice" : "charge")

export interface Payment extends Terms {
  readonly id: string
  readonly createdAtMs: number
  /** By key. */
  readonly attempts: ReadonlyArray<Attempt>
  /** By id. */
  readonly intents: ReadonlyArray<IntentView>
  readonly startAsked: FactOf<"StartAsked"> | null
  readonly began: FactOf<"Began"> | null
  readonly owed: FactOf<"Owed"> | null
  readonly abandoned: FactOf<"Abandoned"> | null
  /** By id, as are those below; of a dispute its id. */
  readonly goodwill: ReadonlyArray<FactOf<"GoodwillAsked">>
  readonly disputeAnswers: ReadonlyArray<FactOf<"DisputeAnswered">>
  readonly writtenOff: ReadonlyArray<FactOf<"WrittenOff">>
  readonly retries: ReadonlyArray<FactOf<"RetryAsked">>
  readonly fees: ReadonlyArray<FactOf<"FeeAsked">>
  readonly elsewhere: ReadonlyArray<FactOf<"SettledElsewhere">>
  readonly setOff: ReadonlyArray<FactOf<"SetOff">>
}

/** A payment of which nothing happened yet. */
export const begin = (id: string, createdAtMs: number, terms: Terms): Payment => ({
  ...terms,
  id,
  createdAtMs,
  attempts: [],
  intents: [],
  startAsked: null,
  began: null,
  owed: null,
  abandoned: null,
  goodwill: [],
  disputeAnswers: [],
  writtenOff: [],
  retries: [],
  fees: [],
  elsewhere: [],
  setOff: []
})

/** Takes one fact in. Pure; any order and any repetition of the same facts ends in the same payment. */
export const evolve = (payment: Payment, fact: PaymentFact): Payment => {
  switch (fact._tag) {
    case "Attempted":
      return { ...payment, attempts: withAttempt(payment.attempts, fact.attempt) }
    case "Observed":
      return { ...payment, intents: joinIntents(payment.intents, fact.intent) }
    case "StartAsked":
      return { ...payment, startAsked: earlier(payment.startAsked, fact) }
    case "Began":
      return { ...payment, began: earlier(payment.began, fact) }
    case "Owed":
      return { ...payment, owed: latestBill(payment.owed, fact) }
    case "Abandoned":
      return { ...payment, abandoned: earlier(payment.abandoned, fact) }
    case "GoodwillAsked":
      return { ...payment, goodwill: withId(payment.goodwill, fact) }
    case "DisputeAnswered":
      return { ...payment, disputeAnswers: withId(payment.disputeAnswers, fact) }
    case "WrittenOff":
      return { ...payment, writtenOff: withId(payment.writtenOff, fact) }
    case "FeeAsked":
      return { ...payment, fees: withId(payment.fees, fact) }
    case "SettledElsewhere":
      return { ...payment, elsewhere: withId(payment.elsewhere, fact) }
    case "SetOff":
      return { ...payment, setOff: withId(payment.setOff, fact) }
    case "RetryAsked":
      return { ...payment, retries: withId(payment.retries, fact) }
  }
}

const latestBill = (known: FactOf<"Owed"> | null, told: FactOf<"Owed">): FactOf<"Owed"> => {
  if (known === null || told.revision > known.revision) return told
  return told.revision === known.revision ? earlier(known, told) : known
}

const earlier = <F extends { readonly atMs: number }>(known: F | null, told: F): F =>
  known === null || told.atMs < known.atMs ? told : known

const withId = <F extends { readonly id: string; readonly atMs: number }>(
  known: ReadonlyArray<F>,
  told: F
): ReadonlyArray<F> => {
  const there = known.find(({ id }) => id === told.id)
  if (there !== undefined && there.atMs <= told.atMs) return known
  return [...known.filter(({ id }) => id !== told.id), told].sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** More look-ups in a row than there are in years. */
const mostLooks = 100_000

/** An answer stands for good; until there is one, the last try does, and what the last look-up said of it. */
const rankOf = ({ status, tries, looks = 0 }: Attempt): number => {
  const rank = attemptStatuses.indexOf(status)
  const isOpen = status === "Sent" || status === "Unknown" || status === "Absent"
  return isOpen ? (tries * mostLooks + looks) * 3 + rank : Number.MAX_SAFE_INTEGER - attemptStatuses.length + rank
}

const withAttempt = (known: ReadonlyArray<Attempt>, told: Attempt): ReadonlyArray<Attempt> => {
  const there = known.find(({ key }) => key === told.key)
  if (there !== undefined) {
    const change = rankOf(told) - rankOf(there)
    if (change < 0 || (change === 0 && there.atMs <= told.atMs)) return known
  }
  return [...known.filter(({ key }) => key !== told.key), told].sort((a, b) => (a.key < b.key ? -1 : 1))
}
