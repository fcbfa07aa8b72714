import type { TrueCorrection } from "./CorrectionBook.ts"
import type { BookedOwing, BookedPayment } from "./Evidence.ts"
import type { DunningRecord } from "./owing.ts"
import type { PspRecord } from "./payments.ts"
import { type failIn, sumOf, when } from "./subscribed/world.ts"

/**
 * The fee of a reminder falls where, by the bill as it came to be, nothing was due when it was written, and nowhere else:
 * worked out from what the provider took and what came past the card until then. Part of `payments`. It says nothing of a
 * reminder that met money the CMS need not have known of, nor that a fee fell too soon where a bill was corrected twice.
 */
export const judgeWaived = (
  { promise, transfers }: DunningRecord,
  payment: BookedPayment,
  debt: BookedOwing,
  { intents }: PspRecord,
  corrections: ReadonlyArray<TrueCorrection>,
  fail: ReturnType<typeof failIn>
): void => {
  const cards = intents.filter(({ metadata }) => metadata["wattproof_payment"] === payment.id)
  const past = transfers.filter(({ invoiceId }) => invoiceId === debt.invoiceId)
  const backMinor = sumOf(cards, ({ refundedMinor, disputedMinor }) => refundedMinor + disputedMinor)
  let dueMinor = payment.owedMinor ?? 0n
  for (const { do: what, level, feeMinor, waivedAtMs, atMs } of debt.steps) {
    if (what !== "reminder" || feeMinor === 0n) continue
    const mostMinor =
      sumOf(cards, (it) => (it.capturedAtMs !== null && it.createdAtMs <= atMs ? it.capturedMinor : 0n)) +
      sumOf(past, (it) => (it.askedAtMs <= atMs ? it.amountMinor : 0n))
    const knownMinor =
      sumOf(cards, ({ capturedAtMs: at, capturedMinor }) =>
        at !== null && at + promise.heardMs < atMs ? capturedMinor : 0n
      ) + sumOf(past, (it) => (it.knownAtMs < atMs ? it.amountMinor : 0n))
    const name = `The fee of reminder ${level} of ${debt.invoiceId}`
    if (waivedAtMs === undefined && dueMinor <= knownMinor - backMinor)
      fail("none", `${feeMinor}`, `${name} is owed, though nothing was due when it was written.`)
    if (waivedAtMs !== undefined && corrections.length <= 1 && dueMinor > mostMinor)
      fail(`${feeMinor}`, "none", `${name} fell at ${when(waivedAtMs)}, though ${dueMinor - mostMinor} were due.`)
    if (waivedAtMs === undefined) dueMinor += feeMinor
  }
}
