import { assert, it } from "@effect/vitest"
import type { BookedIntent, BookedPayment, Evidence } from "#simulator/oracles/Evidence.ts"
import type { Context } from "#simulator/oracles/Oracle.ts"
import { type PspRecord, payments } from "#simulator/oracles/payments.ts"
import type { TrueIntent } from "#simulator/psp/Account.ts"
import { Truth, type Way } from "#simulator/Truth.ts"
import { another, cdr, noonMs, rightWorld, tariff, transaction } from "./world.ts"

const hourMs = 3_600_000

const trueIntent: TrueIntent = {
  id: "pi_1",
  createdAtMs: 0,
  currency: "EUR",
  metadata: { wattproof_payment: "P1" },
  authorizedMinor: 3_000n,
  heldMinor: 0n,
  capturedMinor: 1_300n,
  refundedMinor: 134n,
  refundedAtMs: null,
  refundsFailed: 0,
  way: "hold",
  hasCustomer: false,
  raises: [{ atMs: 0, heldMinor: 3_000n }],
  feeMinor: 45n,
  disputedMinor: 0n,
  captures: 1,
  capturedAtMs: 1
}

const bookedIntent: BookedIntent = {
  id: "pi_1",
  authorizedMinor: 3_000n,
  capturedMinor: 1_300n,
  refundedMinor: 134n,
  disputedMinor: 0n
}

const payment: BookedPayment = {
  id: "P1",
  transactionId: "T1",
  currency: "EUR",
  state: "PARTIALLY_REFUNDED",
  isAtRest: true,
  owedMinor: 1_166n,
  writtenOffMinor: 0n,
  residualMinor: 0n,
  goodwillMinor: 0n,
  intents: [bookedIntent]
}

/** A bill of 13.00, taken back, and one of 11.66: of what was captured, 1.34 was given back. */
const bills = [
  cdr({ grossMinor: 1_300n }),
  cdr({ id: "T1-2", grossMinor: -1_300n, credit: true }),
  cdr({ id: "T1-3", grossMinor: 1_166n })
]

const clearing = (amountMinor: bigint) => [
  {
    id: "entry-pi_1",
    sourceKind: "payment",
    sourceId: "pi_1",
    currency: "EUR",
    postings: [{ account: "psp_clearing:stripe", amountMinor }]
  }
]

interface World {
  readonly intents?: ReadonlyArray<TrueIntent>
  readonly payments?: ReadonlyArray<BookedPayment>
  readonly psp?: Partial<PspRecord>
  readonly evidence?: Partial<Evidence>
}

const judge = (world: World = {}, truth = new Truth()) => {
  const evidence: Evidence = {
    transactions: [transaction()],
    cdrs: bills,
    entries: clearing(1_121n),
    connectors: [],
    payments: world.payments ?? [payment],
    ...world.evidence
  }
  const psp = { intents: world.intents ?? [trueIntent], paidOut: new Map(), forgedAccepted: 0, ...world.psp }
  const outcome = payments.checks(truth, evidence, { psp, tariffsOf: () => [tariff] } as unknown as Context)
  return { ...outcome, sentences: outcome.failures.map(({ sentence }) => sentence) }
}

it("passes where provider, payments, bills and ledger agree", () => {
  assert.deepStrictEqual([judge().verdict, judge().sentences], ["PASS", []])
})

it("sees money that differs between the provider and the payments, wherever it moved", () => {
  const differs = (more: Partial<TrueIntent>) => judge({ intents: [{ ...trueIntent, ...more }] }).sentences[0]
  assert.match(differs({ capturedMinor: 1_301n })!, /captured/)
  assert.match(differs({ refundedMinor: 0n })!, /refunded/)
  assert.match(differs({ disputedMinor: 1n })!, /disputes/)
  assert.match(differs({ captures: 2 })!, /captured twice/)
  assert.match(differs({ heldMinor: 5n })!, /still holds/)
})

it("sees an intent that took money of which the CMS knows nothing, and one that never was", () => {
  const stray = { ...trueIntent, id: "pi_2", refundedMinor: 1_300n, feeMinor: 0n }
  assert.match(judge({ intents: [trueIntent, stray] }).sentences[0]!, /does not know of it/)
  const idle = { ...stray, capturedMinor: 0n, refundedMinor: 0n }
  assert.strictEqual(judge({ intents: [trueIntent, idle] }).verdict, "PASS")
  const intents = [bookedIntent, { ...bookedIntent, id: "pi_3", capturedMinor: 0n, refundedMinor: 0n }]
  assert.match(judge({ payments: [{ ...payment, intents }] }).sentences[0]!, /does not know intent pi_3/)
})

it("sees a session that is paid for twice", () => {
  const again = { ...payment, id: "P2", intents: [{ ...bookedIntent, id: "pi_2" }] }
  const intents = [trueIntent, { ...trueIntent, id: "pi_2" }]
  const { sentences } = judge({ intents, payments: [payment, again], evidence: { entries: clearing(2_242n) } })
  assert.match(sentences[0]!, /paid for by P1 too/)
})

it("sees a charge that was doubled though all of it was given back, and none where each bill asked for more", () => {
  const { sentences } = judge({ evidence: { cdrs: [cdr()] } })
  assert.deepStrictEqual(sentences, ["More was taken in all than was ever asked for. (payment P1, PARTIALLY_REFUNDED)"])
  const up = [cdr({ grossMinor: 1_000n }), cdr({ id: "T1-2", grossMinor: -1_000n, credit: true })]
  const down = [cdr({ id: "T1-3", grossMinor: 866n }), cdr({ id: "T1-4", grossMinor: -866n, credit: true })]
  const rising = [...up, ...down, cdr({ id: "T1-5", grossMinor: 1_166n })]
  assert.deepStrictEqual(judge({ evidence: { cdrs: rising } }).sentences, [])
})

it("sees too much taken, and too little that nobody asks for", () => {
  const owing = (grossMinor: bigint, more: Partial<BookedPayment> = {}) =>
    judge({
      payments: [{ ...payment, owedMinor: grossMinor, ...more }],
      evidence: { cdrs: [cdr({ grossMinor })] }
    })
  assert.match(owing(1_000n).sentences[0]!, /More was taken/)
  assert.match(owing(2_000n).sentences[0]!, /do not make what is owed/)
  assert.strictEqual(owing(2_000n, { residualMinor: 834n }).verdict, "PASS")
  assert.strictEqual(owing(2_000n, { writtenOffMinor: 834n }).verdict, "PASS")
  assert.match(judge({ payments: [{ ...payment, owedMinor: 1_000n }] }).sentences[0]!, /does not ask for/)
  assert.match(judge({ payments: [{ ...payment, transactionId: null }] }).sentences[0]!, /no session belongs/)
})

it("sees a call whose end was never found out, a forged notification taken, and a ledger that differs", () => {
  const stuck = { ...payment, state: "UNKNOWN", isAtRest: false }
  assert.match(judge({ payments: [stuck] }).sentences[0]!, /never found out.*UNKNOWN/)
  assert.match(judge({ psp: { forgedAccepted: 1 } }).sentences[0]!, /Forged/)
  assert.match(judge({ evidence: { entries: clearing(1_166n) } }).sentences[0]!, /differs from the ledger/)
  const paidOut = new Map([["EUR", 1_121n]])
  assert.strictEqual(judge({ psp: { paidOut }, evidence: { entries: clearing(0n) } }).verdict, "PASS")
})

it("forgives what a running session holds and owes, and says nothing where it cannot look", () => {
  const running = { transactions: [transaction({ settled: false })], cdrs: [] }
  const held = { ...trueIntent, heldMinor: 3_000n, capturedMinor: 0n, refundedMinor: 0n, feeMinor: 0n, captures: 0 }
  const waits = { ...bookedIntent, capturedMinor: 0n, refundedMinor: 0n }
  const { verdict } = judge({
    intents: [held],
    payments: [{ ...payment, owedMinor: null, intents: [waits] }],
    evidence: { ...running, entries: [] }
  })
  assert.strictEqual(verdict, "PASS")
  assert.strictEqual(judge({ evidence: { payments: null } }).verdict, "NOT VERIFIABLE")
})

it("sees a top-up that is not in its wallet, is there twice, is more than was asked for, or was never paid", () => {
  const topUp = { driverId: "ada", askedMinor: 1_300n }
  const paid = { ...payment, transactionId: null, owedMinor: null, topUp }
  const credit = { kind: "top-up", amountMinor: 1_300n, balanceMinor: 1_300n, sourceId: "pi_1", transactionId: null }
  const judged = (movements: ReadonlyArray<typeof credit>, more: Partial<BookedPayment> = {}) => {
    const rest = { driverId: "ada", currency: "EUR", balanceMinor: 0n, heldMinor: 0n, arrearsMinor: 0n }
    return judge({ payments: [{ ...paid, ...more }], evidence: { cdrs: [], wallets: [{ ...rest, movements }] } })
  }
  assert.deepStrictEqual(judged([credit]).sentences, [])
  assert.match(judged([]).sentences[0]!, /not in the wallet of ada once/)
  assert.match(judged([credit, credit]).sentences[0]!, /not in the wallet of ada once/)
  assert.match(judged([{ ...credit, amountMinor: 1_299n }]).sentences[0]!, /not in the wallet of ada once/)
  assert.match(judged([credit], { topUp: { ...topUp, askedMinor: 1_299n } }).sentences[0]!, /more than was asked for/)
  assert.match(judged([credit, { ...credit, sourceId: "pi_9" }]).sentences[0]!, /which nobody paid/)
})

it("sees what is due and was never asked of the card that is kept, and goodwill that was promised and not given", () => {
  const due = { ...payment, owedMinor: 2_000n, residualMinor: 834n }
  const evidence = { cdrs: [cdr({ grossMinor: 2_000n })] }
  const kept = { ...trueIntent, hasCustomer: true }
  assert.match(judge({ intents: [kept], payments: [due], evidence }).sentences[0]!, /never asked of the card/)
  const declined = { ...kept, id: "pi_2", way: "charge", capturedMinor: 0n, refundedMinor: 0n, feeMinor: 0n } as const
  assert.deepStrictEqual(judge({ intents: [kept, declined], payments: [due], evidence }).sentences, [])
  const goodwill = new Map([["P1", 134n]])
  assert.match(judge({ psp: { goodwill } }).sentences[0]!, /did not get what he was promised/)
  const sentBack = { ...trueIntent, refundsFailed: 1 }
  assert.deepStrictEqual(judge({ intents: [sentBack], psp: { goodwill } }).sentences, [])
})

it("forgives a bill that came to less what the bank has taken back, or sends back whenever it is given", () => {
  const disputed = (disputedMinor: bigint, refundsFailed = 0) => {
    const intents = [{ ...trueIntent, refundedMinor: 0n, disputedMinor, refundsFailed }]
    const booked = { ...payment, intents: [{ ...bookedIntent, refundedMinor: 0n, disputedMinor }] }
    return judge({ intents, payments: [booked], evidence: { entries: clearing(1_255n - disputedMinor) } }).sentences
  }
  assert.match(disputed(0n)[0]!, /More was taken/)
  assert.match(disputed(133n)[0]!, /More was taken/)
  assert.deepStrictEqual(disputed(134n), [])
  assert.deepStrictEqual(disputed(0n, 1), [])
})

it("sees a charge that went on beyond what was held when it ended, and a token that starts another", () => {
  const promise = { riskMinor: 0n, overshootMs: 60_000, tokenGoodMs: 60_000, beginsWithinMs: 600_000 }
  const truth = (tokenUid: string) => {
    const { truth } = rightWorld({ tokenUid, endedAtMs: noonMs + hourMs, trueEndedAtMs: noonMs + hourMs })
    return truth
  }
  const held = (...raises: TrueIntent["raises"]) =>
    judge({ intents: [{ ...trueIntent, raises }], psp: { promise } }, truth("PAY1"))
  assert.deepStrictEqual(held({ atMs: noonMs, heldMinor: 3_000n }).sentences, [])
  assert.match(held({ atMs: noonMs, heldMinor: 1_000n }).sentences[0]!, /went on beyond the 1000 held/)
  const late = [
    { atMs: noonMs, heldMinor: 1_000n },
    { atMs: noonMs + 2 * hourMs, heldMinor: 3_000n }
  ]
  assert.match(held(...late).sentences[0]!, /went on beyond the 1000 held/)
  const again = (afterMs: number, tokenUid: string) => {
    const twice = truth(tokenUid)
    const begun = noonMs + hourMs + afterMs
    another({ truth: twice } as Parameters<typeof another>[0], { tokenUid, startedAtMs: begun, trueStartedAtMs: begun })
    return judge({ psp: { promise } }, twice).sentences
  }
  assert.match(again(120_000, "PAY1")[0]!, /had paid for its charge and started another/)
  assert.deepStrictEqual(again(30_000, "PAY1"), [])
  assert.deepStrictEqual(again(120_000, "GOOD"), [])
})

it("takes goodwill of what is not owed any more for what is given back, and only that", () => {
  const all = { ...trueIntent, refundedMinor: 1_300n }
  const booked = {
    ...payment,
    owedMinor: 0n,
    goodwillMinor: 134n,
    intents: [{ ...bookedIntent, refundedMinor: 1_300n }]
  }
  const evidence = { cdrs: bills.slice(0, 2), entries: clearing(-45n) }
  const judged = (setOffMinor: bigint) =>
    judge({ intents: [all], payments: [{ ...booked, setOffMinor }], evidence }).sentences
  assert.deepStrictEqual(judged(134n), [])
  assert.match(judged(0n)[0]!, /More was taken than is owed/)
  assert.match(judged(135n)[0]!, /do not make what is owed/)
})

it("sees a charge that began when the driver who scanned the code waited no more, and leaves cards alone", () => {
  const promise = { riskMinor: 0n, overshootMs: 60_000, tokenGoodMs: 60_000, beginsWithinMs: 600_000 }
  const begun = (way: Way, afterMs: number) => {
    const { truth } = rightWorld({ tokenUid: "PAY1" })
    const place = { stationId: "CP1", evseId: 1, tokenUid: "PAY1", personId: "ada" }
    truth.present({ ...place, way, atMs: noonMs - afterMs })
    return judge({ psp: { promise } }, truth).sentences
  }
  assert.deepStrictEqual(begun("qr", 600_000), [])
  assert.match(begun("qr", 600_001)[0]!, /PAY1 began when its driver waited for it no more/)
  assert.deepStrictEqual(begun("card", 600_001), [])
})
