import { assert, it } from "@effect/vitest"
import { type BookedEntry, type BookedPayment, nothingVisible } from "#simulator/oracles/Evidence.ts"
import { Findings } from "#simulator/oracles/Oracle.ts"
import { isKept, judgeStrays, type TrueDecision } from "#simulator/oracles/strays.ts"
import type { TrueIntent } from "#simulator/psp/Account.ts"
import { bookedPayment } from "./world.ts"

const hourMs = 3_600_000

const intent: TrueIntent = {
  id: "pi_1",
  createdAtMs: 0,
  currency: "EUR",
  metadata: { by_hand: "1" },
  way: "charge",
  hasCustomer: false,
  authorizedMinor: 700n,
  raises: [],
  heldMinor: 0n,
  capturedMinor: 700n,
  refundedMinor: 0n,
  refundedAtMs: null,
  refundsFailed: 0,
  feeMinor: 36n,
  disputedMinor: 0n,
  captures: 1,
  capturedAtMs: 1
}

const decided = (more: Partial<TrueDecision>): TrueDecision => ({
  intentId: "pi_1",
  action: "refund",
  paymentId: null,
  doneAtMs: hourMs,
  refused: null,
  toldOtherwise: null,
  ...more
})

const kept = (amountMinor: bigint): BookedEntry => ({
  id: "entry-unmatched/1",
  sourceId: "unmatched/1",
  currency: "EUR",
  postings: [
    { account: "psp_clearing:stripe", amountMinor },
    { account: "unclaimed", amountMinor: -amountMinor }
  ]
})

interface World {
  readonly decisions: ReadonlyArray<TrueDecision>
  readonly intent?: Partial<TrueIntent>
  readonly payments?: ReadonlyArray<BookedPayment>
  readonly entries?: ReadonlyArray<BookedEntry>
}

const judged = ({ decisions, intent: more = {}, payments = [], entries = [] }: World): ReadonlyArray<string> => {
  const found = new Findings()
  const record = { decisions, shownWithinMs: 10 * hourMs }
  judgeStrays(record, [{ ...intent, ...more }], payments, { ...nothingVisible, entries }, 0n, 20 * hourMs, found)
  return found.outcome().failures.map(({ sentence }) => sentence)
}

it("holds money of no payment to what the desk decided about it", () => {
  assert.deepStrictEqual(judged({ decisions: [decided({})], intent: { refundedMinor: 700n } }), [])
  assert.match(judged({ decisions: [decided({})] })[0]!, /was to go back has not/)
  assert.deepStrictEqual(judged({ decisions: [decided({})], intent: { refundsFailed: 1 } }), [])
  const assigned = decided({ action: "assign", paymentId: "P1" })
  assert.deepStrictEqual(judged({ decisions: [assigned], payments: [bookedPayment("P1")] }), [])
  assert.match(judged({ decisions: [assigned], payments: [bookedPayment("P2")] })[0]!, /is not its payment's/)
  const writtenOff = decided({ action: "write-off" })
  assert.deepStrictEqual(judged({ decisions: [writtenOff], entries: [kept(664n)] }), [])
  assert.match(judged({ decisions: [writtenOff], entries: [kept(700n)] })[0]!, /is not what the ledger has/)
  assert.match(judged({ decisions: [writtenOff] })[0]!, /is not what the ledger has/)
  const taken = judged({ decisions: [writtenOff], entries: [kept(664n)], payments: [bookedPayment("P1")] })
  assert.match(taken[0]!, /nobody's is a payment's/)
  assert.isTrue(isKept({ decisions: [writtenOff], shownWithinMs: 0 }, "pi_1"))
  assert.isFalse(isKept({ decisions: [decided({})], shownWithinMs: 0 }, "pi_1"))
})

it("sees money that never came before anybody, and decisions that were refused, not done, or told otherwise", () => {
  assert.match(judged({ decisions: [] })[0]!, /never came before anybody/)
  assert.deepStrictEqual(judged({ decisions: [], intent: { createdAtMs: 15 * hourMs } }), [])
  assert.deepStrictEqual(judged({ decisions: [], intent: { capturedMinor: 0n } }), [])
  const back = { intent: { refundedMinor: 700n } }
  const otherwise = decided({ toldOtherwise: "twice" })
  assert.match(judged({ decisions: [otherwise], ...back })[0]!, /came to something else/)
  const refused = decided({ refused: "no", doneAtMs: null })
  assert.match(judged({ decisions: [refused, decided({})], ...back })[0]!, /was refused/)
  assert.match(judged({ decisions: [decided({}), decided({ doneAtMs: null })], ...back })[0]!, /was never done/)
  const overtaken = decided({ action: "assign", paymentId: "P1", refused: "paid meanwhile", doneAtMs: null })
  assert.deepStrictEqual(judged({ decisions: [overtaken, decided({})], ...back }), [])
})
