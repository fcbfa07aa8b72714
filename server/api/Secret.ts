import { hash } from "node:crypto"
import { Effect } from "effect"
import { SecureRandom } from "effect/crypto/SecureRandom"

const randomBytes = (size: number) => Effect.flatMap(SecureRandom, (random) => random.randomBytes(size))

/** A bearer token nobody can guess: 256 bits, with a prefix that secret scanners can find. */
export const makeSecret: Effect.Effect<string, never, SecureRandom> = Effect.map(
  randomBytes(32),
  (bytes) => `wattproof_${Buffer.from(bytes).toString("base64url")}`
)

/** Letters and digits that are not taken for one another when they are read from a card. */
const legible = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

/** A code to be typed: 50 bits in two groups, `7KQ2M-XW9RT`. */
export const makeCode: Effect.Effect<string, never, SecureRandom> = Effect.map(randomBytes(10), (bytes) => {
  const letters = Array.from(bytes, (byte) => legible[byte % legible.length]).join("")
  return `${letters.slice(0, 5)}-${letters.slice(5)}`
})

/** What is kept of a bearer token: SHA-256 as hex. A fast hash is enough for 256 random bits. */
export const hashSecret = (secret: string): string => hash("sha256", secret, "hex")

/** What is kept of a card's code. It is guessed against the server only, which counts the tries. */
export const hashCode = (uid: string, code: string): string =>
  hashSecret(`${uid}/${code.toUpperCase().replaceAll(/[\s-]/g, "")}`)
