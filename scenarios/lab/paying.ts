import { Effect } from "effect"
import type { AdHocCharge, Payment } from "#core/api/Payments.ts"
import { tokenUidOf } from "#server/payments/Charging.ts"
import type { Member } from "#simulator/Fleet.ts"
import type { Stream } from "#simulator/Stream.ts"
import type { Truth } from "#simulator/Truth.ts"
import type { TimersApi } from "#simulator/time/Timers.ts"
import { models } from "#simulator/vehicle/Car.ts"
import type { LivePlan } from "../Scenario.ts"
import { operatorToken } from "./doors.ts"
import { accountOf, type LivePayments } from "./pspLive.ts"

/** Looks at the page or the station before a driver gives up; at five a second. */
const looks = 50
/** Tries to begin at all, while the CMS is away or the connector is not free; at two a second. */
const tries = 60
/** Looks for a card that was just entered; at five a second. */
const cardLooks = 15
const patienceMs = 5_000

/** What people who have to do with payments on the wall clock have at hand. */
export interface Paying extends Pick<LivePayments, "provider" | "plan" | "apiAt"> {
  readonly truth: Truth
  readonly timers: TimersApi
  /** Of all drivers; each draws from one of his own. */
  readonly stream: Stream
  readonly isOver: () => boolean
}

/** One request to the API over HTTP; undefined when it was not answered with what was asked for. */
const ask = <A>(
  { apiAt }: Pick<Paying, "apiAt">,
  method: "GET" | "POST",
  path: string,
  body?: object
): Effect.Effect<A | undefined> =>
  Effect.promise(() => {
    const base = apiAt()
    if (base === undefined) return Promise.resolve(undefined)
    const headers = { authorization: `Bearer ${operatorToken}`, "content-type": "application/json" }
    return fetch(`${base}/api/v1${path}`, {
      method,
      signal: AbortSignal.timeout(patienceMs),
      ...(path.startsWith("/public/") ? {} : { headers }),
      ...(body === undefined ? {} : { body: JSON.stringify(body) })
    }).then(
      (response) =>
        response.text().then(
          (text) => (response.ok ? (JSON.parse(text) as A) : undefined),
          () => undefined
        ),
      () => undefined
    )
  })

/** A payment that was begun. */
interface Begun {
  readonly paymentId: string
  /** Opens the provider's page; null where a kept card pays. */
  readonly clientSecret: string | null
}

interface Place {
  readonly stationId: string
  readonly evseId: number
}

const payAdHoc = (paying: Paying, { stationId, evseId }: Place) =>
  ask<typeof AdHocCharge.Type>(paying, "POST", `/public/stations/${stationId}/evses/${evseId}/charges`)

/** Keeps a card with the provider, and begins a charge that it pays for. */
const payByAccount = Effect.fnUntraced(function* (paying: Paying, place: Place, driverId: string, card: string) {
  const account = `/drivers/${encodeURIComponent(driverId)}`
  yield* ask(paying, "POST", "/drivers", { id: driverId, name: driverId })
  const setup = yield* ask<{ readonly clientSecret: string }>(paying, "POST", `${account}/card-setups`, {})
  if (setup === undefined || !paying.provider.enterCard(setup.clientSecret, card)) return undefined
  for (let look = 0; look < cardLooks; look++) {
    const cards = yield* ask<{ readonly items: ReadonlyArray<{ readonly methodId: string }> }>(
      paying,
      "GET",
      `${account}/cards`
    )
    const methodId = cards?.items[0]?.methodId
    if (methodId !== undefined) {
      const made = yield* ask<Payment>(paying, "POST", `${account}/charges`, { ...place, methodId })
      return made === undefined ? undefined : { paymentId: made.id, clientSecret: null }
    }
    yield* Effect.sleep("200 millis")
  }
  return undefined
})

/**
 * A driver in a hurry at one EVSE who pays by card: plugs in, scans the code, enters a card on the provider's page,
 * charges for a while, pulls the plug, and starts over. Some close the page; some have an account and a kept card. All
 * of it is asked for over HTTP.
 */
export const paidErrands = Effect.fnUntraced(function* (
  { station }: Member,
  evseId: number,
  plan: LivePlan,
  paying: Paying
) {
  const { provider, truth, timers } = paying
  const stationId = station.identity
  const stream = paying.stream.split(`${stationId}/${evseId}`)
  const car = { car: models.compact, socPercent: 30, targetPercent: 90 }
  const place = { stationId, evseId }
  const isCharging = (): boolean => station.evse(evseId).sessionId !== null

  const begin = Effect.fnUntraced(function* (personId: string, card: string) {
    const isKnown = stream.chance(paying.plan.accounts ?? 0)
    for (let attempt = 0; attempt < tries; attempt++) {
      const driverId = accountOf(personId, attempt)
      const begun: Begun | undefined = isKnown
        ? yield* payByAccount(paying, place, driverId, card)
        : yield* payAdHoc(paying, place)
      if (begun !== undefined) return begun
      yield* Effect.sleep("500 millis")
    }
    return undefined
  })

  /** Enters a card, or does not; whether it charges then. */
  const pay = Effect.fnUntraced(function* ({ paymentId, clientSecret }: Begun, personId: string, card: string) {
    const tokenUid = tokenUidOf(paymentId)
    truth.present({ stationId, evseId, tokenUid, personId, way: "qr", atMs: timers.nowAtMs() })
    if (clientSecret !== null) {
      if (stream.chance(paying.plan.walksAway)) return false
      yield* Effect.sleep(stream.int(50, 600))
      provider.enterCard(clientSecret, card)
    }
    for (let look = 0; look < looks; look++) {
      if (isCharging()) return true
      yield* Effect.sleep("200 millis")
      if (look % 5 !== 4 || clientSecret === null) continue
      const path = `/public/charges/${paymentId}?clientSecret=${clientSecret}`
      const page = yield* ask<typeof AdHocCharge.Type>(paying, "GET", path)
      if (page !== undefined && (page.abandoned !== null || page.declined !== null)) return isCharging()
    }
    return isCharging()
  })

  for (let charge = 0; charge < plan.charges && !paying.isOver(); charge++) {
    for (let attempt = 0; attempt < tries; attempt++) {
      if (station.evse(evseId).isFree && station.registration === "Accepted") break
      yield* Effect.sleep("500 millis")
    }
    const personId = `${stationId}/${evseId}/${charge + 1}`
    const card = stream.weighted(paying.plan.cards)
    if (station.plugIn({ ...car, personId }, evseId) === "Refused") continue
    const begun = yield* begin(personId, card)
    if (begun !== undefined && (yield* pay(begun, personId, card)))
      yield* Effect.sleep(stream.int(plan.chargeMs / 2, plan.chargeMs))
    station.unplug(evseId)
    yield* Effect.sleep("200 millis")
  }
})

/** An operator who gives a third back to a share of who paid, asking for each again until it is taken in. */
export const goodwill = Effect.fnUntraced(function* (paying: Paying) {
  const share = paying.plan.goodwill ?? 0
  const stream = paying.stream.split("goodwill")
  const given = new Set<string>()
  while (share > 0) {
    yield* Effect.sleep("700 millis")
    const page = yield* ask<{ readonly items: ReadonlyArray<Payment> }>(paying, "GET", "/payments?limit=100")
    for (const { id, owedMinor, residualMinor, capturedMinor, refundedMinor } of page?.items ?? []) {
      const third = BigInt(capturedMinor) / 3n
      const isPaid = owedMinor !== null && residualMinor === "0" && refundedMinor === "0" && third > 0n
      if (!isPaid || given.has(id) || !stream.split(id).chance(share)) continue
      const wish = { id: `goodwill-${id}`, amountMinor: String(third), reason: "the reader was broken" }
      if ((yield* ask(paying, "POST", `/payments/${id}/refunds`, wish)) !== undefined) given.add(id)
    }
  }
})
