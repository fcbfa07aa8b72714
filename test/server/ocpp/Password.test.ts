import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { layerWebCrypto } from "effect/crypto/SecureRandom"
import { hashPassword, hashWithSalt, verifyPassword } from "#server/ocpp/Password.ts"
import fc from "#test/support/fastCheck.ts"

const salt = Uint8Array.from({ length: 16 }, (_, i) => i)

describe("a stored password", () => {
  it.effect("differs each time, says nothing of the password, and is verified all the same", () =>
    Effect.gen(function* () {
      const [one, other] = [yield* hashPassword("correct horse battery"), yield* hashPassword("correct horse battery")]
      assert.notStrictEqual(one, other)
      assert.notInclude(one, "horse")
      const presented = Buffer.from("correct horse battery")
      assert.isTrue(verifyPassword(presented, one) && verifyPassword(presented, other))
    }).pipe(Effect.provide(layerWebCrypto))
  )

  it("is verified by its own bytes and by no others", () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 64 })
    fc.assert(
      fc.property(bytes, bytes, (password, presented) => {
        const same = Buffer.compare(password, presented) === 0
        assert.isTrue(verifyPassword(password, hashWithSalt(password, salt)))
        assert.strictEqual(verifyPassword(presented, hashWithSalt(password, salt)), same)
      }),
      { numRuns: 100 }
    )
  })

  it("takes hex of sixteen bytes or more for the bytes it spells, and shorter hex for a text", () => {
    const key = Buffer.from("00ff10ab00ff10ab00ff10ab00ff10ab", "hex")
    assert.isTrue(verifyPassword(key, hashWithSalt(key.toString("hex"), salt)))
    assert.isTrue(verifyPassword(Buffer.from(key.toString("hex").toUpperCase()), hashWithSalt(key, salt)))
    assert.isFalse(verifyPassword(key.subarray(0, 15), hashWithSalt(key.subarray(0, 15).toString("hex"), salt)))
  })

  it("that is damaged lets nobody in", () => {
    const good = hashWithSalt("a-long-password", salt)
    const password = Buffer.from("a-long-password")
    for (const stored of [
      "",
      "sha256",
      "sha256::",
      good.slice(0, -1),
      good.replace("sha256", "plain"),
      "a-long-password"
    ]) {
      assert.isFalse(verifyPassword(password, stored), stored)
    }
  })
})
