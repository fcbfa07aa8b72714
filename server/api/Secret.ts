import { hash } from "node:crypto"
import { Effect } from "effect"
import { SecureRandom } from "effect/crypto/SecureRandom"

/** A bearer token nobody can guess: 256 bits, with a prefix that secret scanners can find. */
export const makeSecret: Effect.Effect<string, never, SecureRandom> = Effect.gen(function* () {
  const random = yield* SecureRandom
  const bytes = yield* random.randomBytes(32)
  return `wattproof_${Buffer.from(bytes).toString("base64url")}`
})

/** What is kept of a bearer token: SHA-256 as hex. A fast hash is enough for 256 random bits. */
export const hashSecret = (secret: string): string => hash("sha256", secret, "hex")
