import { Data, Result, Schema } from "effect"
import * as Instant from "#core/Instant.ts"
import { scaled } from "#core/Money.ts"

/** The energy prices will not do. */
export class EnergyPricesRefused extends Data.TaggedError("EnergyPricesRefused")<{
  readonly path: string
  readonly message: string
}> {}

/** What a kWh costs the operator, net, in millionths of a currency unit. Plain data. */
export type EnergyPrices =
  | { readonly _tag: "Flat"; readonly priceMicros: number }
  /** By the hour of the local day, 0 to 23. */
  | { readonly _tag: "ByHour"; readonly priceMicros: ReadonlyArray<number> }
  /** Each from its instant until the next one's; the last for an hour. Ascending. */
  | { readonly _tag: "Series"; readonly startAtMs: ReadonlyArray<number>; readonly priceMicros: ReadonlyArray<number> }

const hourMs = 3_600_000
/** Ten years of quarter hours. */
const maxPrices = 350_000

const Points = Schema.Array(
  Schema.Struct({ start_date_time: Schema.String, price: Schema.Union([Schema.Finite, Schema.String]) })
)
const Hours = Schema.Array(Schema.Union([Schema.Finite, Schema.String]))
const decodePoints = Schema.decodeUnknownResult(Points, { onExcessProperty: "error" })
const decodeHours = Schema.decodeUnknownResult(Hours)

const refused = (path: string, message: string) => Result.fail(new EnergyPricesRefused({ path, message }))

/** A price per kWh in millionths; undefined when it is no decimal of at most six places, or absurd. */
export const priceMicrosOf = (price: number | string): number | undefined => {
  const micros = scaled(price, 6)
  return micros === undefined || micros < -1_000_000_000n || micros > 1_000_000_000n ? undefined : Number(micros)
}

/**
 * Reads what a price file holds: 24 prices per kWh by hour of the local day, or a list of
 * `{ "start_date_time", "price" }` in ascending order, each of which holds until the next.
 */
export const energyPricesOf = (json: unknown): Result.Result<EnergyPrices, EnergyPricesRefused> => {
  if (!Array.isArray(json) || json.length === 0) return refused("", "a list of prices is expected")
  if (json.length > maxPrices) return refused("", `${json.length} prices, at most ${maxPrices} may be`)
  if (typeof json[0] === "object") return seriesOf(json)
  const hours = decodeHours(json)
  if (Result.isFailure(hours) || hours.success.length !== 24)
    return refused("", "24 prices are expected, one for each hour of the day")
  const priceMicros = hours.success.map(priceMicrosOf)
  const wrong = priceMicros.indexOf(undefined)
  return wrong >= 0
    ? refused(`/${wrong}`, "no price per kWh of at most six decimals")
    : Result.succeed({ _tag: "ByHour", priceMicros: priceMicros.map((it) => it!) })
}

const seriesOf = (json: unknown): Result.Result<EnergyPrices, EnergyPricesRefused> => {
  const points = decodePoints(json)
  if (Result.isFailure(points))
    return refused("", `each is to have start_date_time and price: ${points.failure.message}`)
  const startAtMs: Array<number> = []
  const priceMicros: Array<number> = []
  for (const [index, { start_date_time: start, price }] of points.success.entries()) {
    const atMs = Instant.parse(start)
    const micros = priceMicrosOf(price)
    if (atMs === undefined) return refused(`/${index}/start_date_time`, "no instant")
    if (index > 0 && atMs <= startAtMs[index - 1]!)
      return refused(`/${index}/start_date_time`, "not after the one before it")
    if (micros === undefined) return refused(`/${index}/price`, "no price per kWh of at most six decimals")
    startAtMs.push(atMs)
    priceMicros.push(micros)
  }
  return Result.succeed({ _tag: "Series", startAtMs, priceMicros })
}

/** The price per kWh at an instant; undefined outside the series. `localHour` is that of the site. */
export const energyPriceAt = (prices: EnergyPrices, atMs: number, localHour: number): number | undefined => {
  if (prices._tag === "Flat") return prices.priceMicros
  if (prices._tag === "ByHour") return prices.priceMicros[localHour]
  const { startAtMs, priceMicros } = prices
  let low = -1
  let high = startAtMs.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (startAtMs[middle]! <= atMs) low = middle
    else high = middle - 1
  }
  if (low < 0 || (low === startAtMs.length - 1 && atMs >= startAtMs[low]! + hourMs)) return undefined
  return priceMicros[low]
}
