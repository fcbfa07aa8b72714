import { assert, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { ForeignWork } from "#core/ForeignWork.ts"
import { ForeignTakesMs } from "#simulator/time/Foreign.ts"
import * as VirtualTime from "#simulator/VirtualTime.ts"

const startAtMs = 1_800_000_000_000
const inADay = { startAtMs, untilMs: startAtMs + 86_400_000 }
const nowAtMs = Effect.clockWith((clock) => clock.currentTimeMillis)

/** A round trip that takes so many turns of the event loop. */
const roundTrip = (turns: number): Effect.Effect<void> =>
  turns === 0
    ? Effect.void
    : Effect.andThen(
        Effect.callback<void>((resume) => void setImmediate(() => resume(Effect.void))),
        Effect.suspend(() => roundTrip(turns - 1))
      )
const hold = <A, E, R>(work: Effect.Effect<A, E, R>) => Effect.flatMap(ForeignWork, (held) => held(work))

it.live(
  "lets the world go on during work that takes a while, which ends at its instant however long it really took",
  () =>
    Effect.gen(function* () {
      const story = (turns: ReadonlyArray<number>) =>
        VirtualTime.run(
          Effect.gen(function* () {
            const words: Array<string> = []
            const say = (what: string) => Effect.map(nowAtMs, (atMs) => words.push(`${atMs - startAtMs} ${what}`))
            yield* Effect.forkChild(Effect.forever(Effect.andThen(Effect.sleep(100), say("tick"))))
            const one = (turn: number, index: number) =>
              Effect.gen(function* () {
                yield* Effect.sleep(50 * index)
                yield* Effect.provideService(hold(roundTrip(turn)), ForeignTakesMs, 250 - 70 * index)
                yield* say(`answer ${index}`)
                yield* hold(roundTrip(turn))
                yield* say(`second ${index}`)
              })
            yield* Fiber.joinAll(yield* Effect.forEach(turns, (turn, index) => Effect.forkChild(one(turn, index))))
            return words
          }),
          inADay
        )
      const expected = yield* story([1, 1, 1])
      assert.deepStrictEqual(expected, [
        "100 tick",
        "200 tick",
        "210 answer 2",
        "210 second 2",
        "230 answer 1",
        "230 second 1",
        "250 answer 0",
        "250 second 0"
      ])
      assert.deepStrictEqual(yield* story([40, 2, 300]), expected)
      assert.deepStrictEqual(yield* story([2, 300, 1]), expected)
    })
)
