import { Result } from "effect"
import type { TariffWire } from "../tariff/TariffWire.ts"
import { type EnergyPrices, energyPricesOf, priceMicrosOf } from "./energyCost.ts"
import { type Offer, OfferRefused, offerOf } from "./Offer.ts"
import type { Setup } from "./Tally.ts"

/** Traffic that is lived for a comparison, in virtual time, once for each seed. */
export interface LabTraffic {
  readonly scenario: string
  /** Null: as many as the scenario has. */
  readonly stations: number | null
  readonly days: number | null
  readonly seeds: number
}

/** A comparison that was asked for, complete: what is published later changes none that waits. Plain JSON data. */
export interface LabRequest {
  readonly tariff: ReadonlyArray<TariffWire>
  readonly against: ReadonlyArray<TariffWire>
  /** Sessions that began then or later, and before; null: all. */
  readonly fromMs: number | null
  readonly untilMs: number | null
  /** A price per kWh, 24 by the hour, or a series; null: margins are not asked for. */
  readonly energyCost: unknown
  readonly elasticities: ReadonlyArray<number>
  readonly jumpPercent: number
  /** Absent: the past. */
  readonly traffic?: LabTraffic
}

/** What is compared, ready to count with. */
export interface Prepared {
  readonly a: Offer
  readonly b: Offer
  readonly setup: Setup
}

const energyOf = (json: unknown): Result.Result<EnergyPrices | null, OfferRefused> => {
  if (json === null) return Result.succeed(null)
  if (typeof json === "object")
    return Result.mapError(
      energyPricesOf(json),
      ({ path, message }) => new OfferRefused({ path: `/energyCost${path}`, message })
    )
  const priceMicros = priceMicrosOf(json as number | string)
  return priceMicros === undefined
    ? Result.fail(new OfferRefused({ path: "/energyCost", message: "no price per kWh of at most six decimals" }))
    : Result.succeed({ _tag: "Flat", priceMicros })
}

/** Reads a request; a refusal's path is a pointer into it. The zone of findings is UTC: it only words them. */
export const prepare = (request: LabRequest): Result.Result<Prepared, OfferRefused> =>
  Result.gen(function* () {
    const offer = (name: "tariff" | "against") =>
      Result.mapError(
        offerOf(request[name], "UTC"),
        ({ path, message }) => new OfferRefused({ path: `/${name}${path}`, message })
      )
    const a = yield* offer("tariff")
    const b = yield* offer("against")
    if (a.currency !== b.currency) {
      const message = `${b.currency}, but the other tariff is in ${a.currency}: nothing converts money here`
      return yield* Result.fail(new OfferRefused({ path: "/against/0/currency", message }))
    }
    const energyPrices = yield* energyOf(request.energyCost)
    const { elasticities, jumpPercent } = request
    const setup = { a: a.versions, b: b.versions, currency: a.currency, energyPrices, elasticities, jumpPercent }
    return { a, b, setup }
  })
