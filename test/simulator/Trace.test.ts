import { assert, it } from "@effect/vitest"
import { Trace, type TraceEvent } from "#simulator/Trace.ts"
import fc from "#test/support/fastCheck.ts"

const hashOf = (events: ReadonlyArray<readonly [number, string, string, string]>) => {
  const trace = Trace.make()
  for (const event of events) trace.add(...event)
  return trace.hash()
}
const event = fc.tuple(fc.nat(2 ** 41), fc.string({ maxLength: 5 }), fc.string({ maxLength: 5 }), fc.string())

it("the same events give the same hash, and any change of any field, order or number another", () => {
  fc.assert(
    fc.property(fc.array(event, { minLength: 2, maxLength: 20 }), fc.nat(19), fc.nat(3), (events, at, field) => {
      const hash = hashOf(events)
      assert.strictEqual(hash, hashOf(events))
      const index = at % events.length
      const changed = events.map((one, i) =>
        i === index
          ? one.map((value, f) => (f === field ? (typeof value === "number" ? value + 1 : `${value}!`) : value))
          : one
      ) as typeof events
      assert.notStrictEqual(hash, hashOf(changed))
      assert.notStrictEqual(hash, hashOf(events.slice(0, -1)))
      assert.notStrictEqual(hash, hashOf([...events, events[0]!]))
      const [first, second, ...rest] = events
      if (JSON.stringify(first) !== JSON.stringify(second)) {
        assert.notStrictEqual(hash, hashOf([second!, first!, ...rest]))
      }
    })
  )
})

it("a letter that moves from one field to the next changes the hash", () => {
  assert.notStrictEqual(hashOf([[1, "ab", "c", ""]]), hashOf([[1, "a", "bc", ""]]))
  assert.notStrictEqual(hashOf([[1, "", "\0", ""]]), hashOf([[1, "\0", "", ""]]))
  assert.notStrictEqual(hashOf([[0, "", "", ""]]), hashOf([[2 ** 32, "", "", ""]]))
})

it("a hundred thousand different events have a hundred thousand different hashes", () => {
  const hashes = new Set(Array.from({ length: 100_000 }, (_, index) => hashOf([[index, "s", "e", ""]])))
  assert.strictEqual(hashes.size, 100_000)
})

it("is pinned: a change of the hash would break every recorded run", () => {
  assert.strictEqual(hashOf([[1_800_000_000_000, "station 1", "BootNotification", "{}"]]), "ef63a9f124cb650d")
})

it("is pinned for frames as well, whether all of their letters are bytes or not, and whatever their length", () => {
  const frame = `[2,"1","MeterValues",{"value":"${"0123456789".repeat(12)}"}]`
  const hashOfFrame = (text: string) => hashOf([[1, "s", "in", text]])
  assert.strictEqual(hashOfFrame(frame), "9f90ed0922e64e7b")
  assert.strictEqual(hashOfFrame(`${frame}x`), "c5a0306f93758d64")
  assert.strictEqual(hashOfFrame(frame.replace("MeterValues", "Zähler €𝄞")), "1874fe130bd15996")
  assert.strictEqual(hashOfFrame(`é${frame.repeat(600)}`), "8615d36212c733cd")
  assert.strictEqual(hashOfFrame(`${"a".repeat(65_535)}é`), "60af3387cc92c9d5")
  assert.strictEqual(hashOfFrame("x".repeat(70_000)), "e1228984478b8758")
})

it("retains the latest events and hands every one to the record", () => {
  const record: Array<TraceEvent> = []
  const trace = Trace.make({ retain: 3, onEvent: (one) => record.push(one) })
  for (let index = 0; index < 10; index++) trace.add(index, "station", "tick", String(index))
  assert.strictEqual(trace.count(), 10)
  assert.deepStrictEqual(record.map((one) => one.payload).join(""), "0123456789")
  assert.deepStrictEqual(trace.last(), record.slice(-3))
  assert.strictEqual(trace.hash(), hashOf(record.map((one) => [one.atMs, one.entity, one.event, one.payload])))
})
