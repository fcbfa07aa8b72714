import { add, type Exact, exact, floorDivide, multiply, roundHalfAwayFromZero, sum } from "../../Money.ts"
import type { ChargingPeriod } from "../../tariff/ChargingPeriod.ts"
import type { CompiledTariff } from "../../tariff/compile.ts"
import type { RatingLine } from "../../tariff/Rating.ts"
import { type RateOptions, rate } from "../../tariff/rate.ts"
import { type StepPolicy, stepPolicies } from "../../tariff/steps.ts"

/** Amounts before and after taxes as a way of rounding makes them. */
export interface Amounts {
  readonly net: Exact
  readonly gross: Exact
}

type Round = (amount: Exact, digits: number) => Exact

const scaledBy = (amount: Exact, digits: number): readonly [bigint, bigint, bigint] => {
  const scale = 10n ** BigInt(digits)
  return [amount.n * scale, amount.d, scale]
}

const halfUp: Round = (amount, digits) => {
  const [n, d, scale] = scaledBy(amount, digits)
  return exact(roundHalfAwayFromZero(n, d), scale)
}
const down: Round = (amount, digits) => {
  const [n, d, scale] = scaledBy(amount, digits)
  return exact(floorDivide(n, d), scale)
}
const up: Round = (amount, digits) => {
  const [n, d, scale] = scaledBy(amount, digits)
  return exact(-floorDivide(-n, d), scale)
}

const taxOf = (net: Exact, vatPpm: number | null): Exact => multiply(net, exact(BigInt(vatPpm ?? 0), 1_000_000n))

/** Rounds the net of each group and the tax on it, and adds up. */
const grouped = (
  lines: ReadonlyArray<RatingLine>,
  keyOf: (line: RatingLine, index: number) => string,
  round: Round,
  digits: number
): Amounts => {
  const groups = Map.groupBy(
    lines.map((line, index) => ({ line, key: `${keyOf(line, index)}/${line.vatPpm}` })),
    ({ key }) => key
  )
  const nets: Array<Exact> = []
  const taxes: Array<Exact> = []
  for (const members of groups.values()) {
    nets.push(round(sum(members.map(({ line }) => line.net)), digits))
    taxes.push(round(sum(members.map(({ line }) => line.tax)), digits))
  }
  const net = sum(nets)
  return { net, gross: add(net, sum(taxes)) }
}

/** Rounds every line before taxes; the tax is on the rounded sum of its rate. */
const taxOnRounded = (lines: ReadonlyArray<RatingLine>, round: Round, digits: number): Amounts => {
  const nets = lines.map((line) => ({ vatPpm: line.vatPpm, net: round(line.net, digits) }))
  const rates = [...new Set(nets.map(({ vatPpm }) => vatPpm))]
  const taxes = rates.map((vatPpm) =>
    round(taxOf(sum(nets.filter((it) => it.vatPpm === vatPpm).map(({ net }) => net)), vatPpm), digits)
  )
  const net = sum(nets.map(({ net }) => net))
  return { net, gross: add(net, sum(taxes)) }
}

const total = (lines: ReadonlyArray<RatingLine>): Amounts => {
  const net = sum(lines.map((line) => line.net))
  return { net, gross: add(net, sum(lines.map((line) => line.tax))) }
}

/** How others are known to round (what OCPI leaves open), from the lines of an exact rating. `digits`: of the currency. */
export const roundings: Readonly<Record<string, (lines: ReadonlyArray<RatingLine>, digits: number) => Amounts>> = {
  "exact-sum/half-away": (lines, digits) => {
    const { net, gross } = total(lines)
    return { net: halfUp(net, digits), gross: halfUp(gross, digits) }
  },
  "exact-sum/4-decimals": (lines) => {
    const { net, gross } = total(lines)
    return { net: halfUp(net, 4), gross: halfUp(gross, 4) }
  },
  "line-4-decimals": (lines) => grouped(lines, (_, index) => String(index), halfUp, 4),
  "line-rounded/tax-per-line": (lines, digits) => grouped(lines, (_, index) => String(index), halfUp, digits),
  "line-rounded/tax-on-sum": (lines, digits) => taxOnRounded(lines, halfUp, digits),
  "dimension-rounded": (lines, digits) => grouped(lines, (line) => line.dimension, halfUp, digits),
  "dimension-truncated": (lines, digits) => grouped(lines, (line) => line.dimension, down, digits),
  "total-floored": (lines, digits) => {
    const { net, gross } = total(lines)
    return { net: down(net, digits), gross: down(gross, digits) }
  },
  "line-rounded-up": (lines, digits) => grouped(lines, (_, index) => String(index), up, digits)
}

/** A way to get from a session to an amount: how it rounds and how it reads step_size. */
export interface NamedPolicy {
  readonly name: string
  readonly amounts: Amounts
}

/** What each known policy makes of a session: every way to round with every way to read step_size. */
export const policyAmounts = (
  compiled: CompiledTariff,
  periods: ReadonlyArray<ChargingPeriod>,
  options: RateOptions = {}
): ReadonlyArray<NamedPolicy> =>
  stepPolicies.flatMap((steps: StepPolicy) => {
    const { lines } = rate(compiled, periods, { ...options, steps })
    return Object.entries(roundings).map(([name, round]) => ({
      name: `${name}/${steps}`,
      amounts: round(lines, compiled.exponent)
    }))
  })
