import { isSameExtra, type Sample, type SampleContext } from "#core/transaction/Sample.ts"
import type { StoredSample } from "../record/Unit.ts"

const contexts: ReadonlyArray<SampleContext> = ["Begin", "Interruption", "Clock", "Periodic", "Trigger", "Other", "End"]

/** seq, part, receivedAtMs, atMs, context, registerWh, powerW, currentMa, voltageMv, socPercent, seqNo. */
const width = 11
const [atReceived, atInstant, atRegister] = [2, 3, 5]

/** Stands for null: among whole numbers of 32 bits, and among wide ones. */
const none = -(2 ** 31)
const isNarrow = (value: number): boolean => (value | 0) === value && value !== none

type Extra = NonNullable<Sample["extra"]>

/**
 * The readings of one transaction, in the order written. A simulated day holds millions, so each takes 44 bytes: whole
 * numbers, instants and registers counted from those of the first. Where one does not fit, all of the transaction are
 * kept as doubles. What has no column is kept once as long as it stays the same.
 */
export class SampleColumn {
  private cells: Int32Array | Float64Array = new Int32Array(4 * width)
  private isWide = false
  private extras: Array<Extra | null> | undefined
  private firstAtMs = 0
  private firstWh = 0
  private count = 0
  private isSorted = true
  private lastSeq = 0

  get size(): number {
    return this.count
  }

  add(stored: StoredSample): void {
    const { sample } = stored
    if (this.count === 0) {
      this.firstAtMs = sample.atMs
      this.firstWh = sample.registerWh ?? 0
    } else if (this.lastSeq > stored.seq) this.isSorted = false
    this.lastSeq = stored.seq
    this.write(stored)
    if (sample.extra !== null || this.extras !== undefined) this.keep(sample.extra)
    this.count++
  }

  /** Where the reading with that key is, or -1. Searches from the end, as far as the order of the numbers asks. */
  indexOf(seq: number, part: number): number {
    if (this.isSorted && seq > this.lastSeq) return -1
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
    return this.cells[index * width + atInstant]! + this.firstAtMs
  }

  partAt(index: number): number {
    return this.cells[index * width + 1]!
  }

  receivedAtMsAt(index: number): number {
    return this.cells[index * width + atReceived]! + this.firstAtMs
  }

  sampleAt(index: number): Sample {
    const { cells } = this
    const at = index * width
    const registerWh = this.orNull(cells[at + atRegister]!)
    return {
      atMs: this.atMsAt(index),
      context: contexts[cells[at + 4]!]!,
      registerWh: registerWh === null ? null : registerWh + this.firstWh,
      powerW: this.orNull(cells[at + 6]!),
      currentMa: this.orNull(cells[at + 7]!),
      voltageMv: this.orNull(cells[at + 8]!),
      socPercent: this.orNull(cells[at + 9]!),
      extra: this.extras?.[index] ?? null,
      seqNo: this.orNull(cells[at + 10]!)
    }
  }

  private orNull(value: number): number | null {
    return (this.isWide ? Number.isNaN(value) : value === none) ? null : value
  }

  private write(stored: StoredSample): void {
    const { seq, part, receivedAtMs, sample } = stored
    const at = this.count * width
    if (at === this.cells.length) this.cells = grown(this.cells)
    const { registerWh } = sample
    const fits =
      this.put(at, seq) &&
      this.put(at + 1, part) &&
      this.put(at + atReceived, receivedAtMs - this.firstAtMs) &&
      this.put(at + atInstant, sample.atMs - this.firstAtMs) &&
      this.put(at + 4, contexts.indexOf(sample.context)) &&
      this.put(at + atRegister, registerWh === null ? null : registerWh - this.firstWh) &&
      this.put(at + 6, sample.powerW) &&
      this.put(at + 7, sample.currentMa) &&
      this.put(at + 8, sample.voltageMv) &&
      this.put(at + 9, sample.socPercent) &&
      this.put(at + 10, sample.seqNo)
    if (fits) return
    this.cells = widened(this.cells)
    this.isWide = true
    this.write(stored)
  }

  /** False when the number has no place among those of 32 bits. */
  private put(at: number, value: number | null): boolean {
    if (!this.isWide && value !== null && !isNarrow(value)) return false
    this.cells[at] = value ?? (this.isWide ? Number.NaN : none)
    return true
  }

  private keep(extra: Extra | null): void {
    this.extras ??= Array.from({ length: this.count }, () => null)
    const last = this.extras[this.count - 1] ?? null
    this.extras.push(extra !== null && last !== null && isSameExtra(last, extra) ? last : extra)
  }
}

const grown = (cells: Int32Array | Float64Array): Int32Array | Float64Array => {
  const longer = cells instanceof Int32Array ? new Int32Array(cells.length * 2) : new Float64Array(cells.length * 2)
  longer.set(cells)
  return longer
}

const widened = (cells: Int32Array | Float64Array): Float64Array =>
  Float64Array.from(cells, (value) => (value === none ? Number.NaN : value))
