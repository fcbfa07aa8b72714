import { assert, it } from "@effect/vitest"
import { Clock, Effect, Result } from "effect"
import * as Instant from "#core/Instant.ts"
import { actions } from "#core/ocpp/v16/generated/actions.ts"
import { Tariff } from "#core/tariff/Tariff.ts"
import { Books } from "#server/books/Books.ts"
import { CorrectionStore } from "#server/corrections/CorrectionStore.ts"
import { Corrections } from "#server/corrections/Corrections.ts"
import { Directory } from "#server/directory/Directory.ts"
import { InvoiceStore } from "#server/invoices/InvoiceStore.ts"
import { Invoicing } from "#server/invoices/Invoicing.ts"
import { PaymentDesk } from "#server/payments/Desk.ts"
import { WalletStore } from "#server/wallet/WalletStore.ts"
import { seller } from "#test/core/invoice/fixtures.ts"
import { violated } from "#test/server/audit/audited.ts"
import { balances, day, lived, pay, paymentOf, stateIs, station, type World } from "#test/server/payments/world.ts"
import { tariffJson, token } from "#test/support/cms.ts"

const card = { driverId: "ada", methodId: "pm_1" }

/** Energy for 10 ct a kWh and nothing else. */
const cheap = {
  ...tariffJson,
  id: "cheap",
  elements: [{ price_components: [{ type: "ENERGY", price: 0.1, vat: 20, step_size: 1 }] }]
}

const opened = Effect.gen(function* () {
  yield* (yield* InvoiceStore).saveSeller(seller)
  yield* (yield* Directory).publishTariff(Result.getOrThrow(Tariff.parse(cheap)))
})

const asked = (transactionId: string, over: Partial<Parameters<Corrections["Service"]["ask"]>[0]> = {}) =>
  Effect.flatMap(Corrections, (corrections) =>
    corrections.ask({
      transactionId,
      requestId: "case-1",
      tariff: null,
      reason: "The cable would not come out.",
      requestedBy: "desk",
      ...over
    })
  )

/** A charge of an hour that was paid by card, and its receipt. */
const paid = Effect.fnUntraced(function* () {
  yield* opened
  const charger = yield* station(11_000)
  const paymentId = yield* pay(card)
  yield* Effect.sleep("1 hour")
  yield* charger.end
  yield* Effect.sleep("10 minutes")
  yield* stateIs(paymentId, "CAPTURED")
  const transactionId = (yield* paymentOf(paymentId)).began!.transactionId
  const receipt = yield* Effect.provide(
    Effect.flatMap(Invoicing, (invoicing) => invoicing.receipt(transactionId)),
    Invoicing.layer
  )
  return { charger, paymentId, transactionId, receipt }
})

const refundsAsked = ({ stripe }: World) => stripe.seen.filter((name) => name === "POST /v1/refunds").length

const documents = Effect.map(
  Effect.flatMap(InvoiceStore, (store) => store.list({ limit: 50 })),
  ({ items }) => items.map(({ id, payableMinor }) => `${id} ${payableMinor}`).toReversed()
)

const billsOf = (transactionId: string) =>
  Effect.map(
    Effect.flatMap(Books, (books) => books.cdrs({ transactionId, limit: 50 })),
    ({ items }) => items.map(({ tariff, grossMinor }) => `${tariff.id} ${grossMinor}`).toReversed()
  )

it.live(
  "a charge that is cancelled goes back on the card whole, with a credit note, once however often it is asked",
  () =>
    lived((world) =>
      Effect.gen(function* () {
        const { paymentId, transactionId, receipt } = yield* paid()
        const before = receipt.payableMinor
        assert.strictEqual(world.stripe.netMinor(), Number(before))
        const done = yield* asked(transactionId)
        assert.deepInclude(done, { status: "Done", requestedBy: "desk", documentId: receipt.id, why: null })
        assert.deepStrictEqual(done.outcome, {
          currency: "EUR",
          beforeMinor: String(before),
          afterMinor: "0",
          creditCdrId: `${transactionId}-2`,
          cdrId: null,
          creditNoteId: "GS2026-000001",
          invoiceIds: [],
          settledBy: "payment",
          paymentId
        })
        assert.strictEqual((yield* (yield* InvoiceStore).get("GS2026-000001"))?.credits?.reason, done.reason)
        yield* stateIs(paymentId, "REFUNDED")
        for (let again = 0; again < 3; again++) assert.deepStrictEqual(yield* asked(transactionId), done)
        yield* Effect.sleep("2 days")
        assert.strictEqual(refundsAsked(world), 1)
        assert.strictEqual(world.stripe.netMinor(), 0)
        assert.deepStrictEqual(yield* documents, [`GS2026-000001 ${before}`, `RE2026-000001 ${before}`].toSorted())
        assert.isUndefined((yield* balances)["receivable:driver:ada"])
        assert.deepStrictEqual(yield* violated(world), [])
        const row = yield* (yield* Books).transaction(transactionId)
        assert.deepStrictEqual(
          row?.findings.map(({ code, text }) => [code, text]),
          [["corrected", "Not billed, by hand: The cable would not come out."]]
        )
        const twice = yield* Effect.flip(asked(transactionId, { requestId: "case-2" }))
        assert.deepInclude(twice, { _tag: "NotPossible", why: "Nothing is owed for this charge." })
      })
    )
)

it.live("a charge at other prices gives the difference back, and what its station tells late is billed at those", () =>
  lived((world) =>
    Effect.gen(function* () {
      const { charger, paymentId, transactionId, receipt } = yield* paid()
      const tariff = { id: "cheap", version: 1 }
      const { outcome } = yield* asked(transactionId, { tariff })
      const after = 130n
      assert.deepInclude(outcome, {
        beforeMinor: String(receipt.payableMinor),
        afterMinor: String(after),
        creditCdrId: `${transactionId}-2`,
        cdrId: `${transactionId}-3`,
        creditNoteId: "GS2026-000001",
        invoiceIds: ["RE2026-000002"]
      })
      assert.strictEqual((yield* (yield* InvoiceStore).get("RE2026-000002"))?.kind, "receipt")
      yield* stateIs(paymentId, "PARTIALLY_REFUNDED")
      assert.strictEqual(world.stripe.netMinor(), Number(after))
      const pausedAt = Instant.format((yield* Clock.currentTimeMillis) - 30 * 60_000)
      yield* charger.peer.call(actions.StatusNotification, {
        connectorId: 1,
        errorCode: "NoError",
        status: "SuspendedEV",
        timestamp: pausedAt
      })
      const bills = yield* billsOf(transactionId)
      assert.deepStrictEqual(bills.slice(2), ["cheap 130", "cheap -130", "cheap 130"])
      yield* asked(transactionId, { requestId: "case-2" })
      const cancelled = yield* billsOf(transactionId)
      assert.strictEqual(cancelled.length, bills.length + 1)
      yield* charger.peer.call(actions.StatusNotification, {
        connectorId: 1,
        errorCode: "NoError",
        status: "Charging",
        timestamp: Instant.format(Instant.parse(pausedAt)! + 10 * 60_000)
      })
      assert.deepStrictEqual(yield* billsOf(transactionId), cancelled)
      assert.strictEqual(world.stripe.netMinor(), 0)
      assert.deepStrictEqual(yield* violated(world), [])
    })
  )
)

it.live("a charge that a wallet paid goes back to the wallet, in the commit of the bill", () =>
  lived((world) =>
    Effect.gen(function* () {
      yield* opened
      const wallets = yield* WalletStore
      const nowMs = yield* Clock.currentTimeMillis
      yield* wallets.open({ driverId: "ada", currency: "EUR", creditLineMinor: 0n, openedAtMs: nowMs })
      const cause = {
        kind: "credit",
        amountMinor: 5_000n,
        sourceId: "gift",
        transactionId: null,
        reason: null
      } as const
      yield* wallets.move("ada", { ...cause, atMs: nowMs }, null)
      yield* (yield* Directory).createToken(token("CARD", { driverId: "ada" }))
      const charger = yield* station(11_000)
      yield* Effect.forkScoped(charger.begin("CARD"))
      yield* Effect.sleep("1 hour")
      yield* charger.end
      const { items } = yield* (yield* Books).transactions({ limit: 1 })
      assert.isBelow(Number((yield* wallets.get("ada"))?.balanceMinor), 5_000)
      const { outcome } = yield* asked(items[0]!.id)
      assert.deepInclude(outcome, { afterMinor: "0", settledBy: "wallet", paymentId: null, creditNoteId: null })
      assert.strictEqual((yield* wallets.get("ada"))?.balanceMinor, 5_000n)
      yield* asked(items[0]!.id)
      const movements = (yield* wallets.movements("ada", { limit: 10 })).items.map(({ kind }) => kind)
      assert.deepStrictEqual(movements, ["give-back", "charge", "credit"])
      assert.deepStrictEqual(yield* violated(world), [])
    })
  )
)

it.live(
  "a session on a month's invoice is cancelled: the invoice is taken back, and the rest is invoiced and paid anew",
  () =>
    lived((world) =>
      Effect.gen(function* () {
        yield* opened
        yield* (yield* PaymentDesk).open!.setUpCard("ada")
        yield* (yield* Directory).createToken(token("CARD", { driverId: "ada" }))
        const charger = yield* station(11_000)
        for (let session = 0; session < 2; session++) {
          yield* Effect.forkScoped(charger.begin("CARD"))
          yield* Effect.sleep("30 minutes")
          yield* charger.end
          yield* Effect.sleep("5 minutes")
        }
        const endedBeforeMs = yield* Clock.currentTimeMillis
        yield* Effect.provide(
          Effect.flatMap(Invoicing, (invoicing) => invoicing.run({ endedBeforeMs })),
          Invoicing.layer
        )
        yield* Effect.sleep("1 hour")
        const [first] = (yield* (yield* Books).transactions({ limit: 2 })).items
        const invoice = (yield* (yield* InvoiceStore).get("RE2026-000001"))!
        assert.strictEqual(world.stripe.netMinor(), Number(invoice.payableMinor))
        const { outcome } = yield* asked(first!.id)
        assert.deepInclude(outcome, {
          creditNoteId: "GS2026-000001",
          settledBy: "invoice",
          invoiceIds: ["RE2026-000002"]
        })
        yield* Effect.sleep("1 hour")
        const left = (yield* (yield* InvoiceStore).get("RE2026-000002"))!
        assert.strictEqual(left.sessions.length, 1)
        assert.strictEqual(world.stripe.netMinor(), Number(left.payableMinor))
        assert.deepStrictEqual(yield* violated(world), [])
      })
    )
)

it.live("a server that dies while it gives money back is gone on for by the next, and gives it back once", () =>
  day((world) =>
    Effect.gen(function* () {
      const transactionId = yield* world.live(
        Effect.scoped(
          Effect.gen(function* () {
            const { transactionId } = yield* paid()
            world.stripe.trouble.push({ on: /POST .*refunds$/, what: "silent" })
            yield* Effect.timeoutOption(asked(transactionId), "5 seconds")
            assert.strictEqual((yield* (yield* CorrectionStore).list({ limit: 1 })).items[0]?.status, "Waiting")
            return transactionId
          })
        )
      )
      yield* world.live(
        Effect.scoped(
          Effect.gen(function* () {
            yield* Effect.sleep("30 minutes")
            const [record] = (yield* (yield* CorrectionStore).list({ transactionId, limit: 1 })).items
            assert.deepInclude(record, { status: "Done" })
            assert.deepInclude(record!.outcome, { creditNoteId: "GS2026-000001", afterMinor: "0" })
            assert.strictEqual((yield* asked(transactionId)).status, "Done")
            assert.strictEqual(world.stripe.netMinor(), 0)
            assert.strictEqual(world.stripe.refunds.size, 1)
            assert.strictEqual((yield* billsOf(transactionId)).length, 2)
            assert.deepStrictEqual(yield* violated(world), [])
          })
        )
      )
    })
  )
)

it.live("a server that died before it began is gone on for, but not while another node holds the station", () =>
  day((world) =>
    Effect.gen(function* () {
      const transactionId = yield* world.live(
        Effect.scoped(
          Effect.gen(function* () {
            const { transactionId } = yield* paid()
            const requestedAtMs = yield* Clock.currentTimeMillis
            yield* (yield* CorrectionStore).add(
              {
                id: "00000000-0000-7000-8000-000000000001",
                transactionId,
                requestId: "case-1",
                tariff: null,
                reason: "The cable would not come out.",
                requestedBy: "desk",
                requestedAtMs
              },
              requestedAtMs
            )
            return transactionId
          })
        )
      )
      world.state.stationShelves.get("S1")!.presence = { dialect: "1.6", connectedAtMs: 0, remoteAddress: "elsewhere" }
      yield* world.live(
        Effect.gen(function* () {
          const status = Effect.map(asked(transactionId), (record) => record.status)
          assert.strictEqual(yield* status, "Waiting")
          assert.strictEqual((yield* billsOf(transactionId)).length, 1)
          yield* Effect.sleep("3 minutes")
          assert.strictEqual(yield* status, "Done")
          assert.strictEqual((yield* billsOf(transactionId)).length, 2)
        })
      )
    })
  )
)

it.live(
  "what is not over, not known, or asked for otherwise under the same id is refused, and nothing is written",
  () =>
    lived(() =>
      Effect.gen(function* () {
        yield* opened
        const charger = yield* station(11_000)
        const paymentId = yield* pay(card)
        yield* Effect.sleep("10 minutes")
        const transactionId = (yield* paymentOf(paymentId)).began!.transactionId
        const open = yield* Effect.flip(asked(transactionId))
        assert.deepInclude(open, { _tag: "NotPossible", why: "The charge is not over: stop it first." })
        const unknown = yield* Effect.flip(asked("00000000-0000-7000-8000-000000000009"))
        assert.strictEqual(unknown._tag, "NotPossible")
        assert.deepStrictEqual(yield* (yield* CorrectionStore).list({ limit: 1 }), { items: [] })
        yield* charger.end
        yield* Effect.sleep("1 minute")
        yield* asked(transactionId, { tariff: { id: "cheap", version: 1 } })
        const otherwise = yield* Effect.flip(asked(transactionId))
        assert.strictEqual(otherwise._tag, "AskedOtherwise")
        assert.strictEqual((yield* billsOf(transactionId)).length, 3)
      })
    )
)
