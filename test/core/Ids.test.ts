import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { Ids } from "#core/Ids.ts"

const shape = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const atMs = 1_800_000_000_000
const draw = (count: number, from: (index: number) => number) =>
  Effect.map(Ids, (ids) => Array.from({ length: count }, (_, index) => ids.uuid(from(index))))

it.effect("ids are version 7 UUIDs that carry their instant and sort in the order given", () =>
  Effect.gen(function* () {
    const ids = yield* draw(5000, (index) => atMs + Math.floor(index / 1000) * 7)
    for (const id of ids) assert.match(id, shape)
    assert.strictEqual(Number.parseInt(ids[3500]!.replaceAll("-", "").slice(0, 12), 16), atMs + 21)
    assert.deepStrictEqual(ids.toSorted(), ids)
    assert.strictEqual(new Set(ids).size, ids.length)
  }).pipe(Effect.provide(Ids.layer))
)

it.effect("an instant that goes back does not break the order", () =>
  Effect.gen(function* () {
    const ids = yield* draw(100, (index) => atMs - index)
    assert.deepStrictEqual(ids.toSorted(), ids)
  }).pipe(Effect.provide(Ids.layerSeeded("seed")))
)

it.effect("the same seed gives the same ids, another seed others", () =>
  Effect.gen(function* () {
    const once = (seed: string) =>
      Effect.provide(
        draw(20, () => atMs),
        Ids.layerSeeded(seed)
      )
    assert.deepStrictEqual(yield* once("a"), yield* once("a"))
    const mixed = new Set([...(yield* once("a")), ...(yield* once("b"))])
    assert.strictEqual(mixed.size, 40)
  })
)

it.effect("secure ids never repeat across services", () =>
  Effect.gen(function* () {
    const once = Effect.provide(
      draw(500, () => atMs),
      Ids.layer
    )
    assert.strictEqual(new Set([...(yield* once), ...(yield* once)]).size, 1000)
  })
)
