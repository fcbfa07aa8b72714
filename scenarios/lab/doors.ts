import { createServer } from "node:http"
import { Context, Effect, Layer } from "effect"
import { SecureRandom, WebCrypto } from "effect/crypto"
import { Ids } from "#core/Ids.ts"
import { firstToken } from "#server/api/FirstToken.ts"
import * as Http from "#server/api/Http.ts"
import * as Endpoint from "#server/ocpp/Endpoint.ts"
import { Gateway } from "#server/ocpp/Gateway.ts"
import { stationAuth } from "#server/ocpp/stationAuth.ts"
import type { PaymentSettings } from "#server/payments/layers.ts"
import * as Server from "#server/Server.ts"
import type { Wire } from "#simulator/oracles/Wire.ts"

const platform = Layer.merge(Ids.layer, SecureRandom.layerWebCrypto).pipe(
  Layer.provideMerge(WebCrypto.layer(globalThis.crypto))
)

/** By which the operator of a simulation uses the API. */
export const operatorToken = "operator-of-the-simulation"

/**
 * Our CMS behind its real endpoint on loopback, until the scope ends; on a free port when none is given. With payments
 * its API is on that port too.
 */
export const serve = Effect.fnUntraced(function* (options: {
  readonly stores: Layer.Layer<Server.Stores>
  readonly wire: Wire
  readonly port?: number
  readonly payments?: PaymentSettings
}) {
  const { stores, wire, payments } = options
  const versions = new Map<string, string>()
  const services = yield* Layer.build(
    Server.layer({
      heartbeatSeconds: 5,
      ...(payments === undefined ? {} : { payments }),
      observe: (stationId) => wire.observe(stationId, versions.get(stationId) ?? "", "server")
    }).pipe(Layer.provideMerge(Layer.merge(stores, platform)))
  )
  const gateway = Context.get(services, Gateway)
  const httpServer = createServer()
  const lookup = yield* Effect.provideContext(stationAuth("registered"), services)
  yield* Endpoint.attach(httpServer, {
    lookup,
    ownsServer: payments === undefined,
    onConnection: ({ identity, dialect, transport, remoteAddress }) => {
      versions.set(identity, dialect.version)
      gateway.accept({ stationId: identity, dialect, transport, remoteAddress })
    }
  })
  if (payments !== undefined) {
    yield* Effect.provideContext(firstToken(operatorToken), services)
    yield* Effect.provideContext(Layer.build(Http.serveOn(httpServer)), services)
  }
  const { port } = yield* Endpoint.listen(httpServer, { port: options.port ?? 0, host: "127.0.0.1" })
  return { services, port, url: `ws://127.0.0.1:${port}/ocpp` }
})
