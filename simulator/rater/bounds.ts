import {
  decimal,
  type Fraction,
  fraction,
  isLess,
  nearest,
  nothing,
  over,
  plus,
  times,
  whole,
  written
} from "./Fraction.ts"
import type { OcpiPriceComponent, OcpiTariff } from "./Model.ts"
import { minorUnits } from "./price.ts"

/** Whole quantities of a session, without when it took them. */
export interface Quantities {
  readonly energyWh: number
  readonly chargingMs: number
  readonly parkingMs: number
}

/** The least and the most that a session may cost; minor units. */
export interface Bounds {
  readonly leastNetMinor: bigint
  readonly mostNetMinor: bigint
  readonly leastGrossMinor: bigint
  readonly mostGrossMinor: bigint
}

interface Range {
  readonly least: Fraction
  readonly most: Fraction
}

const smaller = (a: Fraction, b: Fraction): Fraction => (isLess(a, b) ? a : b)
const greater = (a: Fraction, b: Fraction): Fraction => (isLess(a, b) ? b : a)

/**
 * Between what and what a session costs by a tariff whose prices depend on when and how it charged, by one who knows
 * only how much: every quantity at the least and at the most of the prices that could have held for it, one step more
 * included. Limits hold the bounds too.
 */
export const slowBounds = (tariff: OcpiTariff, { energyWh, chargingMs, parkingMs }: Quantities): Bounds => {
  const hours = (ms: number) => fraction(BigInt(ms), 3_600_000n)
  const parts = [
    boundsOf(tariff, "ENERGY", fraction(BigInt(energyWh), 1000n), 1000n),
    boundsOf(tariff, "TIME", hours(chargingMs), 3600n),
    boundsOf(tariff, "PARKING_TIME", hours(parkingMs), 3600n),
    boundsOf(tariff, "FLAT", whole(1), null)
  ]
  const sum = (of: (it: (typeof parts)[number]) => Fraction) =>
    parts.reduce((total, it) => plus(total, of(it)), nothing)
  const net = { least: sum((it) => it.net.least), most: sum((it) => it.net.most) }
  const gross = { least: sum((it) => it.gross.least), most: sum((it) => it.gross.most) }
  const reduced = withReductions(tariff, net, gross)
  const limited = withLimits(tariff, reduced.net, reduced.gross)
  const minor = (it: Fraction) => nearest(times(it, whole(minorUnits(tariff.currency))))
  return {
    leastNetMinor: minor(limited.net.least),
    mostNetMinor: minor(limited.net.most),
    leastGrossMinor: minor(limited.gross.least),
    mostGrossMinor: minor(limited.gross.most)
  }
}

/** `perStep` steps of 1 are one unit of the quantity; null where nothing is stepped. */
const boundsOf = (
  tariff: OcpiTariff,
  type: OcpiPriceComponent["type"],
  quantity: Fraction,
  perStep: bigint | null
): { readonly net: Range; readonly gross: Range } => {
  const { elements, tax_included } = tariff
  const none = { least: nothing, most: nothing }
  if (quantity.above === 0n) return { net: none, gross: none }
  const able = elements
    .filter(({ restrictions }) => restrictions?.reservation === undefined)
    .flatMap(({ price_components, restrictions, wattproof }) => {
      const component = price_components.find((it) => it.type === type)
      if (component === undefined) return []
      const isAlways = restrictions === undefined && wattproof?.holidays === undefined
      return [{ component, isAlways, hasSeries: type === "ENERGY" && wattproof?.energy_prices === true }]
    })
  // Behind one that always holds nobody asks.
  const last = able.findIndex(({ isAlways }) => isAlways)
  const components = (last < 0 ? able : able.slice(0, last + 1)).flatMap(({ component, hasSeries }) =>
    hasSeries ? [component, ...seriesOf(tariff, component)] : [component]
  )
  if (components.length === 0) return { net: none, gross: none }
  const step = components.reduce((most, { step_size = 0 }) => Math.max(most, step_size), 0)
  const stepped = perStep === null || step === 0 ? quantity : plus(quantity, fraction(BigInt(step), perStep))
  const rangeOf = (perUnit: (component: OcpiPriceComponent) => Fraction): Range => {
    const prices = components.map(perUnit)
    const cheapest = last < 0 || mayBeFree(tariff, type) ? nothing : prices.reduce(smaller)
    return { least: times(cheapest, quantity), most: times(prices.reduce(greater), stepped) }
  }
  const withTax = ({ vat }: OcpiPriceComponent) =>
    tax_included === "N/A" || vat === undefined ? whole(1) : plus(whole(1), over(decimal(vat), whole(100)))
  return {
    net: rangeOf((it) => (tax_included === "YES" ? over(decimal(it.price), withTax(it)) : decimal(it.price))),
    gross: rangeOf((it) => (tax_included === "YES" ? decimal(it.price) : times(decimal(it.price), withTax(it))))
  }
}

/** The component at every price of the series. */
const seriesOf = ({ wattproof }: OcpiTariff, component: OcpiPriceComponent): ReadonlyArray<OcpiPriceComponent> => {
  const { surcharge = 0, prices = [] } = wattproof?.energy_prices ?? {}
  return prices.map(({ price }) => {
    const sum = plus(decimal(price), decimal(surcharge))
    return { ...component, price: isLess(sum, nothing) ? "0" : written(sum, 6) }
  })
}

/** Whether a grace period or quiet hours may free it. */
const mayBeFree = ({ elements, wattproof }: OcpiTariff, type: OcpiPriceComponent["type"]): boolean =>
  type === "PARKING_TIME" &&
  ((wattproof?.quiet_hours ?? []).length > 0 || elements.some((it) => it.wattproof?.grace !== undefined))

/** Caps and discounts may take anything: how much depends on what they find. */
const withReductions = (
  tariff: OcpiTariff,
  net: Range,
  gross: Range
): { readonly net: Range; readonly gross: Range } => {
  const { caps = [], discounts = [] } = tariff.wattproof ?? {}
  if (caps.length + discounts.length === 0) return { net, gross }
  return { net: { ...net, least: nothing }, gross: { ...gross, least: nothing } }
}

/** Each limit pushes the bounds apart where it cannot be said what it leaves of the taxes. */
const withLimits = (tariff: OcpiTariff, net: Range, gross: Range): { readonly net: Range; readonly gross: Range } => {
  const at = (value: number | undefined) => (value === undefined ? undefined : decimal(value))
  const [minNet, minGross] = [at(tariff.min_price?.before_taxes), at(tariff.min_price?.after_taxes)]
  const [maxNet, maxGross] = [at(tariff.max_price?.before_taxes), at(tariff.max_price?.after_taxes)]
  const vats = tariff.elements.flatMap((it) => it.price_components.map(({ vat = 0 }) => decimal(vat)))
  const mostTax = plus(whole(1), over(vats.reduce(greater, nothing), whole(100)))
  let [leastNet, mostNet, leastGross, mostGross] = [net.least, net.most, gross.least, gross.most]
  if (maxNet !== undefined) {
    leastNet = smaller(leastNet, maxNet)
    mostNet = smaller(mostNet, maxNet)
    leastGross = smaller(leastGross, maxNet)
  }
  if (minNet !== undefined) {
    leastNet = greater(leastNet, minNet)
    mostNet = greater(mostNet, minNet)
    leastGross = greater(leastGross, minNet)
    mostGross = greater(mostGross, times(minNet, mostTax))
  }
  if (minGross !== undefined) {
    leastGross = greater(leastGross, minGross)
    mostGross = greater(mostGross, minGross)
  }
  if (maxGross !== undefined) {
    leastNet = smaller(leastNet, over(maxGross, mostTax))
    leastGross = smaller(leastGross, maxGross)
    mostGross = smaller(mostGross, maxGross)
  }
  return { net: { least: leastNet, most: mostNet }, gross: { least: leastGross, most: mostGross } }
}
