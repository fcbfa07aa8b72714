import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import * as Instant from "#core/Instant.ts"
import { v21 } from "#core/ocpp/Dialect.ts"
import type { Peer } from "#core/ocpp/Peer.ts"
import { actions as actions21 } from "#core/ocpp/v21/generated/actions.ts"
import type { CostDetailsType } from "#core/ocpp/v21/generated/schemas.ts"
import { Books } from "#server/books/Books.ts"
import { cms, dial, token } from "../../support/cms.ts"

const noonMs = Date.UTC(2026, 4, 4, 12)
const at = (minutes: number) => Instant.format(noonMs + minutes * 60_000)
const atNoon = <A, E, R>(test: Effect.Effect<A, E, R>) =>
  Effect.andThen(TestClock.setTime(noonMs + 60 * 60_000), Effect.provide(test, cms([token("ALICE")])))

const details = (total: CostDetailsType["totalCost"]["total"], more: Partial<CostDetailsType> = {}) => ({
  totalCost: { currency: "EUR", typeOfCost: "NormalCost" as const, total },
  totalUsage: { energy: 20, chargingTime: 3_600, idleTime: 0 },
  ...more
})

const found = Effect.flatMap(Books, (books) =>
  Effect.map(books.transactions({ limit: 20 }), ({ items }) =>
    Object.fromEntries(items.map(({ ocppId, findings }) => [ocppId, findings.map(({ code, text }) => [code, text])]))
  )
)
const grossOf = Effect.flatMap(Books, (books) =>
  Effect.map(books.cdrs({ limit: 20 }), ({ items }) => items.map(({ grossMinor, findings }) => [grossMinor, findings]))
)

/** An hour at 20 kWh: 17.00 without tax and 20.40 with it. */
const hour = Effect.fnUntraced(function* (peer: Peer, name: string, costDetails?: CostDetailsType, endsWith = 1) {
  const reading = (minutes: number, value: number, context: "Transaction.Begin" | "Transaction.End") => [
    { timestamp: at(minutes), sampledValue: [{ value, context }] }
  ]
  const common = { transactionInfo: { transactionId: name }, evse: { id: 1, connectorId: 1 } }
  yield* peer.call(actions21.TransactionEvent, {
    ...common,
    transactionInfo: { transactionId: name, chargingState: "Charging" },
    eventType: "Started",
    triggerReason: "Authorized",
    timestamp: at(0),
    seqNo: 0,
    idToken: { idToken: "ALICE", type: "ISO14443" },
    meterValue: reading(0, 1_000, "Transaction.Begin")
  })
  yield* peer.call(actions21.TransactionEvent, {
    ...common,
    eventType: "Ended",
    triggerReason: "EVDeparted",
    timestamp: at(60),
    seqNo: endsWith,
    meterValue: reading(60, 21_000, "Transaction.End"),
    ...(costDetails !== undefined && { costDetails })
  })
})

it.effect("what a 2.1 station reckoned is held against the bill, which stays the CMS's own", () =>
  Effect.gen(function* () {
    const { peer } = yield* dial("S1", v21)
    yield* hour(peer, "silent")
    yield* hour(peer, "same", details({ exclTax: 17, inclTax: 20.4 }))
    yield* hour(peer, "net", details({ exclTax: 17 }))
    yield* hour(peer, "rounded", details({ inclTax: 20.404 }))
    yield* hour(peer, "less", details({ exclTax: 17, inclTax: 19.2 }))
    yield* hour(peer, "more", details({ exclTax: 17.01 }))
    yield* hour(peer, "francs", {
      ...details({ inclTax: 20.4 }),
      totalCost: { ...details({ inclTax: 20.4 }).totalCost, currency: "CHF" }
    })
    yield* hour(peer, "failed", details({}, { failureToCalculate: true, failureReason: "no clock" }))
    assert.deepStrictEqual(yield* found, {
      silent: [],
      same: [],
      net: [],
      rounded: [],
      less: [["cost-mismatch", "The station showed 19.20 EUR with tax, 1.20 less than the bill of 20.40."]],
      more: [["cost-mismatch", "The station showed 17.01 EUR without tax, 0.01 more than the bill of 17.00."]],
      francs: [["cost-mismatch", "The station reckoned in CHF, the bill is in EUR."]],
      failed: [["cost-mismatch", "The station could not reckon the cost: no clock."]]
    })
    assert.deepStrictEqual(
      yield* grossOf,
      Array.from({ length: 8 }, () => [2_040n, []])
    )
  }).pipe(atNoon)
)

it.effect("while messages are missing there is no bill to hold it against; the one that comes brings the finding", () =>
  Effect.gen(function* () {
    const { peer } = yield* dial("S1", v21)
    yield* hour(peer, "late", details({ inclTax: 1 }), 2)
    assert.deepStrictEqual(
      (yield* found)["late"]?.map(([code]) => code),
      ["messages-missing"]
    )
    yield* peer.call(actions21.TransactionEvent, {
      eventType: "Updated",
      triggerReason: "ChargingStateChanged",
      timestamp: at(30),
      seqNo: 1,
      transactionInfo: { transactionId: "late", chargingState: "Charging" }
    })
    assert.deepStrictEqual(yield* found, {
      late: [["cost-mismatch", "The station showed 1.00 EUR with tax, 19.40 less than the bill of 20.40."]]
    })
  }).pipe(atNoon)
)

it.effect("where a station told its cost part by part, the finding says in which of them it is not the bill", () =>
  Effect.gen(function* () {
    const { peer } = yield* dial("S1", v21)
    const parts = (energy: number, fixed: number | undefined, chargingTime: number) => {
      const told = details({ exclTax: 16, inclTax: 19.2 })
      const price = (exclTax: number) => ({ exclTax, inclTax: exclTax * 1.2 })
      const costs = { energy: price(energy), chargingTime: price(chargingTime), ...(fixed && { fixed: price(fixed) }) }
      return { ...told, totalCost: { ...told.totalCost, ...costs } }
    }
    yield* hour(peer, "no fee", parts(10, undefined, 6))
    yield* hour(peer, "time for energy", parts(6, 1, 9))
    const gross = details({ inclTax: 19.2 })
    const energy = { energy: { inclTax: 19.2 } }
    yield* hour(peer, "gross", { ...gross, totalCost: { ...gross.totalCost, ...energy } })
    yield* hour(peer, "rounded", details({ exclTax: 17.004, inclTax: 20.404 }))
    const { items } = yield* Effect.flatMap(Books, (books) => books.transactions({ limit: 9 }))
    const costs = Object.fromEntries(
      items.map(({ ocppId, findings }) => [
        ocppId,
        findings.flatMap((it) => (it.costs ?? []).map(({ dimension, ...row }) => [dimension, ...Object.values(row)]))
      ])
    )
    assert.deepStrictEqual(costs, {
      "no fee": [
        ["energy", "10.00", "10.00", "0.00"],
        ["time", "6.00", "6.00", "0.00"],
        ["fixed", "0.00", "1.00", "-1.00"],
        ["tax", "3.20", "3.40", "-0.20"]
      ],
      "time for energy": [
        ["energy", "6.00", "10.00", "-4.00"],
        ["time", "9.00", "6.00", "3.00"],
        ["fixed", "1.00", "1.00", "0.00"],
        ["tax", "3.20", "3.40", "-0.20"]
      ],
      // With tax in each, where nothing was told without.
      gross: [
        ["energy", "19.20", "12.00", "7.20"],
        ["time", "0.00", "7.20", "-7.20"],
        ["fixed", "0.00", "1.20", "-1.20"]
      ],
      rounded: []
    })
  }).pipe(atNoon)
)
