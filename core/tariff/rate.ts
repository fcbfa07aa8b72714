import { add, type Exact, toMinor } from "../Money.ts"
import type { ChargingPeriod } from "./ChargingPeriod.ts"
import type { Candidate, Candidates, CompiledTariff } from "./compile.ts"
import { countParking, priceAt } from "./extras/priceAt.ts"
import { withReductions } from "./extras/reductions.ts"
import { type Included, includedLines } from "./included.ts"
import { withinLimits } from "./limits.ts"
import type { Situation } from "./match.ts"
import { isSession, momentOf, move, reservationStartOf, sessionStartOf } from "./moment.ts"
import type { LineDimension, Rating } from "./Rating.ts"
import { applySteps, type StepPolicy, stepPolicies } from "./steps.ts"
import { type RawLine, total } from "./total.ts"

export interface RateOptions {
  /** The reservation ran out unused: RESERVATION_EXPIRES elements go before RESERVATION ones. */
  readonly reservationExpired?: boolean
  /** How step_size is read; see {@link StepPolicy}. */
  readonly steps?: StepPolicy
  /** The driver's groups as they were at the start, for discounts that are not for everybody. */
  readonly groups?: ReadonlyArray<string>
  /** What a subscription takes off: priced, then taken off in lines of its own. */
  readonly included?: Included
}

/** A priced stretch of one dimension before it is money. Its volume still grows by the step. */
export interface Draft {
  readonly scope: "session" | "reservation"
  readonly dimension: LineDimension
  readonly period: number
  readonly startAtMs: number
  readonly candidate: Candidate
  volume: number
  stepSurplus: number
}

/**
 * Prices a session: periods in, line items and totals out (OCPI 2.3.0 mod_tariffs, mod_cdrs). Pure and exact; the same
 * input gives the same bytes. Each dimension of each period is priced as a whole by the first element that holds at the
 * period's start; a price that would change inside a period is only told as a note, because cutting is the work of who
 * builds the periods.
 */
export const rate = (
  compiled: CompiledTariff,
  periods: ReadonlyArray<ChargingPeriod>,
  options: RateOptions = {}
): Rating => {
  const notes: Array<string> = []
  const sorted = inOrder(periods, notes)
  const steps = options.steps ?? "parking-absorbs"
  const drafts = draft(compiled, sorted, options.reservationExpired === true, notes)
  applySteps(charged(compiled, drafts), steps)
  const priced = drafts.map((it) => price(it, compiled, notes))
  const { included } = options
  const lines = included === undefined ? priced : [...priced, ...includedLines(drafts, compiled, included)]
  const last = { period: sorted.length - 1, startAtMs: sorted[sorted.length - 1]?.startAtMs ?? 0 }
  const reduced = withReductions(compiled, lines, last, options.groups ?? [])
  const limited = withinLimits(compiled, reduced, last, notes)
  return total(compiled, limited, policyId(steps), notes)
}

/** The name under which a rating keeps how it was made: sums rounded once, half away from zero, and the steps. */
export const policyId = (steps: StepPolicy): string => `${roundingPolicy}/${steps}`

const roundingPolicy = "exact-sum/half-away"

/** The step policy that a policy's name ends with; a name that no rating was ever given is a defect. */
export const stepPolicyOf = (policy: string): StepPolicy => {
  const steps = stepPolicies.find((it) => policyId(it) === policy)
  if (steps === undefined) throw new Error(`${policy} is no rating policy`)
  return steps
}

/** What a session costs, without a word on how that comes. */
export interface Totals {
  readonly net: Exact
  readonly tax: Exact
  readonly netMinor: bigint
  readonly taxMinor: bigint
  readonly grossMinor: bigint
}

/** The totals of {@link rate}, to the last digit, for those who price millions: no lines, no notes, no shares. */
export const rateTotals = (
  compiled: CompiledTariff,
  periods: ReadonlyArray<ChargingPeriod>,
  options: RateOptions = {}
): Totals => {
  const sorted = inOrder(periods, null)
  const drafts = draft(compiled, sorted, options.reservationExpired === true, null)
  applySteps(charged(compiled, drafts), options.steps ?? "parking-absorbs")
  const { unit, exponent } = compiled
  if (!compiled.isSum) return limitedTotals(compiled, drafts, options.groups ?? [])
  let netUnits = 0n
  let taxUnits = 0n
  for (let index = 0; index < drafts.length; index++) {
    const { candidate, volume } = drafts[index]!
    if (candidate.price.priceMicros === 0) continue
    const exactVolume = BigInt(volume)
    netUnits += exactVolume * candidate.netPerUnit
    taxUnits += exactVolume * candidate.taxPerUnit
  }
  const net = { n: netUnits, d: unit }
  const netMinor = toMinor(net, exponent)
  const grossMinor = toMinor({ n: netUnits + taxUnits, d: unit }, exponent)
  return { net, tax: { n: taxUnits, d: unit }, netMinor, taxMinor: grossMinor - netMinor, grossMinor }
}

const limitedTotals = (
  compiled: CompiledTariff,
  drafts: ReadonlyArray<Draft>,
  groups: ReadonlyArray<string>
): Totals => {
  const lines = drafts.map((it) => price(it, compiled, []))
  const last = { period: 0, startAtMs: 0 }
  const limited = withinLimits(compiled, withReductions(compiled, lines, last, groups), last, [])
  const net = { n: limited.lines.reduce((sum, line) => sum + line.net.n, 0n), d: limited.denominator }
  const tax = { n: limited.lines.reduce((sum, line) => sum + line.tax.n, 0n), d: limited.denominator }
  const netMinor = toMinor(net, compiled.exponent)
  const grossMinor = toMinor(add(net, tax), compiled.exponent)
  return { net, tax, netMinor, taxMinor: grossMinor - netMinor, grossMinor }
}

/** What steps round up: time that a grace period or quiet hours free is not billed, so it has none. */
const charged = ({ extras }: CompiledTariff, drafts: ReadonlyArray<Draft>): ReadonlyArray<Draft> =>
  extras === null ? drafts : drafts.filter(({ candidate }) => candidate.adjustment === null)

const note = (notes: Array<string> | null, code: string): void => {
  if (notes !== null && !notes.includes(code)) notes.push(code)
}

const inOrder = (
  periods: ReadonlyArray<ChargingPeriod>,
  notes: Array<string> | null
): ReadonlyArray<ChargingPeriod> => {
  let isOrdered = true
  for (let i = 1; i < periods.length && isOrdered; i++) isOrdered = periods[i - 1]!.startAtMs <= periods[i]!.startAtMs
  const sorted = isOrdered ? periods : [...periods].sort((a, b) => a.startAtMs - b.startAtMs)
  if (notes === null) return sorted
  if (!isOrdered) notes.push("periods_out_of_order")
  for (let i = 1; i < sorted.length; i++) {
    if (sorted[i - 1]!.endAtMs > sorted[i]!.startAtMs) note(notes, "periods_overlap")
  }
  return sorted
}

/**
 * Finds the price of each dimension of each period. A reservation is a scope of its own: durations count anew from the
 * first period that is no reservation. Without a list for notes none are made, which is faster.
 */
const draft = (
  compiled: CompiledTariff,
  periods: ReadonlyArray<ChargingPeriod>,
  reservationExpired: boolean,
  notes: Array<string> | null
): Array<Draft> => {
  const drafts: Array<Draft> = []
  const { session } = compiled
  const sessionAtMs = sessionStartOf(periods)
  const reservationPrices = reservationExpired ? compiled.expired : compiled.reserved
  const reservationAtMs = reservationStartOf(periods)
  const asking: Asking = { compiled, drafts, notes, moment: momentOf(), missing: missingInto(notes) }
  const { moment } = asking
  const countsParking = compiled.extras?.countsParking === true
  let isFlatDue = true
  let isReservationFlatDue = true
  for (let index = 0; index < periods.length; index++) {
    const period = periods[index]!
    if (period.reservedMs > 0) {
      move(moment, period, reservationAtMs)
      ask(asking, "reservation", "RESERVATION_TIME", reservationPrices.TIME, period, index, period.reservedMs)
      if (isReservationFlatDue)
        isReservationFlatDue = !ask(asking, "reservation", "FLAT", reservationPrices.FLAT, period, index, 1)
    }
    if (!isSession(period)) continue
    move(moment, period, sessionAtMs)
    // Whoever requests power again begins a new stretch of parking.
    if (period.chargingMs > 0) moment.stretchMs = 0
    if (period.energyMilliWh > 0) ask(asking, "session", "ENERGY", session.ENERGY, period, index, period.energyMilliWh)
    if (period.chargingMs > 0) ask(asking, "session", "TIME", session.TIME, period, index, period.chargingMs)
    if (period.parkingMs > 0)
      ask(asking, "session", "PARKING_TIME", session.PARKING_TIME, period, index, period.parkingMs)
    if (isFlatDue) isFlatDue = !ask(asking, "session", "FLAT", session.FLAT, period, index, 1)
    moment.energyMilliWh += period.energyMilliWh
    if (countsParking) countParking(compiled, moment, period)
  }
  return drafts
}

const missingInto = (notes: Array<string> | null) => (notes === null ? undefined : (code: string) => note(notes, code))

/** What every question for a price of one rating shares. */
interface Asking {
  readonly compiled: CompiledTariff
  readonly drafts: Array<Draft>
  readonly notes: Array<string> | null
  readonly moment: Situation
  readonly missing: ((code: string) => void) | undefined
}

/** Looks up one price at the moment and drafts a line by it; whether there was one. */
const ask = (
  { compiled, drafts, notes, moment, missing }: Asking,
  scope: Draft["scope"],
  dimension: LineDimension,
  candidates: ReadonlyArray<Candidate>,
  period: ChargingPeriod,
  index: number,
  volume: number
): boolean => {
  const candidate = priceAt(candidates, moment, compiled, missing)
  if (candidate === undefined) {
    if (notes !== null && dimension !== "FLAT") note(notes, `no_price_component:${dimension}`)
    return false
  }
  drafts.push({ scope, dimension, period: index, startAtMs: period.startAtMs, candidate, volume, stepSurplus: 0 })
  if (
    notes !== null &&
    compiled.isTimed &&
    dimension !== "FLAT" &&
    spansChange(compiled, candidates, candidate, moment, period)
  )
    note(notes, `period_spans_price_change:${dimension}`)
  return true
}

/**
 * Whether another price would hold one second before the period's end: it should have been cut there. Told only when
 * that is so by time alone, with the energy of the start and with that of the end.
 */
const spansChange = (
  compiled: CompiledTariff,
  candidates: Candidates[keyof Candidates],
  atStart: Candidate,
  moment: Situation,
  period: ChargingPeriod
): boolean => {
  const lengthMs = period.endAtMs - 1000 - period.startAtMs
  if (lengthMs <= 0 || candidates.length === 0) return false
  const parkedMs = Math.min(lengthMs, atStart.adjustment === "QUIET_HOURS" ? 0 : period.parkingMs)
  shift(moment, lengthMs, parkedMs)
  let spans = priceAt(candidates, moment, compiled) !== atStart
  if (spans) {
    moment.energyMilliWh += period.energyMilliWh
    spans = priceAt(candidates, moment, compiled) !== atStart
    moment.energyMilliWh -= period.energyMilliWh
  }
  shift(moment, -lengthMs, -parkedMs)
  return spans
}

const shift = (moment: Situation, byMs: number, parkedMs: number): void => {
  moment.atMs += byMs
  moment.elapsedMs += byMs
  moment.parkedMs += parkedMs
  moment.stretchMs += parkedMs
}

const price = (it: Draft, compiled: CompiledTariff, notes: Array<string>): RawLine => {
  const { candidate } = it
  const volume = BigInt(it.volume)
  if (compiled.tariff.taxIncluded !== "NO" && candidate.price.priceMicros !== 0) {
    if (compiled.tariff.taxIncluded === "N/A") {
      if (candidate.price.vatPpm !== null) note(notes, "tax_rate_ignored")
    } else if (candidate.vatPpm === null) note(notes, "tax_included_without_rate")
  }
  return {
    scope: it.scope,
    dimension: it.dimension,
    period: it.period,
    startAtMs: it.startAtMs,
    element: candidate.element,
    component: candidate.component,
    volume: it.volume,
    stepSurplus: it.stepSurplus,
    unitPriceMicros: candidate.price.priceMicros,
    vatPpm: candidate.vatPpm,
    net: { n: volume * candidate.netPerUnit, d: compiled.unit },
    tax: { n: volume * candidate.taxPerUnit, d: compiled.unit },
    adjustment: candidate.adjustment
  }
}
