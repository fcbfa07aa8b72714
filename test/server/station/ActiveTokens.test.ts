import { assert, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer } from "effect"
import { Journal } from "#server/record/Journal.ts"
import { ActiveTokens } from "#server/station/ActiveTokens.ts"

/** Books that answer each question when they are told to. */
const slowBooks = () => {
  const asked: Array<Deferred.Deferred<ReadonlyArray<string>>> = []
  const openOn = () =>
    Effect.suspend(() => {
      const answer = Deferred.makeUnsafe<ReadonlyArray<string>>()
      asked.push(answer)
      return Deferred.await(answer)
    })
  const journal = Layer.succeed(Journal, { openOn } as unknown as Journal["Service"])
  const answer = (index: number, ids: ReadonlyArray<string>) => Deferred.succeed(asked[index]!, ids)
  return { layer: ActiveTokens.layer.pipe(Layer.provide(journal)), answer }
}

const against = <A>(
  run: (active: ActiveTokens["Service"], answer: ReturnType<typeof slowBooks>["answer"]) => Effect.Effect<A>
) =>
  Effect.suspend(() => {
    const { layer, answer } = slowBooks()
    return Effect.flatMap(ActiveTokens, (active) => run(active, answer)).pipe(Effect.provide(layer))
  })

const t1 = { id: "t1", stationId: "CS-1", startKey: null, ocppId: "station-1" }

const asking = (active: ActiveTokens["Service"]) =>
  Effect.forkChild(active.count("CARD", null), { startImmediately: true })

it.effect("a start that is committed while the books are asked counts for who asked", () =>
  against((active, answer) =>
    Effect.gen(function* () {
      active.take("CARD", t1)
      const question = yield* asking(active)
      active.settle("CARD", t1, true)
      yield* answer(0, [])
      assert.strictEqual(yield* Fiber.join(question), 1)
    })
  )
)

it.effect("a question that hangs does not keep a charge that has ended in the way of the next start", () =>
  against((active, answer) =>
    Effect.gen(function* () {
      const hanging = yield* asking(active)
      active.take("CARD", t1)
      active.settle("CARD", t1, true)
      // It is in the books, ends, and is in them no more.
      const next = yield* asking(active)
      yield* answer(1, [])
      assert.strictEqual(yield* Fiber.join(next), 0)
      yield* answer(0, [])
      assert.strictEqual(yield* Fiber.join(hanging), 1)
    })
  )
)

it.effect(
  "a start told again on a new connection has one place with the old one's decision, which is fenced off only now",
  () =>
    against((active, answer) =>
      Effect.gen(function* () {
        active.take("CARD", t1)
        const again = { ...t1, id: "t2" }
        const question = yield* Effect.forkChild(active.count("CARD", again), { startImmediately: true })
        yield* answer(0, [])
        assert.strictEqual(yield* Fiber.join(question), 0)
        const another = yield* Effect.forkChild(active.count("CARD", { ...again, stationId: "CS-2" }), {
          startImmediately: true
        })
        active.settle("CARD", t1, false)
        yield* answer(1, [])
        assert.strictEqual(yield* Fiber.join(another), 0)
      })
    )
)
