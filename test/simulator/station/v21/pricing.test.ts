import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import type { TariffType } from "#core/ocpp/v21/generated/schemas.ts"
import { compact, inWorld } from "../World.ts"

const taxRates = [{ type: "VAT", tax: 20 }]
/** 0.50 a kWh and 1.00 a session, without tax. */
const tariff: TariffType = {
  tariffId: "T",
  currency: "EUR",
  energy: { prices: [{ priceKwh: 0.5 }], taxRates },
  fixedFee: { prices: [{ priceFixed: 1 }], taxRates }
}
const dear: TariffType = { ...tariff, tariffId: "DEAR", energy: { prices: [{ priceKwh: 5 }], taxRates } }

const habits = { display: "own", keepsLimits: ["energy", "cost"] } as const

// biome-ignore lint/suspicious/noExplicitAny: what a station says is what a test looks at
type Event = Readonly<Record<string, any>>
const grossOf = ({ costDetails }: Event): number => costDetails.totalCost.total.inclTax
const registerOf = ({ meterValue }: Event): number =>
  meterValue[0].sampledValue.find((it: Event) => it["measurand"] === "Energy.Active.Import.Register").value

it.effect("a station that prices by itself says that it keeps the cost it may come to, and ends the charge there", () =>
  Effect.gen(function* () {
    const lived = (isPriced: boolean) =>
      inWorld({ dialect: "2.1", habits }, ({ cms, station, present }) =>
        Effect.gen(function* () {
          if (isPriced) yield* cms.command("CP-1", "SetDefaultTariff", { evseId: 0, tariff })
          const limit = { transactionLimit: { maxCost: 3, maxTime: 60 }, idTokenInfo: { status: "Accepted" } }
          cms.script.set("TransactionEvent", () => limit)
          station.plugIn(compact, 1)
          yield* Effect.sleep("5 seconds")
          yield* present("04aabbcc")
          yield* Effect.sleep("40 minutes")
          station.unplug(1)
          yield* Effect.sleep("5 seconds")
          return cms.of("TransactionEvent").map(({ payload }) => payload as Event)
        })
      )
    const events = yield* lived(true)
    const told = events.filter((it) => it["triggerReason"] === "LimitSet")
    assert.deepStrictEqual(
      told.map((it) => it["transactionInfo"].transactionLimit),
      [{ maxCost: 3 }]
    )
    const end = events.find((it) => it["triggerReason"] === "CostLimitReached")!
    const last = events.find((it) => it["eventType"] === "Ended")!
    assert.strictEqual(last["transactionInfo"].stoppedReason, "LocalOutOfCredit")
    assert.isDefined(end)
    // Fee and energy with tax: 3.00 at 3 kWh, looked at every ten seconds.
    assert.isAtLeast(grossOf(last), 3)
    assert.isAtMost(grossOf(last), 3.03)
    assert.isTrue((yield* lived(false)).every((it) => it["triggerReason"] !== "LimitSet"))
  })
)

it.effect(
  "a running charge is priced by another tariff from the reading that says so on, and its fee is not owed again",
  () =>
    inWorld({ dialect: "2.1", habits }, ({ cms, station, present }) =>
      Effect.gen(function* () {
        const change = (transactionId: string, to: TariffType) =>
          Effect.map(
            cms.command("CP-1", "ChangeTransactionTariff", { transactionId, tariff: to }),
            (it) => (it as Event)["status"]
          )
        yield* cms.command("CP-1", "SetDefaultTariff", { evseId: 0, tariff })
        station.plugIn(compact, 1)
        yield* Effect.sleep("5 seconds")
        yield* present("04aabbcc")
        yield* Effect.sleep("20 minutes")
        const { transactionId } = cms.of("TransactionEvent").at(-1)!.payload.transactionInfo
        assert.strictEqual(yield* change("nobody", dear), "TxNotFound")
        assert.strictEqual(yield* change(transactionId, { ...dear, currency: "CHF" }), "NoCurrencyChange")
        const unknown = { ...dear, energy: { prices: [{ priceKwh: 5, conditions: { minIdleTime: 60 } }] } }
        assert.strictEqual(yield* change(transactionId, unknown), "ConditionNotSupported")
        assert.strictEqual(yield* change(transactionId, dear), "Accepted")
        yield* Effect.sleep("20 minutes")
        yield* present("04aabbcc")
        yield* Effect.sleep("5 seconds")
        station.unplug(1)
        yield* Effect.sleep("5 seconds")
        const events = cms.of("TransactionEvent").map(({ payload }) => payload as Event)
        const [begin, turn, end] = [
          events[0]!,
          events.find((it) => it["triggerReason"] === "TariffChanged")!,
          events.find((it) => it["eventType"] === "Ended")!
        ].map(registerOf)
        const net = 1 + ((turn! - begin!) * 0.5 + (end! - turn!) * 5) / 1_000
        assert.isAbove(end! - turn!, 1_000)
        assert.approximately(grossOf(events.find((it) => it["eventType"] === "Ended")!), net * 1.2, 0.005)
        assert.deepStrictEqual(cms.violations, [])
      })
    )
)
