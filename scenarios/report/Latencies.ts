import { Int32Histogram } from "hdr-histogram-js"

/** How long something took, over all times that it was recorded. Times in whole microseconds. */
export interface LatencyRow {
  readonly name: string
  readonly count: number
  readonly p50Us: number
  readonly p90Us: number
  readonly p95Us: number
  readonly p99Us: number
  readonly p999Us: number
  readonly maxUs: number
  /** How often each while was seen: `counts[i]` in `[10^(i/5), 10^((i+1)/5))` microseconds; empty ones at the end cut. */
  readonly counts: ReadonlyArray<number>
}

/** Steps of the coarse distribution in each decade. */
export const stepsPerDecade = 5
/** An hour and a quarter: what takes longer is counted as that long. */
const longestUs = 4_500_000_000
const significantDigits = 3

/** The index into `counts` of a while. */
export const stepOf = (us: number): number => Math.max(0, Math.floor(Math.log10(Math.max(1, us)) * stepsPerDecade))

/**
 * Latencies by name in HDR histograms of three significant digits: each value is kept to 0.1 %, a name takes at most
 * some 90 KiB however often it is recorded, and those of several threads can be added up.
 */
export class Latencies {
  private readonly histograms = new Map<string, Int32Histogram>()

  /** One more of that name; microseconds, rounded to whole ones. */
  record(name: string, us: number): void {
    this.of(name).recordValue(Math.min(longestUs, Math.max(0, Math.round(us))))
  }

  /** Adds what another has recorded. */
  add(other: Latencies): void {
    for (const [name, histogram] of other.histograms) this.of(name).add(histogram)
  }

  /** What was recorded, as plain data that crosses threads. */
  dump(): LatencyDump {
    return [...this.histograms].map(([name, histogram]) => [name, valuesOf(histogram)])
  }

  /** Adds what a `dump` says. */
  load(dump: LatencyDump): void {
    for (const [name, values] of dump) {
      const histogram = this.of(name)
      for (const [us, count] of values) histogram.recordValueWithCount(us, count)
    }
  }

  /** Rows by name. */
  rows(): ReadonlyArray<LatencyRow> {
    return [...this.histograms.keys()].sort().map((name) => rowOf(name, this.histograms.get(name)!))
  }

  /** All names together. */
  total(name = "all"): LatencyRow {
    const all = empty()
    for (const histogram of this.histograms.values()) all.add(histogram)
    return rowOf(name, all)
  }

  private of(name: string): Int32Histogram {
    const known = this.histograms.get(name)
    if (known !== undefined) return known
    const made = empty()
    this.histograms.set(name, made)
    return made
  }
}

/** Names with their values (microseconds, to three digits) and how often each was recorded. */
export type LatencyDump = ReadonlyArray<
  readonly [name: string, values: ReadonlyArray<readonly [us: number, count: number]>]
>

const empty = (): Int32Histogram => {
  const histogram = new Int32Histogram(1, 2, significantDigits)
  histogram.autoResize = true
  return histogram
}

const valuesOf = (histogram: Int32Histogram): ReadonlyArray<readonly [us: number, count: number]> => {
  const values: Array<readonly [number, number]> = []
  const iterator = histogram.recordedValuesIterator
  iterator.reset()
  while (iterator.hasNext()) {
    const { valueIteratedTo, countAtValueIteratedTo } = iterator.next()
    values.push([valueIteratedTo, countAtValueIteratedTo])
  }
  return values
}

const rowOf = (name: string, histogram: Int32Histogram): LatencyRow => {
  const counts: Array<number> = []
  for (const [us, count] of valuesOf(histogram)) {
    const step = stepOf(us)
    while (counts.length <= step) counts.push(0)
    counts[step]! += count
  }
  // A value stands for all that are kept as it; none of them is above the greatest that there was.
  const at = (percent: number): number => Math.min(histogram.maxValue, histogram.getValueAtPercentile(percent))
  return {
    name,
    count: histogram.totalCount,
    p50Us: at(50),
    p90Us: at(90),
    p95Us: at(95),
    p99Us: at(99),
    p999Us: at(99.9),
    maxUs: histogram.maxValue,
    counts
  }
}
