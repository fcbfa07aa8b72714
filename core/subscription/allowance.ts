import { amountUntil, periodAt } from "./calendar.ts"
import { type Subscription, segmentAt } from "./Subscription.ts"

/** What of a session is included: at a price of zero. */
export interface Grant {
  readonly energyMilliWh: number
  readonly chargingMs: number
}

/** What a period includes in all, and which period that is. */
export interface Allowance extends Grant {
  readonly periodFromMs: number
}

const minuteMs = 60_000

/**
 * What is included in the period of an instant; undefined where nothing is. Plans that follow one another within a
 * period include each its part of it: who changes twice does not get it twice.
 */
export const allowanceAt = (subscription: Subscription, atMs: number): Allowance | undefined => {
  const current = segmentAt(subscription, atMs)
  if (current === undefined || current.plan.included === null) return undefined
  const { timeZone, proration } = subscription
  const of = periodAt(current.anchor, current.plan.interval, atMs)
  let energyMilliWh = 0n
  let chargingMs = 0n
  for (const { plan, anchor, fromMs, untilMs } of subscription.segments) {
    if (anchor.day !== current.anchor.day || anchor.msOfDay !== current.anchor.msOfDay || plan.included === null)
      continue
    if (fromMs >= of.toMs || (untilMs !== null && untilMs <= of.fromMs)) continue
    const share = (whole: number) => {
      const until = (instant: number) => amountUntil(BigInt(whole), of, instant, proration, timeZone)
      return until(untilMs ?? of.toMs) - until(fromMs)
    }
    energyMilliWh += share((plan.included.energyWh ?? 0) * 1000)
    chargingMs += share((plan.included.minutes ?? 0) * minuteMs)
  }
  return { periodFromMs: of.fromMs, energyMilliWh: Number(energyMilliWh), chargingMs: Number(chargingMs) }
}

/** What a session gets of an allowance of which others have used so much: at most what it wants. */
export const grantOf = (wanted: Grant, allowance: Grant, used: Grant): Grant => ({
  energyMilliWh: Math.min(wanted.energyMilliWh, Math.max(0, allowance.energyMilliWh - used.energyMilliWh)),
  chargingMs: Math.min(wanted.chargingMs, Math.max(0, allowance.chargingMs - used.chargingMs))
})
