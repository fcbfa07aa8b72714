import { assert, it, vi } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { ExchangeFailed, type ExchangeRequest } from "#server/payments/stripe/exchange.ts"
import { makeSdk, type SdkFailure } from "#server/payments/stripe/Sdk.ts"

const options = { secretKey: "sk_test_1", apiBase: "http://stripe.test:12111" }

const intent = { id: "pi_1", object: "payment_intent" }

it.live("carries a call of the SDK as it would have sent it, and reads the answer", () =>
  Effect.gen(function* () {
    const seen: Array<ExchangeRequest> = []
    const { call } = makeSdk({
      ...options,
      exchange: (request) => {
        seen.push(request)
        return Effect.succeed({ status: 200, headers: { "Request-Id": "req_1" }, body: JSON.stringify(intent) })
      }
    })
    const made = yield* call((stripe) =>
      stripe.paymentIntents.create({ amount: 700, currency: "eur" }, { idempotencyKey: "p/authorize/1" })
    )
    assert.strictEqual(made.id, "pi_1")
    assert.strictEqual(made.lastResponse.requestId, "req_1")
    const [{ method, url, headers, body }] = seen as [ExchangeRequest]
    assert.deepStrictEqual([method, url], ["POST", "http://stripe.test:12111/v1/payment_intents"])
    assert.strictEqual(body, "amount=700&currency=eur")
    assert.strictEqual(headers["idempotency-key"], "p/authorize/1")
    assert.strictEqual(headers["authorization"], "Bearer sk_test_1")
  })
)

it.live("tells an answer that is no JSON, and none at all, as failures of the SDK", () =>
  Effect.gen(function* () {
    const failing = (exchange: Parameters<typeof makeSdk>[0]["exchange"]): Effect.Effect<SdkFailure, unknown> =>
      Effect.flip(makeSdk({ ...options, exchange }).call((stripe) => stripe.paymentIntents.retrieve("pi_1")))
    const page = yield* failing(() => Effect.succeed({ status: 502, headers: {}, body: "<html>Bad gateway</html>" }))
    assert.match(String((page.error as Error).message), /Invalid JSON received/)
    const silence = yield* failing(() => Effect.fail(new ExchangeFailed({ message: "reset by peer" })))
    assert.strictEqual((silence.error as { readonly type: string }).type, "StripeConnectionError")
  })
)

it.live(
  "arms no timer of the machine's: time is the clock's, and a server that died over a call leaves none behind",
  () =>
    Effect.gen(function* () {
      const armed = vi.spyOn(globalThis, "setTimeout")
      const { call } = makeSdk({ ...options, exchange: () => Effect.never })
      const waiting = yield* Effect.forkChild(call((stripe) => stripe.paymentIntents.retrieve("pi_1")))
      for (let turns = 0; turns < 50; turns++) yield* Effect.yieldNow
      yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
      const long = armed.mock.calls.filter(([, ms]) => (ms ?? 0) > 1_000)
      armed.mockRestore()
      yield* Fiber.interrupt(waiting)
      assert.deepStrictEqual(long, [])
    })
)
