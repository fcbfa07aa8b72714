import { assert, it } from "@effect/vitest"
import type Stripe from "stripe"
import { paymentCatalogue } from "#simulator/psp/faults.ts"
import * as Stream from "#simulator/Stream.ts"
import fc from "#test/support/fastCheck.ts"
import { openDesk } from "./desk.ts"

/** A life of several payments, with whatever goes wrong in them; everything that was said, as text. */
const live = async (seed: string, faults: ReadonlyArray<string>, parameters: "standard" | "drawn", count = 12) => {
  const desk = openDesk({ seed })
  const stream = Stream.make(seed, "life")
  const said: Array<string> = []
  const ends: Array<() => void> = []
  let keys = 0
  const key = () => ({ idempotencyKey: `key-${++keys}` })
  for (const entry of paymentCatalogue) {
    if (!faults.includes(entry.name)) continue
    const own = stream.split(entry.name)
    const fault = entry.make(parameters === "drawn" ? entry.draw(own) : {})
    ends.push(fault.strike({ provider: desk.provider, timers: desk.clock }, own))
  }
  const tell = async (promise: Promise<unknown>): Promise<Stripe.PaymentIntent | undefined> => {
    const answer = await desk.call(promise.catch((error: Error) => `${error.message}`))
    said.push(typeof answer === "string" ? answer : JSON.stringify(answer))
    return typeof answer === "string" ? undefined : (answer as Stripe.PaymentIntent)
  }
  for (let i = 0; i < count; i++) {
    const held = await tell(
      desk.stripe.paymentIntents.create(
        {
          amount: 1_000 + i,
          currency: "eur",
          capture_method: i % 4 === 3 ? "automatic" : "manual",
          payment_method: "pm_card_visa",
          confirm: true,
          ...(i % 4 === 3 ? { off_session: true } : {}),
          payment_method_options: {
            card: {
              request_incremental_authorization: "if_available",
              request_partial_authorization: "if_available"
            } as Stripe.PaymentIntentCreateParams.PaymentMethodOptions.Card
          }
        },
        key()
      )
    )
    desk.clock.pass(stream.int(1, 600_000))
    if (held === undefined) continue
    if (i % 3 === 0)
      await tell(desk.stripe.paymentIntents.incrementAuthorization(held.id, { amount: 1_500 + i }, key()))
    await tell(
      i % 5 === 4
        ? desk.stripe.paymentIntents.cancel(held.id, {}, key())
        : desk.stripe.paymentIntents.capture(held.id, {}, key())
    )
    if (i % 2 === 0) await tell(desk.stripe.refunds.create({ payment_intent: held.id, amount: 400 }, key()))
  }
  for (const end of ends) end()
  desk.clock.pass(8 * 86_400_000)
  said.push(...desk.notices.map(({ body, headers }) => `${headers["stripe-signature"]} ${body}`))
  return { desk, said }
}

it("every fault strikes where there is something to strike", async () => {
  for (const { name } of paymentCatalogue) {
    const { desk } = await live(`strikes/${name}`, [name], "standard", 24)
    assert.isAbove(desk.provider.luck.strikes.get(name) ?? 0, 0, name)
  }
}, 30_000)

it("one seed says the same bytes, faults included, and another does not", async () => {
  const all = paymentCatalogue.map(({ name }) => name)
  const [one, same, other] = [
    await live("one", all, "drawn"),
    await live("one", all, "drawn"),
    await live("another", all, "drawn")
  ]
  assert.deepStrictEqual(same.said, one.said)
  assert.notDeepEqual(other.said, one.said)
})

it("whatever goes wrong, the provider's own account and its objects say the same, and nothing stays held", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), fc.subarray(paymentCatalogue.map(({ name }) => name)), async (seed, faults) => {
      const { desk } = await live(`law/${seed}`, faults, "drawn", 6)
      const { charges, refunds, disputes, transactions } = desk.provider.objects
      const sum = (amounts: Iterable<number>) => [...amounts].reduce((total, amount) => total + amount, 0)
      for (const truth of desk.provider.truth) {
        const own = [...charges.values()].filter((charge) => charge.payment_intent === truth.id)
        const back = [...refunds.values()].filter(
          (one) => one.payment_intent === truth.id && one.status === "succeeded"
        )
        assert.strictEqual(truth.capturedMinor, BigInt(sum(own.map((charge) => charge.amount_captured))))
        assert.strictEqual(truth.refundedMinor, BigInt(sum(back.map(({ amount }) => amount))))
        assert.strictEqual(truth.heldMinor, 0n)
        assert.isAtMost(truth.captures, 1)
        assert.isTrue(truth.authorizedMinor >= truth.capturedMinor && truth.capturedMinor >= truth.refundedMinor)
        const lost = [...disputes.values()].filter((one) => one.payment_intent === truth.id && one.status !== "won")
        assert.strictEqual(truth.disputedMinor, BigInt(sum(lost.map(({ amount }) => amount))))
      }
      const net = sum([...transactions.values()].map((one) => one.net))
      const moved = desk.provider.truth.reduce(
        (total, one) => total + one.capturedMinor - one.refundedMinor - one.disputedMinor - one.feeMinor,
        0n
      )
      assert.strictEqual(BigInt(net), moved)
    }),
    { numRuns: 40 }
  )
}, 30_000)
