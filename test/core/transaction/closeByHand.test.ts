import { assert, it } from "@effect/vitest"
import { Result } from "effect"
import * as Instant from "#core/Instant.ts"
import { assess } from "#core/transaction/assess.ts"
import { closeByHand, silentForMs } from "#core/transaction/closeByHand.ts"
import { begin, evolve, isOpen, type Transaction, type TransactionFact } from "#core/transaction/Transaction.ts"
import { started, stateChanged } from "../../contract/ports/makers.ts"

const noonMs = Date.UTC(2026, 4, 4, 12)
const minuteMs = 60_000

const charge = (...facts: ReadonlyArray<TransactionFact>): Transaction =>
  [started(noonMs), ...facts].reduce(
    evolve,
    begin({
      id: "t",
      stationId: "S",
      dialect: "2.0.1",
      ocppId: "1",
      startKey: null,
      evseId: 1,
      connectorId: 1,
      tariff: null,
      timeZone: "UTC"
    })
  )

const state = (minutes: number): TransactionFact => stateChanged(noonMs + minutes * minuteMs)
const ended: TransactionFact = {
  _tag: "Ended",
  atMs: noonMs + minuteMs,
  receivedAtMs: noonMs + minuteMs,
  seqNo: 1,
  reason: "Local",
  token: null,
  byStranger: false
}
const closedAs = (why: "superseded" | "operator"): TransactionFact => ({
  _tag: "Closed",
  atMs: noonMs,
  receivedAtMs: noonMs,
  why
})

const closure = { reason: "It was taken down.", by: "desk" }
/** Asked so many minutes past noon, where the station's clock is ahead by so many. */
const asked = (transaction: Transaction, minutes: number, aheadMinutes = 0) => {
  const nowMs = noonMs + minutes * minuteMs
  return closeByHand(transaction, closure, { nowMs, shownAtMs: nowMs + aheadMinutes * minuteMs })
}

it("a charge that nothing is told of for 15 minutes is closed once, with who did so and why", () => {
  const facts = Result.getOrThrow(asked(charge(), 16, 5))
  const nowMs = noonMs + 16 * minuteMs
  assert.deepStrictEqual(facts, [
    { _tag: "Closed", atMs: nowMs + 5 * minuteMs, receivedAtMs: nowMs, why: "operator", ...closure }
  ])
  const closed = charge(...facts)
  assert.isFalse(isOpen(closed))
  assert.deepStrictEqual(Result.getOrThrow(asked(closed, 60)), [])
  assert.deepStrictEqual(Result.getOrThrow(asked(charge(...facts, ended), 60)), [])
  const finding = assess(closed).findings.find(({ code }) => code === "stop-missing")
  assert.strictEqual(finding?.text, "No stop was received; closed by hand: It was taken down.")
})

it.each<[what: string, transaction: Transaction, minutes: number, aheadMinutes: number, refusal: string | null]>([
  ["it ended", charge(ended), 60, 0, "The charge is over."],
  ["it was given up before", charge(closedAs("superseded")), 60, 0, "The charge is over."],
  ["its start was just told", charge(), 1, 0, Instant.format(noonMs)],
  ["a state was told 14 minutes ago", charge(state(30)), 44, 0, Instant.format(noonMs + 30 * minuteMs)],
  ["a state was told 15 minutes ago", charge(state(30)), 45, 0, null],
  ["its clock is ahead, and it has just told", charge(state(60)), 1, 60, Instant.format(noonMs + 60 * minuteMs)],
  ["it told by a clock of which nothing is known any more", charge(state(900)), 60, 0, null]
])("a closure by hand where %s", (_, transaction, minutes, aheadMinutes, refusal) => {
  const told = asked(transaction, minutes, aheadMinutes)
  if (refusal === null) assert.strictEqual(Result.getOrThrow(told).length, 1)
  else assert.include(Result.isFailure(told) ? told.failure : "", refusal)
})

it("silence is longer than between two readings of most stations", () => {
  assert.strictEqual(silentForMs, 15 * minuteMs)
})
