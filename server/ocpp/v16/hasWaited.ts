import { showsOurs } from "#core/station/clock.ts"
import type { StationOwner } from "../../station/StationOwner.ts"

const offlineAfterMs = 60_000

/**
 * A message so much older than its arrival, by the station's clock, was made offline: 1.6 has no flag for it. One that shows our
 * instant was not: the clock was set right.
 */
export const hasWaited = (owner: Pick<StationOwner, "shown">, atMs: number, nowMs: number): boolean =>
  owner.shown(nowMs) - atMs > offlineAfterMs && !showsOurs(atMs, nowMs)
