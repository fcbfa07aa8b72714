import { assert, it } from "@effect/vitest"
import { Effect, Random } from "effect"
import * as Stream from "#simulator/Stream.ts"
import fc from "#test/support/fastCheck.ts"

const draws = (stream: Stream.Stream, count: number) => Array.from({ length: count }, () => stream.next())
const mean = (values: ReadonlyArray<number>) => values.reduce((sum, value) => sum + value, 0) / values.length

it("an eleventh station does not change the first ten", () => {
  const fleet = (size: number) => {
    const root = Stream.make("seed", "fleet")
    const stations = Array.from({ length: size }, (_, index) => root.split(`station ${index}`))
    // Interleaved, as they draw in a simulation.
    const drawn: Array<Array<number>> = stations.map(() => [])
    for (let round = 0; round < 50; round++)
      for (let index = 0; index < size; index++) drawn[index]!.push(stations[index]!.next())
    return drawn
  }
  assert.deepStrictEqual(fleet(11).slice(0, 10), fleet(10))
})

it("a split is fixed by names, not by what its parent drew before", () => {
  const early = Stream.make("seed", "a").split("b")
  const parent = Stream.make("seed", "a")
  draws(parent, 100)
  assert.deepStrictEqual(draws(parent.split("b"), 10), draws(early, 10))
})

it("names and seeds that differ by one letter give streams that have nothing in common", () => {
  const names = Array.from({ length: 500 }, (_, index) => `station ${index}`)
  const firsts = new Set(names.map((name) => Stream.make("seed", name).word()))
  assert.strictEqual(firsts.size, 500)
  const average = mean(names.map((name) => Stream.make("seed", name).next()))
  assert.closeTo(average, 0.5, 0.05)
  assert.notDeepEqual(draws(Stream.make("seed", "x"), 5), draws(Stream.make("sees", "x"), 5))
})

it("is pinned: a change of the generator would break every recorded seed", () => {
  const stream = Stream.make("wattproof", "pinned")
  assert.deepStrictEqual([stream.word(), stream.word(), stream.word()], [611320115, 635602531, 755343023])
})

it("integers stay within their bounds and reach both", () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: -50, max: 50 }), fc.integer({ min: 0, max: 5 }), (name, min, span) => {
      const stream = Stream.make("seed", name)
      const seen = new Set(Array.from({ length: 200 }, () => stream.int(min, min + span)))
      assert.deepStrictEqual(
        [...seen].toSorted((a, b) => a - b),
        Array.from({ length: span + 1 }, (_, index) => min + index)
      )
    }),
    { numRuns: 50 }
  )
})

it("the distributions have the means they are asked for", () => {
  const stream = Stream.make("seed", "distributions")
  const many = (draw: () => number) => mean(Array.from({ length: 20_000 }, draw))
  assert.closeTo(
    many(() => stream.normal(40, 10)),
    40,
    0.3
  )
  assert.closeTo(
    many(() => (stream.normal(0, 10) > 10 ? 1 : 0)),
    0.159,
    0.01
  )
  assert.closeTo(
    many(() => stream.exponential(8)),
    8,
    0.3
  )
  assert.closeTo(
    many(() => (stream.chance(0.2) ? 1 : 0)),
    0.2,
    0.01
  )
  assert.closeTo(
    many(() =>
      stream.weighted([
        [1, 3],
        [0, 1],
        [7, 0]
      ])
    ),
    0.75,
    0.02
  )
  assert.closeTo(
    many(() => stream.between(10, 20)),
    15,
    0.1
  )
})

it("a shuffle keeps every item and a pick takes one of them", () => {
  const stream = Stream.make("seed", "shuffle")
  const items = [1, 2, 3, 4, 5, 6, 7, 8]
  const shuffled = stream.shuffle(items)
  assert.notDeepEqual(shuffled, items)
  assert.deepStrictEqual(shuffled.toSorted(), items)
  assert.include(items, stream.pick(items))
})

it.effect("Effect's Random draws from the stream it is given", () =>
  Effect.gen(function* () {
    const drawn = yield* Effect.all([Random.next, Random.nextIntBetween(1, 6), Random.nextInt]).pipe(
      Stream.provide("seed", "random")
    )
    const stream = Stream.make("seed", "random")
    assert.strictEqual(drawn[0], stream.next())
    assert.strictEqual(drawn[1], stream.int(1, 6))
    assert.isTrue(Number.isSafeInteger(drawn[2]))
  })
)
