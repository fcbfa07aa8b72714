import { assert, it } from "@effect/vitest"
import { type BookedEntry, nothingVisible } from "#simulator/oracles/Evidence.ts"
import {
  isWrittenOff,
  judgeMishaps,
  keptOf,
  type MishapRecord,
  overturnedOf,
  type TrueItemDecision,
  type TrueMishap
} from "#simulator/oracles/mishaps.ts"
import { Findings } from "#simulator/oracles/Oracle.ts"
import type { TrueIntent } from "#simulator/psp/Account.ts"
import { bookedPayment } from "./world.ts"

const hourMs = 3_600_000

const mishap = (kind: TrueMishap["kind"], more: Partial<TrueMishap> = {}): TrueMishap => ({
  kind,
  subject: "pi_1",
  amountMinor: 0n,
  atMs: 0,
  endedAtMs: null,
  failedAtMs: null,
  ...more
})

const decided = (kind: TrueItemDecision["kind"], more: Partial<TrueItemDecision> = {}): TrueItemDecision => ({
  kind,
  subject: "pi_1",
  doneAtMs: hourMs,
  refused: null,
  toldOtherwise: null,
  ...more
})

const record = (mishaps: ReadonlyArray<TrueMishap>, decisions: ReadonlyArray<TrueItemDecision> = []): MishapRecord => ({
  mishaps,
  decisions,
  shownWithinMs: 14 * hourMs
})

const judged = (
  of: MishapRecord,
  entries: ReadonlyArray<BookedEntry> = [],
  refundsFailed = 0
): ReadonlyArray<string> => {
  const found = new Findings()
  const intents = [{ id: "pi_1", refundedMinor: 0n, refundsFailed }]
  judgeMishaps(of, { booked: [bookedPayment()], intents }, { ...nothingVisible, entries }, 54 * hourMs, found)
  return found.outcome().failures.map(({ sentence }) => sentence)
}

const nothing: ReadonlyArray<string> = []

it("wants an intent that is lost decided about, once, and once more where it is found again", () => {
  const [lost, missing] = [mishap("lost"), decided("missing-intent")]
  assert.match(judged(record([lost]))[0]!, /never came before anybody/)
  assert.deepStrictEqual(judged(record([{ ...lost, atMs: 53 * hourMs }])), nothing)
  assert.deepStrictEqual(judged(record([lost], [missing])), nothing)
  assert.match(judged(record([lost], [missing, missing]))[0]!, /came before somebody again/)
  const away = mishap("away", { endedAtMs: 9 * hourMs })
  assert.deepStrictEqual(judged(record([away], [missing, decided("amounts")])), nothing)
  assert.match(judged(record([lost], [missing, decided("amounts")]))[0]!, /Nothing is wrong/)
})

it("wants what a bank gave back decided about once, and again only behind a refund that was tried", () => {
  const twice = record([mishap("overturned", { amountMinor: 637n })], [decided("amounts"), decided("amounts")])
  assert.match(judged(twice)[0]!, /came before somebody again/)
  assert.deepStrictEqual(judged(twice, [], 1), nothing)
})

it("wants what was decided done, and told alike when it is asked for again", () => {
  const lost = mishap("lost")
  const missing = (more: Partial<TrueItemDecision>) => judged(record([lost], [decided("missing-intent", more)]))[0]!
  assert.match(missing({ doneAtMs: null }), /was never done/)
  assert.match(missing({ doneAtMs: null, refused: "No." }), /was refused/)
  assert.match(missing({ toldOtherwise: "twice" }), /came to something else/)
  const back = record(
    [mishap("away", { endedAtMs: 9 })],
    [decided("missing-intent", { doneAtMs: null, refused: "No." })]
  )
  assert.deepStrictEqual(judged(back), nothing)
})

it("wants a call that nobody could ask about before people, and decided by nobody", () => {
  const silent = mishap("silent", { failedAtMs: 0, endedAtMs: 36 * hourMs })
  assert.match(judged(record([silent]))[0]!, /nobody heard of it/)
  assert.deepStrictEqual(judged(record([{ ...silent, endedAtMs: 31 * hourMs }])), nothing)
  const stuck = decided("stuck", { subject: "P1/capture/1", doneAtMs: null, refused: "Only the provider knows." })
  assert.deepStrictEqual(judged(record([silent], [stuck])), nothing)
  assert.match(judged(record([silent], [{ ...stuck, refused: null, doneAtMs: 1 }]))[0]!, /Something was decided/)
  assert.match(judged(record([silent], [{ ...stuck, subject: "P2/capture/1" }]))[0]!, /Nothing is wrong/)
})

it("wants a lost entry in the ledger again, once", () => {
  const lost = record([mishap("entry", { subject: "entry-1" })], [decided("unbooked", { subject: "entry-1" })])
  const entry: BookedEntry = { id: "entry-1", sourceId: "1", currency: "EUR", postings: [] }
  assert.deepStrictEqual(judged(lost, [entry]), nothing)
  for (const entries of [[], [entry, entry]]) assert.match(judged(lost, entries)[0]!, /is not in it once/)
})

it("knows what people have kept and lost by what they decided", () => {
  const overturned = mishap("overturned", { amountMinor: 700n })
  assert.strictEqual(overturnedOf(record([overturned]), "pi_1"), 0n)
  const kept = record([overturned], [decided("amounts")])
  assert.strictEqual(overturnedOf(kept, "pi_1"), 700n)
  const intent = {
    id: "pi_1",
    capturedMinor: 700n,
    refundedMinor: 700n,
    disputedMinor: 0n,
    feeMinor: 36n
  } as TrueIntent
  assert.strictEqual(keptOf(kept, [intent]), 700n)
  const lost = record([mishap("lost")], [decided("missing-intent")])
  assert.isTrue(isWrittenOff(lost, "pi_1"))
  assert.strictEqual(keptOf(lost, [{ ...intent, isLost: true }]), 36n)
  assert.strictEqual(keptOf(lost, [{ ...intent, isLost: true, refundedMinor: 0n }]), 0n)
})
