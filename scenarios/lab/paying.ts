import { Effect } from "effect"
import type { AdHocCharge } from "#core/api/Payments.ts"
import { tokenUidOf } from "#server/payments/Charging.ts"
import type { Member } from "#simulator/Fleet.ts"
import type { Stream } from "#simulator/Stream.ts"
import type { Truth } from "#simulator/Truth.ts"
import type { TimersApi } from "#simulator/time/Timers.ts"
import { models } from "#simulator/vehicle/Car.ts"
import type { LivePlan } from "../Scenario.ts"
import type { LivePayments } from "./pspLive.ts"

/** Looks at the page or the station before a driver gives up; at five a second. */
const looks = 50
/** Tries to begin at all, while the CMS is away or the connector is not free; at two a second. */
const tries = 60
const patienceMs = 5_000

/** What drivers who pay by card on the wall clock have at hand. */
export interface Paying extends Pick<LivePayments, "provider" | "plan" | "apiAt"> {
  readonly truth: Truth
  readonly timers: TimersApi
  /** Of all drivers; each draws from one of his own. */
  readonly stream: Stream
}

type Page = typeof AdHocCharge.Type

/** One request of the page behind the code; undefined when it was not answered with what was asked for. */
const ask = (paying: Paying, method: "GET" | "POST", path: string): Effect.Effect<Page | undefined> =>
  Effect.promise(() => {
    const base = paying.apiAt()
    if (base === undefined) return Promise.resolve(undefined)
    return fetch(`${base}/api/v1${path}`, { method, signal: AbortSignal.timeout(patienceMs) }).then(
      (response) =>
        response.text().then(
          (text) => (response.ok ? (JSON.parse(text) as Page) : undefined),
          () => undefined
        ),
      () => undefined
    )
  })

/**
 * A driver in a hurry at one EVSE who pays by card: plugs in, scans the code, enters a card on the provider's page,
 * charges for a while, pulls the plug, and starts over. Some close the page. The page is asked for over HTTP.
 */
export const paidErrands = Effect.fnUntraced(function* (
  { station }: Member,
  evseId: number,
  plan: LivePlan,
  paying: Paying
) {
  const { provider, truth, timers } = paying
  const car = { car: models.compact, socPercent: 30, targetPercent: 90 }
  const stream = paying.stream.split(`${station.identity}/${evseId}`)
  const place = `/public/stations/${station.identity}/evses/${evseId}`
  const isCharging = (): boolean => station.evse(evseId).sessionId !== null

  /** Enters a card, or does not; whether it charges then. */
  const pay = Effect.fnUntraced(function* ({ paymentId, clientSecret }: Page, personId: string) {
    const tokenUid = tokenUidOf(paymentId)
    truth.present({ stationId: station.identity, evseId, tokenUid, personId, way: "qr", atMs: timers.nowAtMs() })
    if (clientSecret === null || stream.chance(paying.plan.walksAway)) return false
    yield* Effect.sleep(stream.int(50, 600))
    provider.enterCard(clientSecret, stream.weighted(paying.plan.cards))
    for (let look = 0; look < looks; look++) {
      if (isCharging()) return true
      yield* Effect.sleep("200 millis")
      if (look % 5 !== 4) continue
      const page = yield* ask(paying, "GET", `/public/charges/${paymentId}?clientSecret=${clientSecret}`)
      if (page !== undefined && (page.abandoned !== null || page.declined !== null)) return isCharging()
    }
    return isCharging()
  })

  for (let charge = 0; charge < plan.charges; charge++) {
    for (let attempt = 0; attempt < tries; attempt++) {
      if (station.evse(evseId).isFree && station.registration === "Accepted") break
      yield* Effect.sleep("500 millis")
    }
    const personId = `${station.identity}/${evseId}/${charge + 1}`
    if (station.plugIn({ ...car, personId }, evseId) === "Refused") continue
    let page: Page | undefined
    for (let attempt = 0; attempt < tries && page === undefined; attempt++) {
      if (attempt > 0) yield* Effect.sleep("500 millis")
      page = yield* ask(paying, "POST", `${place}/charges`)
    }
    if (page !== undefined && (yield* pay(page, personId)))
      yield* Effect.sleep(stream.int(plan.chargeMs / 2, plan.chargeMs))
    station.unplug(evseId)
    yield* Effect.sleep("200 millis")
  }
})
