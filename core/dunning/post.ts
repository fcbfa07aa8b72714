import type { Entry } from "../billing/Ledger.ts"
import { type Debt, feeBackId, feeId } from "./Debt.ts"

type Draft = Omit<Entry, "bookedAtMs" | "effectiveAtMs">

/** Where money arrives that comes without a card. */
const bank = "bank:transfers"

/**
 * Every entry that a debt gives rise to, by id: fees of reminders, and back again when they or the document are taken back;
 * what came by transfer; what was written off. What came by card is booked by its payment.
 */
export const entriesOf = (debt: Debt): ReadonlyArray<Draft> => {
  const receivable = `receivable:driver:${debt.driverId}`
  const entry = (
    kind: Entry["source"]["kind"],
    id: string,
    debit: string,
    credit: string,
    amountMinor: bigint
  ): Draft => ({
    id: `entry-${id}`,
    source: { kind, id },
    currency: debt.currency,
    postings: [
      { account: debit, amountMinor },
      { account: credit, amountMinor: -amountMinor }
    ]
  })
  const fees = debt.reminders.filter(({ feeMinor }) => feeMinor > 0n)
  return [
    ...fees.map((it) => entry("dunning", feeId(debt.id, it.level), receivable, "revenue:dunning", it.feeMinor)),
    ...fees
      .filter(({ waivedAtMs }) => waivedAtMs !== null || debt.creditedAtMs !== null)
      .map((it) => entry("dunning", feeBackId(debt.id, it.level), "revenue:dunning", receivable, it.feeMinor)),
    ...debt.transfers.map(({ id, amountMinor }) =>
      entry("payment", `${debt.id}/transfer/${id}`, bank, receivable, amountMinor)
    ),
    ...debt.writtenOff.map(({ id, amountMinor }) =>
      entry("adjustment", `${debt.id}/write-off/${id}`, "bad_debt", receivable, amountMinor)
    )
  ]
}

/** The entries of `after` that `before` did not have, booked at that instant. */
export const newEntries = (before: Debt, after: Debt, bookedAtMs: number): ReadonlyArray<Entry> => {
  const known = new Set(entriesOf(before).map(({ id }) => id))
  return entriesOf(after)
    .filter(({ id }) => !known.has(id))
    .map((it) => ({ ...it, bookedAtMs, effectiveAtMs: bookedAtMs }))
}
