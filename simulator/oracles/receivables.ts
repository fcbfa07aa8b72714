import type { BookedPayment, Evidence } from "./Evidence.ts"
import type { Context, Findings } from "./Oracle.ts"
import { refundsTried } from "./paymentPromises.ts"

/**
 * Nobody is owed anything once all is settled: what was taken beyond what is owed has gone back, whatever it went back as.
 * But for what came by transfer, what a driver's bank sends back or the provider has lost, and what a bank has not decided. Part of `money`.
 */
export const judgeReceivables = (evidence: Evidence, { psp }: Context, found: Findings): void => {
  const open = new Map<string, bigint>()
  const add = (account: string, by: bigint) => open.set(account, (open.get(account) ?? 0n) + by)
  /** By intent, whose account it paid. */
  const paying = new Map<string, string>()
  for (const { currency, postings, sourceKind, sourceId } of evidence.entries ?? []) {
    const transferred = postings.reduce((sum, it) => sum + (it.account === "bank:transfers" ? it.amountMinor : 0n), 0n)
    for (const { account, amountMinor } of postings) {
      if (!account.startsWith("receivable:")) continue
      const own = `${account} in ${currency}`
      // A transfer may be more than is owed: that goes back by hand.
      add(own, amountMinor + transferred)
      if (sourceKind === "payment") paying.set(sourceId, own)
    }
  }
  const stays = (psp?.intents ?? []).filter((it) => it.refundsFailed >= refundsTried || it.isLost === true)
  const sentBack = new Set(stays.map(({ id }) => id))
  for (const intent of (evidence.payments ?? []).flatMap(({ intents }) => intents)) {
    const account = paying.get(intent.id)
    if (account !== undefined) add(account, sentBack.has(intent.id) ? keptOf(intent) : (intent.undecidedMinor ?? 0n))
  }
  for (const [account, minor] of open) {
    found.check()
    if (minor >= 0n) continue
    const about = { stationId: null, sessionId: null, transactionId: null }
    const sentence = `What ${account} has paid beyond what is owed is neither given back nor accounted for.`
    found.fail({ ...about, expected: "nothing", found: `${minor}`, sentence })
  }
}

const keptOf = ({ capturedMinor, refundedMinor }: BookedPayment["intents"][number]): bigint =>
  capturedMinor - refundedMinor
