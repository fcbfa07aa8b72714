import type { Sample } from "./Sample.ts"

/**
 * What is odd about a transaction, as codes an operator can filter by. None of them stops the recording; those about
 * the register decide what is billed instead of passing a nonsense value on to the invoice.
 */
export type FindingCode =
  | "meter-rollback"
  | "meter-jump"
  | "meter-zero-baseline"
  | "meter-gap"
  | "meter-missing-begin"
  | "meter-missing-end"
  | "meter-outside-session"
  | "meter-clock"
  | "start-missing"
  | "start-rejected"
  | "stop-missing"
  | "stop-by-stranger"
  | "messages-missing"
  | "tariff-missing"

export interface Finding {
  readonly code: FindingCode
  /** When it shows, by the station's clock; null when it concerns the whole transaction. */
  readonly atMs: number | null
  /** One sentence for the operator, with the figures. */
  readonly text: string
}

/** Readings made trustworthy: the register rises from 0 and every step is plausible. */
export interface Measurement {
  /** Energy owed for: the sum of the plausible rises. */
  readonly energyWh: number
  /** Sorted by time, `registerWh` counted from the transaction's begin; suitable for charging periods. */
  readonly curve: ReadonlyArray<{
    readonly atMs: number
    readonly registerWh: number
    readonly powerW: number | null
    readonly currentMa: number | null
  }>
  readonly findings: ReadonlyArray<Finding>
}

export interface MeasureOptions {
  readonly startedAtMs: number
  readonly endedAtMs: number
  /** The EVSE's register before the transaction, if one was ever reported. */
  readonly priorRegisterWh: number | null
  /** No EVSE delivers more; a faster rise is not believed. */
  readonly maxPowerW: number
}

/** The fastest charger on the market with some room: MCS aside, nothing public delivers more today. */
export const maxPlausiblePowerW = 600_000

/** A meter that answers in whole kWh, or late by some seconds, may rise by this much at once. */
const slackWh = 2_000

/**
 * No car or lorry takes more in one session, however long it lasts; the register of a public charger's meter stands
 * higher than that after some weeks.
 */
const sessionLimitWh = 1_000_000

/** Readings further apart than this while charging are a gap worth telling. */
const gapMs = 60 * 60_000

/** A timestamp this far outside the session cannot be an unsynchronised second hand. */
const clockToleranceMs = 5 * 60_000

/**
 * Reads a transaction's register. A rise that no charger can deliver is not billed but reported; a register that falls
 * starts a new count from there; a lone reading that leaves and comes back is passed over.
 */
export const measure = (samples: ReadonlyArray<Sample>, options: MeasureOptions): Measurement => {
  const findings: Array<Finding> = []
  const usable = inSession(samples, options, findings)
  const curve: Array<Measurement["curve"][number]> = []
  let energyWh = 0
  let base = baseline(usable, options, findings)
  for (let i = base.from; i < usable.length; i++) {
    const sample = usable[i]!
    const registerWh = sample.registerWh!
    const riseWh = registerWh - base.registerWh
    if (riseWh < 0 || riseWh > allowedWh(base.atMs, sample.atMs, options)) {
      if (isLoneOutlier(usable, i, base, options)) {
        findings.push(outlier(sample, base.registerWh))
        continue
      }
      findings.push(riseWh < 0 ? rollback(sample, base.registerWh) : jump(sample, base.registerWh))
    } else {
      energyWh += riseWh
    }
    if (sample.atMs - base.atMs > gapMs) findings.push(gap(base.atMs, sample.atMs))
    base = { from: i + 1, atMs: sample.atMs, registerWh }
    curve.push({ atMs: sample.atMs, registerWh: energyWh, powerW: sample.powerW, currentMa: sample.currentMa })
  }
  return { energyWh, curve, findings }
}

interface Base {
  readonly from: number
  readonly atMs: number
  readonly registerWh: number
}

const allowedWh = (fromMs: number, toMs: number, options: MeasureOptions): number =>
  slackWh + Math.floor((Math.max(0, toMs - fromMs) * options.maxPowerW) / 3_600_000)

/** Samples that carry a register and lie in the session; the others become findings. */
const inSession = (
  samples: ReadonlyArray<Sample>,
  options: MeasureOptions,
  findings: Array<Finding>
): ReadonlyArray<Sample> => {
  const usable: Array<Sample> = []
  let outside = 0
  for (const sample of samples) {
    if (sample.registerWh === null) continue
    const isBound = sample.context === "Begin" || sample.context === "End"
    if (!isBound && (sample.atMs < options.startedAtMs || sample.atMs > options.endedAtMs)) {
      outside++
      const farMs = Math.max(options.startedAtMs - sample.atMs, sample.atMs - options.endedAtMs)
      const code = farMs > clockToleranceMs ? "meter-clock" : "meter-outside-session"
      if (outside <= 8) findings.push({ code, atMs: sample.atMs, text: "A reading lies outside the session." })
      continue
    }
    usable.push(sample)
  }
  if (usable.length > 0 && usable[0]!.context !== "Begin")
    findings.push({ code: "meter-missing-begin", atMs: null, text: "No reading was taken at the begin." })
  if (usable.length === 0 || usable[usable.length - 1]!.context !== "End")
    findings.push({ code: "meter-missing-end", atMs: null, text: "No reading was taken at the end." })
  return usable
}

/**
 * The register to count from. A begin of 0 on a meter known to stand elsewhere, or followed at once by its lifetime's
 * register, is a station that had not read its meter yet: counting from it would bill the meter's life.
 */
const baseline = (usable: ReadonlyArray<Sample>, options: MeasureOptions, findings: Array<Finding>): Base => {
  const first = usable[0]
  if (first === undefined) return { from: 0, atMs: options.startedAtMs, registerWh: 0 }
  const begin = { from: 0, atMs: first.atMs, registerWh: first.registerWh! }
  const second = usable[1]
  if (begin.registerWh !== 0 || second === undefined) return begin
  if (second.registerWh! <= Math.min(sessionLimitWh, allowedWh(begin.atMs, second.atMs, options))) return begin
  const prior = options.priorRegisterWh
  const isPriorBelievable =
    prior !== null &&
    prior > 0 &&
    second.registerWh! >= prior &&
    second.registerWh! - prior <= allowedWh(begin.atMs, second.atMs, options)
  findings.push({
    code: "meter-zero-baseline",
    atMs: begin.atMs,
    text: `The begin of 0 Wh is not believed beside ${second.registerWh} Wh; counted from ${isPriorBelievable ? prior : second.registerWh} Wh.`
  })
  return isPriorBelievable
    ? { from: 1, atMs: begin.atMs, registerWh: prior }
    : { from: 1, atMs: second.atMs, registerWh: second.registerWh! }
}

/** Whether the reading after the odd one fits again to the one before it. */
const isLoneOutlier = (usable: ReadonlyArray<Sample>, index: number, base: Base, options: MeasureOptions): boolean => {
  const next = usable[index + 1]
  if (next === undefined) return false
  const riseWh = next.registerWh! - base.registerWh
  return riseWh >= 0 && riseWh <= allowedWh(base.atMs, next.atMs, options)
}

const outlier = (sample: Sample, beforeWh: number): Finding => ({
  code: "meter-jump",
  atMs: sample.atMs,
  text: `A lone reading of ${sample.registerWh} Wh beside ${beforeWh} Wh was passed over.`
})

const rollback = (sample: Sample, beforeWh: number): Finding => ({
  code: "meter-rollback",
  atMs: sample.atMs,
  text: `The register fell from ${beforeWh} to ${sample.registerWh} Wh; the fall is not billed.`
})

const jump = (sample: Sample, beforeWh: number): Finding => ({
  code: "meter-jump",
  atMs: sample.atMs,
  text: `The register rose from ${beforeWh} to ${sample.registerWh} Wh faster than any charger delivers; the rise is not billed.`
})

const gap = (fromMs: number, toMs: number): Finding => ({
  code: "meter-gap",
  atMs: fromMs,
  text: `No reading for ${Math.round((toMs - fromMs) / 60_000)} minutes.`
})
