import type { CostRow } from "./localCost.ts"
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
  | "meter-contradiction"
  | "start-missing"
  | "start-rejected"
  | "stop-missing"
  | "stop-by-stranger"
  | "messages-missing"
  | "tariff-missing"
  | "cost-mismatch"
  | "corrected"

export interface Finding {
  readonly code: FindingCode
  /** When it shows, by the station's clock; null when it concerns the whole transaction. */
  readonly atMs: number | null
  /** One sentence for the operator, with the figures. */
  readonly text: string
  /** Of a cost-mismatch: what the station told and what is billed, dimension by dimension, where it told that. */
  readonly costs?: ReadonlyArray<CostRow>
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

/** Findings kept of one transaction's readings: a garbled meter would tell the same a thousand times. */
const findingLimit = 100

/** A reading that counts: what the register showed, and the energy owed for up to there. */
type Counted = Measurement["curve"][number] & { readonly shownWh: number }

/**
 * Reads a transaction's register. A rise that no charger can deliver is not billed but reported, and a new count begins;
 * a lone reading that leaves and comes back is passed over. A register that falls goes on from the last reading that it
 * can have risen from, in this count or one before it, and what was read in between does not count: so never more is billed
 * than the difference of two readings of one count, however its readings came to be shuffled. Below all of them, a new one
 * begins. A count in thousandths of what the register shows beside it is billed as such: see `inItsUnit`.
 */
export const measure = (samples: ReadonlyArray<Sample>, given: MeasureOptions): Measurement => {
  const findings: Array<Finding> = []
  const usable = inSession(samples, given, findings)
  const options = { ...given, maxPowerW: Math.min(given.maxPowerW, believablePowerW(usable)) }
  const begin = baseline(usable, options, findings)
  /** The present one is the last. */
  const counts: Array<Array<Counted>> = [
    [{ atMs: begin.atMs, registerWh: 0, shownWh: begin.registerWh, powerW: null, currentMa: null }]
  ]
  /** What the meter showed before the present count. */
  let besideWh = given.priorRegisterWh
  for (let i = begin.from; i < usable.length; i++) {
    const sample = usable[i]!
    const count = counts[counts.length - 1]!
    const last = count[count.length - 1]!
    const shownWh = sample.registerWh!
    const riseWh = shownWh - last.shownWh
    let base: Counted | undefined = last
    if (riseWh < 0 || riseWh > allowedWh(last.atMs, sample.atMs, options)) {
      if (isLoneOutlier(usable, i, last, options)) {
        findings.push(outlier(sample, last.shownWh))
        continue
      }
      findings.push(riseWh < 0 ? rollback(sample, last.shownWh) : jump(sample, last.shownWh))
      base = riseWh < 0 ? riseFrom(counts, sample, options) : undefined
    }
    if (sample.atMs - last.atMs > gapMs) findings.push(gap(last.atMs, sample.atMs))
    const { atMs, powerW, currentMa } = sample
    if (base !== undefined) {
      const registerWh = base.registerWh + shownWh - base.shownWh
      counts[counts.length - 1]!.push({ atMs, registerWh, shownWh, powerW, currentMa })
      continue
    }
    const closed = inItsUnit(count, [besideWh, shownWh], usable, options, findings)
    besideWh = last.shownWh
    const { registerWh } = closed[closed.length - 1]!
    counts.splice(-1, 1, closed, [{ atMs, registerWh, shownWh, powerW, currentMa }])
  }
  const present = inItsUnit(counts.pop()!, [besideWh], usable, options, findings)
  const energyWh = present[present.length - 1]!.registerWh
  const curve = [...counts, present]
    .flat()
    .slice(1)
    .map(({ atMs, registerWh, powerW, currentMa }): Measurement["curve"][number] => ({
      atMs,
      registerWh,
      powerW,
      currentMa
    }))
  findings.push(...contradiction(usable, energyWh))
  return { energyWh, curve, findings: findings.slice(0, findingLimit) }
}

/** Readings with power that say what kind of charger this is, and how much more may have flowed between two of them. */
const enoughPowers = 3
const powerRoom = 3

/** What a station that reports power can have delivered between its readings: an AC post has no leap of a fast charger. */
const believablePowerW = (usable: ReadonlyArray<Sample>, enough = enoughPowers): number => {
  let count = 0
  let mostW = 0
  for (const { powerW } of usable) {
    if (powerW === null || powerW <= 0) continue
    count++
    if (powerW > mostW) mostW = powerW
  }
  return count < enough ? Number.POSITIVE_INFINITY : mostW * powerRoom
}

/** How far a register may stand from the thousandfold of another, for what flowed between the two: one part in so many. */
const unitRoom = 10

/**
 * A count whose register stands at a thousand times what the same meter shows before or after it: one of them is in another
 * unit, and nobody knows which. Where so much cannot have flowed in that time, without the room that an honest meter has, and by
 * any power that was told, it is this one, and a thousandth of it is owed.
 */
const inItsUnit = (
  count: Array<Counted>,
  besideWh: ReadonlyArray<number | null>,
  usable: ReadonlyArray<Sample>,
  options: MeasureOptions,
  findings: Array<Finding>
): Array<Counted> => {
  const [first, last] = [count[0]!, count[count.length - 1]!]
  const roseWh = last.registerWh - first.registerWh
  if (roseWh === 0 || !besideWh.some((it) => it !== null && isThousandfold(first.shownWh, it))) return count
  const maxPowerW = Math.min(options.maxPowerW, believablePowerW(usable, 1))
  if (roseWh <= Math.floor(((last.atMs - first.atMs) * maxPowerW) / 3_600_000)) return count
  const thousandth = ({ registerWh }: Counted) => first.registerWh + Math.floor((registerWh - first.registerWh) / 1_000)
  const text = `The register counted ${roseWh} Wh in thousandths of what it shows beside; ${thousandth(last) - first.registerWh} Wh are billed.`
  findings.push({ code: "meter-contradiction", atMs: first.atMs, text })
  return count.map((it) => ({ ...it, registerWh: thousandth(it) }))
}

const isThousandfold = (shownWh: number, besideWh: number): boolean =>
  besideWh >= 1_000 && Math.abs(shownWh - besideWh * 1_000) * unitRoom <= shownWh

/** The last reading that a lower one can have risen from, in the newest count that has one; all after it is let go. */
const riseFrom = (counts: Array<Array<Counted>>, sample: Sample, options: MeasureOptions): Counted | undefined => {
  const shownWh = sample.registerWh!
  for (let index = counts.length - 1; index >= 0; index--) {
    const count = counts[index]!
    const found = count.findLastIndex(
      (earlier) =>
        earlier.shownWh <= shownWh && shownWh - earlier.shownWh <= allowedWh(earlier.atMs, sample.atMs, options)
    )
    if (found < 0) continue
    counts.length = index + 1
    count.length = found + 1
    return count[found]
  }
  return undefined
}

/** A contradiction over less energy may be two readings a moment apart. */
const worthTellingWh = 1_000

/**
 * A register that stands still, or counts in another unit, while the station itself reports power: of each interval the
 * lower of its two powers flowed at least. The register is what is billed all the same.
 */
const contradiction = (usable: ReadonlyArray<Sample>, energyWh: number): ReadonlyArray<Finding> => {
  let wattMs = 0
  for (let i = 1; i < usable.length; i++) {
    const [one, other] = [usable[i - 1]!, usable[i]!]
    if (one.powerW === null || other.powerW === null) continue
    wattMs += Math.max(0, Math.min(one.powerW, other.powerW)) * Math.min(gapMs, other.atMs - one.atMs)
  }
  const leastWh = Math.floor(wattMs / 3_600_000)
  if (leastWh < worthTellingWh || energyWh * 2 >= leastWh) return []
  const text = `The register counted ${energyWh} Wh while the power reported amounts to ${leastWh} Wh at least.`
  return [{ code: "meter-contradiction", atMs: null, text }]
}

interface Base {
  readonly from: number
  readonly atMs: number
  readonly registerWh: number
}

/** Whether a register can have risen so far in that time, at the fastest charger there is; a fall it cannot. */
export const canRise = (riseWh: number, fromMs: number, toMs: number): boolean =>
  riseWh >= 0 && riseWh <= slackWh + Math.floor((Math.max(0, toMs - fromMs) * maxPlausiblePowerW) / 3_600_000)

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
    // By a clock that was never set a begin may lie before its session, and so may its end; the begin behind the end is the
    // next charge's, told under the name of this one.
    const isBound = sample.context === "End" || (sample.context === "Begin" && sample.atMs <= options.endedAtMs)
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
  // The begin may be told twice: by StartTransaction, and by a MeterValues of its own.
  const from = usable.findIndex(({ context, registerWh }) => context !== "Begin" || registerWh !== 0)
  const second = usable[from]
  if (begin.registerWh !== 0 || second === undefined) return begin
  const prior = options.priorRegisterWh
  const isKnownHigher = prior !== null && prior > 0 && second.registerWh! >= prior
  const believableWh = Math.min(sessionLimitWh, allowedWh(begin.atMs, second.atMs, options))
  if (!isKnownHigher && second.registerWh! <= believableWh) return begin
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
    ? { from, atMs: begin.atMs, registerWh: prior }
    : { from, atMs: second.atMs, registerWh: second.registerWh! }
}

/** Whether the reading after the odd one fits again to the one before it. */
const isLoneOutlier = (
  usable: ReadonlyArray<Sample>,
  index: number,
  base: Counted,
  options: MeasureOptions
): boolean => {
  const next = usable[index + 1]
  if (next === undefined) return false
  const riseWh = next.registerWh! - base.shownWh
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
  text: `The register fell from ${beforeWh} to ${sample.registerWh} Wh; what is not between two readings of one count is not billed.`
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
