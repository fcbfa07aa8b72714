import { createHash } from "node:crypto"
import { Effect } from "effect"
import { amountsOf, cardShareOf, type Debt, type DebtFact, feeBackId, feeId } from "#core/dunning/Debt.ts"
import type { Command } from "#core/payment/decide.ts"
import { elsewhereId, type Payment } from "#core/payment/Payment.ts"
import { amountsOf as paymentAmounts } from "#core/payment/state.ts"
import type { OpenDesk } from "../payments/Desk.ts"
import type { PaymentStore } from "../payments/PaymentStore.ts"
import { patiently } from "../station/patiently.ts"
import type { WalletStore } from "../wallet/WalletStore.ts"
import type { DebtRecord } from "./DebtStore.ts"

/** Where debts are owed and paid. */
export interface Payers {
  readonly payments: PaymentStore["Service"]
  readonly wallets: WalletStore["Service"]
  readonly desk: OpenDesk | undefined
}

/** What a debt does not know yet of where it is owed, and when that is worth another look; null: when something happens. */
export interface News {
  readonly facts: ReadonlyArray<DebtFact>
  readonly againAtMs: number | null
  /** Which version of the payment says so; absent where none does. */
  readonly toldVersion?: number
}

/** Until a provider that did not answer is asked again. */
const askAgainMs = 10 * 60_000

/** The payment of an invoice by card: its id follows from the invoice's, so that whoever asks makes the same one. */
export const paymentIdOf = (invoiceId: string): string => {
  const hex = createHash("sha256").update(`invoice/${invoiceId}`).digest("hex")
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** The payment by card that pays a debt; null of a wallet's. */
export const paymentOfDebt = ({ id, of }: Pick<Debt, "id" | "of">): string | null => {
  if (of === undefined) return paymentIdOf(id)
  return of.kind === "charge" ? of.id : null
}

/**
 * Tells who is to pay what the debt asks for beyond his own reckoning, each thing once however often it is told, and takes
 * in what came of it.
 */
export const newsOf = (payers: Payers, record: DebtRecord, nowMs: number): Effect.Effect<News> => {
  switch (record.debt.of?.kind) {
    case undefined:
      return ofInvoice(payers, record, nowMs)
    case "charge":
      return ofCharge(payers, record.debt, nowMs)
    case "wallet":
      return ofWallet(payers, record.debt, nowMs)
  }
}

/** What a payment says of itself, where the debt knows otherwise. */
const toldBy = ({ card }: Debt, payment: Payment, atMs: number): ReadonlyArray<DebtFact> => {
  const { paidMinor, writtenOffMinor } = paymentAmounts(payment)
  const isKnown = (card?.paidMinor ?? 0n) === paidMinor && (card?.writtenOffMinor ?? 0n) === writtenOffMinor
  return isKnown ? [] : [{ _tag: "CardTold", atMs, paidMinor, writtenOffMinor }]
}

/** A payment of its own is told what is to be had by card. */
const ofInvoice = Effect.fnUntraced(function* ({ desk }: Payers, { debt, version }: DebtRecord, nowMs: number) {
  if (desk === undefined) return { facts: [], againAtMs: null }
  const card = yield* patiently(
    desk.collect({
      id: paymentIdOf(debt.id),
      driverId: debt.driverId,
      currency: debt.currency,
      amountMinor: cardShareOf(debt),
      revision: version + 1,
      about: `Invoice ${debt.id}`
    })
  )
  if (card === undefined) return { facts: [], againAtMs: null }
  if (card === "Unanswered") return { facts: [], againAtMs: nowMs + askAgainMs }
  return { facts: toldBy(debt, card.payment, nowMs), againAtMs: card.dueAtMs }
})

/** The charge's own payment is told of fees, and of what came without it; it says what its bill comes to. */
const ofCharge = Effect.fnUntraced(function* ({ payments, desk }: Payers, debt: Debt, nowMs: number) {
  const id = debt.of!.id
  let record = yield* patiently(payments.get(id))
  if (record === undefined) return { facts: [], againAtMs: null }
  const { fees, elsewhere } = record.payment
  const asked: ReadonlyArray<Extract<Command, { _tag: "AskFee" | "SettleElsewhere" }>> = [
    ...debt.reminders
      .filter(({ feeMinor }) => feeMinor > 0n)
      .map(({ level, feeMinor }) => ({ _tag: "AskFee", id: feeId(debt.id, level), amountMinor: feeMinor }) as const),
    ...debt.reminders
      .filter(({ feeMinor, waivedAtMs }) => feeMinor > 0n && waivedAtMs !== null)
      .map(
        ({ level, feeMinor }) => ({ _tag: "AskFee", id: feeBackId(debt.id, level), amountMinor: -feeMinor }) as const
      ),
    ...[...debt.transfers, ...debt.writtenOff].map(
      (it) => ({ _tag: "SettleElsewhere", id: elsewhereId(it), amountMinor: it.amountMinor }) as const
    )
  ]
  for (const command of asked) {
    const known = command._tag === "AskFee" ? fees : elsewhere
    if (desk === undefined || known.some((it) => it.id === command.id)) continue
    const told = desk.command(id, command)
    record = yield* Effect.catchTags(told, { NotFound: Effect.die, PaymentRefused: Effect.die })
  }
  const owedMinor = paymentAmounts(record.payment).owedMinor ?? 0n
  const revised: ReadonlyArray<DebtFact> =
    owedMinor === debt.amountMinor ? [] : [{ _tag: "Revised", atMs: nowMs, amountMinor: owedMinor }]
  const facts = [...revised, ...toldBy(debt, record.payment, nowMs)]
  return { facts, againAtMs: null, toldVersion: record.version }
})

/** The wallet owes the fees as well; what it owes in all says what it paid, or that it owes more. One that is paid is over. */
const ofWallet = Effect.fnUntraced(function* ({ wallets }: Payers, debt: Debt, nowMs: number) {
  const { openMinor } = amountsOf(debt)
  if (openMinor === 0n) return { facts: [], againAtMs: null }
  for (const { level, feeMinor, atMs } of debt.reminders) {
    if (feeMinor === 0n) continue
    const claim = { sourceId: feeId(debt.id, level), owedMinor: feeMinor, reason: `reminder ${level}`, atMs }
    yield* patiently(wallets.claim(debt.driverId, claim))
  }
  const wallet = yield* patiently(wallets.get(debt.driverId))
  const owesMinor = wallet?.arrearsMinor ?? openMinor
  const facts: ReadonlyArray<DebtFact> =
    owesMinor > openMinor
      ? [{ _tag: "Revised", atMs: nowMs, amountMinor: debt.amountMinor + owesMinor - openMinor }]
      : owesMinor < openMinor
        ? [
            {
              _tag: "CardTold",
              atMs: nowMs,
              paidMinor: (debt.card?.paidMinor ?? 0n) + openMinor - owesMinor,
              writtenOffMinor: 0n
            }
          ]
        : []
  return { facts, againAtMs: null }
})
