import { Result } from "effect"
import { compare, type Exact, exact, format, multiply, negate, powerOfTen, subtract, sum } from "../../Money.ts"
import { type CdrInvalid, decodeCdr } from "../../tariff/cdrCodec.ts"
import type { CompiledTariff } from "../../tariff/compile.ts"
import type { LineDimension, Rating } from "../../tariff/Rating.ts"
import { rate } from "../../tariff/rate.ts"
import { compileFor, type RateSessionError } from "../../tariff/select.ts"
import type { Tariff, TariffType } from "../../tariff/Tariff.ts"
import { type Claims, type Figure, type PriceClaim, readClaims } from "./claims.ts"
import { type NamedPolicy, policyAmounts } from "./policies.ts"
import { type Divergence, selfCheck } from "./selfCheck.ts"

/** A CDR as it was received, with what its price depends on. */
export interface ReceivedCdr {
  /** OCPI 2.1.1 to 2.3.0. */
  readonly cdr: unknown
  readonly tariffs: ReadonlyArray<Tariff>
  /** IANA name: no CDR carries it. */
  readonly timeZone: string
  readonly type?: TariffType
  /** What the contract lets a total be off by, in minor units; one by default. */
  readonly toleranceMinor?: bigint
}

/** What came of verifying a CDR. */
export interface Verification {
  readonly divergences: ReadonlyArray<Divergence>
  /** The CDR contradicts itself, whatever the tariff. */
  readonly selfInconsistent: boolean
  /** Differences of amounts that the tolerance covered: the figures' names. */
  readonly absorbed: ReadonlyArray<string>
  readonly toleranceMinor: bigint
  /** The known policies that make exactly the claimed total; empty when none does. */
  readonly policies: ReadonlyArray<string>
  readonly compiled: CompiledTariff
  readonly rating: Rating
}

/**
 * Verifies a received CDR (OCPI mod_cdrs): its totals and per-dimension totals against its own periods at its own
 * tariff, and itself against itself; and names the rounding policies by which the partner may have come to its total.
 * Fixed parts of parking and reservation may stand in either total (R22): with a fee in the session the three totals
 * concerned are not compared, and with a limit applied none but the whole.
 */
export const verifyCdr = (received: ReceivedCdr): Result.Result<Verification, CdrInvalid | RateSessionError> =>
  Result.gen(function* () {
    const claims = yield* readClaims(received.cdr)
    const session = yield* decodeCdr(received.cdr)
    const compiled = yield* compileFor(received.tariffs, {
      startAtMs: session.startAtMs,
      timeZone: received.timeZone,
      currency: session.currency,
      periods: session.periods,
      ...(received.type !== undefined && { type: received.type })
    })
    const options = { reservationExpired: session.reservationExpired, groups: session.groups }
    const rating = rate(compiled, session.periods, options)
    const toleranceMinor = received.toleranceMinor ?? 1n
    const own = selfCheck(claims, session)
    const tolerance = exact(toleranceMinor, powerOfTen(compiled.exponent))
    const { divergences, absorbed } = costs(claims, rating, tolerance)
    return {
      divergences: [...divergences, ...own],
      selfInconsistent: own.length > 0,
      absorbed,
      toleranceMinor,
      policies: fitting(claims, policyAmounts(compiled, session.periods, options)),
      compiled,
      rating
    }
  })

interface Comparison {
  readonly what: string
  readonly claim: PriceClaim | null
  readonly net: Exact
  readonly gross: Exact
}

const partOf = (rating: Rating, dimensions: ReadonlyArray<LineDimension>): Pick<Comparison, "net" | "gross"> => {
  const lines = rating.lines.filter(({ dimension }) => dimensions.includes(dimension))
  const net = sum(lines.map((line) => line.net))
  return { net, gross: sum([net, ...lines.map((line) => line.tax)]) }
}

const comparisons = (claims: Claims, rating: Rating): ReadonlyArray<Comparison> => {
  const signed = claims.isCredit ? negate : (amount: Exact) => amount
  const whole = { what: "total_cost", claim: claims.totalCost, net: signed(rating.net), gross: signed(rating.gross) }
  if (rating.lines.some(({ dimension }) => dimension === "ADJUSTMENT")) return [whole]
  const named = [
    whole,
    { what: "total_energy_cost", claim: claims.energyCost, ...partOf(rating, ["ENERGY"]) },
    { what: "total_time_cost", claim: claims.timeCost, ...partOf(rating, ["TIME"]) }
  ]
  if (rating.lines.some(({ dimension, net }) => dimension === "FLAT" && net.n !== 0n)) return named
  return [
    ...named,
    { what: "total_parking_cost", claim: claims.parkingCost, ...partOf(rating, ["PARKING_TIME"]) },
    { what: "total_reservation_cost", claim: claims.reservationCost, ...partOf(rating, ["RESERVATION_TIME"]) },
    { what: "total_fixed_cost", claim: claims.fixedCost, ...partOf(rating, ["FLAT"]) }
  ]
}

const costs = (claims: Claims, rating: Rating, tolerance: Exact) => {
  const divergences: Array<Divergence> = []
  const absorbed: Array<string> = []
  const hold = (what: string, claimed: Figure, computed: Exact) => {
    const difference = subtract(claimed.value, computed)
    if (isRounded(claimed, computed)) return
    if (compare(magnitude(difference), tolerance) <= 0) {
      absorbed.push(what)
      return
    }
    const unit = rating.currency
    divergences.push({
      what,
      claimed: format(claimed.value, 6),
      computed: format(computed, 6),
      difference: format(difference, 6),
      unit,
      isSelf: false
    })
  }
  for (const { what, claim, net, gross } of comparisons(claims, rating)) {
    if (claim === null) continue
    hold(what, claim.net, net)
    if (claim.gross !== null) hold(`${what}_after_taxes`, claim.gross, gross)
  }
  return { divergences, absorbed }
}

const magnitude = (amount: Exact): Exact => (amount.n < 0n ? negate(amount) : amount)

/** Whether the claimed figure is the computed one, rounded to as many decimals as it has, or to cents. */
const isRounded = (claimed: Figure, computed: Exact): boolean => {
  const half = multiply(exact(1n, 2n), exact(1n, powerOfTen(Math.min(Math.max(claimed.decimals, 2), 6))))
  return compare(magnitude(subtract(claimed.value, computed)), half) <= 0
}

/** The policies that come to the claimed total, before and, where it is told, after taxes, digit for digit. */
const fitting = ({ totalCost, isCredit }: Claims, policies: ReadonlyArray<NamedPolicy>): ReadonlyArray<string> => {
  if (totalCost === null) return []
  const isClaim = (figure: Figure | null, amount: Exact) =>
    figure === null || compare(figure.value, isCredit ? negate(amount) : amount) === 0
  return policies
    .filter(({ amounts }) => isClaim(totalCost.net, amounts.net) && isClaim(totalCost.gross, amounts.gross))
    .map(({ name }) => name)
}
