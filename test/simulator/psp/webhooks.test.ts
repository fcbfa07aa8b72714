import { assert, it } from "@effect/vitest"
import Stripe from "stripe"
import { paymentFaults } from "#simulator/psp/faults.ts"
import type { Notice } from "#simulator/psp/Notifier.ts"
import * as Stream from "#simulator/Stream.ts"
import { hold, openDesk, webhookSecret } from "./desk.ts"

/** The notices, with the instants at which they came, answered by `status`. */
const listen = (status: (count: number) => number | null = () => 200) => {
  const heard: Array<{ readonly notice: Notice; readonly atMs: number }> = []
  const desk = openDesk({
    deliver: (notice, answered) => {
      heard.push({ notice, atMs: desk.clock.nowAtMs() })
      answered(status(heard.length))
    }
  })
  const typesOf = () => heard.map(({ notice }) => JSON.parse(notice.body).type as string)
  return { desk, heard, typesOf }
}

const verify = ({ body, headers }: Notice, nowMs: number) =>
  Stripe.webhooks.constructEvent(body, headers["stripe-signature"]!, webhookSecret, 300, undefined, nowMs)

const strike = (desk: ReturnType<typeof openDesk>, fault: keyof typeof paymentFaults, parameters: object) =>
  paymentFaults[fault]
    .make(parameters as never)
    .strike({ provider: desk.provider, timers: desk.clock }, Stream.make("test", fault))

it("what is notified carries a signature that the SDK takes, and an object as it stood then", async () => {
  const { desk, heard } = listen()
  const { id } = await hold(desk, 1_000)
  await desk.call(desk.stripe.paymentIntents.capture(id))
  desk.clock.pass(5_000)
  const events = heard.map(({ notice, atMs }) => verify(notice, atMs))
  const held = events.find(({ type }) => type === "payment_intent.amount_capturable_updated")!
  assert.strictEqual((held.data.object as Stripe.PaymentIntent).status, "requires_capture")
  assert.match(String(held.request?.id), /^req_/)
  const listed = await desk.call(desk.stripe.events.list({ types: ["payment_intent.succeeded"] }))
  assert.deepStrictEqual(
    listed.data.map(({ id }) => id),
    events.filter(({ type }) => type === "payment_intent.succeeded").map(({ id }) => id)
  )
})

it("a notice that is not accepted comes again, later and later, until it is", async () => {
  const { desk, heard } = listen((count) => (count < 4 ? 500 : 200))
  await desk.call(desk.stripe.customers.create())
  desk.clock.pass(10 * 3_600_000)
  assert.strictEqual(heard.length, 4)
  const waits = heard.slice(1).map(({ atMs }, i) => atMs - heard[i]!.atMs)
  assert.deepStrictEqual(waits, [60_000, 300_000, 1_800_000])
  assert.strictEqual(desk.provider.outstandingNotices, 0)
})

it("an endpoint that never accepts is given up on after three days", async () => {
  const { desk } = listen(() => null)
  await desk.call(desk.stripe.customers.create())
  desk.clock.pass(4 * 86_400_000)
  assert.deepStrictEqual([desk.provider.notices.givenUp, desk.provider.outstandingNotices], [1, 0])
})

it("duplicated, lost, late and overtaking notices are what their names say", async () => {
  const after = async (fault: keyof typeof paymentFaults, parameters: object) => {
    const { desk, heard, typesOf } = listen()
    strike(desk, fault, parameters)
    await hold(desk, 1_000)
    const sinceMs = desk.clock.nowAtMs()
    desk.clock.pass(3_600_000)
    return { types: typesOf(), heard, sinceMs }
  }
  const usual = (await after("slowSearch", {})).types
  assert.strictEqual(usual.length, 3)
  const twice = (await after("duplicatedNotices", { ratio: 1 })).types
  assert.deepStrictEqual(twice.toSorted(), [...usual, ...usual].toSorted())
  assert.deepStrictEqual((await after("lostNotices", { ratio: 1 })).types, [])
  const late = await after("lateNotices", { ratio: 1, withinMs: 600_000 })
  assert.isTrue(late.heard.every(({ atMs }) => atMs - late.sinceMs > 290_000))
  const orders = new Set<string>()
  for (let i = 0; i < 8; i++) {
    const { desk, typesOf } = listen()
    paymentFaults.reorderedNotices
      .make({ ratio: 1, withinMs: 30_000 })
      .strike({ provider: desk.provider, timers: desk.clock }, Stream.make(`${i}`, "order"))
    await hold(desk, 1_000)
    desk.clock.pass(60_000)
    orders.add(typesOf().join())
  }
  assert.isAbove(orders.size, 1)
})

it("every kind of forgery looks like a payment, and the SDK takes none of them", async () => {
  for (const how of ["bad signature", "stale timestamp", "foreign secret"]) {
    const { desk, heard, typesOf } = listen((count) => (count > 3 ? 400 : 200))
    await hold(desk, 1_000)
    desk.clock.pass(5_000)
    const end = strike(desk, "forgedNotices", { everyMs: 1_000, how })
    desk.clock.pass(20_000)
    end()
    const forged = heard.slice(3)
    assert.isAbove(forged.length, 0)
    assert.include(typesOf().slice(3), "payment_intent.succeeded")
    for (const { notice, atMs } of forged) assert.throws(() => verify(notice, atMs), /signature|tolerance/)
    assert.strictEqual(desk.provider.notices.forgedAccepted, 0)
  }
})
