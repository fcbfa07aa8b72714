import type { Entry } from "../billing/Ledger.ts"
import type { Debt } from "../dunning/Debt.ts"
import { entriesOf as debtEntriesOf } from "../dunning/post.ts"
import { next, standardPolicy } from "../payment/next.ts"
import { begin, evolve, isTopUp, type Payment, type PaymentFact } from "../payment/Payment.ts"
import { entriesOf, receivableOfPayment } from "../payment/post.ts"
import { amountsOf, openAttempts, standingRefunds } from "../payment/state.ts"
import { isWriteOff, subjectOf, type Unmatched, writeOffEntries } from "../payment/Unmatched.ts"
import type { InvariantId } from "./Audit.ts"

/** Counts what was compared, and keeps the sentence where it does not hold. */
export type Hold = (id: InvariantId, holds: boolean, document: string, sentence: string) => void

/** What a payment service provider has of one intent, in minor units. */
export interface ProviderIntent {
  readonly id: string
  readonly capturedMinor: bigint
  /** Given back; what could not be delivered is not. */
  readonly refundedMinor: bigint
}

/** All that a provider has of the payments opened in a stretch of time. */
export interface ProviderBooks {
  readonly intents: ReadonlyArray<ProviderIntent>
  readonly openedFromMs: number
  readonly openedBeforeMs: number
}

interface Taken extends Omit<ProviderIntent, "id"> {
  readonly openedAtMs: number
  readonly isAtRest: boolean
}

/** Kinds of sources that only a payment or a debt gives rise to; a write-off is an adjustment, as others are. */
const ownKinds: ReadonlySet<Entry["source"]["kind"]> = new Set(["payment", "refund", "dispute", "top-up", "dunning"])

/** The part of the audit that is about payments: told of payments, debts and entries in any order, then `finish`. */
export class PaymentAudit {
  private readonly hold: Hold
  private readonly taken = new Map<string, Taken>()
  /** What each entry posts, by the entry's id: as it follows from payments and debts, and as it is in the ledger. */
  private readonly due = new Map<string, string>()
  private readonly booked = new Map<string, string>()
  private readonly owned = new Set<string>()
  /** What people decided about intents; null: a payment has it since. */
  private readonly decided: Array<{
    readonly intentId: string
    readonly atMs: number
    readonly accepted: Omit<ProviderIntent, "id"> | null
    /** By how much the provider's account is off by it. */
    readonly offMinor: bigint
  }> = []

  constructor(hold: Hold) {
    this.hold = hold
  }

  entry({ id, source, currency, postings }: Entry): void {
    if (!ownKinds.has(source.kind) && source.kind !== "adjustment") return
    this.booked.set(id, canonical({ source, currency, postings }))
    if (ownKinds.has(source.kind) || isWriteOff({ id })) this.owned.add(id)
  }

  /** What people decided about something that was unmatched. */
  unmatched(item: Unmatched): void {
    for (const { id, source, currency, postings } of writeOffEntries(item))
      this.due.set(id, canonical({ source, currency, postings }))
    for (const { action, writtenOff, doneAtMs, why } of item.resolutions)
      if (doneAtMs !== null && why === null)
        this.decided.push({
          intentId: subjectOf(item),
          atMs: doneAtMs,
          accepted: action === "write-off" ? writtenOff : null,
          offMinor: writtenOff === null ? 0n : writtenOff.toMinor - writtenOff.fromMinor
        })
  }

  /** A payment as the store has it, with all its facts in the order recorded. */
  payment(payment: Payment, facts: ReadonlyArray<PaymentFact>): void {
    this.judgeAmounts(payment)
    this.judgeReceivable(payment)
    this.judgeReplay(payment, facts)
    const isAtRest = openAttempts(payment).length === 0
    for (const intent of payment.intents) {
      const refundedMinor = refundedOf(intent)
      const { capturedMinor } = intent
      this.taken.set(intent.id, { capturedMinor, refundedMinor, openedAtMs: payment.createdAtMs, isAtRest })
    }
    for (const { id, source, currency, postings } of entriesOf(payment))
      this.due.set(id, canonical({ source, currency, postings }))
  }

  /** What came for a debt past its card, fees of reminders, and what was given up. */
  debt(debt: Debt): void {
    for (const { id, source, currency, postings } of debtEntriesOf(debt))
      this.due.set(id, canonical({ source, currency, postings }))
  }

  /** `provider`: what the payment service provider says; undefined when it was not asked. */
  finish(provider: ProviderBooks | undefined): void {
    for (const [id, words] of this.due)
      this.hold(
        "I16",
        this.booked.get(id) === words,
        id,
        `Entry ${id} is not in the ledger as its payment or debt has it.`
      )
    for (const id of this.owned)
      if (!this.due.has(id))
        this.hold("I16", false, id, `Entry ${id} follows from no payment and no debt, and nobody decided it.`)
    if (provider !== undefined) this.judgeMirror(provider)
  }

  private judgeAmounts(payment: Payment): void {
    for (const intent of payment.intents) {
      const { id, authorizedMinor, capturedMinor } = intent
      const refundedMinor = refundedOf(intent)
      const isFalling = authorizedMinor >= capturedMinor && capturedMinor >= refundedMinor && refundedMinor >= 0n
      const figures = `${authorizedMinor} authorised, ${capturedMinor} captured and ${refundedMinor} given back`
      this.hold("I4", isFalling, payment.id, `Of intent ${id} were ${figures}.`)
    }
    const { owedMinor, writtenOffMinor, goodwillMinor, refundedMinor } = amountsOf(payment)
    const isPositive = (owedMinor ?? 0n) >= 0n && writtenOffMinor >= 0n && goodwillMinor >= 0n
    const isWithin = isPositive && goodwillMinor <= refundedMinor
    this.hold("I4", isWithin, payment.id, `Payment ${payment.id} owes, gives up or gives back less than nothing.`)
  }

  /**
   * What was taken is owed, or gone back: once nothing is due any more no driver's account is left with less than nothing,
   * but for what came past the card, what no bank takes, and what a bank has not decided.
   */
  private judgeReceivable(payment: Payment): void {
    const { id, owed, abandoned, fees, elsewhere, intents } = payment
    const isOver = owed !== null || abandoned !== null
    if (isTopUp(payment) || !isOver || next(payment, Number.MAX_SAFE_INTEGER, standardPolicy)._tag !== "Rest") return
    const receivable = receivableOfPayment(payment)
    const postings = entriesOf(payment).flatMap((entry) => entry.postings)
    const booked = sum(postings.filter(({ account }) => account === receivable))
    const elsewhereMinor = sum(elsewhere)
    const openMinor = (owed?.amountMinor ?? 0n) + sum(fees) - elsewhereMinor + booked
    const keptMinor = intents.reduce((least, it) => least + it.capturedMinor - refundedOf(it) - lostOf(it), 0n)
    const leastMinor = -elsewhereMinor - (keptMinor > 0n ? keptMinor : 0n)
    this.hold("I5", openMinor >= leastMinor, id, `Payment ${id} leaves ${openMinor} on its driver's account.`)
  }

  /** In order, backwards, and all of it twice: whatever came late or again, it is the same payment. */
  private judgeReplay(payment: Payment, facts: ReadonlyArray<PaymentFact>): void {
    const empty = begin(payment.id, payment.createdAtMs, payment)
    const wanted = canonical(payment)
    for (const log of [facts, facts.toReversed(), [...facts, ...facts]]) {
      const replayed = canonical(log.reduce(evolve, empty))
      this.hold("I16", replayed === wanted, payment.id, `Payment ${payment.id} is not what its facts make of it.`)
    }
  }

  private judgeMirror({ intents, openedFromMs, openedBeforeMs }: ProviderBooks): void {
    const told = new Set<string>()
    /** By intent, what a person took as it is there. */
    const accepted = new Map<string, Omit<ProviderIntent, "id"> | null>()
    const off = new Map<string, bigint>()
    for (const it of this.decided.sort((a, b) => a.atMs - b.atMs)) {
      accepted.set(it.intentId, it.accepted)
      off.set(it.intentId, (off.get(it.intentId) ?? 0n) + it.offMinor)
    }
    for (const { id, capturedMinor, refundedMinor } of intents) {
      told.add(id)
      const ours = this.taken.get(id)
      // What is under way on one side may be over on the other.
      if (ours?.isAtRest === false || (ours !== undefined && ours.openedAtMs >= openedBeforeMs)) continue
      const isAs = (known: Omit<ProviderIntent, "id"> | undefined) =>
        (known?.capturedMinor ?? 0n) === capturedMinor && (known?.refundedMinor ?? 0n) === refundedMinor
      // Where it matches again, and the books do, it goes on as it would have.
      const isBack = ours !== undefined && (off.get(id) ?? 0n) === 0n
      const isSame = isAs(accepted.get(id) ?? ours) || (isBack && isAs(ours))
      const there = `${capturedMinor} captured and ${refundedMinor} given back`
      const here = ours === undefined ? "none of it" : `${ours.capturedMinor} and ${ours.refundedMinor}`
      this.hold("I13", isSame, id, `The provider has ${there} on ${id}; payments have ${here}.`)
    }
    for (const [id, { capturedMinor, openedAtMs, isAtRest }] of this.taken) {
      const isAsked = openedAtMs >= openedFromMs && openedAtMs < openedBeforeMs && isAtRest
      if (!isAsked || capturedMinor === 0n || told.has(id) || accepted.get(id)?.capturedMinor === 0n) continue
      this.hold("I13", false, id, `Payments have ${capturedMinor} captured on ${id}, which the provider does not know.`)
    }
  }
}

const sum = (amounts: ReadonlyArray<{ readonly amountMinor: bigint }>): bigint =>
  amounts.reduce((all, { amountMinor }) => all + amountMinor, 0n)

/** Taken back by the bank for good. */
const lostOf = ({ disputes }: Payment["intents"][number]): bigint =>
  sum(disputes.filter(({ status }) => status === "Lost"))

const refundedOf = (intent: Payment["intents"][number]): bigint =>
  standingRefunds(intent).reduce((sum, { amountMinor }) => sum + amountMinor, 0n)

/** The same text for the same data, in whatever order its fields were written. */
const canonical = (data: unknown): string =>
  JSON.stringify(data, (_key, value: unknown) => {
    if (typeof value === "bigint") return `${value}n`
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
