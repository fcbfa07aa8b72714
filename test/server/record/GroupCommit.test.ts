import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Scope } from "effect"
import { TestClock } from "effect/testing"
import { layerWith, type Settings } from "#server/record/GroupCommit.ts"
import { Recorder } from "#server/record/Recorder.ts"
import type { Unit } from "#server/record/Unit.ts"
import { fact, row, started, stateChanged, t0, uuid } from "#test/contract/ports/makers.ts"
import { FaultyJournal } from "./faultyJournal.ts"

const begun = (n: number, epoch: number | null = null): Unit => ({
  stationId: `CS-${n}`,
  epoch,
  transactions: [row({ id: uuid(n), stationId: `CS-${n}` })],
  facts: [fact(uuid(n), 0, started())]
})

const changed = (n: number, seq: number, epoch: number | null): Unit => ({
  stationId: `CS-${n}`,
  epoch,
  facts: [fact(uuid(n), seq, stateChanged(t0 + seq))]
})

const open = Effect.fnUntraced(function* (settings: Settings = {}) {
  const journal = new FaultyJournal()
  const scope = yield* Scope.fork(yield* Scope.Scope)
  const built = yield* Scope.provide(Layer.build(Layer.provide(layerWith(settings), journal.layer)), scope)
  const recorder = yield* Effect.provideContext(Recorder, built)
  return { journal, recorder, close: Scope.close(scope, Exit.void) }
})

/** Lets everything run that can run without time passing. */
const settle = Effect.forEach(Array.from({ length: 20 }), () => Effect.yieldNow, { discard: true })

/** A gate at which the next commits wait. */
const hold = (journal: FaultyJournal) => {
  let release = (): void => {}
  const gate = Effect.callback<void>((resume) => {
    release = () => resume(Effect.void)
  })
  journal.before = gate
  return Effect.suspend(() => {
    journal.before = Effect.void
    release()
    return settle
  })
}

describe("the recorder", () => {
  it.effect("answers after the commit, and not before", () =>
    Effect.gen(function* () {
      const { journal, recorder } = yield* open()
      const release = hold(journal)
      const waiting = yield* Effect.forkChild(recorder.record(begun(1)))
      yield* settle
      assert.strictEqual(journal.asked, 1)
      assert.isUndefined(waiting.pollUnsafe())
      yield* release
      assert.isTrue(Exit.isSuccess(waiting.pollUnsafe()!))
    })
  )

  it.effect("gathers while a commit runs, and writes all of it as the next", () =>
    Effect.gen(function* () {
      const { journal, recorder } = yield* open()
      const release = hold(journal)
      const fibers = [yield* Effect.forkChild(recorder.record(begun(1)))]
      yield* settle
      for (let n = 2; n <= 50; n++) fibers.push(yield* Effect.forkChild(recorder.record(begun(n))))
      yield* settle
      assert.strictEqual(recorder.gauges().waiting, 50)
      yield* release
      yield* Effect.forEach(fibers, Fiber.join)
      assert.deepStrictEqual(
        journal.commits.map((units) => units.length),
        [1, 49]
      )
      assert.deepStrictEqual(recorder.gauges(), { waiting: 0, commits: 2, units: 50, retries: 0 })
    })
  )

  it.effect("bounds a commit by units and by rows, in the order handed in", () =>
    Effect.gen(function* () {
      const { journal, recorder } = yield* open({ maxUnits: 3, maxRows: 10 })
      const release = hold(journal)
      const fibers = [yield* Effect.forkChild(recorder.record(begun(0)))]
      yield* settle
      const large: Unit = { ...begun(5), facts: Array.from({ length: 40 }, (_, seq) => fact(uuid(5), seq, started())) }
      for (const unit of [begun(1), begun(2), begun(3), begun(4), large, begun(6)]) {
        fibers.push(yield* Effect.forkChild(recorder.record(unit)))
      }
      yield* settle
      yield* release
      yield* Effect.forEach(fibers, Fiber.join)
      assert.deepStrictEqual(
        journal.commits.map((units) => units.map((unit) => unit.stationId)),
        [["CS-0"], ["CS-1", "CS-2", "CS-3"], ["CS-4"], ["CS-5"], ["CS-6"]]
      )
    })
  )

  it.effect("waits for a store that is away, backing off, and loses nothing", () =>
    Effect.gen(function* () {
      const { journal, recorder } = yield* open()
      journal.moods = Array.from({ length: 30 }, () => "away" as const)
      const waiting = yield* Effect.forkChild(recorder.record(begun(1)))
      yield* TestClock.adjust("1 second")
      const afterOneSecond = journal.asked
      assert.isAtLeast(afterOneSecond, 4)
      assert.isAtMost(afterOneSecond, 6)
      const gathered = yield* Effect.forkChild(recorder.record(begun(2)))
      yield* TestClock.adjust("60 seconds")
      assert.isAtLeast(journal.asked - afterOneSecond, 12)
      assert.isAtMost(journal.asked, 30)
      assert.isUndefined(waiting.pollUnsafe())
      yield* TestClock.adjust("5 minutes")
      yield* Fiber.join(waiting)
      yield* Fiber.join(gathered)
      assert.deepStrictEqual(
        journal.commits.map((units) => units.map((unit) => unit.stationId)),
        [["CS-1"], ["CS-2"]]
      )
      assert.strictEqual(recorder.gauges().retries, 30)
    })
  )

  it.effect("writes once what was committed although the store did not say so", () =>
    Effect.gen(function* () {
      const { journal, recorder } = yield* open()
      journal.moods = ["lost-answer", "away", "lost-answer"]
      const waiting = yield* Effect.forkChild(recorder.record(begun(1)))
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.join(waiting)
      assert.lengthOf(journal.commits, 3)
      assert.lengthOf(journal.state.transactions.get(uuid(1))!.facts, 1)
    })
  )

  it.effect("tells each unit of a commit its own outcome", () =>
    Effect.gen(function* () {
      const { recorder } = yield* open()
      const bad: Unit = { ...begun(2), transactions: [] }
      const outcomes = yield* Effect.all(
        [recorder.record(begun(1)), recorder.record(bad), recorder.record(begun(3))].map(Effect.result),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(
        outcomes.map((outcome) => (outcome._tag === "Success" ? "written" : outcome.failure._tag)),
        ["written", "UnitRefused", "written"]
      )
    })
  )

  it.effect("keeps a unit whose caller went away", () =>
    Effect.gen(function* () {
      const { journal, recorder } = yield* open()
      journal.moods = ["away", "away"]
      const gone = yield* Effect.forkChild(recorder.record(begun(1)))
      yield* settle
      yield* Fiber.interrupt(gone)
      yield* TestClock.adjust("1 second")
      assert.isTrue(journal.state.transactions.has(uuid(1)))
    })
  )

  it.effect("holds no timer while there is nothing to do", () =>
    Effect.gen(function* () {
      const { recorder } = yield* open({ linger: "10 millis" })
      const waiting = yield* Effect.forkChild(recorder.record(begun(1)))
      yield* TestClock.adjust("10 millis")
      yield* Fiber.join(waiting)
      const before = recorder.gauges()
      yield* TestClock.adjust("10 days")
      assert.deepStrictEqual(recorder.gauges(), before)
    })
  )

  it.effect("lingers as told, and takes what came meanwhile", () =>
    Effect.gen(function* () {
      const { journal, recorder } = yield* open({ linger: "20 millis" })
      const one = yield* Effect.forkChild(recorder.record(begun(1)))
      yield* TestClock.adjust("19 millis")
      assert.strictEqual(journal.asked, 0)
      const two = yield* Effect.forkChild(recorder.record(begun(2)))
      yield* TestClock.adjust("1 millis")
      yield* Fiber.join(one)
      yield* Fiber.join(two)
      assert.lengthOf(journal.commits, 1)
    })
  )
})

describe("a claim", () => {
  it.effect("is taken after the units before it, and loads what they wrote", () =>
    Effect.gen(function* () {
      const { journal, recorder } = yield* open({ maxUnits: 1 })
      const { epoch } = yield* recorder.claim("CS-1")
      const release = hold(journal)
      const before = yield* Effect.forkChild(
        Effect.all([recorder.record(begun(1, epoch)), recorder.record(changed(1, 1, epoch))], {
          concurrency: "unbounded"
        })
      )
      yield* settle
      const claim = yield* Effect.forkChild(recorder.claim("CS-1"))
      yield* settle
      assert.isUndefined(claim.pollUnsafe())
      yield* release
      yield* Fiber.join(before)
      const taken = yield* Fiber.join(claim)
      assert.isTrue(taken.epoch > epoch)
      assert.strictEqual(taken.snapshot.transactions[0]!.factCount, 2)
    })
  )

  it.effect("fences units of the older one without asking the store", () =>
    Effect.gen(function* () {
      const { journal, recorder } = yield* open()
      const old = yield* recorder.claim("CS-1")
      const fresh = yield* recorder.claim("CS-1")
      const late = yield* Effect.flip(recorder.record(begun(1, old.epoch)))
      assert.strictEqual(late._tag, "Fenced")
      assert.strictEqual(journal.asked, 0)
      yield* recorder.record(begun(1, fresh.epoch))
      assert.lengthOf(journal.commits, 1)
    })
  )

  it.effect("is retried while the store is away, also between claiming and loading", () =>
    Effect.gen(function* () {
      const { journal, recorder } = yield* open()
      journal.moods = ["away", "lost-answer", "works", "away", "works"]
      const claim = yield* Effect.forkChild(recorder.claim("CS-1"))
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual((yield* Fiber.join(claim)).epoch, 2)
      yield* recorder.record(begun(1, 2))
    })
  )

  it.effect("that nobody waits for any more is not made", () =>
    Effect.gen(function* () {
      const { journal, recorder } = yield* open()
      const release = hold(journal)
      yield* Effect.forkChild(recorder.record(begun(1)))
      yield* settle
      const claim = yield* Effect.forkChild(recorder.claim("CS-1"))
      yield* settle
      yield* Fiber.interrupt(claim)
      yield* release
      assert.isFalse(journal.state.epochs.has("CS-1"))
    })
  )

  it.effect("of many stations at once costs one claim and one load", () =>
    Effect.gen(function* () {
      const { journal, recorder } = yield* open()
      journal.moods = ["works", "works", "away"]
      const ids = Array.from({ length: 100 }, (_, n) => `CS-${n}`)
      const claims = yield* Effect.all(ids.map(recorder.claim), { concurrency: "unbounded" })
      assert.lengthOf(claims, 100)
      assert.deepStrictEqual(journal.moods, ["away"])
    })
  )
})

describe("signs of life", () => {
  it.effect("are written once a minute, the latest of each station", () =>
    Effect.gen(function* () {
      const { journal, recorder } = yield* open()
      recorder.seen("CS-1", t0)
      recorder.seen("CS-2", t0 + 1)
      recorder.seen("CS-1", t0 + 2)
      recorder.seen("CS-1", t0 - 5)
      yield* TestClock.adjust("59 seconds")
      assert.strictEqual(journal.asked, 0)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(journal.commits, [
        [
          { stationId: "CS-1", epoch: null, lastSeenAtMs: t0 + 2 },
          { stationId: "CS-2", epoch: null, lastSeenAtMs: t0 + 1 }
        ]
      ])
      yield* TestClock.adjust("10 minutes")
      assert.strictEqual(journal.asked, 1)
      recorder.seen("CS-1", t0 + 9)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(journal.state.stationShelves.get("CS-1")!.lastSeenAtMs, t0 + 9)
    })
  )
})

describe("closing the recorder", () => {
  it.effect("writes what waits, refuses what comes after", () =>
    Effect.gen(function* () {
      const { close, journal, recorder } = yield* open()
      const release = hold(journal)
      const waiting = yield* Effect.forkChild(recorder.record(begun(1)))
      yield* settle
      const queued = yield* Effect.forkChild(recorder.record(begun(2)))
      recorder.seen("CS-3", t0)
      yield* settle
      const closing = yield* Effect.forkChild(close)
      yield* settle
      const late = yield* Effect.exit(recorder.record(begun(4)))
      assert.isTrue(Exit.isFailure(late))
      const lateClaim = yield* Effect.exit(recorder.claim("CS-4"))
      assert.isTrue(Exit.isFailure(lateClaim))
      yield* release
      yield* Fiber.join(closing)
      yield* Fiber.join(waiting)
      yield* Fiber.join(queued)
      assert.deepStrictEqual([...journal.state.transactions.keys()], [uuid(1), uuid(2)])
      assert.strictEqual(journal.state.stationShelves.get("CS-3")!.lastSeenAtMs, t0)
    })
  )

  it.effect("gives up on a store that stays away, and answers nobody", () =>
    Effect.gen(function* () {
      const { close, journal, recorder } = yield* open({ drain: "3 seconds" })
      journal.moods = Array.from({ length: 1_000 }, () => "away" as const)
      const waiting = yield* Effect.forkChild(recorder.record(begun(1)))
      yield* settle
      const queued = yield* Effect.forkChild(recorder.record(begun(2)))
      const claim = yield* Effect.forkChild(recorder.claim("CS-9"))
      const closing = yield* Effect.forkChild(close)
      yield* TestClock.adjust("3 seconds")
      yield* Fiber.join(closing)
      const exits = [yield* Fiber.await(waiting), yield* Fiber.await(queued), yield* Fiber.await(claim)]
      for (const exit of exits as ReadonlyArray<Exit.Exit<unknown, unknown>>) {
        assert.isTrue(Exit.isFailure(exit) && Exit.hasInterrupts(exit))
      }
    })
  )
})

describe("a journal with a defect", () => {
  it.effect("fails those whose units it held, loudly, and not the next", () =>
    Effect.gen(function* () {
      const { journal, recorder } = yield* open()
      journal.before = Effect.die("broken")
      const exit = yield* Effect.exit(recorder.record(begun(1)))
      assert.isTrue(Exit.hasDies(exit))
      journal.before = Effect.void
      yield* recorder.record(begun(2))
    })
  )
})
