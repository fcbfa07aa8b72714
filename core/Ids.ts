import { Context, Effect, Layer, Random } from "effect"
import * as WebCrypto from "effect/crypto/WebCrypto"

/** Random 32-bit words, unsigned. */
export type Words = () => number

const maxTimestamp = 2 ** 48 - 1
const maxCounter = 2 ** 42 - 1
const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "0")

/** A counter start with its top bit clear, so that a millisecond has room for 2^41 ids at least. */
const counterFrom = (words: Words): number => (words() & 0x7ff) * 2 ** 30 + (words() >>> 2)

/**
 * UUIDs of version 7 as RFC 9562 section 6.2 method 1 orders them: 48 bits of time, a 42-bit counter, 32 random bits.
 * Each sorts after the one before; an instant earlier than the last one given keeps the last one.
 */
const makeUuid = (words: Words): ((atMs: number) => string) => {
  let lastMs = -1
  let counter = 0
  return (atMs) => {
    const timestamp = Math.min(Math.max(0, Math.trunc(atMs)), maxTimestamp)
    if (timestamp > lastMs) {
      lastMs = timestamp
      counter = counterFrom(words)
    } else if (counter < maxCounter) {
      counter++
    } else {
      lastMs++
      counter = counterFrom(words)
    }
    const time = hex(lastMs, 12)
    const high = Math.floor(counter / 2 ** 30)
    const low = counter % 2 ** 30
    return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(high, 3)}-${hex(0x8000 | (low >>> 16), 4)}-${hex(low & 0xffff, 4)}${hex(words(), 8)}`
  }
}

/** Words from the platform's secure generator, fetched by the block. */
const secureWords = (crypto: Crypto): Words => {
  const block = new Uint32Array(1024)
  let next = block.length
  return () => {
    if (next === block.length) {
      crypto.getRandomValues(block)
      next = 0
    }
    return block[next++]!
  }
}

/** The only source of identifiers. Members are plain functions: an id costs less than the Effect around it would. */
export class Ids extends Context.Service<
  Ids,
  {
    /** A UUID of version 7 for the instant given (epoch ms); within one service each sorts after the one before. */
    readonly uuid: (atMs: number) => string
  }
>()("core/Ids") {
  /** Ids from a source of random words. */
  static readonly make = (words: Words): Ids["Service"] => Ids.of({ uuid: makeUuid(words) })

  /** Ids nobody can guess. */
  static readonly layer = Layer.effect(
    Ids,
    Effect.map(WebCrypto.WebCrypto, (crypto) => Ids.make(secureWords(crypto)))
  )

  /** The same ids for the same seed and the same calls. */
  static readonly layerSeeded = (seed: string) =>
    Layer.effect(
      Ids,
      Random.Random.pipe(
        Effect.map((random) => Ids.make(() => Math.floor(random.nextDoubleUnsafe() * 2 ** 32))),
        Random.withSeed(seed)
      )
    )
}
