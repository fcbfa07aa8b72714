import { createServer } from "node:http"
import { assert, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Ids } from "#core/Ids.ts"
import { firstCharge } from "#scenarios/first-charge.ts"
import { runLive, runRemote } from "#scenarios/Lab.ts"
import type { LivePayments } from "#scenarios/lab/pspLive.ts"
import type { RunResult } from "#scenarios/lab/Result.ts"
import { lossyUplink } from "#scenarios/lossy-uplink.ts"
import { payday } from "#scenarios/payday.ts"
import type { Scenario } from "#scenarios/Scenario.ts"
import type { Directory } from "#server/directory/Directory.ts"
import * as Memory from "#server/memory/Memory.ts"
import * as Endpoint from "#server/ocpp/Endpoint.ts"
import { Gateway } from "#server/ocpp/Gateway.ts"
import { stationAuth, takeIn } from "#server/ocpp/stationAuth.ts"
import * as Server from "#server/Server.ts"

const verdicts = ({ oracles }: RunResult) => Object.fromEntries(oracles.map(({ name, verdict }) => [name, verdict]))

const failuresOf = ({ oracles }: RunResult) => oracles.flatMap(({ failures }) => failures)

const shorter = (scenario: Scenario): Scenario => ({
  ...scenario,
  live: { ...scenario.live!, stations: 4, charges: 1, chargeMs: 3_000 }
})

for (const scenario of [firstCharge, lossyUplink]) {
  it.live(
    `${scenario.name} holds over real sockets, on the wall clock`,
    () =>
      Effect.gen(function* () {
        const result = yield* runLive(shorter(scenario), { store: "memory" })
        assert.deepStrictEqual(failuresOf(result), [])
        assert.strictEqual(result.verdict, "PASS")
        assert.isAbove(result.transactions, 3)
        assert.isAbove(result.energyWh, 0)
      }),
    60_000
  )
}

it.live(
  "payday holds over HTTP: the real SDK, the provider's own server, and webhooks to the API",
  () =>
    Effect.gen(function* () {
      const seen: { payments?: LivePayments } = {}
      const result = yield* runLive(shorter(payday), {
        store: "memory",
        onPayments: (payments) => {
          seen.payments = payments
        }
      })
      assert.deepStrictEqual(failuresOf(result), [])
      assert.strictEqual(verdicts(result).payments, "PASS")
      const { provider } = seen.payments!
      assert.isAbove(provider.truth.filter(({ capturedMinor }) => capturedMinor > 0n).length, 0)
      assert.isAbove(provider.notices.accepted, 0)
      assert.strictEqual(provider.notices.forgedAccepted, 0)
    }),
  90_000
)

/** A CMS that takes in whoever comes, knows no card, and lets nobody look into its books. */
const stranger = Effect.gen(function* () {
  const gateway = yield* Gateway
  const run = Effect.runForkWith(yield* Effect.context<Directory>())
  const httpServer = createServer()
  yield* Endpoint.attach(httpServer, {
    lookup: yield* stationAuth("open"),
    ownsServer: true,
    onConnection: ({ identity, dialect, transport, remoteAddress }) => {
      run(
        Effect.map(takeIn(identity), () => gateway.accept({ stationId: identity, dialect, transport, remoteAddress }))
      )
    }
  })
  const { port } = yield* Endpoint.listen(httpServer, { port: 0, host: "127.0.0.1" })
  return `ws://127.0.0.1:${port}/ocpp/`
})

it.live(
  "at somebody else's CMS only what the stations see is judged",
  () =>
    Effect.gen(function* () {
      const target = yield* stranger
      const result = yield* runRemote(shorter(firstCharge), { target })
      assert.deepStrictEqual(verdicts(result), {
        energy: "NOT VERIFIABLE",
        money: "NOT VERIFIABLE",
        authorization: "NOT VERIFIABLE",
        identity: "NOT VERIFIABLE",
        monotone: "NOT VERIFIABLE",
        liveness: "NOT VERIFIABLE",
        durability: "NOT VERIFIABLE",
        protocol: "PASS",
        status: "NOT VERIFIABLE",
        operations: "NOT VERIFIABLE",
        audit: "NOT VERIFIABLE",
        resources: "NOT VERIFIABLE"
      })
      assert.strictEqual(result.verdict, "PASS")
      assert.isAbove(result.messages, 20)
      assert.isNull(result.store)
    }).pipe(
      Effect.provide(
        Server.layer({ heartbeatSeconds: 300 }).pipe(
          Layer.provideMerge(Layer.merge(Memory.layer(new Memory.MemoryState()), Ids.layerSeeded("stranger")))
        )
      ),
      Effect.scoped
    ),
  60_000
)
