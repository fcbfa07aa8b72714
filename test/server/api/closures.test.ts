import { NodeHttpServer } from "@effect/platform-node"
import { assert, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import * as SecureRandoms from "effect/crypto/SecureRandom"
import { SecureRandom } from "effect/crypto/SecureRandom"
import { TestClock } from "effect/testing"
import * as Instant from "#core/Instant.ts"
import { cms, dial16, token } from "#test/support/cms.ts"
import { client } from "./harness.ts"

const noonMs = Date.UTC(2026, 4, 4, 12)

const web = Layer.merge(
  NodeHttpServer.layerHttpServices,
  Layer.effect(
    SecureRandom,
    Effect.sync(() => SecureRandoms.make((size) => new Uint8Array(size).fill(7)))
  )
)

it.effect("an operator closes a charge whose station is silent; who did so and why is there to read", () =>
  Effect.andThen(
    TestClock.setTime(noonMs),
    Effect.gen(function* () {
      const api = yield* client
      const station = yield* dial16("S1")
      const start = { connectorId: 1, idTag: "ALICE", meterStart: 1_000, timestamp: Instant.format(noonMs) }
      yield* station.peer.call(station.StartTransaction, start)
      station.cut()
      const { id } = (yield* api.get("/api/v1/transactions")).json.items[0]
      const at = `/api/v1/transactions/${id}/closure`
      const asked = { reason: "It was taken down." }
      const early = yield* api.post(at, asked)
      assert.strictEqual(early.status, 409)
      assert.include(early.json.detail, "have the station stop it")
      yield* TestClock.adjust("20 minutes")
      for (const [path, body, status] of [
        [at, {}, 400],
        [at, { reason: "" }, 400],
        ["/api/v1/transactions/none/closure", asked, 404]
      ] as const)
        assert.strictEqual((yield* api.post(path, body)).status, status, JSON.stringify(body))
      assert.strictEqual((yield* api.get(`/api/v1/transactions/${id}`)).json.status, "Open")
      const closed = yield* api.post(at, asked)
      assert.strictEqual(closed.status, 200, JSON.stringify(closed.json))
      assert.deepInclude(closed.json, { id, status: "Closed", running: null })
      assert.strictEqual((yield* api.post(at, { reason: "Again." })).status, 200)
      const facts = (yield* api.get(`/api/v1/transactions/${id}/facts`)).json.items
      const closures = facts.filter(({ type }: { type: string }) => type === "Closed")
      assert.strictEqual(closures.length, 1)
      assert.deepInclude(closures[0], { why: "operator", ...asked })
      assert.isNotEmpty(closures[0].by)
    }).pipe(Effect.scoped, Effect.provide(Layer.merge(cms([token("ALICE")]), web)))
  )
)
