import * as Instant from "../../Instant.ts"
import { noRestrictions } from "../restrictions.ts"
import type { Tariff, TariffElement } from "../Tariff.ts"
import { dayMs } from "../Zone.ts"
import type { Lose } from "./Loss.ts"

/** Elements that OCPI tariffs are read with here; a calendar may need many. */
const maxElements = 500

/**
 * The tariff in the terms of OCPI, which OCPP 2.1 has too, and a loss for each of the extras that it cannot say. A
 * calendar can be said: an element for holidays, or for all other days, becomes one for each range of dates, side by
 * side in its place, so that the same prices hold on the same days.
 */
export const withoutExtras = (tariff: Tariff, target: string, lose: Lose): Tariff => {
  const { extras } = tariff
  if (extras === null && tariff.elements.every((element) => element.extras === null)) return tariff
  reportTariff(tariff, target, lose)
  const dates = extras?.holidays?.dates ?? []
  let left = maxElements - tariff.elements.length
  const elements = tariff.elements.flatMap((element, index): ReadonlyArray<TariffElement> => {
    if (element.extras === null) return [element]
    const path = `/elements/${index}/wattproof`
    const plain = { ...element, extras: null }
    const { holidays, grace, usesEnergyPrices } = element.extras
    if (grace !== null)
      lose(`${path}/grace`, "price", `${target} has no grace period; parking is charged from its first second.`)
    if (usesEnergyPrices)
      lose(`${path}/energy_prices`, "price", `${target} has no price series; the component's own price is written.`)
    if (holidays === null) return [plain]
    const ranged = holidays === "ONLY" ? runsOf(dates) : complementOf(runsOf(dates))
    const written = ranged.flatMap((range) => within(plain, range))
    left -= written.length - 1
    if (left < 0) {
      lose(`${path}/holidays`, "price", `The calendar takes more than ${maxElements} elements; this one is left out.`)
      return []
    }
    const sentence = `${target} has no holidays; the element is written by date, ${written.length === 1 ? "once" : `${written.length} times`}.`
    lose(`${path}/holidays`, "nothing", sentence)
    return written
  })
  return { ...tariff, extras: null, elements: elements.length === 0 ? [freeElement] : elements }
}

/** Free of charge, as OCPI says it: a tariff has one element at least. */
export const freeElement: TariffElement = {
  priceComponents: [{ type: "FLAT", priceMicros: 0, vatPpm: null, stepSize: 0 }],
  restrictions: null,
  extras: null
}

const reportTariff = ({ extras }: Tariff, target: string, lose: Lose): void => {
  extras?.quietHours.forEach((_, index) => {
    lose(`/wattproof/quiet_hours/${index}`, "price", `${target} has no quiet hours; parking is charged in them too.`)
  })
  if (extras?.holidays)
    lose("/wattproof/holidays", "nothing", `${target} has no calendar; its name is left out, its dates are written.`)
  extras?.caps.forEach(({ dimension }, index) => {
    const sentence = `${target} has no cap of a dimension; ${dimension} is not bounded.`
    lose(`/wattproof/caps/${index}`, "price", sentence)
  })
  if (extras?.energyPrices)
    lose("/wattproof/energy_prices", "price", `${target} has no price series; its prices are left out.`)
  extras?.discounts.forEach(({ name }, index) => {
    lose(`/wattproof/discounts/${index}`, "price", `${target} has no discounts; "${name}" is not taken.`)
  })
}

/** Local days: from the first until before the second; null is open. */
type Range = readonly [from: string | null, to: string | null]

const dayAfter = (date: string): string =>
  Instant.format((Instant.parse(`${date}T00:00:00Z`) ?? 0) + dayMs).slice(0, 10)

/** Days in a row as one range. */
const runsOf = (dates: ReadonlyArray<string>): ReadonlyArray<readonly [string, string]> => {
  const runs: Array<readonly [string, string]> = []
  for (const date of dates) {
    const last = runs[runs.length - 1]
    if (last !== undefined && last[1] === date) runs[runs.length - 1] = [last[0], dayAfter(date)]
    else runs.push([date, dayAfter(date)])
  }
  return runs
}

const complementOf = (runs: ReadonlyArray<readonly [string, string]>): ReadonlyArray<Range> =>
  [...runs, null].map((run, index): Range => [runs[index - 1]?.[1] ?? null, run?.[0] ?? null])

/** The element on those days alone; nothing where its own dates allow none of them. */
const within = (element: TariffElement, [from, to]: Range): ReadonlyArray<TariffElement> => {
  const restrictions = element.restrictions ?? noRestrictions
  const startDate = [restrictions.startDate, from].reduce((a, b) => (a === null || (b !== null && b > a) ? b : a))
  const endDate = [restrictions.endDate, to].reduce((a, b) => (a === null || (b !== null && b < a) ? b : a))
  if (startDate !== null && endDate !== null && startDate >= endDate) return []
  return [{ ...element, restrictions: { ...restrictions, startDate, endDate } }]
}
