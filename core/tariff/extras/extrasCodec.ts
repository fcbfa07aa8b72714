import * as Instant from "../../Instant.ts"
import { dateOf, decimal, type Faults, instantOf, minuteOf, price, quantity, time } from "../figures.ts"
import type { Tariff, TariffElement } from "../Tariff.ts"
import type { Cap, Discount, ElementExtras, EnergyPrices, Grace, QuietHours, TariffExtras } from "./Extras.ts"
import type {
  CapWire,
  DiscountWire,
  ElementExtrasWire,
  EnergyPricesWire,
  QuietHoursWire,
  TariffExtrasWire
} from "./ExtrasWire.ts"

/** Reads a tariff's `wattproof`; one that says nothing is none. */
export const extrasOf = (
  wire: TariffExtrasWire | null | undefined,
  path: string,
  faults: Faults
): TariffExtras | null => {
  if (wire === null || wire === undefined) return null
  const { holidays, energy_prices: series } = wire
  const extras: TariffExtras = {
    quietHours: (wire.quiet_hours ?? []).map(quietHoursOf),
    holidays:
      holidays === null || holidays === undefined
        ? null
        : {
            name: holidays.name,
            dates: [
              ...new Set(holidays.dates.map((it, index) => dateOf(it, `${path}/holidays/dates/${index}`, faults)!))
            ]
              // As text they are in order of the calendar.
              .sort()
          },
    caps: capsOf(wire.caps ?? [], `${path}/caps`, faults),
    energyPrices:
      series === null || series === undefined ? null : energyPricesOf(series, `${path}/energy_prices`, faults),
    discounts: (wire.discounts ?? []).map((it, index) => discountOf(it, `${path}/discounts/${index}`, faults))
  }
  const { quietHours, caps, energyPrices, discounts } = extras
  const isEmpty = quietHours.length + caps.length + discounts.length === 0 && energyPrices === null
  return isEmpty && extras.holidays === null ? null : extras
}

const quietHoursOf = (wire: QuietHoursWire): QuietHours => {
  const days = wire.day_of_week ?? []
  return {
    startMinute: minuteOf(wire.start_time)!,
    endMinute: minuteOf(wire.end_time)!,
    daysOfWeek: days.length === 0 ? null : days
  }
}

const capsOf = (wires: ReadonlyArray<CapWire>, path: string, faults: Faults): ReadonlyArray<Cap> =>
  wires.map(({ type, amount }, index) => {
    if (wires.findIndex((it) => it.type === type) < index)
      faults.push({ path: `${path}/${index}/type`, message: `is the second cap of ${type}: keep one of them` })
    return { dimension: type, amountMicros: price(amount, `${path}/${index}/amount`, faults) ?? 0 }
  })

/** The series of a version, or what a further day adds to it: in order, each price for some time. */
export const energyPricesOf = (wire: EnergyPricesWire, path: string, faults: Faults): EnergyPrices => {
  const prices = wire.prices.map((it, index) => ({
    startAtMs: instantOf(it.start_date_time, `${path}/prices/${index}/start_date_time`, faults) ?? 0,
    priceMicros: price(it.price, `${path}/prices/${index}/price`, faults) ?? 0
  }))
  prices.forEach(({ startAtMs }, index) => {
    if (index > 0 && startAtMs <= prices[index - 1]!.startAtMs)
      faults.push({
        path: `${path}/prices/${index}/start_date_time`,
        message: "is not after the start of the price before it: sort the prices by their starts, each instant once"
      })
  })
  const endAtMs = instantOf(wire.end_date_time, `${path}/end_date_time`, faults) ?? 0
  const last = prices[prices.length - 1]
  if (last !== undefined && endAtMs <= last.startAtMs)
    faults.push({
      path: `${path}/end_date_time`,
      message: "is not after the start of the last price: write the instant until which that holds"
    })
  return { surchargeMicros: price(wire.surcharge, `${path}/surcharge`, faults) ?? 0, prices, endAtMs }
}

const discountOf = (wire: DiscountWire, path: string, faults: Faults): Discount => {
  const ratePpm = quantity(wire.percent, 4, `${path}/percent`, faults)
  const amountMicros = price(wire.amount, `${path}/amount`, faults)
  if ((ratePpm === null) === (amountMicros === null))
    faults.push({ path, message: "must have either percent or amount" })
  return { name: wire.name, dimension: wire.type ?? null, ratePpm, amountMicros, groups: wire.groups ?? null }
}

/** Reads an element's `wattproof`; one that says nothing is none. */
export const elementExtrasOf = (
  wire: ElementExtrasWire | null | undefined,
  path: string,
  faults: Faults
): ElementExtras | null => {
  if (wire === null || wire === undefined) return null
  const holidays = wire.holidays ?? null
  const usesEnergyPrices = wire.energy_prices ?? false
  const { grace: told } = wire
  const grace: Grace | null =
    told === null || told === undefined
      ? null
      : { freeMs: quantity(told.seconds, 3, `${path}/grace/seconds`, faults) ?? 0, per: told.per }
  return holidays === null && grace === null && !usesEnergyPrices ? null : { holidays, grace, usesEnergyPrices }
}

/** Elements that refer to a calendar or a series that the tariff does not have: nobody can price that. */
export const danglingExtras = ({ elements, extras }: Tariff): Faults =>
  elements.flatMap((element, index) => {
    const path = `/elements/${index}/wattproof`
    const faults: Faults = []
    if ((element.extras?.holidays ?? null) !== null && (extras?.holidays ?? null) === null)
      faults.push({ path: `${path}/holidays`, message: "has no calendar: add /wattproof/holidays with name and dates" })
    if (element.extras?.usesEnergyPrices === true && (extras?.energyPrices ?? null) === null)
      faults.push({ path: `${path}/energy_prices`, message: "has no series: add /wattproof/energy_prices with prices" })
    return faults
  })

/** Extras that are well formed and make no sense; see `Tariff.parse`. */
export const nonsenseOfExtras = (tariff: Tariff): Faults[number] | undefined => {
  const { caps = [], discounts = [] } = tariff.extras ?? {}
  for (const [index, { amountMicros }] of caps.entries()) {
    if (amountMicros <= 0)
      return {
        path: `/wattproof/caps/${index}/amount`,
        message: "must be above 0: a price of 0 is said at its element"
      }
  }
  for (const [index, { ratePpm, amountMicros }] of discounts.entries()) {
    const path = `/wattproof/discounts/${index}`
    if (ratePpm !== null && (ratePpm <= 0 || ratePpm > 1_000_000))
      return { path: `${path}/percent`, message: "must be above 0 and at most 100" }
    if (amountMicros !== null && amountMicros <= 0) return { path: `${path}/amount`, message: "must be above 0" }
  }
  for (const [index, element] of tariff.elements.entries()) {
    const fault = nonsensicalElementExtras(element, `/elements/${index}/wattproof`)
    if (fault !== undefined) return fault
  }
  return undefined
}

const nonsensicalElementExtras = (
  { extras, priceComponents, restrictions }: TariffElement,
  path: string
): Faults[number] | undefined => {
  if (extras === null) return undefined
  const { grace, usesEnergyPrices } = extras
  const prices = (dimension: string) => priceComponents.some(({ type }) => type === dimension)
  if (grace !== null) {
    if (grace.freeMs <= 0)
      return { path: `${path}/grace/seconds`, message: "must be above 0: leave grace out where there is none" }
    if (!prices("PARKING_TIME"))
      return { path: `${path}/grace`, message: "frees nothing: put it on an element that prices PARKING_TIME" }
  }
  if (usesEnergyPrices && !prices("ENERGY"))
    return { path: `${path}/energy_prices`, message: "prices nothing: put it on an element that prices ENERGY" }
  if ((restrictions?.reservation ?? null) !== null && (grace !== null || usesEnergyPrices))
    return { path, message: "a reservation has neither parking nor energy: leave grace and energy_prices out" }
  return undefined
}

/** As `wattproof` of a tariff. */
export const encodeExtras = (it: TariffExtras): TariffExtrasWire => ({
  ...(it.quietHours.length > 0 && {
    quiet_hours: it.quietHours.map(({ startMinute, endMinute, daysOfWeek }) => ({
      start_time: time(startMinute),
      end_time: time(endMinute),
      ...(daysOfWeek !== null && { day_of_week: daysOfWeek })
    }))
  }),
  ...(it.holidays !== null && { holidays: it.holidays }),
  ...(it.caps.length > 0 && {
    caps: it.caps.map(({ dimension, amountMicros }) => ({ type: dimension, amount: decimal(amountMicros, 6) }))
  }),
  ...(it.energyPrices !== null && { energy_prices: encodeEnergyPrices(it.energyPrices) }),
  ...(it.discounts.length > 0 && {
    discounts: it.discounts.map(({ name, dimension, ratePpm, amountMicros, groups }) => ({
      name,
      ...(dimension !== null && { type: dimension }),
      ...(ratePpm !== null && { percent: decimal(ratePpm, 4) }),
      ...(amountMicros !== null && { amount: decimal(amountMicros, 6) }),
      ...(groups !== null && { groups })
    }))
  })
})

const encodeEnergyPrices = ({ surchargeMicros, prices, endAtMs }: EnergyPrices): EnergyPricesWire => ({
  ...(surchargeMicros !== 0 && { surcharge: decimal(surchargeMicros, 6) }),
  prices: prices.map(({ startAtMs, priceMicros }) => ({
    start_date_time: Instant.format(startAtMs),
    price: decimal(priceMicros, 6)
  })),
  end_date_time: Instant.format(endAtMs)
})

/** As `wattproof` of an element. */
export const encodeElementExtras = ({ holidays, grace, usesEnergyPrices }: ElementExtras): ElementExtrasWire => ({
  ...(holidays !== null && { holidays }),
  ...(grace !== null && { grace: { seconds: decimal(grace.freeMs, 3), per: grace.per } }),
  ...(usesEnergyPrices && { energy_prices: true })
})
