import { assert, it } from "@effect/vitest"
import { Result } from "effect"
import { assess } from "#core/transaction/assess.ts"
import { correct } from "#core/transaction/correct.ts"
import { begin, evolve, pricedBy, type Transaction, type TransactionFact } from "#core/transaction/Transaction.ts"
import fc from "#test/support/fastCheck.ts"

const frozen = { id: "standard", version: 3, groups: ["staff"] }

const begun = begin({
  id: "t",
  stationId: "S",
  dialect: "1.6",
  ocppId: "1",
  startKey: "k",
  evseId: 1,
  connectorId: 1,
  tariff: frozen,
  timeZone: "UTC"
})

const authorized = (status: "Accepted" | "Blocked"): TransactionFact => ({
  _tag: "Authorized",
  atMs: 0,
  token: { uid: "CARD", type: "ISO14443" },
  groupId: null,
  driverId: null,
  status
})
const closed: TransactionFact = { _tag: "Closed", atMs: 9, receivedAtMs: 9, why: "operator" }
const settled = (cdrId: string | null): TransactionFact => ({ _tag: "Settled", atMs: 10, cdrId, revision: 1 })
const of = (...facts: ReadonlyArray<TransactionFact>): Transaction => facts.reduce(evolve, begun)

const other = { id: "cheap", version: 1 }
const wanted = { id: "c1", reason: "broken cable", tariff: other }
const cancel = { id: "c2", reason: "no power", tariff: null }

const corrected = (n: number, tariff: { readonly id: string; readonly version: number } | null): TransactionFact => ({
  _tag: "Corrected",
  atMs: 100 + Math.floor(n / 2),
  id: `c${n}`,
  reason: `reason ${n}`,
  tariff,
  cdrId: null
})

it("a charge is priced by what was frozen at its start until an operator says otherwise, for the same groups", () => {
  assert.strictEqual(pricedBy(begun), frozen)
  assert.deepStrictEqual(pricedBy(of(corrected(1, other))), { ...other, groups: ["staff"] })
  assert.isNull(pricedBy(of(corrected(1, other), corrected(2, null))))
  assert.isFalse(assess(of(authorized("Accepted"), corrected(2, null))).billable)
  assert.isTrue(assess(of(authorized("Accepted"), corrected(2, null), corrected(4, other))).billable)
})

it("of several corrections the last one stands, whatever order they are read in and however often", () => {
  const facts = Array.from({ length: 6 }, (_, n) => corrected(n, n % 3 === 0 ? null : { id: `t${n}`, version: n }))
  const inOrder = of(...facts)
  fc.assert(
    fc.property(
      fc.shuffledSubarray(facts, { minLength: facts.length }),
      fc.array(fc.constantFrom(...facts), { maxLength: 4 }),
      (order, again) => {
        assert.deepStrictEqual(of(...order, ...again).corrections, inOrder.corrections)
      }
    )
  )
  assert.deepStrictEqual(pricedBy(inOrder), { id: "t5", version: 5, groups: ["staff"] })
})

it("only what is over, billed and owed by somebody is corrected, and the same correction adds nothing twice", () => {
  const refusals: ReadonlyArray<readonly [Transaction, typeof wanted | typeof cancel, string]> = [
    [of(authorized("Accepted")), wanted, "The charge is not over: stop it first."],
    [of(authorized("Accepted"), closed), wanted, "The charge is not billed yet: its station may still tell of it."],
    [of(authorized("Accepted"), closed, settled(null)), cancel, "Nothing is owed for this charge."],
    [
      of(authorized("Blocked"), closed, settled(null)),
      wanted,
      "Nobody owes for this charge: no token was accepted for it."
    ],
    [of(closed, settled("t-1")), cancel, "Nobody owes for this charge: no token was accepted for it."]
  ]
  for (const [transaction, correction, why] of refusals)
    assert.deepStrictEqual(correct(transaction, correction, 50), Result.fail(why))
  const billed = of(authorized("Accepted"), closed, settled("t-1"))
  const facts = Result.getOrThrow(correct(billed, wanted, 50))
  assert.deepStrictEqual(facts, [{ _tag: "Corrected", atMs: 50, cdrId: "t-1", ...wanted }])
  assert.deepStrictEqual(correct(facts.reduce(evolve, billed), wanted, 60), Result.succeed([]))
})
