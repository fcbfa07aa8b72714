import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { Credentials, codeTries, type DriverKey } from "#server/credentials/Credentials.ts"
import { Directory } from "#server/directory/Directory.ts"
import { t0 } from "./makers.ts"
import { onEveryStore } from "./worlds.ts"

const key = (id: string, over: Partial<DriverKey> = {}): DriverKey => ({
  id,
  driverId: "ada",
  name: "phone",
  secretHash: `hash of ${id}`,
  createdAtMs: t0,
  expiresAtMs: t0 + 1_000,
  ...over
})

const seeded = Effect.gen(function* () {
  const directory = yield* Directory
  for (const id of ["ada", "bob"]) yield* directory.createDriver({ id, name: id, email: null, createdAtMs: t0 })
  yield* directory.createToken({
    uid: "CARD",
    type: "ISO14443",
    groupId: null,
    driverId: null,
    partnerId: null,
    expiresAtMs: null,
    blockedAtMs: null,
    concurrencyLimit: null,
    allowedStations: null,
    createdAtMs: t0
  })
  return yield* Credentials
})

onEveryStore("the drivers' credentials", (check) => {
  check(
    "keep a driver's keys by the hash of their secret, until they are revoked by their owner",
    Effect.gen(function* () {
      const store = yield* seeded
      for (const id of ["k1", "k2", "k3"]) yield* store.createDriverKey(key(id))
      yield* store.createDriverKey(key("k4", { driverId: "bob" }))
      assert.deepStrictEqual(yield* store.driverKey("hash of k2"), key("k2"))
      assert.isUndefined(yield* store.driverKey("hash"))
      const page = yield* store.driverKeys("ada", { limit: 2 })
      assert.deepStrictEqual(page, { items: [key("k1"), key("k2")], next: "k2" })
      assert.deepStrictEqual(yield* store.driverKeys("ada", { limit: 2, cursor: "k2" }), { items: [key("k3")] })
      const foreign = yield* Effect.flip(store.revokeDriverKey("bob", "k2"))
      assert.strictEqual(foreign._tag, "NotFound")
      assert.isDefined(yield* store.driverKey("hash of k2"))
      yield* store.revokeDriverKey("ada", "k2")
      assert.isUndefined(yield* store.driverKey("hash of k2"))
      const unknown = yield* Effect.flip(store.createDriverKey(key("k5", { driverId: "eve" })))
      assert.strictEqual(unknown._tag, "NotFound")
    })
  )

  check(
    "give a card to the first who knows its code, to nobody else, and to nobody after too many wrong ones",
    Effect.gen(function* () {
      const store = yield* seeded
      const code = { uid: "CARD", codeHash: "right", createdAtMs: t0, expiresAtMs: t0 + 1_000 }
      const use = (codeHash: string, driverId: string, atMs = t0) =>
        store.useCardCode({ uid: "CARD", codeHash, driverId, atMs })
      assert.isFalse(yield* use("right", "ada"))
      yield* store.setCardCode(code)
      assert.isFalse(yield* use("wrong", "ada"))
      assert.isFalse(yield* use("right", "ada", t0 + 1_000))
      assert.isTrue(yield* use("right", "ada"))
      assert.isTrue(yield* use("right", "ada"))
      assert.isFalse(yield* use("right", "bob"))
      yield* store.setCardCode(code)
      for (let tries = 0; tries < codeTries; tries++) assert.isFalse(yield* use("wrong", "bob"))
      assert.isFalse(yield* use("right", "bob"))
      yield* store.setCardCode(code)
      assert.isTrue(yield* use("right", "bob"))
      const unknown = yield* Effect.flip(store.setCardCode({ ...code, uid: "OTHER" }))
      assert.strictEqual(unknown._tag, "NotFound")
    })
  )
})
