import type { Sample, SampleContext } from "#core/transaction/Sample.ts"
import type { StoredSample } from "../record/Unit.ts"

const contexts: ReadonlyArray<SampleContext> = ["Begin", "Interruption", "Clock", "Periodic", "Trigger", "Other", "End"]

/** seq, part, receivedAtMs, atMs, context, registerWh, powerW, currentMa, voltageMv, socPercent, seqNo; NaN is null. */
const width = 11

const orNaN = (value: number | null): number => (value === null ? Number.NaN : value)
const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value)

/** The readings of one transaction: 88 bytes each, in the order written. A simulated day holds hundreds of thousands. */
export class SampleColumn {
  private cells = new Float64Array(4 * width)
  private readonly extras = new Map<number, NonNullable<Sample["extra"]>>()
  private count = 0
  private isSorted = true

  get size(): number {
    return this.count
  }

  add(stored: StoredSample): void {
    const at = this.count * width
    if (at === this.cells.length) {
      const wider = new Float64Array(this.cells.length * 2)
      wider.set(this.cells)
      this.cells = wider
    }
    const { cells } = this
    const { sample } = stored
    if (this.count > 0 && cells[at - width]! > stored.seq) this.isSorted = false
    cells[at] = stored.seq
    cells[at + 1] = stored.part
    cells[at + 2] = stored.receivedAtMs
    cells[at + 3] = sample.atMs
    cells[at + 4] = contexts.indexOf(sample.context)
    cells[at + 5] = orNaN(sample.registerWh)
    cells[at + 6] = orNaN(sample.powerW)
    cells[at + 7] = orNaN(sample.currentMa)
    cells[at + 8] = orNaN(sample.voltageMv)
    cells[at + 9] = orNaN(sample.socPercent)
    cells[at + 10] = orNaN(sample.seqNo)
    if (sample.extra !== null) this.extras.set(this.count, sample.extra)
    this.count++
  }

  /** Where the reading with that key is, or -1. Searches from the end, as far as the order of the numbers asks. */
  indexOf(seq: number, part: number): number {
    for (let index = this.count - 1; index >= 0; index--) {
      const at = index * width
      const otherSeq = this.cells[at]!
      if (otherSeq === seq && this.cells[at + 1] === part) return index
      if (this.isSorted && otherSeq < seq) return -1
    }
    return -1
  }

  /** Every reading's place, by number and part. */
  inOrder(): ReadonlyArray<number> {
    const indexes = Array.from({ length: this.count }, (_, index) => index)
    if (this.isSorted) return indexes
    return indexes.sort((a, b) => this.seqAt(a) - this.seqAt(b) || this.partAt(a) - this.partAt(b))
  }

  seqAt(index: number): number {
    return this.cells[index * width]!
  }

  atMsAt(index: number): number {
    return this.cells[index * width + 3]!
  }

  partAt(index: number): number {
    return this.cells[index * width + 1]!
  }

  receivedAtMsAt(index: number): number {
    return this.cells[index * width + 2]!
  }

  sampleAt(index: number): Sample {
    const { cells } = this
    const at = index * width
    return {
      atMs: cells[at + 3]!,
      context: contexts[cells[at + 4]!]!,
      registerWh: orNull(cells[at + 5]!),
      powerW: orNull(cells[at + 6]!),
      currentMa: orNull(cells[at + 7]!),
      voltageMv: orNull(cells[at + 8]!),
      socPercent: orNull(cells[at + 9]!),
      extra: this.extras.get(index) ?? null,
      seqNo: orNull(cells[at + 10]!)
    }
  }
}
