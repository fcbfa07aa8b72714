import { Result } from "effect"
import { type CompiledTariff, compile, type UnknownTimeZone } from "../compile.ts"
import type { Tariff } from "../Tariff.ts"
import { coverage } from "./coverage.ts"
import { extrasLints } from "./extras.ts"
import { type Finding, finding, type Severity } from "./Finding.ts"
import { jumps } from "./jumps.ts"
import { law, type Place } from "./law.ts"
import { lints } from "./lints.ts"
import type { Budget } from "./region.ts"

export interface CheckOptions extends Partial<Place> {
  /** IANA name of the site's zone, in which witnesses are told. */
  readonly timeZone?: string
}

/** Boxes that one analysis may make: some milliseconds of work, a hundred times what a real tariff needs. */
const maxBoxes = 60_000

/**
 * Everything that can be said about a tariff without a session: see {@link Finding}. The worst first, in the tariff's
 * order otherwise. A tariff that is too intricate to be looked through is told as `too_complex`, never passed in silence.
 */
export const checkTariff = (
  tariff: Tariff,
  options: CheckOptions = {}
): Result.Result<ReadonlyArray<Finding>, UnknownTimeZone> =>
  Result.map(compile(tariff, options.timeZone ?? "UTC"), (compiled) => checkCompiled(compiled, options))

/** The same of a tariff that is compiled already. */
export const checkCompiled = (compiled: CompiledTariff, options: Partial<Place> = {}): ReadonlyArray<Finding> => {
  const budget: Budget = { left: maxBoxes }
  const covered = coverage(compiled, budget)
  const place: Place = { country: options.country ?? null, maxPowerKw: options.maxPowerKw ?? null }
  const findings = [
    ...lints(compiled),
    ...extrasLints(compiled),
    ...(budget.left < 0 ? [tooComplex] : covered),
    ...jumps(compiled),
    ...law(compiled, place)
  ]
  return findings.sort((a, b) => rank[a.severity] - rank[b.severity])
}

const rank: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 }

const tooComplex = finding(
  "lint",
  "warning",
  "too_complex",
  "/elements",
  "The elements cut each other in so many ways that gaps and overlaps were not looked for. Split the tariff, or give its elements fewer restrictions."
)
