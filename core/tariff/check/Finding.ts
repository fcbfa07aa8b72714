import type { Claim, Witness } from "./witness.ts"

/**
 * `error`: broken or unlawful, not to be published. `warning`: works, but hardly as meant. `info`: worth knowing.
 */
export type Severity = "error" | "warning" | "info"

/** What a finding is about. */
export type Family = "lint" | "gap" | "overlap" | "unreachable" | "jump" | "law"

/** A session with what its rating shows. */
export interface Evidence {
  readonly witness: Witness
  readonly claim: Claim
}

/** Two sessions of which the second is a little longer: what they cost before taxes, as decimal text. */
export interface Jump {
  readonly before: Witness
  readonly after: Witness
  readonly netBefore: string
  readonly netAfter: string
}

/** One thing that is wrong or odd about a tariff. */
export interface Finding {
  readonly family: Family
  /** For machines: stable, in snake case. */
  readonly code: string
  readonly severity: Severity
  /** JSON pointer into the tariff as OCPI writes it. */
  readonly path: string
  /** For an operator, one or two sentences. */
  readonly message: string
  /** Null where no session can show it: a restriction that never holds, a figure that looks like another unit. */
  readonly evidence: Evidence | null
  readonly jump: Jump | null
  /** Of gaps and overlaps: the dimension, and when. */
  readonly where: { readonly dimension: string; readonly when: string } | null
}

/** A finding from what differs between them. */
export const finding = (
  family: Family,
  severity: Severity,
  code: string,
  path: string,
  message: string,
  rest: Partial<Pick<Finding, "evidence" | "jump" | "where">> = {}
): Finding => ({ family, code, severity, path, message, evidence: null, jump: null, where: null, ...rest })
