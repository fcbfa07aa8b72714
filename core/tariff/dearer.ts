import * as Instant from "../Instant.ts"
import { unscaled } from "../Money.ts"
import type { CappedDimension } from "./extras/Extras.ts"
import type { Tariff, TariffDimension } from "./Tariff.ts"

/** Where a tariff asks more than it ever did, as a JSON pointer, and how much more. */
export interface Dearer {
  readonly path: string
  readonly message: string
}

/** A price for one unit of a dimension: of an element, or of the series with its surcharge. */
interface Asked {
  readonly type: TariffDimension
  readonly priceMicros: number
  readonly path: string
  /** Since when a price of the series holds; null: an element's own. */
  readonly fromMs: number | null
}

/**
 * In what a tariff asks more than any earlier version in its currency did: a price for a dimension, by an element or by the
 * series (of which the dearest is told); a cap that is higher, or gone; parking that is free for a shorter time. What no
 * version had yet is new, not dearer.
 */
export const dearerThanEver = (tariff: Tariff, earlier: ReadonlyArray<Tariff>): ReadonlyArray<Dearer> => {
  const past = earlier.filter(({ currency }) => currency === tariff.currency)
  return past.length === 0
    ? []
    : [...dearerPrices(tariff, past), ...higherCaps(tariff, past), ...shorterGraces(tariff, past)]
}

const dearerPrices = (tariff: Tariff, past: ReadonlyArray<Tariff>): ReadonlyArray<Dearer> => {
  const most = new Map<TariffDimension, number>()
  for (const { type, priceMicros } of past.flatMap(askedBy)) most.set(type, Math.max(most.get(type) ?? 0, priceMicros))
  return askedBy(tariff).flatMap(({ type, priceMicros, path, fromMs }) => {
    const before = most.get(type)
    if (before === undefined || priceMicros <= before) return []
    const from = fromMs === null ? "" : `, surcharge included, from ${Instant.format(fromMs)}`
    const message = `${type} at ${money(priceMicros, tariff)}${from} is above the ${money(before, tariff)} asked at most until now.`
    return [{ path, message }]
  })
}

const askedBy = ({ elements, extras }: Tariff): ReadonlyArray<Asked> => {
  const own = elements.flatMap(({ priceComponents }, element) =>
    priceComponents.map(({ type, priceMicros }, component): Asked => {
      return { type, priceMicros, path: `/elements/${element}/price_components/${component}/price`, fromMs: null }
    })
  )
  const series = elements.some((element) => element.extras?.usesEnergyPrices === true) ? extras?.energyPrices : null
  if (!series) return own
  const { prices, surchargeMicros } = series
  const most = Math.max(...prices.map(({ priceMicros }) => priceMicros))
  const index = prices.findIndex(({ priceMicros }) => priceMicros === most)
  const path = `/wattproof/energy_prices/prices/${index}/price`
  const { startAtMs } = prices[index]!
  return [...own, { type: "ENERGY", priceMicros: most + surchargeMicros, path, fromMs: startAtMs }]
}

const capped: ReadonlyArray<CappedDimension> = ["ENERGY", "TIME", "PARKING_TIME"]

const higherCaps = (tariff: Tariff, past: ReadonlyArray<Tariff>): ReadonlyArray<Dearer> =>
  capped.flatMap((dimension) => {
    const most = Math.max(...past.map((version) => capOf(version, dimension) ?? 0))
    const cap = capOf(tariff, dimension)
    if (most === 0 || cap === null || cap <= most) return []
    const index = tariff.extras?.caps.findIndex((it) => it.dimension === dimension) ?? -1
    const path = index < 0 ? "/wattproof/caps" : `/wattproof/caps/${index}/amount`
    const now = index < 0 ? "has no cap" : `has a cap of ${money(cap, tariff)}`
    return [{ path, message: `${dimension} ${now}; until now it was ${money(most, tariff)} at most.` }]
  })

/** The most that a session pays for it; infinite without a cap, null where nothing prices it. */
const capOf = ({ elements, extras }: Tariff, dimension: CappedDimension): number | null =>
  elements.some(({ priceComponents }) => priceComponents.some(({ type }) => type === dimension))
    ? (extras?.caps.find((it) => it.dimension === dimension)?.amountMicros ?? Number.POSITIVE_INFINITY)
    : null

const shorterGraces = (tariff: Tariff, past: ReadonlyArray<Tariff>): ReadonlyArray<Dearer> => {
  const least = Math.min(...past.flatMap(gracesOf).map(({ freeMs }) => freeMs))
  if (!Number.isFinite(least)) return []
  return gracesOf(tariff).flatMap(({ freeMs, element }) => {
    if (freeMs >= least) return []
    const message = `Parking is free for ${freeMs / 1000} s; until now it was for ${least / 1000} s at least.`
    return [{ path: `/elements/${element}/wattproof/grace`, message }]
  })
}

/** How long parking is free by each element that charges it. */
const gracesOf = ({ elements }: Tariff): ReadonlyArray<{ readonly freeMs: number; readonly element: number }> =>
  elements.flatMap(({ priceComponents, extras }, element) =>
    priceComponents.some(({ type, priceMicros }) => type === "PARKING_TIME" && priceMicros > 0)
      ? [{ freeMs: extras?.grace?.freeMs ?? 0, element }]
      : []
  )

const money = (micros: number, { currency }: Tariff): string => `${unscaled(BigInt(micros), 6, 2)} ${currency}`
