import { Data, Result } from "effect"
import type { ChargingPeriod } from "./ChargingPeriod.ts"
import { type CompiledTariff, compile, type UnknownTimeZone } from "./compile.ts"
import type { Rating } from "./Rating.ts"
import { type RateOptions, rate } from "./rate.ts"
import type { Tariff, TariffType } from "./Tariff.ts"

/** No tariff was valid for that kind of session when it started. */
export class NoTariff extends Data.TaggedError("NoTariff")<{ readonly atMs: number }> {}

/** A charging period names a tariff that is not among those given; another one would be a guess. */
export class UnknownTariff extends Data.TaggedError("UnknownTariff")<{ readonly tariffId: string }> {}

/** The session is in another currency than its tariff: a rating changes no money. */
export class CurrencyMismatch extends Data.TaggedError("CurrencyMismatch")<{
  readonly tariffCurrency: string
  readonly sessionCurrency: string
}> {}

/** The charging periods name more than one tariff; such a session is to be rated part by part. */
export class MixedTariffs extends Data.TaggedError("MixedTariffs")<{ readonly tariffIds: ReadonlyArray<string> }> {}

/**
 * The tariff for a session that starts at that instant, to be frozen with it: valid then, of the wanted type or else of
 * no type. Several that fit: the first named wins, in the version whose validity began last, and of two from the same instant
 * the newer. The start of validity is inclusive, its end exclusive.
 */
export const select = <T extends Tariff>(
  tariffs: ReadonlyArray<T>,
  atMs: number,
  type: TariffType = "REGULAR"
): Result.Result<T, NoTariff> => {
  const valid = tariffs.filter(
    (tariff) =>
      (tariff.startAtMs === null || tariff.startAtMs <= atMs) && (tariff.endAtMs === null || atMs < tariff.endAtMs)
  )
  const fitting = valid.find((tariff) => tariff.type === type) ?? valid.find((tariff) => tariff.type === null)
  if (fitting === undefined) return Result.fail(new NoTariff({ atMs }))
  return Result.succeed(
    valid.reduce(
      (best, it) => (it.id === best.id && it.type === best.type && supersedes(it, best) ? it : best),
      fitting
    )
  )
}

/** Whether of two versions that are valid at an instant the first one holds. */
const supersedes = (one: Tariff, other: Tariff): boolean => {
  const [since, otherSince] = [one.startAtMs ?? Number.NEGATIVE_INFINITY, other.startAtMs ?? Number.NEGATIVE_INFINITY]
  return since === otherSince ? one.version > other.version : since > otherSince
}

/** A session as a CDR tells it: what was measured, and what it says about its tariff. */
export interface RatedSession {
  readonly startAtMs: number
  /** IANA name: no CDR carries it, the location does. */
  readonly timeZone: string
  /** The currency that the session is to be in; null: the tariff's. */
  readonly currency: string | null
  /** What the driver chose; REGULAR when nothing was chosen. */
  readonly type?: TariffType
  /** `tariffId` where the CDR names the tariff of a period. */
  readonly periods: ReadonlyArray<ChargingPeriod & { readonly tariffId?: string }>
}

export type RateSessionError = UnknownTimeZone | NoTariff | UnknownTariff | CurrencyMismatch | MixedTariffs

/** Selects the tariff of a session and prepares it for the session's place. */
export const compileFor = (
  tariffs: ReadonlyArray<Tariff>,
  session: RatedSession
): Result.Result<CompiledTariff, RateSessionError> => {
  const tariff = tariffOf(tariffs, session)
  if (Result.isFailure(tariff)) return Result.fail(tariff.failure)
  if (session.currency !== null && session.currency !== tariff.success.currency) {
    return Result.fail(
      new CurrencyMismatch({ tariffCurrency: tariff.success.currency, sessionCurrency: session.currency })
    )
  }
  return compile(tariff.success, session.timeZone)
}

/** Selects the tariff and rates the session by it: what a CDR should cost, whoever wrote it. */
export const rateSession = (
  tariffs: ReadonlyArray<Tariff>,
  session: RatedSession,
  options: RateOptions = {}
): Result.Result<Rating, RateSessionError> =>
  Result.map(compileFor(tariffs, session), (compiled) => rate(compiled, session.periods, options))

const tariffOf = (
  tariffs: ReadonlyArray<Tariff>,
  session: RatedSession
): Result.Result<Tariff, NoTariff | UnknownTariff | MixedTariffs> => {
  const named = [
    ...new Set(session.periods.flatMap((period) => (period.tariffId === undefined ? [] : period.tariffId)))
  ]
  if (named.length > 1) return Result.fail(new MixedTariffs({ tariffIds: named }))
  const tariffId = named[0]
  if (tariffId === undefined) return select(tariffs, session.startAtMs, session.type)
  const versions = tariffs.filter((tariff) => tariff.id === tariffId)
  if (versions.length === 0) return Result.fail(new UnknownTariff({ tariffId }))
  const selected = select(versions, session.startAtMs, session.type)
  return Result.isSuccess(selected) ? selected : Result.succeed(versions[versions.length - 1]!)
}
