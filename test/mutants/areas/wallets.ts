import type { Mutant } from "../Mutant.ts"

const area = "wallets"
const watch = "server/wallet/Watch.ts"
const settle = "core/wallet/settle.ts"

/** Money that is paid ahead, budgets of cards, and what drivers want their charges to stop at. */
export const wallets: ReadonlyArray<Mutant> = [
  {
    id: "wallet-hold-not-counted",
    area,
    why: "Two cars charge on the same last ten euros: what is set aside for the one is free for the other.",
    file: "core/wallet/Wallet.ts",
    find: "balanceMinor + creditLineMinor - heldMinor\n",
    replace: "balanceMinor + creditLineMinor\n"
  },
  {
    id: "wallet-never-stops",
    area,
    why: "A charge goes on when its wallet is empty: what is used is compared at the start and never again.",
    file: watch,
    find: "return it.charge !== undefined && isShort(it.charge)",
    replace: "return it.charge === undefined && false"
  },
  {
    id: "wallet-late-card-free",
    area,
    why: "A car stood on the bay for two hours before its card was shown; the card is let in on the euro that any charge begins with.",
    file: "server/wallet/Funds.ts",
    find: "reserve(start, nowMs, beside(policy, comeTo))",
    replace: "reserve(start, nowMs, comeTo.wh < 0 ? beside(policy, comeTo) : policy)"
  },
  {
    id: "wallet-stops-at-half",
    area,
    why: "A driver with forty euros is cut off at twenty: what is used is compared with what is left, not with what there was.",
    file: watch,
    find: "then.minor >= heldMinor || then.wh >= heldWh",
    replace: "then.minor * 2n >= heldMinor || then.wh >= heldWh"
  },
  {
    id: "wallet-raise-forgets-others",
    area,
    why: "What is set aside at the start of another charge counts, and is forgotten as soon as this one wants more.",
    file: "core/wallet/reserve.ts",
    find: "const room = roomFor({ wallet: charge.driverId === null ? undefined : wallet, budgets: stopping }, more)",
    replace:
      "const own = wallet === undefined ? undefined : { ...wallet, heldMinor: charge.heldMinor }\n  const room = roomFor({ wallet: charge.driverId === null ? undefined : own, budgets: stopping }, more)"
  },
  {
    id: "wallet-credit-at-start-only",
    area,
    why: "The credit that was agreed lets a charge begin, and is not there when it needs more: it ends with money to spare.",
    file: "core/wallet/reserve.ts",
    find: "if (wallet !== undefined) bound(freeOf(wallet))",
    replace: "if (wallet !== undefined) bound(freeOf(wallet) - wallet.creditLineMinor)"
  },
  {
    id: "wallet-hold-kept",
    area,
    why: "Money stays set aside for charges that are over, and prepaid drivers ring up: their balance shrinks by itself.",
    file: settle,
    find: "const released = { ...wallet, heldMinor: wallet.heldMinor - charge.heldMinor }",
    replace: "const released = { ...wallet }"
  },
  {
    id: "wallet-release-lost",
    area,
    why: "The server died between setting money aside and writing the start, and the station forgot it: the money is never free again.",
    file: "server/memory/wallets.ts",
    find: "for (const charge of stale) {",
    replace: "for (const charge of stale.slice(stale.length)) {"
  },
  {
    id: "budget-day-in-utc",
    area,
    why: "A card's day begins at noon: its budget is counted by the server's days and not by those of the budget's zone.",
    file: "core/wallet/Budget.ts",
    find: "  const day = dayOf(atMs, timeZone)\n  const [first, next] = daysOf(period, day)\n  return { fromMs: startOfDay(first, timeZone), untilMs: startOfDay(next, timeZone) }",
    replace:
      '  const day = dayOf(atMs, "UTC")\n  const [first, next] = daysOf(period, day)\n  return { fromMs: startOfDay(first, "UTC"), untilMs: startOfDay(next, "UTC") }'
  },
  {
    id: "wallet-arrears-forgotten",
    area,
    why: "What a wallet could not pay at once is never asked for: it stands in no figure that the next payment looks at.",
    file: settle,
    find: "wallet.arrearsMinor - arrearsOf(charge) + arrearsOf(after)",
    replace: "wallet.arrearsMinor - arrearsOf(charge)"
  },
  {
    id: "stop-never-believed",
    area,
    why: "A station that ends transactions with the plug agreed to stop and did; it is asked again until its car drives off.",
    file: "server/station/Stops.ts",
    find: 'if (asked.answeredAtMs !== null && afterStop(transaction, asked.answeredAtMs) === "stands") {',
    replace: 'if (asked.answeredAtMs === null && afterStop(transaction, nowMs) === "stands") {'
  },
  {
    id: "limit-never-checked",
    area,
    why: "Who orders 20 kWh gets a full battery and the bill for it: the limit is kept and nobody looks at it.",
    file: watch,
    find: "if (limit === null || !isLimiting(limit)) return false",
    replace: "if (limit === null || !isLimiting(limit) || nowMs > 0) return false"
  },
  {
    id: "limit-of-hours",
    area,
    why: "A charge for half an hour lasts the night: the limit's minutes are taken for hours.",
    file: watch,
    find: "if (lastedMs > maxMs) return true",
    replace: "if (lastedMs > maxMs * 60) return true"
  },
  {
    id: "limit-first-stands",
    area,
    why: "A driver gives his charge ten more minutes and is cut off all the same: the limit that it began with stands.",
    file: "core/transaction/Transaction.ts",
    find: "limit: laterLimit(transaction.limit, fact)",
    replace: "limit: transaction.limit ?? fact"
  },
  {
    id: "limit-by-our-clock",
    area,
    why: "Charges at stations whose clock is hours behind end at once: what they may have used since is counted by our clock.",
    file: watch,
    find: "const byMs = owners.shown(transaction, nowMs) + leadMs",
    replace: "const byMs = nowMs + leadMs"
  }
]
