import type { OracleResult, Verdict } from "#simulator/oracles/Oracle.ts"
import type { OwnCosts } from "./ownCosts.ts"

export type WorldName = "virtual" | "live" | "remote"
export type StoreName = "memory" | "postgres"

/** What a run comes to: exactly what `--json` prints. */
export interface RunResult {
  readonly scenario: string
  readonly seed: string
  readonly world: WorldName
  /** Null where the CMS is another's. */
  readonly store: StoreName | null
  readonly commit: string | null
  /** Over every frame that either side sent, and when; two runs of one seed have the same. Null outside virtual time. */
  readonly traceHash: string | null
  readonly verdict: Verdict
  readonly oracles: ReadonlyArray<OracleResult>
  /** CALLs of the stations that were answered. */
  readonly messages: number
  readonly transactions: number
  readonly energyWh: number
  /** Gross totals of all CDRs in minor units, as decimal text because JSON has no integers of that size. */
  readonly money: Readonly<Record<string, string>>
  /** What stations reckoned by themselves, against the bills; absent where none did. */
  readonly ownCosts?: OwnCosts
  readonly virtualSeconds: number
  readonly wallSeconds: number
  readonly peakRssBytes: number
}

/** What a progress line is made of. */
export interface RunProgress {
  /** Now, and the last instant there will be; epoch milliseconds of the run's own time. */
  readonly atMs: number
  readonly startAtMs: number
  readonly untilMs: number
  readonly messages: number
  readonly sessions: number
  readonly connected: number
}
