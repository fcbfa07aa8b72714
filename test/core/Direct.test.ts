import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber } from "effect"
import * as Direct from "#core/Direct.ts"

/** Work that somebody ends later, and how often it was begun. */
const pending = () => {
  let isBegun = 0
  let end: (rest: Effect.Effect<number>) => void = () => {}
  const work = Direct.direct<number, never>((done) => {
    isBegun++
    end = done
    return undefined
  })
  return { work, begun: () => isBegun, end: (rest: Effect.Effect<number>) => end(rest) }
}

describe("work that can be begun without a fiber", () => {
  it("does nothing before it is begun, and tells its end to who began it", () => {
    const { work, begun, end } = pending()
    assert.strictEqual(begun(), 0)
    const ends: Array<Effect.Effect<number>> = []
    assert.isUndefined(Direct.begin(work, (rest) => ends.push(rest)))
    assert.strictEqual(begun(), 1)
    end(Exit.succeed(7))
    assert.deepStrictEqual(ends, [Exit.succeed(7)])
  })

  it.effect("is waited for by a fiber that runs it like any other effect", () =>
    Effect.gen(function* () {
      const { work, begun, end } = pending()
      const fiber = yield* Effect.forkChild(
        Effect.map(work, (it) => it + 1),
        { startImmediately: true }
      )
      assert.strictEqual(begun(), 1)
      end(Effect.succeed(7))
      assert.strictEqual(yield* Fiber.join(fiber), 8)
    })
  )

  it("is over at once where there is nothing to wait for", () => {
    const done = Direct.direct<number, never>(() => Exit.succeed(3))
    const nobody = (): void => assert.fail("told although it was returned")
    assert.deepStrictEqual(Direct.begin(done, nobody), Exit.succeed(3))
    assert.deepStrictEqual(Effect.runSync(done), 3)
  })

  it("is run by a fiber where it is any effect", () => {
    const any = Effect.sync(() => 1)
    assert.strictEqual(
      Direct.begin(any, () => {}),
      any
    )
  })
})
