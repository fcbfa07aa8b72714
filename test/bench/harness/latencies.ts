/** Counts latencies in steps of 0.1 ms, so that a million of them cost no memory. */
export class Latencies {
  private readonly steps = new Uint32Array(100_000)
  private count = 0

  add(ms: number): void {
    const step = Math.min(this.steps.length - 1, Math.floor(ms * 10))
    this.steps[step]!++
    this.count++
  }

  get size(): number {
    return this.count
  }

  /** The latency, ms, that the given share (0 to 1) of them does not exceed. */
  at(share: number): number {
    let left = Math.ceil(this.count * share)
    for (let step = 0; step < this.steps.length; step++) {
      left -= this.steps[step]!
      if (left <= 0) return (step + 1) / 10
    }
    return this.steps.length / 10
  }
}
