/** Why a reading was taken (1.6 ReadingContext, 2.x ReadingContextEnumType), in the order it holds at one instant. */
export type SampleContext = "Begin" | "Interruption" | "Clock" | "Periodic" | "Trigger" | "Other" | "End"

/** One instant's readings of one EVSE, units normalised: what is billed or drawn has a column, the rest stays in `extra`. */
export interface Sample {
  /** The meter's own timestamp. */
  readonly atMs: number
  readonly context: SampleContext
  /** Energy.Active.Import.Register, whole Wh, rounded down. */
  readonly registerWh: number | null
  readonly powerW: number | null
  readonly currentMa: number | null
  readonly voltageMv: number | null
  readonly socPercent: number | null
  /** Other measurands as sent, keyed `measurand@phase@location`. */
  readonly extra: Readonly<Record<string, string>> | null
  /** The 2.x message it came with; null in 1.6. */
  readonly seqNo: number | null
}

const rank: Readonly<Record<SampleContext, number>> = {
  Begin: 0,
  Interruption: 1,
  Clock: 2,
  Periodic: 3,
  Trigger: 4,
  Other: 5,
  End: 6
}

/** By time, at one instant Begin first and End last, then by register: a total order, so that any arrival order sorts alike. */
export const compareSamples = (a: Sample, b: Sample): number =>
  a.atMs - b.atMs || rank[a.context] - rank[b.context] || (a.registerWh ?? -1) - (b.registerWh ?? -1)

/** Two samples with the same key are the same reading, however often it was sent. */
export const isSameSample = (a: Sample, b: Sample): boolean =>
  a.atMs === b.atMs && a.context === b.context && a.registerWh === b.registerWh && a.powerW === b.powerW

/** Adds `fresh` to the sorted `known`, each once. Returns `known` itself when there was nothing new. */
export const mergeSamples = (known: ReadonlyArray<Sample>, fresh: ReadonlyArray<Sample>): ReadonlyArray<Sample> => {
  const added = unseen(known, fresh)
  if (added.length === 0) return known
  if (known.length === 0 && added.length === 1) return added
  const last = known[known.length - 1]
  if (added.length === 1 && last !== undefined && compareSamples(last, added[0]!) <= 0) {
    // As an array: the engine copies arrays at once, and an element beside them one by one.
    return known.concat([sharing(last, added[0]!)])
  }
  const merged = known.concat(added)
  return merged.sort(compareSamples)
}

/** What has no column often stays the same for hours: an open transaction holds it once. */
const sharing = ({ extra }: Sample, sample: Sample): Sample =>
  extra !== null && sample.extra !== null && extra !== sample.extra && isSameExtra(extra, sample.extra)
    ? { ...sample, extra }
    : sample

/** Fresh readings, what has no column shared with the last known one: who keeps them compares it no more. */
export const sharingExtra = (known: ReadonlyArray<Sample>, fresh: ReadonlyArray<Sample>): ReadonlyArray<Sample> => {
  const last = known[known.length - 1]
  if (last === undefined || fresh.length !== 1) return fresh
  const shared = sharing(last, fresh[0]!)
  return shared === fresh[0] ? fresh : [shared]
}

type Extra = NonNullable<Sample["extra"]>

/** The same values under the same names, in the same order. */
export const isSameExtra = (a: Extra, b: Extra): boolean => {
  if (a === b) return true
  const names = Object.keys(a)
  const others = Object.keys(b)
  return names.length === others.length && names.every((name, index) => others[index] === name && a[name] === b[name])
}

/** Those of `fresh` that `known` does not hold yet, each once, in the order given. */
export const unseen = (known: ReadonlyArray<Sample>, fresh: ReadonlyArray<Sample>): ReadonlyArray<Sample> => {
  if (fresh.length === 1) return holds(known, fresh[0]!) ? [] : fresh
  const added: Array<Sample> = []
  for (const sample of fresh) {
    if (!holds(known, sample) && !added.some((other) => isSameSample(other, sample))) added.push(sample)
  }
  return added
}

/** Searches from the end: a reading nearly always belongs there. */
const holds = (known: ReadonlyArray<Sample>, sample: Sample): boolean => {
  for (let i = known.length - 1; i >= 0; i--) {
    const other = known[i]!
    if (other.atMs < sample.atMs) return false
    if (isSameSample(other, sample)) return true
  }
  return false
}
