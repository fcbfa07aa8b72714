import type { Draft } from "./rate.ts"

/**
 * How step_size is read (OCPI mod_cdrs). It applies once to a session's ENERGY and once to its TIME and PARKING_TIME
 * together, never per period.
 * - `parking-absorbs`: once any parking is priced, only parking is rounded and TIME is exact (the text's sentence).
 * - `sequential`: the one that comes last is rounded (the text's reason for that sentence).
 * - `none`: step_size is ignored, as in OCPI 3.0.
 */
export type StepPolicy = "parking-absorbs" | "sequential" | "none"

export const stepPolicies: ReadonlyArray<StepPolicy> = ["parking-absorbs", "sequential", "none"]

/** Rounds priced volume up to whole steps of the last component that priced it; the last priced stretch bears it. */
export const applySteps = (drafts: ReadonlyArray<Draft>, policy: StepPolicy): void => {
  if (policy === "none") return
  roundUp(drafts, "ENERGY")
  const last = drafts.findLast((it) => it.dimension === "PARKING_TIME" || it.dimension === "TIME")
  const parks = drafts.some((it) => it.dimension === "PARKING_TIME")
  if (last !== undefined) roundUp(drafts, policy === "sequential" ? last.dimension : parks ? "PARKING_TIME" : "TIME")
  roundUp(drafts, "RESERVATION_TIME")
}

/** A step of 1 is 1 Wh or 1 s, of 1000 mWh or ms. Exact multiples stay as they are. */
const roundUp = (drafts: ReadonlyArray<Draft>, dimension: Draft["dimension"]): void => {
  let volume = 0
  let last: Draft | undefined
  for (const it of drafts) {
    if (it.dimension !== dimension) continue
    volume += it.volume
    last = it
  }
  if (last === undefined) return
  const step = last.candidate.price.stepSize * 1000
  const rest = step === 0 ? 0 : volume % step
  if (rest === 0) return
  last.volume += step - rest
  last.stepSurplus = step - rest
}
