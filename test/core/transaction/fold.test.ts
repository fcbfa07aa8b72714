import { assert, describe, it } from "@effect/vitest"
import { assess } from "#core/transaction/assess.ts"
import { close, decide, type TransactionReport } from "#core/transaction/decide.ts"
import type { Sample } from "#core/transaction/Sample.ts"
import { begin, evolve, isComplete, isOpen, type Transaction } from "#core/transaction/Transaction.ts"
import fc from "#test/support/fastCheck.ts"

const identity = {
  id: "t",
  stationId: "S",
  dialect: "2.0.1" as const,
  ocppId: "x",
  startKey: null,
  evseId: 0,
  connectorId: 1,
  tariff: { id: "standard", version: 1, groups: [] },
  timeZone: "UTC"
}

const sample = (atMs: number, registerWh: number, context: Sample["context"], seqNo: number | null): Sample => ({
  atMs,
  context,
  registerWh,
  powerW: null,
  currentMa: null,
  voltageMv: null,
  socPercent: null,
  extra: null,
  seqNo
})

const card = {
  presented: { uid: "ALICE", type: "ISO14443" as const },
  groupId: null,
  driverId: null,
  status: "Accepted" as const
}

const report = (more: Partial<TransactionReport>): TransactionReport => ({
  kind: "Updated",
  atMs: 0,
  receivedAtMs: 0,
  seqNo: null,
  offline: false,
  evseId: 1,
  connectorId: 1,
  token: null,
  stopper: null,
  samples: [],
  state: null,
  reason: null,
  priorRegisterWh: null,
  remoteStartId: null,
  reservationId: null,
  ...more
})

const minute = 60_000

/** A whole 2.x session as its station reports it: `updates` readings a minute apart, 100 Wh each. */
const session = (updates: number): ReadonlyArray<TransactionReport> => {
  const seqNo = (n: number) => ({ seqNo: n, atMs: n * minute, receivedAtMs: n * minute })
  return [
    report({ ...seqNo(0), kind: "Started", token: card, samples: [sample(0, 5_000, "Begin", 0)], state: "Charging" }),
    ...Array.from({ length: updates }, (_, i) =>
      report({
        ...seqNo(i + 1),
        samples: [sample((i + 1) * minute, 5_000 + (i + 1) * 100, "Periodic", i + 1)],
        state: i % 3 === 2 ? "SuspendedEV" : "Charging"
      })
    ),
    report({
      ...seqNo(updates + 1),
      kind: "Ended",
      samples: [sample((updates + 1) * minute, 5_000 + (updates + 1) * 100, "End", updates + 1)],
      reason: "Local"
    })
  ]
}

const take = (transaction: Transaction, one: TransactionReport): Transaction =>
  decide(transaction, one).reduce((known, fact) => evolve(known, fact), transaction)

const fold = (reports: ReadonlyArray<TransactionReport>) => reports.reduce(take, begin(identity))

describe("a transaction", () => {
  it("comes to the same end in whatever order, and however often, its messages arrive", () => {
    const shuffled = fc.integer({ min: 0, max: 12 }).chain((updates) => {
      const reports = session(updates)
      return fc
        .tuple(
          fc.shuffledSubarray([...reports], { minLength: reports.length }),
          fc.array(fc.constantFrom(...reports), { maxLength: 6 }),
          fc.integer({ min: 0, max: reports.length })
        )
        .map(([order, repeated, at]) => ({
          reports,
          arrived: [...order.slice(0, at), ...repeated, ...order.slice(at)]
        }))
    })
    fc.assert(
      fc.property(shuffled, ({ reports, arrived }) => {
        const inOrder = fold(reports)
        const asArrived = fold(arrived)
        assert.isTrue(isComplete(asArrived))
        assert.deepStrictEqual(assess(asArrived), assess(inOrder))
        assert.deepStrictEqual(asArrived.seqNos, inOrder.seqNos)
        assert.strictEqual(asArrived.evseId, 1)
      })
    )
  })

  it("decides nothing on a message that it has taken in", () => {
    const whole = fold(session(4))
    for (const repeated of session(4)) assert.deepStrictEqual(decide(whole, repeated), [])
  })

  it("keeps every reading, state and stop of a station that numbers all its messages 0", () => {
    const numbered = session(6)
    const alike = numbered.map((one) => ({
      ...one,
      seqNo: 0,
      samples: one.samples.map((reading) => ({ ...reading, seqNo: 0 }))
    }))
    const [whole, expected] = [fold(alike), fold(numbered)]
    assert.isTrue(isComplete(whole))
    assert.deepStrictEqual(assess(whole), assess(expected))
    for (const repeated of alike) assert.deepStrictEqual(decide(whole, repeated), [])
  })

  it("is not re-opened by what comes after its end", () => {
    const whole = fold(session(3))
    const late = take(whole, report({ seqNo: 40, atMs: 2 * minute, samples: [sample(2 * minute, 5_150, "Other", 40)] }))
    assert.isFalse(isOpen(late))
    assert.strictEqual(assess(late).measurement.energyWh, 400)
  })

  it("is not complete while one of its messages is missing", () => {
    const reports = session(4)
    for (let missing = 0; missing < reports.length; missing++) {
      assert.isFalse(isComplete(fold(reports.filter((_, i) => i !== missing))), `without message ${missing}`)
    }
    assert.isTrue(isComplete(fold(reports)))
  })

  it("that charged for no time and was stopped at the instant of its start has charged", () => {
    const at = (atMs: number, state: TransactionReport["state"], seqNo: number) => report({ atMs, state, seqNo })
    const reports = [
      report({ kind: "Started", state: "Charging", seqNo: 0 }),
      at(0, "EVConnected", 1),
      at(minute, "EVConnected", 2),
      report({ kind: "Ended", atMs: 3 * minute, state: "Idle", seqNo: 3 })
    ]
    const states = [
      { atMs: 0, state: "Charging" },
      { atMs: 0, state: "EVConnected" }
    ] as const
    assert.deepStrictEqual(assess(fold(reports)).states, states)
    assert.deepStrictEqual(assess(fold(reports.toReversed())).states, states)
  })

  it("that we closed takes its true end when that comes after all", () => {
    const [start, reading, ...rest] = session(3)
    const closed = close(fold([start!, reading!]), { atMs: 9 * minute, receivedAtMs: 9 * minute, why: "superseded" })
    const after = closed.reduce((known, fact) => evolve(known, fact), fold([start!, reading!]))
    assert.isFalse(isOpen(after))
    assert.strictEqual(assess(after).measurement.energyWh, 100)
    assert.deepStrictEqual(assess(rest.reduce(take, after)).measurement.energyWh, 400)
    assert.deepStrictEqual(close(after, { atMs: 1, receivedAtMs: 1, why: "operator" }), [])
  })

  it("belongs to the earliest token seen on it", () => {
    const other = { ...card, presented: { uid: "BOB", type: "ISO14443" as const } }
    const late = report({ seqNo: 2, atMs: 2 * minute, token: other })
    const early = report({ seqNo: 1, atMs: minute, token: card })
    assert.strictEqual(fold([late, early]).authorized?.token.uid, "ALICE")
    assert.strictEqual(fold([early, late]).authorized?.token.uid, "ALICE")
  })
})
