import { assert, it } from "@effect/vitest"
import type { Sample } from "#core/transaction/Sample.ts"
import { SampleColumn } from "#server/memory/SampleColumn.ts"
import type { StoredSample } from "#server/record/Unit.ts"
import fc from "#test/support/fastCheck.ts"

const whole = fc.oneof(
  fc.nat(100_000),
  fc.integer({ min: -(2 ** 31) - 1, max: 2 ** 31 + 1 }),
  fc.constantFrom(-(2 ** 31), 2 ** 31, 2 ** 52, -(2 ** 52)),
  fc.constant(null)
)
const instant = fc.oneof(
  fc.integer({ min: 1_772_000_000_000, max: 1_772_100_000_000 }),
  fc.constantFrom(0, 1_420_070_400_000)
)
const extra = fc.oneof(
  fc.constant(null),
  fc.dictionary(fc.constantFrom("Voltage@L1@", "Voltage@L2@"), fc.constantFrom("230 V", "231 V"))
)

const samples: fc.Arbitrary<ReadonlyArray<StoredSample>> = fc.array(
  fc
    .record({
      seq: fc.nat(50),
      part: fc.nat(3),
      receivedAtMs: instant,
      atMs: instant,
      context: fc.constantFrom<Sample["context"]>("Begin", "Periodic", "End"),
      registerWh: whole,
      powerW: whole,
      currentMa: whole,
      voltageMv: whole,
      socPercent: whole,
      seqNo: whole,
      extra
    })
    .map(({ seq, part, receivedAtMs, ...sample }) => ({
      transactionId: "t",
      stationId: "CP-1",
      evseId: 1,
      seq,
      part,
      receivedAtMs,
      sample
    })),
  { maxLength: 40 }
)

it("readings come back as they were written, whatever numbers they hold", () => {
  fc.assert(
    fc.property(samples, (written) => {
      const column = new SampleColumn()
      for (const each of written) column.add(each)
      const read = written.map((_, index) => ({
        seq: column.seqAt(index),
        part: column.partAt(index),
        receivedAtMs: column.receivedAtMsAt(index),
        atMs: column.atMsAt(index),
        sample: column.sampleAt(index)
      }))
      assert.deepStrictEqual(
        read,
        written.map(({ seq, part, receivedAtMs, sample }) => ({ seq, part, receivedAtMs, atMs: sample.atMs, sample }))
      )
    })
  )
})

it("a reading is found by its number and part, in whatever order they came", () => {
  fc.assert(
    fc.property(samples, (written) => {
      const column = new SampleColumn()
      for (const each of written) column.add(each)
      for (const { seq, part } of written) {
        const found = column.indexOf(seq, part)
        assert.deepStrictEqual([column.seqAt(found), column.partAt(found)], [seq, part])
      }
      assert.strictEqual(column.indexOf(51, 0), -1)
    })
  )
})
