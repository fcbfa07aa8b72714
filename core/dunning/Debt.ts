import { Schema } from "effect"
import { ReminderLetter } from "./Reminder.ts"

/**
 * One thing that is to be paid, and what happened to it: paid by card, wallet or transfer, reminded of, taken back, written
 * off. It is an invoice, a charge whose payment did not cover its bill, or what a wallet owes. Facts are never edited; where
 * a debt stands is a fold over them.
 */

/** What a debt may be of. */
export const debtKinds = ["invoice", "charge", "wallet"] as const

export const DebtTerms = Schema.Struct({
  /** What it is of: a payment by its id, or a wallet by its driver. Absent: the invoice whose number the debt has. */
  of: Schema.optionalKey(
    Schema.Struct({
      kind: Schema.Literals(["charge", "wallet"]),
      id: Schema.String,
      /** Where it charged; empty of a wallet. */
      stationId: Schema.String
    })
  ),
  driverId: Schema.String,
  currency: Schema.String,
  /** What of it nobody pays in another way. */
  amountMinor: Schema.BigIntFromString,
  dueDate: Schema.String,
  /** In which days begin. */
  timeZone: Schema.String
})

const At = { atMs: Schema.Int }
const Minor = Schema.BigIntFromString

export const DebtFact = Schema.TaggedUnion({
  /** What the payment by card, or the wallet, has brought so far, and what was given up there. */
  CardTold: { ...At, paidMinor: Minor, writtenOffMinor: Minor },
  /** It comes to another amount: a bill was corrected, or a wallet owes more. */
  Revised: { ...At, amountMinor: Minor },
  /** Money came in another way. */
  Transferred: { ...At, id: Schema.String, amountMinor: Minor },
  /** A reminder was written, with the fee that it adds. Without a letter where nobody is known to have sent it. */
  Reminded: { ...At, level: Schema.Int, feeMinor: Minor, letter: Schema.optionalKey(ReminderLetter) },
  /** The letter of a reminder that was written while nobody was known who could send one. */
  Lettered: { ...At, level: Schema.Int, letter: ReminderLetter },
  /** The fee of a reminder is taken back: by the bill as it came to be, nothing was due when it was written. */
  FeeWaived: { ...At, level: Schema.Int },
  /** The driver may start no charge any more. */
  Suspended: { ...At },
  /** Given to who collects debts. */
  Collected: { ...At },
  /** Nothing is asked until then. */
  Held: { ...At, untilMs: Schema.Int, reason: Schema.String },
  Extended: { ...At, dueDate: Schema.String, reason: Schema.String },
  /** Given up; negative: taken back, for what it was of is owed no longer. */
  WrittenOff: { ...At, id: Schema.String, amountMinor: Minor, reason: Schema.String },
  /** The document was taken back: nothing is owed for it, fees included. */
  Credited: { ...At }
})

export type DebtTerms = typeof DebtTerms.Type
export type DebtFact = typeof DebtFact.Type
type FactOf<T extends DebtFact["_tag"]> = Extract<DebtFact, { readonly _tag: T }>

export const encodeFact = Schema.encodeSync(DebtFact)
export const decodeFact = Schema.decodeUnknownSync(DebtFact)
export const encodeTerms = Schema.encodeSync(DebtTerms)
export const decodeTerms = Schema.decodeUnknownSync(DebtTerms)

/** A reminder, with what was paid or given up when it was written, in minor units. */
export interface WrittenReminder extends FactOf<"Reminded"> {
  readonly settledMinor: bigint
  /** When its fee was taken back; null: it is owed. */
  readonly waivedAtMs: number | null
}

export interface Debt extends DebtTerms {
  readonly id: string
  readonly card: FactOf<"CardTold"> | null
  /** By id, as are those written off. */
  readonly transfers: ReadonlyArray<FactOf<"Transferred">>
  readonly writtenOff: ReadonlyArray<FactOf<"WrittenOff">>
  /** By level. */
  readonly reminders: ReadonlyArray<WrittenReminder>
  readonly suspendedAtMs: number | null
  readonly collectedAtMs: number | null
  readonly held: FactOf<"Held"> | null
  readonly creditedAtMs: number | null
}

export const kindOf = ({ of }: Pick<DebtTerms, "of">): (typeof debtKinds)[number] => of?.kind ?? "invoice"

/** The debt of a charge: one for each payment. */
export const chargeDebtId = (paymentId: string): string => `charge-${paymentId}`

/** A debt of a wallet: one at a time, named by how often its money had moved when it began to owe. */
export const walletDebtId = (driverId: string, movements: number): string => `wallet-${driverId}-${movements}`

/** What a reminder's fee is called wherever it is owed. */
export const feeId = (debtId: string, level: number): string => `${debtId}/reminder/${level}`

/** And what taking it back is called. */
export const feeBackId = (debtId: string, level: number): string => `${feeId(debtId, level)}/back`

/** A debt of which nothing happened yet. */
export const begin = (id: string, terms: DebtTerms): Debt => ({
  ...terms,
  id,
  card: null,
  transfers: [],
  writtenOff: [],
  reminders: [],
  suspendedAtMs: null,
  collectedAtMs: null,
  held: null,
  creditedAtMs: null
})

const withId = <F extends { readonly id: string }>(known: ReadonlyArray<F>, told: F): ReadonlyArray<F> =>
  known.some(({ id }) => id === told.id) ? known : [...known, told]

export const evolve = (debt: Debt, fact: DebtFact): Debt => {
  switch (fact._tag) {
    case "CardTold":
      return { ...debt, card: fact }
    case "Revised":
      return { ...debt, amountMinor: fact.amountMinor }
    case "Transferred":
      return { ...debt, transfers: withId(debt.transfers, fact) }
    case "Reminded":
      return debt.reminders.some(({ level }) => level === fact.level)
        ? debt
        : { ...debt, reminders: [...debt.reminders, { ...fact, settledMinor: settledOf(debt), waivedAtMs: null }] }
    case "Lettered":
      return {
        ...debt,
        reminders: debt.reminders.map((it) =>
          it.level === fact.level && it.letter === undefined ? { ...it, letter: fact.letter } : it
        )
      }
    case "FeeWaived":
      return {
        ...debt,
        reminders: debt.reminders.map((it) =>
          it.level === fact.level ? { ...it, waivedAtMs: it.waivedAtMs ?? fact.atMs } : it
        )
      }
    case "Suspended":
      return { ...debt, suspendedAtMs: debt.suspendedAtMs ?? fact.atMs }
    case "Collected":
      return { ...debt, collectedAtMs: debt.collectedAtMs ?? fact.atMs }
    case "Held":
      return { ...debt, held: fact }
    case "Extended":
      return { ...debt, dueDate: fact.dueDate }
    case "WrittenOff":
      return { ...debt, writtenOff: withId(debt.writtenOff, fact) }
    case "Credited":
      return { ...debt, creditedAtMs: debt.creditedAtMs ?? fact.atMs }
  }
}

/** What a debt comes to, in minor units: invoiced + fees = paid + written off + open, unless it was credited. */
export interface DebtAmounts {
  /** The document and the fees of reminders; nothing once it was credited. */
  readonly owedMinor: bigint
  readonly feesMinor: bigint
  /** By card and otherwise. */
  readonly paidMinor: bigint
  readonly writtenOffMinor: bigint
  readonly openMinor: bigint
  /** Paid beyond what is owed: to be given back. */
  readonly overpaidMinor: bigint
}

const sumOf = (facts: ReadonlyArray<{ readonly amountMinor: bigint }>): bigint =>
  facts.reduce((sum, { amountMinor }) => sum + amountMinor, 0n)

const settledOf = (debt: Debt): bigint => {
  const { paidMinor, writtenOffMinor } = amountsOf(debt)
  return paidMinor + writtenOffMinor
}

/** Of reminders, and not taken back: an entry each. */
const standingFeesOf = ({ reminders }: Debt): ReadonlyArray<bigint> =>
  reminders.map(({ feeMinor, waivedAtMs }) => (waivedAtMs === null ? feeMinor : 0n))

export const amountsOf = (debt: Debt): DebtAmounts => {
  const feesMinor = debt.creditedAtMs === null ? standingFeesOf(debt).reduce((sum, it) => sum + it, 0n) : 0n
  const owedMinor = debt.creditedAtMs === null ? debt.amountMinor + feesMinor : 0n
  const paidMinor = (debt.card?.paidMinor ?? 0n) + sumOf(debt.transfers)
  const writtenOffMinor = (debt.card?.writtenOffMinor ?? 0n) + sumOf(debt.writtenOff)
  const balance = owedMinor - paidMinor - writtenOffMinor
  return {
    owedMinor,
    feesMinor,
    paidMinor,
    writtenOffMinor,
    openMinor: balance > 0n ? balance : 0n,
    overpaidMinor: balance < 0n ? -balance : 0n
  }
}

/**
 * Given up here of what has come to less since: it is taken back before anything is called paid too much. What its payment
 * gave up goes first, and is the payment's to take back.
 */
export const givenUpTooMuchOf = (debt: Debt): bigint => {
  const ownMinor = sumOf(debt.writtenOff)
  const beyondMinor = amountsOf(debt).overpaidMinor - (debt.card?.writtenOffMinor ?? 0n)
  if (beyondMinor <= 0n) return 0n
  return beyondMinor < ownMinor ? beyondMinor : ownMinor
}

/**
 * The first reminder that cost something and asked for nothing that was due, by the bill as it is now: nobody was late, so
 * that its fee is no damages. Of charges, whose bills are corrected; an invoice is taken back whole instead.
 */
export const unfoundedReminder = (debt: Debt): WrittenReminder | undefined => {
  if (kindOf(debt) !== "charge") return undefined
  const fees = standingFeesOf(debt)
  let dueMinor = debt.amountMinor
  for (const [index, reminder] of debt.reminders.entries()) {
    if (fees[index]! > 0n && dueMinor <= reminder.settledMinor) return reminder
    dueMinor += fees[index]!
  }
  return undefined
}

/** What is to be had by card: all but what came otherwise or was given up. */
export const cardShareOf = (debt: Debt): bigint => {
  const left = amountsOf(debt).owedMinor - sumOf(debt.transfers) - sumOf(debt.writtenOff)
  return left > 0n ? left : 0n
}

export const debtStates = ["open", "reminded", "suspended", "collection", "paid", "written-off", "credited"] as const

export type DebtState = (typeof debtStates)[number]

export const stateOf = (debt: Debt): DebtState => {
  if (debt.creditedAtMs !== null) return "credited"
  const { openMinor, writtenOffMinor } = amountsOf(debt)
  if (openMinor === 0n) return writtenOffMinor > 0n ? "written-off" : "paid"
  if (debt.collectedAtMs !== null) return "collection"
  if (debt.suspendedAtMs !== null) return "suspended"
  return debt.reminders.length > 0 ? "reminded" : "open"
}

/** Whether its driver may start no charge: since when, or null. Whoever has paid may, at once. */
export const blocksSince = (debt: Debt): number | null => {
  const state = stateOf(debt)
  return state === "suspended" || state === "collection" ? debt.suspendedAtMs : null
}
