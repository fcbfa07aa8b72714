/**
 * A distribution in bounded memory: how often each value came, values of four digits and more rounded to three
 * significant ones. Plain data: it may go to another thread.
 */
export type Spread = Map<number, number>

const rounded = (value: number): number => {
  const size = Math.abs(value)
  if (size < 1_000) return Math.round(value)
  const step = 10 ** (Math.floor(Math.log10(size)) - 2)
  return Math.round(value / step) * step
}

/** Counts a value `times` more. */
export const addTo = (spread: Spread, value: number, times = 1): void => {
  const key = rounded(value) + 0
  spread.set(key, (spread.get(key) ?? 0) + times)
}

/** Takes another distribution in. */
export const mergeSpread = (into: Spread, other: Spread): void => {
  for (const [value, times] of other) into.set(value, (into.get(value) ?? 0) + times)
}

/** How many values were counted. */
export const countOf = (spread: Spread): number => {
  let count = 0
  for (const times of spread.values()) count += times
  return count
}

const ascending = (spread: Spread): ReadonlyArray<readonly [value: number, times: number]> =>
  [...spread].sort(([a], [b]) => a - b)

/** The least value that a share of at least `fraction` (0 to 1) does not exceed; null when nothing was counted. */
export const quantile = (spread: Spread, fraction: number): number | null => {
  const wanted = Math.max(1, Math.ceil(countOf(spread) * fraction))
  let passed = 0
  for (const [value, times] of ascending(spread)) {
    passed += times
    if (passed >= wanted) return value
  }
  return null
}

/** A bar of a histogram: values from `from` on, below `to`. */
export interface Bin {
  readonly from: number
  readonly to: number
  readonly count: number
}

const niceSteps = [1, 2, 5, 10]

/** A round width that parts `range` into at most `bins`. */
export const niceWidth = (range: number, bins: number): number => {
  const raw = Math.max(1, range / bins)
  const power = 10 ** Math.floor(Math.log10(raw))
  return power * niceSteps.find((step) => step * power >= raw)!
}

/** Bars of one width from 0 (or the least value) up to `most`; what lies beyond is counted in the last. */
export const histogram = (spread: Spread, width: number, most: number): ReadonlyArray<Bin> => {
  const least = Math.min(0, ...spread.keys())
  const first = Math.floor(least / width)
  const last = Math.max(first, Math.ceil(most / width) - 1)
  const counts = new Array<number>(last - first + 1).fill(0)
  for (const [value, times] of spread) counts[Math.min(last, Math.floor(value / width)) - first]! += times
  return counts.map((count, index) => ({ from: (first + index) * width, to: (first + index + 1) * width, count }))
}
