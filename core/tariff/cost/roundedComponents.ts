import { Result, Schema } from "effect"
import { add, type Exact, exact, floorDivide, multiply, powerOfTen, roundHalfAwayFromZero, zero } from "../../Money.ts"
import type { ChargingPeriod } from "../ChargingPeriod.ts"
import type { CompiledTariff } from "../compile.ts"
import { isAmount, type LineDimension, type Rating, type RatingLine } from "../Rating.ts"
import { rate } from "../rate.ts"

/**
 * The rounding that GIREVE adds to OCPI's price components: `step_round` says how the number of steps of `step_size` is
 * rounded, `price_round` how the price of a line is. OCPI itself rounds steps up to whole ones and prices not at all,
 * which is what holds where a component says nothing.
 */
export interface ComponentRounding {
  readonly step: RoundRule | null
  readonly price: RoundRule | null
}

export interface RoundRule {
  readonly direction: "ROUND_UP" | "ROUND_DOWN" | "ROUND_NEAR"
  /** Decimals that are kept. */
  readonly digits: number
}

const granularities = { UNIT: 0, TENTH: 1, HUNDREDTH: 2, THOUSANDTH: 3 } as const

const RoundRuleWire = Schema.Struct({
  round_rule: Schema.Literals(["ROUND_UP", "ROUND_DOWN", "ROUND_NEAR"]),
  round_granularity: Schema.Literals(["UNIT", "TENTH", "HUNDREDTH", "THOUSANDTH"])
})

const decodeRule = Schema.decodeUnknownResult(RoundRuleWire)

/** Reads one rule; undefined is no rule, and null is what nobody can read. */
export const readRoundRule = (wire: unknown): RoundRule | undefined | null => {
  if (wire === undefined || wire === null) return undefined
  const decoded = decodeRule(wire)
  if (Result.isFailure(decoded)) return null
  const { round_rule, round_granularity } = decoded.success
  return { direction: round_rule, digits: granularities[round_granularity] }
}

/** Rounds to the rule's decimals. Amounts and volumes are not negative. */
export const roundBy = (value: Exact, { direction, digits }: RoundRule): Exact => {
  const n = value.n * powerOfTen(digits)
  const rounded =
    direction === "ROUND_NEAR"
      ? roundHalfAwayFromZero(n, value.d)
      : direction === "ROUND_DOWN"
        ? floorDivide(n, value.d)
        : -floorDivide(-n, value.d)
  return exact(rounded, powerOfTen(digits))
}

/** A line with its volume in rounded steps, its price as it is and as it is rounded. */
export interface RoundedLine {
  readonly line: RatingLine
  /** mWh, ms or times. */
  readonly volume: Exact
  readonly net: Exact
  readonly roundedNet: Exact
  readonly tax: Exact
}

export interface RoundedRating {
  readonly lines: ReadonlyArray<RoundedLine>
  readonly net: Exact
  readonly gross: Exact
  readonly notes: Rating["notes"]
}

const wholeStepsUp: RoundRule = { direction: "ROUND_UP", digits: 0 }

/**
 * Rates a session whose price components name roundings. As everywhere the steps are those of a session's total and of
 * the last component that priced it, and that last line bears the difference; once parking is priced, TIME is exact.
 * Prices are rounded line by line, before taxes. Minimum and maximum prices are not part of it.
 */
export const rateRounded = (
  compiled: CompiledTariff,
  periods: ReadonlyArray<ChargingPeriod>,
  roundingOf: (element: number, component: number) => ComponentRounding
): RoundedRating => {
  const rating = rate(compiled, periods, { steps: "none" })
  const priced = rating.lines.filter((line) => !isAmount(line))
  const surplus = new Map<RatingLine, Exact>()
  const stepped: ReadonlyArray<LineDimension> = priced.some(({ dimension }) => dimension === "PARKING_TIME")
    ? ["ENERGY", "PARKING_TIME", "RESERVATION_TIME"]
    : ["ENERGY", "TIME", "RESERVATION_TIME"]
  for (const dimension of stepped) {
    const lines = priced.filter((line) => line.dimension === dimension)
    const last = lines[lines.length - 1]
    if (last === undefined) continue
    const step = compiled.tariff.elements[last.element]!.priceComponents[last.component]!.stepSize * 1000
    if (step === 0) continue
    const total = lines.reduce((sum, { volume }) => sum + BigInt(volume), 0n)
    const rule = roundingOf(last.element, last.component).step ?? wholeStepsUp
    const steps = roundBy(exact(total, BigInt(step)), rule)
    surplus.set(last, add(multiply(steps, exact(BigInt(step))), exact(-total)))
  }
  const lines = priced.map((line): RoundedLine => {
    const used = exact(BigInt(line.volume))
    const volume = add(used, surplus.get(line) ?? zero)
    const factor = line.volume === 0 ? zero : exact(volume.n, volume.d * used.n)
    const net = multiply(line.net, factor)
    const rule = roundingOf(line.element, line.component).price
    const roundedNet = rule === null ? net : roundBy(net, rule)
    const tax = line.net.n === 0n ? zero : multiply(roundedNet, exact(line.tax.n * line.net.d, line.tax.d * line.net.n))
    return { line, volume, net, roundedNet, tax }
  })
  const net = lines.reduce((sum, { roundedNet }) => add(sum, roundedNet), zero)
  const gross = lines.reduce((sum, { tax }) => add(sum, tax), net)
  return { lines, net, gross, notes: rating.notes }
}
