import { assert, describe, it } from "@effect/vitest"
import { decide, type TransactionReport } from "#core/transaction/decide.ts"
import type { Sample } from "#core/transaction/Sample.ts"
import { begin, evolve, type Transaction } from "#core/transaction/Transaction.ts"

const identity = {
  id: "t",
  stationId: "CP-1",
  dialect: "2.0.1",
  ocppId: "o",
  startKey: null,
  evseId: 1,
  connectorId: 1,
  tariff: null,
  timeZone: "Europe/Berlin"
} as const

const reading = (minute: number, extra: Sample["extra"]): Sample => ({
  atMs: minute * 60_000,
  context: "Periodic",
  registerWh: minute,
  powerW: 0,
  currentMa: null,
  voltageMv: null,
  socPercent: null,
  extra,
  seqNo: minute
})

const report = (sample: Sample): TransactionReport => ({
  kind: "Updated",
  atMs: sample.atMs,
  receivedAtMs: sample.atMs,
  seqNo: sample.seqNo,
  offline: false,
  evseId: 1,
  connectorId: 1,
  token: null,
  stopper: null,
  samples: [sample],
  state: null,
  reason: null,
  priorRegisterWh: null,
  remoteStartId: null,
  reservationId: null
})

const told = (...samples: ReadonlyArray<Sample>): Transaction =>
  samples.reduce(
    (transaction, sample) => decide(transaction, report(sample)).reduce(evolve, transaction),
    begin(identity)
  )

describe("what has no column", () => {
  it("is held once by all that keep a reading, while it stays the same", () => {
    const transaction = told(reading(1, { "Voltage@L1@": "230 V" }))
    const [fact] = decide(transaction, report(reading(2, { "Voltage@L1@": "230 V" })))
    assert.isTrue(fact?._tag === "Sampled" && fact.samples[0]!.extra === transaction.samples[0]!.extra)
    assert.strictEqual(evolve(transaction, fact!).samples[1], fact?._tag === "Sampled" ? fact.samples[0] : undefined)
  })

  it("is each reading's own where it changes", () => {
    const { samples } = told(
      reading(1, { "Voltage@L1@": "230 V" }),
      reading(2, { "Voltage@L1@": "231 V" }),
      reading(3, null)
    )
    assert.deepStrictEqual(
      samples.map(({ extra }) => extra),
      [{ "Voltage@L1@": "230 V" }, { "Voltage@L1@": "231 V" }, null]
    )
  })
})
