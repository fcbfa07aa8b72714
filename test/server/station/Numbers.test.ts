import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Memory from "#server/memory/Memory.ts"
import { Numbers } from "#server/station/Numbers.ts"

it.effect("numbers go on past the end of a block, and past a restart, each given once and none below 1", () =>
  Effect.gen(function* () {
    const state = new Memory.MemoryState()
    const take = (count: number) =>
      Effect.flatMap(Numbers, (numbers) =>
        Effect.all(
          Array.from({ length: count }, () => numbers.next),
          { concurrency: "unbounded" }
        )
      ).pipe(Effect.provide(Numbers.layer), Effect.provide(Memory.layer(state)))
    const given = [...(yield* take(2_500)), ...(yield* take(3))]
    assert.strictEqual(new Set(given).size, 2_503)
    assert.isAtLeast(Math.min(...given), 1)
    assert.isTrue(given.every(Number.isInteger))
  })
)
