import { assert, it } from "@effect/vitest"
import type Stripe from "stripe"
import { hold, openDesk } from "./desk.ts"

const dayMs = 86_400_000

const truthOf = (desk: ReturnType<typeof openDesk>, id: string) => desk.provider.truth.find((one) => one.id === id)!

it("a hold is raised, captured in part and let go for the rest, with the provider's fee kept", async () => {
  const desk = openDesk()
  const held = await hold(desk, 3_000)
  assert.deepStrictEqual([held.status, held.amount_capturable], ["requires_capture", 3_000])
  const raised = await desk.call(desk.stripe.paymentIntents.incrementAuthorization(held.id, { amount: 5_000 }))
  assert.strictEqual(raised.amount_capturable, 5_000)
  const taken = await desk.call(
    desk.stripe.paymentIntents.capture(held.id, {
      amount_to_capture: 4_200,
      expand: ["latest_charge.balance_transaction"]
    })
  )
  assert.deepStrictEqual([taken.status, taken.amount_received, taken.amount_capturable], ["succeeded", 4_200, 0])
  const charge = taken.latest_charge as Stripe.Charge
  const transaction = charge.balance_transaction as Stripe.BalanceTransaction
  assert.deepStrictEqual([transaction.amount, transaction.fee, transaction.net], [4_200, 88, 4_112])
  const truth = truthOf(desk, held.id)
  assert.deepStrictEqual(
    [truth.authorizedMinor, truth.heldMinor, truth.capturedMinor, truth.feeMinor, truth.captures],
    [5_000n, 0n, 4_200n, 88n, 1]
  )
  desk.clock.pass(2_000)
  assert.include(desk.types(), "payment_intent.amount_capturable_updated")
  assert.include(desk.types(), "payment_intent.succeeded")
})

it("more than is held cannot be captured, and nothing can be captured twice", async () => {
  const desk = openDesk()
  const { id } = await hold(desk, 3_000)
  const tooMuch = await desk.refusal(desk.stripe.paymentIntents.capture(id, { amount_to_capture: 3_001 }))
  assert.deepStrictEqual([tooMuch.statusCode, tooMuch.code], [400, "amount_too_large"])
  await desk.call(desk.stripe.paymentIntents.capture(id))
  const again = await desk.refusal(desk.stripe.paymentIntents.capture(id))
  assert.strictEqual(again.code, "payment_intent_unexpected_state")
  assert.strictEqual(truthOf(desk, id).capturedMinor, 3_000n)
})

it("a decline is a card error with its code and the intent as it stands", async () => {
  const desk = openDesk()
  const declined = (await desk.refusal(
    desk.stripe.paymentIntents.create({
      amount: 1_000,
      currency: "eur",
      payment_method: "pm_card_visa_chargeDeclinedInsufficientFunds",
      confirm: true
    })
  )) as Stripe.errors.StripeCardError
  assert.deepStrictEqual(
    [declined.type, declined.statusCode, declined.code, declined.decline_code],
    ["StripeCardError", 402, "card_declined", "insufficient_funds"]
  )
  assert.strictEqual(declined.payment_intent?.status, "requires_payment_method")
  const other = await desk.call(
    desk.stripe.paymentIntents.confirm(declined.payment_intent!.id, { payment_method: "pm_card_mastercard" })
  )
  assert.strictEqual(other.status, "succeeded")
})

it("a card is set up once and charged while its holder is away; one that needs him is not", async () => {
  const desk = openDesk()
  const customer = await desk.call(desk.stripe.customers.create({ metadata: { driver: "D-1" } }))
  const keep = async (card: string) => {
    const setup = await desk.call(desk.stripe.setupIntents.create({ customer: customer.id, usage: "off_session" }))
    assert.isTrue(desk.provider.enterCard(setup.client_secret!, card))
    desk.clock.pass(60_000)
    return desk.call(desk.stripe.setupIntents.retrieve(setup.id))
  }
  const away = (method: string) => ({
    amount: 700,
    currency: "eur",
    customer: customer.id,
    payment_method: method,
    off_session: true,
    confirm: true
  })
  const kept = await keep("pm_card_authenticationRequiredOnSetup")
  assert.strictEqual(kept.status, "succeeded")
  const charged = await desk.call(desk.stripe.paymentIntents.create(away(String(kept.payment_method))))
  assert.strictEqual(charged.amount_received, 700)
  const strict = await keep("pm_card_authenticationRequired")
  const refused = await desk.refusal(desk.stripe.paymentIntents.create(away(String(strict.payment_method))))
  assert.deepStrictEqual([refused.statusCode, refused.code], [402, "authentication_required"])
  const methods = await desk.call(desk.stripe.customers.listPaymentMethods(customer.id, { type: "card" }))
  assert.strictEqual(methods.data.length, 2)
  await desk.call(desk.stripe.paymentMethods.detach(String(kept.payment_method)))
  const left = await desk.call(desk.stripe.customers.listPaymentMethods(customer.id, { type: "card" }))
  assert.deepStrictEqual(
    left.data.map(({ id }) => id),
    [String(strict.payment_method)]
  )
})

it("a holder at a payment page is asked by his bank, and the hold stands only after his answer", async () => {
  const desk = openDesk()
  const open = await desk.call(
    desk.stripe.paymentIntents.create({ amount: 2_000, currency: "eur", capture_method: "manual" })
  )
  assert.strictEqual(open.status, "requires_payment_method")
  assert.isFalse(desk.provider.enterCard(`${open.client_secret}x`, "pm_card_visa"))
  desk.provider.enterCard(open.client_secret!, "pm_card_threeDSecure2Required")
  const asked = await desk.call(desk.stripe.paymentIntents.retrieve(open.id))
  assert.strictEqual(asked.status, "requires_action")
  assert.strictEqual(asked.next_action?.type, "redirect_to_url")
  desk.clock.pass(60_000)
  const held = await desk.call(desk.stripe.paymentIntents.retrieve(open.id))
  assert.strictEqual(held.status, "requires_capture")
})

it("a hold that nobody captures is let go after seven days, and a cancelled one at once", async () => {
  const desk = openDesk()
  const kept = await hold(desk, 3_000, { expand: ["latest_charge"] })
  const before = (kept.latest_charge as Stripe.Charge).payment_method_details?.card?.capture_before
  assert.strictEqual(before! - kept.created, (7 * dayMs) / 1000)
  const other = await hold(desk, 1_000)
  const cancelled = await desk.call(desk.stripe.paymentIntents.cancel(other.id, { cancellation_reason: "abandoned" }))
  assert.deepStrictEqual([cancelled.status, cancelled.cancellation_reason], ["canceled", "abandoned"])
  desk.clock.pass(7 * dayMs)
  const expired = await desk.call(desk.stripe.paymentIntents.retrieve(kept.id))
  assert.deepStrictEqual([expired.status, expired.cancellation_reason], ["canceled", "automatic"])
  assert.deepStrictEqual(
    desk.provider.truth.map(({ heldMinor, capturedMinor }) => [heldMinor, capturedMinor]),
    [
      [0n, 0n],
      [0n, 0n]
    ]
  )
})

it("refunds never exceed what was captured, and one that cannot be delivered comes back", async () => {
  const desk = openDesk()
  const { id } = await hold(desk, 2_000, { payment_method: "pm_card_refundFail" })
  await desk.call(desk.stripe.paymentIntents.capture(id))
  const refund = await desk.call(
    desk.stripe.refunds.create({ payment_intent: id, amount: 500, metadata: { why: "goodwill" } })
  )
  assert.deepStrictEqual([refund.status, refund.amount, refund.metadata?.why], ["succeeded", 500, "goodwill"])
  const tooMuch = await desk.refusal(desk.stripe.refunds.create({ payment_intent: id, amount: 1_501 }))
  assert.strictEqual(tooMuch.code, "amount_too_large")
  assert.strictEqual(truthOf(desk, id).refundedMinor, 500n)
  desk.clock.pass(3_600_000)
  const listed = await desk.call(desk.stripe.refunds.list({ payment_intent: id }))
  assert.deepStrictEqual(
    listed.data.map(({ status }) => status),
    ["failed"]
  )
  assert.strictEqual(truthOf(desk, id).refundedMinor, 0n)
})

it("a dispute takes the money and a fee, and bars refunds", async () => {
  const desk = openDesk()
  const { id } = await hold(desk, 2_000, { payment_method: "pm_card_createDispute" })
  await desk.call(desk.stripe.paymentIntents.capture(id))
  desk.clock.pass(120_000)
  const { data } = await desk.call(desk.stripe.disputes.list({ payment_intent: id }))
  assert.deepStrictEqual(
    data.map(({ amount, status }) => [amount, status]),
    [[2_000, "needs_response"]]
  )
  const barred = await desk.refusal(desk.stripe.refunds.create({ payment_intent: id }))
  assert.strictEqual(barred.code, "charge_disputed")
  desk.clock.pass(2 * dayMs)
  const decided = await desk.call(desk.stripe.disputes.retrieve(data[0]!.id))
  assert.strictEqual(decided.status, "lost")
  assert.strictEqual(truthOf(desk, id).disputedMinor, 2_000n)
  assert.include(desk.types(), "charge.dispute.closed")
})

it("what a dispute that was won has brought back can be given back", async () => {
  const desk = openDesk()
  desk.provider.luck.add("dispute", { quarrel: () => ({ afterMs: 1_000, decidedAfterMs: 60_000, won: true }) })
  const { id } = await hold(desk, 2_000)
  await desk.call(desk.stripe.paymentIntents.capture(id))
  desk.clock.pass(30_000)
  const barred = await desk.refusal(desk.stripe.refunds.create({ payment_intent: id }))
  assert.strictEqual(barred.code, "charge_disputed")
  desk.clock.pass(60_000)
  await desk.call(desk.stripe.refunds.create({ payment_intent: id }))
  assert.deepInclude(truthOf(desk, id), { disputedMinor: 0n, refundedMinor: 2_000n })
})

it("evidence against a dispute is taken once and in time, and one that is given up is lost at once", async () => {
  const desk = openDesk()
  const disputed = async () => {
    const { id } = await hold(desk, 2_000, { payment_method: "pm_card_createDispute" })
    await desk.call(desk.stripe.paymentIntents.capture(id))
    desk.clock.pass(120_000)
    const { data } = await desk.call(desk.stripe.disputes.list({ payment_intent: id }))
    return { id, dispute: data[0]! }
  }
  const { dispute } = await disputed()
  assert.strictEqual(dispute.evidence_details.due_by, dispute.created + (7 * dayMs) / 1000)
  const evidence = { product_description: "Charging of an electric vehicle" }
  const told = await desk.call(desk.stripe.disputes.update(dispute.id, { evidence, submit: true }))
  assert.deepStrictEqual(
    [told.status, told.evidence_details.submission_count, told.evidence.product_description],
    ["under_review", 1, evidence.product_description]
  )
  const again = await desk.refusal(desk.stripe.disputes.update(dispute.id, { evidence, submit: true }))
  assert.strictEqual(again.code, "evidence_submitted")
  const given = await disputed()
  assert.strictEqual((await desk.call(desk.stripe.disputes.close(given.dispute.id))).status, "lost")
  desk.clock.pass(2 * dayMs)
  assert.strictEqual((await desk.call(desk.stripe.disputes.retrieve(given.dispute.id))).status, "lost")
  assert.strictEqual(desk.types().filter((type) => type === "charge.dispute.closed").length, 2)
  assert.strictEqual(truthOf(desk, given.id).disputedMinor, 2_000n)
  const late = await desk.refusal(desk.stripe.disputes.update(given.dispute.id, { evidence }))
  assert.strictEqual(late.code, "charge_dispute_closed")
})

it("intents are found by what was written on them once the index knows them, and listed page by page", async () => {
  const desk = openDesk()
  for (const session of ["S-1", "S-2", "S-3"]) await hold(desk, 1_000, { metadata: { session } })
  const find = () => desk.call(desk.stripe.paymentIntents.search({ query: "metadata['session']:'S-3'" }))
  assert.strictEqual((await find()).data.length, 0)
  desk.clock.pass(10_000)
  assert.deepStrictEqual(
    (await find()).data.map(({ metadata }) => metadata.session),
    ["S-3"]
  )
  const seen: Array<string> = []
  const all = (async () => {
    for await (const { metadata } of desk.stripe.paymentIntents.list({ limit: 2 })) seen.push(metadata.session!)
  })()
  await desk.call(all)
  assert.deepStrictEqual(seen, ["S-3", "S-2", "S-1"])
})

it("what is available is paid out once, and the balance tells which payout took what", async () => {
  const desk = openDesk()
  desk.provider.startPayouts()
  const { id } = await hold(desk, 2_000)
  await desk.call(desk.stripe.paymentIntents.capture(id))
  desk.clock.pass(5 * dayMs)
  desk.provider.stop()
  const payouts = await desk.call(desk.stripe.payouts.list())
  assert.deepStrictEqual(
    payouts.data.map(({ amount, status }) => [amount, status]),
    [[1_945, "paid"]]
  )
  const { data } = await desk.call(desk.stripe.balanceTransactions.list({ payout: payouts.data[0]!.id }))
  assert.deepStrictEqual(
    data.map(({ type, net }) => [type, net]),
    [["charge", 1_945]]
  )
})

it("a wrong key, an unknown object and a missing parameter are refused in the API's own words", async () => {
  const desk = openDesk({ apiKey: "sk_another" })
  assert.strictEqual((await desk.refusal(desk.stripe.customers.list())).type, "StripeAuthenticationError")
  const right = openDesk()
  const none = await right.refusal(right.stripe.paymentIntents.retrieve("pi_none"))
  assert.deepStrictEqual([none.statusCode, none.code], [404, "resource_missing"])
  const incomplete = { amount: 5 } as Stripe.PaymentIntentCreateParams
  const missing = await right.refusal(right.stripe.paymentIntents.create(incomplete))
  assert.deepStrictEqual([missing.code, missing.param], ["parameter_missing", "currency"])
})
