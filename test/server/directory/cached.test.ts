import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { stationSlot } from "#core/tariff/assign/Assignment.ts"
import type { Token } from "#core/token/Token.ts"
import { cached } from "#server/directory/cached.ts"
import { Directory } from "#server/directory/Directory.ts"
import { layer, MemoryState } from "#server/memory/Memory.ts"
import { unregistered } from "#server/ocpp/stationAuth.ts"
import { StoreUnavailable } from "#server/record/Journal.ts"

const token = (uid: string, over: Partial<Token> = {}): Token => ({
  uid,
  type: "ISO14443",
  groupId: null,
  driverId: null,
  partnerId: null,
  expiresAtMs: null,
  blockedAtMs: null,
  concurrencyLimit: null,
  allowedStations: null,
  createdAtMs: 0,
  ...over
})

/** A directory that counts what it is asked and can be held up. */
const observed = Effect.gen(function* () {
  const source = yield* Effect.provide(Directory, layer(new MemoryState()))
  const asked: Array<string> = []
  const world = {
    before: Effect.void as Effect.Effect<void>,
    update: Effect.void as Effect.Effect<void, StoreUnavailable>
  }
  const directory: Directory["Service"] = {
    ...source,
    token: (uid) =>
      Effect.suspend(() => {
        asked.push(uid)
        return Effect.tap(source.token(uid), () => world.before)
      }),
    updateToken: (changed) => Effect.tap(source.updateToken(changed), () => world.update)
  }
  return { source, directory, asked, world }
})

describe("the cached directory", () => {
  it.effect("asks once for what it knows and for what does not exist, whatever the spelling", () =>
    Effect.gen(function* () {
      const { asked, directory } = yield* observed
      const cache = cached(directory, () => 0)
      yield* cache.createToken(token("A"))
      for (let n = 0; n < 3; n++) {
        assert.strictEqual((yield* cache.token(" a"))?.uid, "A")
        assert.isUndefined(yield* cache.token("NOBODY"))
      }
      assert.deepStrictEqual(asked, ["A", "NOBODY"])
      yield* cache.createToken(token("nobody"))
      assert.strictEqual((yield* cache.token("NOBODY"))?.uid, "NOBODY")
    })
  )

  it.effect("answers a hit as a value that is ready", () =>
    Effect.gen(function* () {
      const { directory } = yield* observed
      const cache = cached(directory, () => 0)
      yield* cache.token("A")
      assert.strictEqual(cache.token("A"), cache.token("A"))
    })
  )

  it.effect("keeps no more than it may", () =>
    Effect.gen(function* () {
      const { asked, directory } = yield* observed
      const cache = cached(directory, () => 0, { entriesPerKind: 10 })
      for (let n = 0; n < 100; n++) yield* cache.token(`T${n}`)
      const before = asked.length
      for (let n = 0; n < 100; n++) yield* cache.token(`T${n}`)
      assert.isAtLeast(asked.length - before, 90)
      yield* cache.token("T99")
      assert.isAtMost(asked.length, 200)
    })
  )

  it.effect("does not keep what was read while it was being changed", () =>
    Effect.gen(function* () {
      const { directory, source, world } = yield* observed
      const cache = cached(directory, () => 0)
      yield* source.createToken(token("A"))
      let release = (): void => {}
      world.before = Effect.callback<void>((resume) => {
        release = () => resume(Effect.void)
      })
      const slow = yield* Effect.forkChild(cache.token("A"))
      yield* Effect.yieldNow
      yield* cache.updateToken(token("A", { blockedAtMs: 5 }))
      release()
      assert.isNull((yield* Fiber.join(slow))?.blockedAtMs)
      world.before = Effect.void
      assert.strictEqual((yield* cache.token("A"))?.blockedAtMs, 5)
    })
  )

  it.effect("asks anew after a change whose outcome is not known", () =>
    Effect.gen(function* () {
      const { directory, source, world } = yield* observed
      const cache = cached(directory, () => 0)
      yield* source.createToken(token("A"))
      yield* cache.token("A")
      world.update = Effect.fail(new StoreUnavailable({ cause: "answer lost" }))
      yield* Effect.flip(cache.updateToken(token("A", { blockedAtMs: 5 })))
      assert.strictEqual((yield* cache.token("A"))?.blockedAtMs, 5)
    })
  )

  it.effect("asks anew for a token after ten seconds: until then a card blocked on another node is taken", () =>
    Effect.gen(function* () {
      const { asked, directory, source } = yield* observed
      let nowMs = 0
      const cache = cached(directory, () => nowMs)
      yield* cache.createToken(token("A"))
      assert.isNull((yield* cache.token("A"))!.blockedAtMs)
      yield* source.updateToken(token("A", { blockedAtMs: 5 }))
      nowMs = 9_999
      assert.isNull((yield* cache.token("A"))!.blockedAtMs)
      nowMs = 10_000
      assert.strictEqual((yield* cache.token("A"))!.blockedAtMs, 5)
      assert.deepStrictEqual(asked, ["A", "A"])
    })
  )

  it.effect(
    "asks anew for stations and what is assigned to them after a minute: an operator may be at another node",
    () =>
      Effect.gen(function* () {
        const { directory, source } = yield* observed
        let nowMs = 0
        const cache = cached(directory, () => nowMs)
        const station = { ...unregistered("CS-1", 0), registration: "Pending" } as const
        yield* cache.createStation(station)
        const seen = () =>
          Effect.all([
            Effect.map(cache.station("CS-1"), (it) => it?.registration),
            Effect.map(cache.assignments({ stationId: "CS-1" }), (all) => all.length)
          ])
        assert.deepStrictEqual(yield* seen(), ["Pending", 0])
        yield* source.updateStation({ ...station, registration: "Accepted" })
        yield* source.assign({ slot: stationSlot("CS-1"), sinceMs: 5, tariffId: null })
        nowMs = 59_999
        assert.deepStrictEqual(yield* seen(), ["Pending", 0])
        nowMs = 60_000
        assert.deepStrictEqual(yield* seen(), ["Accepted", 1])
      })
  )
})
