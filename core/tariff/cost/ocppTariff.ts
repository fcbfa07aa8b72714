import { Data, Result, Schema, SchemaIssue } from "effect"
import { scaled, unscaled } from "../../Money.ts"
import { Tariff } from "../Tariff.ts"
import { type ConditionsWire, OcppTariffWire, type PriceWire, type TaxRateWire } from "./ocppWire.ts"
import type { TaxRate } from "./taxStack.ts"

/** A tariff of OCPP 2.1 was refused: what is wrong, and where as a JSON pointer (`/energy/prices/0/priceKwh`). */
export class OcppTariffInvalid extends Data.TaggedError("OcppTariffInvalid")<{
  readonly path: string
  readonly message: string
}> {}

/** The six kinds of prices of a TariffType, in the order in which costs are told. */
export const costDimensions = [
  "fixedFee",
  "energy",
  "chargingTime",
  "idleTime",
  "reservationTime",
  "reservationFixed"
] as const
export type CostDimension = (typeof costDimensions)[number]

/** A bound of the total; null where it is not bounded. Millionths of a currency unit. */
export interface CostBound {
  readonly exclTaxMicros: number | null
  readonly inclTaxMicros: number | null
  readonly taxRates: ReadonlyArray<TaxRate>
}

/** What is known of a transaction before it starts, as far as a price may depend on it. */
export interface TransactionFacts {
  readonly evseKind?: "AC" | "DC"
  readonly paymentBrand?: string
  readonly paymentRecognition?: string
}

/** A TariffType of OCPP 2.1 made ready: net prices for the rating engine, and what the engine does not know. */
export interface OcppTariff {
  /** Net prices. A price whose fixed conditions the transaction does not meet is not in it. */
  readonly tariff: Tariff
  readonly taxRates: Readonly<Record<CostDimension, ReadonlyArray<TaxRate>>>
  readonly minCost: CostBound | null
  readonly maxCost: CostBound | null
}

const decodeWire = Schema.decodeUnknownResult(OcppTariffWire, { onExcessProperty: "error" })
const issuesOf = SchemaIssue.makeFormatterStandardSchemaV1()

type Faults = Array<{ readonly path: string; readonly message: string }>

/**
 * Reads a TariffType for one transaction. Prices per minute become prices per hour, Wh kWh and W kW, exactly. Conditions
 * on charging time or idle time alone are refused (`ConditionNotSupported`): the engine knows the session's duration
 * only.
 */
export const readOcppTariff = (
  json: unknown,
  facts: TransactionFacts = {}
): Result.Result<OcppTariff, OcppTariffInvalid> => {
  const decoded = decodeWire(json)
  if (Result.isFailure(decoded)) {
    const issue = issuesOf(decoded.failure.issue).issues[0]
    const path = (issue?.path ?? []).map((key) => `/${String(typeof key === "object" ? key.key : key)}`).join("")
    return Result.fail(new OcppTariffInvalid({ path, message: issue?.message ?? decoded.failure.message }))
  }
  const wire = decoded.success
  const faults: Faults = []
  const elements = costDimensions.flatMap((dimension) => elementsOf(wire, dimension, facts, faults))
  // A tariff of OCPI needs an element; one that never holds prices nothing.
  const never = { price_components: [{ type: "FLAT", price: 0 }], restrictions: { max_duration: 0 } }
  const tariff = Tariff.decode({
    id: "ocpp",
    currency: wire.currency,
    tax_included: "NO",
    elements: elements.length === 0 ? [never] : elements.map(({ element }) => element),
    ...(typeof wire.validFrom === "string" && { start_date_time: wire.validFrom })
  })
  const rates = (dimension: CostDimension) => ratesOf(wire[dimension]?.taxRates, `/${dimension}/taxRates`, faults)
  const taxRates = {
    fixedFee: rates("fixedFee"),
    energy: rates("energy"),
    chargingTime: rates("chargingTime"),
    idleTime: rates("idleTime"),
    reservationTime: rates("reservationTime"),
    reservationFixed: rates("reservationFixed")
  }
  const minCost = boundOf(wire.minCost, "/minCost", faults)
  const maxCost = boundOf(wire.maxCost, "/maxCost", faults)
  const first = faults[0]
  if (first !== undefined) return Result.fail(new OcppTariffInvalid(first))
  if (Result.isFailure(tariff)) return Result.fail(refusedBy(tariff.failure, elements))
  return Result.succeed({ tariff: { ...tariff.success, id: wire.tariffId }, taxRates, minCost, maxCost })
}

interface Element {
  readonly path: string
  readonly element: unknown
}

/** A fault that was found in the tariff as OCPI names it, at the place in OCPP's. */
const refusedBy = (
  { path, message }: { readonly path: string; readonly message: string },
  elements: ReadonlyArray<Element>
): OcppTariffInvalid => {
  const index = /^\/elements\/(\d+)/.exec(path)?.[1]
  if (index === undefined)
    return new OcppTariffInvalid({ path: path === "/start_date_time" ? "/validFrom" : path, message })
  const name = path.slice(path.lastIndexOf("/") + 1)
  const condition = Object.entries(restrictionOf).find(([, restriction]) => restriction === name)?.[0]
  const place = elements[Number(index)]?.path ?? ""
  return new OcppTariffInvalid({ path: condition === undefined ? place : `${place}/conditions/${condition}`, message })
}

const componentType = {
  fixedFee: "FLAT",
  energy: "ENERGY",
  chargingTime: "TIME",
  idleTime: "PARKING_TIME",
  reservationTime: "TIME",
  reservationFixed: "FLAT"
} as const

const elementsOf = (
  wire: OcppTariffWire,
  dimension: CostDimension,
  facts: TransactionFacts,
  faults: Faults
): ReadonlyArray<Element> => {
  const prices = wire[dimension]?.prices ?? []
  const elements: Array<Element> = []
  prices.forEach((price, index) => {
    const path = `/${dimension}/prices/${index}`
    const conditions: ConditionsWire = price.conditions ?? {}
    if (!meets(conditions, facts)) return
    const isReserved = dimension === "reservationTime" || dimension === "reservationFixed"
    const restrictions = {
      ...restrictionsOf(conditions, `${path}/conditions`, faults),
      ...(isReserved && { reservation: "RESERVATION" })
    }
    elements.push({
      path,
      element: {
        price_components: [{ type: componentType[dimension], price: priceOf(price, path, faults), step_size: 0 }],
        restrictions
      }
    })
  })
  return elements
}

const meets = (conditions: ConditionsWire, facts: TransactionFacts): boolean =>
  (["evseKind", "paymentBrand", "paymentRecognition"] as const).every(
    (key) => conditions[key] === undefined || conditions[key] === null || conditions[key] === facts[key]
  )

/** As decimal text per kWh, per hour or once. */
const priceOf = (price: Readonly<Record<string, unknown>>, path: string, faults: Faults): string => {
  const key = ["priceKwh", "priceMinute", "priceFixed"].find((it) => it in price)!
  const perHour = key === "priceMinute" ? 60n : 1n
  return unscaled(decimal(price[key], 6, `${path}/${key}`, faults) * perHour, 6)
}

const decimal = (value: unknown, digits: number, path: string, faults: Faults): bigint => {
  const read = typeof value === "number" || typeof value === "string" ? scaled(value, digits) : undefined
  if (read === undefined) faults.push({ path, message: `must be a decimal number with at most ${digits} decimals` })
  return read ?? 0n
}

/** Conditions of OCPP by OCPI's name for the same. */
const restrictionOf: Readonly<Record<string, string>> = {
  startTimeOfDay: "start_time",
  endTimeOfDay: "end_time",
  validFromDate: "start_date",
  validToDate: "end_date",
  dayOfWeek: "day_of_week",
  minEnergy: "min_kwh",
  maxEnergy: "max_kwh",
  minPower: "min_power",
  maxPower: "max_power",
  minCurrent: "min_current",
  maxCurrent: "max_current",
  minTime: "min_duration",
  maxTime: "max_duration"
}

const inThousands: ReadonlySet<string> = new Set(["minEnergy", "maxEnergy", "minPower", "maxPower"])
const unsupported: ReadonlySet<string> = new Set(["minChargingTime", "maxChargingTime", "minIdleTime", "maxIdleTime"])

const restrictionsOf = (
  conditions: ConditionsWire,
  path: string,
  faults: Faults
): Readonly<Record<string, unknown>> => {
  const restrictions: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(conditions)) {
    if (value === undefined || value === null) continue
    if (unsupported.has(key)) faults.push({ path: `${path}/${key}`, message: "ConditionNotSupported" })
    const name = restrictionOf[key]
    if (name === undefined) continue
    if (key === "dayOfWeek" && Array.isArray(value)) restrictions[name] = value.map((day) => String(day).toUpperCase())
    else if (inThousands.has(key)) restrictions[name] = unscaled(decimal(value, 3, `${path}/${key}`, faults), 6)
    else restrictions[name] = value
  }
  return restrictions
}

const ratesOf = (
  rates: ReadonlyArray<TaxRateWire> | null | undefined,
  path: string,
  faults: Faults
): ReadonlyArray<TaxRate> =>
  (rates ?? []).map(({ type, tax, stack }, index) => {
    const ppm = Number(decimal(tax, 4, `${path}/${index}/tax`, faults))
    if (ppm < 0 || ppm > 10_000_000) faults.push({ path: `${path}/${index}/tax`, message: "must be from 0 to 1000" })
    return { type, ppm, stack: stack ?? 0 }
  })

const boundOf = (price: PriceWire | null | undefined, path: string, faults: Faults): CostBound | null => {
  if (price === null || price === undefined) return null
  const micros = (key: "exclTax" | "inclTax"): number | null =>
    price[key] === undefined || price[key] === null ? null : Number(decimal(price[key], 6, `${path}/${key}`, faults))
  return {
    exclTaxMicros: micros("exclTax"),
    inclTaxMicros: micros("inclTax"),
    taxRates: ratesOf(price.taxRates, `${path}/taxRates`, faults)
  }
}
