import { assert, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { TestClock } from "effect/testing"
import { v21 } from "#core/ocpp/Dialect.ts"
import { actions } from "#core/ocpp/v21/generated/actions.ts"
import { Tariff } from "#core/tariff/Tariff.ts"
import { LiveView } from "#server/api/Live.ts"
import { Books } from "#server/books/Books.ts"
import { Directory } from "#server/directory/Directory.ts"
import { Gateway } from "#server/ocpp/Gateway.ts"
import type { Operation } from "#server/operations/Operation.ts"
import { cms, dial, dial201, token } from "../../support/cms.ts"

const noonMs = Date.UTC(2026, 4, 4, 12)

const world = <A, E, R>(test: Effect.Effect<A, E, R>) =>
  Effect.andThen(TestClock.setTime(noonMs), Effect.provide(test, cms([token("ALICE")])))

const ask = (operation: Operation) =>
  Effect.flatMap(LiveView, (live) => live.runOperation("S1", operation, { waitMs: 60_000, queueForMs: 0 })).pipe(
    Effect.map(({ outcome }) => outcome)
  )

const exact = (version: number, price: number, since: string) =>
  Result.getOrThrow(
    Tariff.parse({
      id: "exact",
      version,
      currency: "EUR",
      tax_included: "NO",
      start_date_time: since,
      elements: [
        {
          price_components: [
            { type: "ENERGY", price, vat: 20, step_size: 0 },
            { type: "PARKING_TIME", price: 6, vat: 20, step_size: 0 }
          ]
        }
      ]
    })
  )

/** A 2.1 station that answers each of these with its status. */
const station = Effect.fnUntraced(function* (answers: Readonly<Record<string, unknown>>) {
  const asked: Array<readonly [string, unknown]> = []
  const { peer } = yield* dial("S1", v21, (action, payload) => {
    asked.push([action.name, payload])
    const answer = answers[action.name]
    return answer === undefined ? undefined : Effect.succeed(answer)
  })
  const gateway = yield* Gateway
  while (gateway.connected("S1") === undefined) yield* Effect.yieldNow
  return { asked, peer }
})

const wire = (price: number, since: string) => ({
  tariffId: "exact",
  currency: "EUR",
  validFrom: since,
  energy: { prices: [{ priceKwh: price }], taxRates: [{ type: "VAT", tax: 20 }] },
  idleTime: { prices: [{ priceMinute: 0.1 }], taxRates: [{ type: "VAT", tax: 20 }] }
})

it.effect("a 2.1 station is given the version of a tariff that holds now, and its own word is the outcome", () =>
  world(
    Effect.gen(function* () {
      const directory = yield* Directory
      yield* directory.publishTariff(exact(1, 0.5, "2026-01-01T00:00:00.000Z"))
      yield* directory.publishTariff(exact(2, 0.7, "2026-06-01T00:00:00.000Z"))
      const { asked } = yield* station({ SetDefaultTariff: { status: "TooManyElements" } })
      const outcome = yield* ask({ _tag: "SetDefaultTariff", evseId: 2, tariffId: "exact" })
      assert.deepStrictEqual(asked, [
        ["SetDefaultTariff", { evseId: 2, tariff: wire(0.5, "2026-01-01T00:00:00.000Z") }]
      ])
      assert.deepInclude(outcome, { _tag: "Answered", accepted: false, status: "TooManyElements" })
      const unknown = yield* ask({ _tag: "SetDefaultTariff", evseId: 0, tariffId: "nobody's" })
      assert.deepStrictEqual(unknown, { _tag: "Impossible", why: "no version of tariff nobody's holds now" })
      assert.strictEqual(asked.length, 1)
    })
  )
)

it.effect("a tariff that OCPP 2.1 cannot say at its price is not sent, and the operator is told what is lost", () =>
  world(
    Effect.gen(function* () {
      const { asked } = yield* station({ SetDefaultTariff: { status: "Accepted" } })
      const outcome = yield* ask({ _tag: "SetDefaultTariff", evseId: 0, tariffId: "standard" })
      assert.deepStrictEqual(asked, [])
      if (outcome?._tag !== "Impossible") return assert.fail("it was asked all the same")
      assert.include(outcome.why, "OCPP 2.1 cannot say tariff standard v1 at its price.")
      assert.include(outcome.why, "/elements/0/price_components/0/step_size: OCPP 2.1 has no steps")
    })
  )
)

it.effect("a running transaction is priced by what its bill will be made by, whatever was published since", () =>
  world(
    Effect.gen(function* () {
      const directory = yield* Directory
      yield* directory.publishTariff(exact(1, 0.5, "2026-01-01T00:00:00.000Z"))
      yield* directory.setDefaultTariffId("exact")
      const { asked, peer } = yield* station({ ChangeTransactionTariff: { status: "Accepted" } })
      yield* peer.call(actions.TransactionEvent, {
        eventType: "Started",
        timestamp: "2026-05-04T12:00:00Z",
        triggerReason: "Authorized",
        seqNo: 0,
        transactionInfo: { transactionId: "tx-1" },
        evse: { id: 1, connectorId: 1 },
        idToken: { idToken: "ALICE", type: "ISO14443" }
      })
      yield* directory.publishTariff(exact(2, 0.9, "2026-02-01T00:00:00.000Z"))
      const [row] = (yield* (yield* Books).transactions({ limit: 1 })).items
      const outcome = yield* ask({ _tag: "ChangeTransactionTariff", transactionId: row!.id })
      assert.deepInclude(outcome, { _tag: "Answered", accepted: true, status: "Accepted" })
      assert.deepStrictEqual(asked, [
        ["ChangeTransactionTariff", { transactionId: "tx-1", tariff: wire(0.5, "2026-01-01T00:00:00.000Z") }]
      ])
      const nobodys = yield* ask({ _tag: "ChangeTransactionTariff", transactionId: "nobody's" })
      assert.deepStrictEqual(nobodys, { _tag: "Impossible", why: "no such transaction on this station" })
    })
  )
)

it.effect("what a station holds is told one by one, and what it would not clear", () =>
  world(
    Effect.gen(function* () {
      const { asked } = yield* station({
        GetTariffs: {
          status: "Accepted",
          tariffAssignments: [{ tariffId: "exact", tariffKind: "DefaultTariff", evseIds: [1, 2] }]
        },
        ClearTariffs: {
          clearTariffsResult: [
            { tariffId: "a", status: "Accepted" },
            { tariffId: "b", status: "Rejected" }
          ]
        }
      })
      assert.deepStrictEqual(yield* ask({ _tag: "GetTariffs", evseId: 0 }), {
        _tag: "Answered",
        accepted: true,
        status: "Accepted",
        detail: null,
        values: [{ key: "exact", value: "DefaultTariff; EVSE 1, 2", readonly: false }]
      })
      const cleared = yield* ask({ _tag: "ClearTariffs", evseId: 1, tariffIds: ["a", "b"] })
      assert.deepInclude(cleared, { _tag: "Answered", accepted: false, status: "Rejected", detail: "b" })
      assert.deepStrictEqual(asked.at(-1), ["ClearTariffs", { evseId: 1, tariffIds: ["a", "b"] }])
    })
  )
)

it.effect("a station of 2.0.1 is not asked for what it cannot know", () =>
  world(
    Effect.gen(function* () {
      yield* dial201("S1")
      const gateway = yield* Gateway
      while (gateway.connected("S1") === undefined) yield* Effect.yieldNow
      assert.deepStrictEqual(yield* ask({ _tag: "GetTariffs", evseId: 0 }), {
        _tag: "Impossible",
        why: "OCPP 2.0.1 knows no GetTariffs: only stations of 2.1 price by themselves"
      })
    })
  )
)
