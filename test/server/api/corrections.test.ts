import { NodeHttpServer } from "@effect/platform-node"
import { assert, it } from "@effect/vitest"
import { Effect, Layer, Result } from "effect"
import * as SecureRandoms from "effect/crypto/SecureRandom"
import { SecureRandom } from "effect/crypto/SecureRandom"
import { Ids } from "#core/Ids.ts"
import { Tariff } from "#core/tariff/Tariff.ts"
import { Directory } from "#server/directory/Directory.ts"
import * as Memory from "#server/memory/Memory.ts"
import { unregistered } from "#server/ocpp/stationAuth.ts"
import * as Server from "#server/Server.ts"
import { tariffJson, token } from "#test/support/cms.ts"
import { station } from "../payments/world.ts"
import { client } from "./harness.ts"

const flat = (id: string, price: number, more: object = {}) => ({
  ...tariffJson,
  id,
  elements: [{ price_components: [{ type: "FLAT", price, vat: 20, step_size: 1 }] }],
  ...more
})

const seeded = Layer.effectDiscard(
  Effect.gen(function* () {
    const directory = yield* Directory
    const francs = flat("francs", 1, { currency: "CHF" })
    const later = flat("later", 1, { start_date_time: "2125-01-01T00:00:00Z" })
    for (const tariff of [flat("standard", 5), flat("cheap", 1), francs, later])
      yield* directory.publishTariff(Result.getOrThrow(Tariff.parse(tariff)))
    yield* directory.setDefaultTariffId("standard")
    yield* directory.createToken(token("CARD"))
    yield* directory.createStation({ ...unregistered("S1", 0), strictness: "strict" })
  }).pipe(Effect.orDie)
)

const cms = Layer.suspend(() =>
  Server.layer({ heartbeatSeconds: 300 }).pipe(
    Layer.provideMerge(seeded),
    Layer.provideMerge(
      Layer.mergeAll(
        Memory.layer(new Memory.MemoryState()),
        Ids.layerSeeded("corrections api"),
        NodeHttpServer.layerHttpServices,
        Layer.effect(
          SecureRandom,
          Effect.sync(() => SecureRandoms.make((size) => new Uint8Array(size).fill(7)))
        )
      )
    )
  )
)

/** A charge on the card that has just ended. */
const charged = Effect.fnUntraced(function* (api: Effect.Success<typeof client>) {
  const charger = yield* station(11_000)
  yield* Effect.forkScoped(Effect.orDie(charger.begin("CARD")))
  const charges = Effect.map(api.get("/api/v1/transactions"), ({ json }) => json.items)
  while ((yield* charges).length === 0) yield* Effect.sleep(20)
  yield* charger.end
  const [charge] = yield* charges
  return charge.id as string
})

it.live("an operator has a bill made at other prices, then cancelled; who did so and why is there to read", () =>
  Effect.gen(function* () {
    const api = yield* client
    const id = yield* charged(api)
    const at = `/api/v1/transactions/${id}/corrections`
    const asked = { id: "case-1", reason: "Wrong price on the sign.", price: { tariffId: "cheap" } }
    const made = yield* api.post(at, asked)
    assert.strictEqual(made.status, 201, JSON.stringify(made.json))
    assert.deepInclude(made.json, { status: "Done", transactionId: id, requestId: "case-1", reason: asked.reason })
    assert.deepStrictEqual(made.json.tariff, { id: "cheap", version: 1 })
    assert.isNotEmpty(made.json.requestedBy)
    assert.deepInclude(made.json.outcome, { beforeMinor: "600", afterMinor: "120", settledBy: "nobody" })
    assert.deepStrictEqual((yield* api.post(at, asked)).json, made.json)
    const cancelled = yield* api.post(at, { id: "case-2", reason: "No power.", price: null })
    assert.deepInclude(cancelled.json.outcome, { beforeMinor: "120", afterMinor: "0", cdrId: null })
    const listed = (yield* api.get(`/api/v1/corrections?transactionId=${id}`)).json.items
    assert.deepStrictEqual(listed, [cancelled.json, made.json])
    assert.deepStrictEqual((yield* api.get(`/api/v1/corrections/${made.json.id}`)).json, made.json)
    const facts = (yield* api.get(`/api/v1/transactions/${id}/facts`)).json.items
    const told = facts.filter(({ type }: { type: string }) => type === "Corrected")
    assert.deepStrictEqual(
      told.map(({ reason }: { reason: string }) => reason),
      [asked.reason, "No power."]
    )
  }).pipe(Effect.scoped, Effect.provide(cms))
)

it.live("a correction that makes no sense is refused where it is wrong", () =>
  Effect.gen(function* () {
    const api = yield* client
    const id = yield* charged(api)
    const at = `/api/v1/transactions/${id}/corrections`
    const asked = { id: "case-1", reason: "Wrong.", price: null }
    const cases: ReadonlyArray<readonly [path: string, body: object, status: number, pointer?: string]> = [
      [at, { ...asked, reason: "" }, 400, "/reason"],
      [at, { id: "case-1", reason: "Wrong." }, 400, "/price"],
      [at, { ...asked, price: { tariffId: "none" } }, 422, "/price/tariffId"],
      [at, { ...asked, price: { tariffId: "cheap", version: 9 } }, 422, "/price/version"],
      [at, { ...asked, price: { tariffId: "later" } }, 422, "/price/tariffId"],
      [at, { ...asked, price: { tariffId: "francs" } }, 422, "/price/tariffId"],
      ["/api/v1/transactions/none/corrections", asked, 404],
      [at, asked, 201],
      [at, { ...asked, reason: "Otherwise." }, 409],
      [at, { ...asked, id: "case-2" }, 409]
    ]
    for (const [path, body, status, pointer] of cases) {
      const answer = yield* api.post(path, body)
      assert.strictEqual(answer.status, status, `${JSON.stringify(body)}: ${JSON.stringify(answer.json)}`)
      if (pointer !== undefined) assert.strictEqual(answer.json.errors[0].pointer, pointer)
    }
    assert.strictEqual((yield* api.get("/api/v1/corrections/none")).status, 404)
    assert.strictEqual((yield* api.get("/api/v1/corrections")).json.items.length, 1)
  }).pipe(Effect.scoped, Effect.provide(cms))
)
