import { compare, exact, format, subtract } from "../../Money.ts"
import { type ChargingPeriod, emptyPeriod } from "../ChargingPeriod.ts"
import type { Candidate, CompiledTariff } from "../compile.ts"
import { axesOf, boxOf } from "./axes.ts"
import { type Finding, finding } from "./Finding.ts"
import { isEmpty } from "./region.ts"
import { type Priced, pointIn, rateWitness, type Witness, witnessAt } from "./witness.ts"

/** A leap of more than this for a little more, or a fall of more than this, is told: one unit of the currency. */
const boundMicros = 1_000_000n

/** What a session grows by. */
const second = 1_000

/**
 * Where a session that is a little longer costs much more, or less: steps, fees that begin late, a step of charging
 * time that the first moment of parking takes back. Every one is two sessions, rated; what the rating does not show,
 * because a limit hides it for one, is not told.
 */
export const jumps = (compiled: CompiledTariff): ReadonlyArray<Finding> => [
  ...(["ENERGY", "TIME", "PARKING_TIME"] as const).flatMap((dimension) =>
    compiled.session[dimension].flatMap((candidate) => stepLeap(compiled, dimension, candidate))
  ),
  ...compiled.session.FLAT.flatMap((candidate) => lateFee(compiled, candidate)),
  ...compiled.session.TIME.flatMap((candidate) => takenBack(compiled, candidate))
]

const pathOf = ({ element, component }: Candidate): string => `/elements/${element}/price_components/${component}`

/** The same session with its last period so long, or with so much energy. */
const grown = (witness: Witness, last: Partial<ChargingPeriod>): Witness => {
  const period = witness.periods[witness.periods.length - 1]!
  const durationMs = (last.chargingMs ?? 0) + (last.parkingMs ?? 0)
  const endAtMs = period.startAtMs + Math.max(durationMs, 1)
  return {
    ...witness,
    periods: [...witness.periods.slice(0, -1), { ...period, ...emptied, ...last, endAtMs }]
  }
}

const emptied = { energyMilliWh: 0, chargingMs: 0, parkingMs: 0, reservedMs: 0 }

/** A session at the beginning of where a price holds. */
const witnessOf = (compiled: CompiledTariff, { restrictions }: Candidate, dimension: Priced): Witness | undefined => {
  const axes = axesOf([restrictions])
  const box = boxOf(restrictions, axes)
  return isEmpty(box) ? undefined : witnessAt(pointIn(box, axes), "session", dimension, compiled.zone)
}

const told = (
  compiled: CompiledTariff,
  direction: "leap" | "fall",
  path: string,
  before: Witness,
  after: Witness,
  why: (amount: string) => string
): ReadonlyArray<Finding> => {
  const [from, to] = [rateWitness(compiled, before).net, rateWitness(compiled, after).net]
  const difference = direction === "leap" ? subtract(to, from) : subtract(from, to)
  if (compare(difference, exact(boundMicros, 1_000_000n)) <= 0) return []
  const message = why(`${format(difference)} ${compiled.tariff.currency}`)
  const jump = { before, after, netBefore: format(from), netAfter: format(to) }
  return [finding("jump", "warning", `price_${direction}`, path, message, { jump })]
}

/** One step and the least bit more: a whole step is added. */
const stepLeap = (
  compiled: CompiledTariff,
  dimension: "ENERGY" | "TIME" | "PARKING_TIME",
  candidate: Candidate
): ReadonlyArray<Finding> => {
  const { stepSize, priceMicros } = candidate.price
  const perStep = dimension === "ENERGY" ? 1_000n : 3_600n
  if (BigInt(stepSize) * BigInt(priceMicros) <= boundMicros * perStep) return []
  const witness = witnessOf(compiled, candidate, dimension)
  if (witness === undefined) return []
  // What was charged before the last period counts for the step too.
  const used = witness.periods
    .slice(0, -1)
    .reduce(
      (sum, it) => sum + (dimension === "ENERGY" ? it.energyMilliWh : dimension === "TIME" ? it.chargingMs : 0),
      0
    )
  const step = stepSize * 1_000
  const left = step - (used % step)
  const of = (volume: number): Partial<ChargingPeriod> =>
    dimension === "ENERGY"
      ? { energyMilliWh: volume, chargingMs: second }
      : dimension === "TIME"
        ? { chargingMs: volume }
        : { parkingMs: volume }
  const [unit, more] = dimension === "ENERGY" ? ["Wh", "1 Wh"] : ["s", "one second"]
  return told(
    compiled,
    "leap",
    `${pathOf(candidate)}/step_size`,
    grown(witness, of(left)),
    grown(witness, of(left + second)),
    (amount) => `${more} more can cost ${amount}: a whole step of ${stepSize} ${unit} is added.`
  )
}

/** A fee that begins to hold after some time or energy, in a session without one until then. */
const lateFee = (compiled: CompiledTariff, candidate: Candidate): ReadonlyArray<Finding> => {
  const { restrictions: it, price } = candidate
  if (it === null || BigInt(price.priceMicros) <= boundMicros) return []
  if (it.minDurationMs === 0 && it.minEnergyMilliWh === 0) return []
  const after = witnessOf(compiled, candidate, "FLAT")
  if (after === undefined || after.periods.length < 2) return []
  const before = { ...after, periods: after.periods.slice(0, -1) }
  const short = grown(after, { chargingMs: second })
  const since = it.minDurationMs > 0 ? `${it.minDurationMs / 1000} s` : `${it.minEnergyMilliWh / 1_000_000} kWh`
  const fee = format(exact(BigInt(price.priceMicros), 1_000_000n))
  return told(
    compiled,
    "leap",
    pathOf(candidate),
    before,
    short,
    (amount) => `One moment beyond ${since} costs ${amount}: the fee of ${fee} begins there.`
  )
}

/** Charging time is rounded up to its step until any parking is priced, and from then on exact. */
const takenBack = (compiled: CompiledTariff, candidate: Candidate): ReadonlyArray<Finding> => {
  const { stepSize, priceMicros } = candidate.price
  if (compiled.session.PARKING_TIME.length === 0) return []
  if (BigInt(stepSize) * BigInt(priceMicros) <= boundMicros * 3_600n) return []
  const witness = witnessOf(compiled, candidate, "TIME")
  if (witness === undefined) return []
  const before = grown(witness, { chargingMs: second })
  const last = before.periods[before.periods.length - 1]!
  const parked = {
    ...emptyPeriod,
    startAtMs: last.endAtMs,
    endAtMs: last.endAtMs + second,
    parkingMs: second,
    minPowerW: 0,
    maxPowerW: 0
  }
  const after = { ...before, periods: [...before.periods, parked] }
  return told(
    compiled,
    "fall",
    `${pathOf(candidate)}/step_size`,
    before,
    after,
    (amount) =>
      `One second of parking makes a session ${amount} cheaper: charging time is then no longer rounded up to ${stepSize} s.`
  )
}
