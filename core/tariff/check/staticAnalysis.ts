import { Result } from "effect"
import type { UnknownTimeZone } from "../compile.ts"
import type { Tariff } from "../Tariff.ts"
import { type CheckOptions, checkTariff } from "./checkTariff.ts"
import type { Finding } from "./Finding.ts"

/** Where a dimension has no price, or two. */
export interface Region {
  readonly dimension: string
  readonly when: string
  readonly witness_local?: string
}

/** The findings in the shape of the published examples of kind `static-analysis`. */
export interface StaticAnalysis {
  /** `code@pointer` of errors and warnings. */
  readonly findings: ReadonlyArray<string>
  readonly gaps: ReadonlyArray<Region>
  readonly overlaps: ReadonlyArray<Region>
  /** Pointers of the components that are never charged. */
  readonly unreachable: ReadonlyArray<string>
}

/** Checks a tariff and answers as the published examples do. */
export const staticAnalysis = (
  tariff: Tariff,
  options: CheckOptions = {}
): Result.Result<StaticAnalysis, UnknownTimeZone> => Result.map(checkTariff(tariff, options), expectedOf)

/** Findings that are already there, in that shape. */
export const expectedOf = (findings: ReadonlyArray<Finding>): StaticAnalysis => ({
  findings: findings
    .filter(({ family, severity }) => ["lint", "law", "unreachable"].includes(family) && severity !== "info")
    .map(({ code, path }) => `${code}@${path}`),
  gaps: findings.filter(({ family }) => family === "gap").map(regionOf),
  overlaps: findings.filter(({ family }) => family === "overlap").map(regionOf),
  unreachable: findings.filter(({ family }) => family === "unreachable").map(({ path }) => path)
})

const regionOf = ({ where, evidence }: Finding): Region => ({
  dimension: where!.dimension,
  when: where!.when,
  ...(where!.when !== "always" && evidence !== null && { witness_local: evidence.witness.localAt })
})
