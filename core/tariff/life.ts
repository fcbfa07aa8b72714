import { Result } from "effect"
import { select } from "./select.ts"
import type { Tariff } from "./Tariff.ts"

/** A version that was published, and whether it was taken back. Never edited otherwise. */
export interface TariffVersion extends Tariff {
  /** No transaction that begins at this instant or later is priced by it; null: not retired. */
  readonly retiredAtMs: number | null
}

/**
 * The version that holds for a transaction that begins at that instant; undefined when none does. Of those that are valid
 * then and not retired, the one whose validity began last: one that was scheduled takes over when its time has come,
 * whatever was published meanwhile. Of two from the same instant the newer.
 */
export const versionAt = (versions: ReadonlyArray<TariffVersion>, atMs: number): TariffVersion | undefined => {
  const standing = versions.filter(({ retiredAtMs }) => retiredAtMs === null || atMs < retiredAtMs)
  return Result.getOrUndefined(select(standing, atMs))
}

/** What a version is at an instant. */
export type VersionState = "scheduled" | "holds" | "superseded" | "expired" | "retired"

/** Of each version, what it is then. */
export const statesAt = (versions: ReadonlyArray<TariffVersion>, atMs: number): ReadonlyArray<VersionState> => {
  const holding = versionAt(versions, atMs)
  return versions.map((it) => {
    if (it.retiredAtMs !== null && it.retiredAtMs <= atMs) return "retired"
    if (it === holding) return "holds"
    if (it.startAtMs !== null && atMs < it.startAtMs) return "scheduled"
    return it.endAtMs !== null && it.endAtMs <= atMs ? "expired" : "superseded"
  })
}
