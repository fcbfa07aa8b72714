// biome-ignore-all lint/suspicious/noTemplateCurlyInString: patches are source text
import type { Mutant } from "../Mutant.ts"

const area = "subscriptions"

/** Fees, what plans include, and what is asked of who does not pay. */
export const subscriptions: ReadonlyArray<Mutant> = [
  {
    id: "fee-twice-after-change",
    area,
    why: "Whoever changes his plan pays the month a second time: a fee is known by how many plans there were when it was billed.",
    file: "core/subscription/fees.ts",
    find: "id: `${subscription.id}/${index}/${of.index}/${kind}`",
    replace: "id: `${subscription.id}/${subscription.segments.length}/${of.index}/${kind}`"
  },
  {
    id: "months-of-thirty-days",
    area,
    why: "A change in February gives back too much, one in March too little: every month is taken for thirty days.",
    file: "core/subscription/calendar.ts",
    find: "whole: daysBetween(first, dayOf(toMs, timeZone)) }",
    replace: "whole: Math.max(30, daysBetween(first, dayOf(atMs, timeZone))) }"
  },
  {
    id: "cancelled-still-billed",
    area,
    why: "Fees go on after the end: the cancellation is written down, and the periods go on being counted.",
    file: "core/subscription/Subscription.ts",
    find: "return { ...cut(before, fact.effectiveAtMs, fact.atMs), endsAtMs: fact.effectiveAtMs }",
    replace: "return { ...before, endsAtMs: fact.effectiveAtMs }"
  },
  {
    id: "pause-still-billed",
    area,
    why: "Who rests pays on: a pause stops what the plan gives and not what it costs.",
    file: "core/subscription/Subscription.ts",
    find: "return { ...cut(before, fact.effectiveAtMs, fact.atMs), pausedAtMs: fact.effectiveAtMs }",
    replace: "return { ...before, pausedAtMs: fact.effectiveAtMs }"
  },
  {
    id: "reminder-twice",
    area,
    why: "The same reminder comes again and again: whether it was sent is looked for among those that cost something.",
    file: "core/dunning/next.ts",
    find: "debt.reminders.find((it) => it.level === level)?.atMs ?? null",
    replace: "debt.reminders.find((it) => it.level === level && it.feeMinor > 0n)?.atMs ?? null"
  },
  {
    id: "reminder-by-issue-date",
    area,
    why: "Reminders come before the document is due: their days are counted from a week too early.",
    file: "core/dunning/next.ts",
    find: "startOfDay(daysAfter(debt.dueDate, stage.afterDays), debt.timeZone)",
    replace: "startOfDay(daysAfter(debt.dueDate, stage.afterDays - 7), debt.timeZone)"
  },
  {
    id: "never-let-in-again",
    area,
    why: "A driver has paid and stands at a charger that refuses him: the block is set and never taken away.",
    file: "server/memory/debts.ts",
    find: "if (instants.length === 0) shelf.blocked.delete(driverId)",
    replace: "if (instants.length === 0) return"
  },
  {
    id: "suspended-let-in",
    area,
    why: "Nobody minds an unpaid month: the suspension is shown at the desk and not asked for at the station.",
    file: "core/token/authorize.ts",
    find: "token.suspendedAtMs != null && place.atMs >= token.suspendedAtMs",
    replace: "token.suspendedAtMs != null && place.atMs < token.suspendedAtMs"
  },
  {
    id: "included-for-each-session",
    area,
    why: "Forty free kWh a month are forty a session: what others have used of them is not taken off.",
    file: "core/subscription/allowance.ts",
    find: "allowance.energyMilliWh - used.energyMilliWh",
    replace: "allowance.energyMilliWh"
  },
  {
    id: "discount-after-the-end",
    area,
    why: "Who has left charges at the members' price: nobody takes him out of the plan's group.",
    file: "server/subscriptions/Subscriptions.ts",
    find: "isInForce(subscription, nowMs) ? (planAt(subscription, nowMs)?.groupId ?? null) : null",
    replace: "(planAt(subscription, nowMs)?.groupId ?? null)"
  },
  {
    id: "card-not-asked-for-again",
    area,
    why: "A good card is charged a week late and its holder reminded: the provider was away in the minute in which it was wanted. Found in this house.",
    file: "server/payments/Desk.ts",
    find: 'if (kept === undefined) return "Unanswered" as const',
    replace: "if (kept === undefined) return undefined"
  },
  {
    id: "period-ends-in-skipped-hour",
    area,
    why: "A month that ends at half past two in the night of the change of clocks is over an hour and a half early. Found in this house.",
    file: "core/subscription/calendar.ts",
    find: "return skipMs === undefined ? elapsedMs : skipMs - midnightMs",
    replace: "return skipMs === undefined || elapsedMs > 0 ? elapsedMs : skipMs - midnightMs"
  },
  {
    id: "payout-of-lost-webhook",
    area,
    why: "The bank has the money and the ledger says that the provider has it: the notification was lost. Found in this house.",
    file: "server/payments/reconcile.ts",
    find: "if (missing.has(entry.id)) yield*",
    replace: 'if (missing.has(entry.id) && entry.id === "") yield*'
  },
  {
    id: "corrected-to-nothing-keeps-its-part",
    area,
    why: "A bill is taken back, and what the plan included of its charge stays used: the driver's next charges pay for it.",
    file: "server/billing/Billing.ts",
    find: ": mapEager(includedIn(transaction, assessment, nothing), () => null)",
    replace: ": Effect.succeed(null)"
  },
  {
    id: "corrected-bill-is-another",
    area,
    why: "A bill that is made anew counts its own part as used by somebody else: corrected, a charge is included in less than it was.",
    file: "server/memory/subscriptions.ts",
    find: "if (use.transactionId === transactionId) continue",
    replace: ""
  }
]
