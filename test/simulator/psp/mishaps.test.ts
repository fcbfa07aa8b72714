import { assert, it } from "@effect/vitest"
import { hold, openDesk } from "./desk.ts"

const truthOf = (desk: ReturnType<typeof openDesk>, id: string) => desk.provider.truth.find((one) => one.id === id)!

const hourMs = 3_600_000
const dayMs = 24 * hourMs

const taken = async (desk: ReturnType<typeof openDesk>, how?: Parameters<typeof hold>[2]) => {
  const { id } = await hold(desk, 2_000, how)
  await desk.call(desk.stripe.paymentIntents.capture(id))
  return id
}

it("an answer to a dispute costs a fee of its own, which comes back with what is won", async () => {
  const desk = openDesk()
  desk.provider.luck.add("dispute", { quarrel: () => ({ afterMs: 1_000, decidedAfterMs: hourMs, won: true }) })
  const id = await taken(desk)
  desk.clock.pass(2_000)
  const dispute = (await desk.call(desk.stripe.disputes.list({ payment_intent: id }))).data[0]!
  await desk.call(
    desk.stripe.disputes.update(dispute.id, { evidence: { uncategorized_text: "it charged" }, submit: true })
  )
  const feeOf = (minor: bigint) => assert.strictEqual(truthOf(desk, id).feeMinor, 55n + minor)
  feeOf(3_500n)
  desk.clock.pass(2 * hourMs)
  feeOf(2_000n)
  const won = await desk.call(desk.stripe.disputes.retrieve(dispute.id))
  assert.deepStrictEqual(
    won.balance_transactions.map(({ amount, fee }) => [amount, fee]),
    [
      [-2_000, 2_000],
      [0, 1_500],
      [2_000, -1_500]
    ]
  )
})

it("a bank gives back, once, what it had decided to keep, and decides about it no more", async () => {
  const desk = openDesk()
  const id = await taken(desk, { payment_method: "pm_card_createDispute" })
  desk.clock.pass(120_000)
  const dispute = (await desk.call(desk.stripe.disputes.list({ payment_intent: id }))).data[0]!
  assert.isFalse(desk.provider.overturn(dispute.id))
  await desk.call(desk.stripe.disputes.close(dispute.id))
  assert.isTrue(desk.provider.overturn(dispute.id))
  assert.isFalse(desk.provider.overturn(dispute.id))
  desk.clock.pass(2 * dayMs)
  assert.strictEqual((await desk.call(desk.stripe.disputes.retrieve(dispute.id))).status, "won")
  assert.strictEqual(truthOf(desk, id).disputedMinor, 0n)
})

it("of an intent that is lost nothing is told, given back or paid out, until it is found again", async () => {
  const desk = openDesk()
  const id = await taken(desk)
  const { id: stays } = await hold(desk, 1_000)
  assert.isUndefined(desk.provider.forget(stays))
  const restore = desk.provider.forget(id)!
  assert.isTrue(truthOf(desk, id).isLost)
  assert.strictEqual((await desk.refusal(desk.stripe.paymentIntents.retrieve(id))).code, "resource_missing")
  assert.strictEqual((await desk.refusal(desk.stripe.refunds.create({ payment_intent: id }))).code, "resource_missing")
  const listed = async () => (await desk.call(desk.stripe.paymentIntents.list())).data.map((one) => one.id)
  assert.deepStrictEqual(await listed(), [stays])
  const paidOut = async () => {
    desk.provider.startPayouts()
    desk.clock.pass(3 * dayMs)
    desk.provider.stop()
    return (await desk.call(desk.stripe.payouts.list())).data.length
  }
  assert.strictEqual(await paidOut(), 0)
  restore()
  assert.isFalse(truthOf(desk, id).isLost)
  assert.sameMembers([...(await listed())], [id, stays])
  assert.strictEqual(await paidOut(), 1)
  assert.isUndefined(desk.provider.forget(id))
})
