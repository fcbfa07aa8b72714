import { assert, it } from "@effect/vitest"
import { paymentFaults } from "#simulator/psp/faults.ts"
import * as Stream from "#simulator/Stream.ts"
import { hold, openDesk } from "./desk.ts"

const plain = { amount: 1_000, currency: "eur", payment_method: "pm_card_visa", confirm: true }
const under = (idempotencyKey: string) => ({ idempotencyKey })

const strike = (desk: ReturnType<typeof openDesk>, fault: keyof typeof paymentFaults, parameters: object) => {
  const target = { provider: desk.provider, timers: desk.clock }
  return paymentFaults[fault].make(parameters as never).strike(target, Stream.make("test", fault))
}

const captured = (desk: ReturnType<typeof openDesk>) => desk.provider.truth.map(({ capturedMinor }) => capturedMinor)

it("the same key with the same body is answered as the first time, and charges once", async () => {
  const desk = openDesk()
  const first = await desk.call(desk.stripe.paymentIntents.create(plain, under("a")))
  const again = await desk.call(desk.stripe.paymentIntents.create(plain, under("a")))
  assert.strictEqual(again.id, first.id)
  assert.deepInclude([...(again.lastResponse.headers as unknown as Iterable<unknown>)], ["idempotent-replayed", "true"])
  assert.deepStrictEqual(captured(desk), [1_000n])
})

it("a declined first answer is given again, although the card would do by now", async () => {
  const desk = openDesk()
  const end = strike(desk, "softDecline", { ratio: 1, code: "insufficient_funds" })
  const first = await desk.refusal(desk.stripe.paymentIntents.create(plain, under("a")))
  end()
  const again = await desk.refusal(desk.stripe.paymentIntents.create(plain, under("a")))
  assert.deepStrictEqual([again.code, again.payment_intent?.id], [first.code, first.payment_intent?.id])
  assert.deepStrictEqual(captured(desk), [0n])
})

it("another body under a used key is refused, whatever the first came to", async () => {
  const desk = openDesk()
  await desk.call(desk.stripe.paymentIntents.create(plain, under("a")))
  const other = await desk.refusal(desk.stripe.paymentIntents.create({ ...plain, amount: 2_000 }, under("a")))
  assert.deepStrictEqual([other.type, other.statusCode], ["StripeIdempotencyError", 400])
  assert.deepStrictEqual(captured(desk), [1_000n])
})

it("a second request of one key while the first is under way is a conflict, and nothing is done twice", async () => {
  const desk = openDesk({ workMs: () => 500 })
  const both = [1, 2].map(() =>
    desk.stripe.paymentIntents.create(plain, under("a")).then(
      ({ status }) => status,
      ({ statusCode, code }) => `${statusCode} ${code}`
    )
  )
  const answers = await desk.call(Promise.all(both))
  assert.sameMembers(answers, ["succeeded", "409 idempotency_key_in_use"])
  assert.deepStrictEqual(captured(desk), [1_000n])
})

it("a request that was not understood leaves its key free", async () => {
  const desk = openDesk()
  const wrong = await desk.refusal(desk.stripe.paymentIntents.create({ ...plain, amount: 0 }, under("a")))
  assert.strictEqual(wrong.statusCode, 400)
  const right = await desk.call(desk.stripe.paymentIntents.create(plain, under("a")))
  assert.strictEqual(right.status, "succeeded")
})

it("a key is forgotten after a day: then it charges again", async () => {
  const desk = openDesk()
  await desk.call(desk.stripe.paymentIntents.create(plain, under("a")))
  desk.clock.pass(24 * 3_600_000 - 1_000)
  await desk.call(desk.stripe.paymentIntents.create(plain, under("a")))
  assert.deepStrictEqual(captured(desk), [1_000n])
  desk.clock.pass(2_000)
  await desk.call(desk.stripe.paymentIntents.create(plain, under("a")))
  assert.deepStrictEqual(captured(desk), [1_000n, 1_000n])
})

it("a server error is kept under its key although the money moved: only a look at the object tells", async () => {
  const desk = openDesk()
  const end = strike(desk, "brokenAndMade", { ratio: 1 })
  const first = await desk.refusal(desk.stripe.paymentIntents.create(plain, under("a")))
  end()
  const again = await desk.refusal(desk.stripe.paymentIntents.create(plain, under("a")))
  assert.deepStrictEqual([first.statusCode, again.statusCode], [500, 500])
  const { data } = await desk.call(desk.stripe.paymentIntents.list())
  assert.deepStrictEqual(
    data.map(({ status }) => status),
    ["succeeded"]
  )
  assert.deepStrictEqual(captured(desk), [1_000n])
})

it("a request without an answer was carried out or not; the same key tells which", async () => {
  for (const [fault, made] of [
    ["silentAndMade", true],
    ["silentAndNothing", false]
  ] as const) {
    const desk = openDesk()
    const end = strike(desk, fault, { ratio: 1 })
    const lost = await desk.refusal(desk.stripe.paymentIntents.create(plain, under("a")))
    end()
    assert.strictEqual(lost.type, "StripeConnectionError")
    assert.deepStrictEqual(captured(desk), made ? [1_000n] : [])
    const again = await desk.call(desk.stripe.paymentIntents.create(plain, under("a")))
    assert.strictEqual(again.status, "succeeded")
    assert.deepStrictEqual(captured(desk), [1_000n])
  }
})

it("too many requests are refused and leave the key free", async () => {
  const desk = openDesk()
  const end = strike(desk, "rateLimit", { ratio: 1 })
  const busy = await desk.refusal(desk.stripe.paymentIntents.create(plain, under("a")))
  end()
  assert.strictEqual(busy.type, "StripeRateLimitError")
  assert.strictEqual((await desk.call(desk.stripe.paymentIntents.create(plain, under("a")))).status, "succeeded")
})

it("the answer to a hold is the hold as it stood then, whatever happened since", async () => {
  const desk = openDesk()
  const held = await hold(desk, 900, {})
  const key = under("capture")
  await desk.call(desk.stripe.paymentIntents.capture(held.id, {}, key))
  await desk.call(desk.stripe.refunds.create({ payment_intent: held.id }))
  const again = await desk.call(desk.stripe.paymentIntents.capture(held.id, {}, key))
  assert.deepStrictEqual([again.status, again.amount_received], ["succeeded", 900])
})
