import type { ChargingPeriod } from "./ChargingPeriod.ts"
import type { Candidate, Candidates, CompiledTariff } from "./compile.ts"
import { withinLimits } from "./limits.ts"
import { firstMatch, type Situation } from "./match.ts"
import { isSession, momentOf, move, reservationStartOf, sessionStartOf } from "./moment.ts"
import type { LineDimension, Rating } from "./Rating.ts"
import { applySteps, type StepPolicy, stepPolicies } from "./steps.ts"
import { type RawLine, total } from "./total.ts"

export interface RateOptions {
  /** The reservation ran out unused: RESERVATION_EXPIRES elements go before RESERVATION ones. */
  readonly reservationExpired?: boolean
  /** How step_size is read; see {@link StepPolicy}. */
  readonly steps?: StepPolicy
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
  applySteps(drafts, steps)
  const lines = drafts.map((it) => price(it, compiled, notes))
  const last = { period: sorted.length - 1, startAtMs: sorted[sorted.length - 1]?.startAtMs ?? 0 }
  const limited = withinLimits(compiled, lines, last, notes)
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

const note = (notes: Array<string>, code: string): void => {
  if (!notes.includes(code)) notes.push(code)
}

const inOrder = (periods: ReadonlyArray<ChargingPeriod>, notes: Array<string>): ReadonlyArray<ChargingPeriod> => {
  let isOrdered = true
  for (let i = 1; i < periods.length && isOrdered; i++) isOrdered = periods[i - 1]!.startAtMs <= periods[i]!.startAtMs
  const sorted = isOrdered ? periods : [...periods].sort((a, b) => a.startAtMs - b.startAtMs)
  if (!isOrdered) notes.push("periods_out_of_order")
  for (let i = 1; i < sorted.length; i++) {
    if (sorted[i - 1]!.endAtMs > sorted[i]!.startAtMs) note(notes, "periods_overlap")
  }
  return sorted
}

/**
 * Finds the price of each dimension of each period. A reservation is a scope of its own: durations count anew from the
 * first period that is no reservation.
 */
const draft = (
  compiled: CompiledTariff,
  periods: ReadonlyArray<ChargingPeriod>,
  reservationExpired: boolean,
  notes: Array<string>
): Array<Draft> => {
  const drafts: Array<Draft> = []
  const sessionAtMs = sessionStartOf(periods)
  const reservationPrices = reservationExpired ? compiled.expired : compiled.reserved
  const missing = (code: string) => note(notes, code)
  const moment = momentOf()
  const reservationAtMs = reservationStartOf(periods)
  let isFlatDue = true
  let isReservationFlatDue = true
  for (let index = 0; index < periods.length; index++) {
    const period = periods[index]!
    const add = (
      scope: Draft["scope"],
      dimension: LineDimension,
      candidates: ReadonlyArray<Candidate>,
      volume: number
    ): boolean => {
      const candidate = firstMatch(candidates, moment, compiled.zone, missing)
      if (candidate === undefined) {
        if (dimension !== "FLAT") note(notes, `no_price_component:${dimension}`)
      } else {
        drafts.push({ scope, dimension, period: index, startAtMs: period.startAtMs, candidate, volume, stepSurplus: 0 })
      }
      if (candidate === undefined) return false
      if (compiled.isTimed && dimension !== "FLAT" && spansChange(compiled, candidates, candidate, moment, period))
        note(notes, `period_spans_price_change:${dimension}`)
      return true
    }
    if (period.reservedMs > 0) {
      move(moment, period, reservationAtMs)
      add("reservation", "RESERVATION_TIME", reservationPrices.TIME, period.reservedMs)
      if (isReservationFlatDue) isReservationFlatDue = !add("reservation", "FLAT", reservationPrices.FLAT, 1)
    }
    if (!isSession(period)) continue
    move(moment, period, sessionAtMs)
    if (period.energyMilliWh > 0) add("session", "ENERGY", compiled.session.ENERGY, period.energyMilliWh)
    if (period.chargingMs > 0) add("session", "TIME", compiled.session.TIME, period.chargingMs)
    if (period.parkingMs > 0) add("session", "PARKING_TIME", compiled.session.PARKING_TIME, period.parkingMs)
    if (isFlatDue) isFlatDue = !add("session", "FLAT", compiled.session.FLAT, 1)
    moment.energyMilliWh += period.energyMilliWh
  }
  return drafts
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
  moment.atMs += lengthMs
  moment.elapsedMs += lengthMs
  let spans = firstMatch(candidates, moment, compiled.zone) !== atStart
  if (spans) {
    moment.energyMilliWh += period.energyMilliWh
    spans = firstMatch(candidates, moment, compiled.zone) !== atStart
    moment.energyMilliWh -= period.energyMilliWh
  }
  moment.atMs -= lengthMs
  moment.elapsedMs -= lengthMs
  return spans
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
    adjustment: null
  }
}
