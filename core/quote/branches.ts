import { formatMinor, unscaled } from "../Money.ts"
import type { ChargingPeriod } from "../tariff/ChargingPeriod.ts"
import { isAmount, type Rating, type RatingLine } from "../tariff/Rating.ts"

/**
 * Where the price of a session turns.
 * - `price`: another price of a dimension holds from there on;
 * - `idle`: the car stops to take power, time is parking time from there on; `charging`: it goes on;
 * - `fee`: a session fee falls due that was not due at the start;
 * - `min-price`: until there the least price was owed whatever was used; `max-price`: from there on nothing is added;
 * - `cap`: from there on nothing is added for one dimension;
 * - `step`: at the end so much is billed on top, because volumes are billed in whole steps.
 */
export type BranchKind = "price" | "idle" | "charging" | "fee" | "min-price" | "max-price" | "cap" | "step"

export interface Branch {
  readonly kind: BranchKind
  readonly atMs: number
  /** Used by then. */
  readonly energyMilliWh: number
  readonly dimension: RatingLine["dimension"] | null
  /** Before and after, per kWh, hour or session; null where there is none. */
  readonly fromPriceMicros: number | null
  readonly toPriceMicros: number | null
  /** What `step` adds to the volume: mWh, or ms. */
  readonly surplus: number
  /** A sentence for the driver. */
  readonly text: string
}

/** The sentence of a cap that is reached. */
export const capText = (dimension: RatingLine["dimension"], amountMicros: number, currency: string): string => {
  const what = { ENERGY: "energy", TIME: "charging time", PARKING_TIME: "parking" }[dimension as string] ?? dimension
  return `The ${unscaled(BigInt(amountMicros), 6, 2)} ${currency} that a session pays at most for ${what} are reached.`
}

/** What prices one period: its lines by dimension. */
type Priced = Partial<Record<RatingLine["dimension"], RatingLine>>

const isSame = (a: RatingLine | undefined, b: RatingLine | undefined): boolean =>
  a?.element === b?.element && a?.component === b?.component && a?.unitPriceMicros === b?.unitPriceMicros

/** The branches that the periods and lines of a price show, in order of time. */
export const branchesOf = (
  periods: ReadonlyArray<ChargingPeriod>,
  rating: Rating,
  untilMs: number
): ReadonlyArray<Branch> => {
  const byPeriod: Array<Priced> = periods.map(() => ({}))
  for (const line of rating.lines) if (!isAmount(line)) byPeriod[line.period]![line.dimension] = line
  const found: Array<Branch> = []
  let energyMilliWh = periods[0]?.energyMilliWh ?? 0
  for (let index = 1; index < periods.length; index++) {
    const [before, after] = [periods[index - 1]!, periods[index]!]
    const [was, is] = [byPeriod[index - 1]!, byPeriod[index]!]
    const at = { atMs: after.startAtMs, energyMilliWh, surplus: 0 }
    found.push(...turnsBetween(before, after, was, is, at, rating.currency))
    energyMilliWh += after.energyMilliWh
  }
  for (const line of rating.lines) {
    if (line.stepSurplus > 0) found.push(stepOf(line, untilMs, energyMilliWh))
  }
  return found
}

type At = Pick<Branch, "atMs" | "energyMilliWh" | "surplus">

const turnsBetween = (
  before: ChargingPeriod,
  after: ChargingPeriod,
  was: Priced,
  is: Priced,
  at: At,
  currency: string
): ReadonlyArray<Branch> => {
  const found: Array<Branch> = []
  const turn = (
    kind: BranchKind,
    dimension: RatingLine["dimension"],
    from: RatingLine | undefined,
    to: RatingLine | undefined,
    text: string
  ): void => {
    const [fromPriceMicros, toPriceMicros] = [from?.unitPriceMicros ?? null, to?.unitPriceMicros ?? null]
    found.push({ kind, dimension, fromPriceMicros, toPriceMicros, text, ...at })
  }
  const isEnergyPriced = before.energyMilliWh > 0 && after.energyMilliWh > 0
  if (isEnergyPriced && !isSame(was.ENERGY, is.ENERGY))
    turn("price", "ENERGY", was.ENERGY, is.ENERGY, `Energy now ${costs(is.ENERGY, "kWh", currency)}.`)
  const [parked, parks] = [before.parkingMs > 0, after.parkingMs > 0]
  if (parked !== parks) {
    const [kind, dimension] = parks ? (["idle", "PARKING_TIME"] as const) : (["charging", "TIME"] as const)
    const what = parks ? "The car takes no more power: time" : "The car takes power again: time"
    const text = `${what} now ${costs(is[dimension], "h", currency)}.`
    turn(kind, dimension, parks ? was.TIME : was.PARKING_TIME, is[dimension], text)
  } else {
    const dimension = parks ? "PARKING_TIME" : "TIME"
    const what = parks ? "Parking" : "Charging time"
    if (!isSame(was[dimension], is[dimension]))
      turn("price", dimension, was[dimension], is[dimension], `${what} now ${costs(is[dimension], "h", currency)}.`)
  }
  if (is.FLAT !== undefined)
    turn("fee", "FLAT", undefined, is.FLAT, `A session fee of ${price(is.FLAT, currency)} falls due.`)
  return found
}

const price = (line: RatingLine, currency: string): string =>
  `${unscaled(BigInt(line.unitPriceMicros), 6, 2)} ${currency}`

const costs = (line: RatingLine | undefined, unit: string, currency: string): string =>
  line === undefined || line.unitPriceMicros === 0 ? "costs nothing" : `costs ${price(line, currency)}/${unit}`

const stepOf = (line: RatingLine, untilMs: number, energyMilliWh: number): Branch => {
  const amount =
    line.dimension === "ENERGY"
      ? `${unscaled(BigInt(line.stepSurplus), 6)} kWh`
      : `${unscaled(BigInt(line.stepSurplus), 3)} s`
  return {
    kind: "step",
    atMs: untilMs,
    energyMilliWh,
    dimension: line.dimension,
    fromPriceMicros: line.unitPriceMicros,
    toPriceMicros: line.unitPriceMicros,
    surplus: line.stepSurplus,
    text: `${amount} more are billed, because the tariff counts in whole steps.`
  }
}

/** The sentence of a limit that begins or ceases to hold. */
export const limitText = (kind: "min-price" | "max-price", grossMinor: bigint, currency: string): string => {
  const amount = `${formatMinor(grossMinor, currency)} ${currency}`
  return kind === "min-price"
    ? `Until here the least price of ${amount} is owed, however little is used.`
    : `The greatest price of ${amount} is reached: nothing is added from here on.`
}
