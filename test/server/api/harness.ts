import { NodeHttpServer } from "@effect/platform-node"
import { Effect, Layer, type Scope } from "effect"
import * as SecureRandoms from "effect/crypto/SecureRandom"
import { SecureRandom } from "effect/crypto/SecureRandom"
import { HttpEffect, type HttpServerRequest } from "effect/http"
import { Ids } from "#core/Ids.ts"
import type { Presence } from "#core/station/Station.ts"
import type { ChargeLimit } from "#core/transaction/Transaction.ts"
import { LiveEvents } from "#server/api/Events.ts"
import { firstToken } from "#server/api/FirstToken.ts"
import * as Api from "#server/api/Http.ts"
import { LiveView, type Running, type RunningCost } from "#server/api/Live.ts"
import { Billing } from "#server/billing/Billing.ts"
import { Corrections } from "#server/corrections/Corrections.ts"
import { Directory } from "#server/directory/Directory.ts"
import { Dunning } from "#server/dunning/Dunning.ts"
import { LabRuns } from "#server/lab/LabRuns.ts"
import * as Memory from "#server/memory/Memory.ts"
import { MemoryState } from "#server/memory/Memory.ts"
import type { OperationRecord, Outcome } from "#server/operations/Operation.ts"
import { OperationLog } from "#server/operations/OperationLog.ts"
import { PaymentDesk } from "#server/payments/Desk.ts"
import { StoreUnavailable } from "#server/record/Journal.ts"
import { Recorder } from "#server/record/Recorder.ts"
import type * as Server from "#server/Server.ts"
import { Closures } from "#server/station/Closures.ts"
import { Allowances } from "#server/subscriptions/Allowances.ts"
import { Subscriptions } from "#server/subscriptions/Subscriptions.ts"

export const token = "a token for the tests"

/** What the fake of the running node knows, and what stations answer. */
export class World {
  readonly state = new MemoryState()
  readonly connected = new Map<string, Presence>()
  readonly running = new Map<string, Running>()
  readonly costs = new Map<string, RunningCost>()
  readonly limits = new Map<string, ChargeLimit>()
  outcome: Outcome | undefined = { _tag: "Answered", accepted: true, status: "Accepted", detail: null, values: [] }
  /** The waits asked for, in order. */
  readonly asked: Array<{ readonly waitMs: number; readonly queueForMs: number }> = []
  storeIsAway = false
  /** Stations that never answer, whatever was agreed. */
  hangs = false
}

const liveView = (world: World) =>
  Layer.effect(
    LiveView,
    Effect.gen(function* () {
      const log = yield* OperationLog
      const ids = yield* Ids
      return LiveView.of({
        isConnected: (stationId) => world.connected.get(stationId),
        connectedIds: () => [...world.connected.keys()],
        running: (transactionId) => world.running.get(transactionId),
        cost: (transactionId) => Effect.succeed(world.costs.get(transactionId)),
        limitOf: (transactionId) => world.limits.get(transactionId),
        limit: (transactionId, limit) =>
          Effect.sync(() => {
            if (!world.running.has(transactionId)) return false
            world.limits.set(transactionId, limit)
            return true
          }),
        runOperation: Effect.fnUntraced(function* (stationId, operation, options) {
          world.asked.push(options)
          if (world.hangs) return yield* Effect.never
          const asked = { id: ids.uuid(1000), stationId, operation, requestedAtMs: 1000, queuedUntilMs: 2000 }
          const { outcome } = world
          const record: OperationRecord =
            outcome === undefined
              ? { ...asked, status: "Queued", outcome: null, doneAtMs: null }
              : { ...asked, status: "Done", outcome, doneAtMs: 1500 }
          yield* log.save(record)
          return record
        })
      })
    })
  )

/** The directory of a store that may be away. */
const moody = (world: World) =>
  Layer.effect(
    Directory,
    Effect.map(Directory, (directory) => {
      const away = () => Effect.fail(new StoreUnavailable({ cause: "away" }))
      const orAway = <A, E>(effect: Effect.Effect<A, E>) =>
        Effect.suspend((): Effect.Effect<A, E | StoreUnavailable> => (world.storeIsAway ? away() : effect))
      return Directory.of({
        ...directory,
        apiKey: (hash) => orAway(directory.apiKey(hash)),
        hasApiKeys: orAway(directory.hasApiKeys)
      })
    })
  )

const recorder = Layer.succeed(
  Recorder,
  Recorder.of({
    record: () => Effect.die("the API records nothing"),
    claim: () => Effect.die("the API claims nothing"),
    seen: () => {},
    gauges: () => ({ waiting: 3, commits: 5, units: 8, retries: 1 })
  })
)

const corrections = Layer.succeed(Corrections, Corrections.of({ ask: () => Effect.die("no bill is corrected here") }))

const closures = Layer.succeed(Closures, Closures.of({ close: () => Effect.die("no charge is closed here") }))

/** Everything the API asks for, over memory, or over a store that somebody filled. */
export const services = (world: World, stores: Layer.Layer<Server.Stores> = Memory.layer(world.state)) => {
  const ids = Ids.layerSeeded("api")
  return Layer.mergeAll(
    moody(world),
    liveView(world),
    recorder,
    corrections,
    closures,
    LabRuns.layer,
    Billing.layer,
    LiveEvents.layer({ capacity: 4 }),
    NodeHttpServer.layerHttpServices,
    Layer.effect(
      SecureRandom,
      Effect.sync(() => {
        let made = 7
        return SecureRandoms.make((size) => new Uint8Array(size).fill(made++))
      })
    )
  ).pipe(
    Layer.provideMerge(Layer.mergeAll(Subscriptions.layer, Dunning.layer, Allowances.layer)),
    Layer.provideMerge(PaymentDesk.off),
    Layer.provideMerge(Layer.merge(stores, ids))
  )
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever JSON the API answers
  readonly json: any
}

export interface Call {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** Sends a request through the whole HTTP application without a socket. */
export const client = Effect.suspend(() => clientOf({}))

export const clientOf = Effect.fnUntraced(function* (options: Api.HttpOptions) {
  yield* firstToken(token)
  const context = yield* Effect.context<never>()
  const handler = HttpEffect.toWebHandlerWith<never, HttpServerRequest.HttpServerRequest | Scope.Scope>(context)(
    yield* Api.app(options)
  )
  const send = (method: string, path: string, call: Call = {}) =>
    Effect.promise(() =>
      handler(
        new Request(`http://localhost${path}`, {
          method,
          headers: {
            authorization: `Bearer ${token}`,
            ...(call.body !== undefined && { "content-type": "application/json" }),
            ...call.headers
          },
          ...(call.body !== undefined && {
            body: typeof call.body === "string" ? call.body : JSON.stringify(call.body)
          })
        })
      )
    )
  const call = (method: string, path: string, call: Call = {}): Effect.Effect<Answer> =>
    Effect.flatMap(send(method, path, call), (response) =>
      Effect.map(
        Effect.promise(() => response.text()),
        (text) => ({
          status: response.status,
          headers: response.headers,
          json: response.headers.get("content-type")?.includes("json") === true ? JSON.parse(text) : text
        })
      )
    )
  return {
    send,
    get: (path: string, options?: Call) => call("GET", path, options),
    post: (path: string, body: unknown) => call("POST", path, { body }),
    patch: (path: string, body: unknown) => call("PATCH", path, { body }),
    put: (path: string, body: unknown) => call("PUT", path, { body }),
    call
  }
})
