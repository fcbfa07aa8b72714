import { formatMinor } from "../Money.ts"

/** What a hold may be sized by. */
export interface Sizing {
  readonly currency: string
  /** What sessions like this one cost, gross, in minor units; in any order. */
  readonly costsMinor: ReadonlyArray<bigint>
  /** What a usual session would cost by the tariff, for want of enough sessions; null when it cannot be told. */
  readonly estimateMinor: bigint | null
  /** What the tariff itself asks to be held (OCPI preauthorize_amount); null when it does not say. */
  readonly tariffMinor: bigint | null
}

export interface SizingPolicy {
  readonly minMinor: bigint
  readonly maxMinor: bigint
  /** Out of a hundred sessions so many must be covered: 95 for nineteen of twenty. */
  readonly quantilePercent: number
  /** Sessions needed before their costs say more than the tariff does. */
  readonly minimumSessions: number
  /** Holds are whole multiples of it, so that a driver reads a round amount. */
  readonly roundToMinor: bigint
}

export const standardSizing: SizingPolicy = {
  minMinor: 1_000n,
  maxMinor: 10_000n,
  quantilePercent: 95,
  minimumSessions: 20,
  roundToMinor: 500n
}

export interface Hold {
  readonly amountMinor: bigint
  /** Why that much, for the driver. */
  readonly reason: string
}

/** The least cost that so many percent of the sessions do not exceed (nearest rank); undefined of none. */
export const quantile = (costsMinor: ReadonlyArray<bigint>, percent: number): bigint | undefined => {
  if (costsMinor.length === 0) return undefined
  const sorted = [...costsMinor].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  const rank = Math.ceil((Math.min(100, Math.max(0, percent)) / 100) * sorted.length)
  return sorted[Math.max(1, rank) - 1]
}

/** How much to hold before a start, and why. Never less than the minimum, never more than the cap, which wins. */
export const sizeHold = (sizing: Sizing, policy: SizingPolicy): Hold => {
  const money = (amountMinor: bigint): string => `${formatMinor(amountMinor, sizing.currency)} ${sizing.currency}`
  const rest = "You pay only what you charge; the rest is released."
  const [expectedMinor, because] = expected(sizing, policy)
  const roundedMinor = roundUp(expectedMinor, policy.roundToMinor)
  if (roundedMinor > policy.maxMinor) {
    const stop = "Charging stops before it is used up."
    return { amountMinor: policy.maxMinor, reason: `${money(policy.maxMinor)} is the most we hold. ${stop} ${rest}` }
  }
  if (roundedMinor <= policy.minMinor)
    return { amountMinor: policy.minMinor, reason: `${money(policy.minMinor)} is the least we hold. ${rest}` }
  return { amountMinor: roundedMinor, reason: `We hold ${money(roundedMinor)}: ${because} ${rest}` }
}

const expected = (sizing: Sizing, policy: SizingPolicy): readonly [bigint, string] => {
  if (sizing.tariffMinor !== null) return [sizing.tariffMinor, "the amount this tariff names."]
  const usual =
    sizing.costsMinor.length >= policy.minimumSessions ? quantile(sizing.costsMinor, policy.quantilePercent) : undefined
  if (usual !== undefined)
    return [
      usual,
      `${policy.quantilePercent} of 100 charges here cost no more, by the last ${sizing.costsMinor.length}.`
    ]
  if (sizing.estimateMinor !== null) return [sizing.estimateMinor, "what a usual charge costs by this tariff."]
  return [policy.minMinor, ""]
}

const roundUp = (amountMinor: bigint, toMinor: bigint): bigint => {
  const over = amountMinor % toMinor
  return over === 0n ? amountMinor : amountMinor - over + toMinor
}
