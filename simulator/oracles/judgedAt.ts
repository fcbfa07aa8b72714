import type { TrueSession } from "../Truth.ts"

/** A clock that is off by less than that is right. */
const rightWithinMs = 60_000
/** A start may have been told so late that this is when a CMS that knows the clock is off takes it for. */
const toldWithinMs = 15 * 60_000

/**
 * The true instants for one of which a CMS must take a session's start when it judges the token and chooses the prices. By
 * a clock that is right it is what the station said, unless that is still to come when it is told. One that is ahead shows
 * itself with the first message that did not wait; whether one is behind, or the message waited, a CMS need not know yet.
 */
export const judgedAt = (session: TrueSession): ReadonlyArray<number> => {
  const { startedAtMs, trueStartedAtMs, startOffline, lies } = session
  const aheadMs = startedAtMs - trueStartedAtMs
  if (Math.abs(aheadMs) < rightWithinMs) return aheadMs > 0 ? [startedAtMs, trueStartedAtMs] : [startedAtMs]
  const isKnown = aheadMs > 0 && !startOffline && !lies.includes("clock")
  const truly = [trueStartedAtMs, trueStartedAtMs + toldWithinMs]
  return isKnown ? truly : [startedAtMs, ...truly]
}
