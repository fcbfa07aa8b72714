import type * as NodeHttp from "node:http"
import { NodeHttpServer } from "@effect/platform-node"
import { ByteSize, Effect, Layer, Scope } from "effect"
import { HttpIncomingMessage, HttpRouter } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "#core/api/Api.ts"
import { AccessLayer, CheckedLayer, DriverAccessLayer } from "./Authorization.ts"
import { boundary } from "./Boundary.ts"
import { cdrHandlers, ledgerHandlers, transactionHandlers } from "./bookHandlers.ts"
import { correctionHandlers } from "./correctionHandlers.ts"
import { debtHandlers, myDebtHandlers } from "./debtHandlers.ts"
import { disputeHandlers } from "./disputeHandlers.ts"
import { docsRoute } from "./docs/Docs.ts"
import { driverGroupHandlers } from "./driverGroupHandlers.ts"
import { driverHandlers } from "./driverHandlers.ts"
import { invoiceHandlers } from "./invoiceHandlers.ts"
import { labHandlers } from "./labHandlers.ts"
import { meHandlers } from "./meHandlers.ts"
import { operationHandlers } from "./operationHandlers.ts"
import { adHocHandlers, paymentHandlers, webhookRoute } from "./paymentHandlers.ts"
import { publicQuoteHandlers, quoteHandlers } from "./quoteHandlers.ts"
import { Registration, registrationHandlers } from "./registrationHandlers.ts"
import { siteHandlers } from "./siteHandlers.ts"
import { stationHandlers } from "./stationHandlers.ts"
import { mySubscriptionHandlers, planHandlers, subscriptionHandlers } from "./subscriptionHandlers.ts"
import { apiKeyHandlers, eventHandlers, healthHandlers } from "./systemHandlers.ts"
import { tariffAssignmentHandlers } from "./tariffAssignmentHandlers.ts"
import { tariffHandlers } from "./tariffHandlers.ts"
import { tokenHandlers } from "./tokenHandlers.ts"
import { myWalletHandlers, walletHandlers } from "./walletHandlers.ts"

export interface HttpOptions {
  /** Origins whose pages may call the API from a browser. None unless told. */
  readonly allowedOrigins?: ReadonlyArray<string>
  /** Whether drivers may sign up by themselves. Closed unless told. */
  readonly registration?: "open" | "closed"
}

/** No body of the contract comes near this; a large tariff has some 100 KiB. */
const maxBodySize = ByteSize.mebibytes(1)

/** A client that sends slower than this keeps a socket for nothing. */
const requestTimeoutMs = 30_000
const headersTimeoutMs = 10_000
/** Longer than the idle timeout of common load balancers, so that they close first. */
const keepAliveTimeoutMs = 65_000

const handlers = Layer.mergeAll(
  healthHandlers,
  stationHandlers,
  operationHandlers,
  transactionHandlers,
  cdrHandlers,
  correctionHandlers,
  invoiceHandlers,
  ledgerHandlers,
  quoteHandlers,
  publicQuoteHandlers,
  paymentHandlers,
  disputeHandlers,
  adHocHandlers,
  siteHandlers,
  tariffHandlers,
  labHandlers,
  tariffAssignmentHandlers,
  driverHandlers,
  driverGroupHandlers,
  tokenHandlers,
  eventHandlers,
  apiKeyHandlers,
  meHandlers,
  registrationHandlers,
  planHandlers,
  subscriptionHandlers,
  mySubscriptionHandlers,
  debtHandlers,
  myDebtHandlers,
  walletHandlers,
  myWalletHandlers
)

const routes = (options: HttpOptions) => {
  const api = HttpApiBuilder.layer(Api, { openapiPath: "/api/v1/openapi.json" }).pipe(
    Layer.provide(handlers),
    Layer.provide(Layer.succeed(Registration, options.registration ?? "closed")),
    Layer.provide([AccessLayer, DriverAccessLayer, CheckedLayer])
  )
  const all = Layer.mergeAll(api, docsRoute, webhookRoute)
  return options.allowedOrigins === undefined
    ? all
    : Layer.merge(all, HttpRouter.cors({ allowedOrigins: options.allowedOrigins, maxAge: 600 }))
}

/** The API, its OpenAPI document and its documentation as one HTTP application. */
export const app = Effect.fnUntraced(function* (options: HttpOptions = {}) {
  const router = yield* HttpRouter.toHttpEffect(routes(options))
  return Effect.provideService(boundary(router), HttpIncomingMessage.MaxBodySize, maxBodySize)
})

/**
 * Serves the API on a node server whose port somebody else opens, and whose WebSocket upgrades are somebody else's.
 * When the layer's scope closes, requests under way are interrupted.
 */
export const serveOn = (server: NodeHttp.Server, options: HttpOptions = {}) =>
  Layer.effectDiscard(
    Effect.gen(function* () {
      const requests = yield* Scope.fork(yield* Effect.scope, "parallel")
      const handler = yield* NodeHttpServer.makeHandler(yield* app(options), { scope: requests })
      server.requestTimeout = requestTimeoutMs
      server.headersTimeout = headersTimeoutMs
      server.keepAliveTimeout = keepAliveTimeoutMs
      yield* Effect.acquireRelease(
        Effect.sync(() => server.on("request", handler)),
        () => Effect.sync(() => server.off("request", handler))
      )
    })
  ).pipe(Layer.provide(NodeHttpServer.layerHttpServices))
