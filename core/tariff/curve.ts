/** One reading: the register, and what was drawn at that moment (current summed over the phases) if it was told. */
export interface RegisterSample {
  readonly atMs: number
  readonly registerWh: number
  readonly powerW?: number | null
  readonly currentMa?: number | null
}

/** A quantity that holds from each reading to the next. */
export interface Signal {
  readonly at: (atMs: number) => number | null
  /** Least and most that held at or after `fromMs` and before `toMs`. */
  readonly range: (fromMs: number, toMs: number) => { readonly min: number | null; readonly max: number | null }
  /** Adds the instants at which the value changed. */
  readonly changes: (instants: Array<number>) => void
}

/** What was used and drawn over a session, as functions of time. */
export interface Curve {
  readonly totalMilliWh: number
  /** Used from the start to that instant, on straight lines between the samples, rounded down to mWh. */
  readonly energyAt: (atMs: number) => number
  /** The first millisecond at which that much was used; undefined when it never was. */
  readonly reachedAtMs: (energyMilliWh: number) => number | undefined
  readonly power: Signal
  readonly current: Signal
}

/**
 * The curve of a session. Samples before the start or after the end count as taken at the start or the end, so that the
 * total is what the register rose by; a fall is no use and counts as none.
 */
export const makeCurve = (
  startAtMs: number,
  endAtMs: number,
  session: { readonly meterStartWh?: number | null; readonly samples: ReadonlyArray<RegisterSample> }
): Curve => {
  const { samples } = session
  const at: Array<number> = [startAtMs]
  const used: Array<number> = [0]
  let register = milli(session.meterStartWh ?? samples[0]?.registerWh ?? 0)
  let totalMilliWh = 0
  for (const sample of samples) {
    const next = milli(sample.registerWh)
    totalMilliWh += Math.max(0, next - register)
    register = next
    at.push(Math.min(Math.max(sample.atMs, startAtMs), endAtMs))
    used.push(totalMilliWh)
  }
  const energyAt = (atMs: number): number => {
    let low = 0
    let high = at.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (at[middle]! <= atMs) low = middle
      else high = middle - 1
    }
    if (low === at.length - 1) return used[low]!
    return used[low]! + mulDivFloor(used[low + 1]! - used[low]!, atMs - at[low]!, at[low + 1]! - at[low]!)
  }
  const reachedAtMs = (energyMilliWh: number): number | undefined => {
    const index = used.findIndex((energy) => energy >= energyMilliWh)
    if (index < 0) return undefined
    if (index === 0) return startAtMs
    const from = at[index - 1]!
    const rise = used[index]! - used[index - 1]!
    return from + mulDivCeil(energyMilliWh - used[index - 1]!, at[index]! - from, rise)
  }
  return {
    totalMilliWh,
    energyAt,
    reachedAtMs,
    power: signal(samples, startAtMs, (sample) => sample.powerW),
    current: signal(samples, startAtMs, (sample) => sample.currentMa)
  }
}

const milli = (value: number): number => Math.round(value * 1000)

/** Holds each reading until the next; before the first one, the first is the best guess there is. */
const signal = (
  samples: ReadonlyArray<RegisterSample>,
  startAtMs: number,
  read: (sample: RegisterSample) => number | null | undefined
): Signal => {
  const at: Array<number> = []
  const values: Array<number> = []
  for (const sample of samples) {
    const value = read(sample)
    if (value === null || value === undefined) continue
    if (at.length > 0 && at[at.length - 1] === sample.atMs) values[values.length - 1] = value
    else {
      at.push(at.length === 0 ? Math.min(startAtMs, sample.atMs) : sample.atMs)
      values.push(value)
    }
  }
  const indexAt = (atMs: number): number => {
    let index = at.length - 1
    while (index > 0 && at[index]! > atMs) index -= 1
    return index
  }
  return {
    at: (atMs) => (values.length === 0 ? null : values[indexAt(atMs)]!),
    range: (fromMs, toMs) => {
      if (values.length === 0) return { min: null, max: null }
      let index = indexAt(fromMs)
      let min = values[index]!
      let max = min
      for (index += 1; index < at.length && at[index]! < toMs; index++) {
        min = Math.min(min, values[index]!)
        max = Math.max(max, values[index]!)
      }
      return { min, max }
    },
    changes: (instants) => {
      for (let index = 1; index < at.length; index++) {
        if (values[index] !== values[index - 1]) instants.push(at[index]!)
      }
    }
  }
}

/** `a * b / c` rounded down, exact also where the product leaves the safe integers. All not negative, `c` positive. */
const mulDivFloor = (a: number, b: number, c: number): number => {
  const product = a * b
  if (product <= Number.MAX_SAFE_INTEGER) return Math.floor(product / c)
  return Number((BigInt(a) * BigInt(b)) / BigInt(c))
}

/** The same rounded up; 0 when there is nothing to multiply. */
const mulDivCeil = (a: number, b: number, c: number): number => {
  const product = a * b
  if (product === 0) return 0
  if (product <= Number.MAX_SAFE_INTEGER) return Math.ceil(product / c)
  return Number((BigInt(a) * BigInt(b) + BigInt(c) - 1n) / BigInt(c))
}
