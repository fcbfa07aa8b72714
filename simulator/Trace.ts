import { Context, Layer } from "effect"
import { Fifo } from "./time/Fifo.ts"

/** One thing that happened: when (epoch ms), to whom, what, and the words that make it different from another time. */
export interface TraceEvent {
  readonly atMs: number
  readonly entity: string
  readonly event: string
  readonly payload: string
}

/** What a trace keeps beside its hash. */
export interface TraceOptions {
  /** How many of the latest events `last` returns; none when not given. */
  readonly retain?: number
  /** Called for every event, for a complete record. */
  readonly onEvent?: (event: TraceEvent) => void
}

const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits))
const finish = (value: number): number => {
  let h = value
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}
const encoder = new TextEncoder()
/** A text that is longer is read unit by unit, and one that is so short that it is not worth the call. */
const letters = new Uint8Array(65_536)
const shortest = 24
const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, "0")

/**
 * A running 64-bit hash in two lanes that feed each other, each step MurmurHash3's. Text goes in field by field with
 * its length, so that moving a letter from one field to the next changes it. Not for secrets.
 */
class RunningHash {
  private a = 0x9747b28c
  private b = 0x1b873593

  word(value: number): void {
    const k = rotate(Math.imul(value, 0xcc9e2d51), 15)
    this.a = (Math.imul(rotate(this.a ^ Math.imul(k, 0x1b873593), 13), 5) + 0xe6546b64 + this.b) | 0
    this.b = (Math.imul(rotate(this.b ^ Math.imul(k, 0x85ebca6b), 17), 5) + 0x561ccd1b + this.a) | 0
  }

  /** The same as {@link word} for each two letters, with the lanes at hand: every frame of a run passes here. */
  text(value: string): void {
    const { length } = value
    this.word(length)
    if (length < shortest) {
      this.units(value)
      return
    }
    // Where each letter is a byte they lie side by side, and need not be asked of the string one by one.
    const { read, written } = encoder.encodeInto(value, letters)
    if (read === length && written === length) this.bytes(length)
    else this.units(value)
  }

  private bytes(length: number): void {
    const even = length & ~1
    let { a, b } = this
    for (let i = 0; i < even; i += 2) {
      const k = rotate(Math.imul(letters[i]! | (letters[i + 1]! << 16), 0xcc9e2d51), 15)
      a = (Math.imul(rotate(a ^ Math.imul(k, 0x1b873593), 13), 5) + 0xe6546b64 + b) | 0
      b = (Math.imul(rotate(b ^ Math.imul(k, 0x85ebca6b), 17), 5) + 0x561ccd1b + a) | 0
    }
    this.a = a
    this.b = b
    if (even < length) this.word(letters[even]!)
  }

  private units(value: string): void {
    const { length } = value
    const even = length & ~1
    let { a, b } = this
    for (let i = 0; i < even; i += 2) {
      const k = rotate(Math.imul(value.charCodeAt(i) | (value.charCodeAt(i + 1) << 16), 0xcc9e2d51), 15)
      a = (Math.imul(rotate(a ^ Math.imul(k, 0x1b873593), 13), 5) + 0xe6546b64 + b) | 0
      b = (Math.imul(rotate(b ^ Math.imul(k, 0x85ebca6b), 17), 5) + 0x561ccd1b + a) | 0
    }
    this.a = a
    this.b = b
    if (even < length) this.word(value.charCodeAt(even))
  }

  digest(): string {
    const a = finish(this.a ^ rotate(this.b, 7))
    return hex(a) + hex(finish(this.b ^ a))
  }
}

/**
 * What happened in a run, in order. Two runs that did the same things have the same hash; the first event at which they
 * differ is found by comparing full records. A plain object, because it is written to a million times a run.
 */
export class Trace extends Context.Service<
  Trace,
  {
    readonly add: (atMs: number, entity: string, event: string, payload?: string) => void
    /** The hash of all events so far, 16 hexadecimal digits. */
    readonly hash: () => string
    /** How many events there were. */
    readonly count: () => number
    /** The latest events, oldest first, as many as are retained. */
    readonly last: () => ReadonlyArray<TraceEvent>
  }
>()("simulator/Trace") {
  static readonly make = (options: TraceOptions = {}): Trace["Service"] => {
    const { retain = 0, onEvent } = options
    const hash = new RunningHash()
    const latest = new Fifo<TraceEvent>()
    let count = 0
    return Trace.of({
      count: () => count,
      hash: () => hash.digest(),
      last: () => latest.toArray(),
      add: (atMs, entity, event, payload = "") => {
        count++
        hash.word(atMs % 0x100000000)
        hash.word(Math.floor(atMs / 0x100000000))
        hash.text(entity)
        hash.text(event)
        hash.text(payload)
        if (retain === 0 && onEvent === undefined) return
        const full: TraceEvent = { atMs, entity, event, payload }
        onEvent?.(full)
        if (retain === 0) return
        latest.push(full)
        if (latest.length > retain) latest.shift()
      }
    })
  }

  static readonly layer = (options?: TraceOptions): Layer.Layer<Trace> => Layer.sync(Trace, () => Trace.make(options))
}
