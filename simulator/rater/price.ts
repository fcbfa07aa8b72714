import { freeBy, isItsDay, quietOf, type Reduction, reduced, seriesPrice } from "./extras.ts"
import { decimal, type Fraction, fraction, nearest, nothing, over, plus, times, whole } from "./Fraction.ts"
import { holds, type Moment } from "./holds.ts"
import { limited } from "./limits.ts"
import type { OcpiPriceComponent, OcpiTariff, Stretch } from "./Model.ts"

export interface SlowLine {
  readonly scope: "session" | "reservation"
  readonly dimension: "ENERGY" | "TIME" | "PARKING_TIME" | "FLAT" | "RESERVATION_TIME"
  /** Into the stretches, by start. */
  readonly stretch: number
  readonly element: number
  readonly component: OcpiPriceComponent
  /** Of a kWh, an hour or once: the component's own, that of a series, or nothing where time is free. */
  readonly price: Fraction
  /** Why it is nothing. */
  readonly free: "GRACE" | "QUIET_HOURS" | undefined
  /** mWh, ms or times, step_size included. */
  readonly volume: bigint
  readonly net: Fraction
  readonly gross: Fraction
}

export interface SlowPrice {
  /** Before caps and discounts. */
  readonly lines: ReadonlyArray<SlowLine>
  readonly taken: ReadonlyArray<Reduction>
  readonly net: Fraction
  readonly gross: Fraction
  readonly netMinor: bigint
  readonly taxMinor: bigint
  readonly grossMinor: bigint
}

export interface PriceOptions {
  /** Of the location. */
  readonly timeZone: string
  /** The reservation was never used. */
  readonly reservationExpired?: boolean
  /** As the CMS names its readings of step_size. */
  readonly steps?: "parking-absorbs" | "sequential" | "none"
  /** The driver's, at the start. */
  readonly groups?: ReadonlyArray<string>
}

type Found = Omit<SlowLine, "net" | "gross">

/** What a session costs, worked out from the rules one after the other on exact fractions. */
export const slowPrice = (tariff: OcpiTariff, told: ReadonlyArray<Stretch>, options: PriceOptions): SlowPrice => {
  const stretches = [...told].sort((a, b) => a.startAtMs - b.startAtMs)
  const found = withSteps(findAll(tariff, stretches, options), options.steps ?? "parking-absorbs")
  const lines = found.map((line): SlowLine => ({ ...line, ...amountsOf(tariff, line) }))
  const { left, taken } = reduced(tariff, lines, options.groups ?? [])
  const { net, gross } = limited(tariff, left)
  const minor = whole(minorUnits(tariff.currency))
  const netMinor = nearest(times(net, minor))
  const grossMinor = nearest(times(gross, minor))
  return { lines, taken, net, gross, netMinor, grossMinor, taxMinor: grossMinor - netMinor }
}

/** Minor units of one unit of a currency. */
export const minorUnits = (currency: string): bigint => (currency === "JPY" ? 1n : currency === "KWD" ? 1000n : 100n)

const isReservedOnly = (it: Stretch): boolean =>
  it.reservedMs > 0 && it.energyMilliWh === 0 && it.chargingMs === 0 && it.parkingMs === 0

const findAll = (
  tariff: OcpiTariff,
  stretches: ReadonlyArray<Stretch>,
  { timeZone, reservationExpired }: PriceOptions
): ReadonlyArray<Found> => {
  const found: Array<Found> = []
  const sessionAtMs = (stretches.find((it) => !isReservedOnly(it)) ?? stretches[0])?.startAtMs ?? 0
  const reservationAtMs = stretches.find((it) => it.reservedMs > 0)?.startAtMs ?? 0
  const quiet = quietOf(tariff, stretches, timeZone)
  let energyMilliWh = 0
  stretches.forEach((stretch, index) => {
    const ask = (dimension: SlowLine["dimension"], volume: number, isReservation: boolean) => {
      if (volume === 0) return
      const scope = isReservation ? "reservation" : "session"
      if (dimension === "FLAT" && found.some((line) => line.scope === scope && line.dimension === "FLAT")) return
      const sinceMs = isReservation ? reservationAtMs : sessionAtMs
      const moment: Moment = { stretch, elapsedMs: stretch.startAtMs - sinceMs, energyMilliWh, timeZone }
      const kinds = isReservation
        ? reservationExpired === true
          ? (["RESERVATION_EXPIRES", "RESERVATION"] as const)
          : (["RESERVATION"] as const)
        : [undefined]
      const type = dimension === "RESERVATION_TIME" ? "TIME" : dimension
      for (const kind of kinds) {
        const priced = firstOf(tariff, type, kind, moment)
        if (priced === undefined) continue
        const { price, free } = costOf(tariff, priced, dimension, stretches, index, quiet)
        found.push({ scope, dimension, stretch: index, ...priced, price, free, volume: BigInt(volume) })
        return
      }
    }
    ask("RESERVATION_TIME", stretch.reservedMs, true)
    ask("FLAT", stretch.reservedMs > 0 ? 1 : 0, true)
    if (isReservedOnly(stretch)) return
    ask("ENERGY", stretch.energyMilliWh, false)
    ask("TIME", stretch.chargingMs, false)
    ask("PARKING_TIME", stretch.parkingMs, false)
    ask("FLAT", 1, false)
    energyMilliWh += stretch.energyMilliWh
  })
  return found
}

/** What a component costs there: where OCPI has nothing else to say, what it states. */
const costOf = (
  tariff: OcpiTariff,
  { element, component }: Pick<Found, "element" | "component">,
  dimension: SlowLine["dimension"],
  stretches: ReadonlyArray<Stretch>,
  index: number,
  quiet: ReadonlyArray<boolean>
): Pick<Found, "price" | "free"> => {
  const priced = tariff.elements[element]!
  const stated = { price: decimal(component.price), free: undefined }
  if (dimension === "ENERGY" && priced.wattproof?.energy_prices === true)
    return { ...stated, price: seriesPrice(tariff, stretches[index]!.startAtMs) ?? stated.price }
  if (dimension !== "PARKING_TIME") return stated
  const free = freeBy(priced, stretches, index, quiet)
  return free === undefined ? stated : { price: nothing, free }
}

const firstOf = (
  tariff: OcpiTariff,
  type: OcpiPriceComponent["type"],
  reservation: string | undefined,
  moment: Moment
): Pick<Found, "element" | "component"> | undefined => {
  for (const [element, it] of tariff.elements.entries()) {
    const { price_components, restrictions } = it
    const component = price_components.find((it) => it.type === type)
    if (component === undefined || restrictions?.reservation !== reservation) continue
    if (holds(restrictions, moment) && isItsDay(it, tariff, moment)) return { element, component }
  }
  return undefined
}

/**
 * Rounds up the total of what was priced, once per kind, by the step of the component that priced last; the last line
 * bears it. Time is left alone once parking is priced, or once parking came last.
 */
const withSteps = (lines: ReadonlyArray<Found>, steps: NonNullable<PriceOptions["steps"]>): ReadonlyArray<Found> => {
  if (steps === "none") return lines
  // Free time is not billed, so no step rounds it.
  const billed = lines.filter(({ free }) => free === undefined)
  const times = billed.filter(({ dimension }) => dimension === "TIME" || dimension === "PARKING_TIME")
  const hasParking = times.some(({ dimension }) => dimension === "PARKING_TIME")
  const timeKind = steps === "sequential" ? times[times.length - 1]?.dimension : hasParking ? "PARKING_TIME" : "TIME"
  const sames = Map.groupBy(billed, ({ dimension }) => dimension)
  return lines.map((line) => {
    const { dimension, component, free } = line
    if (free !== undefined) return line
    if (dimension !== "ENERGY" && dimension !== "RESERVATION_TIME" && dimension !== timeKind) return line
    const same = sames.get(dimension)!
    if (same[same.length - 1] !== line) return line
    const step = BigInt(component.step_size ?? 0) * 1000n
    const total = same.reduce((sum, { volume }) => sum + volume, 0n)
    if (step === 0n || total % step === 0n) return line
    return { ...line, volume: line.volume + (step - (total % step)) }
  })
}

const amountsOf = (
  { tax_included }: OcpiTariff,
  { dimension, component, price, volume }: Found
): { readonly net: Fraction; readonly gross: Fraction } => {
  const perUnit = dimension === "ENERGY" ? 1_000_000n : dimension === "FLAT" ? 1n : 3_600_000n
  const stated = times(price, fraction(volume, perUnit))
  const isTaxed = tax_included !== "N/A" && component.vat !== undefined
  const withTax = plus(whole(1), isTaxed ? over(decimal(component.vat), whole(100)) : nothing)
  return tax_included === "YES"
    ? { net: over(stated, withTax), gross: stated }
    : { net: stated, gross: times(stated, withTax) }
}
