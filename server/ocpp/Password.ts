import { hash as digest, timingSafeEqual } from "node:crypto"
import { Effect } from "effect"
import { SecureRandom } from "effect/crypto/SecureRandom"

/**
 * Basic-auth passwords of stations at rest: `sha256:<salt>:<digest>`, both base64url, the digest over salt and
 * password. A fast hash on purpose: a station's key is a machine's secret of 16 characters or more (2.x A00.FR.205;
 * 1.6 whitepaper, AuthorizationKey of 16 to 20 bytes), which a slow hash would protect no better, and ten thousand
 * stations that return at once are to be let in within a second. Not for passwords that people choose.
 */

const saltBytes = 16
const scheme = "sha256"

const hexDigit = (byte: number): boolean =>
  (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 70) || (byte >= 97 && byte <= 102)

/**
 * The bytes that count. A 1.6 key is raw bytes in the header and hex text in ChangeConfiguration, and some stations
 * send the hex text in the header too: hex of 16 bytes or more and the bytes it spells are the same password.
 */
const canonical = (password: Uint8Array): Uint8Array => {
  if (password.length < 32 || password.length % 2 !== 0 || !password.every(hexDigit)) return password
  return Buffer.from(Buffer.from(password).toString("latin1"), "hex")
}

const digestOf = (salt: Uint8Array, password: Uint8Array): Buffer =>
  digest("sha256", Buffer.concat([salt, canonical(password)]), "buffer")

const bytesOf = (password: string | Uint8Array): Uint8Array =>
  typeof password === "string" ? Buffer.from(password, "utf8") : password

/** The stored form of a password under a salt of 16 bytes. */
export const hashWithSalt = (password: string | Uint8Array, salt: Uint8Array): string =>
  `${scheme}:${Buffer.from(salt).toString("base64url")}:${digestOf(salt, bytesOf(password)).toString("base64url")}`

/** The stored form of a password (text, hex text of a 1.6 key, or its raw bytes) under a fresh salt. */
export const hashPassword = Effect.fnUntraced(function* (password: string | Uint8Array) {
  const random = yield* SecureRandom
  return hashWithSalt(password, yield* random.randomBytes(saltBytes))
})

/** Whether `presented`, as it came in the header, is the password behind `stored`; in time that does not tell. */
export const verifyPassword = (presented: Uint8Array, stored: string): boolean => {
  const [name, salt, expected] = stored.split(":")
  if (name !== scheme || salt === undefined || expected === undefined) return false
  const wanted = Buffer.from(expected, "base64url")
  const found = digestOf(Buffer.from(salt, "base64url"), presented)
  return wanted.length === found.length && timingSafeEqual(wanted, found)
}
