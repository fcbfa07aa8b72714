import { Effect, Layer, Random } from "effect"

/**
 * A stream of chance that belongs to one entity. Same seed and name, same stream, whoever else draws: an eleventh
 * station does not change the first ten. Not for secrets.
 */
export interface Stream {
  /** The path of names from the seed down to this stream, joined by `/`. */
  readonly name: string
  /** A number in [0, 1) with 53 random bits. */
  next(): number
  /** An unsigned 32-bit integer. */
  word(): number
  /** An integer between min and max, both included. */
  int(min: number, max: number): number
  /** A number in [min, max). */
  between(min: number, max: number): number
  /** One item of a list that is not empty. */
  pick<T>(items: ReadonlyArray<T>): T
  /** One item, each with the chance its weight has of the sum of weights; weights are not negative, not all zero. */
  weighted<T>(items: ReadonlyArray<readonly [item: T, weight: number]>): T
  /** Normally distributed. */
  normal(mean: number, standardDeviation: number): number
  /** Exponentially distributed: the wait for the next event of a Poisson process. */
  exponential(mean: number): number
  /** True with the probability given. Draws once whatever the probability is. */
  chance(probability: number): boolean
  /** A copy of the list in random order. */
  shuffle<T>(items: ReadonlyArray<T>): Array<T>
  /** A stream of its own, fixed by this one's seed and name and the new name, not by what was drawn from this one. */
  split(name: string): Stream
}

/** MurmurHash3's 32-bit finalizer: every input bit reaches every output bit. */
const mix = (value: number): number => {
  let h = value
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/** Four well mixed 32-bit words from a text. */
const seedWords = (text: string): readonly [number, number, number, number] => {
  let a = 0x9e3779b9
  let b = 0x243f6a88
  let c = 0xb7e15162
  let d = text.length
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    a = Math.imul(a ^ code, 0x85ebca6b)
    b = Math.imul(b ^ (a >>> 15), 0xc2b2ae35) + a
    c = Math.imul(c ^ (b >>> 13), 0x27d4eb2f) + b
    d = Math.imul(d ^ (c >>> 16), 0x165667b1) + c
  }
  return [mix(a ^ d), mix(b ^ a), mix(c ^ b), mix(d ^ c)]
}

/** sfc32 by Chris Doty-Humphrey: 128 bits of state, passes PractRand. A class, because fleets hold thousands. */
class Sfc32 implements Stream {
  readonly name: string
  private a: number
  private b: number
  private c: number
  private counter: number

  constructor(name: string) {
    this.name = name
    ;[this.a, this.b, this.c, this.counter] = seedWords(name)
    for (let i = 0; i < 12; i++) this.word()
  }

  word(): number {
    const { a, b, c } = this
    const sum = (a + b + this.counter) | 0
    this.counter = (this.counter + 1) | 0
    this.a = b ^ (b >>> 9)
    this.b = (c + (c << 3)) | 0
    this.c = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum >>> 0
  }

  next(): number {
    const high = this.word() >>> 5
    return (high * 0x4000000 + (this.word() >>> 6)) / 0x20000000000000
  }

  int(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1))
  }

  between(min: number, max: number): number {
    return min + this.next() * (max - min)
  }

  pick<T>(items: ReadonlyArray<T>): T {
    return items[this.int(0, items.length - 1)]!
  }

  weighted<T>(items: ReadonlyArray<readonly [item: T, weight: number]>): T {
    let sum = 0
    for (const [, weight] of items) sum += weight
    let left = this.next() * sum
    let chosen = items[0]!
    for (const item of items) {
      if (item[1] <= 0) continue
      chosen = item
      left -= item[1]
      if (left < 0) break
    }
    return chosen[0]
  }

  normal(mean: number, standardDeviation: number): number {
    // Box and Muller; the second number of the pair is thrown away so that every draw costs the same two.
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()))
    return mean + standardDeviation * radius * Math.cos(2 * Math.PI * this.next())
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next())
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  shuffle<T>(items: ReadonlyArray<T>): Array<T> {
    const shuffled = items.slice()
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = this.int(0, i)
      const item = shuffled[i]!
      shuffled[i] = shuffled[j]!
      shuffled[j] = item
    }
    return shuffled
  }

  split(name: string): Stream {
    return new Sfc32(`${this.name}/${name}`)
  }
}

/** The stream of one name under one seed. */
export const make = (seed: string, name: string): Stream => new Sfc32(`${seed}/${name}`)

/** Effect's Random, drawing from a stream. */
export const toRandom = (stream: Stream): Random.Random => ({
  nextDoubleUnsafe: () => stream.next(),
  nextIntUnsafe: () =>
    Math.floor(stream.next() * (Number.MAX_SAFE_INTEGER - Number.MIN_SAFE_INTEGER + 1)) + Number.MIN_SAFE_INTEGER
})

/**
 * Runs an effect whose Random (jitter of schedules included) draws from the stream of that seed and name; each run
 * draws from its beginning.
 */
export const provide =
  (seed: string, name: string) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.suspend(() => Effect.provideService(effect, Random.Random, toRandom(make(seed, name))))

/** Replaces Random for all that is built on the layer. */
export const layer = (seed: string, name: string): Layer.Layer<never> =>
  Layer.sync(Random.Random, () => toRandom(make(seed, name)))
