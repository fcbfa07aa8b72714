import { createHmac } from "node:crypto"
import { assert, it } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import { amountsOf, openAttempts } from "#core/payment/state.ts"
import { Directory } from "#server/directory/Directory.ts"
import type { Gateway } from "#server/ocpp/Gateway.ts"
import { PaymentDesk } from "#server/payments/Desk.ts"
import { PaymentStore } from "#server/payments/PaymentStore.ts"
import type { Exchange } from "#server/payments/stripe/exchange.ts"
import type * as Server from "#server/Server.ts"
import { paymentCatalogue } from "#simulator/psp/faults.ts"
import type { Deliver } from "#simulator/psp/Notifier.ts"
import { Provider } from "#simulator/psp/Provider.ts"
import * as Stream from "#simulator/Stream.ts"
import { Timers } from "#simulator/time/Timers.ts"
import * as VirtualTime from "#simulator/VirtualTime.ts"
import { balances, noonMs, station, World } from "./world.ts"

/** The simulator's provider with everything wrong that can be, for two hours; then a day to settle. */
const hardDay = Effect.fnUntraced(function* (seed: string) {
  const timers = yield* Timers
  const stream = Stream.make(seed, "payments")
  const secret = "whsec_test"
  let receive: Deliver = (_notice, answered) => answered(null)
  const provider = new Provider({
    timers,
    stream: stream.split("provider"),
    apiKey: "sk_test_1",
    webhookSecret: secret,
    sign: (key, text) => createHmac("sha256", key).update(text).digest("hex"),
    deliver: (notice, answered) => receive(notice, answered)
  })
  const exchange: Exchange = ({ method, url, headers, body }) =>
    Effect.callback((resume) => {
      const path = url.replace(/^https?:\/\/[^/]+/, "")
      provider.handle({ method, path, headers, body }, (response) => resume(Effect.succeed(response)))
    })
  const world = new World(timers.nowAtMs, exchange)
  const faults = paymentCatalogue.filter(() => stream.chance(0.4))
  const ends = faults.map((entry) => {
    const own = stream.split(entry.name)
    return entry.make(entry.draw(own)).strike({ provider, timers }, own)
  })
  const names = faults.map(({ name }) => name).join(", ")
  yield* world.live(Effect.scoped(live(provider, stream, ends, names, (to) => (receive = to))))
})

const live = Effect.fnUntraced(function* (
  provider: Provider,
  stream: Stream.Stream,
  ends: ReadonlyArray<() => void>,
  names: string,
  connect: (to: Deliver) => void
): Effect.fn.Return<void, unknown, Server.Stores | Gateway | PaymentDesk | Scope.Scope> {
  const open = (yield* PaymentDesk).open!
  const store = yield* PaymentStore
  const run = Effect.runForkWith(yield* Effect.context<never>())
  connect(({ body, headers }, answered) => {
    run(
      Effect.match(open.receive(body, headers["stripe-signature"] ?? ""), {
        onSuccess: () => answered(204),
        onFailure: () => answered(400)
      })
    )
  })
  const charger = yield* station(22_000)
  const place = (yield* (yield* Directory).station("S1"))!
  const setup = yield* Effect.option(open.setUpCard("ada"))
  if (setup._tag === "Some") provider.enterCard(setup.value.clientSecret, "pm_card_visa")
  const kept = Effect.map(Effect.option(open.cards("ada")), (cards) =>
    cards._tag === "Some" ? cards.value[0] : undefined
  )
  for (let charge = 0; charge < 4; charge++) {
    const card = stream.chance(0.5) ? yield* kept : undefined
    const payer = card === undefined ? null : { driverId: "ada", methodId: card.methodId }
    const quote = (yield* open.quote(place, 1))!
    const begun = yield* Effect.result(open.start({ station: place, evseId: 1, quote, payer }))
    if (begun._tag === "Failure") continue
    const secret = yield* Effect.option(open.clientSecret(begun.success.payment))
    if (payer === null && secret._tag === "Some" && secret.value !== null && stream.chance(0.9)) {
      yield* Effect.sleep(stream.int(5_000, 60_000))
      provider.enterCard(secret.value, stream.pick(["pm_card_visa", "pm_card_mastercard"]))
    }
    yield* Effect.sleep(stream.int(10, 40) * 60_000)
    yield* charger.end
    yield* Effect.sleep("3 minutes")
  }
  for (const end of ends) end()
  yield* Effect.sleep("30 hours")
  yield* open.reconcile
  yield* Effect.sleep("1 hour")
  yield* open.reconcile
  const { items } = yield* store.list({ limit: 99 })
  const why = `with ${names}`
  for (const { payment } of items) {
    assert.deepStrictEqual(openAttempts(payment), [], why)
    const { capturedMinor, refundedMinor, owedMinor, residualMinor, writtenOffMinor } = amountsOf(payment)
    if (owedMinor !== null)
      assert.strictEqual(capturedMinor - refundedMinor + residualMinor + writtenOffMinor, owedMinor, why)
    const truth = provider.truth.filter((it) => it.metadata["wattproof_payment"] === payment.id)
    assert.strictEqual(
      truth.reduce((sum, it) => sum + it.capturedMinor - it.refundedMinor, 0n),
      capturedMinor - refundedMinor,
      why
    )
    assert.deepStrictEqual(
      truth.filter((it) => it.heldMinor !== 0n),
      [],
      `${why}: money is still held`
    )
  }
  const took = provider.truth.reduce(
    (sum, it) => sum + it.capturedMinor - it.refundedMinor - it.feeMinor - it.disputedMinor,
    0n
  )
  const paidOut = [...provider.record.paidOut.values()].reduce((sum, it) => sum + it, 0n)
  assert.strictEqual((yield* balances)["psp_clearing:stripe"] ?? 0n, took - paidOut, why)
  assert.deepStrictEqual(yield* store.unmatched(9), [], why)
  assert.strictEqual(provider.record.forgedAccepted, 0)
})

it.live(
  "provider, payments and ledger agree after any misfortune",
  () =>
    Effect.forEach(
      ["card0", "card1", "card2", "card3", "card4", "card19"],
      (seed) =>
        VirtualTime.run(Effect.orDie(hardDay(seed)), { startAtMs: noonMs, untilMs: noonMs + 9 * 86_400_000 }).pipe(
          Effect.catchCause((cause) => Effect.die(new Error(`seed ${seed}`, { cause })))
        ),
      { discard: true }
    ),
  120_000
)
