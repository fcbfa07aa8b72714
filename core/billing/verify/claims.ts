import { Result } from "effect"
import { add, type Exact, exact, powerOfTen, scaled, zero } from "../../Money.ts"
import { CdrInvalid } from "../../tariff/cdrCodec.ts"

/** A figure as a CDR states it: exact, and with how many decimals. */
export interface Figure {
  readonly value: Exact
  readonly decimals: number
  /** As it was written. */
  readonly text: string
}

/** An amount before and after taxes; null where the CDR does not say. */
export interface PriceClaim {
  readonly net: Figure
  readonly gross: Figure | null
}

/** What a CDR says of its own totals, in OCPI 2.1.1 (a number), 2.2.1 (excl_vat) or 2.3.0 (before_taxes). */
export interface Claims {
  readonly totalCost: PriceClaim | null
  readonly energyCost: PriceClaim | null
  readonly timeCost: PriceClaim | null
  readonly parkingCost: PriceClaim | null
  readonly fixedCost: PriceClaim | null
  readonly reservationCost: PriceClaim | null
  /** kWh and hours. */
  readonly totalEnergy: Figure | null
  readonly totalTime: Figure | null
  readonly totalParkingTime: Figure | null
  /** A credit CDR: only its total cost is negative. */
  readonly isCredit: boolean
}

/** More decimals than any CDR has. */
const digits = 15

type Json = Readonly<Record<string, unknown>>
const isJson = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value)

/** Reads the totals out of a CDR as JSON; `decodeCdr` reads the session. */
export const readClaims = (cdr: unknown): Result.Result<Claims, CdrInvalid> => {
  if (!isJson(cdr)) return Result.fail(new CdrInvalid({ path: "", message: "is no JSON object" }))
  const faults: Array<CdrInvalid> = []
  const figure = (value: unknown, path: string): Figure | null => {
    if (value === undefined || value === null) return null
    const read = typeof value === "number" || typeof value === "string" ? scaled(value, digits) : undefined
    if (read === undefined) {
      faults.push(new CdrInvalid({ path, message: `must be a decimal number with at most ${digits} decimals` }))
      return null
    }
    const text = String(value)
    const [, fraction = ""] = /\.(\d+)$/.exec(text) ?? []
    return { value: exact(read, powerOfTen(digits)), decimals: fraction.length, text }
  }
  const price = (key: string): PriceClaim | null => priceOf(cdr[key], `/${key}`, figure)
  const claims: Claims = {
    totalCost: price("total_cost"),
    energyCost: price("total_energy_cost"),
    timeCost: price("total_time_cost"),
    parkingCost: price("total_parking_cost"),
    fixedCost: price("total_fixed_cost"),
    reservationCost: price("total_reservation_cost"),
    totalEnergy: figure(cdr["total_energy"], "/total_energy"),
    totalTime: figure(cdr["total_time"], "/total_time"),
    totalParkingTime: figure(cdr["total_parking_time"], "/total_parking_time"),
    isCredit: cdr["credit"] === true
  }
  const first = faults[0]
  return first === undefined ? Result.succeed(claims) : Result.fail(first)
}

type Read = (value: unknown, path: string) => Figure | null

const priceOf = (value: unknown, path: string, figure: Read): PriceClaim | null => {
  if (!isJson(value)) {
    const net = figure(value, path)
    return net === null ? null : { net, gross: null }
  }
  const net = figure(value["before_taxes"], `${path}/before_taxes`) ?? figure(value["excl_vat"], `${path}/excl_vat`)
  if (net === null) return null
  const gross = figure(value["after_taxes"], `${path}/after_taxes`) ?? figure(value["incl_vat"], `${path}/incl_vat`)
  return { net, gross: gross ?? withTaxes(net, value["taxes"], `${path}/taxes`, figure) }
}

/** 2.3.0 tells the taxes one by one: the amount after them is their sum. */
const withTaxes = (net: Figure, taxes: unknown, path: string, figure: Read): Figure | null => {
  if (!Array.isArray(taxes) || taxes.length === 0) return null
  const amounts = taxes.map((tax: unknown, index) =>
    figure(isJson(tax) ? tax["amount"] : undefined, `${path}/${index}/amount`)
  )
  const sum = amounts.reduce<Exact>((total, amount) => add(total, amount?.value ?? zero), net.value)
  const decimals = Math.max(net.decimals, ...amounts.map((amount) => amount?.decimals ?? 0))
  return { value: sum, decimals, text: "" }
}
