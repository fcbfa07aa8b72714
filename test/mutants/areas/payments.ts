// biome-ignore-all lint/suspicious/noTemplateCurlyInString: patches are source text
import type { Mutant } from "../Mutant.ts"

const area = "payments"
const next = "core/payment/next.ts"
const post = "core/payment/post.ts"
const view = "core/payment/ProviderView.ts"
const perform = "server/payments/perform.ts"
const stripe = "server/payments/stripe/StripeProvider.ts"
const charging = "server/payments/Charging.ts"

/** Money of cards: held, taken, given back, and what the provider tells of it. */
export const payments: ReadonlyArray<Mutant> = [
  {
    id: "charge-without-a-key",
    area,
    why: "What is still owed is charged without an idempotency key: sent again after a time-out, it is made again.",
    file: stripe,
    find: "              off_session: true\n            },\n            { idempotencyKey: request.key }",
    replace:
      "              off_session: true\n            },\n            { idempotencyKey: `${request.key}/${((make as { n?: number }).n = ((make as { n?: number }).n ?? 0) + 1)}` }"
  },
  {
    id: "time-out-is-failure",
    area,
    why: "A call without an answer is taken as failed, and the next is another charge: the most common double payment.",
    file: perform,
    find: 'return { _tag: "Unknown", code: failure.why }',
    replace: 'return { _tag: "Refused", code: failure.why }'
  },
  {
    id: "capture-beyond-the-hold",
    area,
    why: "All that is owed is captured from a hold that is smaller: the provider refuses, and the hold runs out unused.",
    file: next,
    find: "const amountMinor = owedMinor < hold.authorizedMinor ? owedMinor : hold.authorizedMinor",
    replace: "const amountMinor = owedMinor"
  },
  {
    id: "started-however-late",
    area,
    why: "A hold that is confirmed or found out late starts the station all the same: the next driver's car charges on a stranger's card.",
    file: next,
    find: 'return nowMs < confirmedByMs(payment, policy) ? { _tag: "Start" } : tooLate(nowMs)',
    replace: 'return { _tag: "Start" }'
  },
  {
    id: "all-of-the-hold-captured",
    area,
    why: "The hold is captured as it stands and not what the bill comes to: drivers of 4 euros pay 40.",
    file: next,
    find: "const amountMinor = owedMinor < hold.authorizedMinor ? owedMinor : hold.authorizedMinor",
    replace: "const amountMinor = hold.authorizedMinor"
  },
  {
    id: "capture-booked-by-event",
    area,
    why: "A capture is booked anew by each event that tells of its intent: once when it is made, once more when a part is given back.",
    file: post,
    find: 'book("payment", intent.id, clearing, receivable, intent.capturedMinor)',
    replace: 'book("payment", `${intent.id}/${intent.refunds.length}`, clearing, receivable, intent.capturedMinor)'
  },
  {
    id: "provider-fee-not-booked",
    area,
    why: "What the provider keeps of each payment is in nobody's books: payouts never match what was captured.",
    file: post,
    find: 'if (intent.feeMinor !== null) book("payment", `${intent.id}:fee`, "psp_fees", clearing, intent.feeMinor)\n',
    replace: ""
  },
  {
    id: "failed-refund-stays-booked",
    area,
    why: "A refund that the bank sends back stays booked as given: the driver is told it is on its way, for ever.",
    file: post,
    find: 'if (status === "Failed") book("refund"',
    replace: 'if (status === "Failed" && amountMinor < 0n) book("refund"'
  },
  {
    id: "dispute-won-not-booked",
    area,
    why: "A dispute that was won does not come back: the chargeback stays an expense.",
    file: post,
    find: 'if (status === "Won") book("dispute", `${id}:won`, clearing, account, amountMinor)\n',
    replace: ""
  },
  {
    id: "late-news-overwrites",
    area,
    why: "A late payment_failed overwrites captured: the newest word counts and not the furthest, seen in an open system.",
    file: view,
    find: "status: later(intentStatuses, a.status, b.status),",
    replace: "status: b.status,"
  },
  {
    id: "refunds-overwritten",
    area,
    why: "What was given back is overwritten by an older event that knows less of it, and given back again: seen.",
    file: view,
    find: "refunds: joinById(a.refunds, b.refunds, joinRefund),",
    replace: "refunds: b.refunds,"
  },
  {
    id: "webhook-unsigned",
    area,
    why: "Webhooks are taken without a look at their signature: whoever knows the address tells that he has paid.",
    file: stripe,
    find: "            Stripe.webhooks.constructEvent(\n              raw,\n              signature,\n              Redacted.value(options.webhookSecret),\n              toleranceSeconds,\n              undefined,\n              nowMs\n            )",
    replace: "            (signature.length + toleranceSeconds + nowMs > 0 ? JSON.parse(raw) : null) as Stripe.Event"
  },
  {
    id: "refund-from-the-first-intent",
    area,
    why: "A charge that two intents paid is given back from the first of them: where that has too little, the rest stays with us.",
    file: next,
    find: "  for (const intent of bySize) {",
    replace: "  for (const intent of payment.intents.slice(0, 1)) {"
  },
  {
    id: "residual-forgotten",
    area,
    why: "What the capture did not cover is known to be due and asked of nobody: the kept card is never charged for it.",
    file: next,
    find: '  return retry(payment, attemptsFor(payment, "charge"), nowMs, policy, charge)',
    replace:
      '  return payment.intents.length > 0 ? rest : retry(payment, attemptsFor(payment, "charge"), nowMs, policy, charge)'
  },
  {
    id: "stray-hold-kept",
    area,
    why: "A hold that was made after its driver had tried again belongs to no charge, and stands until the bank lets go of it.",
    file: next,
    find: "return payment.intents.find((it) => it.id !== current?.id && keys.includes(it.key) && !isOver(it))",
    replace: "return payment.intents.find((it) => it.id === current?.id && keys.indexOf(it.key) < 0 && !isOver(it))"
  },
  {
    id: "nothing-owed-keeps-the-hold",
    area,
    why: "A charge that costs nothing keeps its authorization: there is nothing to capture, and so nothing is done.",
    file: next,
    find: 'if (hold.status !== "Authorized" || owedMinor < policy.floorMinor) return letGo(payment, hold, nowMs, policy)',
    replace:
      'if (owedMinor === 0n) return rest\n  if (hold.status !== "Authorized" || owedMinor < policy.floorMinor) return letGo(payment, hold, nowMs, policy)'
  },
  {
    id: "token-stays-good",
    area,
    why: "The token of a charge that is paid starts another one, which nobody pays for: stations keep what they heard last.",
    file: charging,
    find: "if (token === undefined || token.blockedAtMs !== null) return\n      const blockedAtMs",
    replace: "if (token === undefined || token.blockedAtMs === null) return\n      const blockedAtMs"
  },
  {
    id: "owed-without-credits",
    area,
    why: "What is owed is the sum of the bills without the credits: whoever is billed anew pays both bills.",
    file: charging,
    find: "for (const { grossMinor } of bills.items) amountMinor += grossMinor",
    replace: "for (const { grossMinor, credit } of bills.items) if (!credit) amountMinor += grossMinor"
  },
  {
    id: "asked-for-is-held",
    area,
    why: "A raise that was asked for counts as held before the bank has answered: the charge goes on, and the bank says no.",
    file: charging,
    find: 'authorizedMinor: hold.status === "Authorized" ? hold.authorizedMinor : 0n,',
    replace:
      'authorizedMinor: hold.status === "Authorized" ? (isPending && last !== undefined && last.amountMinor > hold.authorizedMinor ? last.amountMinor : hold.authorizedMinor) : 0n,'
  },
  {
    id: "refund-under-another-key",
    area,
    why: "A refund that got no answer is sent again under another key: the driver has it twice.",
    file: "server/payments/stripe/StripeProvider.ts",
    find: '[metadataKeys.goodwill]: goodwill ? "yes" : "no" }\n            },\n            { idempotencyKey: key }',
    replace:
      '[metadataKeys.goodwill]: goodwill ? "yes" : "no" }\n            },\n            { idempotencyKey: `${key}/${((call as { n?: number }).n = ((call as { n?: number }).n ?? 0) + 1)}` }'
  },
  {
    id: "goodwill-from-one-intent",
    area,
    why: "Of a charge that two intents paid all is promised back, and only what the larger of them holds is given. Found in this house.",
    file: "core/payment/next.ts",
    find: "if (leftMinor > 0n) return { id, amountMinor: leftMinor }",
    replace: "if (leftMinor === amountMinor) return { id, amountMinor: leftMinor }"
  },
  {
    id: "chargeback-stays-an-expense",
    area,
    why: "A bank took back what a bill came to, and then the bill comes to nothing: it is booked as lost to the dispute and as owed to the driver. Found in this house.",
    file: "core/payment/state.ts",
    find: "chargeback: between(0n, missingMinor - goodwill, lostMinor)",
    replace: "chargeback: between(0n, missingMinor - goodwill, lostMinor - lostMinor)"
  },
  {
    id: "kept-by-hand-and-not-booked",
    area,
    why: "A person decides that money of nobody is kept, the item is gone from the list, and no entry says where the money is.",
    file: "server/payments/resolve.ts",
    find: "const booked = [...entries, ...own].map(",
    replace: "const booked = [...entries, ...own.slice(0, 0)].map("
  },
  {
    id: "sent-back-by-hand-and-kept",
    area,
    why: "A person decides that money goes back, which is written down as done: nothing says that nobody owes it.",
    file: "core/payment/decide.ts",
    find: '{ _tag: "Observed", atMs, intent }, { _tag: "Abandoned", atMs, why })',
    replace: '{ _tag: "Observed", atMs, intent })'
  },
  {
    id: "found-again-and-still-lost",
    area,
    why: "The provider knows an intent again that somebody has written off: all matches, and its money stays a bad debt for ever. Found in this house.",
    file: "server/payments/reconcile.ts",
    find: "if (ownMinor + othersMinor === 0n) return []",
    replace: "if (ownMinor + othersMinor <= 0n) return []"
  },
  {
    id: "written-off-as-if-we-had-none",
    area,
    why: "What is written off is what the provider has, not by how much it is less than what the books have.",
    file: "server/payments/resolve.ts",
    find: "clears(held?.intent) - clears(ours), held",
    replace: "clears(held?.intent), held"
  },
  {
    id: "stuck-since-the-last-look",
    area,
    why: "Each look-up that fails begins the day anew after which a call is one for people: nobody ever hears of it. Found in this house, nearly.",
    file: "server/payments/reconcile.ts",
    find: "if (nowMs - openSinceMs(attempt) < stuckAfterMs) continue",
    replace: "if (nowMs - attempt.atMs < stuckAfterMs) continue"
  },
  {
    id: "booked-by-hand-and-not-written",
    area,
    why: "A person has a missing entry booked, the item is gone from the list, and the entry is still missing.",
    file: "server/payments/resolve.ts",
    find: ": { entries: [entry] }",
    replace: ": { entries: [entry].slice(1) }"
  },
  {
    id: "answer-to-dispute-for-nothing",
    area,
    why: "The provider keeps a second fee for the answer to a dispute, and the ledger has the first alone. Found in this house.",
    file: "core/payment/post.ts",
    find: "laterFees.forEach((minor, index) => {",
    replace: "laterFees.slice(1).forEach((minor, index) => {"
  }
]
