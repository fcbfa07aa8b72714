import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { NodeHttpServer } from "@effect/platform-node"
import { assert, it } from "@effect/vitest"
import { Effect, Layer, Redacted, Result, type Scope } from "effect"
import * as SecureRandoms from "effect/crypto/SecureRandom"
import { SecureRandom } from "effect/crypto/SecureRandom"
import { Ids } from "#core/Ids.ts"
import { Tariff } from "#core/tariff/Tariff.ts"
import { Directory } from "#server/directory/Directory.ts"
import * as Memory from "#server/memory/Memory.ts"
import { unregistered } from "#server/ocpp/stationAuth.ts"
import { PaymentStore } from "#server/payments/PaymentStore.ts"
import * as StripeProvider from "#server/payments/stripe/StripeProvider.ts"
import * as Server from "#server/Server.ts"
import { tariffJson } from "#test/support/cms.ts"
import { StripeStub } from "#test/support/stripe.ts"
import { station } from "../payments/world.ts"
import { client, services, World } from "./harness.ts"

/** The stub behind a port of its own, as the simulator's provider is in the Lab. */
const listen = (stub: StripeStub) =>
  Effect.acquireRelease(
    Effect.callback<{ readonly url: string; readonly close: () => void }>((resume) => {
      const server = createServer((request, response) => {
        const chunks: Array<Buffer> = []
        request.on("data", (chunk: Buffer) => chunks.push(chunk))
        request.on("end", () => {
          const { method = "GET", url = "/", headers } = request
          const plain = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
          const body = Buffer.concat(chunks).toString("utf8")
          Effect.runFork(
            Effect.map(stub.exchange({ method, url: `http://stub${url}`, headers: plain, body }), (answer) => {
              response.writeHead(answer.status, answer.headers)
              response.end(answer.body)
            })
          )
        })
      })
      server.listen(0, "127.0.0.1", () => {
        const { port } = server.address() as AddressInfo
        resume(Effect.succeed({ url: `http://127.0.0.1:${port}`, close: () => server.close() }))
      })
    }),
    ({ close }) => Effect.sync(close)
  )

const cms = (stub: StripeStub, apiBase: string) => {
  const provider = StripeProvider.layer({
    secretKey: Redacted.make("sk_test_1"),
    webhookSecret: Redacted.make(stub.secret),
    apiBase
  })
  const seeded = Layer.effectDiscard(
    Effect.gen(function* () {
      const directory = yield* Directory
      yield* directory.publishTariff(Result.getOrThrow(Tariff.parse(tariffJson)))
      yield* directory.setDefaultTariffId("standard")
      yield* directory.createDriver({ id: "ada", name: "Ada", email: null, createdAtMs: 0 })
      yield* directory.createStation({ ...unregistered("S1", 0), strictness: "strict" })
    }).pipe(Effect.orDie)
  )
  const random = Effect.sync(() => SecureRandoms.make((size) => new Uint8Array(size).fill(7)))
  return Server.layer({ heartbeatSeconds: 300, payments: { provider, poll: "20 millis" } }).pipe(
    Layer.provideMerge(seeded),
    Layer.provideMerge(
      Layer.mergeAll(
        Memory.layer(new Memory.MemoryState()),
        Ids.layerSeeded("payments api"),
        NodeHttpServer.layerHttpServices,
        Layer.effect(SecureRandom, random)
      )
    )
  )
}

const stubbed = <A, E>(
  test: (stub: StripeStub) => Effect.Effect<A, E, Layer.Success<ReturnType<typeof cms>> | Scope.Scope>
) =>
  Effect.clockWith((clock) => {
    const stub = new StripeStub(() => clock.currentTimeMillisUnsafe())
    return Effect.scoped(Effect.flatMap(listen(stub), ({ url }) => Effect.provide(test(stub), cms(stub, url))))
  })

it.live(
  "a charge without an account, by code: quote, payment, webhook, start, and its status for who knows the secret",
  () =>
    stubbed((stub) =>
      Effect.gen(function* () {
        const api = yield* client
        const charger = yield* station(11_000)
        const quote = yield* api.get("/api/v1/public/stations/S1/evses/1/hold")
        assert.strictEqual(quote.status, 200)
        assert.match(quote.json.reason, /EUR/)
        const charges = "/api/v1/public/stations/S1/evses/1/charges"
        assert.strictEqual((yield* api.post(`${charges}?energyWh=none`, undefined)).status, 400)
        const begun = yield* api.post(`${charges}?energyWh=5000&amountMinor=900`, undefined)
        assert.strictEqual(begun.status, 201)
        assert.strictEqual(begun.json.state, "REQUIRES_ACTION")
        assert.strictEqual(begun.json.holdMinor, quote.json.holdMinor)
        const [intent] = stub.intents.keys()
        stub.confirm(intent!)
        const { raw, signature } = stub.webhook(
          "evt_1",
          "payment_intent.amount_capturable_updated",
          stub.intentObject(intent!)
        )
        const hook = (body: string) =>
          api.send("POST", "/webhooks/stripe", {
            body,
            headers: { "stripe-signature": signature, "content-type": "application/json" }
          })
        assert.strictEqual((yield* hook(raw.replace("evt_1", "evt_0"))).status, 400)
        assert.strictEqual((yield* hook(raw)).status, 204)
        assert.strictEqual((yield* hook(raw)).status, 204)
        while (charger.told.starts === 0) yield* Effect.sleep(20)
        const [asked] = (yield* api.get("/api/v1/stations/S1/operations")).json.items
        assert.deepStrictEqual(asked.operation.limit, { energyWh: 5_000, amountMinor: "900" })
        const at = `/api/v1/public/charges/${begun.json.paymentId}`
        const status = yield* api.get(`${at}?clientSecret=${begun.json.clientSecret}`)
        assert.strictEqual(status.json.state, "AUTHORIZED")
        assert.strictEqual((yield* api.get(`${at}?clientSecret=guessed`)).status, 404)
        const listed = yield* api.get("/api/v1/payments?stationId=S1")
        assert.strictEqual(listed.json.items[0].attempts[0].key, `${begun.json.paymentId}/authorize/1`)
        assert.strictEqual((yield* api.get("/api/v1/payments?state=CAPTURED")).json.items.length, 0)
        const refund = yield* api.post(`/api/v1/payments/${begun.json.paymentId}/refunds`, {
          id: "g",
          amountMinor: "100",
          reason: "slow"
        })
        assert.strictEqual(refund.status, 422)
        assert.strictEqual((yield* api.get("/api/v1/payments/none")).status, 404)
        assert.deepStrictEqual((yield* api.post("/api/v1/payment-reconciliation", undefined)).json, { items: [] })
      })
    )
)

it.live("a driver pays with cards of his own only", () =>
  stubbed((stub) =>
    Effect.gen(function* () {
      const api = yield* client
      yield* station(11_000)
      assert.strictEqual((yield* api.post("/api/v1/drivers/ada/card-setups", undefined)).status, 201)
      const cards = yield* api.get("/api/v1/drivers/ada/cards")
      assert.deepStrictEqual(cards.json.items, [
        { methodId: "pm_1", brand: "visa", last4: "4242", expMonth: 1, expYear: 2030 }
      ])
      const charge = (methodId: string) =>
        api.post("/api/v1/drivers/ada/charges", { stationId: "S1", evseId: 1, methodId })
      assert.strictEqual((yield* charge("pm_2")).status, 404)
      const paid = yield* charge("pm_1")
      assert.strictEqual(paid.status, 201)
      assert.strictEqual(paid.json.state, "AUTHORIZED")
      assert.strictEqual(stub.intents.size, 1)
      assert.strictEqual((yield* api.get("/api/v1/drivers/bob/cards")).status, 404)
    })
  )
)

it.live("a driver tops his wallet up by card, within bounds, once for each id of his own, and sees how it stands", () =>
  stubbed((stub) =>
    Effect.gen(function* () {
      const api = yield* client
      const top = "/api/v1/me/wallet/top-ups"
      const key = yield* api.post("/api/v1/drivers/ada/keys", { name: "phone" })
      const mine = { headers: { authorization: `Bearer ${key.json.secret}` } }
      const ask = (body: object) => api.call("POST", top, { ...mine, body })
      assert.strictEqual((yield* ask({ id: "a", amountMinor: "2000" })).status, 404)
      assert.strictEqual((yield* api.post("/api/v1/wallets", { driverId: "ada", currency: "EUR" })).status, 201)
      for (const amountMinor of ["499", "50001"]) {
        const refused = yield* ask({ id: "a", amountMinor })
        assert.strictEqual(refused.status, 422)
        assert.strictEqual(refused.json.errors[0].pointer, "/amountMinor")
      }
      assert.strictEqual((yield* ask({ id: "a", amountMinor: "-500" })).status, 400)
      const onPhone = yield* ask({ id: "a", amountMinor: "2000" })
      assert.strictEqual(onPhone.status, 201)
      assert.deepInclude(onPhone.json, { state: "REQUIRES_ACTION", creditedMinor: "0", clientSecret: "pi_1_secret" })
      assert.strictEqual((yield* ask({ id: "a", amountMinor: "2000" })).json.id, onPhone.json.id)
      assert.strictEqual((yield* ask({ id: "a", amountMinor: "2001" })).status, 409)
      yield* api.post("/api/v1/drivers/ada/card-setups", undefined)
      assert.strictEqual((yield* ask({ id: "b", amountMinor: "1000", methodId: "pm_2" })).status, 404)
      const kept = yield* ask({ id: "b", amountMinor: "1000", methodId: "pm_1" })
      assert.deepInclude(kept.json, {
        state: "CAPTURED",
        amountMinor: "1000",
        creditedMinor: "1000",
        refundedMinor: "0"
      })
      assert.strictEqual((yield* api.get("/api/v1/me/wallet", mine)).json.balanceMinor, "1000")
      const { items } = (yield* api.get("/api/v1/me/wallet/movements", mine)).json
      assert.deepInclude(items[0], { kind: "top-up", amountMinor: "1000" })
      stub.confirm("pi_1")
      const { raw, signature } = stub.webhook("evt_1", "payment_intent.succeeded", stub.intentObject("pi_1"))
      const hook = { body: raw, headers: { "stripe-signature": signature, "content-type": "application/json" } }
      assert.strictEqual((yield* api.send("POST", "/webhooks/stripe", hook)).status, 204)
      const read = () => api.get(`${top}/${onPhone.json.id}`, mine)
      while ((yield* read()).json.creditedMinor !== "2000") yield* Effect.sleep(20)
      assert.strictEqual((yield* api.get("/api/v1/me/wallet", mine)).json.balanceMinor, "3000")
      const listed = yield* api.get("/api/v1/payments?driverId=ada")
      assert.deepStrictEqual(
        listed.json.items.map(({ kind }: { kind: string }) => kind),
        ["top-up", "top-up"]
      )
      for (const id of ["c", "d", "e", "f", "g"]) yield* ask({ id, amountMinor: "500" })
      assert.strictEqual((yield* ask({ id: "h", amountMinor: "500" })).status, 409)
      assert.strictEqual((yield* ask({ id: "g", amountMinor: "500" })).status, 201)
    })
  )
)

it.live("an operator gives back what came for nothing we know, once, and is told what cannot be done", () =>
  stubbed((stub) =>
    Effect.gen(function* () {
      const api = yield* client
      const store = yield* PaymentStore
      const about = { created: 0, client_secret: "s", currency: "eur", capture_method: "automatic", metadata: {} }
      const taken = { amount: 700, amount_received: 700, status: "succeeded", last_payment_error: null }
      stub.intents.set("pi_hand", { id: "pi_hand", customer: null, ...about, ...taken })
      const item = (id: string, kind: "unknown-intent" | "stuck") => ({ id, kind, detail: id, paymentId: null })
      const hand = "unknown-intent pi_hand"
      yield* store.reportUnmatched([item(hand, "unknown-intent"), item("stuck p/capture/1", "stuck")], 0)
      const resolve = (id: string, body: unknown) =>
        api.post(`/api/v1/payment-reconciliation/${encodeURIComponent(id)}/resolution`, body)
      const reason = "The driver called."
      const cases: ReadonlyArray<readonly [id: string, body: object, status: number]> = [
        [hand, { action: "assign", reason }, 400],
        [hand, { action: "refund", reason: "" }, 400],
        [hand, { action: "book", reason }, 409],
        [hand, { action: "assign", paymentId: "none", reason }, 409],
        ["stuck p/capture/1", { action: "write-off", reason }, 409],
        ["amounts none", { action: "write-off", reason }, 404]
      ]
      for (const [id, body, status] of cases)
        assert.strictEqual((yield* resolve(id, body)).status, status, JSON.stringify(body))
      const done = yield* resolve(hand, { action: "refund", reason })
      assert.strictEqual(done.status, 200, JSON.stringify(done.json))
      const [failed, given] = done.json.resolutions
      assert.deepInclude(failed, { action: "assign", why: "There is no payment none." })
      assert.deepInclude(given, { action: "refund", reason, why: null, writtenOffMinor: null })
      assert.isNotEmpty(given.by)
      const again = yield* resolve(hand, { action: "refund", reason })
      assert.deepStrictEqual(again.json.resolutions, done.json.resolutions)
      assert.strictEqual((yield* resolve(hand, { action: "write-off", reason })).status, 409)
      assert.strictEqual(stub.netMinor(), 0)
      assert.strictEqual(stub.refunds.size, 1)
      const payment = yield* api.get(`/api/v1/payments/${given.paymentId}`)
      assert.deepInclude(payment.json, { kind: "stray", state: "REFUNDED" })
      const ids = (path: string) =>
        Effect.map(api.get(path), ({ json }) => json.items.map(({ id }: { id: string }) => id))
      assert.deepStrictEqual(yield* ids("/api/v1/payment-reconciliation"), ["stuck p/capture/1"])
      assert.deepStrictEqual(yield* ids("/api/v1/payment-reconciliation/decided"), [hand])
    })
  )
)

it.live("an operator sees what a bank took back, what we hold against it, and answers once", () =>
  stubbed((stub) =>
    Effect.gen(function* () {
      const api = yield* client
      const store = yield* PaymentStore
      yield* station(11_000)
      const charge = { stationId: "S1", evseId: 1, methodId: "pm_1" }
      yield* api.post("/api/v1/drivers/ada/card-setups", undefined)
      const paid = yield* api.post("/api/v1/drivers/ada/charges", charge)
      const [intentId] = [...stub.intents.keys()]
      Object.assign(stub.intents.get(intentId!)!, { status: "succeeded", amount_received: 700 })
      const dispute = stub.dispute(intentId!, 4e12)
      const object = { id: dispute.id, object: "dispute", payment_intent: intentId }
      const { raw, signature } = stub.webhook("evt_1", "charge.dispute.created", object)
      const headers = { "stripe-signature": signature, "content-type": "application/json" }
      yield* api.send("POST", "/webhooks/stripe", { body: raw, headers })
      while ((yield* store.ofDispute(dispute.id)) === undefined) yield* Effect.sleep(20)
      const listed = yield* api.get("/api/v1/disputes?status=Open")
      assert.strictEqual(listed.json.items.length, 1)
      assert.deepInclude(listed.json.items[0], {
        id: dispute.id,
        status: "Open",
        amountMinor: "700",
        feeMinor: "1500",
        reason: "fraudulent",
        dueBy: "2096-10-02T07:06:40.000Z",
        paymentId: paid.json.id,
        driverId: "ada",
        submissions: 0,
        answer: null
      })
      const at = `/api/v1/disputes/${dispute.id}`
      const detail = yield* api.get(at)
      assert.strictEqual(detail.status, 200, JSON.stringify(detail.json))
      assert.match(detail.json.evidence.accessLog, /700 taken/)
      assert.strictEqual(detail.json.evidence.customerName, "Ada")
      const contest = { kind: "contest", reason: "He was here.", statement: "See our camera." }
      assert.strictEqual((yield* api.post(`${at}/answer`, { ...contest, kind: "ignore" })).status, 400)
      const answered = yield* api.post(`${at}/answer`, contest)
      assert.strictEqual(answered.status, 200, JSON.stringify(answered.json))
      assert.deepInclude(answered.json.answer, { kind: "contest", reason: "He was here.", status: "Done", code: null })
      assert.strictEqual(answered.json.submissions, 1)
      assert.deepStrictEqual((yield* api.post(`${at}/answer`, contest)).json, answered.json)
      assert.strictEqual((yield* api.post(`${at}/answer`, { kind: "accept", reason: "Enough." })).status, 409)
      assert.strictEqual((yield* api.get(at)).json.evidence.statement, "See our camera.")
      assert.strictEqual((yield* api.get("/api/v1/disputes/none")).status, 404)
      assert.strictEqual((yield* api.post("/api/v1/disputes/none/answer", contest)).status, 404)
      assert.deepStrictEqual((yield* api.get("/api/v1/disputes?status=Lost")).json.items, [])
    })
  )
)

it.effect("without a provider payments are off and say so", () =>
  Effect.gen(function* () {
    const api = yield* client
    assert.deepStrictEqual((yield* api.get("/api/v1/payments")).json, { items: [] })
    assert.strictEqual((yield* api.get("/api/v1/public/stations/S1/evses/1/hold")).status, 409)
    assert.strictEqual((yield* api.post("/api/v1/payment-reconciliation", undefined)).status, 409)
    assert.strictEqual((yield* api.send("POST", "/webhooks/stripe", { body: "{}" })).status, 404)
  }).pipe(Effect.provide(services(new World())))
)
