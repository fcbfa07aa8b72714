import { assert, it } from "@effect/vitest"
import { Cause, Deferred, Effect, Exit, Fiber, PubSub, Queue, Random, Ref, Schedule, Semaphore } from "effect"
import { ForeignWork } from "#core/ForeignWork.ts"
import * as Stream from "#simulator/Stream.ts"
import { Timers } from "#simulator/time/Timers.ts"
import * as VirtualTime from "#simulator/VirtualTime.ts"

const startAtMs = 1_800_000_000_000
const dayMs = 86_400_000
const inADay = { startAtMs, untilMs: startAtMs + dayMs }
const nowAtMs = Effect.clockWith((clock) => clock.currentTimeMillis)

/** A round trip outside the fiber runtime that takes real turns of the event loop. */
const roundTrip = (turns: number): Effect.Effect<void> =>
  Effect.callback<void>((resume) => {
    const turn = (left: number): void => {
      setImmediate(() => (left > 1 ? turn(left - 1) : resume(Effect.void)))
    }
    turn(turns)
  })
const hold = <A, E, R>(work: Effect.Effect<A, E, R>) => Effect.flatMap(ForeignWork, (held) => held(work))

/** Thousands of fibers that sleep, wait for each other, time out and draw, and the words they leave behind. */
const crowd = Effect.gen(function* () {
  const words: Array<string> = []
  const say = (who: string, what: string) => Effect.map(nowAtMs, (atMs) => words.push(`${atMs} ${who} ${what}`))
  const queue = yield* Queue.bounded<string>(16)
  const hub = yield* PubSub.sliding<string>(8)
  const gate = yield* Semaphore.make(7)
  yield* Effect.forkChild(Effect.forever(Effect.flatMap(Queue.take(queue), (word) => PubSub.publish(hub, word))))
  yield* Effect.forkChild(
    Effect.scoped(
      Effect.flatMap(PubSub.subscribe(hub), (inbox) =>
        Effect.forever(Effect.flatMap(PubSub.take(inbox), (word) => say("hub", word)))
      )
    )
  )
  const one = (index: number) =>
    Effect.gen(function* () {
      yield* Effect.sleep(yield* Random.nextIntBetween(0, 5000))
      yield* gate.withPermits(1)(Effect.sleep(yield* Random.nextIntBetween(0, 20)))
      yield* Queue.offer(queue, `offer ${index}`)
      const late = yield* Effect.timeoutOption(Effect.sleep(yield* Random.nextIntBetween(1, 100)), 50)
      yield* say(`fiber ${index}`, late._tag)
      const tries = yield* Ref.make(0)
      yield* Effect.retry(
        Effect.flatMap(
          Ref.updateAndGet(tries, (n) => n + 1),
          (n) => (n < 3 ? Effect.fail("again") : say(`fiber ${index}`, "tried"))
        ),
        Schedule.exponential(100).pipe(Schedule.jittered)
      )
    })
  const fibers = yield* Effect.forEach(Array.from({ length: 2000 }).keys(), (index) => Effect.forkChild(one(index)))
  yield* Fiber.joinAll(fibers)
  return words
})

it.live("jumps to the instant of the next timer and nowhere else", () =>
  Effect.gen(function* () {
    const instants = yield* VirtualTime.run(
      Effect.gen(function* () {
        const first = yield* nowAtMs
        yield* Effect.sleep("8 hours")
        const second = yield* nowAtMs
        yield* Effect.sleep(0.25)
        return [first, second, yield* nowAtMs]
      }),
      inADay
    )
    assert.deepStrictEqual(instants, [startAtMs, startAtMs + 28_800_000, startAtMs + 28_800_001])
  })
)

it.live("wakes timers of one instant in the order they were set, sleeps and plain timers alike", () =>
  Effect.gen(function* () {
    const order: Array<string> = []
    yield* VirtualTime.run(
      Effect.gen(function* () {
        const timers = yield* Timers
        timers.after(10, () => order.push("plain 1"))
        yield* Effect.forkChild(
          Effect.andThen(
            Effect.sleep(5),
            Effect.sync(() => order.push("early"))
          )
        )
        yield* Effect.yieldNow
        yield* Effect.forkChild(
          Effect.andThen(
            Effect.sleep(10),
            Effect.sync(() => order.push("sleep 2"))
          )
        )
        yield* Effect.yieldNow
        timers.after(10, () => {
          order.push("plain 3")
          timers.soon(() => order.push("soon, after plain 3"))
          timers.after(0, () => order.push("at once"))
        })
        timers.after(10, () => order.push("plain 4"))
        timers.after(10, () => order.push("never"))()
        yield* Effect.sleep(20)
      }),
      inADay
    )
    assert.deepStrictEqual(order, [
      "early",
      "plain 1",
      "sleep 2",
      "plain 3",
      "soon, after plain 3",
      "at once",
      "plain 4"
    ])
  })
)

it.live("does the same things in the same order twice, with thousands of fibers", () =>
  Effect.gen(function* () {
    const once = VirtualTime.run(Stream.provide("seed", "crowd")(crowd), inADay)
    const first = yield* once
    const second = yield* once
    assert.strictEqual(first.length, 6000)
    assert.deepStrictEqual(first, second)
    const other = yield* VirtualTime.run(Stream.provide("other", "crowd")(crowd), inADay)
    assert.notDeepEqual(first, other)
  })
)

it.live("stands still while foreign work is outstanding", () =>
  Effect.gen(function* () {
    const seen = yield* VirtualTime.run(
      Effect.gen(function* () {
        const ticks = yield* Ref.make(0)
        yield* Effect.forkChild(
          Effect.forever(
            Effect.andThen(
              Effect.sleep(1),
              Ref.update(ticks, (n) => n + 1)
            )
          )
        )
        yield* Effect.sleep(10)
        const before = yield* Ref.get(ticks)
        yield* hold(roundTrip(50))
        return { passed: (yield* Ref.get(ticks)) - before, atMs: yield* nowAtMs }
      }),
      inADay
    )
    assert.deepStrictEqual(seen, { passed: 0, atMs: startAtMs + 10 })
  })
)

it.live("goes on in the order foreign work was begun, whichever answer comes first", () =>
  Effect.gen(function* () {
    const story = (turns: ReadonlyArray<number>) =>
      VirtualTime.run(
        Effect.gen(function* () {
          const words: Array<string> = []
          const one = (turn: number, index: number) =>
            Effect.gen(function* () {
              yield* hold(roundTrip(turn))
              words.push(`answer ${index}`)
              yield* Effect.yieldNow
              words.push(`after ${index}`)
              yield* hold(roundTrip(turns[turns.length - 1 - index]!))
              words.push(`second ${index}`)
            })
          yield* Fiber.joinAll(yield* Effect.forEach(turns, (turn, index) => Effect.forkChild(one(turn, index))))
          return words
        }),
        inADay
      )
    const expected = yield* story([1, 1, 1, 1])
    assert.deepStrictEqual(expected.slice(0, 4), ["answer 0", "after 0", "answer 1", "after 1"])
    assert.deepStrictEqual(yield* story([9, 3, 5, 1]), expected)
    assert.deepStrictEqual(yield* story([1, 2, 7, 30]), expected)
  })
)

it.live("does not wait for work that stays inside, and takes nested foreign work as one", () =>
  Effect.gen(function* () {
    const words: Array<string> = []
    yield* VirtualTime.run(
      Effect.gen(function* () {
        const slow = yield* Effect.forkChild(
          Effect.andThen(
            hold(Effect.andThen(roundTrip(3), hold(roundTrip(1)))),
            Effect.sync(() => words.push("outside"))
          )
        )
        yield* Effect.yieldNow
        yield* hold(Effect.yieldNow)
        words.push("inside")
        yield* Fiber.join(slow)
      }),
      inADay
    )
    assert.deepStrictEqual(words, ["inside", "outside"])
  })
)

it.live("hands a failure or an interruption of foreign work on", () =>
  Effect.gen(function* () {
    const exits = yield* VirtualTime.run(
      Effect.gen(function* () {
        const failed = yield* Effect.exit(hold(Effect.andThen(roundTrip(2), Effect.fail("no database"))))
        const endless = yield* Effect.forkChild(hold(Effect.never))
        yield* Effect.yieldNow
        yield* Fiber.interrupt(endless)
        return [failed, yield* Fiber.await(endless)] as const
      }),
      inADay
    )
    assert.deepStrictEqual(exits[0], Exit.fail("no database"))
    assert.isTrue(Exit.hasInterrupts(exits[1]))
  })
)

it.live("reports foreign work that nobody answers instead of hanging", () =>
  Effect.gen(function* () {
    const failure = yield* Effect.flip(VirtualTime.run(hold(Effect.never), { ...inADay, stallAfterMs: 20 }))
    assert.deepStrictEqual(failure, new VirtualTime.ForeignWorkStalled({ atMs: startAtMs }))
  })
)

it.live("interrupts at the last instant and lets finalizers take their time", () =>
  Effect.gen(function* () {
    const words: Array<string> = []
    const failure = yield* Effect.flip(
      VirtualTime.run(
        Effect.forever(Effect.sleep("1 hour")).pipe(
          Effect.ensuring(
            Effect.andThen(
              Effect.sleep("30 seconds"),
              Effect.sync(() => words.push("closed"))
            )
          )
        ),
        { startAtMs, untilMs: startAtMs + 5_400_000 }
      )
    )
    assert.deepStrictEqual(failure, new VirtualTime.TimeUp({ atMs: startAtMs + 5_400_000 }))
    assert.deepStrictEqual(words, ["closed"])
  })
)

it.live("runs what is due at the last instant itself", () =>
  Effect.gen(function* () {
    const atMs = yield* VirtualTime.run(Effect.andThen(Effect.sleep(dayMs), nowAtMs), inADay)
    assert.strictEqual(atMs, startAtMs + dayMs)
  })
)

it.live("reports a deadlock and a livelock as such", () =>
  Effect.gen(function* () {
    const dead = yield* Effect.flip(
      VirtualTime.run(Effect.andThen(Effect.sleep(7), Effect.flatMap(Deferred.make<void>(), Deferred.await)), inADay)
    )
    assert.deepStrictEqual(dead, new VirtualTime.Deadlock({ atMs: startAtMs + 7 }))
    const live = yield* Effect.flip(
      VirtualTime.run(Effect.forever(Effect.yieldNow), { ...inADay, maxTasksPerInstant: 1000 })
    )
    assert.strictEqual(live._tag, "Livelock")
  })
)

it.live("lets nobody starve beside a fiber that only yields", () =>
  Effect.gen(function* () {
    const count = yield* VirtualTime.run(
      Effect.gen(function* () {
        let yields = 0
        const spinner = yield* Effect.forkChild(
          Effect.forever(
            Effect.andThen(
              Effect.yieldNow,
              Effect.sync(() => yields++)
            )
          )
        )
        for (let i = 0; i < 10; i++) yield* Effect.yieldNow
        yield* Fiber.interrupt(spinner)
        yield* Effect.sleep(1)
        return yields
      }),
      inADay
    )
    assert.isBelow(count, 13)
  })
)

it.live("a sleep that was interrupted leaves no timer behind", () =>
  Effect.gen(function* () {
    const atMs = yield* VirtualTime.run(
      Effect.gen(function* () {
        const sleeper = yield* Effect.forkChild(Effect.sleep("23 hours"))
        yield* Effect.sleep(5)
        yield* Fiber.interrupt(sleeper)
        const timers = yield* Timers
        timers.after(20, () => {})()
        return yield* Effect.timeoutOption(Effect.never, 30).pipe(Effect.andThen(nowAtMs))
      }),
      inADay
    )
    assert.strictEqual(atMs, startAtMs + 35)
  })
)

it.live("fibers started from a plain callback by a captured context live in the same time", () =>
  Effect.gen(function* () {
    const atMs = yield* VirtualTime.run(
      Effect.gen(function* () {
        const context = yield* Effect.context()
        const timers = yield* Timers
        const done = yield* Deferred.make<number>()
        timers.after(100, () => {
          Effect.runForkWith(context)(
            Effect.andThen(
              Effect.sleep(50),
              Effect.flatMap(nowAtMs, (atMs) => Deferred.succeed(done, atMs))
            )
          )
        })
        return yield* Deferred.await(done)
      }),
      inADay
    )
    assert.strictEqual(atMs, startAtMs + 150)
  })
)

it.live("dies of what a plain callback throws, and fails as the effect fails", () =>
  Effect.gen(function* () {
    const broken = new Error("broken")
    const died = yield* Effect.exit(
      VirtualTime.run(
        Effect.andThen(
          Effect.map(Timers, (timers) =>
            timers.after(1, () => {
              throw broken
            })
          ),
          Effect.sleep(10)
        ),
        inADay
      )
    )
    assert.isTrue(Exit.isFailure(died) && Cause.squash(died.cause) === broken)
    assert.strictEqual(yield* Effect.flip(VirtualTime.run(Effect.fail("refused"), inADay)), "refused")
  })
)

it.live("an interruption from outside runs the finalizers inside", () =>
  Effect.gen(function* () {
    const words: Array<string> = []
    const outside = yield* Effect.forkChild(
      VirtualTime.run(
        hold(Effect.never).pipe(
          Effect.ensuring(
            Effect.andThen(
              Effect.sleep(5),
              Effect.sync(() => words.push("closed"))
            )
          )
        ),
        inADay
      )
    )
    yield* Effect.sleep(5)
    yield* Fiber.interrupt(outside)
    assert.deepStrictEqual(words, ["closed"])
  })
)
