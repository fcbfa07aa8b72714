import { assert, describe, it } from "@effect/vitest"
import type { Sample } from "#core/transaction/Sample.ts"
import { begin, type ClosedWhy, evolve, type Transaction } from "#core/transaction/Transaction.ts"
import { Holdings } from "#server/station/Holdings.ts"

const sample = (atMs: number): Sample => ({
  atMs,
  context: "Periodic",
  registerWh: atMs,
  powerW: null,
  currentMa: null,
  voltageMv: null,
  socPercent: null,
  extra: null,
  seqNo: null
})

const charge = (id: string, readings: number): Transaction => {
  const identity = { id, stationId: "S", dialect: "1.6" as const, ocppId: `ocpp-${id}`, startKey: `key-${id}` }
  const named = begin({ ...identity, evseId: 1, connectorId: 1, tariff: null, timeZone: "UTC" })
  const samples = Array.from({ length: readings }, (_, index) => sample(index))
  return evolve(named, { _tag: "Sampled", samples, seqNo: null })
}

const closed = (transaction: Transaction, why: ClosedWhy = "connector-free"): Transaction =>
  evolve(transaction, { _tag: "Closed", atMs: 9_000, receivedAtMs: 9_000, why })

const settled = (transaction: Transaction, why?: ClosedWhy): Transaction =>
  evolve(closed(transaction, why), { _tag: "Settled", atMs: 9_001, cdrId: null, revision: 0 })

const empty = () =>
  new Holdings({ boot: null, connectors: [], variables: [], transactions: [], registers: [], orders: [] })

const idsOf = (holdings: Holdings): ReadonlyArray<string> => [...holdings.all()].map(({ id }) => id)

describe("what the owner of a station holds", () => {
  it("keeps the last eight short charges that are settled, under every name they have", () => {
    const holdings = empty()
    for (let number = 1; number <= 12; number++) holdings.put(settled(charge(`${number}`, 4)))
    assert.deepStrictEqual(idsOf(holdings), ["5", "6", "7", "8", "9", "10", "11", "12"])
    assert.isUndefined(holdings.byOcppId("ocpp-4"))
    assert.isUndefined(holdings.byStartKey("key-4"))
    assert.isDefined(holdings.byStartKey("key-5"))
  })

  it("lets go of a long charge once it is settled, and not before", () => {
    const holdings = empty()
    const long = charge("long", 500)
    holdings.put(long)
    holdings.put(closed(long))
    assert.deepStrictEqual(idsOf(holdings), ["long"])
    holdings.put(settled(long))
    assert.deepStrictEqual(idsOf(holdings), [])
    assert.strictEqual(holdings.registerBefore(1, 10_000), 499)
  })

  it("keeps what an operator gave up, for it may be running, until another follows it at its connector", () => {
    const holdings = empty()
    for (let number = 10; number < 40; number++) holdings.put(settled(charge(`${number}`, 100), "operator"))
    assert.deepStrictEqual(idsOf(holdings), ["39"])
    assert.deepStrictEqual(holdings.running(), holdings.all())
    assert.strictEqual(holdings.openCount, 0)
    holdings.put(settled(charge("40", 2)))
    assert.deepStrictEqual(holdings.running(), [])
  })

  it("never lets go of what is open, however long it is and however many there are", () => {
    const holdings = empty()
    for (let number = 1; number <= 12; number++) holdings.put(charge(`${number}`, 100))
    for (let number = 1; number <= 3; number++) holdings.put(settled(charge(`done-${number}`, 30)))
    assert.strictEqual(holdings.open().length, 12)
    assert.deepStrictEqual(idsOf(holdings).slice(-2), ["done-2", "done-3"])
  })

  const told = (statusAtMs: number, connectorId = 1) =>
    ({ evseId: 1, connectorId, status: "Available", errorCode: null, info: null, statusAtMs }) as const
  const boot = { vendor: "V", model: "M", serialNumber: null, firmwareVersion: null, reason: null, atMs: 0 }

  it("takes a status that is told as older than the last for no news, but the first after a boot for news", () => {
    const holdings = empty()
    holdings.putConnector(told(3_600_000))
    holdings.putConnector(told(3_600_000, 2))
    assert.isFalse(holdings.isNews(told(3_599_999), 3_700_000, 3_700_000))
    assert.isTrue(holdings.isNews(told(3_600_000), 3_700_000, 3_700_000))
    holdings.booted(boot, "Accepted")
    assert.isTrue(holdings.isNews(told(1_000), 3_700_000, 3_700_000))
    holdings.putConnector(told(1_000))
    assert.isFalse(holdings.isNews(told(999), 3_700_000, 3_700_000))
    assert.isTrue(holdings.isNews(told(999, 2), 3_700_000, 3_700_000))
  })

  it("believes no clock that was ahead of ours, once it is right again", () => {
    const holdings = empty()
    holdings.putConnector(told(7_200_000))
    assert.isTrue(holdings.isNews(told(3_600_000), 3_600_500, 3_600_500))
    assert.isFalse(holdings.isNews(told(3_600_000), 7_200_000, 7_200_000))
  })

  it("takes what is told at once by a clock that is right for news behind what one told that was ahead", () => {
    const holdings = empty()
    holdings.putConnector(told(3_900_000), 3_600_000)
    assert.isTrue(holdings.isNews(told(3_852_000), 3_852_080, 3_852_080))
    assert.isFalse(holdings.isNews(told(3_852_000), 3_860_000, 3_860_000))
    holdings.putConnector(told(3_900_000), 3_900_100)
    assert.isFalse(holdings.isNews(told(3_899_000), 3_900_200, 3_900_200))
  })
})
