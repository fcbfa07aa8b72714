import { assert, describe, it } from "@effect/vitest"
import { amountsOf, begin, type Debt, type DebtFact, evolve, stateOf } from "#core/dunning/Debt.ts"
import { next, standardDunning } from "#core/dunning/next.ts"
import { entriesOf } from "#core/dunning/post.ts"

const noonMs = Date.parse("2026-03-02T12:00:00Z")
const dayMs = 86_400_000
const terms = { driverId: "bob", currency: "EUR", amountMinor: 3_500n, dueDate: "2026-03-02", timeZone: "UTC" }
const ofCharge = begin("charge-1", { ...terms, of: { kind: "charge", id: "1", stationId: "CP-1" } })

const card = (paidMinor: bigint, writtenOffMinor = 0n): DebtFact => ({
  _tag: "CardTold",
  atMs: noonMs,
  paidMinor,
  writtenOffMinor
})
const reminded = (level: number, feeMinor: bigint): DebtFact => ({ _tag: "Reminded", atMs: noonMs, level, feeMinor })
const revised = (amountMinor: bigint): DebtFact => ({ _tag: "Revised", atMs: noonMs, amountMinor })
const came = (amountMinor: bigint): DebtFact => ({ _tag: "Transferred", atMs: noonMs, id: "t", amountMinor })

/** What becomes of it by itself on one day. */
const settled = (debt: Debt): Debt => {
  const step = next(debt, standardDunning, noonMs + dayMs)
  return step._tag === "Note" && step.fact._tag !== "Reminded" ? settled(evolve(debt, step.fact)) : debt
}

const lived = (facts: ReadonlyArray<DebtFact>, debt = ofCharge): Debt => settled(facts.reduce(evolve, debt))

const waivedOf = ({ reminders }: Debt) => reminders.flatMap((it) => (it.waivedAtMs === null ? [] : [it.level]))

/** 35.00 of which the card paid 20.00, reminded of for nothing and then for 2.50. */
const reminders = [card(2_000n), reminded(1, 0n), reminded(2, 250n)]

describe("the fee of a reminder", () => {
  const cases: ReadonlyArray<readonly [string, ReadonlyArray<DebtFact>, ReadonlyArray<number>]> = [
    ["falls when the bill comes to nothing", [...reminders, revised(0n)], [2]],
    ["falls when the bill comes to no more than was paid when it was written", [...reminders, revised(2_000n)], [2]],
    ["stays while a cent of the bill was due when it was written", [...reminders, revised(2_001n)], []],
    ["stays though all was paid behind it", [...reminders, came(1_500n), revised(3_400n)], []],
    ["falls though all was paid behind it", [...reminders, came(1_750n), revised(1_900n)], [2]],
    ["falls when what was due had been given up", [card(2_000n, 500n), reminded(1, 250n), revised(2_400n)], [1]],
    [
      "of a fee that was due itself stays as long as that one does",
      [card(2_000n), reminded(1, 250n), came(1_500n), reminded(2, 500n), revised(3_300n)],
      []
    ],
    [
      "of a fee that was due itself falls with that one",
      [card(2_000n), reminded(1, 250n), came(1_500n), reminded(2, 500n), revised(2_000n)],
      [1, 2]
    ]
  ]
  it.each(cases)("%s", (_title, facts, waived) => {
    assert.deepStrictEqual(waivedOf(lived(facts)), waived)
  })

  it("that fell is asked for no more, though the bill grows again, and one for that is owed", () => {
    const debt = lived([...reminders, revised(0n)])
    const grown = lived([revised(3_000n), reminded(3, 500n)], debt)
    assert.deepStrictEqual(waivedOf(grown), [2])
    assert.deepInclude(amountsOf(grown), { feesMinor: 500n, openMinor: 1_500n, paidMinor: 2_000n })
  })

  it("is out of the books once it fell, and a debt that only had it is paid", () => {
    const debt = lived([...reminders, revised(2_000n)])
    assert.strictEqual(stateOf(debt), "paid")
    const booked = entriesOf(debt)
      .flatMap(({ postings }) => postings)
      .reduce((sum, { account, amountMinor }) => (account === "revenue:dunning" ? sum + amountMinor : sum), 0n)
    assert.strictEqual(booked, 0n)
    assert.strictEqual(entriesOf(debt).length, 2)
  })

  it("stays on an invoice, which is taken back whole or not at all", () => {
    const { of: _of, ...plain } = { of: undefined, ...terms }
    assert.deepStrictEqual(waivedOf(lived([...reminders, revised(0n)], begin("RE-1", plain))), [])
  })
})
