import { assert, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Queue } from "effect"
import { ForeignWork } from "#core/ForeignWork.ts"
import * as MemorySocket from "#simulator/MemorySocket.ts"
import { Killed, start } from "#simulator/time/Process.ts"
import { Timers } from "#simulator/time/Timers.ts"
import * as VirtualTime from "#simulator/VirtualTime.ts"

const inAnHour = { startAtMs: 0, untilMs: 3_600_000 }
const hold = <A, E, R>(work: Effect.Effect<A, E, R>) => Effect.flatMap(ForeignWork, (held) => held(work))
const nextTurn = Effect.callback<void>((resume) => {
  setImmediate(() => resume(Effect.void))
})

it.live("a killed process takes no further step and runs no finalizer", () =>
  Effect.gen(function* () {
    const words: Array<string> = []
    const say = (word: string) => Effect.sync(() => words.push(word))
    yield* VirtualTime.run(
      Effect.gen(function* () {
        const inbox = yield* Queue.unbounded<string>()
        const server = yield* start(
          Effect.gen(function* () {
            const timers = yield* Timers
            const context = yield* Effect.context()
            timers.after(30, () => words.push("plain timer"))
            yield* Effect.forkChild(Effect.forever(Effect.andThen(Effect.sleep(10), say("tick"))))
            yield* Effect.forkDetach(Effect.forever(Effect.flatMap(Queue.take(inbox), say)))
            timers.after(5, () => {
              Effect.runForkWith(context)(Effect.andThen(Effect.sleep(20), say("captured")))
            })
            return yield* Effect.never
          }).pipe(Effect.ensuring(say("finalizer")))
        )
        yield* Queue.offer(inbox, "before")
        yield* Effect.sleep(15)
        server.kill()
        yield* Queue.offer(inbox, "after")
        yield* Effect.sleep(1000)
        assert.isFalse(server.isAlive())
      }),
      inAnHour
    )
    assert.deepStrictEqual(words, ["before", "tick"])
  })
)

it.live("a process that crashes at a place in its code goes no further, nor does any other fiber of it", () =>
  Effect.gen(function* () {
    const words: Array<string> = []
    yield* VirtualTime.run(
      Effect.gen(function* () {
        const crash = yield* Deferred.make<Effect.Effect<never>>()
        const server = yield* start(
          Effect.gen(function* () {
            yield* Effect.forkChild(
              Effect.andThen(
                Effect.sleep(0),
                Effect.sync(() => words.push("other fiber"))
              )
            )
            yield* Effect.flatten(Deferred.await(crash))
            words.push("further")
          })
        )
        yield* Deferred.succeed(crash, server.crash)
        assert.deepStrictEqual(yield* Effect.flip(server.await), new Killed())
        yield* Effect.sleep(10)
      }),
      inAnHour
    )
    assert.deepStrictEqual(words, [])
  })
)

it.live("a commit under way survives the process that asked for it, its answer does not", () =>
  Effect.gen(function* () {
    const words: Array<string> = []
    const store: Array<string> = []
    yield* VirtualTime.run(
      Effect.gen(function* () {
        const commit = Effect.gen(function* () {
          yield* nextTurn
          yield* Effect.yieldNow
          yield* nextTurn
          store.push("committed")
        })
        const server = yield* start(
          Effect.andThen(
            hold(commit),
            Effect.sync(() => words.push("answered"))
          )
        )
        server.kill()
        const other = yield* Effect.forkChild(hold(nextTurn))
        yield* Fiber.join(other)
        yield* Effect.sleep(10)
      }),
      inAnHour
    )
    assert.deepStrictEqual(store, ["committed"])
    assert.deepStrictEqual(words, [])
  })
)

it.live("what the operating system does at a death happens at that instant, in the order asked", () =>
  Effect.gen(function* () {
    const words: Array<string> = []
    yield* VirtualTime.run(
      Effect.gen(function* () {
        const server = yield* start(Effect.never)
        server.onKill(() => words.push("socket 1"))
        server.onKill(() => words.push("closed before"))()
        server.onKill(() => words.push("socket 2"))
        yield* Effect.sleep(5)
        server.kill()
        words.push("dead")
        server.kill()
      }),
      inAnHour
    )
    assert.deepStrictEqual(words, ["socket 1", "socket 2", "dead"])
  })
)

it.live("a call into a process is answered, fails when it dies, and fails at once when it is dead", () =>
  Effect.gen(function* () {
    const seen = yield* VirtualTime.run(
      Effect.gen(function* () {
        const server = yield* start(Effect.never)
        const answer = yield* server.within(Effect.as(Effect.sleep(5), "answer"))
        const refused = yield* Effect.flip(server.within(Effect.andThen(Effect.sleep(5), Effect.fail("refused"))))
        const call = yield* Effect.forkChild(Effect.flip(server.within(Effect.sleep(5))))
        yield* Effect.sleep(1)
        server.kill()
        return [answer, refused, yield* Fiber.join(call), yield* Effect.flip(server.within(Effect.void))]
      }),
      inAnHour
    )
    assert.deepStrictEqual(seen, ["answer", "refused", new Killed(), new Killed()])
  })
)

it.live("a process is started again after its death, and may also be stopped in good order", () =>
  Effect.gen(function* () {
    const words: Array<string> = []
    yield* VirtualTime.run(
      Effect.gen(function* () {
        const body = (life: number) =>
          Effect.forever(
            Effect.andThen(
              Effect.sleep(10),
              Effect.sync(() => words.push(`tick ${life}`))
            )
          ).pipe(
            Effect.ensuring(
              Effect.andThen(
                Effect.sleep(2),
                Effect.sync(() => words.push(`closed ${life}`))
              )
            )
          )
        const first = yield* start(body(1))
        yield* Effect.sleep(15)
        first.kill()
        const second = yield* start(body(2))
        yield* Effect.sleep(15)
        yield* second.stop
        words.push("stopped")
        yield* Effect.sleep(50)
      }),
      inAnHour
    )
    assert.deepStrictEqual(words, ["tick 1", "tick 2", "closed 2", "stopped"])
  })
)

it.live("the sockets of a killed process break, and it answers nothing that was on its way to it", () =>
  Effect.gen(function* () {
    const heard: Array<string> = []
    yield* VirtualTime.run(
      Effect.gen(function* () {
        const timers = yield* Timers
        const link = MemorySocket.pair({ timers, latencyMs: () => 10 })
        const nothing = { onBinary: () => {}, onAlive: () => {} }
        const server = yield* start(
          Effect.andThen(
            Effect.sync(() =>
              link.server.listen({ ...nothing, onText: (text) => link.server.send(`re ${text}`), onClose: () => {} })
            ),
            Effect.never
          )
        )
        server.onKill(() => link.die("server"))
        link.station.listen({
          ...nothing,
          onText: (text) => heard.push(`${timers.nowAtMs()} ${text}`),
          onClose: (code) => heard.push(`${timers.nowAtMs()} closed ${code}`)
        })
        link.station.send("first")
        timers.after(12, () => link.station.send("second"))
        timers.after(21, server.kill)
        yield* Effect.sleep(1000)
      }),
      inAnHour
    )
    assert.deepStrictEqual(heard, ["20 re first", "31 closed 1006"])
  })
)

it.live("a process that has ended by itself is not alive, however it ended, and takes nothing up any more", () =>
  VirtualTime.run(
    Effect.gen(function* () {
      const done = yield* start(Effect.delay(Effect.succeed("done"), 10))
      const failed = yield* start(Effect.delay(Effect.fail("no database"), 10))
      assert.deepStrictEqual([done.isAlive(), failed.isAlive()], [true, true])
      yield* Effect.sleep(11)
      assert.deepStrictEqual([done.isAlive(), failed.isAlive()], [false, false])
      assert.strictEqual(yield* Effect.flip(failed.await), "no database")
      const stopped = yield* start(Effect.never)
      yield* stopped.stop
      assert.isFalse(stopped.isAlive())
      assert.isTrue((yield* Effect.flip(stopped.within(Effect.succeed(1)))) instanceof Killed)
    }),
    inAnHour
  )
)
