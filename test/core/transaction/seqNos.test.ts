import { assert, describe, it } from "@effect/vitest"
import { hasAllOf, hasSeqNo, type SeqNos, withSeqNo } from "#core/transaction/seqNos.ts"
import fc from "#test/support/fastCheck.ts"

const taken = (numbers: ReadonlyArray<number>): SeqNos =>
  numbers.reduce((known: SeqNos, seqNo) => withSeqNo(known, seqNo), [])

const numbers = fc.array(fc.integer({ min: 0, max: 24 }), { maxLength: 40 })

describe("the numbers of messages that were taken in", () => {
  it("are those that came, in whatever order and however often", () => {
    fc.assert(
      fc.property(numbers, (came) => {
        const known = taken(came)
        for (let seqNo = -1; seqNo <= 25; seqNo++) assert.strictEqual(hasSeqNo(known, seqNo), came.includes(seqNo))
        assert.deepStrictEqual(known, taken([...came].sort((a, b) => b - a)))
      })
    )
  })

  it("are whole between two of them exactly where none is missing", () => {
    fc.assert(
      fc.property(numbers, fc.nat(24), fc.nat(24), (came, one, other) => {
        const [first, last] = [Math.min(one, other), Math.max(one, other)]
        let isWhole = true
        for (let seqNo = first; seqNo <= last; seqNo++) isWhole &&= came.includes(seqNo)
        assert.strictEqual(hasAllOf(taken(came), first, last), isWhole)
      })
    )
  })

  it("take no more room the longer a charge lasts, while none is missing", () => {
    assert.deepStrictEqual(taken(Array.from({ length: 1_000 }, (_, seqNo) => seqNo)), [0, 999])
    assert.deepStrictEqual(taken([0, 1, 3, 4, 2]), [0, 4])
  })

  it("stay the very same where a message has no number, or one that is there", () => {
    const known = taken([3, 4, 9])
    assert.strictEqual(withSeqNo(known, null), known)
    assert.strictEqual(withSeqNo(known, 4), known)
  })
})
