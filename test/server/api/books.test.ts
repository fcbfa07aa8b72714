import { assert, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { type Cdr, makeCdr } from "#core/billing/Cdr.ts"
import { postCdr } from "#core/billing/Ledger.ts"
import { emptyPeriod } from "#core/tariff/ChargingPeriod.ts"
import { compile } from "#core/tariff/compile.ts"
import { rate } from "#core/tariff/rate.ts"
import { Tariff } from "#core/tariff/Tariff.ts"
import type { Sample } from "#core/transaction/Sample.ts"
import { Directory } from "#server/directory/Directory.ts"
import { Journal } from "#server/record/Journal.ts"
import type { StoredFact, StoredSample, TransactionRow } from "#server/record/Unit.ts"
import { client, services, World } from "./harness.ts"

const startAtMs = Date.UTC(2026, 0, 31, 12)
const endAtMs = startAtMs + 3_600_000

const row = (id: string, more: Partial<TransactionRow> = {}): TransactionRow => ({
  id,
  stationId: "CS-1",
  dialect: "2.0.1",
  ocppId: `ocpp-${id}`,
  startKey: null,
  evseId: 1,
  connectorId: 1,
  tariff: { id: "standard", version: 1, groups: [] },
  timeZone: "Europe/Berlin",
  status: "Ended",
  startedAtMs: startAtMs,
  endedAtMs: endAtMs,
  token: { uid: "04A2B9", type: "ISO14443" },
  driverId: "ada",
  authorization: "Accepted",
  stopReason: "Local",
  energyWh: 22_140,
  findings: [],
  cdrId: null,
  settleAtMs: null,
  version: 1,
  ...more
})

const tariff = Result.getOrThrow(
  Tariff.parse({
    id: "standard",
    currency: "EUR",
    elements: [
      {
        price_components: [
          { type: "ENERGY", price: 0.49, vat: 19, step_size: 1 },
          { type: "FLAT", price: 1, vat: 19 }
        ]
      }
    ]
  })
)

const cdr: Cdr = (() => {
  const periods = [{ ...emptyPeriod, startAtMs, endAtMs, energyMilliWh: 22_140_000, chargingMs: 3_600_000 }]
  const rating = rate(Result.getOrThrow(compile(tariff, "Europe/Berlin")), periods)
  const { id: transactionId, stationId, evseId, connectorId, token, driverId, timeZone } = row("t1")
  const session = { transactionId, stationId, evseId, connectorId, token, driverId, timeZone, startAtMs, endAtMs }
  return makeCdr({ id: "t1-1", ...session, findings: [], issuedAtMs: endAtMs, chargingPeriods: periods }, rating)
})()

const sample = (atMs: number, registerWh: number): Sample => ({
  atMs,
  context: "Periodic",
  registerWh,
  powerW: 22_000,
  currentMa: null,
  voltageMv: null,
  socPercent: 50,
  extra: { "Temperature@@": "31" },
  seqNo: 1
})

const stored = (part: number): StoredSample => ({
  transactionId: "t1",
  stationId: "CS-1",
  evseId: 1,
  seq: 9,
  part,
  receivedAtMs: endAtMs,
  sample: sample(startAtMs + part * 60_000, part * 1000)
})

const facts: ReadonlyArray<StoredFact> = [
  {
    transactionId: "t1",
    seq: 0,
    fact: {
      _tag: "Started",
      atMs: startAtMs,
      receivedAtMs: startAtMs + 500,
      seqNo: 0,
      offline: false,
      evseId: 1,
      connectorId: 1,
      priorRegisterWh: null,
      remoteStartId: null,
      reservationId: null
    }
  },
  { transactionId: "t1", seq: 1, fact: { _tag: "Settled", atMs: endAtMs, cdrId: "t1-1", revision: 1 } }
]

const gap = { code: "meter-gap", atMs: startAtMs, text: "No reading for 70 minutes." } as const

/** Four transactions: billed, running, waiting for its last messages, and one nobody owes for. */
const seeded = Effect.gen(function* () {
  const journal = yield* Journal
  const directory = yield* Directory
  yield* directory.publishTariff(tariff)
  const outcomes = yield* journal.commit([
    {
      stationId: "CS-1",
      epoch: null,
      transactions: [
        row("t1", { cdrId: "t1-1", findings: [gap] }),
        row("t2", { status: "Open", endedAtMs: null, energyWh: null, startedAtMs: endAtMs }),
        row("t3", { settleAtMs: endAtMs + 60_000 }),
        row("t4", { authorization: "Blocked", driverId: null })
      ],
      facts,
      samples: [stored(0), stored(1), stored(2)],
      cdrs: [cdr],
      entries: [postCdr(cdr, { id: "entry-t1-1", bookedAtMs: endAtMs })]
    }
  ])
  assert.deepStrictEqual(outcomes, ["Committed"])
})

const idsOf = (json: { readonly items: ReadonlyArray<{ readonly id: string }> }) => json.items.map(({ id }) => id)

it.effect("transactions are found by what they are, newest first", () =>
  Effect.gen(function* () {
    yield* seeded
    const api = yield* client
    const found = (query: string) => Effect.map(api.get(`/api/v1/transactions?${query}`), ({ json }) => idsOf(json))
    assert.deepStrictEqual(yield* found(""), ["t4", "t3", "t2", "t1"])
    assert.deepStrictEqual(yield* found("finding=meter-gap"), ["t1"])
    assert.deepStrictEqual(yield* found("status=Open"), ["t2"])
    assert.deepStrictEqual(yield* found("driverId=ada&status=Ended"), ["t3", "t1"])
    assert.deepStrictEqual(yield* found("tokenUid=04a2b9&limit=1"), ["t4"])
    assert.deepStrictEqual(yield* found("startedFrom=2026-01-31T14:00:00%2B01:00"), ["t2"])
    assert.deepStrictEqual(yield* found("startedBefore=2026-01-31T13:00:00Z&stationId=CS-1"), ["t4", "t3", "t1"])
    assert.deepStrictEqual(yield* found("stationId=CS-2"), [])
  }).pipe(Effect.provide(services(new World())))
)

it.effect("a transaction tells its findings and facts, and its readings page by page", () => {
  const world = new World()
  return Effect.gen(function* () {
    yield* seeded
    world.running.set("t2", { energyWh: 4000, powerW: 11_000, atMs: endAtMs })
    const api = yield* client
    const one = yield* api.get("/api/v1/transactions/t1")
    assert.strictEqual(one.json.startedAt, "2026-01-31T12:00:00.000Z")
    assert.strictEqual(one.json.energyWh, 22_140)
    assert.deepStrictEqual(one.json.findings, [
      { code: "meter-gap", at: "2026-01-31T12:00:00.000Z", text: "No reading for 70 minutes." }
    ])
    assert.strictEqual(one.json.running, null)
    const open = yield* api.get("/api/v1/transactions/t2")
    assert.deepStrictEqual(open.json.running, { at: "2026-01-31T13:00:00.000Z", energyWh: 4000, powerW: 11_000 })

    const { json } = yield* api.get("/api/v1/transactions/t1/facts")
    assert.deepStrictEqual(
      json.items.map(({ type }: { type: string }) => type),
      ["Started", "Settled"]
    )
    assert.strictEqual(json.items[0].receivedAt, "2026-01-31T12:00:00.500Z")

    const first = yield* api.get("/api/v1/transactions/t1/readings?limit=2")
    assert.deepStrictEqual(
      first.json.items.map(({ registerWh }: { registerWh: number }) => registerWh),
      [0, 1000]
    )
    const rest = yield* api.get(`/api/v1/transactions/t1/readings?limit=2&cursor=${first.json.next}`)
    assert.deepStrictEqual(
      rest.json.items.map(({ at }: { at: string }) => at),
      ["2026-01-31T12:02:00.000Z"]
    )
    assert.strictEqual(rest.json.next, undefined)
    for (const path of ["t9", "t9/facts", "t9/readings", "t9/price"]) {
      const unknown = yield* api.get(`/api/v1/transactions/${path}`)
      assert.strictEqual(unknown.status, 404)
      assert.deepInclude(unknown.json, { kind: "transaction", id: "t9" })
    }
  }).pipe(Effect.provide(services(world)))
})

it.effect("the price is the CDR explained line by line, or says why there is none yet", () =>
  Effect.gen(function* () {
    yield* seeded
    const api = yield* client
    const { json } = yield* api.get("/api/v1/transactions/t1/price")
    assert.strictEqual(json.state, "final")
    // 22.14 kWh x 0.49 = 10.8486, and 1.00 a session: 11.8486 net, 14.0998 gross.
    assert.strictEqual(json.cdr.netMinor, "1185")
    assert.strictEqual(json.cdr.grossMinor, "1410")
    assert.deepStrictEqual(
      json.cdr.lines.map(({ explanation }: { explanation: string }) => explanation),
      [
        "Energy: 22.140 kWh at 0.49 EUR per kWh = 10.85 EUR net, VAT 19 % 2.06 EUR",
        "Session fee: 1.00 EUR per session = 1.00 EUR net, VAT 19 % 0.19 EUR"
      ]
    )
    assert.strictEqual(json.reasons.length, 2)
    assert.include(JSON.stringify(json.reasons[0]), "22.14 kWh at 0.49 EUR/kWh is 10.8486 EUR")
    assert.deepStrictEqual((yield* api.get("/api/v1/transactions/t2/price")).json, {
      state: "running",
      running: null,
      cost: null
    })
    assert.deepStrictEqual((yield* api.get("/api/v1/transactions/t3/price")).json, {
      state: "settling",
      settleAt: "2026-01-31T13:01:00.000Z"
    })
    assert.deepStrictEqual((yield* api.get("/api/v1/transactions/t4/price")).json, { state: "nothing-owed" })
  }).pipe(Effect.provide(services(new World())))
)

it.effect("CDRs and the ledger agree to the cent, and the trial balance is zero", () =>
  Effect.gen(function* () {
    yield* seeded
    const api = yield* client
    assert.deepStrictEqual(idsOf((yield* api.get("/api/v1/cdrs?driverId=ada")).json), ["t1-1"])
    assert.deepStrictEqual(idsOf((yield* api.get("/api/v1/cdrs?issuedFrom=2026-01-31T13:00:01Z")).json), [])
    const one = yield* api.get("/api/v1/cdrs/t1-1")
    assert.strictEqual(one.json.issuedAt, "2026-01-31T13:00:00.000Z")
    assert.strictEqual(one.json.chargingPeriods[0].endAt, "2026-01-31T13:00:00.000Z")
    assert.notProperty(one.json, "issuedAtMs")
    assert.strictEqual((yield* api.get("/api/v1/cdrs/t9-1")).status, 404)

    const entries = yield* api.get("/api/v1/ledger/entries?sourceId=t1-1")
    const postings: ReadonlyArray<{ account: string; amountMinor: string }> = entries.json.items[0].postings
    assert.deepInclude(postings, { account: "receivable:driver:ada", amountMinor: one.json.grossMinor })
    assert.strictEqual(
      postings.reduce((sum, { amountMinor }) => sum + BigInt(amountMinor), 0n),
      0n
    )
    assert.strictEqual((yield* api.get("/api/v1/ledger/entries?account=revenue:energy")).json.items.length, 1)
    assert.strictEqual((yield* api.get("/api/v1/ledger/entries?account=revenue:time")).json.items.length, 0)
    const balances = yield* api.get("/api/v1/ledger/balances")
    assert.deepStrictEqual(balances.json.totals, [{ currency: "EUR", amountMinor: "0" }])
    assert.deepInclude(balances.json.items, { account: "revenue:energy", currency: "EUR", amountMinor: "-1085" })
  }).pipe(Effect.provide(services(new World())))
)
