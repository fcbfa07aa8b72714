import { Effect, Schema } from "effect"
import { HttpClient, HttpClientRequest, HttpClientResponse } from "effect/http"
import * as Instant from "#core/Instant.ts"
import type { BookedCdr, BookedConnector, BookedTransaction } from "#simulator/oracles/Evidence.ts"
import type { TrueToken } from "#simulator/oracles/Oracle.ts"
import type { OcpiTariff } from "#simulator/oracles/SlowRater.ts"
import { type Adapter, AdapterFailed, type AdapterOptions, type Entered, type ForeignRegistry } from "./Adapter.ts"

/** Each answer of its API is read for what is used here only; it says more. */
const Login = Schema.Struct({ token: Schema.String })
const Created = Schema.Struct({ id: Schema.String })
const Found = Schema.Struct({
  data: Schema.Array(
    Schema.Struct({ id: Schema.String, stationId: Schema.String, ocppProtocol: Schema.NullOr(Schema.String) })
  )
})
const FoundTokens = Schema.Struct({ data: Schema.Array(Schema.Struct({ id: Schema.String, idToken: Schema.String })) })

const Session = Schema.Struct({
  id: Schema.String,
  stationName: Schema.String,
  transactionId: Schema.NullOr(Schema.String),
  status: Schema.String,
  startedAt: Schema.NullOr(Schema.String),
  endedAt: Schema.NullOr(Schema.String),
  energyDeliveredWh: Schema.NullOr(Schema.Union([Schema.String, Schema.Finite])),
  finalCostCents: Schema.NullOr(Schema.Int),
  currency: Schema.NullOr(Schema.String),
  createdAt: Schema.String
})
const Sessions = Schema.Struct({ data: Schema.Array(Session), total: Schema.Int })
type Session = (typeof Session)["Type"]

const Evses = Schema.Array(
  Schema.Struct({
    evseId: Schema.Int,
    connectors: Schema.Array(Schema.Struct({ connectorId: Schema.Int, status: Schema.String }))
  })
)

const pageSize = 100
/** Sessions of this run that are not over, or not priced, are waited for this long. */
const lookEvery = "2 seconds"
const looks = 15

/**
 * It knows no cards that are good at some stations only, and its API answers 500 to every card that expires (0.1.19).
 * Such cards are unknown to it, or deactivated when an earlier run entered them: they must be refused.
 */
const canKnow = ({ allowedStations, expiresAtMs }: TrueToken): boolean =>
  allowedStations === null && expiresAtMs === null

/** Groups it does not know; and with every card it lets one session run at a time. */
const asKnown = (token: TrueToken): TrueToken => ({ ...token, groupId: null, concurrencyLimit: 1 })

/**
 * A price a kWh and one a session: what it can say that OCPI can say too, with one rounding. The currency is that of its
 * payment settings, which as installed is the dollar; it stops sessions in any other.
 */
const prices = { currency: "USD", pricePerKwh: "0.49", pricePerSession: "0.35" }
const tariff: OcpiTariff = {
  id: "EVTIVITY",
  version: 1,
  currency: prices.currency,
  tax_included: "NO",
  elements: [
    {
      price_components: [
        { type: "ENERGY", price: Number(prices.pricePerKwh) },
        { type: "FLAT", price: Number(prices.pricePerSession) }
      ]
    }
  ]
}

/**
 * EVtivity (github.com/EVtivity/evtivity-csms, 0.1.19), by its REST API. Options: `email` and `password` of an operator.
 * Drivers pay by its own simulated means of payment, of which it lets one in five fail: such a session is stopped, and
 * told as never billed.
 * It keeps no CDRs beside a session's final cost and no ledger, and tells neither EVSE nor readings of a session in a
 * way that can be counted; a run's price and energy, its connectors and its refusals can be seen.
 */
export const evtivity = Effect.fnUntraced(function* ({ url, options }: AdapterOptions) {
  const client = (yield* HttpClient.HttpClient).pipe(HttpClient.mapRequest(HttpClientRequest.prependUrl(`${url}/v1`)))
  const { email, password } = options
  if (email === undefined || password === undefined) {
    return yield* new AdapterFailed({ message: "EVtivity needs --adapter-option email=... and password=..." })
  }
  const ask = Effect.fnUntraced(function* (request: HttpClientRequest.HttpClientRequest, allowed: number) {
    const response = yield* Effect.mapError(client.execute(request), failed(request))
    const isGood = response.status < 300 || response.status === allowed
    if (isGood) return response
    const text = yield* Effect.orElseSucceed(response.text, () => "")
    return yield* new AdapterFailed({ message: `${request.method} ${request.url}: ${response.status} ${text}` })
  })
  const login = HttpClientRequest.bodyJsonUnsafe(HttpClientRequest.post("/auth/login"), { email, password })
  const { token } = yield* decoded(Login, login, yield* ask(login, 200))
  const signed = HttpClientRequest.bearerToken(token)
  const get = Effect.fnUntraced(function* <A>(schema: Schema.Codec<A, unknown>, path: string) {
    const request = signed(HttpClientRequest.get(path))
    return yield* decoded(schema, request, yield* ask(request, 200))
  })
  /** The id of what was created; undefined when it was there already. */
  const create = Effect.fnUntraced(function* (path: string, body: object) {
    const request = signed(HttpClientRequest.bodyJsonUnsafe(HttpClientRequest.post(path), body))
    const response = yield* ask(request, 409)
    return response.status === 409 ? undefined : (yield* decoded(Created, request, response)).id
  })
  const tell = (request: HttpClientRequest.HttpClientRequest, allowed: number) => ask(signed(request), allowed)

  const enterStation = Effect.fnUntraced(function* (identity: string, version: string, groupId: string) {
    const body = { stationId: identity, securityProfile: 0, ocppProtocol: `ocpp${version}` }
    const created = yield* create("/stations", body)
    const found =
      created ??
      (yield* get(Found, `/stations?limit=${pageSize}&search=${identity}`)).data.find((it) => it.stationId === identity)
        ?.id
    yield* tell(HttpClientRequest.post(`/stations/${found}/approve`), 409)
    const group = HttpClientRequest.post(`/stations/${found}/pricing-groups`)
    yield* tell(HttpClientRequest.bodyJsonUnsafe(group, { pricingGroupId: groupId }), 409)
  })

  const enterToken = Effect.fnUntraced(function* ({ uid, blockedAtMs }: TrueToken, atMs: number) {
    // It stops the session of a card without a driver, and of a driver who has no means to pay.
    const driverId = yield* create("/drivers", { firstName: "Simulated", lastName: uid })
    yield* create(`/drivers/${driverId}/payment-methods`, {
      stripeCustomerId: `cus_sim_${uid}`,
      stripePaymentMethodId: `pm_sim_${uid}`
    })
    const created = yield* create("/tokens", { idToken: uid, tokenType: "ISO14443", driverId })
    const found = created ?? (yield* tokenCalled(uid))
    const isActive = blockedAtMs === null || blockedAtMs > atMs
    const request = HttpClientRequest.patch(`/tokens/${found}`)
    yield* tell(HttpClientRequest.bodyJsonUnsafe(request, { isActive, driverId }), 200)
  })

  const tokenCalled = Effect.fnUntraced(function* (uid: string) {
    const { data } = yield* get(FoundTokens, `/tokens?limit=${pageSize}&search=${uid}`)
    return data.find(({ idToken }) => idToken === uid)?.id
  })

  const refuseToken = Effect.fnUntraced(function* ({ uid }: TrueToken) {
    const found = yield* tokenCalled(uid)
    if (found === undefined) return
    yield* tell(HttpClientRequest.bodyJsonUnsafe(HttpClientRequest.patch(`/tokens/${found}`), { isActive: false }), 200)
  })

  const enter = Effect.fnUntraced(function* ({ stations, tokens, atMs }: ForeignRegistry) {
    const groupId = yield* create("/pricing-groups", { name: `Simulation ${Instant.format(atMs)}` })
    yield* create(`/pricing-groups/${groupId}/tariffs`, { name: "Plain", ...prices, isDefault: true })
    const known = tokens.filter(canKnow)
    yield* Effect.forEach(stations, ({ identity, dialect }) => enterStation(identity, dialect, groupId ?? ""))
    yield* Effect.forEach(known, (it) => enterToken(it, atMs), { discard: true })
    yield* Effect.forEach(
      tokens.filter((it) => !canKnow(it)),
      refuseToken,
      { discard: true }
    )
    return { tokens: known.map(asKnown), tariff: [tariff] } satisfies Entered
  })

  const sessionsSince = Effect.fnUntraced(function* (stationIds: ReadonlySet<string>, sinceMs: number) {
    const found: Array<Session> = []
    for (let page = 1; ; page++) {
      const { data } = yield* get(Sessions, `/sessions?limit=${pageSize}&page=${page}`)
      const fresh = data.filter(({ createdAt }) => (Instant.parse(createdAt) ?? 0) >= sinceMs)
      for (const it of fresh) if (stationIds.has(it.stationName)) found.push(it)
      if (data.length < pageSize || fresh.length < data.length) return found
    }
  })

  const connectorsOf = Effect.fnUntraced(function* (identity: string) {
    const { data } = yield* get(Found, `/stations?limit=${pageSize}&search=${identity}`)
    const station = data.find(({ stationId }) => stationId === identity)
    if (station === undefined) return []
    const evses = yield* get(Evses, `/stations/${station.id}/connectors`)
    // Connector n of a 1.6 station it calls connector n of EVSE n; here it is connector 1.
    const isOld = station.ocppProtocol === "ocpp1.6"
    return evses.flatMap(({ evseId, connectors }) =>
      connectors.map(
        ({ connectorId, status }): BookedConnector => ({
          stationId: identity,
          evseId,
          connectorId: isOld ? 1 : connectorId,
          status: wordOf(status)
        })
      )
    )
  })

  return {
    versions: ["1.6", "2.1"],
    enter,
    read: Effect.fnUntraced(function* ({ stationIds, sinceMs }) {
      const wanted = new Set(stationIds)
      let sessions = yield* sessionsSince(wanted, sinceMs)
      for (let look = 1; look < looks && sessions.some(isUnsettled); look++) {
        yield* Effect.sleep(lookEvery)
        sessions = yield* sessionsSince(wanted, sinceMs)
      }
      const connectors = yield* Effect.forEach(stationIds, connectorsOf)
      return {
        transactions: sessions.map(bookedOf),
        cdrs: sessions.flatMap(billOf),
        entries: null,
        connectors: connectors.flat()
      }
    })
  } satisfies Adapter
})

const failed = (request: HttpClientRequest.HttpClientRequest) => (cause: { readonly message: string }) =>
  new AdapterFailed({ message: `${request.method} ${request.url}: ${cause.message}` })

const decoded = <A>(
  schema: Schema.Codec<A, unknown>,
  request: HttpClientRequest.HttpClientRequest,
  response: HttpClientResponse.HttpClientResponse
): Effect.Effect<A, AdapterFailed> =>
  Effect.mapError(HttpClientResponse.schemaBodyJson(schema)(response), failed(request))

const instantOf = (text: string | null): number | null => (text === null ? null : (Instant.parse(text) ?? null))

const whOf = ({ energyDeliveredWh }: Session): number => Math.round(Number(energyDeliveredWh ?? 0))

/** A session that failed before anything was charged is never priced. */
const isUnsettled = ({ status, finalCostCents }: Session): boolean =>
  status === "active" || (status === "completed" && finalCostCents === null)

const bookedOf = (session: Session): BookedTransaction => ({
  id: session.id,
  stationId: session.stationName,
  ocppId: session.transactionId ?? "",
  evseId: null,
  connectorId: null,
  status: session.status === "active" ? "Open" : "Ended",
  startedAtMs: instantOf(session.startedAt),
  endedAtMs: instantOf(session.endedAt),
  tokenUid: null,
  authorization: null,
  findings: null,
  settled: !isUnsettled(session),
  readings: null
})

/** The final cost of a session, which is all that it bills: without tax, so net is gross. */
const billOf = (session: Session): ReadonlyArray<BookedCdr> => {
  const { id, stationName, finalCostCents, currency } = session
  const startAtMs = instantOf(session.startedAt) ?? 0
  const endAtMs = instantOf(session.endedAt) ?? startAtMs
  if (finalCostCents === null || currency === null) return []
  return [
    {
      id: `${id}-final`,
      transactionId: id,
      stationId: stationName,
      startAtMs,
      endAtMs,
      currency,
      energyWh: whOf(session),
      durationMs: endAtMs - startAtMs,
      parkingMs: 0,
      netMinor: BigInt(finalCostCents),
      taxMinor: 0n,
      grossMinor: BigInt(finalCostCents),
      credit: false
    }
  ]
}

const words: Readonly<Record<string, string>> = {
  suspended_ev: "SuspendedEV",
  suspended_evse: "SuspendedEVSE",
  ev_connected: "EVConnected"
}

/** "available" as OCPP spells it: Available. */
const wordOf = (status: string): string => words[status] ?? `${status.slice(0, 1).toUpperCase()}${status.slice(1)}`
