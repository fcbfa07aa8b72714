import type { StationOwner } from "../../station/StationOwner.ts"

const offlineAfterMs = 60_000

/** A message so much older than its arrival, by the station's clock, was made offline: 1.6 has no flag for it. */
export const hasWaited = (owner: StationOwner, atMs: number, nowMs: number): boolean =>
  owner.shown(nowMs) - atMs > offlineAfterMs
