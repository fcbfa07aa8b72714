import { type Price, priceSession } from "../billing/priceOf.ts"
import type { CompiledTariff } from "../tariff/compile.ts"
import type { Rating } from "../tariff/Rating.ts"
import { type Branch, type BranchKind, branchesOf, capText, limitText } from "./branches.ts"
import { type Course, courseOf, type Plan } from "./course.ts"

/** What a session would have come to at an instant of it. */
export interface QuotePoint {
  readonly atMs: number
  readonly energyMilliWh: number
  readonly powerW: number
  /** Null without a car. */
  readonly socPercent: number | null
  readonly grossMinor: bigint
}

/** What a charge would cost. */
export interface Quote {
  readonly fromMs: number
  readonly untilMs: number
  /** When the car has enough; null when it takes power until the end. */
  readonly fullAtMs: number | null
  /** At `untilMs`, made as the bill is. */
  readonly price: Price
  /** By time, the end's last. */
  readonly branches: ReadonlyArray<Branch>
  /** The price over time: evenly spread, and at every branch. */
  readonly points: ReadonlyArray<QuotePoint>
}

/** Points of the price over time, evenly spread, besides the branches. */
const evenPoints = 24

/** The longest plan that is quoted: nobody's guess of a car is good for longer. */
export const maxPlanMs = 7 * 24 * 3_600_000

/**
 * What it costs to follow a plan at a site, and where the price turns on the way. Priced by the engine that makes the
 * bill, over the session that a station would report: a charge that goes as planned costs what it says here. Limits are
 * found to the second, for tariffs without negative prices. The groups are those of
 * the driver.
 */
export const quote = (compiled: CompiledTariff, plan: Plan, groups: ReadonlyArray<string> = []): Quote => {
  const course = courseOf(plan)
  const priceAt = (atMs: number): Price => priceSession(compiled, course.telemetryUntil(atMs), groups)
  const price = priceAt(plan.untilMs)
  const { chargingPeriods, rating } = price
  const turns = branchesOf(chargingPeriods, rating, plan.untilMs)
  const limits = limitBranches(compiled, course, rating, (atMs) => priceAt(atMs).rating)
  const branches = [...turns, ...limits].sort((a, b) => a.atMs - b.atMs)
  const instants = new Set<number>(branches.map(({ atMs }) => atMs))
  for (let index = 0; index <= evenPoints; index++)
    instants.add(plan.fromMs + Math.floor(((plan.untilMs - plan.fromMs) * index) / evenPoints))
  const points = [...instants]
    .sort((a, b) => a - b)
    .map((atMs) => ({
      atMs,
      energyMilliWh: course.energyMilliWhAt(atMs),
      powerW: course.powerWAt(atMs),
      socPercent: course.socPercentAt(atMs),
      grossMinor: atMs === plan.untilMs ? rating.grossMinor : priceAt(atMs).rating.grossMinor
    }))
  return { fromMs: plan.fromMs, untilMs: plan.untilMs, fullAtMs: course.fullAtMs, price, branches, points }
}

type RatingAt = (atMs: number) => Rating

/** The instants at which the least price is exceeded and the greatest is reached. */
const limitBranches = (
  { tariff }: CompiledTariff,
  course: Course,
  atEnd: Rating,
  ratingAt: RatingAt
): ReadonlyArray<Branch> => {
  const { fromMs, untilMs } = course
  const found: Array<Branch> = []
  const turn = (
    kind: BranchKind,
    hasTurned: (rating: Rating) => boolean,
    textOf: (rating: Rating) => string,
    dimension: Branch["dimension"] = null
  ): void => {
    if (!hasTurned(atEnd) || hasTurned(ratingAt(fromMs))) return
    const atMs = firstSecond(fromMs, untilMs, (instantMs) => hasTurned(ratingAt(instantMs)))
    found.push({
      kind,
      atMs,
      energyMilliWh: course.energyMilliWhAt(atMs),
      dimension,
      fromPriceMicros: null,
      toPriceMicros: null,
      surplus: 0,
      text: textOf(ratingAt(atMs))
    })
  }
  const limit = (kind: "min-price" | "max-price", hasTurned: (rating: Rating) => boolean) =>
    turn(kind, hasTurned, ({ grossMinor, currency }) => limitText(kind, grossMinor, currency))
  if (tariff.minPrice !== null) limit("min-price", ({ limitApplied }) => limitApplied !== "min_price")
  if (tariff.maxPrice !== null) limit("max-price", ({ limitApplied }) => limitApplied === "max_price")
  for (const [index, { dimension, amountMicros }] of (tariff.extras?.caps ?? []).entries()) {
    const isReached = ({ lines }: Rating) =>
      lines.some(({ adjustment, component }) => adjustment === "CAP" && component === index)
    turn("cap", isReached, ({ currency }) => capText(dimension, amountMicros, currency), dimension)
  }
  return found
}

/** The first whole second after `fromMs` at which it holds, or `untilMs`; it holds there, and once it holds it stays. */
const firstSecond = (fromMs: number, untilMs: number, holds: (atMs: number) => boolean): number => {
  let [low, high] = [0, Math.ceil((untilMs - fromMs) / 1000)]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (holds(fromMs + middle * 1000)) high = middle
    else low = middle
  }
  return Math.min(untilMs, fromMs + high * 1000)
}
