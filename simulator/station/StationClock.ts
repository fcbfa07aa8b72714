/** A station's own clock: it may be set wrong, and go wrong. */
export class StationClock {
  private readonly trueAtMs: () => number
  private readonly skewMs: number
  private readonly onBack: () => void
  private shiftMs = 0
  private ppm = 0
  private sinceMs = 0

  /** `skewMs` is how far it is ahead as built; `onBack` is told whenever it is turned back. */
  constructor(trueAtMs: () => number, skewMs: number, onBack: () => void) {
    this.onBack = onBack
    this.trueAtMs = trueAtMs
    this.skewMs = skewMs
  }

  nowAtMs(): number {
    return this.trueAtMs() + this.aheadMs
  }

  /** How far it is ahead of the true time now, whole ms. */
  get aheadMs(): number {
    const driftMs = this.ppm === 0 ? 0 : Math.round(((this.trueAtMs() - this.sinceMs) * this.ppm) / 1e6)
    return this.skewMs + this.shiftMs + driftMs
  }

  /** Is turned forward by so much, or back. */
  turn(byMs: number): void {
    this.shiftMs += byMs
    if (byMs < 0) this.onBack()
  }

  /** Goes so many millionths too fast from now on; what it has gained so far stays. */
  drift(ppm: number): void {
    this.shiftMs = this.aheadMs - this.skewMs
    this.ppm = ppm
    this.sinceMs = this.trueAtMs()
  }

  /** Is set right again, and goes right. */
  correct(): void {
    const isBack = this.aheadMs > this.skewMs
    this.ppm = 0
    this.shiftMs = 0
    if (isBack) this.onBack()
  }
}
