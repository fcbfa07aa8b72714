import { Schema } from "effect"
import { dayOf, daysAfter } from "../invoice/days.ts"
import { Buyer, type Language, Seller } from "../invoice/Party.ts"
import type { Debt, DebtAmounts } from "./Debt.ts"

/** What is reminded of: an invoice by its number and day, a charge by its station, or a wallet. */
export const Subject = Schema.Union([
  Schema.Struct({ kind: Schema.Literal("invoice"), id: Schema.String, issueDate: Schema.String }),
  Schema.Struct({ kind: Schema.Literal("charge"), stationId: Schema.String }),
  Schema.Struct({ kind: Schema.Literal("wallet") })
])

export type Subject = typeof Subject.Type

/** Of something that says more, what a letter is about. */
export const plainSubject = (it: Subject): Subject =>
  it.kind === "invoice"
    ? { kind: it.kind, id: it.id, issueDate: it.issueDate }
    : it.kind === "charge"
      ? { kind: it.kind, stationId: it.stationId }
      : { kind: it.kind }

const Minor = Schema.BigIntFromString

/**
 * A reminder as it was written, all that its letter says: kept with the fact that it was, and never edited. It is no document
 * of a supply and has no series of its own: its reference is what it reminds of, and its level. Minor units:
 * amount + earlier fees + fee = paid + waived + open.
 */
export const ReminderLetter = Schema.Struct({
  reference: Schema.String,
  issuedAtMs: Schema.Int,
  /** Days are local to the seller, `YYYY-MM-DD`. */
  issueDate: Schema.String,
  dueDate: Schema.String,
  payByDate: Schema.String,
  level: Schema.Int,
  language: Schema.Literals(["de", "en"]),
  seller: Seller,
  /** Null: the driver is not in the directory any more. */
  buyer: Schema.NullOr(Buyer),
  driverId: Schema.String,
  subject: Subject,
  currency: Schema.String,
  amountMinor: Minor,
  earlierFeesMinor: Minor,
  feeMinor: Minor,
  paidMinor: Minor,
  waivedMinor: Minor,
  openMinor: Minor
})

export type ReminderLetter = typeof ReminderLetter.Type

/** Who writes asks for payment within so many days. */
const payWithinDays = 7

/**
 * How a reminder is referred to: by what it reminds of, and how often it was. Of a charge or a wallet in short, as somebody
 * types it into a transfer: the last digits of the payment's id are drawn by chance.
 */
export const referenceOf = ({ id, of }: Pick<Debt, "id" | "of">, level: number): string => {
  const subject =
    of === undefined
      ? id
      : of.kind === "charge"
        ? `CH-${of.id.slice(-12).toUpperCase()}`
        : `WA-${id.slice("wallet-".length)}`
  return `${subject}-M${level}`
}

/** The letter of a reminder that is written now; `after`: what the debt comes to with its fee. */
export const writeLetter = (
  debt: Debt,
  after: DebtAmounts,
  reminder: { readonly level: number; readonly feeMinor: bigint; readonly atMs: number },
  parties: {
    readonly seller: Seller
    readonly buyer: Buyer | null
    readonly language: Language
    readonly subject: Subject
  }
): ReminderLetter => {
  const { level, feeMinor, atMs } = reminder
  const issueDate = dayOf(atMs, debt.timeZone)
  return {
    reference: referenceOf(debt, level),
    issuedAtMs: atMs,
    issueDate,
    dueDate: debt.dueDate,
    payByDate: daysAfter(issueDate, payWithinDays),
    level,
    ...parties,
    driverId: debt.driverId,
    currency: debt.currency,
    amountMinor: debt.amountMinor,
    earlierFeesMinor: after.feesMinor - feeMinor,
    feeMinor,
    paidMinor: after.paidMinor,
    waivedMinor: after.writtenOffMinor,
    openMinor: after.openMinor
  }
}
