import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect } from "effect"
import { Ids } from "#core/Ids.ts"
import { counting, unique } from "#core/ocpp/MessageIds.ts"

describe("message ids", () => {
  it.effect("fit the 36 characters of the wire and are never the same, even within one millisecond", () =>
    Effect.gen(function* () {
      const next = unique(yield* Ids, yield* Clock.Clock)
      const ids = Array.from({ length: 1_000 }, next)
      assert.isTrue(ids.every((id) => id.length === 36))
      assert.strictEqual(new Set(ids).size, 1_000)
    }).pipe(Effect.provide(Ids.layerSeeded("ids")))
  )

  it("of a simple station count from one, each station's for itself", () => {
    const [one, other] = [counting("a-"), counting("b-")]
    assert.deepStrictEqual([one(), one(), other()], ["a-1", "a-2", "b-1"])
  })
})
