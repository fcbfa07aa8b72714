// biome-ignore-all lint/suspicious/noTemplateCurlyInString: patches are source text
import type { Mutant } from "../Mutant.ts"

const area = "arrears"
const news = "server/dunning/news.ts"
const shelf = "server/memory/debts.ts"

/** What charges short of their bill and wallets in arrears owe, and how it is asked for. */
export const owing: ReadonlyArray<Mutant> = [
  {
    id: "charge-short-never-asked-for",
    area,
    why: "A kept card declined the rest of a charge, and that was that: nobody is reminded of it.",
    file: "core/payment/state.ts",
    find: 'return (state === "RESIDUAL_DUE" || state === "DISPUTE_LOST") &&',
    replace: 'return state === "CHARGING_RESIDUAL" &&'
  },
  {
    id: "charge-short-after-a-dispute-never-asked-for",
    area,
    why: "A bank took a payment back for good, and what its charge came to beside is asked of nobody: its state says one thing at a time.",
    file: "core/payment/state.ts",
    find: 'return (state === "RESIDUAL_DUE" || state === "DISPUTE_LOST") &&',
    replace: 'return state === "RESIDUAL_DUE" &&',
    explained:
      "A bank that takes a part back for good, and a bill corrected upwards weeks after: once in thirty lives of arrears. The contract of debts asks for it."
  },
  {
    id: "wallet-in-arrears-never-asked",
    area,
    why: "What a wallet owes is taken from the next money that comes in, and if none comes nobody asks for it.",
    file: shelf,
    find: "(it) => it.arrearsMinor > 0n && openOf(shelf, it.driverId) === undefined",
    replace: "(it) => it.arrearsMinor > 1_000_000n && openOf(shelf, it.driverId) === undefined"
  },
  {
    id: "reminders-fee-of-a-charge-not-owed",
    area,
    why: "The reminder asks for its fee, and the payment knows nothing of it: whoever pays the reminder has paid too much.",
    file: news,
    find: '.map(({ level, feeMinor }) => ({ _tag: "AskFee", id: feeId(debt.id, level), amountMinor: feeMinor }) as const)',
    replace:
      '.map(({ level, feeMinor }) => ({ _tag: "AskFee", id: feeId(debt.id, level), amountMinor: feeMinor }) as const).slice(1)'
  },
  {
    id: "reminders-fee-of-what-was-never-due",
    area,
    why: "A bill comes to nothing after all, and who was reminded of it owes the fee for being late with it.",
    file: "core/dunning/Debt.ts",
    find: "if (fees[index]! > 0n && dueMinor <= reminder.settledMinor) return reminder",
    replace: "if (fees[index]! < 0n && dueMinor <= reminder.settledMinor) return reminder"
  },
  {
    id: "reminders-fee-falls-with-any-correction",
    area,
    why: "A bill that came to a little less frees its driver of the fee, though he was late with most of it.",
    file: "core/dunning/Debt.ts",
    find: "  let dueMinor = debt.amountMinor\n",
    replace: "  let dueMinor = debt.amountMinor - 1_000n\n"
  },
  {
    id: "transfer-not-taken-off-the-card",
    area,
    why: "The rest of a charge came by transfer, and the next card that is named pays it once more.",
    file: news,
    find: "...[...debt.transfers, ...debt.writtenOff].map(",
    replace: "...[...debt.writtenOff].map("
  },
  {
    id: "forgiven-and-taken",
    area,
    why: "What a driver was forgiven is taken from his card all the same: it was written off in one book of two.",
    file: news,
    find: "...[...debt.transfers, ...debt.writtenOff].map(",
    replace: "...[...debt.transfers].map("
  },
  {
    id: "given-up-is-given-to-the-driver",
    area,
    why: "The rest of a charge was forgiven, its bill comes to less, and the difference goes to the driver who never paid it.",
    file: "core/payment/state.ts",
    find: "beyondMinor - writtenOffMinor - givenUpMinor",
    replace: "beyondMinor - writtenOffMinor"
  },
  {
    id: "given-up-of-what-is-owed-no-longer",
    area,
    why: "What was forgiven stays a loss when the bill comes to less: the ledger owes the driver what he never paid.",
    file: "core/dunning/next.ts",
    find: "if (tooMuchMinor > 0n) return takeBack",
    replace: "if (tooMuchMinor < 0n) return takeBack"
  },
  {
    id: "reminders-fee-of-a-wallet-not-claimed",
    area,
    why: "The fee of a reminder stands in the letter and in no wallet: it is never paid, and the ledger waits for it.",
    file: news,
    find: "yield* patiently(wallets.claim(debt.driverId, claim))",
    replace: "if (claim.owedMinor < 0n) yield* patiently(wallets.claim(debt.driverId, claim))"
  },
  {
    id: "reminders-fee-of-a-wallet-at-every-look",
    area,
    why: "Each look at a wallet's debt claims the fee of its reminder anew: a month of looks, a thousand fees.",
    file: news,
    find: "const claim = { sourceId: feeId(debt.id, level), owedMinor: feeMinor, reason: `reminder ${level}`, atMs }",
    replace:
      "const claim = { sourceId: `${feeId(debt.id, level)}/${nowMs}`, owedMinor: feeMinor, reason: `reminder ${level}`, atMs }"
  },
  {
    id: "charge-paid-and-reminded",
    area,
    why: "A driver has paid the rest of his charge and is reminded of it: the payment says so, and nobody asks it.",
    file: shelf,
    find: "return (state.paymentShelf.payments.get(of.id)?.version ?? 0) > toldVersion",
    replace: "return (state.paymentShelf.payments.get(of.id)?.version ?? 0) < toldVersion"
  },
  {
    id: "charge-corrected-after-it-was-paid",
    area,
    why: "The bill of a charge that was owed and paid is corrected, and its debt goes on with the old amounts: what is open is the same. Found in this house.",
    file: shelf,
    find: "return (state.paymentShelf.payments.get(of.id)?.version ?? 0) > toldVersion",
    replace:
      "return toldVersion === 0 || (amountsOf(debt).openMinor > 0n && (state.paymentShelf.payments.get(of.id)?.version ?? 0) > toldVersion)"
  },
  {
    id: "bill-corrected-debt-not",
    area,
    why: "A bill is corrected, and what is asked for it is not: reminders go on over the amount that was wrong.",
    file: news,
    find: "owedMinor === debt.amountMinor ? [] :",
    replace: "owedMinor >= debt.amountMinor ? [] :"
  },
  {
    id: "wallet-paid-and-reminded",
    area,
    why: "A wallet has paid what it owed, and is reminded of it: that less is owed than before is no news.",
    file: news,
    find: "      : owesMinor < openMinor\n",
    replace: "      : owesMinor < 0n\n"
  },
  {
    id: "charge-due-a-week-ago",
    area,
    why: "What a charge owes is due before the driver knows of it: the first reminder is there on the next morning.",
    file: "server/dunning/Dunning.ts",
    find: "const due = { dueDate: dayOf(nowMs, timeZone), timeZone }",
    replace: "const due = { dueDate: dayOf(nowMs - 7 * 86_400_000, timeZone), timeZone }"
  }
]
