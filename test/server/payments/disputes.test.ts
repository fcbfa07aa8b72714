import { assert, it } from "@effect/vitest"
import { Clock, Effect } from "effect"
import { InvoiceStore } from "#server/invoices/InvoiceStore.ts"
import { Invoicing } from "#server/invoices/Invoicing.ts"
import { PaymentDesk } from "#server/payments/Desk.ts"
import { evidenceOf, heldFor } from "#server/payments/evidence.ts"
import { PaymentStore } from "#server/payments/PaymentStore.ts"
import { seller } from "#test/core/invoice/fixtures.ts"
import { balances, day, lived, pay, paymentOf, stateIs, station, type World } from "./world.ts"

const dayMs = 86_400_000

const desk = Effect.map(PaymentDesk, ({ open }) => open!)

/** The webhook that tells of it; what it says is asked for. */
const tell = Effect.fnUntraced(function* (world: World, intentId: string, eventId: string) {
  const object = { id: "du", object: "dispute", payment_intent: intentId }
  const { raw, signature } = world.stripe.webhook(eventId, "charge.dispute.updated", object)
  yield* (yield* desk).receive(raw, signature)
  yield* Effect.sleep("1 minute")
})

/** A charge that was paid by card and is disputed. */
const disputed = Effect.fnUntraced(function* (world: World, eventId = "evt_1") {
  yield* (yield* InvoiceStore).saveSeller(seller)
  const charger = yield* station(11_000)
  const id = yield* pay({ driverId: "ada", methodId: "pm_1" })
  yield* Effect.sleep("1 hour")
  yield* charger.end
  yield* Effect.sleep("10 minutes")
  const { began, intents } = yield* paymentOf(id)
  yield* Effect.provide(
    Effect.flatMap(Invoicing, (invoicing) => invoicing.receipt(began!.transactionId)),
    Invoicing.layer
  )
  const dispute = world.stripe.dispute(intents[0]!.id, (yield* Clock.currentTimeMillis) + 7 * dayMs)
  yield* tell(world, intents[0]!.id, eventId)
  yield* stateIs(id, "DISPUTED")
  return { id, intentId: intents[0]!.id, dispute }
})

const answer = Effect.fnUntraced(function* (id: string, disputeId: string, kind: "contest" | "accept") {
  const payment = yield* paymentOf(id)
  const evidence =
    kind === "accept" ? null : evidenceOf(payment, yield* heldFor(payment), "The driver paid twice before.")
  const command = { _tag: "AnswerDispute", id: disputeId, by: "desk", reason: "as agreed", evidence } as const
  return yield* (yield* desk).command(id, command)
})

const answersAsked = ({ stripe }: World) => stripe.seen.filter((name) => /^POST .*disputes/.test(name)).length

it.live("a dispute is contested once with what we hold, and what comes of it is in the books", () =>
  lived((world) =>
    Effect.gen(function* () {
      const { id, intentId, dispute } = yield* disputed(world)
      const store = yield* PaymentStore
      const { items } = yield* store.disputes({ status: "Open", limit: 9 })
      assert.deepStrictEqual(
        items.map((it) => [it.disputeId, it.payment.id]),
        [[dispute.id, id]]
      )
      assert.strictEqual((yield* balances)["chargeback"], BigInt(dispute.amount))
      for (let again = 0; again < 3; again++) yield* answer(id, dispute.id, "contest")
      assert.strictEqual(answersAsked(world), 1)
      const { product_description, access_activity_log, uncategorized_text, customer_name, service_date } =
        dispute.evidence
      assert.match(product_description!, /^Charging of an electric vehicle at station S1, EVSE 1: 10817 Wh from .*EUR/)
      assert.match(access_activity_log!, /token answered Accepted/)
      assert.match(access_activity_log!, /meter 10817 Wh/)
      assert.strictEqual(uncategorized_text, "The driver paid twice before.\nReceipt or invoice RE2026-000001.")
      assert.deepStrictEqual([customer_name, service_date], ["Ada", "2026-05-04"])
      const other = yield* Effect.flip(answer(id, dispute.id, "accept"))
      assert.deepInclude(other, { _tag: "PaymentRefused", why: "desk has contested it already." })
      yield* stateIs(id, "DISPUTED")
      dispute.status = "won"
      yield* tell(world, intentId, "evt_2")
      yield* stateIs(id, "DISPUTE_WON")
      const books = yield* balances
      assert.isUndefined(books["chargeback"])
      assert.strictEqual(books["psp_fees"], 1_500n)
      assert.deepStrictEqual((yield* store.disputes({ status: "Open", limit: 9 })).items, [])
      assert.strictEqual(answersAsked(world), 1)
    })
  )
)

it.live("a dispute that is accepted is lost at once, and stays in the books as taken back", () =>
  lived((world) =>
    Effect.gen(function* () {
      const { id, dispute } = yield* disputed(world)
      yield* answer(id, dispute.id, "accept")
      yield* stateIs(id, "DISPUTE_LOST")
      yield* answer(id, dispute.id, "accept")
      yield* Effect.sleep("2 days")
      assert.strictEqual(answersAsked(world), 1)
      assert.strictEqual((yield* balances)["chargeback"], BigInt(dispute.amount))
    })
  )
)

it.live("what is decided, unknown, or past its time is not answered", () =>
  lived((world) =>
    Effect.gen(function* () {
      const { id, intentId, dispute } = yield* disputed(world)
      const unknown = yield* Effect.flip(answer(id, "du_none", "accept"))
      assert.deepInclude(unknown, { why: "There is no such dispute." })
      yield* Effect.sleep("8 days")
      assert.deepInclude(yield* Effect.flip(answer(id, dispute.id, "contest")), {
        why: "The time for an answer is over."
      })
      dispute.status = "lost"
      yield* tell(world, intentId, "evt_2")
      assert.deepInclude(yield* Effect.flip(answer(id, dispute.id, "accept")), { why: "It is decided already." })
      assert.strictEqual(answersAsked(world), 0)
    })
  )
)

it.live("an answer that the provider did not hear, or of which nothing was heard, is told once all the same", () =>
  day((world) =>
    Effect.gen(function* () {
      const answered = (what: "lost" | "silent") =>
        Effect.gen(function* () {
          const { id, dispute } = yield* disputed(world, `evt_${what}`)
          world.stripe.trouble.push({ on: /POST .*disputes/, what })
          yield* Effect.timeoutOption(answer(id, dispute.id, "contest"), "5 seconds")
          return { id, dispute }
        })
      const { id, dispute } = yield* world.live(Effect.scoped(answered("lost")))
      yield* world.live(
        Effect.gen(function* () {
          yield* Effect.sleep("1 hour")
          assert.strictEqual(dispute.evidence_details.submission_count, 1)
          assert.strictEqual((yield* paymentOf(id)).intents[0]!.disputes[0]!.submissions, 1)
        })
      )
      const silent = yield* world.live(Effect.scoped(answered("silent")))
      yield* world.live(
        Effect.gen(function* () {
          yield* Effect.sleep("1 hour")
          assert.strictEqual(silent.dispute.evidence_details.submission_count, 1)
          assert.strictEqual(answersAsked(world), 3)
        })
      )
    })
  )
)
