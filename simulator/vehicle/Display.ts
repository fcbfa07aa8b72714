import type { ReadingContext } from "../station/Transaction.ts"

/** What becomes of a figure on its way from the meter to the message, Wh. */
export type Bend = (shownWh: number, context: ReadingContext) => number

/**
 * What a meter shows of what it counted. An honest one shows just that; faults shift it for good (a swap, a rollback)
 * or bend it for a while (frozen, garbled, in another unit).
 */
export class Display {
  /** Somebody has set it where it begins at 0 again. */
  isFinite = false
  private shiftWh = 0
  private readonly bends: Array<Bend> = []

  /** The register as it is read out, whole Wh, when `countedWh` is what was counted. */
  show(countedWh: number, context: ReadingContext): number {
    let shownWh = countedWh + this.shiftWh
    for (const bend of this.bends) shownWh = bend(shownWh, context)
    return Math.max(0, Math.floor(shownWh))
  }

  /** Shows so much more, or less, from now on and for good. */
  shift(byWh: number): void {
    this.shiftWh += byWh
  }

  /** Bends what is shown until the returned function is called. */
  bend(bend: Bend): () => void {
    this.bends.push(bend)
    return () => {
      const index = this.bends.indexOf(bend)
      if (index >= 0) this.bends.splice(index, 1)
    }
  }
}
