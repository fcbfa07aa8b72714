import type { Evidence } from "#simulator/oracles/Evidence.ts"
import type { Truth } from "#simulator/Truth.ts"

type Reached = (truth: Truth, evidence: Evidence) => boolean

/** A charge whose bill was taken back so often. */
export const correctedTimes =
  (times: number): Reached =>
  (_truth, { cdrs }) =>
    [
      ...Map.groupBy(
        cdrs!.filter(({ credit }) => credit),
        (it) => it.transactionId
      ).values()
    ].some((credits) => credits.length >= times)

/** What the five weeks after charges that were not paid in full are to show. */
export const reachedInArrears: Readonly<Record<string, Reached>> = {
  "a charge that was paid past its card": (_truth, { owing }) => owing!.some((debt) => debt.transferredMinor > 0n),
  "a charge of which the rest was forgiven": (_truth, { owing }) =>
    owing!.some(({ of, writtenOffMinor }) => of.kind === "charge" && writtenOffMinor > 0n),
  "a charge that was reminded of, and paid by another card": (_truth, { owing }) =>
    owing!.some((it) => it.steps.length > 1 && it.openMinor === 0n && it.transferredMinor + it.writtenOffMinor === 0n),
  "a debt that was given away": (_truth, { owing }) =>
    owing!.some(({ steps }) => steps.some((step) => step.do === "collection")),
  "a wallet that owes": (_truth, { owing }) => owing!.some(({ of }) => of.kind === "wallet"),
  "a wallet that was reminded of what it owes": (_truth, { owing }) =>
    owing!.some(({ of, steps }) => of.kind === "wallet" && steps.some((step) => step.feeMinor > 0n)),
  "a bill that was corrected while it was owed": (_truth, { owing, payments, cdrs }) =>
    owing!.some(({ of }) => {
      const payment = payments!.find(({ id }) => id === of.id)
      return payment !== undefined && cdrs!.some((it) => it.credit && it.transactionId === payment.transactionId)
    })
}

/** What the day on which everything goes wrong with payments is to show. */
export const reachedOnPayday: Readonly<Record<string, Reached>> = {
  "money lost to a dispute": (_truth, { payments }) =>
    payments!.some(({ intents }) => intents.some((it) => it.disputedMinor > 0n)),
  "a bill that was corrected, and corrected once more": correctedTimes(2),
  "a corrected bill of which a part was given back": (_truth, { payments, cdrs }) =>
    payments!.some(
      ({ transactionId, intents }) =>
        intents.some((it) => it.refundedMinor > 0n) &&
        cdrs!.some((it) => it.transactionId === transactionId && it.credit)
    ),
  "money of no payment that pays for a charge by hand": (_truth, { payments }) =>
    payments!.some(({ transactionId, intents }) => transactionId !== null && intents.length > 1),
  "money of no payment that went back by hand": (_truth, { payments }) =>
    payments!.some((it) => it.transactionId === null && it.intents.some(({ refundedMinor }) => refundedMinor > 0n)),
  "money of nobody that was kept by hand": (_truth, { entries }) =>
    entries!.some(({ postings }) => postings.some(({ account }) => account === "unclaimed")),
  "money of an intent that the provider has lost, written off by hand": (_truth, { entries }) =>
    entries!.some(
      ({ id, postings }) => id.includes("missing-intent") && postings.some((it) => it.account === "bad_debt")
    ),
  "the same of one that it found again, put back by hand": (_truth, { entries }) =>
    entries!.some(({ postings }) => postings.some((it) => it.account === "bad_debt" && it.amountMinor < 0n)),
  "goodwill of a bill that came to less": (_truth, { payments }) =>
    payments!.some(({ goodwillMinor, setOffMinor = 0n }) => goodwillMinor > 0n && setOffMinor > 0n),
  "a receipt that was taken back": (_truth, { invoices }) => invoices!.some(({ kind }) => kind === "credit-note"),
  "a hold let go without a charge": (_truth, { payments }) =>
    payments!.some(
      ({ transactionId, intents }) => transactionId === null && intents.some((it) => it.authorizedMinor > 0n)
    )
}
