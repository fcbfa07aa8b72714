import { assert, it } from "@effect/vitest"
import { Clock, Effect } from "effect"
import { TestClock } from "effect/testing"
import { fromClock } from "#simulator/time/Timers.ts"

it.effect("plain timers on any clock fire when it says so, in order, and not once cancelled", () =>
  Effect.gen(function* () {
    const timers = fromClock(yield* Clock.Clock)
    const words: Array<string> = []
    timers.after(20, () => words.push(`late ${timers.nowAtMs()}`))
    timers.after(10, () => words.push(`early ${timers.nowAtMs()}`))
    const cancel = timers.after(15, () => words.push("never"))
    yield* TestClock.adjust(12)
    cancel()
    yield* TestClock.adjust(100)
    cancel()
    assert.deepStrictEqual(words, ["early 10", "late 20"])
  })
)

it.live("in real time, what is due at once still waits for the caller to end", () =>
  Effect.gen(function* () {
    const timers = fromClock(yield* Clock.Clock)
    const words: Array<string> = []
    yield* Effect.callback<void>((resume) => {
      timers.soon(() => words.push("soon"))
      timers.after(0, () => words.push("never"))()
      timers.after(0, () => words.push("at once"))
      timers.soon(() => timers.soon(() => resume(Effect.void)))
      words.push("returned")
    })
    assert.deepStrictEqual(words, ["returned", "soon", "at once"])
  })
)
