import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { failureOf, meter, reset, setup } from "#test/support/peerSetup.ts"
import { actions } from "#test/support/plainDialect.ts"
import type { TransportEnd } from "#test/support/transportPair.ts"

describe("a peer that calls", () => {
  const answer = (end: TransportEnd, id: string, status = "Accepted"): void =>
    end.send(`[3,"${id}",{"status":"${status}"}]`)

  it.effect("has one call on the wire, and the next goes out when the answer is there", () =>
    Effect.gen(function* () {
      const { peer, heard, ends } = yield* setup()
      const first = yield* Effect.forkChild(peer.call(actions.Reset, reset), { startImmediately: true })
      const second = yield* Effect.forkChild(peer.call(actions.GetLog, { requestId: 7 }), { startImmediately: true })
      assert.deepStrictEqual([heard, peer.waiting()], [['[2,"s1","Reset",{"type":"Soft"}]'], 1])
      answer(ends.station, "s1")
      assert.strictEqual(heard[1], '[2,"s2","GetLog",{"requestId":7}]')
      answer(ends.station, "s2", "Rejected")
      assert.deepStrictEqual(yield* Fiber.join(first), { status: "Accepted" })
      assert.deepStrictEqual(yield* Fiber.join(second), { status: "Rejected" })
    })
  )

  it.effect("is answered while a call of the other side is being handled, and answers while its own is out", () =>
    Effect.gen(function* () {
      const gate = yield* Deferred.make<void>()
      const { peer, heard, tell, ends } = yield* setup({ handle: () => Effect.as(Deferred.await(gate), {}) })
      tell(meter("a", 1))
      const calling = yield* Effect.forkChild(peer.call(actions.Reset, reset), { startImmediately: true })
      answer(ends.station, "s1")
      assert.deepStrictEqual(yield* Fiber.join(calling), { status: "Accepted" })
      const open = yield* Effect.forkChild(peer.call(actions.Reset, reset), { startImmediately: true })
      yield* Deferred.succeed(gate, undefined)
      yield* Effect.yieldNow
      assert.deepStrictEqual(heard.at(-1), '[3,"a",{}]')
      yield* Fiber.interrupt(open)
    })
  )

  it.effect("times out, frees the slot and ignores the late answer", () =>
    Effect.gen(function* () {
      const { peer, heard, ends } = yield* setup()
      const first = yield* Effect.forkChild(Effect.exit(peer.call(actions.Reset, reset)), { startImmediately: true })
      const second = yield* Effect.forkChild(
        peer.call(actions.GetLog, { requestId: 7 }, { timeout: Duration.seconds(5) }),
        { startImmediately: true }
      )
      yield* TestClock.adjust("29999 millis")
      assert.strictEqual(heard.length, 1)
      yield* TestClock.adjust("1 millis")
      const failure = failureOf(yield* Fiber.join(first))
      assert.deepInclude(failure, { _tag: "CallTimedOut", action: "Reset", timeoutMs: 30_000 })
      assert.strictEqual(heard.length, 2)
      answer(ends.station, "s1")
      assert.deepInclude(peer.counters, { timeouts: 1, unsolicited: 1, resultsReceived: 0 })
      yield* TestClock.adjust("4 seconds")
      answer(ends.station, "s2")
      assert.deepStrictEqual(yield* Fiber.join(second), { status: "Accepted" })
    })
  )

  it.effect("times out a short call that follows a long one in time", () =>
    Effect.gen(function* () {
      const { peer, ends } = yield* setup()
      const first = yield* Effect.forkChild(peer.call(actions.Reset, reset), { startImmediately: true })
      answer(ends.station, "s1")
      yield* Fiber.join(first)
      const short = yield* Effect.forkChild(
        Effect.exit(peer.call(actions.Reset, reset, { timeout: Duration.seconds(2) })),
        { startImmediately: true }
      )
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual(failureOf(yield* Fiber.join(short))?._tag, "CallTimedOut")
    })
  )

  it.effect("keeps the slot taken when the caller of the open call goes away, and skips a waiting one", () =>
    Effect.gen(function* () {
      const { peer, heard, ends } = yield* setup()
      const fork = () => Effect.forkChild(peer.call(actions.Reset, reset), { startImmediately: true })
      const [open, waiting, last] = [yield* fork(), yield* fork(), yield* fork()]
      yield* Fiber.interrupt(open)
      yield* Fiber.interrupt(waiting)
      assert.strictEqual(heard.length, 1)
      answer(ends.station, "s1")
      assert.deepStrictEqual(
        heard.map((each) => each.slice(0, 7)),
        ['[2,"s1"', '[2,"s3"']
      )
      answer(ends.station, "s3")
      yield* Fiber.join(last)
    })
  )

  it.effect("fails by the error that came, by a broken answer, and tells a 2.1 station about the latter", () =>
    Effect.gen(function* () {
      const { peer, heard, tell } = yield* setup({ version: "2.1" })
      const outcome = Effect.fnUntraced(function* (text: string) {
        const calling = yield* Effect.forkChild(Effect.exit(peer.call(actions.Reset, reset)), {
          startImmediately: true
        })
        tell(text)
        return failureOf(yield* Fiber.join(calling))
      })
      assert.deepInclude(yield* outcome('[4,"s1","OccurenceConstraintViolation","d",{"x":1}]'), {
        _tag: "CallRefused",
        code: "OccurenceConstraintViolation",
        details: { x: 1 }
      })
      assert.deepInclude(yield* outcome('[3,"s2",{"status":7}]'), {
        _tag: "AnswerInvalid",
        violation: { path: "/status", keyword: "type", param: "string" }
      })
      assert.strictEqual(heard.at(-1)?.slice(0, 33), '[5,"s2","TypeConstraintViolation"')
      assert.deepInclude(yield* outcome('[3,"s3"]'), { _tag: "AnswerInvalid", violation: undefined })
      assert.deepInclude(yield* outcome('[4,"s4",""]'), { _tag: "AnswerInvalid", violation: undefined })
    })
  )

  it.effect("fails everyone when the connection ends, and says who was sent", () =>
    Effect.gen(function* () {
      const { peer, ends } = yield* setup()
      const fork = () => Effect.forkChild(Effect.exit(peer.call(actions.Reset, reset)), { startImmediately: true })
      const [open, waiting] = [yield* fork(), yield* fork()]
      ends.station.terminate()
      assert.deepInclude(failureOf(yield* Fiber.join(open)), { _tag: "Disconnected", sent: true })
      assert.deepInclude(failureOf(yield* Fiber.join(waiting)), { _tag: "Disconnected", sent: false })
      const late = yield* Effect.exit(peer.call(actions.Reset, reset))
      assert.deepInclude(failureOf(late), { _tag: "Disconnected", sent: false })
    })
  )

  it.effect("bounds its own queue and sends nothing that breaks the schema", () =>
    Effect.gen(function* () {
      const { peer, heard } = yield* setup({ maxWaiting: 1 })
      for (let i = 0; i < 2; i++) yield* Effect.forkChild(peer.call(actions.Reset, reset), { startImmediately: true })
      const refused = yield* Effect.exit(peer.call(actions.Reset, reset))
      assert.deepInclude(failureOf(refused), { _tag: "TooManyWaiting", limit: 1 })
      const { peer: other } = yield* setup()
      const invalid = yield* Effect.exit(other.call(actions.Reset, { type: 7 }))
      assert.deepInclude(failureOf(invalid), { _tag: "RequestInvalid" })
      assert.strictEqual(heard.length, 1)
    })
  )

  it.effect("sends a SEND past an open call", () =>
    Effect.gen(function* () {
      const { peer, heard } = yield* setup({ version: "2.1" })
      yield* Effect.forkChild(peer.call(actions.Reset, reset), { startImmediately: true })
      yield* peer.send(actions.Stream, { id: 1 })
      assert.strictEqual(heard[1], '[6,"s2","Stream",{"id":1}]')
    })
  )
})
