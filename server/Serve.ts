import { createServer } from "node:http"
import { resolve } from "node:path"
import { type Context, Duration, Effect, Layer, Option, Redacted, type Scope } from "effect"
import { SecureRandom, WebCrypto } from "effect/crypto"
import { Ids } from "#core/Ids.ts"
import { firstToken } from "./api/FirstToken.ts"
import * as Http from "./api/Http.ts"
import * as cached from "./directory/cached.ts"
import type { Directory } from "./directory/Directory.ts"
import type { CollectionsOptions } from "./dunning/Collections.ts"
import { HistoryDatabase, plainOf } from "./lab/HistoryDatabase.ts"
import * as Endpoint from "./ocpp/Endpoint.ts"
import { Gateway } from "./ocpp/Gateway.ts"
import { stationAuth, takeIn } from "./ocpp/stationAuth.ts"
import type { PaymentSettings } from "./payments/layers.ts"
import * as StripeProvider from "./payments/stripe/StripeProvider.ts"
import { readAuthority } from "./postgres/Authority.ts"
import * as Database from "./postgres/Database.ts"
import { type PostgresUnavailable, start } from "./postgres/Launcher.ts"
import * as Server from "./Server.ts"
import type { Settings } from "./Settings.ts"
import * as Sql from "./sql/Sql.ts"

/** A server that serves: where, and the token made for its first administrator, if one had to be made. */
export interface Serving {
  readonly ocppUrl: string
  readonly apiUrl: string
  readonly docsUrl: string
  readonly madeToken: string | undefined
  readonly counters: Endpoint.EndpointCounters
}

/** The operator's own PostgreSQL: by TLS alone where an authority is named, otherwise as its URL says. */
const ownDatabase = Effect.fnUntraced(function* (url: Redacted.Redacted, authority: string | undefined, how: How) {
  const ssl = authority === undefined ? undefined : { ca: yield* readAuthority(authority) }
  return yield* Database.connect({ ...how, target: { _tag: "Url", url, ssl } })
})

const embeddedDatabase = Effect.fnUntraced(function* (dataDirectory: string, onShared: () => void, how: How) {
  const postgres = yield* start({ dataDirectory, durable: true })
  if (postgres.attached) onShared()
  return yield* Database.connect({ ...how, target: { _tag: "Embedded", ...postgres } })
})

type How = Omit<Database.Settings, "target">

const databaseOf = (settings: Settings, onShared: () => void, how: How = {}) =>
  Layer.effectContext(
    Option.match(settings.databaseUrl, {
      onSome: (url): Opening =>
        ownDatabase(url, Option.getOrUndefined(Option.map(settings.databaseCa, (it) => resolve(it))), how),
      onNone: (): Opening => embeddedDatabase(resolve(settings.data), onShared, how)
    })
  )

/** Runs of the lab over the past read it beside the server. */
const historyDatabase = Layer.effect(HistoryDatabase, Effect.map(Database.Where, plainOf))

/**
 * The store in PostgreSQL: the operator's own where a URL is given, else the embedded one. `onShared` is called when
 * another process runs that one already: its caches and ours do not know of each other's changes.
 */
export const stores = (settings: Settings, onShared: () => void = () => {}) => {
  const sql = Layer.merge(Sql.layer, historyDatabase).pipe(Layer.provide(databaseOf(settings, onShared)))
  return Layer.merge(sql, cached.layer().pipe(Layer.provide(sql)))
}

/** The same store on one connection, with the client it uses: for reads that are to see the books of one instant. */
export const storesOnOneConnection = (settings: Settings) =>
  Layer.provideMerge(
    Sql.layer,
    databaseOf(settings, () => {}, { oneConnection: true })
  )

type Opening = Effect.Effect<
  Context.Context<Database.Services>,
  Database.DatabaseUnavailable | PostgresUnavailable,
  Scope.Scope
>

/** Identity and the platform's randomness for a server in the real world. */
const platform = Layer.merge(Ids.layer, SecureRandom.layerWebCrypto).pipe(
  Layer.provideMerge(WebCrypto.layer(globalThis.crypto))
)

/** Without a key payments are off. Without the webhooks' secret none is let in: what they would tell is looked up. */
export const paymentsOf = ({
  stripeSecretKey,
  stripeWebhookSecret,
  stripeApiBase
}: Settings): PaymentSettings | undefined => {
  if (Option.isNone(stripeSecretKey)) return undefined
  const webhookSecret = Option.getOrElse(stripeWebhookSecret, () => Redacted.make(""))
  return {
    provider: StripeProvider.layer({ secretKey: stripeSecretKey.value, webhookSecret, apiBase: stripeApiBase })
  }
}

/**
 * Opens the doors of a server over its stores: OCPP and the API, on one port or two. Everything ends with the scope, in
 * the opposite order: newcomers are refused, stations are told, what waits is written.
 */
export const serve = Effect.fnUntraced(function* <E>(
  settings: Settings,
  stores: Layer.Layer<Server.Stores, E>,
  /** By the settings when not given. */
  payments: PaymentSettings | undefined = paymentsOf(settings),
  collections: CollectionsOptions = {}
) {
  const core = Server.layer({
    heartbeatSeconds: Math.ceil(Duration.toSeconds(settings.heartbeatInterval)),
    ...(payments !== undefined && { payments }),
    collections
  }).pipe(Layer.provideMerge(stores), Layer.provideMerge(platform))
  const context = yield* Layer.build(core)
  return yield* Effect.provide(doors(settings), context)
})

const doors = Effect.fnUntraced(function* (settings: Settings) {
  const gateway = yield* Gateway
  const runFork = Effect.runForkWith(yield* Effect.context<Directory>())
  const given = Option.getOrUndefined(Option.map(settings.token, Redacted.value))
  // One that is given is known before the doors open; one that is made is made once they are, or it might never be shown.
  if (given !== undefined) yield* firstToken(given)
  const isShared = settings.httpPort === settings.ocppPort && settings.ocppPort !== 0
  const httpServer = createServer()
  const ocppServer = isShared ? httpServer : createServer()
  const endpoint = yield* Endpoint.attach(ocppServer, {
    lookup: yield* stationAuth(settings.onboarding),
    onConnection: ({ identity, dialect, transport, remoteAddress }) => {
      const arrival = { stationId: identity, dialect, transport, remoteAddress }
      if (settings.onboarding === "registered") gateway.accept(arrival)
      else runFork(Effect.map(takeIn(identity), () => gateway.accept(arrival)))
    },
    ownsServer: !isShared,
    pingInterval: settings.pingInterval,
    pingTimeout: settings.pingTimeout,
    maxCompressed: settings.maxCompressed
  })
  yield* Layer.build(Http.serveOn(httpServer, { registration: settings.registration }))
  const ocppAt = yield* Endpoint.listen(ocppServer, { port: settings.ocppPort, host: settings.host })
  const httpAt = isShared
    ? ocppAt
    : yield* Endpoint.listen(httpServer, { port: settings.httpPort, host: settings.host })
  const madeToken = given === undefined ? yield* firstToken(undefined) : undefined
  const isAny = settings.host === "0.0.0.0" || settings.host === "::"
  const host = isAny ? "localhost" : settings.host.includes(":") ? `[${settings.host}]` : settings.host
  const apiUrl = `http://${host}:${httpAt.port}/api/v1`
  return {
    ocppUrl: `ws://${host}:${ocppAt.port}/ocpp/`,
    apiUrl,
    docsUrl: `http://${host}:${httpAt.port}/docs`,
    madeToken,
    counters: endpoint.counters
  } satisfies Serving
})
