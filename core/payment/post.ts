import type { Entry, Posting } from "../billing/Ledger.ts"
import { postMovement } from "../wallet/post.ts"
import { isTopUp, type Payment } from "./Payment.ts"
import type { IntentView } from "./ProviderView.ts"
import { walletMovesOf } from "./topUp.ts"

/** Who owes what a payment pays: the same account that the session's CDR is booked to. */
export const receivableOfPayment = ({ driverId, tokenUid }: Pick<Payment, "driverId" | "tokenUid">): string =>
  driverId === null ? `receivable:token:${tokenUid}` : `receivable:driver:${driverId}`

/** What the provider has captured for us and not paid out yet. */
export const clearingOf = (provider: string): string => `psp_clearing:${provider}`

/** An entry but for when it is booked. */
export type Draft = Omit<Entry, "bookedAtMs" | "effectiveAtMs">

/**
 * Every entry that a payment gives rise to (3.4 of the billing rules), by id. It follows from the payment as it stands,
 * and an entry that follows once follows for ever: whoever books those that are not in the books yet books each once, in
 * whatever order things became known.
 */
export const entriesOf = (payment: Payment): ReadonlyArray<Draft> => [
  ...payment.intents.flatMap((intent) => intentEntries(payment, intent)),
  ...walletEntries(payment),
  ...payment.writtenOff.map(({ id, amountMinor }) =>
    draft(payment, "adjustment", id, "bad_debt", receivableOfPayment(payment), amountMinor)
  ),
  // What went back as an expense is what the bill no longer asks for: its driver has it already.
  ...payment.setOff.map(({ id, against, amountMinor }) =>
    draft(payment, "adjustment", id, receivableOfPayment(payment), against, amountMinor)
  )
]

/** The entries of `after` that `before` did not have, booked at that instant. */
export const newEntries = (before: Payment, after: Payment, bookedAtMs: number): ReadonlyArray<Entry> => {
  const known = new Set(entriesOf(before).map(({ id }) => id))
  return entriesOf(after)
    .filter(({ id }) => !known.has(id))
    .map((entry) => ({ ...entry, bookedAtMs, effectiveAtMs: bookedAtMs }))
}

/** What an intent leaves with the provider for us, in minor units: captured, less what was given back and kept. */
export const clearedBy = (payment: Payment, intent: IntentView): bigint =>
  entriesOf({ ...payment, intents: [intent], writtenOff: [], setOff: [] })
    .flatMap(({ postings }) => postings)
    .filter(({ account }) => account === clearingOf(payment.provider))
    .reduce((sum, { amountMinor }) => sum + amountMinor, 0n)

const intentEntries = (payment: Payment, intent: IntentView): ReadonlyArray<Draft> => {
  const clearing = clearingOf(payment.provider)
  const receivable = receivableOfPayment(payment)
  const entries: Array<Draft> = []
  const book = (kind: Entry["source"]["kind"], id: string, debit: string, credit: string, amountMinor: bigint) => {
    if (amountMinor !== 0n) entries.push(draft(payment, kind, id, debit, credit, amountMinor))
  }
  // What a top-up brings is booked with the movement of its wallet.
  if (!isTopUp(payment)) book("payment", intent.id, clearing, receivable, intent.capturedMinor)
  if (intent.feeMinor !== null) book("payment", `${intent.id}:fee`, "psp_fees", clearing, intent.feeMinor)
  for (const { id, amountMinor, status, goodwill } of intent.refunds) {
    // A driver who gets his top-up back owes it to his wallet, whoever wanted it.
    const account = goodwill && !isTopUp(payment) ? "goodwill" : receivable
    book("refund", id, account, clearing, amountMinor)
    // A refund that could not be delivered comes back; booked both ways, whether or not it was known before it failed.
    if (status === "Failed") book("refund", `${id}:failed`, clearing, account, amountMinor)
  }
  for (const { id, amountMinor, status, feeMinor, laterFees = [] } of intent.disputes) {
    // An inquiry moves no money.
    const account = isTopUp(payment) ? receivable : "chargeback"
    if (status !== "Inquiry") book("dispute", id, account, clearing, amountMinor)
    if (status === "Won") book("dispute", `${id}:won`, clearing, account, amountMinor)
    if (feeMinor !== null) book("dispute", `${id}:fee`, "psp_fees", clearing, feeMinor)
    laterFees.forEach((minor, index) => {
      book("dispute", `${id}:fee/${index + 2}`, "psp_fees", clearing, minor)
    })
  }
  return entries
}

/** What goes into a wallet, as the movement books it: whichever of the two is written first, it is one entry. */
const walletEntries = (payment: Payment): ReadonlyArray<Draft> =>
  walletMovesOf(payment).flatMap((move) => {
    if (move.kind === "take-back") return []
    const movement = { ...move, seq: 0, balanceMinor: 0n, transactionId: null, atMs: 0 }
    const { id, source, currency, postings } = postMovement(movement, payment.currency, payment.provider)
    return [{ id, source, currency, postings }]
  })

const draft = (
  payment: Payment,
  kind: Entry["source"]["kind"],
  id: string,
  debit: string,
  credit: string,
  amountMinor: bigint
): Draft => {
  const postings: ReadonlyArray<Posting> = [
    { account: debit, amountMinor },
    { account: credit, amountMinor: -amountMinor }
  ]
  return { id: `entry-${id}`, source: { kind, id }, currency: payment.currency, postings }
}

/** A payout of the provider: what arrived at the bank. Negative where the provider took money back. */
export const payoutEntry = (
  provider: string,
  payout: {
    readonly id: string
    readonly amountMinor: bigint
    readonly currency: string
    readonly arrivedAtMs: number
  },
  bookedAtMs: number
): Entry => ({
  id: `entry-${payout.id}`,
  bookedAtMs,
  effectiveAtMs: payout.arrivedAtMs,
  source: { kind: "payout", id: payout.id },
  currency: payout.currency,
  postings: [
    { account: `bank:${provider}`, amountMinor: payout.amountMinor },
    { account: clearingOf(provider), amountMinor: -payout.amountMinor }
  ]
})
