import { Clock, Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "#core/api/Api.ts"
import { Conflict, Unprocessable } from "#core/api/Problems.ts"
import type { QuoteRequest, Quote as QuoteView } from "#core/api/Quotes.ts"
import * as Instant from "#core/Instant.ts"
import { unscaled } from "#core/Money.ts"
import { type Plan, type QuoteCar, usualCurve } from "#core/quote/course.ts"
import { maxPlanMs, quote as quoteOf } from "#core/quote/quote.ts"
import { canonicalUid } from "#core/token/Token.ts"
import { Billing } from "../billing/Billing.ts"
import { Directory } from "../directory/Directory.ts"
import { priceSheetView } from "./billViews.ts"
import { found, unavailable } from "./failures.ts"
import { inBody } from "./faults.ts"

const carOf = (car: NonNullable<QuoteRequest["car"]>): QuoteCar => ({
  batteryWh: car.batteryWh,
  arrivalPercent: car.arrivalPercent,
  targetPercent: car.targetPercent ?? 100,
  maxPowerW: car.maxPowerW,
  curve: car.curve ?? usualCurve,
  efficiencyPermille: Math.round((car.efficiencyPercent ?? 100) * 10)
})

const nonsense = (pointer: string, expected: string) =>
  Effect.fail(new Unprocessable({ detail: "This charge cannot be.", errors: inBody(pointer, expected) }))

const isAscending = (curve: QuoteCar["curve"]): boolean =>
  curve.every(([soc], index) => index === 0 || soc > curve[index - 1]![0])

/** What the request asks for, or why that is no charge. */
const planOf = (request: QuoteRequest, nowMs: number): Effect.Effect<Plan, Unprocessable> => {
  const fromMs = request.from === undefined ? nowMs : Instant.parse(request.from)!
  const untilMs = Instant.parse(request.until)!
  if (untilMs <= fromMs) return nonsense("/until", `Expected an instant after ${Instant.format(fromMs)}`)
  if (untilMs - fromMs > maxPlanMs) return nonsense("/until", "Expected an instant at most seven days after the begin")
  const car = request.car === undefined ? null : carOf(request.car)
  if (car !== null && !isAscending(car.curve))
    return nonsense("/car/curve", "Expected points in ascending order of the state of charge")
  const { chargerPowerW, energyLimitWh = null } = request
  return Effect.succeed({ fromMs, untilMs, chargerPowerW, car, energyLimitWh })
}

const price = (micros: number | null): string | null => (micros === null ? null : unscaled(BigInt(micros), 6, 2))

/** What both endpoints do: whoever asks learns the same price. */
const quoting = Effect.gen(function* () {
  const directory = yield* Directory
  const billing = yield* Billing
  return Effect.fnUntraced(function* (stationId: string, request: QuoteRequest) {
    const station = yield* directory.station(stationId).pipe(found("station", stationId), unavailable)
    const plan = yield* planOf(request, yield* Clock.currentTimeMillis)
    const { evseId = 1, tokenUid } = request
    const token = tokenUid === undefined ? null : canonicalUid(tokenUid)
    const frozen = yield* billing.freeze({ station, evseId, tokenUid: token, atMs: plan.fromMs })
    if (frozen === null)
      return yield* new Conflict({ detail: "No price is valid here then.", kind: "station", id: station.id })
    const compiled = yield* billing.compiled(frozen, station.timeZone)
    const { branches, points, fullAtMs, ...quoted } = quoteOf(compiled, plan, frozen.groups)
    const view: QuoteView = {
      stationId: station.id,
      from: Instant.format(plan.fromMs),
      until: Instant.format(plan.untilMs),
      fullAt: fullAtMs === null ? null : Instant.format(fullAtMs),
      price: priceSheetView(quoted.price, compiled, { startAtMs: plan.fromMs, endAtMs: plan.untilMs }),
      branches: branches.map(({ atMs, energyMilliWh, fromPriceMicros, toPriceMicros, ...rest }) => ({
        ...rest,
        at: Instant.format(atMs),
        energyWh: Math.floor(energyMilliWh / 1000),
        fromPrice: price(fromPriceMicros),
        toPrice: price(toPriceMicros)
      })),
      points: points.map(({ atMs, energyMilliWh, grossMinor, powerW, socPercent }) => ({
        at: Instant.format(atMs),
        energyWh: Math.floor(energyMilliWh / 1000),
        powerW,
        socPercent: socPercent === null ? null : Math.round(socPercent * 10) / 10,
        grossMinor: grossMinor.toString()
      }))
    }
    return view
  })
})

export const quoteHandlers = HttpApiBuilder.group(
  Api,
  "quotes",
  Effect.fn(function* (handlers) {
    const quote = yield* quoting
    return handlers.handleAll({ quote: ({ params, payload }) => quote(params.stationId, payload) })
  })
)

export const publicQuoteHandlers = HttpApiBuilder.group(
  Api,
  "publicQuotes",
  Effect.fn(function* (handlers) {
    const quote = yield* quoting
    return handlers.handleAll({ quote: ({ params, payload }) => quote(params.stationId, payload) })
  })
)
