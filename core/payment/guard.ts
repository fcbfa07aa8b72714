/** A charge under way, against what is held for it. */
export interface Exposure {
  /** Held now. */
  readonly authorizedMinor: bigint
  /** What it will cost when a stop asked for now takes effect: with the energy and time of the latency. */
  readonly atStopMinor: bigint
  /** What it will cost when an increment asked for now has been answered, and a stop after it takes effect. */
  readonly afterIncrementMinor: bigint
  /** `refused`: the card or the provider does not do it, or did not this time. */
  readonly increment: "possible" | "pending" | "refused"
  /** When what is held is released by itself; null when not known. */
  readonly captureBeforeMs: number | null
}

export interface GuardPolicy {
  /** How much may be delivered beyond what is held. */
  readonly riskMinor: bigint
  /** By how much a hold is raised at a time. */
  readonly stepMinor: bigint
  /** No hold is raised beyond it. */
  readonly maxMinor: bigint
  /** How long before a hold is released the charge must be over, so that it can be captured. */
  readonly captureLeadMs: number
}

export type GuardDecision =
  | { readonly _tag: "Continue" }
  | { readonly _tag: "Increment"; readonly toMinor: bigint }
  | { readonly _tag: "Stop"; readonly why: string }

/**
 * Whether a charge goes on. It stops while what is held still covers what flows until it has stopped; the increment is
 * asked for earlier, while there is time to stop without it.
 */
export const guard = (exposure: Exposure, policy: GuardPolicy, nowMs: number): GuardDecision => {
  const { authorizedMinor, atStopMinor, afterIncrementMinor, increment, captureBeforeMs } = exposure
  if (captureBeforeMs !== null && nowMs >= captureBeforeMs - policy.captureLeadMs)
    return { _tag: "Stop", why: "The hold on the card ends soon." }
  if (atStopMinor >= authorizedMinor + policy.riskMinor)
    return { _tag: "Stop", why: "What is held on the card is nearly used up." }
  const toMinor = minimum(authorizedMinor + policy.stepMinor, policy.maxMinor)
  if (increment === "possible" && afterIncrementMinor >= authorizedMinor && toMinor > authorizedMinor)
    return { _tag: "Increment", toMinor }
  return { _tag: "Continue" }
}

const minimum = (a: bigint, b: bigint): bigint => (a < b ? a : b)
